"""Errata of momentum, moving averages and Adam (chapter, sections 12 to 15)."""

from symlab.study.errata.erratum import Erratum

ERRATA: tuple[Erratum, ...] = ()
