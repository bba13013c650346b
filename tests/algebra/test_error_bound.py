"""The running error bound: never below the error float64 really makes, and not absurdly above."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Abs, Piecewise, Rational, cos, exp, lambdify, log, sqrt, symbols

from symlab.algebra.error_bound import UNIT, rounding_bound
from symlab.algebra.functions import sigmoid, softplus

x, y = symbols("x y", real=True)

EXPRESSIONS = [
    x**4 - 3 * x**3 + 2,
    (x + 10 * y) ** 2 + Rational(1, 3) * x * y,
    exp(x) * cos(y) - sqrt(1 + x**2),
    log(1 + exp(x)) / (2 + y**2),
    Piecewise((x * y, x > 0), (x - y, True)) + Abs(y),
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
@given(a=st.floats(-3, 3), b=st.floats(-3, 3))
def test_float64_never_errs_by_more_than_the_bound(expression, a, b):
    """NumPy's evaluation in stated order is one of the orders that the bound is for."""
    given_by_numpy = float(lambdify((x, y), expression, "numpy")(np.float64(a), np.float64(b)))
    with mpmath.workdps(60):
        here = {x: mpmath.mpf(a), y: mpmath.mpf(b)}
        exact = mpmath.mpf(lambdify((x, y), expression, "mpmath")(*here.values()))
        error = abs(mpmath.mpf(given_by_numpy) - exact)
        # Below the smallest normal number the error is absolute, which u times a value is not.
        assert error <= rounding_bound(expression, here) + mpmath.mpf(5e-324) * 64


def test_the_bound_sees_cancellation():
    """Where x^2 - 2x + 1 cancels to 0 its rounding is that of its terms, about 1."""
    with mpmath.workdps(60):
        bound = rounding_bound(x**2 - 2 * x + 1, {x: mpmath.mpf(1)})
    assert UNIT <= bound <= 20 * UNIT


def test_a_float_constant_and_an_integer_cost_nothing():
    """An input is exact, and so is a small integer."""
    assert rounding_bound(x, {x: mpmath.mpf("0.1")}) == 0
    assert rounding_bound(symbols("x") * 0 + 7, {}) == 0


@pytest.mark.parametrize("function", [sigmoid, softplus])
def test_the_functions_of_the_field_are_bounded_by_a_few_ulps(function):
    """A library function of an exact argument costs only its own rounding."""
    with mpmath.workdps(60):
        value = float(function(Rational(3, 2)).evalf(30))
        bound = float(rounding_bound(function(x), {x: mpmath.mpf(1.5)}))
    assert bound <= 4 * math.ulp(value)
