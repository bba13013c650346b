"""Errata of ReLU and pooling: their numbers, and what would acquit the chapter."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Gt, Symbol

from symlab.book.errata.pooling import ANNOUNCED, CROSSED, LISTED, STRAIGHT, take
from symlab.book.errata.register import find_erratum
from symlab.nn import images

E26, E27 = find_erratum("E26"), find_erratum("E27")


def test_the_tiles_and_the_tip_are_those_of_the_audit(examination):
    """(2, 3) for (2, 2); an IndexError, and one element for a block of (3, 5)."""
    numbers = examination("E27").numbers
    assert (numbers["shape as printed"], numbers["shape, corrected"]) == ("(2, 3)", "(2, 2)")
    assert numbers["on a line, as printed"] == "IndexError"
    assert (numbers["on a block, as printed"], numbers["on a block, the slice"]) == ("()", "(3, 5)")
    assert np.arange(20).reshape(4, 5)[CROSSED.index] == 3


def test_a_slice_is_what_two_numbers_are_not():
    """On an array of two axes and on one of one."""
    block = np.arange(20).reshape(4, 5)
    assert np.array_equal(block[STRAIGHT.index], block[0:3])
    assert take(np.arange(4), CROSSED.index) == "IndexError"


def test_a_pool_that_crosses_them_would_acquit(monkeypatch):
    """If height were columns in symlab too, the printed listing would be right."""
    straight = images.max_pool
    crossed = lambda image, height, width: straight(image, height=width, width=height)  # noqa: E731
    monkeypatch.setattr(images, "max_pool", crossed)
    assert E27.examine().verdict == "refuted"


@pytest.mark.parametrize(
    "changed", [{"pool": STRAIGHT.pool}, {"index": STRAIGHT.index}], ids=" ".join
)
def test_both_slips_of_the_pooling_section_are_looked_at(changed):
    """Either corrected alone fails a claim."""
    assert E27.examine(replace(CROSSED, **changed), STRAIGHT).verdict == "refuted"


def test_the_least_answers_are_the_lessons(examination):
    """Of ones and zeros 0; of the fixture -4/9, and nine times that."""
    numbers = examination("E26").numbers
    assert numbers["least answer of ones and zeros"] == 0
    assert numbers["least answer at 1/9"] == pytest.approx(-4 / 9)
    assert numbers["least answer at 9/9"] == pytest.approx(-4)


@pytest.mark.parametrize(
    "changed",
    [{"ninths": LISTED.ninths}, {"steps": LISTED.steps}, {"kept": LISTED.kept}],
    ids=["scale", "order", "zero"],
)
def test_each_difference_of_text_and_listing_is_looked_at(changed):
    """Any of them corrected alone fails a claim."""
    assert E26.examine(replace(ANNOUNCED, **changed), LISTED).verdict == "refuted"


def test_a_relu_that_keeps_something_else_would_not_be_without_effect():
    """From 1 on, say: the two formulas would then differ in a value."""
    high = replace(ANNOUNCED, kept=Gt(Symbol("z", real=True), 1))
    assert E26.examine(high, LISTED).verdict != "confirmed"


def test_kernels_without_negative_entries_would_leave_relu_idle(monkeypatch):
    """If the kernel were 1 everywhere and images 0 and 1, the claim about signs would fail."""
    monkeypatch.setattr(images, "convolve", lambda image, kernel: np.abs(np.asarray(image)))
    assert E26.examine().verdict == "refuted"
