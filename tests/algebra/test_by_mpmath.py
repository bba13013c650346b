"""Values to any number of digits: sums against mpmath's own, written by hand."""

import mpmath
import pytest
from sympy import (
    Float,
    I,
    IndexedBase,
    Integer,
    Mod,
    Rational,
    Sum,
    cos,
    exp,
    factorial,
    log,
    oo,
    sqrt,
    zeta,
)
from sympy.abc import i, j, x, y

from symlab.algebra import by_mpmath
from symlab.algebra.by_mpmath import evaluator, value_at
from symlab.algebra.working_precision import working_digits


def terms(count):
    """The terms of a sum without a closed form, at x = 1/3, by mpmath alone."""
    third = mpmath.mpf(1) / 3
    return [mpmath.exp(-third * n) * mpmath.cos(n * n) / n for n in range(1, count + 1)]


@pytest.mark.parametrize("digits", [15, 30, 60])
def test_a_long_sum_is_added_up_to_the_last_digit(digits):
    """SymPy's own way to it takes many seconds."""
    total = Sum(exp(-x * i) * cos(i**2) / i, (i, 1, 3000))
    with working_digits(digits + 30):
        expected = mpmath.fsum(terms(3000))
    assert value_at(total, {x: Rational(1, 3)}, digits) == Float(expected, digits)


def test_digits_that_cancel_between_a_sum_and_the_rest_are_made_good():
    """Of forty that a sum begins with, none is left."""
    with working_digits(150):
        near = mpmath.nstr(mpmath.fsum(terms(50)), 40)
        expected = mpmath.fsum(terms(50)) - mpmath.mpf(near)
    total = Sum(exp(-x * i) * cos(i**2) / i, (i, 1, 50)) - Rational(near)
    assert value_at(total, {x: Rational(1, 3)}) == Float(expected, 30)


def test_counters_keep_their_digits_in_quotients_and_powers():
    """1/i of two whole numbers would be a float of Python's, with 16 digits."""
    total = evaluator(Sum(1 / i + i**-2 + 2 ** (-i), (i, 1, 40)), [])
    with working_digits(60):
        exact = [1 / n + n**-2 + 2**-n for n in map(mpmath.mpf, range(1, 41))]
        assert abs(total() - mpmath.fsum(exact)) < mpmath.mpf(10) ** -57


def test_counters_still_find_entries_of_data():
    """An index is a whole number, whatever the counter is elsewhere."""
    data = IndexedBase("data")
    total = evaluator(Sum(data[i] / (i + 1), (i, 0, 2)), [data])
    assert total([3, 4, 6]) == 7


def test_a_sum_within_a_sum_is_added_up_too():
    """Bounds that are numbers are enough, at each level."""
    inner = Sum(sqrt(i + j), (j, 1, 4))
    found = value_at(Sum(inner / i, (i, 1, 5)) * x, {x: 2})
    with working_digits(60):
        expected = 2 * mpmath.fsum(
            mpmath.sqrt(a + b) / mpmath.mpf(a) for a in range(1, 6) for b in range(1, 5)
        )
    assert found == Float(expected, 30)


def test_what_cannot_be_added_up_is_left_to_sympy(monkeypatch):
    """Infinite sums, sums that are not real, and what is still open."""
    monkeypatch.setattr(by_mpmath, "MOST_TERMS", 100)
    assert value_at(Sum(i**-2, (i, 1, oo)), {}) == zeta(2).evalf(30)
    assert value_at(Sum(I * x, (i, 1, 3)), {x: 1}).is_extended_real is False
    assert value_at(Sum(x * y, (i, 1, 3)), {x: 1}).free_symbols == {y}
    assert abs(value_at(Sum(1 / i, (i, 1, 101)), {}) - Sum(1 / i, (i, 1, 101)).doit()) < 1e-25


@pytest.mark.parametrize(
    "expression, place, logarithm",
    [
        (2**x, 10**17, 10**17 * mpmath.log(2)),
        (factorial(x), 10**9, mpmath.loggamma(10**9 + 1)),
        (x**x, 10**17, 10**17 * mpmath.log(10**17)),
    ],
)
def test_a_large_whole_number_is_not_written_out(expression, place, logarithm):
    """SymPy would make an integer of 10^17 digits of it, and never return."""
    value = value_at(expression, {x: Integer(place)})
    assert float(log(value)) == pytest.approx(float(logarithm), rel=1e-12)


def test_a_large_whole_number_keeps_its_digits():
    """Which a float of 30 digits would not: the last one decides."""
    assert float(value_at(Mod(x, 10), {x: Integer(10**60 + 7)})) == 7
