"""The zeros of a function of one variable, by a scan: sign changes, touches and flat stretches."""

from dataclasses import dataclass

import numpy as np

from symlab.theory.evaluation import Floats
from symlab.theory.region import LARGEST, SCALES, SMALLEST, Region

GRID = 4001
BISECTIONS = 60
FEW = 12
"""Up to how many points outside the window are listed; more are taken for a periodic function."""


@dataclass(frozen=True)
class Line:
    """Candidates for zeros, flat stretches (low, high), and whether more were seen far away."""

    candidates: list[np.ndarray]
    stretches: list[tuple[float, float]]
    more: bool = False


def search_line(function: Floats, region: Region) -> Line:
    """Return where a function seems to be zero in a region of one dimension.

    Examples
    --------
    >>> found = search_line(lambda points: points - 300, Region(((-10.0, 10.0),), wide=True))
    >>> round(float(found.candidates[0][0]), 6)
    300.0
    """
    low, high = region.box[0]
    near = scan(function, np.linspace(low, high, GRID))
    if not region.wide:
        return near
    far = scan(function, _scales(low, high))
    # A flat stretch that goes on outside the window is known; its middle out there adds nothing.
    known = far.stretches if near.stretches else []
    fresh = [
        point
        for point in far.candidates
        if (not region.holds(point) or _is_tiny(point))
        and not any(run[0] <= point[0] <= run[1] for run in known)
    ]
    runs = [run for run in far.stretches if run[0] > high or run[1] < low][:2]
    many = len(fresh) > FEW
    return Line(near.candidates + ([] if many else fresh), (near.stretches or runs), more=many)


def _is_tiny(point: np.ndarray) -> bool:
    return bool(0 < abs(point[0]) < 1e-3)


def _scales(low: float, high: float) -> np.ndarray:
    """Return numbers of all magnitudes, of the signs that the window has."""
    sizes = np.logspace(SMALLEST, LARGEST, SCALES)
    both = np.concatenate([-sizes[::-1], sizes])
    return both[(both > 0) | (low < 0)] if high > 0 else both[both < 0]


def scan(function: Floats, grid: np.ndarray) -> Line:
    """Return candidates on a grid, and the stretches of it where the function is zero."""
    slope = function(grid[:, None])[:, 0]
    crossing = np.flatnonzero(np.sign(slope[:-1]) * np.sign(slope[1:]) < 0)
    size = np.where(np.isfinite(slope), np.abs(slope), np.inf)
    lower = (size[1:-1] < size[:-2]) & (size[1:-1] < size[2:])
    touching = 1 + np.flatnonzero(lower | (slope[1:-1] == 0))
    flat, zero_runs = _runs(np.flatnonzero(slope == 0))
    points = [
        *bisect(function, grid[crossing], grid[crossing + 1]),
        *grid[np.setdiff1d(touching, flat)],
        *(_middle(grid[run]) for run in zero_runs),
    ]
    stretches = [(float(grid[run[0]]), float(grid[run[-1]])) for run in zero_runs]
    return Line([np.array([point]) for point in points], stretches)


def _middle(run: np.ndarray) -> float:
    """Return the middle of a run; zero if it is within the spacing of the grid."""
    middle, spacing = float(run.mean()), float(np.ptp(run)) / len(run)
    return 0.0 if abs(middle) < spacing else middle


def _runs(indices: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the indices that stand in runs longer than three, and those runs."""
    runs = np.split(indices, np.flatnonzero(np.diff(indices) > 1) + 1)
    long = [run for run in runs if len(run) > 3]
    return (np.concatenate(long) if long else np.array([], dtype=int)), long


def bisect(function: Floats, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return where a function changes its sign, between each pair of points."""
    if not len(left):
        return left
    sign = np.sign(function(left[:, None])[:, 0])
    for _ in range(BISECTIONS):
        middle = (left + right) / 2
        same = np.sign(function(middle[:, None])[:, 0]) == sign
        left, right = np.where(same, middle, left), np.where(same, right, middle)
    return (left + right) / 2
