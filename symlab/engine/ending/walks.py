"""Walks away from where a run ended: whether the value falls, rises or never changes there.

The value of a convex function never falls faster on the way than the gradient says at its start.
So a value that falls ten times faster further on means that the place is no minimum's
neighbourhood; one that never rises, as far as 10 000 times the size of the iterate, that the
lowest value, if there is one, is not near.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from symlab.engine.ending.curvature import EPS, Curvature, Oracle
from symlab.engine.ending.precision import rounding_of_value
from symlab.engine.ending.trail import Trail

NEAREST, FARTHEST = 1e-8, 1e4
"""The walk downhill, in sizes of the iterate."""

STRIDE = 1.25
"""From one point of the walk to the next, as a factor: no valley a quarter as wide is missed."""

MOST_AXES = 10
"""Variables up to which a walk goes along each, where the gradient gives no direction."""

LARGEST = float(np.finfo(float).max)

STEEPER = 10.0
"""How much faster than at its start a value must fall further on to show that it can."""

NOISES = 4
"""Of the rounding that values show a few floats away, what a change must exceed."""

DOUBLINGS, FEWEST_DOUBLINGS = 40, 10
"""How often a distance is doubled to see where a falling value leads, and how often at least."""

SHRINKS = 0.97
"""Of one doubling's fall, what the next may be if all of them are to have a finite sum."""

NEARING = 1e-6, 1e-9, 1e-12
"""Distances from a pole, of the way that a run has come."""


@dataclass(frozen=True)
class Walk:
    """What a walk downhill met.

    Parameters
    ----------
    direction : array, shape (n,)
        A unit vector.
    start : float
        The value where it began.
    length, value : float
        How far it went, and the value there.
    falls : bool
        Whether the value fell faster than the gradient said at its start.
    endless : bool
        Whether the value never rose, and was lower in the end.
    level : bool
        Whether the value never rose.
    lower : float
        From which length on it was lower; infinite where it never was.
    """

    direction: np.ndarray
    start: float
    length: float
    value: float
    falls: bool = False
    endless: bool = False
    level: bool = False
    lower: float = np.inf


class Far(Enum):
    """Where a value leads that falls on a long way."""

    BOUND = "towards a bound"
    DEPTH = "without bound"
    RISE = "and rises again in the end"


def walks(
    trail: Trail, oracle: Oracle, gradient: np.ndarray, curvature: Curvature | None
) -> Iterator[Walk]:
    """Yield walks downhill, along the run's last movement, and where no derivative says a way."""
    steepness = float(np.linalg.norm(gradient))
    allowed = STEEPER * max(trail.tolerance, steepness)
    noise = noise_of(trail, oracle)
    for direction in _directions(trail, gradient):
        yield walk(direction, trail, oracle, (allowed, noise))
    for direction in _blind_directions(gradient, curvature):
        for either in (direction, -direction):
            yield replace(walk(either, trail, oracle, (allowed, noise)), endless=False)


def _directions(trail: Trail, gradient: np.ndarray) -> Iterator[np.ndarray]:
    for vector in (-gradient, trail.moved):
        if np.abs(vector).max() > 0:
            yield unit(vector)


def unit(vector: np.ndarray) -> np.ndarray:
    """Return a vector as long as 1, without underflow on the way."""
    reduced = vector / np.abs(vector).max()
    return np.asarray(reduced / np.linalg.norm(reduced))


def _blind_directions(gradient: np.ndarray, curvature: Curvature | None) -> Iterator[np.ndarray]:
    """Yield each axis where the gradient is zero, and a direction without curvature."""
    if not gradient.any() and len(gradient) <= MOST_AXES:
        yield from np.eye(len(gradient))
    flat = None if curvature is None else curvature.flat()
    if flat is not None:
        yield flat


def noise_of(trail: Trail, oracle: Oracle) -> float:
    """Return what a value must change by to show more than rounding, which may cancel in it."""
    value = oracle.value(trail.last)
    return max(8 * EPS * abs(value), NOISES * rounding_of_value(trail, oracle, value))


def walk(direction: np.ndarray, trail: Trail, oracle: Oracle, bounds: tuple[float, float]) -> Walk:
    """Walk along a direction until the value rises, or falls faster than allowed per length.

    What is allowed, and what of a change is noise, are the bounds.
    """
    start, length = oracle.value(trail.last), NEAREST * trail.size
    (allowed, noise), before, lower = bounds, start, np.inf
    # Beyond the last float there is nothing to see, and no length is longer than infinity.
    farthest = min(FARTHEST * trail.size, LARGEST - float(np.abs(trail.last).max()))
    while length <= farthest:
        value = oracle.value(trail.last + length * direction)
        if not value <= before + noise:
            return Walk(direction, start, length, value, lower=lower)
        lower = min(lower, length) if value < start - noise else lower
        if start - value > max(noise, allowed * length):
            return Walk(direction, start, length, value, falls=True, lower=lower)
        before, length = value, STRIDE * length
    # Along a direction in which nothing changes at all a minimum may lie as well.
    endless = before < start - noise
    return Walk(direction, start, length, before, endless=endless, level=True, lower=lower)


def far_along(direction: np.ndarray, trail: Trail, oracle: Oracle) -> Far:
    """Return where the value leads along a direction in which it does not rise soon.

    What it falls by on each doubling of the distance shrinks for exp(-q) and 1/q, whose falls have
    a finite sum; it does not for -log(q) or -q. Where a value is no number, or is beyond the
    largest, the way down ends.
    """
    lengths = trail.size * 2.0 ** np.arange(DOUBLINGS)
    values = np.array([oracle.value(trail.last + length * direction) for length in lengths])
    finite = np.isfinite(values)
    seen = DOUBLINGS if finite.all() else int(np.argmin(finite))
    ends_lower = seen == DOUBLINGS or values[seen] == -np.inf
    values = values[:seen]
    falls, noise = -np.diff(values), 8 * EPS * np.abs(values[1:])
    if np.any(falls < -noise) or not ends_lower:
        return Far.RISE
    if len(falls) < FEWEST_DOUBLINGS:
        return Far.DEPTH
    late = falls[len(falls) // 2 :]
    settles = late[1:] <= SHRINKS * late[:-1] + noise[len(falls) // 2 + 1 :]
    return Far.BOUND if np.all(settles) else Far.DEPTH


def falls_into_pole(trail: Trail, oracle: Oracle) -> bool:
    """Return whether the value falls without bound towards the last iterate, along some axis.

    What it falls by on each thousandth of the distance shrinks towards a kink, and a cusp: that of
    sqrt(q) to a part in 32. Towards a pole it does not: that of log(q) is always the same.
    """
    if not oracle.is_cheap:
        return False
    here, axes = oracle.value(trail.last), np.eye(len(trail.last))
    for axis in (*axes, *-axes):
        steps = (trail.reach * part * axis for part in NEARING)
        values = np.array([*(oracle.value(trail.last + step) for step in steps), here])
        falls = -np.diff(values)
        is_no_noise = falls[0] > 8 * EPS * np.abs(values[:-1]).max()
        if is_no_noise and np.all(falls[1:] >= SHRINKS * falls[0]):
            return True
    return False
