"""Backtracking as listed and as boxed: numbers, and what would acquit the chapter."""

import pytest
from sympy import Rational, exp

from symlab.algebra.alphabet import q
from symlab.algebra.objective import Objective
from symlab.book.errata import backtracking
from symlab.book.errata.backtracking import (
    BOX,
    EQUATION,
    LISTING,
    STARTS,
    can_pass,
    f,
    first_step,
    required_decrease,
    walk,
    x,
)
from symlab.book.errata.register import ERRATA
from symlab.engine.minimize import minimize


@pytest.mark.parametrize(
    "start, listing, equation",
    [
        (1, (0.32, 2.60, 2), (0.32, 2.60, 2)),
        (2, (7.4e-16, 2.0, 153), (0.0671, 2.2684, 9)),
        (2.5, (0.04295, 2.2316, 11), (0.03436, 2.2853, 12)),
        (3, (0.0839, 0.735, 8), (0.02199, 2.4063, 14)),
        (2.25, (1.7e-17, 2.25, 170), (0.5, 2.25, 0)),
    ],
)
def test_first_steps_are_those_of_the_table(start, listing, equation):
    """Length to its printed digits, the new iterate, and how often the trial was shrunk."""
    for search, (length, new, shrinks) in ((LISTING, listing), (EQUATION, equation)):
        step = first_step(f, search, float(start))
        assert step.length == pytest.approx(length, rel=6e-3)
        assert step.new == pytest.approx(new, abs=5e-4)
        assert step.shrinks == shrinks


@pytest.mark.parametrize("search", [EQUATION, BOX, LISTING], ids=["equation", "box", "listing"])
@pytest.mark.parametrize("start", [0.5, 1])
def test_a_first_step_is_what_the_engine_takes(search, start):
    """Two loops over one relation: the errata's in plain floats, and the one that users run."""
    run = minimize(f, [start], search, 1, backend="interpreted")
    step = first_step(f, search, float(start))
    assert run.step_sizes[1] == step.length
    assert run.evaluations[1] - 2 == step.shrinks


@pytest.mark.parametrize("start", STARTS, ids=str)
@pytest.mark.parametrize("search", [EQUATION, BOX, LISTING], ids=["equation", "box", "listing"])
def test_trial_steps_pass_exactly_where_root_counting_says_they_can(search, start):
    """The proof for all steps up to 1/2, against steps tried one by one in rational numbers."""
    gradient = f.gradient[0].subs(x, start)
    wanted = required_decrease(f, search, start)
    passed = [
        f.at([start - size * gradient]) <= f.at([start]) - wanted.subs(q, size)
        for size in (Rational(k, 100) for k in range(1, 51))
    ]
    assert any(passed) == can_pass(f, search, start)


def test_the_box_stops_where_the_audit_says():
    """From 1 at 2.28, from 3 at 3.0, from 1/2 at 1.73; the listing from 1 at 2.0919."""
    ends = [walk(f, BOX, start)[-1].new for start in (1.0, 3.0, 0.5)]
    assert ends == pytest.approx([2.28, 3.0, 1.73], abs=5e-3)
    run = walk(f, LISTING, 1.0)
    assert run[-1].new == pytest.approx(2.0919, abs=5e-5)
    assert sum(step.shrinks for step in run) == 4734
    right = [step.new for step in walk(f, EQUATION, 1.0, 4)]
    assert right == pytest.approx([2.6, 2.33986, 2.25534, 2.25067], abs=5e-6)


def test_the_numbers_of_the_box_are_those_of_the_audit(examination):
    """What f misses on a parabola, and the trial that passes at 1 only since f is concave there."""
    numbers = examination("E04").numbers
    misses = [numbers[f"L = 3, x = 1, a = {size}"] for size in (0.5, 0.1, 0.01)]
    assert misses == [Rational(27, 8), Rational(27, 200), Rational(27, 20000)]
    assert numbers["step from 1, printed"] == Rational(32, 125)
    assert float(numbers["bound"]) == -6.4
    assert float(numbers["f there"]) == pytest.approx(-6.5337, abs=5e-5)
    assert numbers["shrinks, printed"] == 83
    assert numbers["step from 2, printed"] == pytest.approx(4.5e-9, rel=0.01)


def test_where_f_equals_its_slope_the_listing_would_be_right(monkeypatch):
    """On exp(-x) the square of f is that of the slope, so the listing and Eq. (1) are one test."""
    monkeypatch.setattr(backtracking, "f", Objective(exp(-x)))
    assert ERRATA["E03"].examine().verdict == "refuted"


def test_where_f_is_concave_the_box_would_do(monkeypatch):
    """On -x^2 every step falls by more than its tangent promises."""
    monkeypatch.setattr(backtracking, "f", Objective(-(x**2)))
    assert ERRATA["E04"].examine().verdict == "refuted"


def test_a_box_that_asks_for_less_than_all_is_no_error():
    """Any share below one leaves room, so the same check acquits it; one half is not special."""
    mild = EQUATION(decrease=Rational(3, 10))
    assert ERRATA["E04"].examine(mild, EQUATION).verdict == "refuted"
