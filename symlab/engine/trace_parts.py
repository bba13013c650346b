"""Whether the parts of a trace belong together."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from symlab.checks import choice, shown
from symlab.engine.column import Later
from symlab.engine.statuses import STATUSES
from symlab.engine.trace_csv import VALUES, check_names

ROWS = ("iterates", "values", "gradient_norms", "step_sizes", "evaluations", "k")
"""The parts with a row for each iterate that was recorded."""

NAMED = 60
"""Characters of a name in a message."""


def check_parts(parts: Mapping[str, Any]) -> None:
    """Refuse the fields of a trace that make none; a column that is made later is not made now.

    Raises
    ------
    TypeError, ValueError
        Naming the field.
    """
    for name in ROWS:
        if not isinstance(parts[name], np.ndarray | Later):
            raise TypeError(f"{name}: expected an array, got {shown(parts[name])}.")
    if parts["status"] not in STATUSES:
        raise ValueError(
            f"status: expected one of {', '.join(STATUSES)}, got {shown(parts['status'])}."
        )
    choice(parts["record"], VALUES, "record")
    _check_shapes(parts)
    check_names(parts["variables"])
    if not _counts_up(parts["k"]):
        raise ValueError("k: expected steps that count up from 0 or more.")


def _check_shapes(parts: Mapping[str, Any]) -> None:
    rows, size, exact = len(parts["values"]), len(parts["variables"]), parts["exact"]
    if not rows:
        raise ValueError("values: expected at least one row, that of the start.")
    for name in ROWS:
        shape = (rows, size) if name == "iterates" else (rows,)
        if (found := parts[name].shape) != shape:
            raise ValueError(f"{name}: expected the shape {shape}, got {found}.")
    counts = {f"states.{name}": len(state) for name, state in parts["states"].items()}
    counts |= {"exact": len(exact) or rows}
    if wrong := [name for name, count in counts.items() if count != rows]:
        raise ValueError(f"{wrong[0][:NAMED]}: expected {rows} rows, got {counts[wrong[0]]}.")
    if exact and set(map(len, exact)) != {size + 1}:
        raise ValueError(f"exact: expected rows of {size + 1} numbers.")


def _counts_up(k: np.ndarray | Later) -> bool:
    """Whether numbers of steps do; those that are made later are our own, and do."""
    return isinstance(k, Later) or (k[0] >= 0 and bool((k[1:] > k[:-1]).all()))
