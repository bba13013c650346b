"""Exercises of lesson 12: momentum."""

from functools import cache

from sympy import Expr, Integer, Interval, Matrix, Rational, solve, symbols

from symlab.algebra import alphabet
from symlab.algebra.objective import Objective
from symlab.book.exercises.exercise import Exercise
from symlab.book.exercises.mistakes import Slip
from symlab.book.exercises.question import Question
from symlab.book.exercises.stage import Stage
from symlab.methods.rules import gradient_descent, momentum
from symlab.theory.tuning import polyak_optimum

L, z = symbols("L z", positive=True)
eta, alpha = alphabet.eta, alphabet.alpha
X, Y = symbols("x y", real=True)
HALF_SQUARE = Objective(X**2 / 2)
STEP, SHARE, QUARTER = Rational(1, 10), Rational(1, 2), Rational(1, 4)
BALL = momentum(step_size=QUARTER, momentum=SHARE)


@cache
def heavy_ball_limit() -> Expr:
    """Return the step size at which an eigenvalue of the heavy ball is -1, at curvature L."""
    letters = (alphabet.v, alphabet.x)
    rows = [momentum.update[each].subs(alphabet.g, L * alphabet.x) for each in letters]
    polynomial = Matrix(rows).jacobian(letters).charpoly(z).as_expr(z)
    return solve(polynomial.subs(z, -1), alpha)[0]


LIMIT = Exercise(
    "12.1",
    "The limit of the heavy ball",
    Question(
        "`v` becomes `eta v - alpha L x`, and then `x` becomes `x + v`, with `0 <= eta < 1` and "
        "`L > 0`. For which step sizes `alpha > 0` does `x` tend to 0?"
    ),
    "interval",
    lambda: Interval.open(0, heavy_ball_limit()),
    (
        "A step is a matrix on (v, x). What must hold of its eigenvalues?",
        "At the limit an eigenvalue is -1: put z = -1 into the characteristic polynomial.",
        "The polynomial is z^2 - (1 + eta - alpha L) z + eta.",
    ),
    "1 + (1 + eta - alpha L) + eta = 0 is the limit; without memory it is 2/L.",
    (eta, L),
    {eta: Interval.Ropen(0, 1)},
    slips=lambda: (
        Slip("no memory", (0, 2 / L), "That is the limit for eta = 0."),
        Slip("sign of a term", (0, 2 * (1 - eta) / L), "Memory makes the limit wider, not less."),
        Slip("another formula", (0, 2 / (L * (1 - eta))), "That adds up steps that agree."),
    ),
)

PRINTED = Exercise(
    "12.2",
    "A memory of the step being taken",
    Question(
        "`x_new = x - {alpha} g + {eta} (x_new - x)` has the new x on both sides. Which method "
        "is that, with which step size?",
        {"alpha": STEP, "eta": SHARE},
    ),
    "method",
    lambda: gradient_descent(step_size=STEP / (1 - SHARE)),
    (
        "Solve the equation for x_new - x.",
        "Is anything left that was remembered from an earlier step?",
        "Without memory it is plain descent, with another step size.",
    ),
    "x_new - x = -alpha g/(1 - eta): no memory, and a longer step.",
    slips=lambda: (
        Slip("factor", gradient_descent(step_size=STEP), "The term with eta lengthens the step."),
        Slip("reciprocal", gradient_descent(step_size=STEP * (1 - SHARE)), "Longer, or shorter?"),
        Slip(
            "another formula",
            momentum(step_size=STEP, momentum=SHARE),
            "Momentum remembers the step before, and not the one being taken.",
        ),
    ),
)


def ball(step: Expr, share: Expr, count: int) -> list[Expr]:
    """Return the heavy ball's places on x^2/2 from 1, which is its own slope."""
    rule = momentum(step_size=step, momentum=share).step
    place, velocity, path = Integer(1), Integer(0), [Integer(1)]
    for _ in range(count):
        here = {alphabet.x: place, alphabet.v: velocity, alphabet.g: place}
        place, velocity = (rule[each].subs(here) for each in (alphabet.x, alphabet.v))
        path.append(place)
    return path


ROLL = Exercise(
    "12.3",
    "Three steps of the heavy ball",
    Question(
        "`v` becomes `v/2 - g/4`, and then `x` becomes `x + v`. On `x^2/2` the slope `g` is "
        "`x`. Start at `x = 1` with `v = 0`: which are the iterates `x` of three steps, the "
        "start included?"
    ),
    "trace",
    lambda: ball(QUARTER, SHARE, 3),
    (
        "Write v and x in two columns.",
        "The new v is what moves x, not the old one.",
        "The slope is taken where x is before the step.",
    ),
    "v is -1/4, -5/16, -17/64: each half of the last v less a quarter of the x before the step.",
    slips=lambda: (
        Slip("no memory", ball(QUARTER, Integer(0), 3), "The second v still knows of the first."),
        Slip("incomplete", ball(QUARTER, SHARE, 2), "Three steps make four iterates."),
        Slip("old value", [1, 1, *ball(QUARTER, SHARE, 2)[1:]], "x moves by the new v."),
    ),
    stage=lambda: Stage(HALF_SQUARE, (BALL,), (Integer(1),)),
)

LOW, HIGH = Integer(1), Integer(9)
BOWL = Objective((LOW * X**2 + HIGH * Y**2) / 2)

RATE = Exercise(
    "12.4",
    "The best rate with memory",
    Question(
        "A bowl has the curvatures {low} and {high}. By which factor does the heavy ball shrink "
        "the distance per step, with the best step size and the best `eta`?",
        {"low": LOW, "high": HIGH},
    ),
    "number",
    lambda: polyak_optimum(LOW, HIGH).rate,
    (
        "What counts is the ratio of the curvatures, the condition number.",
        "Plain descent has (c - 1)/(c + 1) at best.",
        "Memory puts the root of the condition number in its place.",
    ),
    "(sqrt(c) - 1)/(sqrt(c) + 1), with c the ratio of the curvatures.",
    slips=lambda: (
        Slip("no memory", (HIGH - LOW) / (HIGH + LOW), "That is plain descent at its best."),
        Slip("root", polyak_optimum(LOW, HIGH).rate ** 2, "That is the best eta."),
    ),
    stage=lambda: Stage(
        BOWL, (momentum(step_size=QUARTER, momentum=SHARE),), (Integer(4), Integer(1))
    ),
)


EXERCISES = (LIMIT, PRINTED, ROLL, RATE)
