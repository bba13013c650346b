"""Errata of gradient descent, Newton, line searches, backtracking (chapter, sections 9 to 11)."""

from symlab.study.errata.erratum import Erratum

ERRATA: tuple[Erratum, ...] = ()
