"""Errors of formulas in ulps: how many digits survive in floats."""
