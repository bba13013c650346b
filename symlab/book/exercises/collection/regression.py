"""Exercises of lesson 23: the step of a regression, its damping, its errors, and elimination."""

from functools import cache

from sympy import Expr, Matrix, Rational, diff, eye, solve, sqrt, symbols

from symlab.book.exercises.exercise import Exercise
from symlab.book.exercises.mistakes import Slip
from symlab.book.exercises.question import Question

a, b, y = symbols("a b y", real=True)
p, q, s, u, r = symbols("p q s u r", positive=True)
mu = symbols("mu", nonnegative=True)

RESIDUALS = Matrix([a + b - 2, a * b - 1, b**2 - 4])


@cache
def jacobian() -> Matrix:
    """Return the first derivatives of the residuals, a row for each."""
    return RESIDUALS.jacobian(Matrix([a, b]))


JACOBIAN = Exercise(
    "23.1",
    "A Jacobian",
    Question(
        "The residuals are `a + b - 2`, `a b - 1` and `b^2 - 4`. What is their Jacobian in `(a, b)`"
        "?"
    ),
    "matrix",
    jacobian,
    (
        "A row for each residual, a column for each parameter.",
        "The constants that are measured drop out.",
        "The second row has in its first column what a is multiplied with.",
    ),
    "Each residual is differentiated in a, and in b.",
    (a, b),
    slips=lambda: (
        Slip("transpose", jacobian().T, "A row belongs to a residual."),
        Slip("sign", -jacobian(), "The model is not taken from the measurement here."),
        Slip("incomplete", jacobian()[:2, :], "There are three residuals."),
    ),
)


def gauss_step() -> Expr:
    """Return the minimiser of the linear model of two residuals in one parameter."""
    step = symbols("step", real=True)
    squares = (r + p * step) ** 2 + (s + q * step) ** 2
    return solve(diff(squares, step), step)[0]


GAUSS = Exercise(
    "23.2",
    "Gauss and Newton's step in one parameter",
    Question(
        "Two residuals have the values `r` and `s` and, in the only parameter, the slopes `p` and "
        "`q`. How far does Gauss-Newton step?"
    ),
    "expression",
    gauss_step,
    (
        "After a step P the linear model of the first residual is r + p P.",
        "Which P makes the sum of both squares least?",
        "J'J is one number here, and so is J'R.",
    ),
    "-(J'J)^-1 J'R with J = (p, q) and R = (r, s).",
    (p, q, r, s),
    slips=lambda: (
        Slip("sign", -gauss_step(), "The sum of squares is to fall."),
        Slip("missing term", -(r / p), "That makes the first residual zero; what of the second?"),
        Slip("factor", 2 * gauss_step(), "Both J'J and J'R have a 2, which cancels."),
    ),
)


def damped_share() -> Expr:
    """Return the length of a damped step in parts of the undamped one, one parameter."""
    slope, residual = symbols("slope residual", positive=True)
    step = slope * residual / (slope**2 + mu * slope**2)
    return (step / (slope * residual / slope**2)).simplify()


DAMPED = Exercise(
    "23.3",
    "What a price does to a step",
    Question(
        "One parameter; `E` is `J'J` itself. What part of the Gauss-Newton step is left where "
        "Levenberg and Marquardt put the price `mu` on its squared length?"
    ),
    "expression",
    damped_share,
    (
        "Write J'J + mu E with E = J'J.",
        "The step is inversely proportional to that.",
        "With no price nothing is lost; with a price of 1 it is a half.",
    ),
    "J'J + mu J'J is 1 + mu times as large.",
    (mu,),
    slips=lambda: (
        Slip("reciprocal", 1 + mu, "Does a price make steps longer?"),
        Slip("complement", mu / (1 + mu), "That is what is lost."),
        Slip("sign of a term", 1 - mu, "With a price above 1 it would turn around."),
    ),
)

LEAST, COUNT, FITTED = 12, 7, 3


def slope_error() -> Expr:
    """Return the standard error of the first parameter where J'J is four times the identity."""
    inverse = (4 * eye(FITTED)).inv()
    return sqrt(Rational(LEAST, COUNT - FITTED) * inverse[0, 0])


ERROR = Exercise(
    "23.4",
    "A standard error",
    Question(
        "Seven measurements, three parameters. At the minimum the sum of squared residuals is 12, "
        "and `J'J` is four times the identity. What is the standard error of each parameter?"
    ),
    "number",
    slope_error,
    (
        "How many measurements are left over once three parameters are fitted?",
        "The variance of a residual is the sum over that number.",
        "Multiply by the inverse of J'J, and do not stop at the variance.",
    ),
    "s^2 = 12/(7 - 3) = 3, times 1/4, and the root of it.",
    slips=lambda: (
        Slip("root", slope_error() ** 2, "That is the variance."),
        Slip("off by one", sqrt(Rational(LEAST, COUNT) / 4), "Three are used up by the fit."),
        Slip("reciprocal", sqrt(Rational(LEAST, 4) * 4), "J'J is to be inverted."),
    ),
)

EXERCISES = (JACOBIAN, GAUSS, DAMPED, ERROR)
