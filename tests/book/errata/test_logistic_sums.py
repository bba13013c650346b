"""The erratum of sums and means: its numbers, and what would acquit."""

from dataclasses import replace

import pytest

from symlab.algebra.risk.risk import BoundRisk
from symlab.book.errata.logistic_sums import COMPILED, SYMBOLIC
from symlab.book.errata.register import find_erratum

E15 = find_erratum("E15")


@pytest.fixture(scope="module")
def numbers(examination):
    """What one examination found."""
    return examination("E15").numbers


def test_the_factors_are_a_hundred_and_ten(numbers):
    """As many as there are samples; exactly."""
    assert (numbers["times as long, all"], numbers["times as long, a batch"]) == (100, 10)


def test_the_numbers_are_the_audits(numbers):
    """2/L of 0.021 and 2.1 (other points), |w| of 22.3 and 4.58, and 0.372 exactly."""
    assert numbers["2/L, first"] == pytest.approx(0.021, abs=3e-3)
    assert numbers["2/L, second"] == pytest.approx(100 * numbers["2/L, first"])
    assert numbers["mean |w|, first"] == pytest.approx(22.3, abs=0.5)
    assert numbers["mean |w|, second"] == pytest.approx(4.58, abs=0.05)
    assert numbers["a sample twice"] == pytest.approx(0.372, abs=5e-4)


def test_the_descents_are_the_audits(numbers):
    """From about 170 high starts: J 2161 -> 1.67, 7.1 on the way, and 673 by batches."""
    assert numbers["starts"] == pytest.approx(168, abs=15)
    assert numbers["mean J at the start"] == pytest.approx(2161, rel=0.1)
    assert numbers["all, after 200"] == pytest.approx(1.67, rel=0.1)
    assert numbers["all, after 20"] == pytest.approx(7.1, rel=0.3)
    assert numbers["batches, after 200"] == pytest.approx(673, rel=0.2)


def test_reductions_that_weigh_alike_would_acquit(monkeypatch):
    """If a mean were a sum, no step would be longer than another."""
    monkeypatch.setattr(BoundRisk, "weight", 1)
    assert E15.examine().verdict == "refuted"


@pytest.mark.parametrize(
    "changed",
    [{"whole": "mean"}, {"formula": "mean"}, {"batch": "sum"}, {"replacement": False}],
    ids=" ".join,
)
def test_each_difference_is_looked_at(changed):
    """A first listing that agrees with the second in one of them fails a claim."""
    assert E15.examine((replace(SYMBOLIC, **changed), COMPILED), None).verdict == "refuted"
