"""W10: ten million steps with sparse recording in flat memory; a batch of ten costs ten samples."""

import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.cells import run_cell
from benchmarks.effort import Effort
from benchmarks.floors import Floor, total
from benchmarks.jobs import valley
from benchmarks.jobs.logistic import drawn, work_of_descent, work_of_sample
from benchmarks.measure import agree, seconds_of
from benchmarks.records import FLOOR, Rates, Reading
from benchmarks.symlab_runs import descent_in_valley, logistic

ID, TITLE = "W10", "a run of ten million steps, recorded sparsely; a batch of ten of a million"
LONG, SHORT = 10_000_000, 10_000
STEP_SIZE = 1e-6
"""So small that ten million steps do not arrive: a run ends where nothing moves any more."""

RECORDED = 100
"""Iterates that a run records."""

MANY, FEW = 1_000_000, 1_000
"""Samples of which batches of ten are drawn."""

BATCH, PARAMETERS, STEPS = 10, 3, 20_000
CASE = f"batch of {BATCH}"
SYSTEMS = ("symlab-c", "symlab-numba")
MEMORY, TIME, PER_STEP = "peak megabytes", "seconds", "microseconds per step"


def readings(effort: Effort, rates: Rates | None = None) -> Iterator[Reading]:
    """Run the long and the short run, and the batches of much and of little data."""
    yield from _floors(effort, rates)
    for system in SYSTEMS:
        for steps in (SHORT, effort.of(LONG)):
            yield from _long(system, steps, effort.cell_seconds)
        for samples in (FEW, effort.of(MANY)):
            yield _batches(system, samples, effort)


def _floors(effort: Effort, rates: Rates | None) -> Iterator[Reading]:
    """The least time of both jobs: what they record is too little to count."""
    if not rates:
        return
    step = valley.floor().record(rates).microseconds or 0.0
    yield Reading(ID, FLOOR, "long run", TIME, step * effort.of(LONG) / 1e6, effort.of(LONG))
    work = total((BATCH, work_of_sample(PARAMETERS)), (PARAMETERS, work_of_descent()))
    batch = Floor(work).record(rates).microseconds
    yield Reading(ID, FLOOR, CASE, PER_STEP, batch, effort.of(MANY))


def _long(system: str, steps: int, seconds: float) -> Iterator[Reading]:
    outcome = run_cell(f"{__name__}:long_cell", {"system": system, "steps": steps}, seconds)
    for quantity in (MEMORY, TIME):
        value = outcome.found.get(quantity)
        yield Reading(ID, system, "long run", quantity, value, steps, outcome.trouble)


def _batches(system: str, samples: int, effort: Effort) -> Reading:
    given = {"system": system, "samples": samples, "steps": effort.of(STEPS)}
    outcome = run_cell(f"{__name__}:batch_cell", given, effort.cell_seconds)
    return Reading(
        ID, system, CASE, PER_STEP, outcome.found.get(PER_STEP), samples, outcome.trouble
    )


def long_cell(system: str, steps: int) -> Iterator[dict[str, Any]]:
    """Descend in Rosenbrock's valley, and tell the time and the most memory of this process.

    Raises
    ------
    ArithmeticError
        If the run ended early, or somewhere else.
    """
    every = max(1, steps // RECORDED)
    backend = system.removeprefix("symlab-")
    ready = descent_in_valley(backend, steps, STEP_SIZE, record_every=every)
    seconds, megabytes = seconds_of(ready.run), peak_megabytes()
    result, expected = ready.run(), valley.expected(steps, STEP_SIZE)
    if ready.steps != steps or not agree(result, expected):
        raise ArithmeticError(f"{ID}: {system} reached {result!r} in {ready.steps} steps.")
    yield {TIME: seconds, MEMORY: megabytes}


def batch_cell(system: str, samples: int, steps: int) -> Iterator[dict[str, Any]]:
    """Time the steps of a batch of ten whose own loss is recorded."""
    job = drawn(samples, PARAMETERS, steps, BATCH, "batch")
    ready = logistic(job, system.removeprefix("symlab-"), steps)
    ready.run()
    yield {PER_STEP: min(seconds_of(ready.run) for _ in range(3)) / steps * 1e6}


def peak_megabytes() -> float:
    """Return the most memory this process has held.

    Linux hands `ru_maxrss` down to a child from the process that started it, so its own word for
    the program that runs now, `VmHWM`, is preferred.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
