"""K9: where a formula switches, the derivative is the function's, not the branch's."""

import math

import mpmath
import numpy as np
import pytest
import sympy as sp

import symlab as sl
from symlab.algebra.differentiation import derivative

x, y = sp.symbols("x y", real=True)


def at_zero(formula, value):
    """A formula with a value of its own at x = 0."""
    return sp.Piecewise((formula, sp.Ne(x, 0)), (value, True))


GUARDED = {
    # Formula, point, and the first two derivatives there: the coefficients of the Taylor series.
    "sinc": (sp.sinc(x), 0, 0, sp.Rational(-1, 3)),
    "guarded sinc": (at_zero(sp.sin(x) / x, 1), 0, 0, sp.Rational(-1, 3)),
    "cosine": (at_zero((1 - sp.cos(x)) / x**2, sp.S.Half), 0, 0, sp.Rational(-1, 12)),
    "exponential": (at_zero((sp.exp(x) - 1) / x, 1), 0, sp.S.Half, sp.Rational(1, 3)),
    "logarithm": (at_zero(sp.log(1 + x) / x, 1), 0, -sp.S.Half, sp.Rational(2, 3)),
    "bump": (at_zero(sp.exp(-1 / x**2), 0), 0, 0, 0),
    "equation first": (
        sp.Piecewise((1, sp.Eq(x, 0)), (sp.tanh(x) / x, True)),
        0,
        0,
        sp.Rational(-2, 3),
    ),
    "elsewhere": (
        sp.Piecewise((sp.log(x) / (x - 1), sp.Ne(x, 1)), (1, True)),
        1,
        -sp.S.Half,
        sp.Rational(2, 3),
    ),
    "inside a product": (sp.exp(x) * sp.sinc(x) ** 2, 0, 1, sp.Rational(1, 3)),
    "of a polynomial": (sp.sinc(x**2 - 1), 1, 0, sp.Rational(-4, 3)),
    "square of the ramp": (x**2 * sp.sign(x), 0, 0, 0),
    "odd square": (x * sp.Abs(x), 0, 0, 0),
    "odd cube": (sp.Abs(x) ** 3, 0, 0, 0),
    "sine integral": (sp.Si(x), 0, 1, 0),
    "hyperbolic sine integral": (sp.Shi(x), 0, 1, 0),
    "Lambert's W": (sp.LambertW(x), 0, 1, -2),
}


@pytest.mark.parametrize("formula, place, first, second", GUARDED.values(), ids=GUARDED)
def test_k9_the_derivative_at_a_guard_is_the_functions(formula, place, first, second):
    """Both derivatives against the Taylor series that every table of functions has."""
    assert derivative(formula, x).subs(x, place) == first
    assert derivative(formula, x, x).subs(x, place) == second


def test_k9_a_derivative_may_exist_where_that_of_the_branch_has_no_limit():
    """At 0, x^2 sin(1/x) has slope 0 and no second derivative."""
    swinging = at_zero(x**2 * sp.sin(1 / x), 0)
    assert derivative(swinging, x).subs(x, 0) == 0
    assert derivative(swinging, x, x).subs(x, 0) is sp.nan


def test_k9_no_finite_slope_is_none():
    """X log x falls vertically at 0; x/|x| jumps."""
    assert derivative(at_zero(x * sp.log(x), 0), x).subs(x, 0) is sp.nan
    assert derivative(at_zero(sp.sin(x) / sp.Abs(x), 0), x).subs(x, 0) is sp.nan


def test_k9_two_variables_and_one_guard():
    """The mixed derivatives of Peano's function are -1 and 1; and sinc of a radius."""
    peano = sp.Piecewise((x * y * (x**2 - y**2) / (x**2 + y**2), sp.Ne(x**2 + y**2, 0)), (0, True))
    origin = {x: 0, y: 0}
    assert derivative(peano, x, y).subs(origin) == -1
    assert derivative(peano, y, x).subs(origin) == 1
    radius = sp.sqrt(x**2 + y**2)
    ring = sp.Piecewise((sp.sin(radius) / radius, sp.Ne(radius, 0)), (1, True))
    assert [derivative(ring, *by).subs(origin) for by in ((x,), (x, x), (x, y))] == [
        0,
        sp.Rational(-1, 3),
        0,
    ]


def test_k9_a_divided_difference_is_the_slope_where_its_points_meet():
    """(e^x - e^y)/(x - y) guarded by e^x: slope e^x/2 in each where x = y."""
    both = sp.Piecewise(((sp.exp(x) - sp.exp(y)) / (x - y), sp.Ne(x, y)), (sp.exp(x), True))
    for variable in (x, y):
        assert derivative(both, variable).subs(y, x) == sp.exp(x) / 2


@pytest.mark.parametrize("formula", [sp.sinc(x), GUARDED["guarded sinc"][0]], ids=["own", "guard"])
def test_k9_sinc_runs_from_its_guard(formula):
    """R33, R35: slope 0 and curvature -1/3 at 0; beside it mpmath's slope."""
    f = sl.Objective(formula)
    compiled = sl.compile(f, backend="interpreted")
    assert compiled.value([0.0]) == 1
    assert compiled.gradient([0.0])[0] == 0
    assert compiled.hessian([0.0])[0, 0] == pytest.approx(-1 / 3, rel=1e-15)
    slope = float(mpmath.diff(lambda t: mpmath.sin(t) / t, 0.5))
    assert compiled.gradient([0.5])[0] == pytest.approx(slope, rel=1e-13)
    for backend in ("interpreted", "sympy"):
        assert sl.minimize(f, start=[0], backend=backend).status == "converged"
    assert sl.verify(f, at=[0], backend="interpreted").passed


KINKS = {
    "modulus": (sp.Abs(x), "slopes -1 and 1"),
    "ramp": (3 * sp.Max(x, 0), "slopes 0 and 3"),
    "two formulas": (sp.Piecewise((-x, x < 0), (2 * x, True)), "slopes -1 and 2"),
    "guarded": (at_zero(x * sp.atan(1 / x), 0), "slopes -1.5708 and 1.5708"),
}


@pytest.mark.parametrize("formula, slopes", KINKS.values(), ids=KINKS)
def test_k9_a_kink_is_called_one_with_both_slopes(formula, slopes):
    """Nothing can be compared there, and the verdict says what is on either side."""
    found = sl.verify(sl.Objective(formula), at=[0], backend="interpreted")
    assert f"kink there: {slopes}" in found.verdict


def test_k9_a_smooth_switch_is_no_kink():
    """max(x, 0)^2 has slope 0 at 0 from both sides."""
    f = sl.Objective(sp.Max(x, 0) ** 2)
    assert sl.verify(f, at=[0], backend="interpreted").passed
    assert math.isfinite(sl.compile(f, backend="interpreted").hessian([0.0])[0, 0])


def test_k9_the_three_halves_power_has_slope_0_and_infinite_curvature():
    """R36: slope sqrt|x| sign x."""
    compiled = sl.compile(sl.Objective(sp.Abs(x) ** sp.Rational(3, 2)), backend="interpreted")
    assert compiled.gradient([0.0])[0] == 0
    assert compiled.gradient([-4.0])[0] == pytest.approx(-3)
    assert np.isposinf(compiled.hessian([0.0])[0, 0])
