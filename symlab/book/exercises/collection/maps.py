"""Exercises of lesson 25: sweeps."""

from sympy import Expr, Integer, Interval, Matrix, Rational, simplify, solve, symbols

from symlab.algebra import alphabet
from symlab.book.exercises.exercise import Exercise
from symlab.book.exercises.mistakes import Slip
from symlab.book.exercises.question import Question
from symlab.methods.momentum_forms import averaged_momentum

L, z = symbols("L z", positive=True)
W, c, r = symbols("W c r", positive=True)
eta, alpha = alphabet.eta, alphabet.alpha
FEW, COST = Integer(100), Rational(7, 100)


def averaged_limit() -> Expr:
    """Return the step size at which an eigenvalue of the averaged form is -1, at curvature L."""
    letters = (alphabet.v, alphabet.x)
    rows = [averaged_momentum.update[each].subs(alphabet.g, L * alphabet.x) for each in letters]
    polynomial = Matrix(rows).jacobian(letters).charpoly(z).as_expr(z)
    return simplify(solve(polynomial.subs(z, -1), alpha)[0])


REST = Exercise(
    "25.1",
    "Where Adam can rest",
    Question(
        "At rest nothing is left of Adam's root but epsilon: `v` becomes `eta v + (1 - eta) L x`, "
        "and then `x` becomes `x - q v`, where `q` is alpha over epsilon and `0 <= eta < 1`. For "
        "which `q > 0` does `x` tend to 0?"
    ),
    "interval",
    lambda: Interval.open(0, averaged_limit()),
    (
        "This is a heavy ball. What is its step size?",
        "The mean takes (1 - eta) of each slope, so the ball's step size is q (1 - eta).",
        "The heavy ball's limit is 2 (1 + eta)/L.",
    ),
    "q (1 - eta) < 2 (1 + eta)/L.",
    (eta, L),
    {eta: Interval.Ropen(0, 1)},
    slips=lambda: (
        Slip("no memory", (0, 2 / L), "That is the limit for eta = 0."),
        Slip("missing factor", (0, 2 * (1 + eta) / L), "A mean is shorter than a sum."),
        Slip(
            "reciprocal",
            (0, 2 * (1 - eta) / (L * (1 + eta))),
            "A mean of slopes makes the limit wider.",
        ),
    ),
)


def gain(workers: Expr, work: Expr, handed: Expr) -> Expr:
    """Return how many times as fast many workers are, where blocks are handed out in turn."""
    return simplify(work / (work / workers + handed))


GAIN = Exercise(
    "25.2",
    "Many workers and one hand",
    Question(
        "A block of runs takes `c` seconds to compute and `r` seconds to hand out, one after the "
        "other. `W` workers need `c/W + r` for each block. How many times as fast are they as one "
        "core that needs `c`?"
    ),
    "expression",
    lambda: gain(W, c, r),
    (
        "Divide one time by the other.",
        "Without r it would be W.",
        "However many workers there are, it stays below c/r.",
    ),
    "c over c/W + r.",
    (W, c, r),
    slips=lambda: (
        Slip("missing term", W, "Handing out takes its time too."),
        Slip("reciprocal", 1 / gain(W, c, r), "More workers are to make it faster."),
        Slip("another formula", c / r, "That is what it stays below."),
    ),
)

HALF = Exercise(
    "25.3",
    "How long a block should be",
    Question(
        "A hundred workers; to hand out a block takes 70 milliseconds. How many seconds "
        "must a block compute for the hundred to be fifty times as fast as one core?"
    ),
    "number",
    lambda: solve(gain(FEW, c, COST) - FEW / 2, c)[0],
    (
        "Fifty times as fast, then.",
        "Put W = 100, r = 0.07 and a gain of 50 into W c/(c + W r).",
        "Half is lost where handing out a block takes as long as c/W.",
    ),
    "c/W = r, so c = W r.",
    slips=lambda: (
        Slip("reciprocal", COST / FEW, "c is W times r."),
        Slip("factor", FEW * COST / 2, "Half of the gain is lost, not half of the time."),
        Slip("missing factor", COST, "That is the time of one hand-out, and there are W workers."),
    ),
)

EXERCISES = (REST, GAIN, HALF)
