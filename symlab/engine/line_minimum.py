"""The minimum of a function on a ray, in floats, where algebra gives up."""

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq, minimize_scalar

LENGTHS = np.geomspace(1e-8, 1e8, 129)
"""Where the ray is sampled to find the valley that holds the lowest point."""


def line_minimum(phi: Callable[[float], float], slope: Callable[[float], float]) -> float:
    """Return the q > 0 where phi is lowest among the valleys the samples show; NaN if it only falls.

    SciPy's bounded search finds the valley's floor to about the square root of the float spacing;
    Brent's root of the slope then gives the remaining digits.
    """
    sampled = np.array([phi(length) for length in LENGTHS])
    lowest = int(np.argmin(np.where(np.isfinite(sampled), sampled, math.inf)))
    if lowest == len(LENGTHS) - 1:
        return math.nan
    low = LENGTHS[lowest - 1] if lowest else 0.0
    high = LENGTHS[lowest + 1]
    near = float(minimize_scalar(phi, bounds=(low, high), method="bounded").x)
    around = max(near - 1e-3 * (near - low), low), min(near + 1e-3 * (high - near), high)
    for left, right in (around, (low, high)):
        if slope(left) < 0 < slope(right):
            return float(brentq(slope, left, right, xtol=1e-300, rtol=4 * np.finfo(float).eps))
    return near
