"""Erratum of section 8: its numbers, and what would acquit the chapter."""

from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational

from symlab.book.errata import logistic
from symlab.book.errata.logistic import FEW, PRINTED, RIGHT, SOLVED, STEPS, strength, w
from symlab.book.errata.register import find_erratum

E18 = find_erratum("E18")


@pytest.fixture(scope="module")
def numbers(examination):
    """What one examination found."""
    return examination("E18").numbers


@pytest.fixture
def fresh():
    """No cached run, before and after."""
    cached = (logistic.descents, logistic.minima, logistic.library)
    for each in cached:
        each.cache_clear()
    yield
    for each in cached:
        each.cache_clear()


def test_the_chapters_penalty_is_the_librarys_at_a_half():
    """C total + w^2/2 is half of total + w^2 at C = 1/2, and the whole of total + w^2/2 at 1."""
    assert strength(w**2) == Rational(1, 2)
    assert strength(w**2 / 2) == 1


def test_the_fits_agree_more_than_either_with_its_minimum(numbers):
    """Means of about 0.004, 0.029 and 0.030 over other seeds; the order is a factor of seven."""
    assert numbers["to liblinear"] == pytest.approx(0.004, abs=1e-3)
    assert numbers["to its own minimum"] == pytest.approx(0.029, abs=5e-3)
    assert numbers["to lbfgs"] == pytest.approx(0.030, abs=5e-3)
    assert numbers["to its own minimum, most"] == pytest.approx(0.053, abs=5e-3)


def test_penalties_matter_where_points_are_few(numbers):
    """0.053, 0.027, 0.012 and at most 0.0015 for 10, 20, 50 and 500 points."""
    found = [numbers[f"difference, {m} points"] for m in logistic.SIZES]
    assert found == pytest.approx([0.053, 0.027, 0.012, 0.001], rel=0.1)
    assert logistic.gaps(logistic.minima(w**2), logistic.minima(w**2 / 2)).max() < 0.00152


def test_the_gap_to_the_minimum_closes_with_steps(numbers):
    """About 0.0058, 1.1e-4 and 4e-7 on one seed; the worst of five is larger, never by tenfold."""
    found = np.array([numbers[f"from its minimum after {k}"] for k in STEPS[1:]])
    assert np.all((found > [0.0058, 1.1e-4, 4e-7]) & (found < [0.058, 1.1e-3, 4e-6]))


def test_the_largest_scores_are_those_of_the_two_precisions(numbers):
    """88.7 and 709.8."""
    assert numbers["largest score, float32"] == pytest.approx(88.7, abs=0.05)
    assert numbers["largest score, float64"] == pytest.approx(709.8, abs=0.05)


@pytest.mark.parametrize("solver", SOLVED)
def test_the_librarys_fits_are_the_minima_of_what_its_solvers_are_said_to_add(solver):
    """Of the two liblinear alone pays for the intercept."""
    found = logistic.library(solver)
    assert logistic.gaps(found, logistic.minima(SOLVED[solver], FEW)).max() < 1e-6


def test_without_its_penalty_on_the_intercept_the_library_would_acquit(monkeypatch, fresh):
    """If liblinear minimised what lbfgs does, nothing would be shrunk, and nothing coincide."""
    honest = logistic.library.__wrapped__
    monkeypatch.setattr(logistic, "library", lambda solver, c=1.0: honest("lbfgs", c))
    assert E18.examine().verdict == "refuted"


@pytest.mark.parametrize(
    "changed",
    [{"penalty": RIGHT.penalty}, {"solver": RIGHT.solver}, {"probability": RIGHT.probability}],
    ids=" ".join,
)
def test_each_part_of_the_printed_fit_is_needed(changed):
    """With one of the right fit's parts in its place a claim fails."""
    assert E18.examine(replace(PRINTED, **changed), RIGHT).verdict == "refuted"


def test_a_probability_that_is_written_otherwise_is_a_number_everywhere():
    """1/(1 + exp(-z)) against exp(z)/(1 + exp(z))."""
    for kind in (np.float32, np.float64):
        assert logistic.isnan_beyond(PRINTED.probability, kind)
        assert not logistic.isnan_beyond(RIGHT.probability, kind)
