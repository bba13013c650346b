"""Exact numbers: what a user typed, as SymPy numbers.

A float stands for the decimal it prints as: `0.1` is 1/10, since that is what its author wrote.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from math import isfinite

import numpy as np
from sympy import Basic, Expr, Float, Integer, Rational, Symbol

from symlab.algebra.gate import as_symbolic, entries, order_values
from symlab.checks import shown

FLOAT_MAX = Integer(int(np.finfo(float).max))
MAX_EXPONENT = 100_000
"""Binary places by which a float may be larger or smaller than 1 and still be written out."""


def rationalize(expression: Basic) -> Basic:
    """Return an expression with every float in it replaced by the decimal it prints as.

    Examples
    --------
    >>> from sympy.abc import x
    >>> rationalize(0.1 * x)
    x/10
    """
    floats = expression.atoms(Float)
    return expression.xreplace({number: _decimal(number) for number in floats})


def _decimal(number: Float) -> Expr:
    if not number.is_finite or _exponent(number) > MAX_EXPONENT:
        return number
    # Up to double precision the shortest decimal that reads back as the same float is meant; a
    # number that no float reaches (1e-400 is 0 to one) keeps its own digits.
    nearest_float = float(number)
    is_float = (
        number._prec <= 53 and isfinite(nearest_float) and bool(nearest_float) == bool(number)
    )
    return Rational(repr(nearest_float) if is_float else str(number))


def _exponent(number: Float) -> int:
    """Return by about how many binary places a number is larger or smaller than 1."""
    _, _, exponent, length = number._mpf_
    return abs(exponent + length)


def exactly(value: object, name: str = "value") -> Expr:
    """Return a real number as an exact SymPy number.

    Parameters
    ----------
    value : int, float, Fraction, NumPy scalar or SymPy number
        A finite real number.
    name : str
        What an error calls the value.

    Raises
    ------
    TypeError
        If the value is not a number.
    ValueError
        If it is NaN, infinite or not real.

    Examples
    --------
    >>> exactly(0.1), exactly(1e-8)
    (1/10, 1/100000000)
    """
    if type(value) is int:
        return Integer(value)
    if type(value) is float and isfinite(value):
        return _of_float(value)
    wanted = "a real number"
    number = as_symbolic(value, name, wanted)
    if not isinstance(number, Expr) or not number.is_number:
        raise TypeError(f"{name}: expected {wanted}, got {shown(value)}.")
    if not number.is_extended_real or not number.is_finite:
        raise ValueError(f"{name}: expected a finite real number, got {shown(value)}.")
    if any(_exponent(each) > MAX_EXPONENT for each in number.atoms(Float)):
        raise ValueError(f"{name}: expected a number of a size to work with, got {shown(value)}.")
    return rationalize(number)


@lru_cache(maxsize=1024)
def _of_float(value: float) -> Expr:
    """Return the decimal that a finite float prints as."""
    return Rational(repr(value))


def nearest_float(number: Expr) -> float:
    """Return the float nearest to an exact number; infinite beyond their range.

    Python divides integers with one rounding, and in a tenth of the time that SymPy takes.

    Examples
    --------
    >>> nearest_float(Rational(1, 3)), nearest_float(-Integer(10)**400)
    (0.3333333333333333, -inf)
    """
    if isinstance(number, Rational) and abs(number.p) <= FLOAT_MAX.p * number.q:
        return int(number.p) / int(number.q)
    return float(number)


def as_float(value: object, name: str) -> float:
    """Return a real number as the nearest float, or name the argument that is beyond them.

    Examples
    --------
    >>> as_float(2**70, "at"), as_float(0.1, "at")
    (1.1805916207174113e+21, 0.1)
    """
    exact = exactly(value, name)
    number = float("inf") if abs(exact) > FLOAT_MAX else float(exact)
    if not isfinite(number):
        raise ValueError(f"{name}: expected a number within float64, got {shown(value)}.")
    return number


def float_point(
    values: object, length: int, name: str = "at", variables: Sequence[Symbol] = ()
) -> np.ndarray:
    """Return a point as an array of floats, shape (length,); the arguments are `exact_point`'s."""
    exact = exact_point(values, length, name, variables)
    return np.array([as_float(number, name) for number in exact])


def exact_point(
    values: object, length: int, name: str = "at", variables: Sequence[Symbol] = ()
) -> tuple[Expr, ...]:
    """Return a point as a tuple of exact numbers.

    Parameters
    ----------
    values : number, sequence of `length` numbers, array or Matrix
        A bare number is taken as a point when `length` is 1.
    length : int
        How many coordinates the point must have.
    name : str
        What an error calls the point.
    variables : sequence of Symbol, optional
        Of which a point may then be a mapping: symbol, or its name, to number.

    Raises
    ------
    ValueError
        If the number of coordinates is wrong, or one is NaN, infinite or not real.
    TypeError
        If a coordinate is not a number, or the point is a set, which has no order.

    Examples
    --------
    >>> exact_point([0.5, 2], length=2)
    (1/2, 2)
    """
    coordinates = _coordinates(order_values(values, variables, name), length, name)
    if len(coordinates) != length:
        raise ValueError(
            f"{name}: expected {length} coordinate{'s' * (length != 1)}, "
            f"got {len(coordinates)}: {shown(values)}."
        )
    return tuple(exactly(value, f"{name}[{i}]") for i, value in enumerate(coordinates))


def _coordinates(values: object, length: int, name: str) -> Sequence[object]:
    """Return the coordinates; of an endless iterable one more than there should be."""
    if isinstance(values, np.ndarray) and not np.ma.is_masked(values):
        return list(np.asarray(values).reshape(-1))
    if isinstance(values, Iterator):
        return list(islice(values, length + 1))
    return entries(values, name)
