"""Numbers come in without rounding, and what is no real number is named and refused."""

from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from symlab.algebra.exactly import exact_point, exactly, rationalize

x, y = sp.symbols("x y", real=True)
finite = st.floats(allow_nan=False, allow_infinity=False)


@given(finite)
def test_a_float_is_the_decimal_it_prints_as(number):
    """The standard library's own reading of the printed digits is the oracle."""
    assert exactly(number) == sp.Rational(Fraction(repr(number)))


@given(finite)
def test_a_float_comes_back_as_itself(number):
    """The shortest decimal determines the float, so nothing is lost on the way in and out."""
    assert float(exactly(number)) == number


@given(st.fractions())
def test_a_fraction_is_kept(number):
    """Numerator and denominator of any size."""
    assert exactly(number) == sp.Rational(number.numerator, number.denominator)


@pytest.mark.parametrize(
    "value",
    [
        *(0.1, Fraction(1, 10), Decimal("0.1"), np.float64(0.1), np.array(0.1), np.array([0.1])),
        *(mpmath.mpf("0.1"), sp.Float("0.1"), sp.Float("0.1", 40), sp.Rational(1, 10)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_tenth_is_a_tenth_whatever_type_it_has(value):
    """What the user wrote, not the binary fraction nearest to it."""
    assert exactly(value) == sp.Rational(1, 10)


@pytest.mark.parametrize("value", [sp.pi, sp.sqrt(2), sp.log(2) / 3, sp.exp(-1)])
def test_an_exact_constant_is_kept(value):
    """Irrational numbers stay the symbols they are."""
    assert exactly(value) == value


def test_a_float_inside_a_constant_becomes_a_decimal_too():
    """sqrt(2)*0.1 means sqrt(2)/10."""
    assert exactly(sp.Float(0.1) * sp.sqrt(2)) == sp.sqrt(2) / 10


@pytest.mark.parametrize("digits", ["1e-400", "-3e-400", "1e400", "2.5e1000"])
def test_a_number_that_no_float_reaches_keeps_its_digits(digits):
    """Going through a float would turn these into 0 or infinity."""
    assert exactly(sp.Float(digits)) == sp.Rational(digits)


@pytest.mark.parametrize(
    "value", ["0.1", b"1", None, True, np.True_, sp.true, x, [1], {}, object()]
)
def test_what_is_no_number_is_a_type_error(value):
    """Text and truth values are refused too: they are numbers by accident only."""
    with pytest.raises(TypeError, match=r"^step: expected a real number, got "):
        exactly(value, "step")


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), -np.inf, sp.oo, sp.nan, sp.zoo, 1j, sp.I, sp.sqrt(-2), sp.acos(2)],
)
def test_what_is_not_finite_and_real_is_a_value_error(value):
    """The message names the argument and shows the value."""
    with pytest.raises(ValueError, match=r"^step: expected a finite real number, got "):
        exactly(value, "step")


@pytest.mark.parametrize(
    "values",
    [
        *([1, 0.5], (1, 0.5), np.array([1, 0.5]), np.array([[1], [0.5]]), sp.Matrix([1, 0.5])),
        *(sp.Tuple(1, 0.5), iter([1, 0.5])),
    ],
    ids=lambda values: type(values).__name__,
)
def test_a_point_may_be_any_sequence_of_numbers(values):
    """Lists, tuples, arrays and columns all give one tuple of exact numbers."""
    assert exact_point(values, 2) == (1, sp.Rational(1, 2))


def test_one_number_is_a_point_of_one_coordinate():
    """So that `at=1` does in one variable."""
    assert exact_point(0.5, 1) == (sp.Rational(1, 2),)


def test_ten_coordinates_keep_their_order():
    """No sorting, no merging of equal ones."""
    values = [3, 1, 2, 1, 5, 9, 2, 6, 5, 3]
    assert exact_point(values, 10) == tuple(values)


@pytest.mark.parametrize("values, came", [([1], 1), ([1, 2, 3], 3), (7, 1), ([], 0), ("12", 1)])
def test_a_point_of_the_wrong_length_is_refused(values, came):
    """The message says how many were expected and how many came."""
    with pytest.raises(ValueError, match=f"^start: expected 2 coordinates, got {came}: "):
        exact_point(values, 2, "start")


@pytest.mark.parametrize("bad, error", [("a", TypeError), (None, TypeError), (np.nan, ValueError)])
def test_the_bad_coordinate_is_named_by_its_index(bad, error):
    """In ten variables one wants to know which."""
    with pytest.raises(error, match=r"^start\[1\]: expected a "):
        exact_point([1, bad], 2, "start")


def test_every_float_in_an_expression_is_replaced():
    """Coefficients, arguments and exponents; what holds no float is the same object."""
    half_power = rationalize(0.1 * x + sp.sin(0.5 * y) ** 0.5)
    assert half_power == x / 10 + sp.sqrt(sp.sin(y / 2))
    assert not half_power.atoms(sp.Float)
    exact = sp.sin(x) / 3
    assert rationalize(exact) is exact
