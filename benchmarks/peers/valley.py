"""Gradient descent on Rosenbrock's function in SymPy, plain Python, JAX and PyTorch."""

from typing import Any

import numpy as np
import sympy as sp

from benchmarks.jobs.valley import START, STEP_SIZE, problem
from benchmarks.measure import Prepared, prepared
from benchmarks.peers.frameworks import jax_in_float64

FEW = 200
"""Steps of the systems that take a millisecond for each."""


def sympy_loop() -> Prepared:
    """The chapter's way: substitute into the gradient at every step."""
    variables = problem.objective.variables
    gradient = [problem.objective.expression.diff(variable) for variable in variables]

    def run() -> float:
        point: tuple[float, ...] = START
        for _ in range(FEW):
            here = dict(zip(variables, point, strict=True))
            point = tuple(
                a - STEP_SIZE * float(d.subs(here)) for a, d in zip(point, gradient, strict=True)
            )
        return float(problem.objective.expression.subs(dict(zip(variables, point, strict=True))))

    return Prepared(run, FEW, 0.0)


def lambdified(steps: int) -> Prepared:
    """SymPy's functions of plain Python floats, values recorded."""
    variables = problem.objective.variables
    both = [problem.objective.expression, *problem.objective.gradient]
    evaluated = sp.lambdify(variables, both, "math", cse=True)

    def run() -> float:
        (x1, x2), values = START, np.empty(steps + 1)
        for k in range(steps + 1):
            values[k], d1, d2 = evaluated(x1, x2)
            x1, x2 = x1 - STEP_SIZE * d1, x2 - STEP_SIZE * d2
        return float(values[-1])

    return Prepared(run, steps, 0.0)


def jax_scan(steps: int) -> Prepared:
    """JAX: value_and_grad inside a jitted scan, in float64."""
    jax = jax_in_float64()
    rosenbrock = sp.lambdify([problem.objective.variables], problem.objective.expression, "jax")
    derived = jax.value_and_grad(rosenbrock)

    def body(point: Any, _: None) -> tuple[Any, tuple[Any, Any]]:
        value, gradient = derived(point)
        return point - STEP_SIZE * gradient, (point, value)

    scan = jax.jit(lambda start: jax.lax.scan(body, start, None, length=steps + 1)[1])
    start = jax.numpy.array(START)
    return prepared(lambda: float(scan(start)[1].block_until_ready()[-1]), steps)


def torch_eager() -> Prepared:
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
