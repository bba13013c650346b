"""How to descend: rules, directions, searches, schedules, and methods that pair them."""
