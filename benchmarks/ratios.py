"""What is compared: ratios to symlab, to the floor, and when compiling has paid."""

from collections.abc import Iterable
from math import exp, inf, log

from benchmarks.records import Measurement, Run, WorkloadRecord

OURS = "symlab-c"
"""The default backend; every ratio is to it."""

UNCOMPILED = ("lambdify", "symlab-interpreted", "numpy")
"""What one would do without compiling: the first that was measured is the base of break-even."""

COMPARED = ("W1", "W2", "W3", "W4", "W5", "W6", "W8")
"""The workloads whose geometric mean is asked for."""


def ratio(workload: WorkloadRecord | None, peer: str) -> float | None:
    """Return how many times as long as symlab a peer takes for a step; None if not measured."""
    ours = workload and workload.of(OURS)
    theirs = workload and workload.of(peer)
    if not ours or not theirs:
        return None
    return theirs.microseconds_per_step / ours.microseconds_per_step


def geometric_mean(ratios: Iterable[float]) -> float | None:
    """Return the geometric mean, or None of nothing.

    Examples
    --------
    >>> round(geometric_mean([1, 4, 2]), 12)
    2.0
    """
    logs = [log(each) for each in ratios]
    return exp(sum(logs) / len(logs)) if logs else None


def mean_ratio(run: Run, peer: str = "jax") -> float | None:
    """Return the geometric mean of the ratios to a peer; None unless all are there."""
    found = [ratio(run.workload(id), peer) for id in COMPARED]
    known = [each for each in found if each is not None]
    return geometric_mean(known) if len(known) == len(found) else None


def above_floor(workload: WorkloadRecord, measurement: Measurement) -> float | None:
    """Return how many times the floor a system takes; None where the floor has no time."""
    floor = workload.floor.microseconds
    return measurement.microseconds_per_step / floor if floor else None


def base_of(workload: WorkloadRecord) -> Measurement | None:
    """Return what one would do without compiling, or None if that was not measured."""
    return next((m for name in UNCOMPILED if (m := workload.of(name))), None)


def break_even(measurement: Measurement, base: Measurement | None) -> float | None:
    """Return after how many steps compiling has paid: its seconds over the saving per step.

    Infinite where a step saves nothing; None without a base, and for what compiles nothing.

    Examples
    --------
    >>> slow, fast = Measurement("W", "a", 10, 0, 1, 0), Measurement("W", "b", 2, 0.4, 1, 0)
    >>> break_even(fast, slow)
    50000.0
    """
    if base is None or not measurement.compile_seconds or measurement.system == base.system:
        return None
    saving = base.microseconds_per_step - measurement.microseconds_per_step
    if saving <= 0:
        return inf
    return max(0.0, measurement.compile_seconds - base.compile_seconds) * 1e6 / saving
