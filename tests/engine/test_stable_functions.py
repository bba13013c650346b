"""xlogx, logsumexp and softmax: exact values, derivatives, digits and LaTeX."""

import mpmath
import pytest
import sympy as sp

from symlab.algebra.functions import define, logsumexp, sigmoid, softmax, softplus, xlogx
from symlab.algebra.numeric import MPMATH

a, b, c = sp.symbols("a b c", real=True)
x = sp.Symbol("x", positive=True)


def test_derivatives_are_those_of_the_definitions():
    """By algebra, for every point."""
    for function in (logsumexp(a, b, c), softmax(a, b, c), softmax(0, a, 2 * a), xlogx(x)):
        for symbol in function.free_symbols:
            difference = define(function.diff(symbol)) - define(function).diff(symbol)
            assert sp.simplify(difference) == 0


def test_softmax_weights_sum_to_one():
    """The first weight and those of the others."""
    weight = softmax(a, b, c)
    assert sp.simplify(define(weight + sp.Add(*weight.weights_of_others()))) == 1


def test_special_cases_are_the_functions_known_already():
    """Two arguments are a sigmoid or, beside 0, a softplus; the order does not matter."""
    assert softmax(a, b) == sigmoid(a - b)
    assert softmax(a) == 1
    assert logsumexp(a) == a
    assert logsumexp(a, 0) == softplus(a)
    assert logsumexp(c, a, b) == logsumexp(a, b, c)
    assert softmax(a, c, b) == softmax(a, b, c) != softmax(b, a, c)
    assert (xlogx(0), xlogx(1), xlogx(sp.oo)) == (0, 0, sp.oo)


def test_digits_survive_far_out():
    """log(1 + e^-800 + e^-900) to 30 digits is e^-800, which the definition would round away."""
    assert logsumexp(0, -800, -900).evalf(30) == sp.exp(-800).evalf(30)
    share = sp.exp(-800) / (1 + sp.E + sp.exp(-800))
    assert abs(softmax(-800, 0, 1).evalf(20) / share.evalf(20) - 1) < 1e-18
    with mpmath.workdps(40):
        value = sp.lambdify(a, logsumexp(a, 2 * a, 3), [MPMATH, "mpmath"])(mpmath.mpf(1))
        exact = mpmath.log(mpmath.e + mpmath.e**2 + mpmath.e**3)
        assert abs(value - exact) < mpmath.mpf(10) ** -38


def test_reality_and_signs_are_known():
    """So that Abs and conjugate go away by themselves."""
    assert logsumexp(a, b, c).is_real
    assert softmax(a, b, c).is_positive
    assert xlogx(x).is_real
    assert xlogx(a).is_real is None
    assert xlogx(sp.Float(-1.5)).evalf() == xlogx(sp.Float(-1.5))


@pytest.mark.parametrize("index", [0, 4])
def test_there_is_no_derivative_by_an_argument_that_is_not(index):
    """As for SymPy's own functions."""
    for function in (logsumexp(a, b, c), softmax(a, b, c), xlogx(x)):
        with pytest.raises(sp.core.function.ArgumentIndexError):
            function.fdiff(index)


def test_latex_lists_the_arguments():
    r"""As f(a, b, c), with a power behind the name."""
    assert sp.latex(logsumexp(a, b, c)) == r"\operatorname{logsumexp}\left(a, b, c\right)"
    assert "^{2}" in sp.latex(softmax(a, b, c) ** 2)
