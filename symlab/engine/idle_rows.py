"""When a run in floats has nothing left to gain, though rounding keeps it moving.

Full steps of Newton's method, and steps that slopes have judged, may go to and fro between the last
places of the iterate for ever. A run that has found no smaller gradient for many steps, while its
values and iterates differed by rounding alone, is at its end.
"""

import math
from collections.abc import Generator
from itertools import chain

from symlab.engine.calculus import Row
from symlab.engine.stopping import Ending

PATIENCE = 10
"""Steps without a smaller gradient after which a run is at rest."""

SHORT = 1e-6
"""Of the iterate, what a step at rest is long at most."""

IDLE = Ending(
    "stalled",
    f"for {PATIENCE} steps the value has changed by rounding alone and the gradient has become no "
    "smaller",
    "unchanged",
)


def until_idle(
    rows: Generator[Row, None, Ending], resolution: float
) -> Generator[Row, None, Ending]:
    """Yield rows until the run is at rest.

    Parameters
    ----------
    rows : generator of Row
        In floats.
    resolution : float
        By what part of itself a value may differ by rounding.
    """
    before = next(rows)
    smallest, idle = _steepness(before), 0
    yield before
    while True:
        try:
            row = next(rows)
        except StopIteration as stop:
            return stop.value
        yield row
        steepness = _steepness(row)
        still = steepness >= smallest and _is_rounding(before, row, resolution)
        idle = idle + 1 if still else 0
        if idle == PATIENCE:
            return IDLE
        smallest, before = min(smallest, steepness), row


def _steepness(row: Row) -> float:
    return math.hypot(*map(float, row.gradient))


def _is_rounding(before: Row, after: Row, resolution: float) -> bool:
    """Return whether two iterates and their values are nearly the same."""
    if not abs(after.value - before.value) <= resolution * abs(after.value):
        return False
    size = max(abs(float(entry)) for entry in chain(before.point, after.point))
    pairs = zip(before.point, after.point, strict=True)
    return all(abs(new - old) <= SHORT * size for old, new in pairs)
