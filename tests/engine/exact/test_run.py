"""Exact runs: rational numbers stay rational, and n digits are n right digits.

The oracles are Fractions and mpmath loops written out in the tests.
"""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp

import symlab as sl
from symlab.algebra.problems import PROBLEMS

x, y = sp.symbols("x y", real=True)
F = sl.Objective(2 - 3 * x**3 + x**4)


def exactly(objective, start, method, steps, **options):
    """Run without rounding."""
    return sl.minimize(objective, start, method, steps, backend="sympy", digits="exact", **options)


def test_a_rational_start_and_step_stay_rational():
    """Floats stand for decimals: 0.1 is 1/10, and four steps later all is still fractions."""
    trace = exactly(F, [0.1], sl.gradient_descent(step_size=0.1), 4)
    a = Fraction(1, 10)
    for point, value in trace.exact:
        assert isinstance(point, sp.Rational)
        assert Fraction(int(point.p), int(point.q)) == a
        assert Fraction(int(value.p), int(value.q)) == 2 - 3 * a**3 + a**4
        a -= Fraction(1, 10) * (4 * a**3 - 9 * a**2)


def test_the_chapters_backtracking_is_exact_if_asked():
    """Section 11: the accepted step is 8/25, and it leads to 13/5."""
    search = sl.backtracking(step_size=0.5, shrink=0.8)
    trace = exactly(F, [1], search, 1)
    assert trace.exact == ((1, 0), (sp.Rational(13, 5), sp.Rational(-3144, 625)))
    assert (trace.exact[1][0] - 1) / 5 == sp.Rational(8, 25)
    assert trace.step_sizes[1] == 0.32


def test_the_box_variant_is_exact_if_asked():
    """Errata E04: 32/125 and 57/25."""
    trace = exactly(F, [1], sl.backtracking("box", step_size=0.5, shrink=0.8), 1)
    assert trace.exact[1][0] == sp.Rational(57, 25)


def test_newtons_steps_are_exact_fractions():
    """Errata E10: N(x) = x(8x - 9)/(12x - 18), from 2 through 7/3 and 203/90."""
    trace = exactly(F, [2], "newton", 3)
    a = sp.Integer(2)
    for point, _ in trace.exact:
        assert point == a
        a = a * (8 * a - 9) / (12 * a - 18)
    assert [row[0] for row in trace.exact[1:3]] == [sp.Rational(7, 3), sp.Rational(203, 90)]


def test_an_exact_line_search_gives_the_fraction_itself():
    """Errata E09: from 3 the best step is 1/36, and it leads to exactly 9/4."""
    trace = exactly(F, [3], sl.exact_line_search, 1)
    assert trace.exact[1] == (sp.Rational(9, 4), sp.Rational(-1675, 256))
    assert trace.gradient_norms[1] == 0


def test_an_exact_run_says_where_it_cannot_stay_exact():
    """An irrational best step, and a slice that is no polynomial: the way out is digits."""
    irrational = exactly(sl.Objective(x**4 - 2 * x**2 + x), [2], sl.exact_line_search, 5)
    assert irrational.status == "stopped"
    assert "digits=50" in irrational.message
    transcendental = exactly(sl.Objective(sp.exp(x) + sp.exp(-x)), [1], sl.exact_line_search, 5)
    assert transcendental.status == "stopped"
    assert "digits=50" in transcendental.message


def test_transcendental_values_stay_expressions():
    """At 0 exp is 1, and one step later e^(-1/10) stays what it is."""
    trace = exactly(sl.Objective(sp.exp(x)), [0], sl.gradient_descent(step_size=0.1), 1)
    assert trace.exact == ((0, 1), (sp.Rational(-1, 10), sp.exp(sp.Rational(-1, 10))))


def test_bfgs_with_an_exact_line_search_solves_a_quadratic_in_as_many_steps_as_variables():
    """Nocedal & Wright 2006, section 6.4: finite termination, here with no rounding at all."""
    quadratic = sl.Objective(3 * x**2 + 2 * x * y + 2 * y**2 - 2 * x + 7 * y)
    method = sl.method(direction=sl.bfgs, search=sl.exact_line_search)
    trace = exactly(quadratic, [1, -3], method, 5, tolerance=0)
    solution = sp.Matrix([[6, 2], [2, 4]]).LUsolve(sp.Matrix([2, -7]))
    assert trace.status == "converged"
    assert len(trace) == 3
    assert sp.Matrix(trace.exact[-1][:2]) == solution


@pytest.mark.parametrize("digits", [20, 50, 120])
def test_as_many_digits_as_asked_for_are_right(digits):
    """Against an mpmath loop at 40 digits more, through 25 steps that amplify every error."""
    trace = sl.minimize(
        F, [0.1], sl.gradient_descent(step_size=0.1), 25, backend="sympy", digits=digits
    )
    with mpmath.workdps(digits + 40):
        a = mpmath.mpf(1) / 10
        for point, value in trace.exact:
            assert point._prec >= digits * 3.3
            assert abs(mpmath.mpf(point._mpf_) - a) <= 2 * mpmath.mpf(10) ** -digits * abs(a)
            true = 2 - 3 * a**3 + a**4
            assert abs(mpmath.mpf(value._mpf_) - true) <= 10 * mpmath.mpf(10) ** -digits * abs(true)
            a -= (4 * a**3 - 9 * a**2) / 10


def test_trial_steps_keep_all_digits_too():
    """Nine shrinks by 4/5 from 1/2 give 0.067108864 and nothing after it."""
    search = sl.backtracking(step_size=0.5, shrink=0.8)
    trace = sl.minimize(F, [2], search, 1, backend="sympy", digits=50)
    assert trace.step_sizes[1] == 0.067108864
    assert abs(trace.exact[1][0] - sp.Rational("2.268435456")) < sp.Rational(1, 10**48)


@pytest.mark.parametrize("name", ["rosenbrock", "beale", "powell"])
def test_fifty_digits_and_fractions_agree(name):
    """Two ways to be exact that share no arithmetic."""
    problem = PROBLEMS[name]
    method = sl.newton(damping=1)
    fractions = exactly(problem.objective, problem.start, method, 2)
    digits = sl.minimize(problem.objective, problem.start, method, 2, backend="sympy")
    for ours, theirs in zip(fractions.exact, digits.exact, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            assert abs(a - b) <= sp.Rational(1, 10**45) * (1 + abs(a))


def test_momentum_carries_its_state_exactly():
    """Polyak's recurrence in fractions, on two variables."""
    f = sl.Objective(x**2 / 20 + y**2, (x, y))
    trace = exactly(f, [-5, -2], sl.momentum(step_size=0.1, momentum=0.5), 5)
    point, velocity = [Fraction(-5), Fraction(-2)], [Fraction(0)] * 2
    for row in trace.exact:
        assert [Fraction(int(a.p), int(a.q)) for a in row[:2]] == point
        slopes = [point[0] / 10, 2 * point[1]]
        velocity = [v / 2 - g / 10 for v, g in zip(velocity, slopes, strict=True)]
        point = [a + v for a, v in zip(point, velocity, strict=True)]


def test_the_functions_of_the_field_run_to_fifty_digits():
    """softplus(x) - x/3 has its minimum at log(1/2), which mpmath knows to any digit."""
    trace = sl.minimize(sl.Objective(sl.softplus(x) - x / 3), [1], "newton", 20, backend="sympy",
                        tolerance=1e-45)  # fmt: skip
    with mpmath.workdps(60):
        assert abs(mpmath.mpf(trace.exact[-1][0]._mpf_) + mpmath.log(2)) < mpmath.mpf(10) ** -44


def test_a_value_far_beyond_the_range_of_floats_ends_the_run_finitely():
    """Exact numbers know no overflow, but a trace holds floats."""
    trace = exactly(sl.Objective(x**4), [10], sl.gradient_descent(step_size=1), 50)
    assert trace.status == "diverged"
    assert np.isfinite(trace.values).all()
