"""Whether a small gradient means a minimum.

A gradient below the tolerance is what a minimum has, but also a saddle, a plateau, and the way to
an infimum that is not attained. The questions are cheap, and none of the answers is a proof:

- *Curvature*: where Newton's step leads to a much smaller gradient, the signs of the Hessian's
  eigenvalues say what is there (Nocedal & Wright 2006, theorems 2.3 and 2.4). On a tail such as
  exp(-x^2) or 1/x Newton's step leads to another point of the tail instead, where the gradient is
  no less than a third of what it was.
- *A walk downhill*, in growing steps, along -grad f and along the run's last movement. The
  value of a convex function never falls faster on the way than the gradient says at its start. So a
  value that falls ten times faster further on means a plateau; one that never rises, as far as
  10 000 times the size of the iterate, an infimum that is not attained.
- *Many digits*, where the gradient is exactly zero in floats and curvature too: if it is not zero
  to 30 digits, it has only underflowed.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from symlab.engine.ending.advice import level_words
from symlab.engine.ending.curvature import EPS, Curvature, Oracle, curvature_at, write_direction
from symlab.engine.ending.trail import Trail
from symlab.engine.stopping import Ending

NEAREST, FARTHEST = 1e-8, 1e4
"""The walk downhill, in sizes of the iterate."""

STRIDE = 1.25
"""From one point of the walk to the next, as a factor: no valley a quarter as wide is missed."""

MOST_AXES = 10
"""Variables up to which a walk goes along each, where the gradient gives no direction."""

LARGEST = float(np.finfo(float).max)

STEEPER = 10.0
"""How much faster than at its start a value must fall further on to show a plateau."""

SETTLES = 0.1
"""What Newton's step leaves of a gradient near a stationary point with curvature."""


def small_gradient(ending: Ending, trail: Trail, oracle: Oracle) -> Ending:
    """Return the ending where the gradient is below the tolerance."""
    _, gradient = oracle.value_and_gradient(trail.last)
    curvature = curvature_at(oracle, trail.last)
    kind = _settled_kind(curvature, trail, oracle, gradient)
    if curvature is not None and kind:
        return ending if kind == "minimum" else _at_other(ending, kind, curvature)
    walks = list(_walks(trail, oracle, gradient))
    if fallen := next((walk for walk in walks if walk.falls), None):
        return _plateau(ending, fallen, trail, oracle)
    if endless := next((walk for walk in walks if walk.endless), None):
        return _not_attained(ending, endless, trail, oracle)
    if gradient.any() and walks[0].level:
        return _level(ending, trail)
    if not gradient.any() and _has_underflowed(trail, oracle):
        return _underflow(trail)
    if curvature is not None and curvature.kind in ("maximum", "saddle point"):
        lowest = np.linalg.eigvalsh(curvature.matrix)[0]
        reason = f"but no minimum is near: the Hessian has a negative eigenvalue {lowest:.3g}"
        return Ending(trail.word, f"on a slope that is nearly flat: {ending.message}, {reason}")
    level = level_words(oracle, trail.last, curvature) if gradient.any() else ""
    return replace(ending, message=ending.message + level)


def _settled_kind(
    curvature: Curvature | None, trail: Trail, oracle: Oracle, gradient: np.ndarray
) -> str:
    """Return what kind of stationary point is near, or nothing where none is certain."""
    if curvature is None or not curvature.kind:
        return ""
    step = curvature.newton_step(gradient)
    if np.all(np.abs(step) <= 4 * EPS * np.abs(trail.last)) or not step.any():
        return curvature.kind
    after = oracle.value_and_gradient(trail.last + step)[1]
    settled = np.linalg.norm(after) <= SETTLES * np.linalg.norm(gradient)
    return curvature.kind if settled or _is_rounding(trail, oracle, gradient) else ""


def _is_rounding(trail: Trail, oracle: Oracle, gradient: np.ndarray) -> bool:
    """Return whether no derivative can be told from zero: then no step makes them smaller."""
    if oracle.rounding is None or not oracle.is_cheap:
        return False
    return bool(np.all(np.abs(gradient) <= oracle.rounding(trail.last)))


def _at_other(ending: Ending, kind: str, curvature: Curvature) -> Ending:
    eigenvalues = np.linalg.eigvalsh(curvature.matrix)
    if len(eigenvalues) == 1:
        reason = f"the second derivative is {eigenvalues[0]:.3g}"
    elif kind == "maximum":
        reason = "all eigenvalues of the Hessian are negative"
    else:
        reason = f"the Hessian has a negative eigenvalue {eigenvalues[0]:.3g}"
    return replace(ending, message=f"{ending.message}; this is a {kind}, no minimum: {reason}")


@dataclass(frozen=True)
class Walk:
    """What a walk downhill met.

    Parameters
    ----------
    direction : array, shape (n,)
        A unit vector.
    length, value : float
        How far it went, and the value there.
    falls : bool
        Whether the value fell faster than the gradient said at its start.
    endless : bool
        Whether the value never rose, and was lower in the end.
    level : bool
        Whether the value never rose.
    lower : bool
        Whether it was lower before it rose, or in the end.
    """

    direction: np.ndarray
    start: float
    length: float
    value: float
    falls: bool = False
    endless: bool = False
    level: bool = False
    lower: bool = False


def _walks(trail: Trail, oracle: Oracle, gradient: np.ndarray) -> Iterator[Walk]:
    steepness = float(np.linalg.norm(gradient))
    allowed = STEEPER * max(trail.tolerance, steepness)
    for direction in _directions(trail, gradient):
        yield _walk(direction, trail, oracle, allowed)
    if steepness == 0 and len(gradient) <= MOST_AXES:
        for direction in np.vstack([np.eye(len(gradient)), -np.eye(len(gradient))]):
            yield replace(_walk(direction, trail, oracle, allowed), endless=False)


def _directions(trail: Trail, gradient: np.ndarray) -> Iterator[np.ndarray]:
    for vector in (-gradient, trail.moved):
        largest = np.abs(vector).max()
        if largest > 0:
            yield vector / largest / np.linalg.norm(vector / largest)


def _walk(direction: np.ndarray, trail: Trail, oracle: Oracle, allowed: float) -> Walk:
    start, length = oracle.value(trail.last), NEAREST * trail.size
    noise, before = 8 * EPS * abs(start), start
    # Beyond the last float there is nothing to see, and no length is longer than infinity.
    farthest = min(FARTHEST * trail.size, LARGEST - float(np.abs(trail.last).max()))
    while length <= farthest:
        value = oracle.value(trail.last + length * direction)
        if not value <= before + noise:
            return Walk(direction, start, length, value, lower=before < start - noise)
        if start - value > max(noise, allowed * length):
            return Walk(direction, start, length, value, falls=True)
        before, length = value, STRIDE * length
    # Along a direction in which nothing changes at all a minimum may lie as well.
    lower = before < start - noise
    return Walk(direction, start, length, before, endless=lower, level=True, lower=lower)


def _plateau(ending: Ending, walk: Walk, trail: Trail, oracle: Oracle) -> Ending:
    towards = write_direction(oracle.names, walk.direction)
    return Ending(
        trail.word,
        f"on a plateau, not at a minimum: {ending.message}, but {walk.length:.3g} further along "
        f"{towards} the value falls by {walk.start - walk.value:.3g}",
    )


def _level(ending: Ending, trail: Trail) -> Ending:
    return Ending(
        trail.word,
        f"on a plateau, not at a minimum: {ending.message}, and far along it the value does not "
        "change by a float",
    )


def _not_attained(ending: Ending, walk: Walk, trail: Trail, oracle: Oracle) -> Ending:
    towards = write_direction(oracle.names, walk.direction)
    apart = (
        "; of a classifier it says that the classes can be separated" if oracle.samples > 1 else ""
    )
    if trail.grows:
        return Ending(
            "diverged",
            f"{ending.message}, but the iterates keep growing and the value keeps falling along "
            f"{towards}: the infimum is not attained{apart}",
        )
    return Ending(
        "stalled",
        f"on a plateau, not at a minimum: {ending.message}, but along {towards} the value never "
        f"rises again: the infimum is not attained",
    )


def _has_underflowed(trail: Trail, oracle: Oracle) -> bool:
    """Return whether a gradient of zero has a direction all the same, in which nothing rises."""
    if oracle.exact_gradient is None:
        return False
    close = oracle.exact_gradient(trail.last)
    largest = max(abs(entry) for entry in close)
    if not 0 < largest < math.inf:
        return False
    direction = -np.array([float(entry / largest) for entry in close])
    walk = _walk(direction / np.linalg.norm(direction), trail, oracle, math.inf)
    return walk.level or walk.lower


def _underflow(trail: Trail) -> Ending:
    reason = "the gradient is not zero there, but below the smallest float"
    if trail.grows:
        return Ending("diverged", f"the iterates keep growing; {reason}, so no minimum is reached")
    return Ending("stalled", f"on a plateau, not at a minimum: {reason}")
