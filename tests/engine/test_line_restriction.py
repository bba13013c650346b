"""The slice of an objective along a ray, as a polynomial where it is one."""

import pytest
from sympy import cos, expand, symbols

from symlab.algebra.alphabet import q
from symlab.algebra.objective import Objective
from symlab.algebra.problems import PROBLEMS
from symlab.engine.line_restriction import line_polynomial

x = symbols("x", real=True)


@pytest.mark.parametrize("problem", PROBLEMS.taught.values(), ids=PROBLEMS.taught)
def test_the_coefficients_put_together_are_the_slice(problem):
    """At a rational point and direction the polynomial equals `along` identically."""
    objective, size = problem.objective, problem.objective.dimension
    point, direction = list(range(1, size + 1)), [3 - i for i in range(size)]
    ray = line_polynomial(objective)
    numbers = dict(zip(ray.symbols, (*point, *direction), strict=True))
    degree = len(ray.coefficients) - 1
    rebuilt = sum(c.subs(numbers) * q ** (degree - i) for i, c in enumerate(ray.coefficients))
    assert expand(rebuilt - objective.along(point, direction, q)) == 0


def test_a_cosine_is_no_polynomial():
    """Then the search along the ray is left to numbers."""
    assert line_polynomial(Objective(cos(x))) is None
