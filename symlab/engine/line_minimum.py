"""The minimum of the objective on a ray, in floats: by algebra for a polynomial, else by SciPy.

Both only find the valley and its floor to float accuracy; a runner polishes with its own numbers.
"""

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq, minimize_scalar

LENGTHS = np.geomspace(1e-8, 1e8, 129)
"""Where the ray is sampled to find the valley that holds the lowest point."""


def line_minimum(phi: Callable[[float], float], slope: Callable[[float], float]) -> float:
    """Return the q > 0 where phi is lowest among the sampled valleys; NaN where it only falls.

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


def polynomial_minimum(coefficients: np.ndarray, phi: Callable[[float], float]) -> float:
    """Return the q > 0 where a polynomial slice is lowest; NaN where it only falls.

    Parameters
    ----------
    coefficients : array
        Of the polynomial, highest power first.
    phi : callable
        The objective on the ray. It ranks the stationary points, because far out the polynomial's
        terms cancel and its own value means nothing.
    """
    slice_ = np.polynomial.Polynomial(_without_noise(coefficients)[::-1])
    slope, curvature = slice_.deriv(), slice_.deriv(2)
    found = slope.roots() if slope.degree() > 0 else np.array([])
    # A double root that rounding has split into a complex pair is still a stationary point.
    real = found.real[(np.abs(found.imag) <= 1e-7 * (1 + np.abs(found))) & (found.real > 0)]
    if not len(real):
        return math.nan
    best = min(map(float, real), key=phi)
    if slice_.coef[-1] < 0 and phi(10 * float(real.max())) < phi(best):
        return math.nan
    # Newton's correction gives back the digits that the eigenvalues of the companion matrix lost.
    for _ in range(3):
        if curvature(best) > 0:
            best -= float(slope(best) / curvature(best))
    return best


def _without_noise(coefficients: np.ndarray) -> np.ndarray:
    """Drop leading coefficients that only rounding has made different from zero."""
    significant = np.abs(coefficients) > 1e-25 * np.max(np.abs(coefficients), initial=0.0)
    return coefficients[int(np.argmax(significant)) :] if significant.any() else np.zeros(1)
