"""What to say where Newton's method has no step: which direction is flat, and what works.

A damping is advised only after it has been tried from the very point, in floats.
"""

import math

import numpy as np

from symlab.engine.ending.curvature import (
    EPS,
    Curvature,
    Oracle,
    curvature_at,
    exact_curvature,
    write_direction,
    write_point,
)

FRACTIONS = (1e-6, 1e-4, 1e-2, 1.0, 100.0)
"""Dampings to try, in sizes of the Hessian's largest entry."""

MOST_TRIED = 100
"""Steps of a trial, as many as `minimize` takes by default."""

LONGEST = 180
"""Characters of the sentence; where it would be longer, the point is left out."""

INSENSITIVE = 1e-5
"""Change of a value, relative to it, that leaves no sign of a minimum within a step of 1."""

REACHED = 1e-10
"""Length of the gradient that ends a trial well: the default tolerance of `minimize`."""


def singular_words(oracle: Oracle, point: np.ndarray) -> str:
    """Return the sentence for a singular Hessian, without its full stop."""
    rest = f"{_flat_words(oracle, point)}, so Newton has no step; {_advice(oracle, point)}"
    where = f"the Hessian is singular at {write_point(oracle.names, point)}"
    return f"{where}{rest}" if len(where + rest) <= LONGEST else f"the Hessian is singular{rest}"


def climbing_words(oracle: Oracle, point: np.ndarray) -> str:
    """Return what to add where Newton's direction climbs."""
    curvature = _at(oracle, point)
    if curvature is None:
        return " (the Hessian is not positive definite)"
    lowest = np.linalg.eigvalsh(curvature.matrix)[0]
    if lowest >= 0:
        return ""
    return f": the Hessian has a negative eigenvalue {lowest:.3g}; {_advice(oracle, point)}"


def has_flat(oracle: Oracle, point: np.ndarray, damping: float) -> bool:
    """Return whether the damped Hessian is singular at a point, judged after scaling."""
    curvature = _at(oracle, point, damping)
    return curvature is None or curvature.flat() is not None


def _at(oracle: Oracle, point: np.ndarray, damping: float = 0.0) -> Curvature | None:
    if oracle.hessian is None:
        return curvature_at(oracle, point)
    return exact_curvature(oracle.hessian(point) + damping * np.eye(len(point)))


def _flat_words(oracle: Oracle, point: np.ndarray) -> str:
    curvature = _at(oracle, point)
    if curvature is None:
        return " (it is not finite)"
    flat = curvature.flat()
    if flat is None:
        return ""
    along = _write_flat(oracle, flat)
    if _is_level(oracle, point, flat):
        return f": along {along} the value does not change"
    return "" if len(point) == 1 else f": along {along} there is no curvature"


def level_words(oracle: Oracle, point: np.ndarray, curvature: Curvature | None) -> str:
    """Return what to add where the value hardly changes along a line: no minimum is isolated."""
    flat = None if curvature is None else curvature.flat()
    if flat is None or not _is_level(oracle, point, flat, INSENSITIVE):
        return ""
    much = f"the value by less than {INSENSITIVE:g} of itself"
    changed = "nothing" if _is_level(oracle, point, flat) else much
    return (
        f"; moving on along {_write_flat(oracle, flat)} changes {changed}, so this is no isolated "
        "minimum"
    )


def _write_flat(oracle: Oracle, flat: np.ndarray) -> str:
    return write_direction(oracle.names, flat if flat[np.flatnonzero(flat)[0]] > 0 else -flat)


def _is_level(
    oracle: Oracle, point: np.ndarray, flat: np.ndarray, allowed: float = 64 * EPS
) -> bool:
    """Return whether the value changes by no more than a fraction along a line, near and far."""
    lengths = (0.1, 1.0, -1.0) if np.abs(point).max() < 100 else (1e-3 * np.abs(point).max(),)
    here = oracle.value(point)
    return all(
        abs(oracle.value(point + length * flat) - here) <= allowed * abs(here) for length in lengths
    )


def _advice(oracle: Oracle, point: np.ndarray) -> str:
    tried = {damping: _steps_down(oracle, point, damping) for damping in _dampings(oracle, point)}
    if worked := {damping: steps for damping, steps in tried.items() if steps is not None}:
        return f"newton(damping={min(worked, key=worked.__getitem__):g}) works from there"
    return "start elsewhere, or use 'bfgs' or 'gradient_descent'"


def _dampings(oracle: Oracle, point: np.ndarray) -> list[float]:
    curvature = _at(oracle, point)
    if curvature is None:
        return []
    lowest = min(0.0, float(np.linalg.eigvalsh(curvature.matrix)[0]))
    size = float(np.abs(curvature.matrix).max()) or 1.0
    return [
        float(f"{fraction * size - 2 * lowest:.0e}")
        for fraction in FRACTIONS
        if 0 < fraction * size - 2 * lowest < math.inf
    ]


def _steps_down(oracle: Oracle, start: np.ndarray, damping: float) -> int | None:
    """Return how many full damped steps lead to a lower stationary point; None if too many."""
    if oracle.hessian is None or not oracle.is_cheap:
        return None
    point, first = start, oracle.value(start)
    for steps in range(MOST_TRIED):
        value, gradient = oracle.value_and_gradient(point)
        if not (np.isfinite(value) and np.all(np.isfinite(gradient))):
            return None
        if np.linalg.norm(gradient) <= REACHED:
            return steps if value < first else None
        matrix = oracle.hessian(point) + damping * np.eye(len(point))
        try:
            point = point - np.linalg.solve(matrix, gradient)
        except np.linalg.LinAlgError:
            return None
        if not oracle.domain.holds(point):
            return None
    return None
