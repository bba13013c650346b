"""From rows to a trace: when a run stops, and the sentence that says why."""

import math
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np

from symlab.engine.ending.trail import Trail
from symlab.engine.iteration import LEFT, Ending, Row
from symlab.engine.trace import Trace
from symlab.interrupts import runs_keep_what_they_have

Callback = Callable[[int, np.ndarray, float], object]


@dataclass(frozen=True)
class Limits:
    """When to stop: after so many steps, at so small a gradient, or when the callback says so.

    A tolerance below zero never stops a run: the gradient on a batch may vanish anywhere.
    """

    max_steps: int
    tolerance: float
    callback: Callback | None = None
    report: Callable[[int], None] | None = None


@dataclass
class Record:
    """Rows as they come, in floats."""

    k: list[int] = field(default_factory=list)
    points: list[np.ndarray] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    gradient_norms: list[float] = field(default_factory=list)
    step_sizes: list[float] = field(default_factory=list)
    evaluations: list[int] = field(default_factory=list)
    states: list[dict[str, np.ndarray]] = field(default_factory=list)
    kept: list[Row] = field(default_factory=list)

    def append(self, row: Row, *, keep: bool) -> None:
        """Add a row; `keep` keeps its own numbers beside the floats."""
        self.k.append(row.k)
        self.points.append(floats(row.point))
        self.values.append(as_float(row.value))
        self.gradient_norms.append(length(floats(row.gradient)))
        self.step_sizes.append(math.nan if row.step_size is None else as_float(row.step_size))
        self.evaluations.append(row.evaluations)
        self.states.append({name: floats(state) for name, state in row.state.items()})
        if keep:
            self.kept.append(row)


def as_float(number: Any) -> float:
    """Return a number of any kind as a float: infinite beyond the range, NaN where not real."""
    try:
        return float(number)
    except OverflowError:
        return math.inf
    except TypeError:
        return math.nan


def floats(numbers: Any) -> np.ndarray:
    """Return numbers of any kind as an array of floats."""
    if isinstance(numbers, np.ndarray) and numbers.dtype == np.float64:
        return numbers
    array = np.array(numbers, dtype=object)
    return np.array([as_float(number) for number in array.ravel()]).reshape(array.shape)


def length(vector: np.ndarray) -> float:
    """Return the Euclidean length, without overflow on the way."""
    return math.hypot(*vector.tolist())


def collect(
    rows: Generator[Row, None, Ending], limits: Limits, *, keep: bool = False
) -> tuple[Record, Ending, float]:
    """Return the record of a run, why it ended, and its seconds; Ctrl-C loses nothing."""
    record, started = Record(), perf_counter()
    try:
        ending = _collect(rows, limits, record, keep=keep)
    except KeyboardInterrupt:
        if not runs_keep_what_they_have():
            raise
        ending = INTERRUPTED
    return record, ending, perf_counter() - started


def _collect(rows: Iterator[Row], limits: Limits, record: Record, *, keep: bool) -> Ending:
    while True:
        try:
            row = next(rows)
        except StopIteration as stop:
            return stop.value
        if not _is_finite(row):
            return NOT_FINITE
        record.append(row, keep=keep)
        if limits.report:
            limits.report(row.k)
        if ending := _ending(record, limits):
            return ending


def _is_finite(row: Row) -> bool:
    # On a handful of numbers Python is several times faster than NumPy's reductions.
    return math.isfinite(as_float(row.value)) and all(
        map(math.isfinite, floats(row.point).tolist())
    )


def _ending(record: Record, limits: Limits) -> Ending | None:
    k = record.k[-1]
    ending = ending_at(
        k,
        record.gradient_norms[-1],
        unchanged=len(record.k) > 1 and _unchanged(record),
        limits=limits,
    )
    if ending is None and limits.callback:
        ending = asked_to_stop(k, record.points[-1], record.values[-1], limits)
    return ending


def ending_at(k: int, norm: float, *, unchanged: bool, limits: Limits) -> Ending | None:
    """Return why a run ends at its k-th iterate, the gradient's length being `norm`, or None."""
    if norm <= limits.tolerance:
        return Ending(
            "converged",
            f"the gradient's length {norm:.3g} is at most {limits.tolerance:g}",
            "small gradient",
        )
    if not math.isfinite(norm):
        return Ending("diverged", "the gradient was not finite there", "no gradient")
    if unchanged and limits.tolerance >= 0:
        return Ending(
            "stalled",
            f"the step no longer changes the iterate; the gradient's length is {norm:.3g}",
            "unchanged",
        )
    if k >= limits.max_steps:
        return Ending(
            "max_steps",
            f"max_steps was reached; the gradient's length is still {norm:.3g}",
            "max_steps",
        )
    return None


def asked_to_stop(k: int, point: np.ndarray, value: float, limits: Limits) -> Ending | None:
    """Return an ending where the callback returns something true, or raises."""
    if limits.callback is None:
        return None
    try:
        # A copy, so that a callback may do with it as it likes.
        stop = bool(limits.callback(k, point.copy(), value))
    except Exception as error:  # whatever it is, it comes back chained, with the trace
        words = " ".join(f"{type(error).__name__}: {error}".split())
        return Ending("stopped", f"the callback raised {words[:MOST_WORDS]}", error=error)
    return Ending("stopped", "the callback asked to stop") if stop else None


class CallbackError(RuntimeError):
    """A callback raised: its own exception is the cause, and `trace` holds the run until then.

    Parameters
    ----------
    trace : Trace
        The run as far as it went, with status `"stopped"`.
    """

    def __init__(self, trace: Trace) -> None:
        super().__init__(f"callback: {trace.message} The run until then is in .trace.")
        self.trace = trace

    def __reduce__(self) -> tuple[type, tuple[Trace]]:
        return type(self), (self.trace,)


def returned(trace: Trace, ending: Ending) -> Trace:
    """Return the trace, or raise it along with what the callback raised.

    Raises
    ------
    CallbackError
        If the callback raised.
    """
    if ending.error is not None:
        raise CallbackError(trace) from ending.error
    return trace


NO_START = "start: the objective is not a finite real number there."
MOST_WORDS = 100
"""Characters of a callback's own words in the message."""

INTERRUPTED = Ending("stopped", "interrupted from the keyboard")
NOT_FINITE = Ending("diverged", "the next iterate or its value was not a finite real number", LEFT)


def _unchanged(record: Record) -> bool:
    if record.points[-1].tolist() != record.points[-2].tolist():
        return False
    if record.kept and record.kept[-1].point != record.kept[-2].point:
        return False
    before, after = record.states[-2], record.states[-1]
    return all(np.array_equal(before[name], after[name]) for name in after)


def sentence(steps: int, ending: Ending) -> str:
    """Return the trace's message."""
    return f"After {steps} step{'s' * (steps != 1)}: {ending.message}."


def trail_of(record: Record, limits: Limits) -> Trail:
    """Return where a run has been, for a second look at its end."""
    return Trail(np.array(record.points), np.array(record.values), limits.tolerance)


def as_trace(record: Record, ending: Ending, **facts: Any) -> Trace:
    """Return the record as a trace.

    Raises
    ------
    ValueError
        If not even the start could be recorded.
    CallbackError
        If the callback raised.
    """
    if not record.k:
        raise ValueError(NO_START)
    names = record.states[0] if record.states else {}
    trace = Trace(
        iterates=np.array(record.points),
        values=np.array(record.values),
        gradient_norms=np.array(record.gradient_norms),
        step_sizes=np.array(record.step_sizes),
        evaluations=np.array(record.evaluations, dtype=np.int64),
        states={name: np.array([state[name] for state in record.states]) for name in names},
        status=ending.status,
        k=np.array(record.k),
        message=sentence(record.k[-1], ending),
        **facts,
    )
    return returned(trace, ending)
