"""A claim: a derivative to be verified, as formulas or as a NumPy function."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from sympy import Expr, MatrixBase

from symlab.algebra.arrays import real_array
from symlab.algebra.exactly import rationalize
from symlab.algebra.gate import as_matrix, as_real_scalar, check_readable
from symlab.algebra.objective import Objective
from symlab.checks import nearest, shown
from symlab.lab.verify.reference import exact_function


@dataclass(frozen=True, eq=False)
class Claim:
    """A claimed derivative: its values at a point, and its formulas if it has any.

    `name` is the argument by which it was given, for errors.
    """

    name: str
    at: Callable[[np.ndarray], Sequence[Any]]
    expressions: tuple[Expr, ...] = ()


def make_claim(given: object, objective: Objective, name: str, shape: tuple[int, ...]) -> Claim:
    """Return what was given as a claim of `shape`, flattened row by row.

    Parameters
    ----------
    given : Matrix, expression, (nested) sequence of expressions or numbers, or callable
        A callable takes an array of shape (n,) and returns an array of `shape`.
    objective : Objective
        What it claims to be a derivative of.
    name : str
        What an error calls it.
    shape : tuple of int
        (n,) for a gradient, (n, n) for a Hessian.

    Raises
    ------
    TypeError
        If it is neither formulas nor callable.
    ValueError
        If there are too many or too few formulas, or they contain a symbol that is no variable.
    """
    if callable(given) and not isinstance(given, (Expr, MatrixBase)):
        return Claim(name, lambda point: _call(given, point, name, shape))
    expressions = _expressions(given, name, shape)
    for entry in expressions:
        check_readable(as_real_scalar(entry, name), name)
    _check_symbols(expressions, objective, name)
    return Claim(name, exact_function(expressions, objective.variables), expressions)


def _expressions(given: object, name: str, shape: tuple[int, ...]) -> tuple[Expr, ...]:
    wanted = "a SymPy Matrix, a sequence of expressions or a function of NumPy arrays"
    if isinstance(given, (str, bytes, dict)) or given is None:
        raise TypeError(f"{name}: expected {wanted}, got {shown(given)}.")
    formulas = as_matrix(given, name)
    if formulas.shape not in _layouts(shape):
        raise ValueError(f"{name}: expected shape {shape}, got {formulas.shape}: {shown(given)}.")
    return tuple(rationalize(entry) for entry in formulas.flat())


def _layouts(shape: tuple[int, ...]) -> set[tuple[int, ...]]:
    """Return the shapes that are taken: a gradient may be a column or a row."""
    return {shape} if len(shape) == 2 else {shape, (*shape, 1), (1, *shape)}


def _check_symbols(expressions: tuple[Expr, ...], objective: Objective, name: str) -> None:
    known = {variable.name: variable for variable in objective.variables}
    for symbol in sorted(set().union(*(entry.free_symbols for entry in expressions)), key=str):
        if symbol in objective.variables:
            continue
        if symbol.name in known:
            raise ValueError(
                f"{name}: its {symbol} is not the objective's {symbol}: "
                "symbols of one name with different assumptions are different symbols."
            )
        raise ValueError(
            f"{name}: unknown symbol {symbol.name!r}{nearest(symbol.name, known)} "
            f"The variables are {', '.join(known)}."
        )


def _line(error: Exception) -> str:
    """Return the beginning of an error's message, in one line."""
    return " ".join(str(error).split())[:80]


def _call(given: Any, point: np.ndarray, name: str, shape: tuple[int, ...]) -> list[Any]:
    try:
        with np.errstate(all="ignore"):
            returned = given(point.copy())
    except Exception as error:
        raise ValueError(
            f"{name}: the function raised {type(error).__name__}: {_line(error)}, "
            f"at x = {shown(point.tolist())}."
        ) from error
    array = real_array(returned, f"{name}: what the function returned", finite=False)
    if array.shape not in _layouts(shape) and not array.size == np.prod(shape) == 1:
        raise ValueError(f"{name}: the function must return shape {shape}, got {array.shape}.")
    return [mpmath.mpf(entry) for entry in array.ravel().tolist()]
