"""Exercises of lesson 7: least squares."""

from functools import cache

from sympy import Expr, Interval, Matrix, Rational, solve, symbols

from symlab.book.exercises.exercise import Exercise
from symlab.book.exercises.mistakes import Slip
from symlab.book.exercises.question import Question

x0, x1, b1, b2, b3 = symbols("x0 x1 b1 b2 b3", real=True)
alpha, small, large = symbols("alpha l L", positive=True)

A, UNKNOWNS, TARGET = Matrix([[1, 0], [1, 1], [0, 2]]), Matrix([x0, x1]), Matrix([b1, b2, b3])
SQUARES = (A * UNKNOWNS - TARGET).dot(A * UNKNOWNS - TARGET)


@cache
def slope_of_squares() -> Matrix:
    """Return the gradient of the squared misses."""
    return Matrix([SQUARES.diff(letter) for letter in UNKNOWNS])


NORMAL = Exercise(
    "07.1",
    "The gradient of squared misses",
    Question(
        "`J = |A x - b|^2` with `A = {A}`, `x = (x0, x1)` and `b = (b1, b2, b3)`: squares added "
        "up, no half and no mean. What is the gradient of `J` by `x`?",
        {"A": A.tolist()},
    ),
    "matrix",
    slope_of_squares,
    (
        "Write the three misses out. Which of them has which unknown?",
        "The square of a miss has the slope 2, times the miss, times what multiplies the unknown.",
        "In matrices: A transposed, times the misses, times a number.",
    ),
    "2 A'(A x - b): each unknown collects the misses that it is a part of.",
    (x0, x1, b1, b2, b3),
    slips=lambda: (
        Slip("factor", slope_of_squares() / 2, "A square has a 2 in its slope; here no half."),
        Slip("sum for mean", slope_of_squares() / 3, "The squares are added, not averaged."),
        Slip("transpose", 2 * (A * UNKNOWNS - TARGET), "There are two unknowns, not three."),
    ),
)


def largest_stable() -> Expr:
    """Return the step size at which the fastest part of the error keeps its size."""
    return solve(1 - 2 * alpha * large + 1, alpha)[0]


RANGE = Exercise(
    "07.2",
    "The limit for least squares",
    Question(
        "Gradient descent on `|A x - b|^2`, no half in front. `L` is the largest eigenvalue of "
        "`A'A`, and none is 0. For which step sizes does every error shrink?"
    ),
    "interval",
    lambda: Interval.open(0, largest_stable()),
    (
        "What does one step make of the error e = x - x*?",
        "Along an eigenvector it is a factor 1 - 2 alpha times the eigenvalue.",
        "That must stay between -1 and 1, for the largest eigenvalue too.",
    ),
    "|1 - 2 alpha L| < 1: the 2 comes from the square.",
    (large,),
    slips=lambda: (
        Slip("factor", (0, 2 * largest_stable()), "The square brings a 2 into the gradient."),
        Slip("reciprocal", (0, large), "May a step be longer where it is steeper?"),
    ),
)


def fastest() -> Expr:
    """Return the step size that makes the slowest factor as small as can be."""
    return solve((1 - 2 * alpha * small) + (1 - 2 * alpha * large), alpha)[0]


FASTEST = Exercise(
    "07.3",
    "The best step for least squares",
    Question(
        "Gradient descent on `|A x - b|^2`; the eigenvalues of `A'A` lie between `l` and `L`, "
        "and both occur. Which step size `alpha` makes the largest of the factors `|1 - 2 alpha "
        "lambda|` smallest?"
    ),
    "expression",
    fastest,
    (
        "Which two eigenvalues can have the largest factor?",
        "At the best step size the factors of these two are equally large. With which signs?",
        "Solve 1 - 2 alpha l = -(1 - 2 alpha L).",
    ),
    "The factors of l and L are opposite there.",
    (small, large),
    slips=lambda: (
        Slip("factor", 2 * fastest(), "The square brings a 2 into the gradient."),
        Slip("another formula", 1 / (2 * large), "That serves L alone; l then hardly moves."),
        Slip("another formula", 1 / (2 * small), "That serves l alone; L may then grow."),
    ),
)

PLACES, HEIGHTS = Matrix([[1, 0], [1, 1], [1, 2]]), Matrix([1, 2, 2])


def line_through() -> Matrix:
    """Return the line of least squares, from the normal equations."""
    return (PLACES.T * PLACES).LUsolve(PLACES.T * HEIGHTS)


LINE = Exercise(
    "07.4",
    "A line through three points",
    Question(
        "Which line `c0 + c1 t` comes nearest to the points (0, 1), (1, 2), (2, 2), by least "
        "squares? Answer with [c0, c1]."
    ),
    "matrix",
    line_through,
    (
        "Write three equations in two unknowns; the matrix has a column of ones.",
        "Multiply both sides by the matrix transposed.",
        "The line goes through the mean of the points.",
    ),
    "A'A c = A'b with the rows (1, t) of A: two equations, solved exactly.",
    slips=lambda: (
        Slip("order", line_through()[::-1], "Which of the two is the slope?"),
        Slip("another formula", (1, 1), "This goes through two of the points, and misses one."),
        Slip("another formula", (1, Rational(1, 2)), "This goes through the two outer points."),
    ),
)

EXERCISES = (NORMAL, RANGE, FASTEST, LINE)
