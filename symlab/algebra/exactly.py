"""Numbers without rounding: what a user typed, as SymPy numbers.

A float stands for the decimal it prints as: `0.1` is 1/10, since that is what its author wrote.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import isfinite

from sympy import Basic, Expr, Float, Integer, MatrixBase, Rational, sympify


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
    if not number.is_finite:
        return number
    # Up to double precision the shortest decimal that reads back as the same float is meant; a
    # number that no float reaches (1e-400 is 0 to one) keeps its own digits.
    nearest_float = float(number)
    is_float = (
        number._prec <= 53 and isfinite(nearest_float) and bool(nearest_float) == bool(number)
    )
    return Rational(repr(nearest_float) if is_float else str(number))


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
    if isinstance(value, (str, bytes, bool)) or value is None:
        raise TypeError(f"{name}: expected a real number, got {value!r}.")
    if isinstance(value, Fraction):
        return Rational(value.numerator, value.denominator)
    if isinstance(value, int):
        return Integer(value)
    try:
        number = sympify(value.item() if hasattr(value, "item") else value)
    except (TypeError, ValueError, SyntaxError, AttributeError) as error:
        raise TypeError(f"{name}: expected a real number, got {value!r}.") from error
    if not isinstance(number, Expr) or not number.is_number:
        raise TypeError(f"{name}: expected a real number, got {value!r}.")
    if not number.is_extended_real or not number.is_finite:
        raise ValueError(f"{name}: expected a finite real number, got {value!r}.")
    return rationalize(number)


def exact_point(values: object, length: int, name: str = "at") -> tuple[Expr, ...]:
    """Return a point as a tuple of exact numbers.

    Parameters
    ----------
    values : number, sequence of `length` numbers, array or Matrix
        A bare number is taken as a point when `length` is 1.
    length : int
        How many coordinates the point must have.
    name : str
        What an error calls the point.

    Raises
    ------
    ValueError
        If the number of coordinates is wrong, or one is NaN, infinite or not real.
    TypeError
        If a coordinate is not a number.

    Examples
    --------
    >>> exact_point([0.5, 2], length=2)
    (1/2, 2)
    """
    coordinates = _coordinates(values)
    if len(coordinates) != length:
        raise ValueError(
            f"{name}: expected {length} coordinate{'s' * (length != 1)}, "
            f"got {len(coordinates)}: {values!r}."
        )
    return tuple(exactly(value, f"{name}[{i}]") for i, value in enumerate(coordinates))


def _coordinates(values: object) -> Sequence[object]:
    if isinstance(values, MatrixBase):
        return values.flat()
    if hasattr(values, "ravel"):
        return list(values.ravel())
    if isinstance(values, (str, bytes)):
        return [values]
    return list(values) if hasattr(values, "__iter__") else [values]
