"""What each stage of a graph costs: its largest error in ulps, and its time in nanoseconds.

Times are minima: what other programs do on the machine only ever adds to them. All stages are timed
in turn, round by round, so that a slow moment is no stage's own.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from symlab.engine.rewriting.stage import Stage
from symlab.lab.accuracy.ulps import ulps
from symlab.lab.compiled_view.subject import Arrays, Subject

ROUNDS = 9
"""How often each stage is timed."""

A_ROUND = 1e-3
"""Seconds for which a stage is called in a round, at least once."""


@dataclass(frozen=True)
class Cost:
    """The largest error over all points in ulps, infinite where one is lost; ns a point."""

    ulps: float
    ns: float


def number(value: float) -> str:
    """Return a number to read; an infinite error is a result that is lost.

    Examples
    --------
    >>> number(1.2345), number(math.inf)
    ('1.23', 'lost')
    """
    return "lost" if math.isinf(value) else f"{value:.3g}"


def measure(subject: Subject, backend: str) -> list[Cost]:
    """Return what each stage costs: as stated, then behind each change."""
    calls = _compile(subject.stages, backend, subject.timed)
    with np.errstate(all="ignore"):
        errors = [_largest_error(call, subject) for call in calls]
        times = _least_times(calls, subject.timed)
    return [
        Cost(error, 1e9 * seconds / subject.size)
        for error, seconds in zip(errors, times, strict=True)
    ]


def _compile(stages: Iterable[Stage], backend: str, sample: Arrays) -> list[Callable[..., Any]]:
    with np.errstate(all="ignore"):
        return [stage.compile(backend, sample).call for stage in stages]


def _largest_error(call: Callable[..., Any], subject: Subject) -> float:
    found = [
        _error(value, exact)
        for given, right in zip(subject.calls, subject.exact, strict=True)
        for value, exact in zip(call(*given), right, strict=True)
    ]
    return max(found, default=math.nan)


def _error(values: Any, exact: np.ndarray) -> float:
    """Return the largest error; a point where the formula has no real value has none."""
    floats = np.broadcast_to(np.asarray(values, dtype=float), exact.shape)
    pairs = zip(floats.ravel().tolist(), exact.ravel().tolist(), strict=True)
    errors = [ulps(value, number) for value, number in pairs]
    return max((error for error in errors if not math.isnan(error)), default=0.0)


def _least_times(calls: list[Callable[..., Any]], given: Arrays) -> list[float]:
    often = [max(1, int(A_ROUND / _seconds(call, given, 1))) for call in calls]
    least = [math.inf] * len(calls)
    for _ in range(ROUNDS):
        for i, call in enumerate(calls):
            least[i] = min(least[i], _seconds(call, given, often[i]) / often[i])
    return least


def _seconds(call: Callable[..., Any], given: Arrays, count: int) -> float:
    began = perf_counter()
    for _ in range(count):
        call(*given)
    return perf_counter() - began
