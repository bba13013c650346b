"""W12: deriving, lowering and compiling against the number of variables."""

from collections.abc import Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from itertools import pairwise
from time import perf_counter
from typing import Any

import numpy as np
import sympy as sp

from benchmarks.cells import Outcome, run_cell
from benchmarks.effort import Effort
from benchmarks.records import Rates, Reading

ID, TITLE = "W12", "deriving, lowering and compiling against the number of variables"
VARIABLES = (2, 10, 50, 100, 200)
LONG_CHAIN = 1000
"""Variables of one more chained Rosenbrock function."""

QUANTITY = "seconds"
STAGES = ("gradient derived", "gradient lowered", "gradient compiled", "Hessian derived",
          "Hessian compiled")  # fmt: skip
"""Of symlab, in the order they are done: a stage that takes too long ends the cell."""

PEER = "gradient compiled"
"""The stage of JAX: it derives while it compiles."""

LIMIT = 10.0
"""Seconds of a stage after which neither it nor a later one is tried in more variables."""

CELL_LIMIT = 30.0
"""Seconds of all stages together after which a cell is ended."""


def problem(name: str, n: int) -> Any:
    """Return an objective in n variables.

    Parameters
    ----------
    name : str
        `"rosenbrock"`: a sum of terms of two neighbours. `"quartic"`: the square of a dense
        quadratic form. `"least squares"`: n + 1 squares of sums of all variables.
    n : int

    Raises
    ------
    KeyError
        If the name is none of these.
    """
    import symlab as sl

    x = sp.symbols(f"x1:{n + 1}", real=True)
    formula = {"rosenbrock": _rosenbrock, "quartic": _quartic, "least squares": _least_squares}
    return sl.Objective(formula[name](x), x)


PROBLEMS = ("rosenbrock", "quartic", "least squares")


def _rosenbrock(x: tuple[Any, ...]) -> Any:
    return sp.Add(*(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(x)))


def _quartic(x: tuple[Any, ...]) -> Any:
    n = len(x)
    form = sp.Add(*((2 + (i + j) % 3) * x[i] * x[j] for i in range(n) for j in range(i + 1)))
    return form**2 / n**3 - sp.Add(*x)


def _least_squares(x: tuple[Any, ...]) -> Any:
    rows = range(len(x) + 1)
    return sp.Add(
        *(sp.Add(*((1 + (3 * i + 5 * j) % 7) * a for j, a in enumerate(x)), -i) ** 2 for i in rows)
    )


def readings(effort: Effort, _: Rates | None = None) -> Iterator[Reading]:
    """Time every stage of every problem; a stage that takes too long is tried in no larger one.

    Raises
    ------
    ArithmeticError
        If JAX and symlab disagree about a gradient.
    """
    for name in PROBLEMS:
        sizes = [n for n in VARIABLES if n <= effort.variables]
        if name == "rosenbrock" and effort.variables >= LONG_CHAIN:
            sizes.append(LONG_CHAIN)
        lengths: dict[int, float] = {}
        for system in ("symlab-c", "jax"):
            yield from _line(system, name, sizes, effort, lengths)


def _line(
    system: str, name: str, sizes: list[int], effort: Effort, lengths: dict[int, float]
) -> Iterator[Reading]:
    stages = [PEER] if system == "jax" else list(STAGES)
    notes: dict[str, str] = {}
    if system == "jax" and find_spec("jax") is None:
        notes = {PEER: "jax is not installed"}
    for n in sizes:
        outcome = _cell(system, name, n, [each for each in stages if each not in notes], effort)
        _check(system, name, n, outcome.found.get("length"), lengths)
        notes = _notes(stages, notes, outcome, n)
        for stage in stages:
            value = outcome.found.get(stage)
            told = "" if value is not None else f"{name}: {notes[stage]}"
            yield Reading(ID, system, f"{name}: {stage}", QUANTITY, value, n, told)


def _cell(system: str, name: str, n: int, stages: list[str], effort: Effort) -> Outcome:
    """Do some stages in a process of their own, with an empty cache."""
    if not stages:
        return Outcome({})
    target = f"{__name__}:{'jax_cell' if system == 'jax' else 'symlab_cell'}"
    given = {"name": name, "n": n, "stages": stages}
    return run_cell(target, given, min(CELL_LIMIT, effort.cell_seconds), empty_cache=True)


def _notes(stages: list[str], notes: dict[str, str], outcome: Outcome, n: int) -> dict[str, str]:
    """Return why stages are tried no more: the first that was too long, and all after it."""
    for i, stage in enumerate(stages):
        seconds = outcome.found.get(stage)
        if stage in notes or (seconds is not None and seconds <= LIMIT):
            continue
        why = outcome.trouble if seconds is None else f"{seconds:.0f} s, limit {LIMIT:g} s"
        words = (
            f"{stage}{' and what follows' * (i + 1 < len(stages))} ended at {n} variables: {why}"
        )
        return {**dict.fromkeys(stages[i:], words), **notes}
    return notes


def _check(system: str, name: str, n: int, length: float | None, lengths: dict[int, float]) -> None:
    from benchmarks.measure import agree

    if length is not None and not agree(length, lengths.setdefault(n, length)):
        raise ArithmeticError(
            f"{ID}: {name} in {n}: {system}'s gradient is {length!r} long, not {lengths[n]!r}."
        )


def symlab_cell(name: str, n: int, stages: Sequence[str] = STAGES) -> Iterator[dict[str, Any]]:
    """Derive, lower and compile with an empty cache, and tell how long each stage took."""
    import symlab as sl

    compiled = sl.compile  # asking for it imports PyTensor, which is not what is timed
    f, point = problem(name, n), _point(n)
    lowered, functions = compiled(f, backend="interpreted"), compiled(f, backend="c")
    done = {
        "gradient derived": lambda: f.gradient,
        "gradient lowered": partial(lowered.value_and_gradient, point),
        "gradient compiled": partial(functions.value_and_gradient, point),
        "Hessian derived": lambda: f.hessian,
        "Hessian compiled": partial(functions.hessian, point),
    }
    for stage in stages:
        yield _timed(stage, done[stage])
        if stage == PEER:
            yield {"length": float(np.linalg.norm(functions.gradient(point)))}


def jax_cell(name: str, n: int, stages: Sequence[str] = (PEER,)) -> Iterator[dict[str, Any]]:
    """Compile JAX's value_and_grad of the same formula, printed by SymPy."""
    from benchmarks.peers.frameworks import jax_in_float64

    jax = jax_in_float64()
    f, point = problem(name, n), jax.numpy.asarray(_point(n))
    value = sp.lambdify([f.variables], f.expression, "jax")
    both = jax.jit(jax.value_and_grad(value))
    for stage in stages:
        yield _timed(stage, lambda: both(point)[1].block_until_ready())
        yield {"length": float(np.linalg.norm(both(point)[1]))}


def _point(n: int) -> np.ndarray:
    return np.linspace(-0.5, 0.5, n)


def _timed(stage: str, done: Any) -> dict[str, float]:
    started = perf_counter()
    done()
    return {stage: perf_counter() - started}
