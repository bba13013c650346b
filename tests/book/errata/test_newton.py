"""Newton's method: the numbers of the errata, and functions on which the chapter would be right."""

import numpy as np
import pytest
from sympy import Rational, simplify

from symlab.algebra.objective import Objective
from symlab.book.errata import newton
from symlab.book.errata.newton import f, newton_runs, newton_step, x
from symlab.book.errata.register import ERRATA
from symlab.engine.minimize import minimize
from symlab.methods.directions import newton as newton_direction


def test_the_map_is_that_of_the_audit(examination):
    """N(x) = x (8x - 9)/(12x - 18), with its pole at 3/2 and slopes 1/2 and 0 where it rests."""
    assert simplify(newton_step(f) - x * (8 * x - 9) / (12 * x - 18)) == 0
    numbers = examination("E10").numbers
    assert numbers["pole"] == Rational(3, 2)
    assert (numbers["slope of the step at 0"], numbers["at 9/4"]) == (Rational(1, 2), 0)
    assert numbers["nearest that goes astray"] == pytest.approx(1.499, abs=1e-9)


def test_counts_of_steps_are_those_of_the_audit(examination):
    """Forty and more where the curvature vanishes, few where it does not."""
    numbers = examination("E10").numbers
    right = [
        numbers[f"steps from {start}"] for start in ("1.51", "1.6", "2", "3", "10", "100", "1000")
    ]
    left = [
        numbers[f"steps from {start}"]
        for start in ("-5", "-1", "0.1", "0.5", "1", "1.2", "1.4", "1.49")
    ]
    assert right == [15, 10, 6, 7, 10, 16, 22]
    assert (min(left), max(left)) == (40, 53)


def test_newton_and_descent_from_one_start_take_as_many_steps(examination):
    """To within 1e-6 of 9/4 from 2: 4, 4, 25, never."""
    numbers = examination("E10").numbers
    names = ("Newton", "descent, 4/81", "descent, 0.02", "descent, 0.1")
    assert [numbers[f"steps from 2, {name}"] for name in names] == [4, 4, 25, "never"]
    assert float(numbers["f after a step"]) == pytest.approx(1.987, abs=5e-4)


def test_many_runs_at_once_are_the_runs_of_the_engine():
    """The vectorised map against the method that users call."""
    starts = [-1, 1, 2, 10]
    ends = newton_runs(f, starts, 5)[-1]
    runs = [minimize(f, [s], newton_direction(), 5, backend="sympy").x[0] for s in starts]
    assert np.allclose(ends, runs, rtol=1e-12)


def test_a_function_with_a_maximum_would_bear_the_chapter_out(monkeypatch):
    """Between two valleys there is one, and Newton can land on it."""
    monkeypatch.setattr(newton, "f", Objective(x**4 / 4 - x**2 / 2))
    assert ERRATA["E10"].examine().verdict == "refuted"


def test_solved_as_printed_the_step_is_another(examination):
    """2.21175 against the recorded 7/3."""
    numbers = examination("E31").numbers
    assert float(numbers["solved as printed"]) == pytest.approx(2.21175, abs=5e-6)
    assert numbers["recorded"] == Rational(7, 3)


def test_of_a_parabola_it_does_not_matter_where_the_hessian_is_taken(monkeypatch):
    """It is the same everywhere, so the printed derivation is right there."""
    monkeypatch.setattr(newton, "f", Objective(3 * x**2 - x))
    assert ERRATA["E31"].examine().verdict == "refuted"
