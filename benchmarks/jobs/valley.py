"""W8: gradient descent in Rosenbrock's valley in two variables, every value recorded.

The floor is a chain: a step waits for the one before, and so does most of what it computes.
"""

import math
from functools import cache

import symlab as sl
from benchmarks.floors import NUMBER, Floor, depth, work_of

STEP_SIZE = 0.001
START = (-1.2, 1.0)

problem = sl.problems["rosenbrock"]


@cache
def expected(steps: int, step_size: float = STEP_SIZE) -> float:
    """Return the value after so many steps, by a loop over a gradient written out by hand."""
    x1, x2 = START
    for _ in range(steps):
        across = x2 - x1 * x1
        d1, d2 = -400 * x1 * across - 2 * (1 - x1), 200 * across
        x1, x2 = x1 - step_size * d1, x2 - step_size * d2
    return math.fsum([100 * (x2 - x1 * x1) ** 2, (1 - x1) ** 2])


def floor() -> Floor:
    """Return the floor: the longest chain from one iterate to the next, and what is written."""
    f = problem.objective
    moved = [v - STEP_SIZE * d for v, d in zip(f.variables, f.gradient, strict=True)]
    chain = max(depth(each) for each in moved)
    return Floor(work_of([f.expression, *moved]), chain, NUMBER * (f.dimension + 1))
