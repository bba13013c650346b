"""Rewrites that keep the digits: done on the expression, before it is printed or evaluated.

A formula that is right on paper may lose every digit in floats: log(1 + e^z) overflows at z = 800,
its derived gradient is infinity over infinity there. Each rewrite is an identity of real numbers;
only the order of rounding changes.
"""

from collections.abc import Iterator

from sympy import Add, Expr, Integer, Mul, exp, log
from sympy.codegen.cfunctions import expm1, log1p

from symlab.algebra.functions import sigmoid, softplus


def _reciprocal(node: Expr) -> Expr | None:
    """Turn (1 + e^z)^-m into sigmoid(-z)^m."""
    if not node.is_Pow or not node.exp.is_negative:
        return None
    z = _one_plus_exp(node.base)
    return None if z is None else sigmoid(-z) ** -node.exp


def _common_exponential(node: Expr) -> Expr | None:
    """Turn e^(jz) sigmoid(-z)^m into sigmoid(z)^j sigmoid(-z)^(m - j), for whole numbers j <= m.

    Left as it is, the product of a huge and a tiny number would be infinity times zero.
    """
    if not node.is_Mul:
        return None
    for exponential, power, count in _pairs(node):
        base, most = power.as_base_exp()
        others = [factor for factor in node.args if factor not in (exponential, power)]
        return Mul(*others, sigmoid(-base.args[0]) ** count, base ** (most - count))
    return None


def _pairs(product: Expr) -> Iterator[tuple[Expr, Expr, Expr]]:
    """Yield each e^(jz) and sigmoid(-z)^m among the factors, and j."""
    exponentials = [factor for factor in product.args if isinstance(factor, exp)]
    powers = [factor for factor in product.args if isinstance(factor.as_base_exp()[0], sigmoid)]
    for exponential in exponentials:
        for power in powers:
            base, most = power.as_base_exp()
            count = -exponential.args[0] / base.args[0]
            if count.is_Integer and 0 < count <= most:
                yield exponential, power, count


def _one_plus_exp(node: Expr) -> Expr | None:
    """Return z where the node is 1 + e^z."""
    if node.is_Add and len(node.args) == 2 and Integer(1) in node.args:
        other = node - 1
        if isinstance(other, exp):
            return other.args[0]
    return None


def _complement(node: Expr) -> Expr | None:
    """Turn c - c sigmoid(z) into c sigmoid(-z), which keeps its digits for large z."""
    if not node.is_Add:
        return None
    for term in node.args:
        for curve in term.atoms(sigmoid):
            whole = -term / curve
            if whole in node.args:
                others = [other for other in node.args if other not in (term, whole)]
                return Add(*others, whole * sigmoid(-curve.args[0]))
    return None


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


REWRITES = (_reciprocal, _common_exponential, _complement, _log, _expm1)


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
