"""Errata of the two image networks, fixed and trained (chapter, sections 21 to 23)."""

from symlab.study.errata.erratum import Erratum

ERRATA: tuple[Erratum, ...] = ()
