"""W8: gradient descent on Rosenbrock's valley in two variables, every value recorded.

The floor: a step is about 20 floating-point operations in a chain of about 10 dependent ones, at
4 cycles each some 12 nanoseconds, and writes 24 bytes.
"""

import math
from functools import cache, partial

import numpy as np
import sympy as sp

import symlab as sl
from benchmarks.measure import Prepared, System, Workload, prepared

STEPS = 100_000
FEW = 200
STEP_SIZE = 0.001
START = (-1.2, 1.0)

problem = sl.problems["rosenbrock"]


def _symlab(backend: str, steps: int) -> Prepared:
    """One `minimize` call, from its arguments to its trace."""

    def run() -> float:
        trace = sl.minimize(
            problem.objective,
            START,
            sl.gradient_descent(step_size=STEP_SIZE),
            max_steps=steps,
            backend=backend,
            tolerance=0,
        )
        return trace.value

    first = sl.minimize(
        problem.objective, START, sl.gradient_descent(step_size=STEP_SIZE), 1, backend=backend
    )
    return Prepared(run, steps, first.compile_seconds)


def _sympy_loop() -> Prepared:
    """The chapter's way: substitute into the gradient at every step."""
    variables = problem.objective.variables
    gradient = [problem.objective.expression.diff(variable) for variable in variables]

    def run() -> float:
        point = START
        for _ in range(FEW):
            here = dict(zip(variables, point, strict=True))
            point = tuple(
                a - STEP_SIZE * float(d.subs(here)) for a, d in zip(point, gradient, strict=True)
            )
        return float(problem.objective.expression.subs(dict(zip(variables, point, strict=True))))

    return Prepared(run, FEW, 0.0)


def _python_loop() -> Prepared:
    """SymPy's functions in plain Python floats, values recorded."""
    variables = problem.objective.variables
    look = sp.lambdify(
        variables, [problem.objective.expression, *problem.objective.gradient], "math", cse=True
    )

    def run() -> float:
        (x1, x2), values = START, np.empty(STEPS + 1)
        for k in range(STEPS + 1):
            values[k], d1, d2 = look(x1, x2)
            x1, x2 = x1 - STEP_SIZE * d1, x2 - STEP_SIZE * d2
        return float(values[-1])

    return Prepared(run, STEPS, 0.0)


def _jax() -> Prepared:
    """JAX: value_and_grad inside a jitted scan, in float64."""
    import jax

    jax.config.update("jax_enable_x64", val=True)
    rosenbrock = sp.lambdify([problem.objective.variables], problem.objective.expression, "jax")
    look = jax.value_and_grad(rosenbrock)

    def body(point: jax.Array, _: None) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
        value, gradient = look(point)
        return point - STEP_SIZE * gradient, (point, value)

    scan = jax.jit(lambda start: jax.lax.scan(body, start, None, length=STEPS + 1)[1])
    start = jax.numpy.array(START)
    return prepared(lambda: float(scan(start)[1].block_until_ready()[-1]), STEPS)


def _torch() -> Prepared:
    """PyTorch, eager, in float64."""
    import torch

    rosenbrock = sp.lambdify([problem.objective.variables], problem.objective.expression, "math")

    def run() -> float:
        point = torch.tensor(START, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.SGD([point], lr=STEP_SIZE)
        for _ in range(FEW):
            optimizer.zero_grad()
            rosenbrock(point).backward()
            optimizer.step()
        return float(rosenbrock(point))

    return Prepared(run, FEW, 0.0)


@cache
def _expected(steps: int) -> float:
    """The loss after so many steps, from a loop over a gradient written out by hand."""
    x1, x2 = START
    for _ in range(steps):
        across = x2 - x1 * x1
        d1, d2 = -400 * x1 * across - 2 * (1 - x1), 200 * across
        x1, x2 = x1 - STEP_SIZE * d1, x2 - STEP_SIZE * d2
    return math.fsum([100 * (x2 - x1 * x1) ** 2, (1 - x1) ** 2])


W8 = Workload(
    "W8",
    "gradient descent on 2-D Rosenbrock, 100 000 steps, values recorded",
    {
        "symlab-c": System(partial(_symlab, "c", STEPS)),
        "symlab-numba": System(partial(_symlab, "numba", STEPS)),
        "symlab-sympy": System(partial(_symlab, "sympy", FEW)),
        "jax": System(_jax, "jax"),
        "torch": System(_torch, "torch"),
        "python": System(_python_loop),
        "sympy-loop": System(_sympy_loop),
    },
    _expected,
)
