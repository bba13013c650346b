"""S1: runs a second of forty thousand runs of momentum on the chapter's f, 500 steps each.

`one call` is the compiled call alone, with how each run ended, beside `jax.vmap` of a scan, which
has the last iterates; both on one core. `sweep` is all of `sl.sweep`: design, statuses, measured
rates, frame. `without rates` leaves the rates out. `minimize` is a plain loop, of fewer runs.
"""

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.cells import run_cell
from benchmarks.effort import Effort
from benchmarks.records import Rates, Reading

ID, TITLE = "S1", "40 000 runs of momentum on the chapter's f, 500 steps each"
QUANTITY = "runs per second"
SIDE, STEPS, START = 200, 500, 0.1
PLAIN = 200
"""Runs of the plain loop."""

REPEATS = 7
"""Of which the quickest counts: the others had less of the machine."""

CASES = {
    "one call": ("symlab-c", "jax"),
    "sweep, one core": ("symlab-c",),
    "sweep without rates, one core": ("symlab-c",),
    "sweep, 2 processes": ("symlab-c",),
    "sweep, Dask cluster of 2": ("symlab-c",),
    "minimize in a loop": ("symlab-c",),
}


def readings(effort: Effort, rates: Rates | None = None) -> Iterator[Reading]:
    """Measure every case in a process of its own."""
    side = effort.of(SIDE, 20)
    for case, systems in CASES.items():
        for system in systems:
            if system == "jax" and find_spec("jax") is None:
                yield Reading(ID, system, case, QUANTITY, None, side**2, "jax is not installed")
                continue
            given = {"system": system, "case": case, "side": side}
            outcome = run_cell(f"{__name__}:cell", given, effort.cell_seconds)
            value = outcome.found.get(QUANTITY)
            yield Reading(ID, system, case, QUANTITY, value, side**2, outcome.trouble)


def cell(system: str, case: str, side: int) -> Iterator[dict[str, Any]]:
    """Time one case."""
    if "2" not in case:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with_system: dict[str, Callable[[int], Iterator[dict[str, Any]]]] = {
        "jax": _vmap,
        "one call": _one_call,
        "minimize in a loop": _loop,
    }
    key = system if system == "jax" else case
    yield from with_system[key](side) if key in with_system else _sweep(case, side)


def grid(side: int) -> dict[str, np.ndarray]:
    """Return step sizes and shares of the last step: a product of so many of each."""
    return {"step_size": np.linspace(0.001, 0.2, side), "momentum": np.linspace(0, 0.995, side)}


def pairs(side: int) -> np.ndarray:
    """Return all pairs, shape (runs, 2)."""
    columns = np.meshgrid(*grid(side).values(), indexing="ij")
    return np.column_stack([column.ravel() for column in columns])


def quickest(work: Callable[[], object], runs: int) -> dict[str, float]:
    """Return the runs a second of the quickest of some repeats; the first compiles."""
    work()
    seconds = []
    for _ in range(REPEATS):
        started = perf_counter()
        work()
        seconds.append(perf_counter() - started)
    return {QUANTITY: runs / min(seconds)}


def _objective() -> Any:
    import sympy as sp

    import symlab as sl

    x = sp.symbols("x", real=True)
    return sl.Objective(2 - 3 * x**3 + x**4)


def _one_call(side: int) -> Iterator[dict[str, Any]]:
    from symlab.engine.compiled.many_runs import many_runs_of
    from symlab.methods.rules import momentum

    many, numbers = many_runs_of(_objective(), momentum, STEPS), pairs(side)
    starts = np.full((side**2, 1), START)
    yield quickest(lambda: many.go(starts, numbers, STEPS, 1e-10, rates=False), side**2)


def _vmap(side: int) -> Iterator[dict[str, Any]]:
    import jax

    jax.config.update("jax_enable_x64", val=True)
    slope = jax.grad(lambda x: 2 - 3 * x**3 + x**4)

    def run(alpha: Any, eta: Any) -> Any:
        def step(state: Any, _: None) -> Any:
            place, speed = state
            speed = eta * speed - alpha * slope(place)
            return (place + speed, speed), None

        return jax.lax.scan(step, (START, 0.0), None, length=STEPS)[0][0]

    many, (alphas, etas) = jax.jit(jax.vmap(run)), pairs(side).T
    yield quickest(lambda: many(alphas, etas).block_until_ready(), side**2)


def _loop(side: int) -> Iterator[dict[str, Any]]:
    import symlab as sl

    f, some = _objective(), pairs(side)[:: max(1, side**2 // PLAIN)]

    def work() -> None:
        for alpha, eta in some.tolist():
            sl.minimize(f, [START], sl.momentum(step_size=alpha, momentum=eta), STEPS)

    yield quickest(work, len(some))


def _sweep(case: str, side: int) -> Iterator[dict[str, Any]]:
    import joblib

    if "cluster" in case:
        yield from _on_cluster(side)
        return
    with joblib.parallel_config("loky", n_jobs=2 if "processes" in case else 1):
        yield quickest(lambda: _swept(side, rates="without" not in case), side**2)


def _on_cluster(side: int) -> Iterator[dict[str, Any]]:
    from distributed import Client, LocalCluster

    shape: dict[str, Any] = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**shape, silence_logs=50) as cluster, Client(cluster) as client:
        yield quickest(lambda: _swept(side, client=client), side**2)


def _swept(side: int, **options: Any) -> object:
    import symlab as sl

    found = sl.sweep(_objective(), [START], sl.momentum, grid(side), STEPS, **options)
    return found.frame
