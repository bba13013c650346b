"""Runs in SymPy's numbers: rational, or to any number of digits."""
