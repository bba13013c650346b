r"""What rounding alone may cost: a running bound on the error of evaluating an expression.

Each operation in floating point commits a relative error of at most :math:`u = 2^{-53}`, and
passes on the errors of its operands. Summing both from the leaves up, to first order in u, bounds
the error of the result whatever the order of the operations (Higham 2002, section 3.3). Where terms
cancel the bound is many ulps of the result, and rightly so.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import mpmath
from sympy import Expr, Piecewise, Symbol, lambdify, nan

from symlab.algebra.functions import MPMATH

UNIT = mpmath.mpf(2) ** -53
"""The unit roundoff of float64."""

FUNCTION_ULPS = 4
"""Units of roundoff granted to a library function; good ones need one or two."""


@dataclass(frozen=True)
class Rounded:
    """A value, and a bound on the absolute error of its float64 evaluation in units of roundoff."""

    value: mpmath.mpf
    error: mpmath.mpf


def rounding_bound(expression: Expr, at: Mapping[Symbol, object]) -> mpmath.mpf:
    """Return a first-order bound on the absolute error of evaluating an expression in float64.

    Parameters
    ----------
    expression : sympy.Expr
    at : mapping of symbol to mpmath number
        The values of its symbols, taken to be floats already and so without error.

    Returns
    -------
    mpmath.mpf
        Nonnegative; compare it with the difference to an exact value.

    Examples
    --------
    >>> from sympy.abc import x
    >>> bool(rounding_bound(x - 1, {x: mpmath.mpf(1)}) <= 2 * UNIT)
    True
    """
    return _bound(expression, dict(at)).error * UNIT


def _bound(node: Expr, at: Mapping[Symbol, object]) -> Rounded:
    if node.is_Symbol:
        return Rounded(mpmath.mpf(at[node]), mpmath.mpf(0))
    if node.is_number:
        value = _number(node)
        return Rounded(value, mpmath.mpf(0) if node.is_Integer else abs(value))
    if isinstance(node, Piecewise):
        return _bound(_branch(node, at), at)
    arguments = [_bound(argument, at) for argument in node.args]
    if node.is_Add:
        return _sum(arguments)
    if node.is_Mul:
        return _product(arguments)
    return _call(node, arguments)


def _number(node: Expr) -> mpmath.mpf:
    return mpmath.mpf(node.evalf(mpmath.mp.dps + 5)._to_mpmath(mpmath.mp.prec))


def _sum(terms: list[Rounded]) -> Rounded:
    # In any order, each of the additions rounds a partial sum no larger than the sum of moduli.
    moduli = sum(abs(term.value) for term in terms)
    passed = sum(term.error for term in terms)
    return Rounded(mpmath.fsum(term.value for term in terms), passed + (len(terms) - 1) * moduli)


def _product(factors: list[Rounded]) -> Rounded:
    value, error = mpmath.mpf(1), mpmath.mpf(0)
    for factor in factors:
        error = abs(factor.value) * error + abs(value) * factor.error
        value *= factor.value
        error += abs(value)
    return Rounded(value, error)


def _call(node: Expr, arguments: list[Rounded]) -> Rounded:
    """Bound a power or a function: its own error, and what its slope makes of the arguments'."""
    symbols = [Symbol(f"a{i}", real=True) for i in range(len(arguments))]
    call = node.func(*_kept_integers(node, symbols), evaluate=False)
    values = [argument.value for argument in arguments]
    value = _evaluate(call, symbols, values)
    error = _own_error(node) * abs(value)
    for symbol, argument in zip(symbols, arguments, strict=True):
        if argument.error and call.has(symbol):
            slope = _evaluate(call.doit().diff(symbol), symbols, values)
            error += abs(slope) * argument.error
    return Rounded(value, error)


def _own_error(node: Expr) -> int:
    """Return the units of roundoff of a call: a small power is multiplied out."""
    if node.is_Pow and node.exp.is_Integer and abs(int(node.exp)) <= FUNCTION_ULPS:
        exponent = int(node.exp)
        return max(1, abs(exponent) - (exponent > 0))
    return FUNCTION_ULPS


def _kept_integers(node: Expr, symbols: list[Symbol]) -> list[Expr]:
    """Keep constant arguments, so that powers of negative numbers stay real."""
    return [
        argument if argument.is_number else symbol
        for argument, symbol in zip(node.args, symbols, strict=True)
    ]


def _evaluate(expression: Expr, symbols: list[Symbol], values: list[mpmath.mpf]) -> mpmath.mpf:
    result = lambdify(symbols, expression, [MPMATH, "mpmath"])(*values)
    return mpmath.mpf(result) if not isinstance(result, mpmath.mpc) else mpmath.mpf("nan")


def _branch(node: Piecewise, at: Mapping[Symbol, object]) -> Expr:
    """Return the expression that a Piecewise takes at a point."""
    for expression, condition in node.args:
        symbols = sorted(condition.free_symbols, key=str)
        holds = lambdify(symbols, condition, [MPMATH, "mpmath"])
        if holds(*(at[symbol] for symbol in symbols)):
            return expression
    return nan
