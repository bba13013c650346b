"""Which part of a formula leaves the range of floats although the whole does not.

This is examined only after a value was not finite: mpmath then evaluates each part, from the leaves
up, and the first that no float can hold is named.
"""

import logging
import math
from collections.abc import Mapping, Sequence
from typing import Any

import mpmath
import numpy as np
from sympy import Expr, Symbol, preorder_traversal

from symlab.algebra.by_mpmath import evaluator
from symlab.algebra.working_precision import working_digits
from symlab.engine.compiled.functions import scalar_function
from symlab.engine.lowering.stabilize import stabilize

_log = logging.getLogger("symlab")

LARGEST, SMALLEST = mpmath.mpf(1.7976931348623157e308), mpmath.mpf(2.0) ** -1075
MOST_PARTS = 2000
"""Parts of a formula that are worked out at most."""

LONGEST = 60
"""Characters of a part that are shown."""


def overflow(expression: Expr, at: Mapping[Symbol, Any]) -> str | None:
    """Return a sentence that names the smallest part that is no float, if the whole is one.

    Parameters
    ----------
    expression : sympy.Expr
    at : mapping of symbol to number
        The value of each of its symbols.

    Examples
    --------
    >>> from sympy import exp
    >>> from sympy.abc import u
    >>> overflow(exp(u**2) / (exp(u**2) + u), {u: 30.0})
    'exp(u**2) overflows at u = 30, although the whole is representable (1)'
    """
    if _is_finite_in_floats(expression, at):
        return None
    stable = stabilize(expression)
    with working_digits(60):
        point = {symbol: mpmath.mpf(float(value)) for symbol, value in at.items()}
        whole = _evaluate_part(stable, point)
        if whole is None or not _is_float(whole):
            return None
        parts = [part for part in preorder_traversal(stable) if isinstance(part, Expr)]
        values = [
            (part, _evaluate_part(part, point))
            for part in reversed(parts[:MOST_PARTS])
            if not part.is_Atom
        ]
        beyond = [
            (part, value) for part, value in values if value is not None and not _is_float(value)
        ]
        if not beyond:
            return None
        # What vanishes is often harmless, so that what overflows is named before it.
        part, value = next((each for each in beyond if abs(each[1]) > LARGEST), beyond[0])
        return _describe(part, value, at, whole)


def _is_finite_in_floats(expression: Expr, at: Mapping[Symbol, Any]) -> bool:
    function = scalar_function((expression,), tuple(at), "interpreted")
    with np.errstate(all="ignore"):
        return bool(np.isfinite(function.call(*(np.asarray(float(v)) for v in at.values()))[0]))


def overflow_of_any(expressions: Sequence[Expr], at: Mapping[Symbol, Any]) -> None:
    """Log the sentence of the first expression that has one."""
    for expression in expressions[:MOST_EXPRESSIONS]:
        found = overflow(expression, at)
        if found is not None:
            _log.warning("A float is not finite because %s.", found)
            return


MOST_EXPRESSIONS = 20
"""Expressions that are examined at most: a value and its slopes."""


def _evaluate_part(part: Expr, point: Mapping[Symbol, mpmath.mpf]) -> mpmath.mpf | None:
    symbols = sorted(part.free_symbols & point.keys(), key=str)
    try:
        value = mpmath.mpmathify(
            evaluator(part, symbols, share=False)(*(point[symbol] for symbol in symbols))
        )
    except (ArithmeticError, ValueError, TypeError, NameError):
        return None
    return value if isinstance(value, mpmath.mpf) and mpmath.isfinite(value) else None


def _is_float(value: mpmath.mpf) -> bool:
    return bool(value == 0 or SMALLEST < abs(value) <= LARGEST)


def _describe(part: Expr, value: mpmath.mpf, at: Mapping[Symbol, Any], whole: mpmath.mpf) -> str:
    text = str(part)
    shown = text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
    where = ", ".join(
        f"{symbol} = {float(at[symbol]):.6g}"
        for symbol in sorted(part.free_symbols & at.keys(), key=str)[:3]
    )
    verb = "overflows" if abs(value) > LARGEST else "vanishes"
    size = float(whole)
    known = f"{size:.6g}" if math.isfinite(size) else mpmath.nstr(whole, 6)
    return f"{shown} {verb} at {where}, although the whole is representable ({known})"
