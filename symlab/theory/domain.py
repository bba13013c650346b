"""Whether a point is in the domain of a formula: every part of it real, every assumption kept.

The derivative of a real formula may vanish where the formula itself has no real value: that of
log(s) + 2/s^2 does so at s = -2. Such a root is no stationary point.
"""

from collections.abc import Sequence

from sympy import (
    Abs,
    Add,
    Basic,
    Expr,
    Max,
    Min,
    Mul,
    N,
    Piecewise,
    Pow,
    S,
    Symbol,
    atan,
    ceiling,
    cos,
    cosh,
    erf,
    exp,
    floor,
    sign,
    sin,
    sinh,
    tanh,
)
from sympy.logic.boolalg import Boolean

from symlab.algebra.numbers import sign_of

EVERYWHERE = (
    *(Add, Mul, Abs, Max, Min, sign, floor, ceiling),
    *(exp, sin, cos, sinh, cosh, tanh, atan, erf),
)
"""Functions that are real for every real argument."""
DIGITS = 20
SHOWN = 40
"""Characters of a part that a sentence shows."""
SAMPLES = (S.One, S(2), S.NegativeOne, S.Half, S(-3))
"""Values tried for a free coordinate; a point is inside if it is so for one of them."""

ASSUMED = {
    "positive": lambda c: sign_of(c) > 0,
    "negative": lambda c: sign_of(c) < 0,
    "nonnegative": lambda c: sign_of(c) >= 0,
    "nonpositive": lambda c: sign_of(c) <= 0,
    "nonzero": lambda c: sign_of(c) != 0,
    "integer": lambda c: bool(c.is_integer),
}
"""What a symbol may be declared to be, from the strictest, and the test of a number for it."""


def outside(
    expression: Expr, variables: Sequence[Symbol], coordinates: Sequence[Expr]
) -> str | None:
    """Return why a point is outside the domain, or None if it is inside.

    Parameters
    ----------
    expression : sympy.Expr
    variables, coordinates : n symbols and n real numbers
        A free coordinate stands as its own symbol.

    Examples
    --------
    >>> from sympy import log, symbols
    >>> s, t = symbols("s t", real=True)
    >>> outside(log(s) + t, (s, t), (S(-2), S(0)))
    'log(s) is not real there'
    >>> outside(s + t, (s, t), (S(-2), S(0)))
    >>> a = symbols("a", positive=True)
    >>> outside(a**2, (a,), (S(-2),))
    'a is declared positive'
    """
    at = dict(zip(variables, coordinates, strict=True))
    free = set().union(*(c.free_symbols for c in coordinates))
    if not free:
        return broken_assumption(at) or _fault(expression, at)
    reasons = []
    for sample in SAMPLES:
        put = {v: c.xreplace(dict.fromkeys(free, sample)) for v, c in at.items()}
        reasons.append(broken_assumption(put) or _fault(expression, put))
    return None if None in reasons else reasons[0]


def broken_assumption(at: dict[Symbol, Expr]) -> str | None:
    """Return the assumption that a coordinate breaks."""
    for variable, value in at.items():
        for name, holds in ASSUMED.items():
            if getattr(variable, f"is_{name}") and not holds(value):
                return f"{variable} is declared {name}"
    return None


def _fault(node: Basic, at: dict[Symbol, Expr]) -> str | None:
    """Return the innermost part that is not a finite real number at a point."""
    if isinstance(node, Boolean) or not node.args or not node.free_symbols:
        return None
    if isinstance(node, Piecewise):
        return _fault(_branches_taken(node, at), at)
    for part in node.args:
        fault = _fault(part, at)
        if fault is not None:
            return fault
    return None if _is_real_everywhere(node) else _unreal(node, at)


def _branches_taken(node: Piecewise, at: dict[Symbol, Expr]) -> Expr:
    for branch, condition in node.args:
        if condition.xreplace(at) == S.true:
            return branch
    return S.NaN


def _is_real_everywhere(node: Basic) -> bool:
    if isinstance(node, Pow):
        return bool(node.exp.is_Integer and node.exp > 0) or bool(node.base.is_positive)
    return isinstance(node, EVERYWHERE)


def _unreal(node: Expr, at: dict[Symbol, Expr]) -> str | None:
    value = N(node.xreplace(at), DIGITS)
    if value.is_extended_real and value.is_finite:
        return None
    text = str(node)
    named = text if len(text) <= SHOWN else f"{text[: SHOWN - 4]} ..."
    return f"{named} is not {'finite' if _is_infinite(value) else 'real'} there"


def _is_infinite(value: Expr) -> bool:
    return bool(value.has(S.ComplexInfinity, S.Infinity, S.NegativeInfinity, S.NaN))
