"""Basins: to which point each start of a sweep leads."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

ENDED = ("converged", "precision", "saddle", "plateau")
"""Statuses of runs that came to rest."""

NEAR = 1e-3
"""Ends that are nearer to each other, relative to 1 and their size, are one point."""

MOST = 6
"""Points that have a colour of their own: those to which most starts lead."""

PALEST, DARKEST = 1.0, 0.35


@dataclass(frozen=True)
class Basins:
    """Which point each start leads to.

    Parameters
    ----------
    frame : pandas.DataFrame
        That of the sweep.
    points : array, shape (p, n)
        The points, those with most starts first.
    which : array of int, shape (R,)
        The number of each run's point, from 1; 0 where it came to none of them.
    """

    frame: pd.DataFrame
    points: np.ndarray
    which: np.ndarray

    @property
    def labels(self) -> list[str]:
        """The points in words."""
        return [", ".join(f"{each:.4g}" for each in point) for point in self.points]

    def range(self, name: str) -> tuple[float, float]:
        """Return the first and last value of a start's coordinate."""
        return float(self.frame[name].min()), float(self.frame[name].max())

    def shaded(self, colors: np.ndarray, axes: Sequence[str]) -> np.ndarray:
        """Return an image of the starts, shape (rows, columns, 3): a colour each, darker by steps.

        Parameters
        ----------
        colors : array, shape (1 + p, 3)
        axes : two names of coordinates of the start
            Across, and upwards.
        """
        steps = self.frame["steps"].to_numpy(dtype=float)
        rested = self.which > 0
        most = np.percentile(steps[rested], 99) if rested.any() else 1.0
        shade = PALEST - (PALEST - DARKEST) * np.clip(steps / max(most, 1.0), 0, 1)
        values = [np.unique(self.frame[name].to_numpy()) for name in axes]
        across, up = (
            np.searchsorted(known, self.frame[name].to_numpy())
            for known, name in zip(values, axes, strict=True)
        )
        image = np.ones((len(values[1]), len(values[0]), 3))
        image[up, across] = colors[self.which] * np.where(rested, shade, 1.0)[:, None]
        return image


def basins_of(frame: pd.DataFrame, names: Sequence[str]) -> Basins:
    """Return which points the runs of a sweep came to, and which of them each.

    Parameters
    ----------
    frame : pandas.DataFrame
        That of a sweep.
    names : sequence of str
        The variables.

    Examples
    --------
    >>> ends = pd.DataFrame({"status": ["converged"] * 3, "x": [1.0, -2.0, -2.0 + 1e-9]})
    >>> found = basins_of(ends, ["x"])
    >>> found.points.tolist(), found.which.tolist()
    ([[-2.0], [1.0]], [2, 1, 1])
    """
    ends = frame[list(names)].to_numpy(dtype=float)
    rested = frame["status"].isin(ENDED).to_numpy() & np.isfinite(ends).all(axis=1)
    which, points = np.zeros(len(frame), dtype=int), list[np.ndarray]()
    cells, places, counts = np.unique(
        np.round(ends[rested] / NEAR), axis=0, return_inverse=True, return_counts=True
    )
    numbers = np.zeros(len(cells), dtype=int)
    for cell in np.argsort(-counts, kind="stable"):
        point = ends[rested][np.flatnonzero(places.reshape(-1) == cell)[0]]
        near = [np.abs(point - p).max() <= NEAR * (1 + np.abs(p).max()) for p in points]
        if True in near:
            numbers[cell] = near.index(True) + 1
        elif len(points) < MOST:
            points.append(point)
            numbers[cell] = len(points)
    which[rested] = numbers[places.reshape(-1)]
    return Basins(frame, np.array(points).reshape(len(points), len(names)), which)
