"""Problems 20 to 27 of Moré, Garbow & Hillstrom: least squares in as many variables as one likes.

"Testing unconstrained optimization software", ACM Transactions on Mathematical Software 7 (1981),
17-41, section 3, by their numbers there. Formulas, starts and minima are theirs.
"""

from sympy import Add, Mul, Rational, cos, exp, sin, sqrt

from symlab.algebra.problems.problem import (
    Problem,
    check_dimension,
    coordinates,
    sum_of_squares,
)

SMALL = Rational(1, 100_000)
"""The weight of the penalty functions, 1e-5."""


def watson(dimension: int = 6) -> Problem:
    """Return problem 20 in 2 to 31 variables: a differential equation, solved by a polynomial.

    Raises
    ------
    TypeError, ValueError
        If the dimension is not a whole number from 2 to 31.
    """
    n = check_dimension(dimension, "watson", 2)
    if n > 31:
        raise ValueError(f"dimension: watson takes at most 31, got {n}.")
    x = coordinates(n)
    residuals = [x[0], x[1] - x[0] ** 2 - 1]
    for t in (Rational(i, 29) for i in range(1, 30)):
        slope = Add(*(j * x[j] * t ** (j - 1) for j in range(1, n)))
        residuals.append(slope - Add(*(x[j] * t**j for j in range(n))) ** 2 - 1)
    published = {6: "0.00228767", 9: "1.39976e-6", 12: "4.72238e-10"}
    return sum_of_squares(
        "watson",
        x,
        residuals,
        (0,) * n,
        "a Hessian whose condition grows a hundredfold with each variable",
        minima=(published[n],) if n in published else (),
        family=watson,
    )


def extended_rosenbrock(dimension: int = 10) -> Problem:
    """Return problem 21 in an even number of variables: one valley for each pair.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no even whole number.
    """
    n = check_dimension(dimension, "extended_rosenbrock", 2, multiple=2)
    x = coordinates(n)
    pairs = [(x[i], x[i + 1]) for i in range(0, n, 2)]
    return sum_of_squares(
        "extended_rosenbrock",
        x,
        [residual for a, b in pairs for residual in (10 * (b - a**2), 1 - a)],
        (Rational(-6, 5), 1) * (n // 2),
        "many curved valleys at once, none of which knows of the others",
        minimisers=[(1,) * n],
        family=extended_rosenbrock,
    )


def extended_powell(dimension: int = 12) -> Problem:
    """Return problem 22 in a multiple of four variables: Powell's singular function for each four.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no multiple of 4.
    """
    n = check_dimension(dimension, "extended_powell", 4, multiple=4)
    x = coordinates(n)
    residuals = []
    for a, b, c, d in (x[i : i + 4] for i in range(0, n, 4)):
        residuals += [a + 10 * b, sqrt(5) * (c - d), (b - 2 * c) ** 2, sqrt(10) * (a - d) ** 2]
    return sum_of_squares(
        "extended_powell",
        x,
        residuals,
        (3, -1, 0, 1) * (n // 4),
        "a Hessian that is singular at the minimum in half of all directions",
        minimisers=[(0,) * n],
        family=extended_powell,
    )


def penalty_one(dimension: int = 4) -> Problem:
    """Return problem 23 in any number of variables: nearly all of a sphere is nearly minimal.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no positive whole number.
    """
    n = check_dimension(dimension, "penalty_one", 1)
    x = coordinates(n)
    published = {4: "2.24997e-5", 10: "7.08765e-5"}
    return sum_of_squares(
        "penalty_one",
        x,
        [
            *(sqrt(SMALL) * (each - 1) for each in x),
            Add(*(each**2 for each in x)) - Rational(1, 4),
        ],
        tuple(range(1, n + 1)),
        "steep towards a sphere, nearly flat on it",
        minima=(published[n],) if n in published else (),
        family=penalty_one,
    )


def penalty_two(dimension: int = 4) -> Problem:
    """Return problem 24 in at least two variables.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no whole number of at least 2.
    """
    n = check_dimension(dimension, "penalty_two", 2)
    x = coordinates(n)
    tenth = Rational(1, 10)
    residuals = [x[0] - Rational(1, 5)]
    for i in range(2, n + 1):
        target = exp(i * tenth) + exp((i - 1) * tenth)
        residuals.append(sqrt(SMALL) * (exp(x[i - 1] / 10) + exp(x[i - 2] / 10) - target))
    residuals += [sqrt(SMALL) * (exp(each / 10) - exp(-tenth)) for each in x[1:]]
    residuals.append(Add(*((n - j) * each**2 for j, each in enumerate(x))) - 1)
    published = {4: "9.37629e-6", 10: "0.000293660"}
    return sum_of_squares(
        "penalty_two",
        x,
        residuals,
        (Rational(1, 2),) * n,
        "steep towards an ellipsoid, with a long flat way along it",
        minima=(published[n],) if n in published else (),
        family=penalty_two,
    )


def variably_dimensioned(dimension: int = 10) -> Problem:
    """Return problem 25 in any number of variables.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no positive whole number.
    """
    n = check_dimension(dimension, "variably_dimensioned", 1)
    x = coordinates(n)
    weighted = Add(*(j * (each - 1) for j, each in enumerate(x, start=1)))
    return sum_of_squares(
        "variably_dimensioned",
        x,
        [*(each - 1 for each in x), weighted, weighted**2],
        tuple(1 - Rational(j, n) for j in range(1, n + 1)),
        "one direction with a fourth power, the others quadratic",
        minimisers=[(1,) * n],
        family=variably_dimensioned,
    )


def trigonometric(dimension: int = 10) -> Problem:
    """Return problem 26 in any number of variables.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no positive whole number.
    """
    n = check_dimension(dimension, "trigonometric", 1)
    x = coordinates(n)
    total = Add(*(cos(each) for each in x))
    return sum_of_squares(
        "trigonometric",
        x,
        [n - total + i * (1 - cos(each)) - sin(each) for i, each in enumerate(x, start=1)],
        (Rational(1, n),) * n,
        "a low local minimum beside the root",
        minimisers=[(0,) * n],
        minima=(0, "2.79506e-5") if n == 10 else (0,),
        family=trigonometric,
    )


def brown_almost_linear(dimension: int = 10) -> Problem:
    """Return problem 27 in at least two variables: all residuals but one are linear.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no whole number of at least 2.
    """
    n = check_dimension(dimension, "brown_almost_linear", 2)
    x = coordinates(n)
    return sum_of_squares(
        "brown_almost_linear",
        x,
        [*(each + Add(*x) - (n + 1) for each in x[:-1]), Mul(*x) - 1],
        (Rational(1, 2),) * n,
        "linear but for one product of all variables",
        minimisers=[(1,) * n],
        minima=(0, 1),
        family=brown_almost_linear,
    )
