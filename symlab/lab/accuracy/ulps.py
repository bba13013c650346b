"""How far a float is from the exact number, in ulps, and how the exact number is found.

An ulp is the spacing of the floats of a precision at the exact number, so that an error of 1 is one
unit in the last place in float32 and in float64 alike; down among the subnormal numbers the
spacing no longer shrinks. The standard is mpmath, with as many digits as it takes.
"""

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np
from sympy import Expr, Symbol

from symlab.algebra.by_mpmath import evaluator
from symlab.algebra.working_precision import working_bits, working_digits

MOST_DIGITS = 12_800


def first_digits(precision: str = "float64") -> int:
    """Return digits enough to see the smallest float beside the largest, and a quarter more.

    Examples
    --------
    >>> first_digits("float64"), first_digits("float32")
    (790, 105)
    """
    info = np.finfo(precision)
    bits = int(info.maxexp - info.minexp) + int(info.nmant)
    return math.ceil(1.25 * bits * math.log10(2))


def spacing(exact: mpmath.mpf, precision: str = "float64") -> mpmath.mpf:
    """Return the spacing of floats at a number; infinite where it rounds to infinity.

    Examples
    --------
    >>> mpmath.log(spacing(mpmath.mpf(1)), 2), mpmath.log(spacing(mpmath.mpf(1), "float32"), 2)
    (mpf('-52.0'), mpf('-23.0'))
    """
    info = np.finfo(precision)
    with working_bits(int(info.nmant) + 1):
        rounded = +exact
    if abs(rounded) > float(info.max):
        return mpmath.inf
    # The smallest normal number has the spacing of all that are smaller still.
    _, exponent = mpmath.frexp(max(abs(rounded), float(info.smallest_normal)))
    return mpmath.ldexp(1, exponent - 1 - int(info.nmant))


def ulps(value: float, exact: mpmath.mpf, precision: str = "float64") -> float:
    """Return how far a float is from an exact number, in spacings of floats at that number.

    It is NaN where the exact number is, and infinite where one of the two is finite and the other
    not; a number that is beyond the range of floats is infinite there, and rightly so.

    Examples
    --------
    >>> ulps(1.0, mpmath.mpf(1)), ulps(1 + 2**-52, mpmath.mpf(1)), ulps(5e-324, mpmath.mpf(0))
    (0.0, 1.0, 1.0)
    >>> ulps(1 + 2**-23, mpmath.mpf(1), "float32"), ulps(math.inf, mpmath.mpf(1e39), "float32")
    (1.0, 0.0)
    """
    if mpmath.isnan(exact):
        return math.nan
    unit = spacing(exact, precision)
    if not math.isfinite(value) or not mpmath.isfinite(unit):
        overflows = math.isinf(value) and not mpmath.isfinite(unit) and (value > 0) == (exact > 0)
        return 0.0 if overflows else math.inf
    with working_digits(first_digits(precision)):
        return float(abs(mpmath.mpf(value) - exact) / unit)


def exact_value(
    expression: Expr,
    symbol: Symbol,
    point: float,
    given: Mapping[Symbol, float] | None = None,
    precision: str = "float64",
) -> mpmath.mpf:
    """Return the value at a float, right far beyond any float; NaN where it is no real number.

    The formula is evaluated as it stands. Digits are doubled, from `first_digits` of the precision,
    until they no longer matter. A 0 is believed only after `MOST_DIGITS`, because with more digits
    something may be left of a cancellation; what is still changing by then is NaN, not known.

    Parameters
    ----------
    expression : sympy.Expr
    symbol : sympy.Symbol
    point : float
        The symbol's value.
    given : mapping of sympy.Symbol to float, optional
        The values of the other symbols.
    precision : str
        That of the numbers, by which one can tell with how many digits to begin.

    Examples
    --------
    >>> from sympy import exp, log
    >>> from sympy.abc import z
    >>> mpmath.nstr(exact_value(log(1 + exp(z)), z, -745.0), 10)
    '2.82235073e-324'
    """
    others = dict(given or {})
    function = _mpmath_function(expression, (symbol, *others))
    place, digits = (point, *others.values()), first_digits(precision)
    before = _evaluate(function, place, digits)
    while digits < MOST_DIGITS and not mpmath.isnan(before):
        digits *= 2
        now = _evaluate(function, place, digits)
        if _has_settled(before, now):
            return now
        before = now
    return before if before == 0 else mpmath.nan


@lru_cache(maxsize=64)
def _mpmath_function(expression: Expr, symbols: tuple[Symbol, ...]) -> Callable[..., Any]:
    return evaluator(expression, symbols, share=False)


def _evaluate(function: Callable[..., Any], place: tuple[float, ...], digits: int) -> mpmath.mpf:
    with working_digits(digits):
        try:
            value = mpmath.mpmathify(function(*map(mpmath.mpf, place)))
        except (ArithmeticError, ValueError):
            return mpmath.nan
    return value if isinstance(value, mpmath.mpf) else mpmath.nan


def _has_settled(before: mpmath.mpf, now: mpmath.mpf) -> bool:
    if not mpmath.isfinite(now):
        return bool(before == now)
    return bool(now != 0 and abs(now - before) <= mpmath.mpf(2) ** -80 * abs(now))
