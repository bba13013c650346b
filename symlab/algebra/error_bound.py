r"""A running bound on the rounding error of evaluating an expression.

Each operation in floating point commits a relative error of at most :math:`u = 2^{-53}`, and
passes on the errors of its operands. Summing both from the leaves up, to first order in u, bounds
the error of the result whatever the order of the operations (Higham 2002, section 3.3). Where terms
cancel the bound is many ulps of the result, and rightly so. The bound itself needs few digits, so
it is worked out in floats, for a point or for many samples at once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np
from sympy import Expr, Function, Piecewise, Symbol, lambdify

from symlab.algebra.by_mpmath import evaluator
from symlab.algebra.numeric import NUMPY

UNIT = 2.0**-53
"""The unit roundoff of float64."""

FUNCTION_UNITS = 4
"""Units of roundoff granted to a library function; good ones need one or two."""

ELEMENTARY = {"Abs", "asin", "acos", "atan", "asinh", "acosh", "atanh", "ceiling", "Max", "Min"}
"""Functions that SymPy's NumPy printer knows under another name."""

OF_SCIPY = frozenset({"erf", "erfc", "gamma", "loggamma", "digamma", "polygamma"})
"""Special functions of samples, for which mpmath would take too long."""


@dataclass(frozen=True)
class Rounded:
    """A value, and a bound on the absolute error of its float64 evaluation in units of roundoff."""

    value: Any
    error: Any


def rounding_bound(expression: Expr, at: Mapping[Symbol, Any]) -> Any:
    """Return a first-order bound on the absolute error of evaluating an expression in float64.

    Parameters
    ----------
    expression : sympy.Expr
    at : mapping of symbol to number or array
        The values of its symbols, taken to be floats already and so without error. Arrays
        broadcast: one bound for each of their entries.

    Returns
    -------
    float or array
        Nonnegative; compare it with the difference to an exact value. Zero where the expression
        itself cannot be evaluated in floats.

    Examples
    --------
    >>> from sympy.abc import x
    >>> bool(rounding_bound(x - 1, {x: 1.0}) <= 2 * UNIT)
    True
    """
    known = {symbol: np.asarray(value, dtype=float) for symbol, value in at.items()}
    with np.errstate(all="ignore"):
        return np.nan_to_num(_bound(expression, known).error * UNIT)


def _bound(node: Expr, at: Mapping[Symbol, Any]) -> Rounded:
    if node.is_Symbol:
        return Rounded(at[node], 0.0)
    if node.is_number:
        value = float(node)
        return Rounded(value, 0.0 if node.is_Integer else abs(value))
    if node.is_Atom:  # It names a function, such as the form that `continued` is of.
        return Rounded(np.nan, 0.0)
    if isinstance(node, Piecewise):
        return _piecewise(node, at)
    arguments = [_bound(argument, at) for argument in node.args]
    if node.is_Add:
        return _sum(arguments)
    if node.is_Mul:
        return _product(arguments)
    return _call(node, arguments)


def _sum(terms: list[Rounded]) -> Rounded:
    # In any order, each of the additions rounds a partial sum no larger than the sum of moduli.
    moduli = sum(abs(term.value) for term in terms)
    passed = sum(term.error for term in terms)
    return Rounded(sum(term.value for term in terms), passed + (len(terms) - 1) * moduli)


def _product(factors: list[Rounded]) -> Rounded:
    value, error = 1.0, 0.0
    for factor in factors:
        error = abs(factor.value) * error + abs(value) * factor.error
        value = value * factor.value
        error = error + abs(value)
    return Rounded(value, error)


def _call(node: Expr, arguments: list[Rounded]) -> Rounded:
    """Bound a power or a function: its own error, and what its slope makes of the arguments'."""
    evaluate, slopes = _functions(_pattern(node))
    values = [argument.value for argument in arguments]
    value = evaluate(*values)
    error = _own_error(node) * abs(value)
    for slope, argument in zip(slopes, arguments, strict=True):
        if slope is not None and np.any(argument.error):
            error = error + abs(slope(*values)) * argument.error
    return Rounded(value, error)


def _own_error(node: Expr) -> int:
    """Return the units of roundoff of a call: a small power is multiplied out."""
    if node.is_Pow and node.exp.is_Integer and abs(int(node.exp)) <= FUNCTION_UNITS:
        exponent = int(node.exp)
        return max(1, abs(exponent) - (exponent > 0))
    return FUNCTION_UNITS


def _pattern(node: Expr) -> tuple[Any, tuple[Any, ...]]:
    """Return a call with its arguments left open, but for constants: x**2 is f(a0) = a0**2.

    A constant exponent is kept because powers of negative numbers are real only for integers; an
    atom that is neither a number nor a symbol is the form that `continued` is of.
    """
    return node.func, tuple(
        argument if argument.is_number or (argument.is_Atom and not argument.is_Symbol) else None
        for argument in node.args
    )


@lru_cache(maxsize=512)
def _functions(
    pattern: tuple[Any, tuple[Any, ...]],
) -> tuple[Callable[..., Any], list[Callable[..., Any] | None]]:
    """Return a call as a NumPy function of its arguments, and its slope in each."""
    function, constants = pattern
    symbols = [Symbol(f"a{i}", real=True) for i in range(len(constants))]
    given = [s if c is None else c for s, c in zip(symbols, constants, strict=True)]
    call = function(*given, evaluate=False)
    slopes = [
        numpy_function(symbols, call.doit().diff(symbol)) if constant is None else None
        for symbol, constant in zip(symbols, constants, strict=True)
    ]
    return numpy_function(symbols, call), slopes


def numpy_function(symbols: Sequence[Symbol], expression: Expr) -> Callable[..., Any]:
    """Return a NumPy function, or mpmath's entry by entry where NumPy lacks a special function."""
    # A function that brings its own evaluation (`_imp_`) needs no name in NumPy.
    calls = [call for call in expression.atoms(Function) if not hasattr(call, "_imp_")]
    known = {type(call).__name__ for call in calls} - NUMPY.keys()
    if all(hasattr(np, name) or name in ELEMENTARY for name in known):
        return lambdify(symbols, expression, [NUMPY, "numpy"])
    if all(hasattr(np, name) or name in ELEMENTARY or name in OF_SCIPY for name in known):
        return lambdify(symbols, expression, [NUMPY, "scipy", "numpy"])
    slow = evaluator(expression, symbols)
    return np.vectorize(lambda *values: float(slow(*map(mpmath.mpf, values))), otypes=[float])


def _piecewise(node: Piecewise, at: Mapping[Symbol, Any]) -> Rounded:
    """Return for each entry the bound of the branch that it takes."""
    value: Any = np.nan
    error: Any = np.nan
    for expression, condition in reversed(node.args):
        symbols = sorted(condition.free_symbols, key=str)
        holds = numpy_function(symbols, condition)(*(at[symbol] for symbol in symbols))
        branch = _bound(expression, at)
        value = np.where(holds, branch.value, value)
        error = np.where(holds, branch.error, error)
    return Rounded(value, error)
