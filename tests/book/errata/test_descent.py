"""Windows, oscillation and the ray uphill: numbers, and what would acquit the chapter."""

import numpy as np
import pytest
from sympy import Rational

from symlab.algebra.objective import Objective
from symlab.book.errata import descent
from symlab.book.errata.descent import (
    UPHILL,
    best_on_half_line,
    describe_end,
    f,
    paths,
    steepest,
    x,
)
from symlab.book.errata.register import ERRATA
from symlab.engine.minimize import minimize
from symlab.methods.rules import gradient_descent


def test_the_cycle_and_its_numbers_are_those_of_the_audit(examination):
    """Its points to ten digits, the values there, and the multiplier that makes it attract."""
    numbers = examination("E20").numbers
    assert numbers["multiplier at 9/4"] == Rational(-41, 40)
    assert numbers["cycle, low"] == pytest.approx(2.1475022131, abs=5e-11)
    assert numbers["cycle, high"] == pytest.approx(2.3365805265, abs=5e-11)
    assert float(numbers["f, low"]) == pytest.approx(-6.44295, abs=5e-6)
    assert float(numbers["f, high"]) == pytest.approx(-6.46312, abs=5e-6)
    assert float(numbers["multiplier of the cycle"]) == pytest.approx(0.8997, abs=1e-4)


def test_steps_are_as_long_as_the_audit_says(examination):
    """Alpha times the slope at five places, where the windows are all of one width."""
    numbers = examination("E20").numbers
    lengths = [numbers[f"step from {place}"] for place in ("0.1", "0.5", "1", "1.33", "2.3")]
    assert lengths == pytest.approx([0.0086, 0.175, 0.5, 0.651, 0.106], abs=5e-4)
    assert numbers["overlap, drawn"] == Rational(1, 5)


def test_the_scan_over_step_sizes_is_that_of_the_audit(examination):
    """How many steps to within 1e-6, and what happens above the limit."""
    numbers = examination("E20").numbers
    counts = [numbers[f"steps with {size}"] for size in ("0.0494", "0.0200", "0.0950", "0.0980")]
    assert counts == [32, 93, 156, 725]
    fates = [numbers[f"alpha {size}"] for size in (0.0988, 0.12, 0.125, 0.13, 0.16, 0.18, 0.25)]
    none = "no period up to 64"
    assert fates == ["2-cycle", "2-cycle", "4-cycle", none, none, "0.000", "diverges"]


def test_the_end_of_a_run_is_read_from_its_tail():
    """A limit, cycles of two and three points, disorder, and infinity."""
    ordinal = np.arange(300)
    assert describe_end(np.full(300, -1e-9)) == "0.000"
    assert describe_end(ordinal % 2 + 0.5) == "2-cycle"
    assert describe_end(ordinal % 3 + 0.5) == "3-cycle"
    assert describe_end(np.sin(ordinal)) == "no period up to 64"
    assert describe_end(np.append(ordinal, np.inf)) == "diverges"


def test_many_runs_at_once_are_the_runs_of_the_engine():
    """The scan's arithmetic differs from the engine's by rounding alone."""
    (run,) = paths(f, [0.09], 50).T
    engine = minimize(f, [0.1], gradient_descent(step_size=0.09), 50, backend="interpreted")
    assert np.allclose(run, engine.iterates[:, 0], rtol=1e-9)


def test_on_a_slope_of_one_alpha_would_be_the_length_of_a_step(monkeypatch):
    """There alpha times the slope is alpha, and the printed width is right."""
    monkeypatch.setattr(descent, "f", Objective(x))
    assert not ERRATA["E20"].examine().observations[0].holds
    assert ERRATA["E20"].examine().verdict == "refuted"


@pytest.mark.parametrize(
    "start, length",
    [("1/2", "1"), ("1", "1/4"), ("2", "1/16"), ("5/2", "1/25"), ("3", "1/36")],
)
def test_the_best_step_lands_on_the_minimum_at_once(start, length):
    """Downhill; uphill the best step is none."""
    assert best_on_half_line(f, steepest, Rational(start)) == (Rational(length), Rational(9, 4))
    assert best_on_half_line(f, UPHILL, Rational(start)) == (0, Rational(start))


def test_with_a_second_valley_behind_the_hill_looking_uphill_may_pay(monkeypatch):
    """From 1/2, between two valleys, the one behind the hill is the deeper end of that ray."""
    monkeypatch.setattr(descent, "f", Objective(x**4 - 2 * x**2))
    assert best_on_half_line(descent.f, UPHILL, Rational(1, 2))[1] == -1
    assert ERRATA["E09"].examine().verdict == "refuted"
