"""The data that samples read in C, laid out once for all runs on an objective."""

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from sympy import Expr

from symlab.algebra.risk.risk import BoundRisk
from symlab.engine.compiled.risk_graph import DataSum, data_table
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


def _rows(sums: DataSum, bound: BoundRisk, names: tuple[Expr, ...]) -> np.ndarray:
    known = dict(zip(sums.risk.data, bound.arrays, strict=True))
    return data_table(names, known, bound.samples)


def _columns(sums: DataSum, bound: BoundRisk, names: tuple[Expr, ...]) -> np.ndarray:
    length = -(-bound.samples // LANES) * LANES
    data = np.empty((len(names), length))
    for row, name in zip(data, names, strict=True):
        row[: bound.samples] = _rows(sums, bound, (name,))[:, 0]
        row[bound.samples :] = row[0]
    return data
