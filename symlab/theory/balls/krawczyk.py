"""Krawczyk's test: that a box holds exactly one point where a gradient vanishes.

With a middle c of the box X, an approximate inverse Y of the Hessian, and an enclosure H(X) of all
Hessians in the box,

    K(X) = c - Y g(c) + (I - Y H(X)) (X - c)

holds every zero of the gradient in X. If it lies inside X, there is exactly one (Krawczyk 1969;
Moore, Kearfott & Cloud 2009, "Introduction to Interval Analysis", section 8.2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import mpmath
from sympy import Expr, Float, Integer

from symlab.theory.balls.arithmetic import Ball, Balls
from symlab.theory.balls.jets import Jet

Matrix = list[list[Ball]]


@dataclass(frozen=True)
class Box:
    """A box, by its middle and half of its widths: n balls of radius zero each."""

    middle: list[Ball]
    radii: list[Ball]

    def whole(self, balls: Balls) -> list[Ball]:
        """Return the box as balls."""
        return [balls.around(c, r) for c, r in zip(self.middle, self.radii, strict=True)]


@dataclass(frozen=True)
class Contraction:
    """What the test says of one box.

    Parameters
    ----------
    image : list of n balls
        Where zeros of the gradient in the box must lie.
    inside : bool
        Whether it lies inside the box: then there is exactly one.
    """

    image: list[Ball]
    inside: bool


def contract(
    box: Box, slope: Mapping[int, Ball], hessian: Matrix, inverse: Matrix, balls: Balls
) -> Contraction:
    """Apply Krawczyk's operator to a box.

    Parameters
    ----------
    box : Box
    slope : mapping of int to ball
        The gradient in the middle; what is left out is zero.
    hessian : n by n balls
        All Hessians in the box.
    inverse : n by n balls of radius zero
        About the inverse of the Hessian in the middle.
    balls : Balls
    """
    zero, one = balls.number(Integer(0)), balls.number(Integer(1))
    image, inside = [], True
    for i, (middle, radius) in enumerate(zip(box.middle, box.radii, strict=True)):
        row = inverse[i]
        newton = sum((y * slope[j] for j, y in enumerate(row) if j in slope), zero)
        spread = zero
        for j, width in enumerate(box.radii):
            product = sum((y * line[j] for y, line in zip(row, hessian, strict=True)), zero)
            spread = spread + balls.size((one if i == j else zero) - product) * width
        around = balls.size(spread) + balls.radius(newton)
        image.append(balls.around(middle - balls.middle(newton), balls.size(around)))
        inside = inside and bool(balls.size(newton) + spread < radius)
    return Contraction(image, inside)


def full(jet: Jet, zero: Ball, n: int) -> Matrix:
    """Return the Hessian of a jet as a whole matrix."""
    return [[jet.hessian.get((min(i, j), max(i, j)), zero) for j in range(n)] for i in range(n)]


def approximate_inverse(matrix: Matrix, balls: Balls) -> Matrix | None:
    """Return the inverse of the middle of a matrix, about; None if it is singular to its bits."""
    scaled, scales = _scaled(matrix, balls)
    try:
        inverse = mpmath.inverse(scaled)
    except (ZeroDivisionError, TypeError):  # mpmath finds no pivot in a column of zeros
        return None
    n = len(matrix)
    return [
        [ball_of(inverse[i, j] / scales[i] / scales[j], balls) for j in range(n)] for i in range(n)
    ]


def _scaled(matrix: Matrix, balls: Balls) -> tuple[mpmath.matrix, list[mpmath.mpf]]:
    """Return the middle of a matrix, rows and columns divided by roots of the diagonal."""
    rows = [[number_of(ball, balls) for ball in row] for row in matrix]
    scales = [mpmath.sqrt(abs(row[i])) or mpmath.mpf(1) for i, row in enumerate(rows)]
    scaled = [[x / scales[i] / scales[j] for j, x in enumerate(row)] for i, row in enumerate(rows)]
    return mpmath.matrix(scaled), scales


def number_of(ball: Ball, balls: Balls) -> mpmath.mpf:
    """Return the middle of a ball as mpmath's number."""
    return balls.ends(balls.middle(ball))[0]


def ball_of(number: mpmath.mpf, balls: Balls) -> Ball:
    """Return mpmath's number as a ball of radius zero."""
    return balls.number(in_full(number) if number else Integer(0))


def flattest(matrix: Matrix, balls: Balls) -> list[float]:
    """Return the direction, of length 1, along which a symmetric matrix is nearest to zero."""
    numbers, scales = _scaled(matrix, balls)
    curvatures, vectors = mpmath.eigsy(numbers)
    least = min(range(len(scales)), key=lambda k: abs(curvatures[k]))
    direction = [vectors[i, least] / scale for i, scale in enumerate(scales)]
    length = mpmath.norm(direction)
    return [float(each / length) for each in direction]


def in_full(number: mpmath.mpf) -> Expr:
    """Return mpmath's number as SymPy's, with all of its bits."""
    return Float._new(number._mpf_, mpmath.mp.prec)


def inertia(matrix: Matrix, balls: Balls) -> tuple[int, int] | None:
    """Return how many eigenvalues of a symmetric matrix are positive and negative, proved.

    With V of approximate eigenvectors, V' A V has the same signs (Sylvester's law of inertia), and
    Gershgorin's discs tell them where they do not reach zero.

    Returns
    -------
    pair of int, or None
        None where a disc reaches zero.
    """
    n = len(matrix)
    vectors = _eigenvectors(matrix, balls)
    zero = balls.number(Integer(0))
    signs = []
    for i in range(n):
        row = [_form(matrix, vectors[i], vectors[j], zero) for j in range(n)]
        others = zero
        for j in range(n):
            others = others + (balls.size(row[j]) if j != i else zero)
        if row[i] - others > 0:
            signs.append(1)
        elif row[i] + others < 0:
            signs.append(-1)
        else:
            return None
    return signs.count(1), signs.count(-1)


def _eigenvectors(matrix: Matrix, balls: Balls) -> Matrix:
    """Return approximate eigenvectors of the matrix scaled to a diagonal of ones, scaled back."""
    n = len(matrix)
    numbers, scales = _scaled(matrix, balls)
    _, vectors = mpmath.eigsy(numbers)
    return [[ball_of(vectors[k, i] / scales[k], balls) for k in range(n)] for i in range(n)]


def _form(matrix: Matrix, one: Sequence[Ball], other: Sequence[Ball], zero: Ball) -> Ball:
    """Return the bilinear form of a matrix."""
    total = zero
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            total = total + a * matrix[i][j] * b
    return total
