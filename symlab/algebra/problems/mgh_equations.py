"""Problems 28 to 35 of Moré, Garbow & Hillstrom: systems of equations, and linear functions.

"Testing unconstrained optimization software", ACM Transactions on Mathematical Software 7 (1981),
17-41, section 3, by their numbers there. Formulas, starts and minima are theirs.
"""

from collections.abc import Sequence
from functools import cache

from sympy import Add, Expr, Integer, Rational, Symbol

from symlab.algebra.problems.problem import (
    Problem,
    check_dimension,
    coordinates,
    sum_of_squares,
)


def _between_zeros(x: Sequence[Symbol], i: int) -> Expr:
    """Return x[i], which is zero outside of the row."""
    return x[i] if 0 <= i < len(x) else Integer(0)


def _arch(n: int) -> tuple[Rational, ...]:
    """Return the start t (t - 1) at n inner points of an even grid."""
    points = [Rational(j, n + 1) for j in range(1, n + 1)]
    return tuple(t * (t - 1) for t in points)


def boundary_value(dimension: int = 10) -> Problem:
    """Return problem 28: u'' = (u + t + 1)^3 / 2 with u(0) = u(1) = 0, by differences.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no positive whole number.
    """
    n = check_dimension(dimension, "boundary_value", 1)
    x, h = coordinates(n), Rational(1, n + 1)
    return sum_of_squares(
        "boundary_value",
        x,
        [
            2 * x[i]
            - _between_zeros(x, i - 1)
            - _between_zeros(x, i + 1)
            + h**2 * (x[i] + (i + 1) * h + 1) ** 3 / 2
            for i in range(n)
        ],
        _arch(n),
        "a differential equation: each residual reads three neighbours",
        minima=(0,),
        family=boundary_value,
    )


def integral_equation(dimension: int = 10) -> Problem:
    """Return problem 29: the same boundary value problem as an integral equation.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no positive whole number.
    """
    n = check_dimension(dimension, "integral_equation", 1)
    x, h = coordinates(n), Rational(1, n + 1)
    t = [(i + 1) * h for i in range(n)]
    cubes = [(x[j] + t[j] + 1) ** 3 for j in range(n)]
    residuals = []
    for i in range(n):
        before = Add(*(t[j] * cubes[j] for j in range(i + 1)))
        after = Add(*((1 - t[j]) * cubes[j] for j in range(i + 1, n)))
        residuals.append(x[i] + h * ((1 - t[i]) * before + t[i] * after) / 2)
    return sum_of_squares(
        "integral_equation",
        x,
        residuals,
        _arch(n),
        "a dense system: each residual reads all variables",
        minima=(0,),
        family=integral_equation,
    )


def broyden_tridiagonal(dimension: int = 10) -> Problem:
    """Return problem 30, whose Jacobian has three diagonals.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no positive whole number.
    """
    n = check_dimension(dimension, "broyden_tridiagonal", 1)
    x = coordinates(n)
    return sum_of_squares(
        "broyden_tridiagonal",
        x,
        [
            (3 - 2 * x[i]) * x[i] - _between_zeros(x, i - 1) - 2 * _between_zeros(x, i + 1) + 1
            for i in range(n)
        ],
        (-1,) * n,
        "a sparse system that has local minima beside its root",
        minima=(0,),
        family=broyden_tridiagonal,
    )


def broyden_banded(dimension: int = 10) -> Problem:
    """Return problem 31, whose Jacobian has a band of seven diagonals.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no positive whole number.
    """
    n = check_dimension(dimension, "broyden_banded", 1)
    x = coordinates(n)
    residuals = []
    for i in range(n):
        near = [x[j] for j in range(max(0, i - 5), min(n, i + 2)) if j != i]
        others = Add(*(each * (1 + each) for each in near))
        residuals.append(x[i] * (2 + 5 * x[i] ** 2) + 1 - others)
    return sum_of_squares(
        "broyden_banded",
        x,
        residuals,
        (-1,) * n,
        "a banded system",
        minima=(0,),
        family=broyden_banded,
    )


def linear_full_rank(dimension: int = 10) -> Problem:
    """Return problem 32 with twice as many residuals as variables.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no positive whole number.
    """
    n = check_dimension(dimension, "linear_full_rank", 1)
    x, m = coordinates(n), 2 * n
    mean = Rational(2, m) * Add(*x)
    return sum_of_squares(
        "linear_full_rank",
        x,
        [*(each - mean - 1 for each in x), *[-mean - 1] * (m - n)],
        (1,) * n,
        "linear least squares: one step of Newton",
        minimisers=[(-1,) * n],
        family=linear_full_rank,
    )


def linear_rank_one(dimension: int = 10) -> Problem:
    """Return problem 33 with twice as many residuals as variables: its minimisers fill a plane.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no positive whole number.
    """
    n = check_dimension(dimension, "linear_rank_one", 1)
    x, m = coordinates(n), 2 * n
    weighted = Add(*(j * each for j, each in enumerate(x, start=1)))
    return sum_of_squares(
        "linear_rank_one",
        x,
        [i * weighted - 1 for i in range(1, m + 1)],
        (1,) * n,
        "a Jacobian of rank one: minimisers fill a plane",
        minima=(Rational(m * (m - 1), 2 * (2 * m + 1)),),
        family=linear_rank_one,
    )


def linear_rank_one_with_zeros(dimension: int = 10) -> Problem:
    """Return problem 34: as 33, but first and last variable and residual play no part.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no whole number of at least 3.
    """
    n = check_dimension(dimension, "linear_rank_one_with_zeros", 3)
    x, m = coordinates(n), 2 * n
    weighted = Add(*(j * x[j - 1] for j in range(2, n)))
    ends = Integer(-1)
    return sum_of_squares(
        "linear_rank_one_with_zeros",
        x,
        [ends, *(i * weighted - 1 for i in range(1, m - 1)), ends],
        (1,) * n,
        "variables on which the value does not depend",
        minima=(Rational(m**2 + 3 * m - 6, 2 * (2 * m - 3)),),
        family=linear_rank_one_with_zeros,
    )


@cache
def _chebyshev(degree: int, at: Expr) -> Expr:
    """Return Chebyshev's polynomial by doubling: in powers, a high degree would lose all digits."""
    if degree < 2:
        return at if degree else Integer(1)
    half = _chebyshev(degree // 2, at)
    if degree % 2 == 0:
        return 2 * half**2 - 1
    return 2 * half * _chebyshev(degree // 2 + 1, at) - at


def chebyquad(dimension: int = 8) -> Problem:
    """Return problem 35: nodes of a Chebyshev quadrature with as many residuals as variables.

    Raises
    ------
    TypeError, ValueError
        If the dimension is no positive whole number.
    """
    n = check_dimension(dimension, "chebyquad", 1)
    x = coordinates(n)
    residuals = []
    for degree in range(1, n + 1):
        integral = Rational(-1, degree**2 - 1) if degree % 2 == 0 else Integer(0)
        residuals.append(Add(*(_chebyshev(degree, 2 * each - 1) for each in x)) / n - integral)
    published: dict[int, tuple[str, ...]] = {8: ("0.00351687",), 10: ("0.00650395",)}
    return sum_of_squares(
        "chebyquad",
        x,
        residuals,
        tuple(Rational(j, n + 1) for j in range(1, n + 1)),
        "any order of the nodes is as good; eight have no exact quadrature",
        minima=(0,) if n <= 7 or n == 9 else published.get(n, ()),
        family=chebyquad,
    )
