"""W1 to W3: logistic regression on 100 points, all, one or ten a step; W7: on a million by 100.

The floor of W1: 100 exponentials and logarithms at about 10 ns each for the loss, 100 for the
gradient, some 600 multiply-adds: 2 microseconds a step. Of W2 and W3 the same, since the whole loss
is recorded at each step. Of W7: 800 MB read twice, at some 8 GB a second 0.2 seconds.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
import sympy as sp

import symlab as sl
from benchmarks.measure import Prepared, System, Workload, prepared
from symlab.book.data import half_plane
from symlab.book.risks import logistic_plane

STEPS = 10_000
FEW = 20
VERY_FEW = 2
"""Steps of the chapter's loop, which needs about a second for each."""

STEP_SIZE = 0.1
START = np.zeros(3)
SEED = 0
DRAWN = {"order": "step", "replacement": True, "seed": SEED}

ROWS, COLUMNS = 1_000_000, 100


@cache
def _data() -> tuple[np.ndarray, np.ndarray]:
    """The design matrix with its column of ones, and the labels."""
    points, labels = half_plane(samples=100, seed=SEED)
    return np.column_stack([points, np.ones(len(points))]), labels.astype(float)


def _batches(batch_size: int | None) -> np.ndarray | None:
    if batch_size is None:
        return None
    return sl.draw_batches(100, batch_size, STEPS + 1, **DRAWN)


def _symlab(batch_size: int | None, backend: str, steps: int) -> Prepared:
    """One `minimize` call, from its arguments to its trace."""
    bound, descent = logistic_plane(seed=SEED), sl.gradient_descent(step_size=STEP_SIZE)
    drawing: dict[str, Any] = {} if batch_size is None else {"batch_size": batch_size, **DRAWN}
    run = partial(sl.minimize, bound, START, descent, backend=backend, tolerance=0, **drawing)
    compiled = run(max_steps=1).compile_seconds
    return Prepared(lambda: run(max_steps=steps).value, steps, compiled)


def _numpy(batch_size: int | None) -> Prepared:
    """NumPy, its formulas written by hand."""
    design, labels = _data()
    batches = _batches(batch_size)

    def run() -> float:
        w, values = START.copy(), np.empty(STEPS + 1)
        for k in range(STEPS + 1):
            z = design @ w
            values[k] = np.mean(np.logaddexp(0, z) - labels * z)
            seen, right = design, labels
            if batches is not None:
                seen, right = design[batches[k]], labels[batches[k]]
                z = seen @ w
            w = w - STEP_SIZE / len(seen) * (seen.T @ (1 / (1 + np.exp(-z)) - right))
        return float(values[-1])

    return Prepared(run, STEPS, 0.0)


def _jax(batch_size: int | None) -> Prepared:
    """JAX: grad inside a jitted scan, in float64."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", val=True)
    design, labels = map(jnp.asarray, _data())
    batches = _batches(batch_size)

    def loss(w: Any, seen: Any, right: Any) -> Any:
        z = seen @ w
        return jnp.mean(jax.nn.softplus(z) - right * z)

    def body(w: Any, batch: Any) -> Any:
        if batch is None:
            value, gradient = jax.value_and_grad(loss)(w, design, labels)
        else:
            value = loss(w, design, labels)
            gradient = jax.grad(loss)(w, design[batch], labels[batch])
        return w - STEP_SIZE * gradient, (w, value)

    scan = jax.jit(lambda w, b: jax.lax.scan(body, w, b, length=STEPS + 1)[1])
    given = None if batches is None else jnp.asarray(batches)
    start = jnp.asarray(START)
    return prepared(lambda: float(scan(start, given)[1].block_until_ready()[-1]), STEPS)


def _sympy_loop(batch_size: int | None) -> Prepared:
    """The chapter's way: the derived gradient, substituted sample by sample at every step."""
    bound = logistic_plane(seed=SEED)
    risk, rows = bound.risk, list(zip(*(a.tolist() for a in bound.arrays), strict=True))
    batches = _batches(batch_size)

    def total(expression: Any, w: list[float], indices: Any) -> Any:
        terms = []
        for i in indices:
            here = dict(zip(risk.parameters + risk.data, (*w, *rows[i]), strict=True))
            terms.append(np.array(sp.Matrix([expression]).subs(here).evalf(), dtype=float).ravel())
        return np.mean(terms, axis=0)

    def run() -> float:
        w = list(START)
        for k in range(VERY_FEW):
            total(risk.loss, w, range(100))
            seen = range(100) if batches is None else batches[k].tolist()
            w = list(np.array(w) - STEP_SIZE * total(risk.gradient, w, seen))
        return float(total(risk.loss, w, range(100))[0])

    return Prepared(run, VERY_FEW, 0.0)


@cache
def _expected(batch_size: int | None, steps: int) -> float:
    """The loss after so many steps, in extended precision."""
    design, labels = (array.astype(np.longdouble) for array in _data())
    batches, w = _batches(batch_size), START.astype(np.longdouble)
    for k in range(steps):
        seen, right = (
            (design, labels) if batches is None else (design[batches[k]], labels[batches[k]])
        )
        w = w - np.longdouble("0.1") / len(seen) * (
            seen.T @ (1 / (1 + np.exp(-(seen @ w))) - right)
        )
    z = design @ w
    return float(np.mean(np.logaddexp(0, z) - labels * z))


def _workload(id: str, title: str, batch_size: int | None) -> Workload:
    systems = {
        "symlab-c": System(partial(_symlab, batch_size, "c", STEPS)),
        "symlab-numba": System(partial(_symlab, batch_size, "numba", STEPS)),
        "symlab-sympy": System(partial(_symlab, batch_size, "sympy", FEW)),
        "jax": System(partial(_jax, batch_size), "jax"),
        "numpy": System(partial(_numpy, batch_size)),
        "sympy-loop": System(partial(_sympy_loop, batch_size)),
    }
    return Workload(id, title, systems, partial(_expected, batch_size))


W1 = _workload("W1", "logistic regression, 100x2, all samples a step, 10 000 steps", None)
W2 = _workload("W2", "the same, one sample a step", 1)
W3 = _workload("W3", "the same, ten samples a step", 10)


@cache
def _large() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A million rows of 100 columns, labels by a noisy line, and a point to look at."""
    generator = np.random.default_rng(SEED)
    design = generator.normal(size=(ROWS, COLUMNS))
    w = generator.normal(size=COLUMNS) / 10
    labels = (design @ w + generator.normal(size=ROWS) > 0).astype(float)
    return design, labels, w / 2


@cache
def _large_risk() -> sl.Objective:
    x = sp.symbols(f"x0:{COLUMNS}", real=True)
    w = sp.symbols(f"w0:{COLUMNS}", real=True)
    y = sp.symbols("y", real=True)
    z = sp.Add(*(a * b for a, b in zip(x, w, strict=True)))
    design, labels, _ = _large()
    risk = sl.EmpiricalRisk(sp.log(1 + sp.exp(z)) - y * z, parameters=w, data=(*x, y))
    return risk.on({**dict(zip(x, design.T, strict=True)), y: labels})


def _look(backend: str) -> Prepared:
    """One `value_and_gradient` of a compiled risk."""
    functions, point = sl.compile(_large_risk(), backend), _large()[2]
    functions.value_and_gradient(point)
    look: Callable[[], float] = lambda: functions.value_and_gradient(point)[0]  # noqa: E731
    return Prepared(look, 1, functions.compile_seconds)


def _numpy_look() -> Prepared:
    """NumPy, its formulas written by hand."""
    design, labels, w = _large()

    def look() -> float:
        z = design @ w
        residual = 1 / (1 + np.exp(-z)) - labels
        _ = design.T @ residual / ROWS
        return float(np.mean(np.logaddexp(0, z) - labels * z))

    return Prepared(look, 1, 0.0)


def _jax_look() -> Prepared:
    """JAX: a jitted value_and_grad, in float64."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", val=True)
    design, labels, w = map(jnp.asarray, _large())

    def loss(w: Any, design: Any, labels: Any) -> Any:
        z = design @ w
        return jnp.mean(jax.nn.softplus(z) - labels * z)

    look = jax.jit(jax.value_and_grad(loss))

    def run() -> float:
        value, gradient = look(w, design, labels)
        gradient.block_until_ready()
        return float(value)

    return prepared(run, 1)


def _large_expected(_: int) -> float:
    design, labels, w = _large()
    z = (design @ w).astype(np.longdouble)
    return float(np.mean(np.logaddexp(0, z) - labels * z))


W7 = Workload(
    "W7",
    "logistic regression, a million by 100, one value and gradient",
    {
        "symlab-c": System(partial(_look, "c")),
        "symlab-numba": System(partial(_look, "numba")),
        "jax": System(_jax_look, "jax"),
        "numpy": System(_numpy_look),
    },
    _large_expected,
)
