"""The functions of the field agree with their elementary definitions, to 50 digits or exactly."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from symlab.algebra.functions import (
    FUNCTIONS,
    define,
    hinge,
    relu,
    sigmoid,
    softplus,
    softsign,
)
from symlab.algebra.numeric import MPMATH

z = sp.Symbol("z", real=True)
every = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)

# Kinks are at 0 and 1; these lie on both sides of them, small and large.
PLACES = [sp.Rational(*pair) for pair in [(-50, 1), (-7, 3), (-1, 1000), (1, 7), (22, 7), (90, 1)]]


@every
@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("place", PLACES, ids=str)
def test_it_is_its_definition_to_fifty_digits(function, order, place):
    """Value, slope and curvature; the definition is differentiated and evaluated by SymPy alone."""
    stated = function(z).diff(z, order).subs(z, place)
    defined = define(function(z)).diff(z, order).subs(z, place)
    assert abs(sp.N(stated - defined, 50)) <= abs(sp.N(defined, 50)) * sp.Float("1e-48", 50)


@pytest.mark.parametrize("function", [sigmoid, softplus])
def test_the_derivative_of_a_smooth_function_is_that_of_its_definition(function):
    """By algebra, for every z."""
    assert sp.simplify(define(function(z).diff(z)) - define(function(z)).diff(z)) == 0


def test_the_derivatives_of_the_ramps_are_zero_left_of_the_kink_and_at_it():
    """relu'(0) = 0 by convention, and the hinge's likewise at 1."""
    assert [relu(z).diff(z).subs(z, place) for place in (-1, 0, 1)] == [0, 0, 1]
    assert [hinge(z).diff(z).subs(z, place) for place in (0, 1, 2)] == [-1, 0, 0]


def test_softsign_is_smooth_once():
    """Its slope at 0 is 1 from both sides; its curvature jumps from 2 to -2."""
    assert softsign(z).diff(z).subs(z, 0) == 1
    assert sp.limit(softsign(z).diff(z, 2), z, 0, "-") == 2
    assert sp.limit(softsign(z).diff(z, 2), z, 0, "+") == -2


def test_softplus_integrates_the_sigmoid():
    r""":math:`\int_{-2}^3 \sigma = s(3) - s(-2)`, by quadrature in mpmath at 40 digits."""
    integrand = sp.lambdify(z, sigmoid(z), [MPMATH, "mpmath"])
    with mpmath.workdps(40):
        area = mpmath.quad(integrand, [-2, 3])
        primitive = mpmath.mpf(str(sp.N(softplus(3) - softplus(-2), 40)))
        assert abs(area - primitive) < mpmath.mpf("1e-37")


@every
def test_lambdify_with_the_table_reaches_mpmath(function):
    """The function and its derivative, whose Heaviside mpmath lacks, at 30 digits."""
    for expression in (function(z), function(z).diff(z)):
        evaluate = sp.lambdify(z, expression, [MPMATH, "mpmath"])
        with mpmath.workdps(30):
            value = sp.Float(str(evaluate(mpmath.mpf(2) / 7)), 30)
        expected = sp.N(define(expression).subs(z, sp.Rational(2, 7)), 30)
        assert abs(value - expected) < sp.Float("1e-28", 30)


EXACT = {
    sigmoid(0): sp.Rational(1, 2),
    sigmoid(sp.oo): 1,
    sigmoid(-sp.oo): 0,
    softplus(0): sp.log(2),
    softplus(-sp.oo): 0,
    relu(0): 0,
    relu(sp.pi): sp.pi,
    relu(-sp.sqrt(2)): 0,
    relu(z**2): z**2,
    relu(-(z**2)): 0,
    softsign(0): 0,
    softsign(10): sp.Rational(10, 11),
    softsign(-2): sp.Rational(-2, 3),
    softsign(sp.oo): 1,
    softsign(-sp.oo): -1,
    hinge(1): 0,
    hinge(sp.Rational(1, 2)): sp.Rational(1, 2),
    hinge(-1): 2,
    hinge(sp.oo): 0,
}


@pytest.mark.parametrize("value, expected", EXACT.items(), ids=str)
def test_an_exact_value_is_evaluated(value, expected):
    """Rational points of the ramps, limits, and the sigmoid's middle."""
    assert value == expected


@every
def test_a_floating_zero_is_a_number_like_any_other(function):
    """SymPy evaluates Float(0) to the integer 0; a run that starts at 0 must not stop there."""
    assert function(sp.Float(0)).is_Number
    assert function(sp.Float(0)) == sp.N(function(0))


@every
def test_at_a_general_point_it_stays_itself(function):
    """Otherwise it could not be lowered to a stable implementation."""
    assert isinstance(function(z), function)
    assert isinstance(function(sp.sin(z)), function)


@every
@given(number=st.floats(-700, 700))
def test_it_agrees_with_scipy(function, number):
    """SciPy's expit and NumPy's maximum in double precision; a few ulps for their rounding."""
    oracle = {
        sigmoid: special.expit,
        softplus: lambda v: np.logaddexp(0, v),
        relu: lambda v: np.maximum(v, 0),
        softsign: lambda v: v / (1 + np.abs(v)),
        hinge: lambda v: np.maximum(1 - v, 0),
    }[function]
    assert float(sp.N(function(sp.Float(number)))) == pytest.approx(
        oracle(number), rel=1e-14, abs=0
    )


@pytest.mark.parametrize("function", [sigmoid, softplus])
def test_no_digit_is_lost_far_to_the_left(function):
    """At -800 both are exp(-800) in all 30 digits, which log(1 + exp(z)) at 30 digits is not."""
    assert function(-800).evalf(30) == sp.exp(-800).evalf(30)


@every
def test_a_real_argument_gives_a_real_finite_value(function):
    """Known without a search, so that Abs and conjugate go away by themselves."""
    assert function(z).is_real
    assert function(z).is_finite
    assert function(z).conjugate() == function(z)
    assert function(sp.Symbol("w")).is_real is None


def test_signs_are_known():
    """Positive or at least not negative, wherever the argument is."""
    assert sigmoid(z).is_positive
    assert softplus(z).is_positive
    assert relu(z).is_nonnegative
    assert hinge(z).is_nonnegative


@every
def test_two_arguments_are_refused(function):
    """As for SymPy's own functions, by a TypeError that names it."""
    with pytest.raises(TypeError, match=f"{function.__name__} takes exactly 1 argument"):
        function(z, z)
    with pytest.raises(sp.core.function.ArgumentIndexError):
        function(z).fdiff(2)


@every
def test_latex_is_clean_and_takes_a_power(function):
    r"""No control character (a `\r` in an ordinary string), and f(z)^2 as f^{2}(z)."""
    plain, squared = sp.latex(function(z)), sp.latex(function(z) ** 2)
    assert plain.isprintable()
    assert squared.isprintable()
    assert squared == plain.replace(r"\left", r"^{2}\left", 1)
    assert "z" in sp.latex(function(z).diff(z, 2))


@every
def test_rewriting_gives_the_definition(function):
    """`define` reaches inside other functions and leaves none of the field's names behind."""
    nested = define(sp.sin(function(function(z) + 1)) * 2)
    assert not nested.atoms(*FUNCTIONS.values())
    assert abs(sp.N((nested - 2 * sp.sin(function(function(z) + 1))).subs(z, 0.3), 30)) < 1e-14


def test_the_ramps_rewrite_as_piecewise():
    """The definition a textbook gives."""
    assert relu(z).rewrite(sp.Piecewise) == sp.Piecewise((z, z > 0), (0, True))
    assert hinge(z).rewrite(sp.Piecewise) == sp.Piecewise((1 - z, z < 1), (0, True))
    assert softplus(z).rewrite(sp.log) == sp.log(1 + sp.exp(z))
    assert softsign(z).rewrite(sp.Abs) == z / (1 + sp.Abs(z))
