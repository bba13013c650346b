"""Errata of the listings as programs: what no longer runs, seeds, names, speed (whole chapter)."""

from symlab.study.errata.erratum import Erratum

ERRATA: tuple[Erratum, ...] = ()
