"""Rewrites that keep the digits: done on the expression, before it is printed or evaluated.

A formula that is right on paper may lose every digit in floats: log(1 + e^z) overflows at z = 800,
its derived gradient is infinity over infinity there. Each rewrite is an identity of real numbers;
only the order of rounding changes.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Expr, Integer, Wild, exp, log
from sympy.codegen.cfunctions import expm1, log1p

from symlab.algebra.functions import sigmoid, softplus


@dataclass(frozen=True)
class Rewrite:
    """An identity: a pattern, what it becomes, and what goes wrong without it."""

    name: str
    pattern: Expr
    result: Callable[..., Expr]
    reason: str


_z = Wild("z")
_a = Wild("a", exclude=[0])


def _without_common_exponential(node: Expr) -> Expr | None:
    """Turn c e^z / (1 + e^z) into c sigmoid(z), and c / (1 + e^z) into c sigmoid(-z)."""
    if not node.is_Mul and not node.is_Pow:
        return None
    factors = list(node.args) if node.is_Mul else [node]
    for factor in factors:
        z = _one_plus_exp(factor.base) if factor.is_Pow and factor.exp == -1 else None
        if z is None:
            continue
        others = [other for other in factors if other is not factor]
        if exp(z) in others:
            others.remove(exp(z))
            return _times(others) * sigmoid(z)
        return _times(others) * sigmoid(-z)
    return None


def _one_plus_exp(node: Expr) -> Expr | None:
    """Return z where the node is 1 + e^z."""
    if node.is_Add and len(node.args) == 2 and Integer(1) in node.args:
        other = node - 1
        if isinstance(other, exp):
            return other.args[0]
    return None


def _times(factors: list[Expr]) -> Expr:
    product: Expr = Integer(1)
    for factor in factors:
        product *= factor
    return product


def _log(node: Expr) -> Expr | None:
    """Turn log(1 + e^z) into softplus(z) and log(1 + u) into log1p(u)."""
    if not isinstance(node, log):
        return None
    inside = node.args[0]
    z = _one_plus_exp(inside)
    if z is not None:
        return softplus(z)
    if inside.is_Add and inside.as_coeff_Add()[0] == 1:
        return log1p(inside - 1)
    return None


def _expm1(node: Expr) -> Expr | None:
    """Turn e^u - 1 into expm1(u)."""
    if not node.is_Add:
        return None
    for term in node.args:
        if isinstance(term, exp) and node.as_coeff_Add()[0] == -1:
            return expm1(term.args[0]) + (node + 1 - term)
    return None


REWRITES = (_without_common_exponential, _log, _expm1)


def stabilize(expression: Expr) -> Expr:
    """Return the expression in a form that keeps its digits in floats.

    Examples
    --------
    >>> from sympy import symbols, exp, log
    >>> z = symbols("z", real=True)
    >>> stabilize(log(1 + exp(z))), stabilize(exp(z) / (1 + exp(z)))
    (softplus(z), sigmoid(z))
    """
    for rewrite in REWRITES:
        expression = expression.replace(
            lambda node, rewrite=rewrite: rewrite(node) is not None,
            lambda node, rewrite=rewrite: rewrite(node),
        )
    return expression
