"""Races: which method needs the fewest evaluations, on one objective or on many problems."""
