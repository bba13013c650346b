"""Flat sets of minimisers: the points where linear equations hold.

Those of a quadratic are solved for exactly. Those of squares are guessed from the Jacobian's null
space at a point of the set, in simple numbers, and proved by substitution: every residual vanishes
identically on them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import mpmath
from sympy import Expr, Integer, Matrix, Rational, Symbol, expand

from symlab.algebra.by_mpmath import NotComputable
from symlab.theory.balls.arithmetic import Unbounded
from symlab.theory.balls.krawczyk import ball_of, in_full, number_of
from symlab.theory.balls.regular_zero import farthest
from symlab.theory.balls.systems import Vanishing
from symlab.theory.zeros import degree_bound

LARGEST_DENOMINATOR = 10**6
"""Of a number that is tried as an exact one."""
LEAST = 1e-3
"""A singular value relative to the largest, below which it counts as zero near a flat set."""
MOST_STEPS = 20


@dataclass(frozen=True)
class FlatSet:
    """The points x with A x = b.

    Parameters
    ----------
    variables : tuple of n sympy.Symbol
    rows : sympy.Matrix
        A, of full rank and in reduced echelon form.
    right : sympy.Matrix
        b, a column.
    """

    variables: tuple[Symbol, ...]
    rows: Matrix
    right: Matrix

    @property
    def equations(self) -> tuple[Expr, ...]:
        """What is zero on the set."""
        return tuple(self.rows * Matrix(self.variables) - self.right)

    @property
    def solved(self) -> dict[Symbol, Expr]:
        """The first variable of each equation by the others."""
        leading = (next(j for j, c in enumerate(row) if c) for row in self.rows.tolist())
        pairs = zip(leading, self.equations, strict=True)
        return {self.variables[j]: self.variables[j] - left for j, left in pairs}

    def nearest(self, point: Sequence[Rational]) -> list[Rational]:
        """Return the point of the set that is nearest to another."""
        here, rows = Matrix(list(point)), self.rows
        multipliers = (rows * rows.T).LUsolve(rows * here - self.right)
        return list(here - rows.T * multipliers)


def solve_linear(matrix: Matrix, slope: Matrix, variables: tuple[Symbol, ...]) -> FlatSet | None:
    """Return the points with H x + g = 0; None where there are none, one only, or all are.

    Parameters
    ----------
    matrix, slope : sympy.Matrix
        H and g, of rational numbers.
    variables : tuple of n sympy.Symbol

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> solve_linear(Matrix([[2, 4], [4, 8]]), Matrix([-2, -4]), (x, y)).equations
    (x + 2*y - 1,)
    """
    n = len(variables)
    reduced, pivots = matrix.row_join(-slope).rref()
    if n in pivots or len(pivots) == n or not pivots:
        return None
    rank = len(pivots)
    return FlatSet(variables, reduced[:rank, :n], reduced[:rank, n])


def flat_zeros(system: Vanishing, start: Sequence[mpmath.mpf], within: float) -> FlatSet | None:
    """Return a flat set on which all residuals are zero; None if none is proved.

    Parameters
    ----------
    system : Vanishing
    start : n numbers
    within : float
        How far from the start it is looked for, relative to each coordinate or to 1.
    """
    try:
        point, null = _on_set(system, start, within)
    except (Unbounded, NotComputable):
        return None
    found = _simple_set(system.variables, point, null) if null else None
    if found is None or not all(_vanishes(each, found.solved) for each in system.residuals):
        return None
    return found


def _on_set(
    system: Vanishing, start: Sequence[mpmath.mpf], within: float
) -> tuple[list[mpmath.mpf], list[list[mpmath.mpf]]]:
    """Return where Gauss and Newton's method comes to rest, and a basis of the null space there.

    Steps do not follow directions along which the Jacobian is nearly zero. The basis is empty
    where the method goes astray.
    """
    n, balls, point = len(start), system.balls, list(start)
    for _ in range(MOST_STEPS):
        values, jacobian = system.uncombined([ball_of(x, balls) for x in point])
        matrix = mpmath.zeros(max(n, len(values)), n)
        for i, row in enumerate(jacobian):
            for j, entry in enumerate(row):
                matrix[i, j] = number_of(entry, balls)
        left, sizes, right = mpmath.svd_r(matrix)
        rank = sum(size > LEAST * sizes[0] for size in sizes)
        residual = [number_of(value, balls) for value in values]
        seen = [sum(left[i, k] * r for i, r in enumerate(residual)) / sizes[k] for k in range(rank)]
        steps = [sum(right[k, j] * seen[k] for k in range(rank)) for j in range(n)]
        point = [x - step for x, step in zip(point, steps, strict=True)]
        if farthest([ball_of(x, balls) for x in point], start, balls) > within:
            return point, []
        if max(map(abs, steps)) <= mpmath.sqrt(mpmath.eps) * (1 + max(map(abs, point))):
            break
    return point, [[right[k, j] for j in range(n)] for k in range(rank, n)]


def _simple_set(
    variables: tuple[Symbol, ...], point: list[mpmath.mpf], null: list[list[mpmath.mpf]]
) -> FlatSet | None:
    """Return the flat set through a point along a null space, in simple numbers."""
    n = len(variables)
    free, basis = _echelon(null)
    rows, ends = list[list[Rational]](), list[Rational]()
    for j in (j for j in range(n) if j not in free):
        along = [simple(direction[j]) for direction in basis]
        rest = point[j] - sum(a.p * point[f] / a.q for a, f in zip(along, free, strict=True))
        row = [Integer(i == j) for i in range(n)]
        for a, f in zip(along, free, strict=True):
            row[f] = -a
        rows.append(row)
        ends.append(simple(rest))
    return solve_linear(Matrix(rows), -Matrix(ends), variables)


def _echelon(null: list[list[mpmath.mpf]]) -> tuple[list[int], list[list[mpmath.mpf]]]:
    """Return the free variables, and a basis with a one for each of them: Gauss and Jordan's."""
    basis, free = [list(row) for row in null], list[int]()
    for k in range(len(basis)):
        pivot = max(range(len(basis[k])), key=lambda j: abs(basis[k][j]))
        basis[k] = [each / basis[k][pivot] for each in basis[k]]
        for other in range(len(basis)):
            if other != k:
                factor = basis[other][pivot]
                pairs = zip(basis[other], basis[k], strict=True)
                basis[other] = [a - factor * b for a, b in pairs]
        free.append(pivot)
    return free, basis


def simple(number: mpmath.mpf) -> Rational:
    """Return the nearest rational number with a short denominator."""
    exact = Rational(in_full(number))
    return Rational(Fraction(int(exact.p), int(exact.q)).limit_denominator(LARGEST_DENOMINATOR))


def _vanishes(residual: Expr, solved: dict[Symbol, Expr]) -> bool:
    """Whether an expression is zero wherever some variables are what others say."""
    left = residual.xreplace(solved)
    is_polynomial = degree_bound(left, tuple(left.free_symbols)) is not None
    return bool(left == 0 or (is_polynomial and expand(left) == 0))
