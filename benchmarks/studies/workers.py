"""S3: what a block of runs costs, and from it, on paper, how a sweep grows with workers.

A worker computes a block for c seconds. Handing it out and taking its outcome back takes r, one
block after the other. Where blocks are many and none is waited for at the end, W workers need
c/W + r for each, and are W/(1 + W r/c) times as fast as one core that needs c.
"""

from collections.abc import Iterator
from time import perf_counter
from typing import Any

from benchmarks.cells import run_cell
from benchmarks.effort import Effort
from benchmarks.records import Rates, Reading
from benchmarks.studies.many_runs import REPEATS, START

ID, TITLE = "S3", "growth with workers, on paper from the cost of a block"
SECONDS, GAIN = "milliseconds per block", "times as fast"
WORKERS = (2, 10, 100, 1_000)
STEPS = 40_000
"""So many that a block of runs computes for a while."""

BLOCKS = 24


def readings(effort: Effort, rates: Rates | None = None) -> Iterator[Reading]:
    """Measure c and r, and say what follows from them."""
    steps = effort.of(STEPS)
    outcome = run_cell(f"{__name__}:cell", {"steps": steps}, effort.cell_seconds)
    work, handed = (float(outcome.found.get(name, 0)) for name in ("work", "handed"))
    for case, value in (("computing it", work), ("handing it out", handed)):
        yield Reading(ID, "symlab-c", case, SECONDS, value or None, steps, outcome.trouble)
    for workers in WORKERS if work and handed else ():
        yield Reading(ID, "on paper", "workers", GAIN, gain(workers, work, handed), workers)


def gain(workers: int, work: float, handed: float) -> float:
    """Return how many times as fast so many workers are as one core.

    Examples
    --------
    >>> gain(1000, work=1.0, handed=0.001)
    500.0
    """
    return workers / (1 + workers * handed / work)


def cell(steps: int) -> Iterator[dict[str, Any]]:
    """Time blocks in this process, and the handing out of empty ones to a cluster."""
    import numpy as np
    import sympy as sp
    from distributed import Client, LocalCluster

    import symlab as sl
    from symlab.lab.sweep.plan import MOST_TOGETHER

    x = sp.symbols("x", real=True)
    f = sl.Objective(2 - 3 * x**3 + x**4)
    sizes = {"step_size": np.linspace(0.14, 0.165, MOST_TOGETHER)}  # where no run ends early

    def seconds(grid: dict[str, np.ndarray], most: int, **options: Any) -> float:
        found = []
        for _ in range(REPEATS):
            started = perf_counter()
            sl.sweep(f, [START], grid=grid, max_steps=most, tolerance=0, rates=False, **options)
            found.append(perf_counter() - started)
        return min(found)

    yield {"work": 1e3 * seconds(sizes, steps)}
    many = {"step_size": np.linspace(0.05, 0.16, BLOCKS * MOST_TOGETHER)}
    shape: dict[str, Any] = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**shape, silence_logs=50) as cluster, Client(cluster) as client:
        apart = seconds(many, 0, client=client) - seconds(many, 0)
    yield {"handed": 1e3 * max(apart, 0) / BLOCKS}
