"""Exercises of lesson 22: what a step gained, the damping at an edge, and the hard case."""

from sympy import Expr, Integer, Matrix, Symbol, diag, solve, sqrt, symbols

from symlab.algebra.objective import Objective
from symlab.book.exercises.exercise import Exercise
from symlab.book.exercises.mistakes import Slip
from symlab.book.exercises.question import Question

x = Symbol("x", real=True)
a, g, r = symbols("a g r", positive=True)
mu = Symbol("mu", real=True)
STEEP, START = Objective(x**4), Integer(1)


def newton_step() -> Expr:
    """Return the step to the lowest point of the model at the start."""
    return -(STEEP.gradient[0] / STEEP.hessian[0]).subs(x, START)


def gained() -> Expr:
    """Return by how much the function falls on that step."""
    return STEEP.at([START]) - STEEP.at([START + newton_step()])


def promised() -> Expr:
    """Return by how much its model falls."""
    step, model = newton_step(), STEEP.taylor([START], 2)
    return model.subs(x, START) - model.subs(x, START + step)


RATIO = Exercise(
    "22.1",
    "Gained and foreseen",
    Question(
        "`f(x) = {f}`. From `x = {at}` Newton's step is taken. What is the ratio of what f falls "
        "by to what its model of second order falls by?",
        {"f": STEEP.expression, "at": START},
    ),
    "number",
    lambda: gained() / promised(),
    (
        "Write down the model at 1: value, slope and curvature.",
        "The model is lowest at 2/3. What are f and the model there?",
        "f falls from 1 to 16/81, the model from 1 to 1/3.",
    ),
    "(1 - 16/81)/(2/3): f falls by more than was foreseen.",
    slips=lambda: (
        Slip("reciprocal", promised() / gained(), "What was gained stands above."),
        Slip("factor", gained() / (2 * promised()), "The slope alone foresees twice as much."),
        Slip("another formula", gained(), "That is what f falls by; what was foreseen?"),
    ),
)

EDGE = Exercise(
    "22.2",
    "Damped to the edge",
    Question(
        "A model in one variable has the slope `-g` and the curvature `a`, both letters positive. "
        "The radius `r` is less than `g/a`. With which damping does the step end at the edge?"
    ),
    "expression",
    lambda: solve(g / (a + mu) - r, mu)[0],
    (
        "What is the step with a damping mu?",
        "Its length g/(a + mu) must be r.",
        "Without damping the step is too long; how much curvature is missing?",
    ),
    "g/(a + mu) = r.",
    (a, g, r),
    slips=lambda: (
        Slip("missing term", g / r, "That is the whole curvature; a of it is there already."),
        Slip("sign", a - g / r, "The damping is positive where g/a is longer than r."),
        Slip("reciprocal", r / g - a, "A shorter radius needs more damping."),
        Slip("another formula", g / a - r, "That is the length to be cut off."),
    ),
)

BENT, SLOPES, FAR = diag(-2, 4), Matrix([0, 6]), Integer(2)


def foreseen(step: Matrix) -> Expr:
    """Return by how much the model falls along a step."""
    return -((SLOPES.T * step)[0] + (step.T * BENT * step)[0] / 2)


def hard_step() -> Matrix:
    """Return the lowest point in the region: the curvature's damping, and on to the edge."""
    damping = -min(BENT[0, 0], BENT[1, 1])
    across = -SLOPES[1] / (BENT[1, 1] + damping)
    return Matrix([sqrt(FAR**2 - across**2), across])


HARD = Exercise(
    "22.3",
    "The hard case",
    Question(
        "A model has the gradient {gradient} and the Hessian {hessian}. Lengths are Euclid's. By "
        "how much does it fall to its lowest point within the radius {radius}?",
        {"gradient": SLOPES, "hessian": BENT, "radius": FAR},
    ),
    "number",
    lambda: foreseen(hard_step()),
    (
        "The lowest eigenvalue is -2: with less damping than 2 no step is a minimum.",
        "With the damping 2 the second coordinate is -6/(4 + 2). Is that at the edge?",
        "The rest of the way, sqrt(3), goes along the first axis, where the curvature is negative.",
    ),
    "The step is (sqrt(3), -1); the model falls by 6 - (-2*3 + 4)/2.",
    slips=lambda: (
        Slip("incomplete", foreseen(Matrix([0, -1])), "That step does not reach the edge."),
        Slip(
            "missing term",
            foreseen(Matrix([0, -SLOPES[1] / BENT[1, 1]])),
            "The negative curvature helps as well.",
        ),
        Slip("sign", -foreseen(hard_step()), "It falls by a positive number."),
    ),
)

EXERCISES = (RATIO, EDGE, HARD)
