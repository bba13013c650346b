"""Where a run has been, and what its iterates alone say of its end."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

GROWS = 1e-3
"""Movement over the second half of a run, in sizes of the iterate, that is no settling."""

SMALLEST = 1e-299
"""A size of which small fractions are floats with all their digits still."""

FEWEST_ROWS = 20
"""Recorded iterates of a run whose second half says anything."""

MUCH, HUGE = 30.0, 1e100
"""Growth of both iterate and value, and of either, since the start, that is an explosion."""


@dataclass(frozen=True)
class Trail:
    """Where a run has been: recorded iterates, shape (K, n), and values, shape (K,)."""

    points: np.ndarray
    values: np.ndarray
    tolerance: float

    @property
    def last(self) -> np.ndarray:
        """The last iterate."""
        return np.asarray(self.points[-1])

    @cached_property
    def moved(self) -> np.ndarray:
        """The movement over the second half of the run, shape (n,)."""
        return np.asarray(self.points[-1] - self.points[(len(self.points) - 1) // 2])

    @cached_property
    def size(self) -> float:
        """A length to measure steps by, never zero."""
        size = max(float(np.abs(self.last).max()), float(np.abs(self.moved).max()))
        return max(size, SMALLEST) if 0 < size < math.inf else 1.0

    @cached_property
    def reach(self) -> float:
        """The same, with the size of the start: what is near is measured by it."""
        return max(self.size, float(np.abs(self.points[0]).max()))

    @property
    def grows(self) -> bool:
        """Whether the iterates still move on, away from the start."""
        return float(np.abs(self.moved).max()) > GROWS * self.size

    @property
    def has_grown(self) -> bool:
        """The same, of a run that is long enough to say so."""
        return len(self.points) >= FEWEST_ROWS and self.grows

    @property
    def exploded(self) -> bool:
        """Whether iterates and values have grown out of all proportion."""
        far, start = (float(np.abs(self.points[i]).max()) for i in (-1, 0))
        high, first = float(self.values[-1]), float(self.values[0])
        much = far > MUCH * (1 + start) and high > MUCH * (1 + abs(first))
        return much or max(far, abs(high)) > HUGE * (1 + max(start, abs(first)))

    @property
    def sank(self) -> bool:
        """Whether the values of a long run have fallen out of all proportion."""
        low, first = float(self.values[-1]), float(self.values[0])
        return len(self.points) >= FEWEST_ROWS and low < -MUCH * (1 + abs(first))

    @property
    def went_far(self) -> bool:
        """Whether the iterates still go on, and have grown out of all proportion."""
        far, start = (float(np.abs(self.points[i]).max()) for i in (-1, 0))
        return self.has_grown and far > MUCH * (1 + start)
