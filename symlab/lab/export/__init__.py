"""Standalone source text in C, Python and JavaScript, and what it is printed with."""
