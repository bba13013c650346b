"""W12: deriving, lowering and compiling against the number of variables."""

from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from itertools import pairwise
from time import perf_counter
from typing import Any

import numpy as np
import sympy as sp

from benchmarks.cells import run_cell
from benchmarks.effort import Effort
from benchmarks.records import Rates, Reading

ID, TITLE = "W12", "deriving, lowering and compiling against the number of variables"
VARIABLES = (2, 5, 10, 20, 50, 100, 200)
LONG_CHAIN = 1000
"""Variables of one more chained Rosenbrock function."""

QUANTITY = "seconds"
STAGES = ("gradient derived", "gradient lowered", "gradient compiled", "Hessian derived",
          "Hessian compiled")  # fmt: skip
"""Of symlab, in the order they are done: a stage that takes too long ends the cell."""

PEER = "gradient compiled"
"""The stage of JAX: it derives while it compiles."""


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
    """Time every stage of every problem; after a size that takes too long no larger one is tried.

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
            yield from _line(system, name, sizes, effort.cell_seconds, lengths)


def _line(
    system: str, name: str, sizes: list[int], seconds: float, lengths: dict[int, float]
) -> Iterator[Reading]:
    absent = system == "jax" and find_spec("jax") is None
    note = "jax is not installed" if absent else ""
    for n in sizes:
        found: dict[str, Any] = {}
        if not note:
            target = f"{__name__}:{'jax_cell' if system == 'jax' else 'symlab_cell'}"
            outcome = run_cell(target, {"name": name, "n": n}, seconds, empty_cache=True)
            found, trouble = dict(outcome.found), outcome.trouble
            note = trouble and f"{trouble} at {n} variables"
        _check(system, name, n, found, lengths)
        for stage in (PEER,) if system == "jax" else STAGES:
            yield _reading(system, f"{name}: {stage}", n, found.get(stage), note)


def _reading(system: str, case: str, n: int, value: float | None, note: str) -> Reading:
    return Reading(ID, system, case, QUANTITY, value, n, "" if value is not None else note)


def _check(
    system: str, name: str, n: int, found: dict[str, Any], lengths: dict[int, float]
) -> None:
    from benchmarks.measure import agree

    if (length := found.get("length")) is None:
        return
    expected = lengths.setdefault(n, length)
    if not agree(length, expected):
        raise ArithmeticError(
            f"{ID}: {name} in {n}: {system}'s gradient is {length!r} long, not {expected!r}."
        )


def symlab_cell(name: str, n: int) -> Iterator[dict[str, Any]]:
    """Derive, lower and compile with an empty cache, and tell how long each stage took."""
    import symlab as sl

    compiled = sl.compile  # asking for it imports PyTensor, which is not what is timed
    f, point = problem(name, n), _point(n)
    yield _timed("gradient derived", lambda: f.gradient)
    lowered = compiled(f, backend="interpreted")
    yield _timed("gradient lowered", partial(lowered.value_and_gradient, point))
    functions = compiled(f, backend="c")
    yield _timed("gradient compiled", partial(functions.value_and_gradient, point))
    yield {"length": float(np.linalg.norm(functions.gradient(point)))}
    yield _timed("Hessian derived", lambda: f.hessian)
    yield _timed("Hessian compiled", partial(functions.hessian, point))


def jax_cell(name: str, n: int) -> Iterator[dict[str, Any]]:
    """Compile JAX's value_and_grad of the same formula, printed by SymPy."""
    from benchmarks.peers.frameworks import jax_in_float64

    jax = jax_in_float64()
    f, point = problem(name, n), jax.numpy.asarray(_point(n))
    value = sp.lambdify([f.variables], f.expression, "jax")
    both = jax.jit(jax.value_and_grad(value))
    yield _timed(PEER, lambda: both(point)[1].block_until_ready())
    yield {"length": float(np.linalg.norm(both(point)[1]))}


def _point(n: int) -> np.ndarray:
    return np.linspace(-0.5, 0.5, n)


def _timed(stage: str, done: Any) -> dict[str, float]:
    started = perf_counter()
    done()
    return {stage: perf_counter() - started}
