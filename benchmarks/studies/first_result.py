"""W11: the time to a first result, whole processes, with an empty compile cache and a warm one.

JAX keeps no compiled code between processes unless it is told to, so its warm start is its cold
one with the files of its packages in memory.
"""

import sys
import tempfile
from collections.abc import Iterator
from compileall import compile_dir
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

import symlab as sl
from benchmarks.cells import run_command, with_cache
from benchmarks.effort import Effort
from benchmarks.measure import agree
from benchmarks.records import Rates, Reading

ID, TITLE = "W11", "time to the first result, whole processes"
QUANTITY = "seconds"
PROGRAMS = ("chapter_f", "logistic", "perceptron", "convolution")
SYSTEMS = ("jax", "symlab-c", "symlab-numba")
IMPORTS = ("import sympy", "import sympy, pytensor", "import symlab")
"""Statements whose whole process is timed."""

WARM = 3
"""Warm starts of which the median counts; a cold start happens once."""

PROGRAM_SECONDS = 60.0
"""The time limit of one process."""


def readings(effort: Effort, _: Rates | None = None) -> Iterator[Reading]:
    """Time every import and program."""
    as_installed()
    limited = replace(effort, cell_seconds=min(PROGRAM_SECONDS, effort.cell_seconds))
    yield from _imports(limited)
    with tempfile.TemporaryDirectory() as folder:
        for program in PROGRAMS:
            yield from _program(program, _given(program, Path(folder)), limited)


def as_installed() -> None:
    """Let Python compile symlab's modules to bytecode, as pip does when it installs a package."""
    compile_dir(Path(sl.__file__).parent, quiet=2)


def _imports(effort: Effort) -> Iterator[Reading]:
    with tempfile.TemporaryDirectory() as folder:
        for code in IMPORTS:
            command = [sys.executable, "-c", code]
            timed(command, effort.cell_seconds, folder)  # reads the files into memory
            times = [timed(command, effort.cell_seconds, folder)[0] for _ in range(WARM)]
            yield Reading(ID, "python", code, QUANTITY, _middle(times))


def _program(program: str, given: Path, effort: Effort) -> Iterator[Reading]:
    """One program in every system, which must print the same number."""
    expected: list[float] = []
    for system in SYSTEMS:
        if system == "jax" and find_spec("jax") is None:
            yield Reading(ID, system, program, QUANTITY, None, note="jax is not installed")
            continue
        yield from _starts(program, system, given, effort, expected)


def _starts(
    program: str, system: str, given: Path, effort: Effort, expected: list[float]
) -> Iterator[Reading]:
    name, backend = (
        (f"{program}_jax", "") if system == "jax" else (program, system.removeprefix("symlab-"))
    )
    command = [sys.executable, "-m", f"benchmarks.start.{name}", str(given), backend]
    with tempfile.TemporaryDirectory() as folder:
        cold, printed, trouble = timed(command, effort.cell_seconds, folder)
        yield Reading(ID, system, f"{program}, cold", QUANTITY, cold, note=trouble)
        if trouble:
            return
        _check(system, program, float(printed), expected)
        times = [timed(command, effort.cell_seconds, folder)[0] for _ in range(WARM)]
    yield Reading(ID, system, f"{program}, warm", QUANTITY, _middle(times))


def _check(system: str, program: str, result: float, expected: list[float]) -> None:
    expected.append(result)
    if not agree(result, expected[0]):
        raise ArithmeticError(f"{ID}: {program}: {system} printed {result!r}, not {expected[0]!r}.")


def timed(command: list[str], limit: float, folder: str) -> tuple[float | None, str, str]:
    """Seconds of a whole process, or None; the last line it printed; what went wrong."""
    started = perf_counter()
    ended = run_command(command, limit, with_cache(folder))
    seconds = perf_counter() - started
    last = (ended.out.strip().splitlines() or [""])[-1]
    return (None if ended.trouble else seconds), last, ended.trouble


def _middle(times: list[float | None]) -> float | None:
    known = [seconds for seconds in times if seconds is not None]
    return median(known) if len(known) == len(times) else None


def _given(program: str, folder: Path) -> Path:
    """Write what both programs of a pair read: data, and the first weights of a network."""
    file = folder / f"{program}.npz"
    np.savez(file, **_arrays(program))
    return file


def _arrays(program: str) -> dict[str, Any]:
    from benchmarks.jobs import images, logistic, perceptron

    if program == "logistic":
        plane = logistic.plane(1)
        return {"x": plane.design[:, :2], "y": plane.labels}
    if program == "perceptron":
        x, y = perceptron.moons()
        return {"x": x, "y": y, **_numbered(perceptron.weights())}
    if program == "convolution":
        job = images.chapter(1)
        return {"x": job.images, "y": job.targets, **_numbered(job.weights)}
    return {}


def _numbered(weights: list[np.ndarray]) -> dict[str, np.ndarray]:
    return {f"w{i}": array for i, array in enumerate(weights)}
