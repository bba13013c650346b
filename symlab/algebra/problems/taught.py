"""The problems that lessons and figures use.

Formulas and minimisers: Moré, Garbow & Hillstrom 1981 (Rosenbrock, Beale, Powell), Himmelblau 1972,
and the chapter's quartic (section 9). Derivatives are not stated: SymPy makes them.
"""

from sympy import Add, Expr, Rational, Symbol, sqrt, symbols

from symlab.algebra.objective import Objective
from symlab.algebra.problems.problem import Problem, coordinates, sum_of_squares


def quartic() -> Problem:
    """Return the chapter's function of one variable."""
    x = Symbol("x", real=True)
    return Problem(
        "quartic",
        Objective(2 - 3 * x**3 + x**4),
        ((Rational(9, 4),),),
        (Rational(1, 10),),
        "the chapter's example: a minimum, and an inflection that traps",
    )


def rosenbrock(dimension: int = 2) -> Problem:
    """Return Rosenbrock's valley in any even or odd dimension of at least 2.

    Raises
    ------
    ValueError
        If the dimension is below 2.

    Examples
    --------
    >>> rosenbrock(2).objective.expression
    (1 - x1)**2 + 100*(-x1**2 + x2)**2
    """
    if dimension < 2:
        raise ValueError(f"dimension: Rosenbrock's function needs at least 2, got {dimension}.")
    x = coordinates(dimension)
    pairs = [(x[i + 1] - x[i] ** 2, 1 - x[i]) for i in range(dimension - 1)]
    terms: list[Expr] = [100 * valley**2 + slope**2 for valley, slope in pairs]
    start = tuple(Rational(-6, 5) if i % 2 == 0 else 1 for i in range(dimension))
    return Problem(
        "rosenbrock",
        Objective(Add(*terms), x),
        ((1,) * dimension,),
        start,
        "a curved valley: steep across, nearly flat along",
        tuple(residual for valley, slope in pairs for residual in (10 * valley, slope)),
        family=rosenbrock,
    )


def beale() -> Problem:
    """Return Beale's function of two variables."""
    x, y = symbols("x y", real=True)
    return sum_of_squares(
        "beale",
        (x, y),
        [c - x * (1 - y**power) for power, c in ((1, 1.5), (2, 2.25), (3, 2.625))],
        (1, 1),
        "flat far from the minimum, with an indefinite Hessian at the start",
        minimisers=[(3, Rational(1, 2))],
    )


def powell() -> Problem:
    """Return Powell's singular function of four variables."""
    x = coordinates(4)
    return Problem(
        "powell",
        Objective(
            (x[0] + 10 * x[1]) ** 2
            + 5 * (x[2] - x[3]) ** 2
            + (x[1] - 2 * x[2]) ** 4
            + 10 * (x[0] - x[3]) ** 4,
            x,
        ),
        ((0, 0, 0, 0),),
        (3, -1, 0, 1),
        "a singular Hessian at the minimum: Newton converges only linearly",
        (
            x[0] + 10 * x[1],
            sqrt(5) * (x[2] - x[3]),
            (x[1] - 2 * x[2]) ** 2,
            sqrt(10) * (x[0] - x[3]) ** 2,
        ),
    )


def himmelblau() -> Problem:
    """Return Himmelblau's function of two variables."""
    x, y = symbols("x y", real=True)
    return sum_of_squares(
        "himmelblau",
        (x, y),
        [x**2 + y - 11, x + y**2 - 7],
        (0, 0),
        "four minima, four saddles and a maximum",
        minimisers=[(3, 2)],
    )


def ravine() -> Problem:
    """Return a quadratic of two variables."""
    x, y = symbols("x y", real=True)
    return Problem(
        "ravine",
        Objective(x**2 / 20 + y**2, (x, y)),
        ((0, 0),),
        (-5, -2),
        "a quadratic of condition number 20: what momentum is for",
    )
