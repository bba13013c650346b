"""The columns of data in memory, by the names of the symbols that they are for."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from sympy import Symbol

from symlab.algebra.arrays import real_array
from symlab.algebra.row_labels import align_rows
from symlab.checks import nearest, shown


def named_columns(
    columns: Mapping[Any, tuple[Symbol, ...]], data: Any, known: Iterable[str] = ()
) -> dict[str, Any]:
    """Return what was given for each data symbol, by their names and in their order.

    `known` are further names that the data may hold, of constants.

    Raises
    ------
    ValueError
        If a symbol has no data, or data have no symbol.
    """
    given = _by_name(data)
    names = [name_of(key) for key in columns]
    check_names(names, given)
    is_table = hasattr(data, "columns")
    allowed = [*names, *known]
    if not is_table and (unknown := [name for name in given if name not in allowed]):
        raise ValueError(
            f"data: {shown(unknown[0])} is no data symbol{nearest(unknown[0], allowed)} "
            f"Expected {shown(allowed)}."
        )
    return {name: given[name] for name in names}


def check_names(names: Iterable[str], given: Iterable[str]) -> None:
    """Refuse data in which a name is missing."""
    if missing := [name for name in names if name not in given]:
        raise ValueError(f"data: {shown(missing)} are missing; got {shown(sorted(given))}.")


def read_columns(
    columns: Mapping[Any, tuple[Symbol, ...]], given: Mapping[str, Any]
) -> dict[Symbol, np.ndarray]:
    """Return a float64 array of shape (m,) for each data symbol, in their order.

    Raises
    ------
    TypeError, ValueError
        If what was given are no numbers, or not of one shape and order.
    """
    # Rows that have labels are brought into one order before anything is paired by its place.
    rows = align_rows({f"data: {name}": values for name, values in given.items()})
    arrays: dict[Symbol, np.ndarray] = {}
    for key, symbols in columns.items():
        name = f"data: {name_of(key)}"
        arrays |= _columns(name, symbols, rows[name])
    check_lengths({symbol.name: len(array) for symbol, array in arrays.items()})
    return arrays


def check_lengths(lengths: Mapping[str, int]) -> None:
    """Refuse columns of different lengths."""
    if len(set(lengths.values())) > 1:
        raise ValueError(f"data: lengths differ: {_lengths(lengths)}.")


def _by_name(data: Any) -> dict[str, Any]:
    """Return what was given by the names of its keys; a symbol and its name are the same key."""
    given: dict[str, Any] = {}
    for key in dict.fromkeys(data.keys()):
        if name_of(key) in given:
            raise ValueError(f"data: {shown(name_of(key))} is given twice.")
        given[name_of(key)] = data[key]
    return given


def _lengths(lengths: Mapping[str, int]) -> str:
    """Name the first column, and the first of another length."""
    first, *others = lengths
    other = next(name for name in others if lengths[name] != lengths[first])
    return f"{first} has {lengths[first]} rows, {other} has {lengths[other]}"


def name_of(key: Any) -> str:
    """Return the name of what data are given for; a symbol and its name are the same key."""
    return str(getattr(key, "name", key))


def _columns(name: str, symbols: tuple[Symbol, ...], values: Any) -> dict[Symbol, np.ndarray]:
    """Return one array for each column that a key stands for."""
    array = real_array(values, name)
    table = array[:, None] if array.ndim == 1 else array
    if not table.size:
        raise ValueError(f"{name} is empty.")
    if table.ndim != 2 or table.shape[1] != len(symbols):
        wanted = "(m,)" if len(symbols) == 1 else f"(m, {len(symbols)})"
        raise ValueError(f"{name} must have shape {wanted}, got {array.shape}.")
    return {symbol: table[:, j].copy() for j, symbol in enumerate(symbols)}
