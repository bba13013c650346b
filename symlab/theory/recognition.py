"""Short exact numbers that a decimal may stand for."""

from collections.abc import Callable

import mpmath
from sympy import Expr, Rational, exp, log, pi
from sympy import sqrt as square_root


def short_form(value: mpmath.mpf) -> Expr | None:
    """Return the rational r, or r pi, log r, sqrt r, exp r, that a number agrees with.

    Agreement within 10^-12 is a guess, which the caller has to prove.

    Examples
    --------
    >>> short_form(mpmath.mpf(0.75)), short_form(3 * mpmath.pi / 4)
    (3/4, 3*pi/4)
    """
    forms: tuple[tuple[Callable, Callable], ...] = (
        (lambda v: v, lambda r: r),
        (lambda v: v / mpmath.pi, lambda r: r * pi),
        (lambda v: mpmath.exp(v) if abs(v) < 10 else None, log),
        (lambda v: v * abs(v), lambda r: square_root(r) if r > 0 else -square_root(-r)),
        (lambda v: mpmath.log(v) if v > 0 else None, exp),
    )
    for inverse, form in forms:
        rational = _small_rational(inverse(value))
        if rational is not None:
            return form(rational)
    return None


def _small_rational(value: mpmath.mpf | None) -> Rational | None:
    """Return the fraction with a denominator up to 1000 that is within 10^-12 of a number."""
    if value is None or abs(value) > 10**6:
        return None
    nearest = Rational(str(mpmath.nstr(value, 30))).limit_denominator(1000)
    close = abs(value - mpmath.mpf(nearest.p) / nearest.q) < mpmath.mpf(10) ** -12
    return nearest if close else None
