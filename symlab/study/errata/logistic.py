"""Errata of learning from data: logistic regressions (chapter, sections 7, 8, 15 and 16)."""

from symlab.study.errata.erratum import Erratum

ERRATA: tuple[Erratum, ...] = ()
