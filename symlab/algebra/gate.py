"""The one place where objects that a user gives become SymPy objects.

SymPy's `sympify` evaluates text as Python, so that a formula in text would run as code. Here only
SymPy's own objects and plain numbers pass, and everything that could hold text is refused by the
name of its argument. A formula typed as text goes through the whitelisting parser, `symlab.parse`.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from types import FunctionType
from typing import Any

import mpmath
import numpy as np
from sympy import (
    Basic,
    Expr,
    I,
    ImmutableDenseMatrix,
    Indexed,
    MatrixBase,
    MatrixSymbol,
    Symbol,
    Tuple,
    nan,
    sympify,
    zoo,
)
from sympy.core.function import AppliedUndef

from symlab.checks import nearest, shown

NUMBERS = (int, float, complex, Fraction, Decimal, np.number, mpmath.mpf, mpmath.mpc)
"""The types of a plain number; none of them can hold text."""

UNORDERED = (set, frozenset, Mapping)
TEXT = (str, bytes, bytearray, memoryview)

MOST_ENTRIES = 1_000_000
"""Entries read of whatever is iterable, so that an endless one ends."""


def as_symbolic(value: object, name: str, wanted: str = "a SymPy expression or a number") -> Basic:
    """Return a SymPy object as it is, and a plain number as SymPy's.

    Parameters
    ----------
    value : SymPy object, int, float, complex, Fraction, Decimal, NumPy or mpmath number
        Also an array of one number, and an object that SymPy knows how to ask (`_sympy_`).
    name, wanted : str
        The argument, and what is expected of it, for the message.

    Raises
    ------
    TypeError
        For anything else: text above all, which SymPy would evaluate, and whatever could hold it.

    Examples
    --------
    >>> as_symbolic(2, "penalty")
    2
    >>> as_symbolic("2*x", "penalty")
    Traceback (most recent call last):
        ...
    TypeError: penalty: expected a SymPy expression or a number, got the text '2*x'; symlab.parse \
turns a formula into one.
    """
    if isinstance(value, (Basic, MatrixBase)):
        return _check_matrix(value, name, wanted) if isinstance(value, MatrixBase) else value
    number = _plain_number(value)
    if number is not None:
        return sympify(number, strict=True)
    stated = sympy_form(value)
    if stated is not None:
        return stated
    raise TypeError(refusal(value, name, wanted))


def refusal(value: object, name: str, wanted: str) -> str:
    """Return the sentence that refuses a value; text and functions are shown what to do."""
    if isinstance(value, str) and "expression" in wanted:
        return (
            f"{name}: expected {wanted}, got the text {_shorten(value)}; "
            "symlab.parse turns a formula into one."
        )
    if isinstance(value, FunctionType) and "expression" in wanted:
        return (
            f"{name}: expected {wanted}, got a Python function; write the formula in "
            'SymPy symbols, or as text: symlab.parse("x^2 + 1").'
        )
    return f"{name}: expected {wanted}, got {shown(value)}."


def _shorten(text: str) -> str:
    """Return text as it is shown beside a longer sentence."""
    return repr(text) if len(text) <= 30 else f"{text[:27]!r}..."


def as_scalar(value: object, name: str) -> Expr:
    """Return one expression or number; a matrix, an equation or a truth value is none.

    Examples
    --------
    >>> as_scalar(0.5, "penalty")
    0.500000000000000
    """
    wanted = "a SymPy expression"
    stated = as_symbolic(value, name, wanted)
    if not isinstance(stated, Expr) or getattr(stated, "is_Matrix", False):
        raise TypeError(refusal(value, name, wanted))
    return stated


def as_real_scalar(value: object, name: str) -> Expr:
    """Return one expression that may be a real number, or name the argument that cannot be one.

    Examples
    --------
    >>> from sympy import I
    >>> as_real_scalar(2 * I, "penalty")
    Traceback (most recent call last):
        ...
    ValueError: penalty: expected a real function, got 2*I.
    """
    stated = as_scalar(value, name)
    if stated.has(I, zoo, nan):
        raise ValueError(f"{name}: expected a real function, got {shown(stated)}.")
    return stated


def check_readable(expression: Basic, name: str) -> None:
    """Refuse functions that have only a name, and indexed letters, in what will be printed as code.

    What prints a formula as Python or C writes such names as they are.

    Examples
    --------
    >>> from sympy import Function
    >>> check_readable(Function("f")(1), "expression")
    Traceback (most recent call last):
        ...
    ValueError: expression: f(1) has no meaning for numbers; state what it is.
    """
    unknown = expression.atoms(AppliedUndef, Indexed, MatrixSymbol)
    if unknown:
        first = str(min(unknown, key=str))[:60]
        raise ValueError(f"{name}: {first} has no meaning for numbers; state what it is.")


def as_matrix(value: object, name: str) -> ImmutableDenseMatrix:
    """Return a matrix of the expressions or numbers in a Matrix, an array or (nested) lists.

    A flat sequence is a column, one expression a matrix of one entry.

    Examples
    --------
    >>> from sympy.abc import x
    >>> as_matrix([[x, 1], [0, 2]], "hessian").shape, as_matrix([x, 1], "gradient").shape
    ((2, 2), (2, 1))
    """
    if isinstance(value, MatrixBase):
        return _check_matrix(value, name, "a SymPy Matrix of expressions")
    rows = [_row(row, f"{name}[{i}]") for i, row in enumerate(entries(value, name))]
    width = len(rows[0]) if rows else 0
    if any(len(row) != width for row in rows):
        raise ValueError(f"{name}: expected rows of one length, got {shown(value)}.")
    flat = [entry for row in rows for entry in row]
    return ImmutableDenseMatrix(len(rows), width, flat)


def _row(value: object, name: str) -> list[Expr]:
    """Return a row; where the sequence is flat each entry is a row of one."""
    listed = entries(value, name)
    return [as_scalar(entry, name) for entry in listed]


def entries(values: object, name: str, most: int = MOST_ENTRIES) -> list[Any]:
    """Return the entries of an array, sequence or Matrix in their order, one number as one entry.

    An array or a table of several axes gives its rows. Nothing is converted here.

    Raises
    ------
    TypeError
        For a set or a mapping, which has no order, and for masked entries.
    ValueError
        If there are more than `most`.
    """
    if isinstance(values, UNORDERED):
        raise TypeError(f"{name}: expected values in an order, got {shown(values)}.")
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        raise TypeError(f"{name}: expected numbers, got masked ones.")
    if isinstance(values, MatrixBase):
        return list(values.flat())
    if _is_single(values):
        return [values]
    listed = list(islice(_rows_by_position(values), most + 1))
    if len(listed) > most:
        raise ValueError(f"{name}: expected at most {most} entries, got more.")
    return listed


def _is_single(values: object) -> bool:
    """Whether a value is one by itself: also text, and every SymPy object but a Tuple."""
    if isinstance(values, np.ndarray):
        return not values.ndim
    is_whole = isinstance(values, (*TEXT, Basic)) and not isinstance(values, Tuple)
    return is_whole or not isinstance(values, Iterable)


def _rows_by_position(values: Any) -> Iterable[Any]:
    """Return the rows of a table by position: a DataFrame would give the names of its columns."""
    return values.to_numpy() if hasattr(values, "to_numpy") else values


def as_symbol(value: object, name: str) -> Symbol:
    """Return a SymPy symbol, or name the argument that is none."""
    if not isinstance(value, Symbol):
        raise TypeError(f"{name}: expected a SymPy symbol, got {shown(value)}.")
    return value


def symbols_of(value: object, name: str) -> tuple[Symbol, ...]:
    """Return SymPy symbols; one by itself is one of them.

    Examples
    --------
    >>> from sympy.abc import x
    >>> symbols_of(x, "variables"), symbols_of([], "variables")
    ((x,), ())
    """
    if isinstance(value, Symbol):
        return (value,)
    if isinstance(value, Mapping) or _is_single(value):
        raise TypeError(f"{name}: expected SymPy symbols, got {shown(value)}.")
    given = tuple(entries(value, name))
    for each in given:
        if not isinstance(each, Symbol):
            raise TypeError(f"{name}: expected SymPy symbols, got {shown(each)}.")
    return given


def order_values(values: object, variables: Sequence[Symbol], name: str) -> object:
    """Return values by variable in the order of the variables; what is no mapping, as it is.

    Parameters
    ----------
    values : mapping of symbol or its name to number, or anything
    variables : sequence of Symbol
    name : str
        What an error calls it.

    Raises
    ------
    ValueError
        If a variable has no value, or a value no variable.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> order_values({"y": 2, x: 1}, (x, y), "start")
    [1, 2]
    """
    if not isinstance(values, Mapping):
        return values
    known = {variable.name: variable for variable in variables}
    given: dict[str, object] = {}
    for key, value in values.items():
        label = key.name if isinstance(key, Symbol) else key
        if not isinstance(label, str) or label not in known:
            among = ", ".join(list(known)[:8])
            hint = nearest(label, known)
            raise ValueError(f"{name}: unknown variable {shown(key)}{hint} Known: {among}.")
        given[label] = value
    if missing := [label for label in known if label not in given]:
        raise ValueError(f"{name}: no value for {', '.join(missing[:8])}.")
    return [given[label] for label in known]


def _plain_number(value: object) -> Any:
    """Return a plain number, also from an array of one; None for everything else."""
    if isinstance(value, (bool, np.timedelta64, *TEXT)):
        return None
    if isinstance(value, int):
        return int(value)
    if isinstance(value, NUMBERS):
        return value
    if isinstance(value, np.ndarray) and value.size == 1 and not np.ma.is_masked(value):
        # Of an array of objects the one entry may be anything, so it is checked in turn.
        inner = value.reshape(-1)[0]
        return None if isinstance(inner, np.ndarray) else _plain_number(inner)
    return None


def sympy_form(value: object) -> Basic | None:
    """Return what an object says it is to SymPy, if that is an object of SymPy's."""
    ask = getattr(type(value), "_sympy_", None)
    if ask is None:
        return None
    answer = ask(value)
    return answer if isinstance(answer, Basic) else None


def _check_matrix(value: MatrixBase, name: str, wanted: str) -> ImmutableDenseMatrix:
    """Return a Matrix that cannot change, or refuse one that hides something else in it."""
    for entry in value.flat():
        if not isinstance(entry, Expr):
            raise TypeError(refusal(entry, name, wanted))
    return ImmutableDenseMatrix(value)
