"""The local errors of a run: each of its steps recomputed exactly from its own iterate.

The *local* error of a step is the distance from where the run went to where exact arithmetic would
have gone from the same iterate and state. It says whether the code is right; the distance between
two whole runs does not: an unstable point magnifies the last bit without anything being wrong.
"""

from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from sympy import Matrix

from symlab.algebra.working_precision import working_digits
from symlab.engine.rounding import Vector
from symlab.engine.trace import Trace
from symlab.lab.accuracy.ulps import spacing, ulps
from symlab.lab.compare.exact_steps import Steps, chosen

FEWEST_DIGITS = 1e-6
"""The largest error that counts as agreement, relative to the size of a step."""

LOCAL_ULPS = 4
"""Ulps of the result within which a step agrees, whatever cancels in it."""


@dataclass(frozen=True)
class LocalErrors:
    """Local errors of a run, one row per step.

    Parameters
    ----------
    errors : array, shape (K, n)
        Distance of each new coordinate from the exact one, absolute.
    ulps : array, shape (K, n)
        The same in ulps of the exact coordinate.
    allowed, allowed_ulps : array, shape (K, n)
        The distance that rounding alone may cause: 4 ulps of the result, or the running error bound
        of the step's own arithmetic where terms cancel.
    value_ulps : array, shape (K + 1,)
        Error of each recorded value of the objective, in ulps.
    values_allowed : array, shape (K + 1,)
        What rounding may cause there, in ulps.
    ceiling : array, shape (K, 1)
        Whatever rounding explains, a step that keeps fewer than six digits is no agreement.
    decisions : int
        Steps at which a search took a length that its own test, checked exactly, does not allow.
    """

    errors: np.ndarray
    ulps: np.ndarray
    allowed: np.ndarray
    allowed_ulps: np.ndarray
    value_ulps: np.ndarray
    values_allowed: np.ndarray
    decisions: int
    ceiling: np.ndarray

    @property
    def agrees(self) -> bool:
        """Whether every step, value and decision is right to within rounding."""
        return (
            bool(np.all(self.errors <= np.minimum(self.allowed, self.ceiling)))
            and bool(np.all(self.value_ulps <= self.values_allowed))
            and self.decisions == 0
        )


def local_errors(steps: Steps, trace: Trace) -> LocalErrors:
    """Return the local errors of a run.

    Parameters
    ----------
    steps : Steps
        The exact steps of what the run followed, in far more digits than the 16 of a float.
    trace : Trace
        A compiled run, with its states.
    """
    with working_digits(steps.digits):
        errors_of = [_step(steps, trace, at) for at in range(len(trace) - 1)]
        values = [_value(steps, trace, at) for at in range(len(trace))]
        decisions = sum(not _is_allowed(steps, trace, at) for at in range(len(trace) - 1))
    shape = (-1, 4, len(trace.variables))
    errors, in_ulps, allowed, allowed_ulps = np.array(errors_of).reshape(shape).transpose(1, 0, 2)
    value_ulps, values_allowed = np.array(values).T
    sizes = np.abs(trace.iterates).max(axis=1, keepdims=True)
    ceiling = FEWEST_DIGITS * np.maximum(sizes[:-1], sizes[1:])
    limits = (allowed, allowed_ulps)
    return LocalErrors(errors, in_ulps, *limits, value_ulps, values_allowed, decisions, ceiling)


def _numbers(values: np.ndarray) -> Vector:
    return tuple(mpmath.mpf(float(value)) for value in values)


def _before(steps: Steps, trace: Trace, at: int) -> tuple[Vector, dict[str, Any], Any]:
    """Return iterate, state and length of a step, as exact numbers."""
    state = {
        name: _numbers(history[at]) if history[at].ndim == 1 else Matrix(history[at].tolist())
        for name, history in trace.states.items()
    }
    return _numbers(trace.iterates[at]), state, chosen(steps, trace, at)


def _step(steps: Steps, trace: Trace, at: int) -> tuple[list[float], ...]:
    """Return error, error in ulps, and what is allowed of either, for each coordinate of a step."""
    point, state, length = _before(steps, trace, at)
    exact = steps.step(point, state, at, length)
    bounds = steps.bound(point, state, at, length)
    given = _numbers(trace.iterates[at + 1])
    errors = [float(abs(a - e)) for a, e in zip(given, exact, strict=True)]
    in_ulps = [ulps(float(a), e) for a, e in zip(given, exact, strict=True)]
    units = [float(spacing(e)) for e in exact]
    allowed = [max(float(b), LOCAL_ULPS * unit) for b, unit in zip(bounds, units, strict=True)]
    return errors, in_ulps, allowed, [a / unit for a, unit in zip(allowed, units, strict=True)]


def _value(steps: Steps, trace: Trace, at: int) -> tuple[float, float]:
    """Return the error of a recorded value in ulps, and what is allowed of it."""
    point = _numbers(trace.iterates[at])
    exact, bound = steps.value(point, at)
    return ulps(float(trace.values[at]), exact), max(float(bound / spacing(exact)), LOCAL_ULPS)


def _is_allowed(steps: Steps, trace: Trace, at: int) -> bool:
    point, state, length = _before(steps, trace, at)
    return steps.allows(point, state, at, length)
