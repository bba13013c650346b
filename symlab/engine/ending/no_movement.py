"""Why a run no longer moves: it exploded, or is at an edge, a kink, or the precision of floats."""

import math
from collections.abc import Iterator
from itertools import islice

import numpy as np

from symlab.engine.ending.curvature import EPS, Oracle, write_point
from symlab.engine.ending.flat_places import at_pole, goes_down_for_ever, nothing_downhill
from symlab.engine.ending.precision import as_far_as_floats_go
from symlab.engine.ending.trail import FEWEST_ROWS, Trail
from symlab.engine.recording import length
from symlab.engine.stopping import Ending

JUMP = 0.1
"""Change of a gradient beside a kink, relative to it and to the change a thousand times as far."""


SURROUNDS = 1e-6
"""Of the longest gradient around a kink, how near to zero a convex combination must come."""


def no_movement(ending: Ending, trail: Trail, oracle: Oracle) -> Ending:
    """Return the ending where a step no longer changes the iterate, or a search finds none."""
    if trail.exploded:
        return exploded(ending, trail)
    if pole := at_pole(trail, oracle):
        return pole
    value, gradient = oracle.value_and_gradient(trail.last)
    if breach := _breach_downhill(trail, oracle, gradient):
        return Ending("stalled", f"the way down leaves the domain: {breach}; {ending.message}")
    if precise := as_far_as_floats_go(trail, oracle, value, gradient):
        return precise
    if _has_kink(trail, oracle, gradient) and _is_lowest_near(trail, oracle):
        return _at_kink(ending, trail, oracle)
    return nothing_downhill(ending, trail, oracle, gradient) or ending


def _breach_downhill(trail: Trail, oracle: Oracle, gradient: np.ndarray) -> str:
    """Return which assumption breaks a millionth of the way that the run has come, downhill."""
    steepness = length(gradient)
    if not oracle.domain.conditions or not 0 < steepness < math.inf:
        return ""
    return oracle.domain.breach(trail.last - 1e-6 * trail.reach * gradient / steepness)


def _has_kink(trail: Trail, oracle: Oracle, gradient: np.ndarray) -> bool:
    """Return whether the gradient jumps, within a thousand floats much as within a million.

    A curvature changes it in proportion to the distance, however small the gradient itself is.
    """
    if not oracle.is_cheap:
        return False
    near, far = (_jump(trail, oracle, gradient, part * trail.reach) for part in (1e-13, 1e-10))
    return near > JUMP * length(gradient) and near > JUMP * far


def _jump(trail: Trail, oracle: Oracle, gradient: np.ndarray, stride: float) -> float:
    """Return the largest change of the gradient on a step of a length along an axis."""
    changes = []
    for step in (stride, -stride):
        for i in range(len(gradient)):
            beside = trail.last.copy()
            beside[i] += step
            changes.append(length(oracle.value_and_gradient(beside)[1] - gradient))
    return max(changes)


def at_limit(ending: Ending, trail: Trail, oracle: Oracle) -> Ending:
    """Return the ending of a run whose second half gained nothing, or that goes down for ever.

    A second half gains nothing where rounding hides what is left, or at a kink.
    """
    first, half, last = (float(trail.values[i]) for i in (0, (len(trail.values) - 1) // 2, -1))
    if trail.tolerance == 0:  # then all steps were asked for
        return ending
    if trail.sank and (endless := goes_down_for_ever(ending, trail, oracle)):
        return endless
    if len(trail.values) < FEWEST_ROWS or abs(half - last) > 8 * EPS * abs(first - last):
        return ending
    value, gradient = oracle.value_and_gradient(trail.last)
    if precise := as_far_as_floats_go(trail, oracle, value, gradient):
        return precise
    if _has_kink(trail, oracle, gradient) and _is_lowest_near(trail, oracle):
        return _at_kink(ending, trail, oracle)
    return ending


def exploded(ending: Ending, trail: Trail) -> Ending:
    """Return the ending of a run whose numbers have grown out of all proportion."""
    return Ending(
        "diverged",
        f"the iterates exploded, to a value of {trail.values[-1]:.3g}; there {ending.message}",
    )


def _at_kink(ending: Ending, trail: Trail, oracle: Oracle) -> Ending:
    """Where no lower point is near and the gradient is not small, the objective has a kink.

    In one variable that is a minimum. In more the way down may be narrow, unless the gradients
    around have a convex combination that is zero: then no direction leads down at first order.
    """
    is_minimum = len(trail.last) == 1 or _gradients_surround_zero(trail, oracle)
    status = "converged" if is_minimum else ending.status
    return Ending(
        status,
        f"reached a kink at {write_point(oracle.names, trail.last)}, where no lower point was "
        f"found near; {ending.message}",
    )


def _gradients_surround_zero(trail: Trail, oracle: Oracle) -> bool:
    """Return whether zero is near the convex hull of the gradients around (Clarke stationary).

    Its point nearest to zero is sought by least squares with weights of at least zero, as in the
    gradient sampling of Burke, Lewis & Overton 2005, section 2.
    """
    size = len(trail.last)
    beside = (point for point in islice(_around(trail), 2 * size + 16 + 4 * size))
    gradients = np.array([oracle.value_and_gradient(point)[1] for point in beside])
    if not np.all(np.isfinite(gradients)):
        return False
    from scipy.optimize import nnls  # here, because only this question needs it

    scaled = gradients / np.linalg.norm(gradients, axis=1).max()
    stacked = np.vstack([scaled.T, np.ones(len(scaled))])
    weights, _ = nnls(stacked, np.eye(size + 1)[-1])
    return bool(np.linalg.norm(weights @ scaled) <= SURROUNDS * weights.sum())


# --- a gradient that is not finite


def no_gradient(ending: Ending, trail: Trail, oracle: Oracle) -> Ending:
    """Tell a kink, where only the gradient has no value, from numbers that overflowed."""
    if trail.exploded or not _has_gradients_near(trail, oracle):
        return ending
    where = write_point(oracle.names, trail.last)
    if _is_lowest_near(trail, oracle):
        return Ending(
            "converged",
            f"reached a kink at {where}, where the value is finite, the gradient is not, "
            "and no lower point was found near",
        )
    return Ending(
        "stalled",
        f"reached a point at {where} where the value is finite and the gradient is not, though "
        "lower points are near; start elsewhere or step another way",
    )


def _around(trail: Trail) -> Iterator[np.ndarray]:
    """Yield points near the last iterate: along each axis, and in directions drawn at random."""
    size = len(trail.last)
    drawn = np.random.default_rng(0).standard_normal((16 + 4 * size, size))
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    for part in (1e-9, 1e-6, 1e-3):
        for direction in np.vstack([np.eye(size), -np.eye(size), drawn]):
            yield trail.last + part * trail.reach * direction


def _has_gradients_near(trail: Trail, oracle: Oracle) -> bool:
    if not oracle.is_cheap:
        return False
    gradients = [oracle.value_and_gradient(point)[1] for point in _around(trail)]
    return 2 * sum(bool(np.all(np.isfinite(each))) for each in gradients) > len(gradients)


def _is_lowest_near(trail: Trail, oracle: Oracle) -> bool:
    here = oracle.value(trail.last)
    return not any(bool(oracle.value(point) < here) for point in _around(trail))
