"""Whether a small gradient means a minimum.

A gradient below the tolerance is what a minimum has, but also a saddle, a plateau, and the way to
an infimum that is not attained. The questions are cheap, and none of the answers is a proof:

- *Curvature*: where Newton's step leads to a much smaller gradient, the signs of the Hessian's
  eigenvalues say what is there (Nocedal & Wright 2006, theorems 2.3 and 2.4). On a tail such as
  exp(-x^2) or 1/x Newton's step leads to another point of the tail instead, where the gradient is
  no less than a third of what it was.
- *A walk*, in growing steps, downhill, along the run's last movement and along what has no
  curvature: see `walks`. Where the value falls, Newton's steps tell a stationary point near by, to
  which they shrink, from a plateau, on which they do not.
- *Many digits*, where the gradient is exactly zero in floats and curvature too: if it is not zero
  to 30 digits, it has only underflowed.
"""

import math
from dataclasses import replace

import numpy as np

from symlab.engine.ending.advice import level_words
from symlab.engine.ending.curvature import EPS, Curvature, Oracle, write_direction
from symlab.engine.ending.flat_places import (
    has_underflowed,
    level,
    not_attained,
    plateau,
    slope,
    underflow,
    underflowed_variable,
    without_effect,
)
from symlab.engine.ending.precision import rounding_of_value, sure_curvature
from symlab.engine.ending.trail import Trail
from symlab.engine.ending.walks import Walk, walks
from symlab.engine.stopping import Ending

SETTLES = 0.1
"""What Newton's step leaves of a gradient near a stationary point with curvature."""

CONTRACTS, NEWTON_STEPS = 0.85, 6
"""Of one Newton's step, what the next is at most near a stationary point; how many are taken.

Where the gradient vanishes like q^p the factor is 1 - 1/p; on exp(-q) it is 1, on 1/q above.
"""

AT_ONCE = 0.1
"""Within so many sizes of the iterate a value that falls beside a stationary point falls there."""


def small_gradient(ending: Ending, trail: Trail, oracle: Oracle) -> Ending:
    """Return the ending where the gradient is below the tolerance."""
    _, gradient = oracle.value_and_gradient(trail.last)
    curvature = sure_curvature(oracle, trail.last)
    kind = _settled_kind(curvature, trail, oracle, gradient)
    if curvature is not None and kind:
        return ending if kind == "minimum" else at_other(ending, kind, curvature)
    taken = list(walks(trail, oracle, gradient, curvature))
    if fallen := next((walk for walk in taken if walk.falls), None):
        return _lower(ending, fallen, trail, oracle, gradient)
    if endless := next((walk for walk in taken if walk.endless), None):
        return not_attained(ending, endless, trail, oracle)
    if gradient.any() and taken[0].level:
        return level(ending, taken[0].direction, oracle)
    if not gradient.any() and has_underflowed(trail, oracle):
        return underflow(trail)
    if curvature is not None and curvature.kind in ("maximum", "saddle point"):
        return slope(ending, curvature)
    return _level_or_not(ending, trail, oracle, gradient, curvature)


def _level_or_not(
    ending: Ending,
    trail: Trail,
    oracle: Oracle,
    gradient: np.ndarray,
    curvature: Curvature | None,
) -> Ending:
    """Return the ending where no way leads down, as far as floats show one."""
    if hidden := underflowed_variable(trail, oracle, gradient):
        return without_effect(ending, hidden)
    words = level_words(oracle, trail.last, curvature)
    return replace(ending, message=ending.message + words)


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
    # The bound on rounding is derived when it is first asked for, which is dear for a long formula.
    if settled or _gains_nothing(trail, oracle, gradient, step):
        return curvature.kind
    return curvature.kind if _is_rounding(trail, oracle, gradient) else ""


def _is_rounding(trail: Trail, oracle: Oracle, gradient: np.ndarray) -> bool:
    """Return whether no derivative can be told from zero: then no step makes them smaller."""
    if oracle.rounding is None or not oracle.is_cheap:
        return False
    return bool(np.all(np.abs(gradient) <= oracle.rounding(trail.last)))


def _gains_nothing(trail: Trail, oracle: Oracle, gradient: np.ndarray, step: np.ndarray) -> bool:
    """Return whether Newton's step is short, and changes the value by no more than rounding does.

    Then the gradient may be rounding alone, of which no step leaves less.
    """
    if not np.abs(step).max() <= math.sqrt(EPS) * np.abs(trail.last).max():
        return False
    change = abs(float(gradient @ step)) / 2
    return change <= 4 * rounding_of_value(trail, oracle, oracle.value(trail.last))


def at_other(ending: Ending, kind: str, curvature: Curvature) -> Ending:
    """Return the ending at a stationary point where the Hessian has a negative eigenvalue."""
    eigenvalues = np.linalg.eigvalsh(curvature.matrix)
    if len(eigenvalues) == 1:
        reason = f"the second derivative is {eigenvalues[0]:.3g}"
    elif kind == "maximum":
        reason = "all eigenvalues of the Hessian are negative"
    else:
        reason = f"the Hessian has a negative eigenvalue {eigenvalues[0]:.3g}"
    return Ending("saddle", f"{ending.message}; this is a {kind}, no minimum: {reason}")


def _lower(
    ending: Ending, fallen: Walk, trail: Trail, oracle: Oracle, gradient: np.ndarray
) -> Ending:
    """Return the ending where the value falls further on: beside a stationary point, or not."""
    if not _is_stationary(fallen, trail, oracle, gradient):
        return plateau(ending, fallen, oracle)
    towards = write_direction(oracle.names, fallen.direction)
    return Ending(
        "saddle",
        f"{ending.message}; this is an inflection or a degenerate saddle point, no minimum: "
        f"{fallen.length:.3g} further along {towards} the value falls by "
        f"{fallen.start - fallen.value:.3g}",
    )


def _is_stationary(fallen: Walk, trail: Trail, oracle: Oracle, gradient: np.ndarray) -> bool:
    """Return whether there is a stationary point near, beside which the value falls."""
    if gradient.any():
        return _newton_contracts(trail, oracle)
    at_once = fallen.lower <= AT_ONCE * trail.size
    return at_once and (oracle.exact_gradient is None or not any(oracle.exact_gradient(trail.last)))


def _newton_contracts(trail: Trail, oracle: Oracle) -> bool:
    """Return whether Newton's steps shrink like a geometric series, as near a stationary point."""
    point, before = trail.last, math.inf
    for taken in range(NEWTON_STEPS):
        gradient, curvature = oracle.value_and_gradient(point)[1], sure_curvature(oracle, point)
        if curvature is None:
            return False
        step = curvature.newton_step(gradient)
        left = np.linalg.norm(curvature.matrix @ step + gradient)
        if taken == 0 and not left <= SETTLES * np.linalg.norm(gradient):
            return False
        length = float(np.linalg.norm(step))
        if not length <= CONTRACTS * before:
            return False
        point, before = point + step, length
    return True
