"""Formulas as functions of numbers: many points at once in floats, or one in many digits."""

import math
from collections.abc import Callable, Iterable, Sequence

import mpmath
import numpy as np
from sympy import Expr, Symbol, lambdify

from symlab.algebra.by_mpmath import NotComputable, evaluator
from symlab.algebra.functions import define
from symlab.algebra.numeric import MPMATH

NOWHERE = {"DiracDelta": lambda z, order=0: 0 * z}
"""The second derivative at a kink, which is zero wherever it is a number."""
VECTORISED = {name: np.vectorize(getattr(math, name), otypes=[float]) for name in ("erf", "erfc")}
"""Functions of the standard library that NumPy lacks; all others go to mpmath, which is slow."""
FLOATING = {
    **{name: f for name in dir(mpmath.fp) if callable(f := getattr(mpmath.fp, name))},
    **MPMATH,
}
"""The same functions on floats, ten times as fast as on numbers of any length."""
SHORT = 100
"""Formulas up to which common parts are sought; among thousands that takes seconds."""

Floats = Callable[[np.ndarray], np.ndarray]
Precise = Callable[[Iterable[object]], list[mpmath.mpf] | None]


def floats(variables: Sequence[Symbol], expressions: Sequence[Expr]) -> Floats:
    """Return a function from points (m, n) to values (m, k); NaN where there is no real value.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> floats((x, y), [x * y, x + y])(np.array([[2.0, 3.0], [1.0, 0.0]])).tolist()
    [[6.0, 5.0], [0.0, 1.0]]
    """
    defined = [define(e) for e in expressions]
    fast = lambdify(
        variables, defined, [{**NOWHERE, **VECTORISED}, "numpy"], cse=len(defined) <= SHORT
    )
    slow = _one_by_one(variables, expressions)

    def evaluate(points: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            try:
                columns = [_real(column, len(points)) for column in fast(*points.T)]
            except (NameError, TypeError, ValueError, ArithmeticError, AttributeError):
                # NumPy does not know every special function that mpmath does.
                rows = [slow(point) for point in points]
                columns = list(np.array(rows, dtype=float).reshape(-1, len(defined)).T)
        return np.stack(columns, axis=-1)

    return evaluate


def _one_by_one(
    variables: Sequence[Symbol], expressions: Sequence[Expr]
) -> Callable[[Iterable[object]], list[float]]:
    """Return a function from one point to its values by mpmath's functions of floats."""
    function = lambdify(variables, list(expressions), [NOWHERE, FLOATING, "mpmath"], cse=True)

    def evaluate(point: Iterable[object]) -> list[float]:
        try:
            values = [complex(v) for v in function(*map(float, point))]  # type: ignore[arg-type]
        except (ArithmeticError, ValueError, TypeError, NameError, AttributeError):
            return [math.nan] * len(expressions)
        return [v.real if v.imag == 0 else math.nan for v in values]

    return evaluate


def _real(column: object, length: int) -> np.ndarray:
    """Return a column as floats: NaN where it is complex."""
    values = np.broadcast_to(np.asarray(column), length)
    if np.iscomplexobj(values):
        return np.where(values.imag == 0, values.real, np.nan)
    return values.astype(float)


def precise(variables: Sequence[Symbol], expressions: Sequence[Expr]) -> Precise:
    """Return a function from one point to its values in mpmath; None where they are not real."""
    table, share = {**MPMATH, **NOWHERE}, len(expressions) <= SHORT
    try:
        function = evaluator(list(expressions), variables, table, share=share)
    except NotComputable:
        return lambda _: None

    def evaluate(point: Iterable[object]) -> list[mpmath.mpf] | None:
        try:
            values = [mpmath.mpmathify(v) for v in function(*map(mpmath.mpf, point))]
        except (ArithmeticError, ValueError, TypeError, NameError, AttributeError):
            return None
        real = all(isinstance(v, mpmath.mpf) and mpmath.isfinite(v) for v in values)
        return values if real else None

    return evaluate
