"""W7: logistic regression on a million rows of 100 columns, one value and gradient.

The floor: the matrix is read once, for a row's loss and slope need nothing but that row.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from benchmarks.floors import NUMBER, Floor, total
from benchmarks.jobs.logistic import SEED, stated_risk, work_of_sample

ROWS, COLUMNS = 1_000_000, 100


@dataclass(frozen=True, eq=False)
class Wide:
    """Rows, labels by a noisy line, and a point to look at."""

    design: np.ndarray
    labels: np.ndarray
    point: np.ndarray

    @cached_property
    def stated(self) -> Any:
        """The loss as symlab states it."""
        return stated_risk(self.design, self.labels)

    @cached_property
    def value(self) -> float:
        """The right value at the point."""
        z = (self.design @ self.point).astype(np.longdouble)
        return float(np.mean(np.logaddexp(0, z) - self.labels * z))

    @property
    def floor(self) -> Floor:
        """Work and bytes of one value and gradient."""
        rows, columns = self.design.shape
        work = total((rows, work_of_sample(columns)))
        return Floor(work, bytes=NUMBER * rows * (columns + 1), parallel=True)


def wide(rows: int = ROWS, columns: int = COLUMNS) -> Wide:
    """Return the job, its data drawn."""
    generator = np.random.default_rng(SEED)
    design = generator.normal(size=(rows, columns))
    w = generator.normal(size=columns) / 10
    labels = (design @ w + generator.normal(size=rows) > 0).astype(float)
    return Wide(design, labels, w / 2)
