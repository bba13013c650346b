"""From rows to a trace: rows are collected until the run ends, and become a trace."""

import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

import numpy as np

from symlab.algebra.alphabet import damping
from symlab.engine.calculus import Row
from symlab.engine.ending.trail import Trail
from symlab.engine.run import Run
from symlab.engine.stopping import (
    INTERRUPTED,
    NOT_FINITE,
    Ending,
    StartError,
    call_back,
    ending_at,
    sentence,
)
from symlab.engine.trace import Trace
from symlab.interrupts import runs_keep_what_they_have
from symlab.methods.method import Method


@dataclass
class Record:
    """The rows of a run so far, in floats."""

    k: list[int] = field(default_factory=list)
    points: list[np.ndarray] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    gradient_norms: list[float] = field(default_factory=list)
    step_sizes: list[float] = field(default_factory=list)
    evaluations: list[int] = field(default_factory=list)
    states: list[dict[str, np.ndarray]] = field(default_factory=list)
    tried: list[list[float]] = field(default_factory=list)
    kept: list[Row] = field(default_factory=list)

    def append(self, row: Row, *, keep: bool) -> None:
        """Add a row; with `keep` its exact numbers stay beside the floats."""
        self.k.append(row.k)
        self.points.append(floats(row.point))
        self.values.append(as_float(row.value))
        self.gradient_norms.append(length(floats(row.gradient)))
        self.step_sizes.append(math.nan if row.step_size is None else as_float(row.step_size))
        self.evaluations.append(row.evaluations)
        self.states.append({name: floats(state) for name, state in row.state.items()})
        for step_size, value, point in row.tried:
            self.tried.append(
                [row.k, as_float(step_size), as_float(value), *floats(point).tolist()]
            )
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
    rows: Generator[Row, None, Ending], run: Run, *, keep: bool = False
) -> tuple[Record, Ending, float]:
    """Return the record of a run, why it ended, and its seconds; Ctrl-C loses nothing."""
    record, started = Record(), perf_counter()
    try:
        ending = _collect(rows, run, record, keep=keep)
    except KeyboardInterrupt:
        if not runs_keep_what_they_have():
            raise
        ending = INTERRUPTED
    return record, ending, perf_counter() - started


def _collect(rows: Iterator[Row], run: Run, record: Record, *, keep: bool) -> Ending:
    while True:
        try:
            row = next(rows)
        except StopIteration as stop:
            return stop.value
        if not _is_finite(row):
            return NOT_FINITE
        record.append(row, keep=keep)
        if run.report:
            run.report(row.k)
        if ending := _ending(record, run):
            return ending


def _is_finite(row: Row) -> bool:
    # On a handful of numbers Python is several times faster than NumPy's reductions.
    return math.isfinite(as_float(row.value)) and all(
        map(math.isfinite, floats(row.point).tolist())
    )


def _ending(record: Record, run: Run) -> Ending | None:
    k, unchanged = record.k[-1], len(record.k) > 1 and _is_unchanged(record)
    ending = ending_at(k, record.gradient_norms[-1], unchanged=unchanged, run=run)
    return ending or call_back(k, record.points[-1], record.values[-1], run)


def _is_unchanged(record: Record) -> bool:
    if record.points[-1].tolist() != record.points[-2].tolist():
        return False
    if record.kept and record.kept[-1].point != record.kept[-2].point:
        return False
    before, after = record.states[-2], record.states[-1]
    return all(np.array_equal(before[name], after[name]) for name in after)


def trail_of(record: Record, run: Run) -> Trail:
    """Return where a run has been, for the examination of its ending."""
    return Trail(np.array(record.points), np.array(record.values), run.tolerance)


def trace_of(record: Record, ending: Ending, run: Run, **facts: Any) -> Trace:
    """Return the record of a run as a trace.

    Parameters
    ----------
    record : Record
    ending : Ending
    run : Run
    **facts
        The fields of `Trace` that the runner knows.

    Raises
    ------
    ValueError
        If not even the start could be recorded.
    CallbackError
        If the callback raised.
    """
    if not record.k:
        raise StartError
    names = record.states[0] if record.states else {}
    return trace_of_columns(
        run,
        replace(ending, message=ending.message + _shifts(record, run)),
        record.k[-1],
        iterates=np.array(record.points),
        values=np.array(record.values),
        gradient_norms=np.array(record.gradient_norms),
        step_sizes=np.array(record.step_sizes),
        evaluations=np.array(record.evaluations, dtype=np.int64),
        states={name: np.array([state[name] for state in record.states]) for name in names},
        k=np.array(record.k),
        tried=np.array(record.tried).reshape(len(record.tried), 3 + len(run.names)),
        **facts,
    )


def _shifts(record: Record, run: Run) -> str:
    """Return what to add to the message where Hessians had to be shifted; nothing elsewhere."""
    if not (isinstance(run.method, Method) and run.method.direction.shifts):
        return ""
    shifts = [state[damping.name][0] for state in record.states[1:] if damping.name in state]
    if not any(shifts):
        return ""
    shifted = sum(shift > 0 for shift in shifts)
    where = f"in {shifted} of {len(shifts)} recorded steps"
    return f"; the Hessian was shifted {where}, where it was not positive definite"


def trace_of_columns(run: Run, ending: Ending, steps: int, **columns: Any) -> Trace:
    """Return what was recorded of a run as a trace.

    Parameters
    ----------
    run : Run
    ending : Ending
    steps : int
        How many were taken.
    **columns
        The other fields of `Trace` that are not facts of the run.

    Raises
    ------
    CallbackError
        If the callback raised: its own exception is the cause.
    """
    trace = Trace(
        variables=run.names,
        status=ending.status,
        message=sentence(steps, ending, run.chosen),
        backend=run.backend,
        method=repr(run.method),
        record=run.record,
        objective=run.objective,
        **columns,
    )
    if ending.error is not None:
        raise CallbackError(trace) from ending.error
    return trace


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
