"""The minimum of the objective along a line, in floats: by algebra for a polynomial, else by SciPy.

Both only find the valley and its floor to float accuracy; a runner polishes with its own numbers.
"""

import math
from collections.abc import Callable

import numpy as np

from symlab.engine.stopping import Ending

UNBOUNDED = Ending("diverged", "the objective falls without bound along the direction")
BOTTOMLESS = Ending(
    "diverged",
    "the objective keeps falling along the direction, without a lowest point: "
    "its infimum is not attained there, or it is unbounded",
    "bottomless",
)

LENGTHS = np.geomspace(1e-8, 1e8, 129)
"""Where the line is sampled to find the valley that holds the lowest point."""

WIDE = 16 * float(np.finfo(float).eps)
"""The relative distance from a root within which a kink is looked for."""

MOST_ITERATIONS = 200
"""Iterations of Brent's method at most; at a kink bisection, which follows, may be faster."""


def line_minimum(phi: Callable[[float], float], slope: Callable[[float], float]) -> float:
    """Return the q > 0 where phi is lowest among the sampled valleys; NaN where it only falls.

    SciPy's bounded search finds the valley's floor to about the square root of the float spacing;
    Brent's root of the slope then gives the remaining digits. At a kink the slope has no root but
    changes its sign, so the two floats on either side are kept, and the lowest of all is returned.
    Where phi is not finite it counts as infinitely high, and if it is so everywhere, the length is
    zero.
    """

    def height(length: float) -> float:
        value = phi(length)
        return value if math.isfinite(value) else math.inf

    sampled = np.array([height(length) for length in LENGTHS])
    lowest = int(np.argmin(sampled))
    if not math.isfinite(sampled[lowest]):
        return 0.0
    if lowest == len(LENGTHS) - 1:
        return math.nan
    low = LENGTHS[lowest - 1] if lowest else 0.0
    high = LENGTHS[lowest + 1]
    from scipy.optimize import minimize_scalar  # here, because only this search needs it

    # SciPy's parabolas overflow where a value is infinite; it then takes the golden section.
    with np.errstate(all="ignore"):
        near = float(minimize_scalar(height, bounds=(low, high), method="bounded").x)
    sample = float(LENGTHS[lowest])
    around = max(near - 1e-3 * (near - low), low), min(near + 1e-3 * (high - near), high)
    for left, right in (around, (low, high)):
        if slope(left) < 0 < slope(right):
            root = _sign_change(slope, left, right)
            beside = _bisect(slope, max(left, root * (1 - WIDE)), root * (1 + WIDE))
            other = min((*beside, near, sample), key=height)
            if not math.isfinite(height(root)):
                return other
            # Where rounding alone makes another value lower, the root of the slope is better.
            worth = 2 * np.finfo(float).eps * abs(height(root))
            return other if height(other) < height(root) - worth else root
    return min((near, sample), key=height)


def _sign_change(slope: Callable[[float], float], left: float, right: float) -> float:
    """Return where the slope goes from negative to positive, to the spacing of floats.

    Where there is no slope is a kink between slopes of both signs: it is taken for the root.
    """
    from scipy.optimize import brentq

    root, report = brentq(
        lambda length: float(np.nan_to_num(slope(length), posinf=np.inf, neginf=-np.inf)),
        left,
        right,
        xtol=1e-300,
        rtol=4 * np.finfo(float).eps,
        maxiter=MOST_ITERATIONS,
        full_output=True,
        disp=False,
    )
    return float(root) if report.converged else _bisect(slope, left, right)[1]


def _bisect(slope: Callable[[float], float], left: float, right: float) -> tuple[float, float]:
    """Halve the stretch in which the slope changes its sign until no float lies between."""
    while left < (middle := left + (right - left) / 2) < right:
        left, right = (middle, right) if slope(middle) < 0 else (left, middle)
    return left, right


def polynomial_minimum(coefficients: np.ndarray, phi: Callable[[float], float]) -> float:
    """Return the q > 0 where a polynomial slice is lowest; NaN where it only falls.

    Infinite where the coefficients overflowed.

    Parameters
    ----------
    coefficients : array
        Of the polynomial, highest power first.
    phi : callable
        The objective along the line. It ranks the stationary points, because far out the terms of
        the polynomial cancel and its own value means nothing.
    """
    if not np.all(np.isfinite(coefficients)):
        return math.inf
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
