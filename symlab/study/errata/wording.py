"""TODO."""

ERRATA: tuple = ()
