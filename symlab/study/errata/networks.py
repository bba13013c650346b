"""Errata of the networks: layers, backpropagation, functional models (chapter, sections 3 to 6)."""

from symlab.study.errata.erratum import Erratum

ERRATA: tuple[Erratum, ...] = ()
