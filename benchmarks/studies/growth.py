"""W9: microseconds per step of a logistic regression against samples and against parameters."""

from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from typing import Any

from benchmarks.cells import Outcome, run_cell
from benchmarks.effort import Effort
from benchmarks.floors import NUMBER, Floor, total
from benchmarks.jobs.logistic import drawn, work_of_descent, work_of_sample
from benchmarks.machine import cores
from benchmarks.measure import Prepared, agree, seconds_of
from benchmarks.records import FLOOR, Rates, Reading

ID, TITLE = "W9", "growth: logistic regression, all samples a step"
QUANTITY = "microseconds per step"
SYSTEMS = ("numpy", "jax", "symlab-c", "symlab-numba")
"""NumPy is first: the others must reach what it reaches."""

SAMPLES = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
PARAMETERS = (2, 5, 10, 20, 50, 100, 200, 500, 1000)
FEW_PARAMETERS, FEW_SAMPLES = 3, 1_000

CACHE = 64 * 2**20
"""Bytes that a processor's caches may hold."""

FIRST, LEAST, MOST = 5, 20, 10_000
"""Steps whose result is compared, and the least and the most that are timed."""

SECONDS = 0.5
"""How long a timed run takes, about."""


def readings(effort: Effort, rates: Rates | None = None) -> Iterator[Reading]:
    """Measure both lines of every system; a size that takes too long ends its line.

    The floor, at these rates, is a line of its own.
    """
    for case, sizes, largest in (
        ("samples", SAMPLES, effort.largest),
        ("parameters", PARAMETERS, effort.variables),
    ):
        right: dict[int, float] = {}
        within = [size for size in sizes if size <= largest]
        for system in SYSTEMS:
            yield from _line(system, case, within, effort.cell_seconds, right)
        for size in within if rates else ():
            least = floor(*shape_of(case, size)).record(rates, cores()).microseconds
            yield Reading(ID, FLOOR, case, QUANTITY, least, size)


def shape_of(case: str, size: int) -> tuple[int, int]:
    """Return the samples and parameters of a size."""
    return (size, FEW_PARAMETERS) if case == "samples" else (FEW_SAMPLES, size)


def floor(samples: int, parameters: int) -> Floor:
    """Return the floor of a step on all cores; data that no cache holds are read once."""
    data = NUMBER * samples * (parameters + 1)
    work = total((samples, work_of_sample(parameters)), (parameters, work_of_descent()))
    return Floor(work, bytes=data if data > CACHE else 0, parallel=True)


def _line(
    system: str, case: str, sizes: list[int], seconds: float, right: dict[int, float]
) -> Iterator[Reading]:
    note = "jax is not installed" if system == "jax" and find_spec("jax") is None else ""
    for size in sizes:
        shape = shape_of(case, size)
        outcome = Outcome({}, note)
        if not note:
            outcome = run_cell(f"{__name__}:cell", {"system": system, "shape": shape}, seconds)
            note = outcome.trouble and f"{outcome.trouble} at {size} {case}"
        if (result := outcome.found.get("result")) is not None:
            _check(system, size, result, right.setdefault(size, result))
        value = outcome.found.get("microseconds")
        yield Reading(ID, system, case, QUANTITY, value, size, "" if value is not None else note)


def _check(system: str, size: int, result: float, expected: float) -> None:
    if not agree(result, expected):
        raise ArithmeticError(f"{ID}: {system} reached {result!r} at {size}, not {expected!r}.")


def cell(system: str, shape: tuple[int, int]) -> Iterator[dict[str, Any]]:
    """Time one system on so many samples and parameters: first a few steps, then half a second."""
    samples, parameters = shape
    prepare = partial(_prepared, system, samples, parameters)
    first = prepare(FIRST)
    yield {"result": first.run()}
    seconds = seconds_of(first.run) / FIRST
    longer = prepare(int(min(MOST, max(LEAST, SECONDS / seconds))))
    yield {"microseconds": seconds_of(longer.run) / longer.steps * 1e6}


def _prepared(system: str, samples: int, parameters: int, steps: int) -> Prepared:
    return _how(system)(drawn(samples, parameters, steps))


def _how(system: str) -> Callable[[Any], Prepared]:
    if system == "numpy":
        from benchmarks.peers.logistic import numpy_loop

        return numpy_loop
    if system == "jax":
        from benchmarks.peers.logistic_frameworks import jax_scan

        return jax_scan
    from benchmarks.symlab_runs import logistic

    return lambda job: logistic(job, system.removeprefix("symlab-"), job.steps)
