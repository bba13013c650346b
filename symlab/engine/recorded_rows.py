"""Which rows of a run are recorded: those that are due, and the last finite one whichever it is."""

import math
from collections.abc import Generator
from typing import Any

from symlab.engine.calculus import Row
from symlab.engine.run import Run
from symlab.engine.stopping import Ending


def recorded(rows: Generator[Row, None, Ending], run: Run) -> Generator[Row, None, Ending]:
    """Yield the rows that are to be recorded, and the last finite one whichever it is."""
    last = None
    while True:
        try:
            row = next(rows)
        except StopIteration as stop:
            if last is not None:
                yield last
            return stop.value
        due = run.records(row.k)
        ends = not (due and last is None) and not is_finite((*row.point, row.value))
        if ends and last is not None:
            yield last
        if ends or due:
            yield row
        last = None if due else row


def is_finite(point: Any) -> bool:
    """Return whether every coordinate is a finite real number."""
    try:
        return all(math.isfinite(float(coordinate)) for coordinate in point)
    except (OverflowError, TypeError):
        return False
