"""As far as floats go: whether a run that no longer moves is where rounding lets it be.

- *At a minimum*, where the Hessian is positive definite, Newton's step says what is missing: the
  run has `converged` where that step changes the value by no more than rounding does, or value and
  variables by no more than the tolerance, relative to themselves. No unit changes this test.
- *Anywhere* a running bound on the rounding of each derivative (Higham 2002, section 3.3) says
  whether the gradient can be told from zero. Where it cannot, no float method can do better: the
  status is `precision`.
"""

import math
from dataclasses import replace

import numpy as np

from symlab.engine.ending.curvature import EPS, Curvature, Oracle, curvature_at, exact_curvature
from symlab.engine.ending.trail import Trail
from symlab.engine.stopping import Ending

PLACES = 4 * EPS
"""A step that no float can take, relative to the variable: a few units in its last place."""

SHORT, LEFT_OVER = 1e-3, 0.1
"""Of the way a run has come, a short step; of a gradient, what is left of it at a minimum."""

VACUOUS = 1e4
"""How much above the gradient the bound on its rounding may lie and still say something."""

TRIED = 12
"""Points beside the last iterate that show how a value rounds."""


def as_far_as_floats_go(
    trail: Trail, oracle: Oracle, value: float, gradient: np.ndarray
) -> Ending | None:
    """Return the ending at a place that only rounding keeps from satisfying the tolerance.

    A tolerance of zero asks for a gradient of exactly zero: no run that rounding stops converges.
    """
    if trail.tolerance < 0:
        return None
    found = _as_far_as_asked(trail, oracle, value, gradient)
    if found is None or trail.tolerance > 0:
        return found
    return replace(found, status="precision")


def _as_far_as_asked(
    trail: Trail, oracle: Oracle, value: float, gradient: np.ndarray
) -> Ending | None:
    """Return the ending at a minimum, or where every derivative may be rounding; or None."""
    curvature = sure_curvature(oracle, trail.last)
    if curvature is not None and curvature.kind == "minimum":
        step = curvature.newton_step(gradient)
        if ended := _at_minimum(trail, oracle, (value, gradient, step)):
            return ended
    return _within_rounding(trail, oracle, gradient, curvature)


def sure_curvature(oracle: Oracle, point: np.ndarray) -> Curvature | None:
    """Return the Hessian at a point, derived where differences leave its signs open."""
    found = curvature_at(oracle, point)
    if oracle.exact_hessian is None or (found is not None and found.kind):
        return found
    return exact_curvature(oracle.exact_hessian(point)) or found


def _at_minimum(
    trail: Trail, oracle: Oracle, there: tuple[float, np.ndarray, np.ndarray]
) -> Ending | None:
    """Return the ending where Newton's step to a minimum is too short to matter, or None."""
    value, gradient, step = there
    length = f"{np.linalg.norm(gradient):.3g}"
    # A step that no float can take gains nothing.
    still = bool(np.all(np.abs(step) <= PLACES * np.abs(trail.last)))
    gain = 0.0 if still else -float(gradient @ step) / 2
    leads = still or _leads_to_it(trail, oracle, gradient, step)
    if leads and gain <= 4 * rounding_of_value(trail, oracle, value):
        return Ending(
            "converged",
            f"converged to the precision of floats: the gradient's length {length} is what "
            f"rounding leaves, and Newton's step would change the value by {gain:.1g}",
        )
    if not _is_small(trail, value, gain, step):
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.nanmax(np.abs(step / trail.last))
    return Ending(
        "converged",
        f"converged relative to scale: Newton's step would lower the value by {gain:.2g} and move "
        f"no variable by more than {apart:.2g} of itself; the gradient's length is {length}",
    )


def _leads_to_it(trail: Trail, oracle: Oracle, gradient: np.ndarray, step: np.ndarray) -> bool:
    """Return whether Newton's step leads to a minimum: it is short, or little gradient is left.

    On a tail such as exp(-x) it is neither, however little the value has left to fall.
    """
    if np.abs(step).max() <= SHORT * trail.reach:
        return True
    after = oracle.value_and_gradient(trail.last + step)[1]
    return bool(np.linalg.norm(after) <= LEFT_OVER * np.linalg.norm(gradient))


def _is_small(trail: Trail, value: float, gain: float, step: np.ndarray) -> bool:
    """Return whether Newton's step is within the tolerance, relative to variables or to the value.

    Near a minimum the value changes with the square of the step. So where the decrease is within
    the tolerance of the value, the step must be within its root, or a large constant in the value
    would excuse any distance.
    """
    sizes = np.abs(trail.last)
    if np.all(np.abs(step) <= trail.tolerance * sizes):
        return True
    near = np.all(np.abs(step) <= math.sqrt(trail.tolerance) * sizes)
    return bool(near and gain <= trail.tolerance * abs(value))


def rounding_of_value(trail: Trail, oracle: Oracle, value: float) -> float:
    """Return the rounding of the value, as it shows a few floats away: terms may cancel in it."""
    drawn = np.random.default_rng(0).integers(-3, 4, (TRIED, len(trail.last)))
    beside = (oracle.value(trail.last * (1 + EPS * away)) for away in drawn)
    apart = [abs(other - value) for other in beside if math.isfinite(other)]
    return max(EPS * abs(value), *apart, 0.0)


def _within_rounding(
    trail: Trail, oracle: Oracle, gradient: np.ndarray, curvature: Curvature | None
) -> Ending | None:
    """Return the ending where every derivative may be nothing but rounding, or None.

    A maximum or a saddle is no place to stop. In a valley without an end, where the Hessian is
    singular, a run may.
    """
    if oracle.rounding is None or curvature is None or curvature.kind not in ("minimum", ""):
        return None
    # The iterate is a float, too: the last places of its coordinates change the gradient as well.
    bounds = oracle.rounding(trail.last) + np.abs(curvature.matrix) @ (PLACES * np.abs(trail.last))
    steepness = float(np.linalg.norm(gradient))
    # A bound far above the gradient explains nothing: close to a kink it may be of any size.
    if not np.all(np.abs(gradient) <= bounds) or not max(bounds) <= VACUOUS * steepness:
        return None
    return Ending(
        "precision",
        f"nothing smaller can be told apart in floats: the gradient's length "
        f"{np.linalg.norm(gradient):.3g} is within its rounding, at most "
        f"{np.linalg.norm(bounds):.2g}{_digits(trail, curvature, bounds)}",
    )


def _digits(trail: Trail, curvature: Curvature, bounds: np.ndarray) -> str:
    """Return to how many digits that determines the variables: H^-1 carries it over to them."""
    if curvature.kind != "minimum":
        return "; the Hessian is singular there, so this may be no isolated minimum"
    off = np.abs(np.linalg.inv(curvature.matrix)) @ bounds
    with np.errstate(divide="ignore"):
        digits = -np.log10(np.max(off / np.abs(trail.last)))
    known = f"{int(digits)} digits or more" if digits >= 1 else "less than one digit"
    return (
        f"; the Hessian's condition number, after scaling, is {curvature.condition:.1e}, and the "
        f"gradient determines each variable to {known}"
    )
