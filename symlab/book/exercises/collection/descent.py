"""Exercises of lesson 9: gradient descent on the chapter's f."""

from functools import cache

from sympy import Expr, Integer, Interval, Rational, solve

from symlab.algebra.exactly import exactly
from symlab.algebra.objective import Objective
from symlab.algebra.problems import PROBLEMS
from symlab.book.exercises.exercise import Exercise
from symlab.book.exercises.mistakes import Slip
from symlab.book.exercises.question import Question
from symlab.book.exercises.stage import Stage
from symlab.methods.rules import gradient_descent
from symlab.theory.analysis import Analysis
from symlab.theory.analyze import analyze
from symlab.theory.cycles import two_cycles

f = PROBLEMS["quartic"].objective
(x,) = f.variables
MINIMUM = exactly(PROBLEMS["quartic"].minimisers[0][0])
SLOPE, CURVATURE = f.gradient[0], f.hessian[0]
STEP = Rational(1, 10)


@cache
def theory() -> Analysis:
    """Return what is derived of gradient descent on f."""
    return analyze(f, gradient_descent(step_size=STEP))


def best_step() -> Expr:
    """Return the step size at which the multiplier is 0."""
    return exactly(theory().best_step)


def on_f() -> Stage:
    """Return gradient descent on f, from where the chapter starts it."""
    return Stage(f, (gradient_descent(step_size=STEP),), (STEP,))


def multiplier(step: Expr) -> str:
    """Return what a step size makes of a small distance from the minimum, in a sentence."""
    times = 1 - step * CURVATURE.subs(x, MINIMUM)
    return f"With step size {step} a small distance from {MINIMUM} is multiplied by {times}."


QUARTER = Objective(x**4 / 4)


def cycle_of_the_quarter() -> tuple[Expr, ...]:
    """Return the 2-cycle of gradient descent with step size 1/2 on x^4/4."""
    return next(iter(two_cycles(QUARTER, gradient_descent(step_size=Rational(1, 2))) or ())).points


GRADIENT = Exercise(
    "09.1",
    "The slope of f",
    Question("What is the derivative of `f(x) = {f}`?", {"f": f.expression}),
    "expression",
    lambda: SLOPE,
    (
        "Differentiate term by term; a constant has no slope.",
        "The power comes down as a factor, and one less of it stays.",
        "Check yourself: the slope at 0 and at the minimum is 0.",
    ),
    "Each term c x^n becomes c n x^(n - 1), and the constant goes.",
    (x,),
    slips=lambda: (
        Slip("missing factor", x**3 - 3 * x**2, "Where a power goes down, it stays as a factor."),
        Slip("another formula", f.expression + SLOPE, "A constant has no slope."),
    ),
)

LIMIT = Exercise(
    "09.2",
    "The step sizes that converge",
    Question(
        "`f(x) = {f}` has its minimum at {at}. For which fixed step sizes `alpha` do small "
        "distances from there shrink at every step of gradient descent?",
        {"f": f.expression, "at": MINIMUM},
    ),
    "interval",
    lambda: Interval.open(0, theory().step_limit),
    (
        "Near the minimum a step multiplies the distance by one number.",
        "That number is 1 - alpha f''; between which bounds must it lie to shrink a distance?",
        "At each end of the interval the number is 1 or -1. Does a distance shrink there?",
    ),
    "A distance shrinks if |1 - alpha f''| < 1 at the minimum: alpha from 0 to 2/f'', neither end "
    "included, because there distances keep their size.",
    slips=lambda: (
        Slip("factor", (0, best_step()), "The multiplier may be negative: down to -1."),
    ),
    stage=on_f,
)

BEST = Exercise(
    "09.3",
    "The best step size",
    Question(
        "Which fixed step size makes gradient descent on `f(x) = {f}` fastest near the minimum "
        "at {at}?",
        {"f": f.expression, "at": MINIMUM},
    ),
    "number",
    lambda: best_step(),
    (
        "Ask what one step makes of a small distance from the minimum.",
        "The distance is multiplied by 1 - alpha f''. How small can that be made?",
        "Newton's method takes this very step there.",
    ),
    "The multiplier 1 - alpha f'' is 0 if alpha is 1 over the curvature at the minimum.",
    slips=lambda: (
        Slip("factor", theory().step_limit, "That is the limit, where distances no longer shrink."),
        Slip(
            "reciprocal",
            1 / best_step(),
            "That is the curvature: should a step grow with it?",
        ),
    ),
    consequence=multiplier,
    stage=on_f,
)

CYCLE = Exercise(
    "09.4",
    "Two points that map to each other",
    Question(
        "Gradient descent with step size 1/2 on {f} has a 2-cycle: two points, each of which the "
        "step maps to the other. Which are they?",
        {"f": QUARTER.expression},
    ),
    "set",
    cycle_of_the_quarter,
    (
        "The function is even, so look for two points on opposite sides of 0.",
        "Write down the step, and ask when it maps x to -x.",
        "That is an equation for x^2.",
    ),
    "x - x^3/2 = -x means x^2 = 4, but for x = 0, which is a fixed point.",
    slips=lambda: (
        Slip(
            "incomplete",
            (Integer(0), *cycle_of_the_quarter()),
            "0 maps to itself: that is no 2-cycle.",
        ),
        Slip(
            "another formula",
            solve(x**2 - 2, x),
            "There the step leads to 0 at once, and stays there.",
        ),
    ),
    stage=lambda: Stage(QUARTER, (gradient_descent(step_size=Rational(1, 2)),), (Rational(3, 2),)),
)

EXERCISES = (GRADIENT, LIMIT, BEST, CYCLE)
