"""The data that samples read in C, laid out once for all runs on an objective."""

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from sympy import Expr, Symbol

from symlab.algebra.risk.risk import BoundRisk
from symlab.engine.compiled.risk_graph import DataSum, data_columns, data_table
from symlab.engine.compiled.run_head import LANES

type Kept = WeakKeyDictionary[BoundRisk, tuple[Any, np.ndarray]]

_data: Kept = WeakKeyDictionary()
_designs: Kept = WeakKeyDictionary()
"""For each objective that is alive the data of its last run: to lay out a million samples takes as
long as ten thousand steps in batches of ten."""


def data_of(
    sums: DataSum, bound: BoundRisk, names: tuple[Expr, ...], *, in_rows: bool
) -> np.ndarray:
    """Return what samples read, laid out now or for the last run on the same data.

    Returns
    -------
    array, shape (m, q) or (q, m)
        In rows one for each sample; otherwise columns as long as whole lanes, where the first
        sample is repeated.
    """
    layout = names, in_rows
    kept = _data.get(bound)
    if kept is None or kept[0] != layout:
        _data[bound] = kept = layout, (_rows if in_rows else _columns)(sums, bound, names)
    return kept[1]


def design_of(sums: DataSum, bound: BoundRisk) -> np.ndarray:
    """Return what the parameters of the one linear predictor are multiplied by, (m, n)."""
    coefficients = sums.blocks[0].coefficients
    kept = _designs.get(bound)
    if kept is None or kept[0] != coefficients:
        _designs[bound] = kept = coefficients, sums.design(bound)
    return kept[1]


def column_of(known: Mapping[Symbol, np.ndarray], samples: int, name: Expr) -> np.ndarray:
    """Return an expression of the data on every sample, shape (samples,); a column as it lies."""
    if name in known:
        return known[name]
    return np.broadcast_to(data_columns((name,), known)[0], (samples,))


def padded(columns: Sequence[np.ndarray], samples: int) -> np.ndarray:
    """Return columns together, as long as whole lanes: the first sample is repeated."""
    data = np.empty((len(columns), -(-samples // LANES) * LANES))
    for row, column in zip(data, columns, strict=True):
        row[:samples] = column
        row[samples:] = row[0]
    return data


def _rows(sums: DataSum, bound: BoundRisk, names: tuple[Expr, ...]) -> np.ndarray:
    return data_table(names, _known(sums, bound), bound.samples)


def _columns(sums: DataSum, bound: BoundRisk, names: tuple[Expr, ...]) -> np.ndarray:
    known = _known(sums, bound)
    return padded([column_of(known, bound.samples, name) for name in names], bound.samples)


def _known(sums: DataSum, bound: BoundRisk) -> dict[Symbol, np.ndarray]:
    return dict(zip(sums.risk.data, bound.arrays, strict=True))
