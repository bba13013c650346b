"""Twelve functions on which people try a search for the lowest of many minima.

Formulas and minima: Jamil & Yang, "A literature survey of benchmark functions for global
optimisation problems", International Journal of Mathematical Modelling and Numerical Optimisation
4 (2013), 150-194; Levy's and Dixon & Price's by Surjanovic & Bingham's Virtual Library of
Simulation Experiments.
"""

from sympy import Abs, Add, Expr, Mul, Rational, cos, exp, pi, sin, sqrt, symbols

from symlab.algebra.objective import Objective
from symlab.algebra.problems.problem import Problem, check_dimension, coordinates, sum_of_squares


def ackley(dimension: int = 2) -> Problem:
    """Return Ackley's function in any number of variables.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no positive whole number.
    """
    n = check_dimension(dimension, "ackley", 1)
    x = coordinates(n)
    distance = Abs(x[0]) if n == 1 else sqrt(Add(*(each**2 for each in x)) / n)
    waves = Add(*(cos(2 * pi * each) for each in x)) / n
    return Problem(
        "ackley",
        Objective(-20 * exp(-distance / 5) - exp(waves) + 20 + exp(1), x),
        ((0,) * n,),
        (Rational(3, 2),) * n,
        "a cone with waves: the minimum is a kink, where no gradient exists",
        family=ackley,
    )


def rastrigin(dimension: int = 2) -> Problem:
    """Return Rastrigin's function in any number of variables.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no positive whole number.
    """
    n = check_dimension(dimension, "rastrigin", 1)
    x = coordinates(n)
    return Problem(
        "rastrigin",
        Objective(10 * n + Add(*(each**2 - 10 * cos(2 * pi * each) for each in x)), x),
        ((0,) * n,),
        (Rational(5, 2),) * n,
        "a bowl with a minimum near each point of whole coordinates",
        family=rastrigin,
    )


def griewank(dimension: int = 2) -> Problem:
    """Return Griewank's function in any number of variables.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no positive whole number.
    """
    n = check_dimension(dimension, "griewank", 1)
    x = coordinates(n)
    waves = Mul(*(cos(each / sqrt(i)) for i, each in enumerate(x, start=1)))
    return Problem(
        "griewank",
        Objective(Add(*(each**2 for each in x)) / 4000 - waves + 1, x),
        ((0,) * n,),
        (10,) * n,
        "thousands of regular minima on a very flat bowl",
        family=griewank,
    )


def levy(dimension: int = 2) -> Problem:
    """Return Levy's function in any number of variables.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no positive whole number.
    """
    n = check_dimension(dimension, "levy", 1)
    x = coordinates(n)
    w = [1 + (each - 1) / 4 for each in x]
    middle: list[Expr] = [(each - 1) ** 2 * (1 + 10 * sin(pi * each + 1) ** 2) for each in w[:-1]]
    last = (w[-1] - 1) ** 2 * (1 + sin(2 * pi * w[-1]) ** 2)
    return Problem(
        "levy",
        Objective(sin(pi * w[0]) ** 2 + Add(*middle) + last, x),
        ((1,) * n,),
        (-4,) * n,
        "waves that grow away from the minimum",
        family=levy,
    )


def styblinski_tang(dimension: int = 2) -> Problem:
    """Return Styblinski and Tang's function in any number of variables.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no positive whole number.
    """
    n = check_dimension(dimension, "styblinski_tang", 1)
    x = coordinates(n)
    return Problem(
        "styblinski_tang",
        Objective(Add(*(each**4 - 16 * each**2 + 5 * each for each in x)) / 2, x),
        (),
        (0,) * n,
        "two minima in each coordinate, one of them the lower",
        minima=(n * Rational("-39.16616570377142"),),
        family=styblinski_tang,
    )


def goldstein_price() -> Problem:
    """Return Goldstein and Price's polynomial of degree eight in two variables."""
    x, y = symbols("x y", real=True)
    first = (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    second = (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    return Problem(
        "goldstein_price",
        Objective((1 + first) * (30 + second), (x, y)),
        ((0, -1),),
        (Rational(-1, 2), Rational(1, 4)),
        "values from three to a million, and four minima",
    )


def booth() -> Problem:
    """Return Booth's quadratic of two variables."""
    x, y = symbols("x y", real=True)
    return sum_of_squares(
        "booth",
        (x, y),
        [x + 2 * y - 7, 2 * x + y - 5],
        (-5, -5),
        "a quadratic of condition number 9",
        minimisers=[(1, 3)],
    )


def matyas() -> Problem:
    """Return Matyas' quadratic of two variables."""
    x, y = symbols("x y", real=True)
    return Problem(
        "matyas",
        Objective(Rational(26, 100) * (x**2 + y**2) - Rational(48, 100) * x * y, (x, y)),
        ((0, 0),),
        (5, -3),
        "a quadratic of condition number 25, not along the axes",
    )


def mccormick() -> Problem:
    """Return McCormick's function of two variables."""
    x, y = symbols("x y", real=True)
    third = pi / 3
    return Problem(
        "mccormick",
        Objective(sin(x + y) + (x - y) ** 2 - Rational(3, 2) * x + Rational(5, 2) * y + 1, (x, y)),
        ((Rational(1, 2) - third, Rational(-1, 2) - third),),
        (0, 0),
        "a sloping wave: a minimum in each period, without a lowest one",
    )


def easom() -> Problem:
    """Return Easom's function of two variables."""
    x, y = symbols("x y", real=True)
    return Problem(
        "easom",
        Objective(-cos(x) * cos(y) * exp(-((x - pi) ** 2) - (y - pi) ** 2), (x, y)),
        ((pi, pi),),
        (2, 2),
        "a hole in a plane: far from it the gradient vanishes",
    )


def zakharov(dimension: int = 2) -> Problem:
    """Return Zakharov's function in any number of variables.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no positive whole number.
    """
    n = check_dimension(dimension, "zakharov", 1)
    x = coordinates(n)
    weighted = Add(*(i * each for i, each in enumerate(x, start=1))) / 2
    return sum_of_squares(
        "zakharov",
        x,
        [*x, weighted, weighted**2],
        (-2,) * n,
        "one direction with a fourth power, the others quadratic",
        minimisers=[(0,) * n],
        family=zakharov,
    )


def dixon_price(dimension: int = 2) -> Problem:
    """Return Dixon and Price's function in any number of variables.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no positive whole number.
    """
    n = check_dimension(dimension, "dixon_price", 1)
    x = coordinates(n)
    residuals = [x[0] - 1]
    residuals += [sqrt(i + 1) * (2 * x[i] ** 2 - x[i - 1]) for i in range(1, n)]
    return sum_of_squares(
        "dixon_price",
        x,
        residuals,
        (-2,) * n,
        "each coordinate is the square root of half the one before, of either sign",
        minimisers=[tuple(2 ** (Rational(2, 2**i) - 1) for i in range(1, n + 1))],
        family=dixon_price,
    )
