"""Errata of images: arrays, convolution, pooling, ReLU (chapter, sections 17 to 21)."""

from symlab.study.errata.erratum import Erratum

ERRATA: tuple[Erratum, ...] = ()
