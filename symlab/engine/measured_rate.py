"""How fast iterates approach their limit: measured rate and order of convergence."""

from collections.abc import Sequence

import numpy as np
from sympy import Expr, Float, log

FEWEST_FOR_RATE = 4
FEWEST_FOR_ORDER = 3
"""Usable errors below which there is no answer."""


def log_errors(iterates: np.ndarray, limit: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows and natural logs of the errors that rounding has not swallowed.

    Parameters
    ----------
    iterates : array, shape (K + 1, n)
    limit : array, shape (n,), optional
        The error is the distance to it; without it the length of the step to the next iterate.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # far away the distance may be infinite
        away = np.diff(iterates, axis=0) if limit is None else iterates - limit
        errors = np.linalg.norm(away, axis=1)
    floor = 32 * np.finfo(float).eps * max(1e-300, float(np.abs(iterates).max()))
    usable = np.flatnonzero((errors > floor) & np.isfinite(errors))
    return usable, np.log(errors[usable])


def exact_log_errors(
    points: Sequence[tuple[Expr, ...]], limit: tuple[Expr, ...] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the same of exact iterates, as far down as their digits reach."""
    ends = points[1:] if limit is None else [limit] * len(points)
    squares = [
        sum((a - b) ** 2 for a, b in zip(point, end, strict=True))
        for point, end in zip(points, ends, strict=False)
    ]
    digits = max((n._prec for row in points for n in row if isinstance(n, Float)), default=10**6)
    logs = {k: float(log(square).evalf(15) / 2) for k, square in enumerate(squares) if square != 0}
    usable = {k: value for k, value in logs.items() if value > (8 - digits) * np.log(2)}
    return np.array(list(usable)), np.array(list(usable.values()))


def linear_rate(steps: np.ndarray, logs: np.ndarray) -> float:
    """Return the factor by which the error shrinks in one step, over the second half of the rows.

    NaN where there are too few.

    Examples
    --------
    >>> k = np.arange(10)
    >>> round(linear_rate(k, np.log(0.5**k)), 12)
    0.5
    """
    half = len(steps) // 2
    if len(steps) < FEWEST_FOR_RATE:
        return float("nan")
    return float(np.exp(_slope(steps[half:], logs[half:])))


def order_of_convergence(rows: np.ndarray, logs: np.ndarray) -> float:
    """Return the slope of the log error against the log error before; NaN where there are too few.

    Examples
    --------
    >>> k = np.arange(5)
    >>> round(order_of_convergence(k, -(2.0**k)), 12)
    2.0
    """
    if len(rows) < FEWEST_FOR_ORDER or np.any(np.diff(rows) != 1):
        rows, logs = rows[-3:], logs[-3:]
    if len(rows) < FEWEST_FOR_ORDER:
        return float("nan")
    return _slope(logs[:-1][-3:], logs[1:][-3:])


def _slope(x: np.ndarray, y: np.ndarray) -> float:
    """Return the slope of the least-squares line; NaN where the x do not differ."""
    from_mean = x - x.mean()
    square = float(from_mean @ from_mean)
    return float(from_mean @ (y - y.mean())) / square if square else float("nan")
