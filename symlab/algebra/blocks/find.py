"""Which data are read in pieces, and from where."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from os import PathLike
from typing import Any

import numpy as np
from sympy import Symbol

from symlab.algebra.arrays import real_array
from symlab.algebra.blocks.dask_chunks import (
    is_dask,
    known_array,
    source_of_chunks,
    source_of_frame,
)
from symlab.algebra.blocks.parquet import source_of_parquet
from symlab.algebra.blocks.slices import source_of_slices
from symlab.algebra.blocks.source import Key, Source, shape_error
from symlab.algebra.risk.columns import check_lengths, check_names, name_of, named_columns
from symlab.algebra.row_labels import align_rows
from symlab.checks import shown
from symlab.files import path_of

type Columns = Mapping[Any, tuple[Symbol, ...]]


def is_lazy_table(data: object) -> bool:
    """Return whether data are a table that is read in pieces: a path, or Dask's DataFrame."""
    return isinstance(data, str | PathLike) or (is_dask(data) and hasattr(data, "columns"))


def find_source(
    data: Any, columns: Columns, constants: Iterable[str], client: Any
) -> Source | None:
    """Return data that are read in pieces as a source; None for data in memory.

    Parameters
    ----------
    data : path, table or mapping
    columns : mapping
        From what a user binds data to, to the symbols of its columns.
    constants : iterable of str
        Further names that the data may hold.
    client : dask.distributed.Client or None
        Who counts rows, where Dask does not know their number.

    Raises
    ------
    TypeError, ValueError, ImportError
        If there are no such data, a column is missing, or shapes do not fit.
    """
    if isinstance(data, str | PathLike):
        return source_of_parquet(path_of(data, "data"), partial(_table_keys, columns))
    if is_lazy_table(data):
        return source_of_frame(data, _table_keys(columns, list(data.columns)), client)
    if not any(map(_is_read_in_pieces, (data[key] for key in list(data.keys())))):
        return None
    return _of_mapping(named_columns(columns, data, constants), columns)


def _is_read_in_pieces(values: object) -> bool:
    return is_dask(values) or isinstance(values, np.memmap)


def _table_keys(columns: Columns, given: Sequence[Any]) -> tuple[Key, ...]:
    """Return a key for each symbol: a table has a column for it."""
    names = [symbol.name for symbols in columns.values() for symbol in symbols]
    known = [str(name) for name in given]
    check_names(names, known)
    if twice := [name for name in names if known.count(name) > 1]:
        raise ValueError(f"data: {shown(twice[0])} is given twice.")
    return tuple(Key(name, 1) for name in names)


def _of_mapping(named: Mapping[str, Any], columns: Columns) -> Source:
    keys = tuple(Key(name_of(key), len(symbols)) for key, symbols in columns.items())
    arrays = _arrays(named)
    for key in keys:
        shape = arrays[key.name].shape
        if len(shape) not in (1, 2) or (*shape, 1)[1] != key.width:
            raise shape_error(key, shape)
        if not shape[0]:
            raise ValueError(f"data: {key.name} is empty.")
    check_lengths({name: array.shape[0] for name, array in arrays.items()})
    if any(map(is_dask, arrays.values())):
        return source_of_chunks(arrays, keys)
    return source_of_slices(arrays, keys)


def _arrays(named: Mapping[str, Any]) -> dict[str, Any]:
    """Return arrays whose shapes are known: those in pieces as they are, and others checked.

    What is in memory is read as it would be without the rest, and copied: the risk keeps it.
    """
    lazy = {name: values for name, values in named.items() if _is_read_in_pieces(values)}
    labels = {name: f"data: {name}" for name in named}
    # What is read in pieces has no labels by which its rows could be moved.
    held = align_rows({labels[name]: None if name in lazy else named[name] for name in named})
    return {
        name: _known(lazy[name]) if name in lazy else real_array(held[label], label).copy()
        for name, label in labels.items()
    }


def _known(values: Any) -> Any:
    return known_array(values) if is_dask(values) else values
