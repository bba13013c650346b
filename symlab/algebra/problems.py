"""Named test objectives, each with its minimisers and the reason it is here.

Formulas and minimisers: Moré, Garbow & Hillstrom 1981 (Rosenbrock, Beale, Powell), Himmelblau 1972,
and the chapter's quartic (section 9). Derivatives are not stated: SymPy makes them.
"""

from dataclasses import dataclass

from sympy import Add, Expr, Rational, Symbol, symbols

from symlab.algebra.objective import Objective
from symlab.checks import Catalog


@dataclass(frozen=True)
class Problem:
    """An objective, where its minima are known to lie, where runs customarily start, and why."""

    name: str
    objective: Objective
    minimisers: tuple[tuple[object, ...], ...]
    start: tuple[object, ...]
    reason: str


def _quartic() -> Problem:
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
    x = symbols(f"x1:{dimension + 1}", real=True)
    terms: list[Expr] = [
        100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(dimension - 1)
    ]
    start = tuple(Rational(-6, 5) if i % 2 == 0 else 1 for i in range(dimension))
    return Problem(
        "rosenbrock",
        Objective(Add(*terms), x),
        ((1,) * dimension,),
        start,
        "a curved valley: steep across, nearly flat along",
    )


def _beale() -> Problem:
    x, y = symbols("x y", real=True)
    residuals = [c - x * (1 - y**power) for power, c in ((1, 1.5), (2, 2.25), (3, 2.625))]
    return Problem(
        "beale",
        Objective(sum(residual**2 for residual in residuals), (x, y)),
        ((3, Rational(1, 2)),),
        (1, 1),
        "flat far from the minimum, with an indefinite Hessian at the start",
    )


def _powell() -> Problem:
    x = symbols("x1:5", real=True)
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
    )


def _himmelblau() -> Problem:
    x, y = symbols("x y", real=True)
    return Problem(
        "himmelblau",
        Objective((x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, (x, y)),
        ((3, 2),),
        (0, 0),
        "four minima, four saddles and a maximum",
    )


def _ravine() -> Problem:
    x, y = symbols("x y", real=True)
    return Problem(
        "ravine",
        Objective(x**2 / 20 + y**2, (x, y)),
        ((0, 0),),
        (-5, -2),
        "a quadratic of condition number 20: what momentum is for",
    )


PROBLEMS = Catalog(
    "problems", (_quartic(), rosenbrock(), _beale(), _powell(), _himmelblau(), _ravine())
)
"""Every problem by name."""
