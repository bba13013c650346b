"""Problems 2 to 18 of Moré, Garbow & Hillstrom that are stated without measured data.

"Testing unconstrained optimization software", ACM Transactions on Mathematical Software 7 (1981),
17-41, section 3, by their numbers there. Formulas, starts and minima are theirs.
"""

from sympy import Expr, Piecewise, Rational, atan, cos, exp, log, pi, sin, sqrt

from symlab.algebra.problems.problem import Problem, coordinates, sum_of_squares


def freudenstein_roth() -> Problem:
    """Return problem 2, with a minimum beside the root."""
    x1, x2 = x = coordinates(2)
    return sum_of_squares(
        "freudenstein_roth",
        x,
        [-13 + x1 + ((5 - x2) * x2 - 2) * x2, -29 + x1 + ((x2 + 1) * x2 - 14) * x2],
        (Rational(1, 2), -2),
        "a local minimum nearer to the start than the root",
        minimisers=[(5, 4)],
        minima=(0, "48.9842"),
    )


def powell_badly_scaled() -> Problem:
    """Return problem 3, whose root has coordinates near 1e-5 and 9."""
    x1, x2 = x = coordinates(2)
    return sum_of_squares(
        "powell_badly_scaled",
        x,
        [10_000 * x1 * x2 - 1, exp(-x1) + exp(-x2) - Rational("1.0001")],
        (0, 1),
        "coordinates of the root that differ by a factor of a million",
        minima=(0,),
    )


def brown_badly_scaled() -> Problem:
    """Return problem 4, whose root has coordinates 1e6 and 2e-6."""
    x1, x2 = x = coordinates(2)
    return sum_of_squares(
        "brown_badly_scaled",
        x,
        [x1 - 10**6, x2 - Rational(2, 10**6), x1 * x2 - 2],
        (1, 1),
        "coordinates of the root that differ by twelve powers of ten",
        minimisers=[(10**6, Rational(2, 10**6))],
    )


def jennrich_sampson() -> Problem:
    """Return problem 6 with its ten residuals."""
    x1, x2 = x = coordinates(2)
    return sum_of_squares(
        "jennrich_sampson",
        x,
        [2 + 2 * i - (exp(i * x1) + exp(i * x2)) for i in range(1, 11)],
        (Rational(3, 10), Rational(2, 5)),
        "residuals that stay large at the minimum",
        minima=("124.362",),
    )


def helical_valley() -> Problem:
    """Return problem 7, a valley that winds around an axis."""
    x1, x2, x3 = x = coordinates(3)
    turn = atan(x2 / x1) / (2 * pi)
    angle = Piecewise((turn, x1 > 0), (turn + Rational(1, 2), True))
    return sum_of_squares(
        "helical_valley",
        x,
        [10 * (x3 - 10 * angle), 10 * (sqrt(x1**2 + x2**2) - 1), x3],
        (-1, 0, 0),
        "a valley that winds around an axis, with a jump at x1 = 0",
        minimisers=[(1, 0, 0)],
    )


def gulf_research() -> Problem:
    """Return problem 11 with 99 residuals, as the authors' own programs state it."""
    x1, x2, x3 = x = coordinates(3)
    times = [Rational(i, 100) for i in range(1, 100)]
    residuals: list[Expr] = [
        exp(-(abs(25 + (-50 * log(t)) ** Rational(2, 3) - x2) ** x3) / x1) - t for t in times
    ]
    return sum_of_squares(
        "gulf_research",
        x,
        residuals,
        (5, Rational(5, 2), Rational(3, 20)),
        "a power of an absolute value: flat, and not smooth everywhere",
        minimisers=[(50, 25, Rational(3, 2))],
    )


def box_three_dimensional() -> Problem:
    """Return problem 12 with ten residuals; its minimisers are two points and a line."""
    x1, x2, x3 = x = coordinates(3)
    times = [Rational(i, 10) for i in range(1, 11)]
    return sum_of_squares(
        "box_three_dimensional",
        x,
        [exp(-t * x1) - exp(-t * x2) - x3 * (exp(-t) - exp(-10 * t)) for t in times],
        (0, 10, 20),
        "two isolated roots, and a whole line of them",
        minimisers=[(1, 10, 1), (10, 1, -1)],
    )


def wood() -> Problem:
    """Return problem 14, two valleys that are coupled."""
    x1, x2, x3, x4 = x = coordinates(4)
    return sum_of_squares(
        "wood",
        x,
        [
            10 * (x2 - x1**2),
            1 - x1,
            sqrt(90) * (x4 - x3**2),
            1 - x3,
            sqrt(10) * (x2 + x4 - 2),
            (x2 - x4) / sqrt(10),
        ],
        (-3, -1, -3, -1),
        "two valleys coupled, with a saddle where many methods rest",
        minimisers=[(1, 1, 1, 1)],
    )


def brown_dennis() -> Problem:
    """Return problem 16 with twenty residuals."""
    x1, x2, x3, x4 = x = coordinates(4)
    times = [Rational(i, 5) for i in range(1, 21)]
    return sum_of_squares(
        "brown_dennis",
        x,
        [(x1 + t * x2 - exp(t)) ** 2 + (x3 + x4 * sin(t) - cos(t)) ** 2 for t in times],
        (25, 5, -5, -1),
        "residuals that stay large at the minimum",
        minima=("85822.2",),
    )


def biggs_exponentials() -> Problem:
    """Return problem 18 with thirteen residuals."""
    x1, x2, x3, x4, x5, x6 = x = coordinates(6)
    times = [Rational(i, 10) for i in range(1, 14)]
    residuals = [
        x3 * exp(-t * x1)
        - x4 * exp(-t * x2)
        + x6 * exp(-t * x5)
        - (exp(-t) - 5 * exp(-10 * t) + 3 * exp(-4 * t))
        for t in times
    ]
    return sum_of_squares(
        "biggs_exponentials",
        x,
        residuals,
        (1, 2, 1, 1, 1, 1),
        "a sum of three exponentials, whose order does not matter",
        minimisers=[(1, 10, 1, 5, 4, 3)],
        minima=(0, "0.00565565"),
    )
