"""Exercises of lessons 10 and 11: Newton's method, and how far to go along a line."""

from sympy import (
    Expr,
    Integer,
    Interval,
    Rational,
    Symbol,
    factor,
    oo,
    real_roots,
    simplify,
    solve,
    sqrt,
    symbols,
)

from symlab.algebra.objective import Objective
from symlab.book.exercises.collection.descent import CURVATURE, MINIMUM, SLOPE, f, x
from symlab.book.exercises.exercise import Exercise
from symlab.book.exercises.mistakes import Slip
from symlab.book.exercises.question import Question
from symlab.book.exercises.stage import Stage
from symlab.methods.directions import newton, steepest
from symlab.methods.method import method
from symlab.methods.searches import backtracking

y = Symbol("y", real=True)
g, z, q = symbols("g z q", real=True)
a, b, c, L = symbols("a b c L", positive=True)
n = Symbol("n", integer=True, positive=True)
START = Integer(3)

MAP = Exercise(
    "10.1",
    "Newton's map",
    Question(
        "Where does a step of Newton's method for the minimum of `f(x) = {f}` lead from `x`?",
        {"f": f.expression},
    ),
    "expression",
    lambda: factor(x - SLOPE / CURVATURE),
    (
        "The step goes to where the quadratic model is flat.",
        "You need the slope and the curvature at x.",
        "x less the slope over the curvature; cancel what both have in common.",
    ),
    "x - f'/f'', with f' = 4 x^3 - 9 x^2 and f'' = 12 x^2 - 18 x; an x cancels.",
    (x,),
    slips=lambda: (
        Slip("another formula", x - f.expression / SLOPE, "That looks for a zero of f itself."),
        Slip("sign", x + SLOPE / CURVATURE, "The step goes against the slope."),
        Slip("missing term", -SLOPE / CURVATURE, "That is the step; where does it lead?"),
        Slip("reciprocal", x - CURVATURE / SLOPE, "Where it is steep, the step is long."),
    ),
    stage=lambda: Stage(f, (method(newton),), (Integer(2),)),
)

DECREMENT = (SLOPE**2 / CURVATURE).subs(x, START)

NEWTON_DECREMENT = Exercise(
    "10.2",
    "Newton's decrement",
    Question(
        "The squared Newton decrement is the slope times the inverse curvature times the slope. "
        "What is it for `f(x) = {f}` at `x = {at}`?",
        {"f": f.expression, "at": START},
    ),
    "number",
    lambda: DECREMENT,
    (
        "Find f' and f'' at the point first.",
        "In one variable it is f'^2/f''.",
        "It has the unit of f: half of it is what the model promises to fall.",
    ),
    "f'(3)^2/f''(3).",
    slips=lambda: (
        Slip("root", sqrt(DECREMENT), "That is the decrement; its square is asked for."),
        Slip("factor", DECREMENT / 2, "That is what f would fall by, if it were its model."),
        Slip("another formula", (SLOPE / CURVATURE).subs(x, START), "That is the step."),
    ),
)

MULTIPLE = Exercise(
    "10.3",
    "A slow zero",
    Question(
        "Near 0 a slope is `x^n`. By which factor does a step of Newton's method multiply the "
        "distance from 0?"
    ),
    "expression",
    lambda: simplify((x - x**n / (x**n).diff(x)) / x),
    (
        "Write down the step for f' = x^n.",
        "f'/f'' is a part of x: which?",
        "For n = 1 one step is enough; for n = 2 the distance is halved.",
    ),
    "x - x^n/(n x^(n - 1)) is x times the factor.",
    (n,),
    slips=lambda: (
        Slip("complement", 1 / n, "That is the share which a step takes off."),
        Slip("off by one", 1 - 1 / (n + 1), "Here x^n is the slope, and not the objective."),
        Slip("off by one", 1 - 1 / (n - 1), "Here x^n is the slope, and not the curvature."),
    ),
)


def convex_from() -> Expr:
    """Return from where on the curvature is positive."""
    return max(real_roots(CURVATURE))


CONVEX = Exercise(
    "10.4",
    "Where f is convex",
    Question(
        "`f(x) = {f}` has its minimum at {at}. On which largest interval about the minimum is "
        "the curvature positive?",
        {"f": f.expression, "at": MINIMUM},
    ),
    "interval",
    lambda: Interval.open(convex_from(), oo),
    (
        "Where is f'' zero?",
        "Of the pieces between its zeros, which one holds the minimum?",
        "Is the curvature positive at the zero itself? And is there an end on the right?",
    ),
    "f'' = 6 x (2 x - 3) is positive to the right of its larger zero, for ever.",
    slips=lambda: (
        Slip("another formula", (0, oo), "Between 0 and the other zero of f'' f is concave."),
        Slip("another formula", (MINIMUM, oo), "From there on f rises; that is its slope."),
    ),
)

PARABOLA = 2 * x**2
HALVING = method(steepest, backtracking(step_size=1, shrink=Rational(1, 2)))


def accepted(*, strictly: bool = False) -> Expr:
    """Return the first of 1, 1/2, 1/4, ... that the test of backtracking accepts from x = 1."""
    objective = Objective(PARABOLA)
    (slope,) = objective.gradient.subs(x, 1)
    on_line, step = objective.along([1], [-slope], q), Integer(1)
    while True:
        above = on_line.subs(q, step) - (objective.at([1]) - step * slope**2 / 2)
        if above < 0 or (above == 0 and not strictly):
            return step
        step /= 2


BACKTRACK = Exercise(
    "11.1",
    "Backtracking by hand",
    Question(
        "Backtracking on {f} from `x = 1` tries the step size 1, and then always half of the last "
        "one. It accepts `q` if f after the step is at most `f(1) - q f'(1)^2/2`. Which step "
        "size is accepted?",
        {"f": PARABOLA},
    ),
    "number",
    accepted,
    (
        "What is the slope at 1? And where does a step of size q lead?",
        "Write both sides of the test for the first trial.",
        "Try one after the other; at most means that equal is enough.",
    ),
    "f(1 - 4 q) against 2 - 8 q: the sides meet at the step that is accepted.",
    slips=lambda: (
        Slip("boundary excluded", accepted(strictly=True), "Equal is good enough for the test."),
        Slip("another formula", Rational(1, 2), "From 1 that leads to -1, where f is as high."),
        Slip("another formula", 1, "That leads far beyond the minimum."),
    ),
    stage=lambda: Stage(Objective(PARABOLA), (HALVING,), (Integer(1),)),
)


def longest() -> Expr:
    """Return the longest step on a parabola that a test with share c accepts."""
    fall = (L * (z - q * L * z) ** 2 / 2 - (L * z**2 / 2 - c * q * (L * z) ** 2)).expand()
    return next(root for root in solve(fall / z**2, q) if root != 0)


ACCEPTED = Exercise(
    "11.2",
    "Which steps pass",
    Question(
        "`f(x) = L x^2/2`. A step along `-f'` of size `q` passes if f falls by at least `c q "
        "f'^2`, where `0 < c < 1`. Which `q > 0` pass?"
    ),
    "interval",
    lambda: Interval.Lopen(0, longest()),
    (
        "After the step x has become (1 - q L) x. What is f there?",
        "Both sides have the factor x^2: it goes.",
        "At the longest such step both sides are equal. Does that pass?",
    ),
    "L (1 - q L)^2/2 <= L/2 - c q L^2, divided by q L^2.",
    (c, L),
    {c: Interval.open(0, 1)},
    slips=lambda: (
        Slip("factor", Interval.Lopen(0, longest() / 2), "f has a half, and its slope has none."),
        Slip("missing term", Interval.Lopen(0, 2 / L), "That is enough for f to fall at all."),
        Slip("another formula", Interval.Lopen(0, 1 / L), "That is the best step, for any c."),
    ),
)

MODEL = z * g + z**2 / (2 * a)

SURROGATE = Exercise(
    "11.3",
    "The lowest point of the surrogate",
    Question(
        "`h(s) = f(x) + g (s - x) + (s - x)^2/(2 a)` is a parabola that touches f at `x`, where "
        "the slope is `g`. At which `s` is `h` lowest?"
    ),
    "expression",
    lambda: x + solve(MODEL.diff(z), z)[0],
    (
        "Where is the slope of h zero?",
        "The slope of h is g + (s - x)/a.",
        "You know this step: it has a name of its own.",
    ),
    "g + (s - x)/a = 0: it is the gradient step of size a.",
    (x, g, a),
    slips=lambda: (
        Slip("sign", x + a * g, "h falls where the slope points down."),
        Slip("factor", x - a * g / 2, "The square in h brings a 2 that cancels the half."),
        Slip("reciprocal", x - g / a, "A flatter parabola, of larger a, has a longer step."),
        Slip("missing term", -a * g, "That is the step; where does it lead?"),
    ),
)

BOWL = (a * x**2 + b * y**2) / 2


def exact_step() -> Expr:
    """Return the step along the steepest descent at which a bowl is lowest."""
    gradient = [BOWL.diff(letter) for letter in (x, y)]
    moved = BOWL.subs({x: x - q * gradient[0], y: y - q * gradient[1]}, simultaneous=True)
    return factor(solve(moved.diff(q), q)[0])


EXACT = Exercise(
    "11.4",
    "All the way down the line",
    Question(
        "`f = {f}`. How long is the step `q` along minus the gradient, from `(x, y)`, after "
        "which f is lowest on that line?",
        {"f": BOWL},
    ),
    "expression",
    exact_step,
    (
        "The gradient is (a x, b y). Where does a step of size q lead?",
        "f on the line is a parabola in q: where is its slope zero?",
        "In general it is g'g over g'Hg.",
    ),
    "The slope in q is -(a x)^2 (1 - q a) - (b y)^2 (1 - q b), and is zero at the answer.",
    (x, y, a, b),
    slips=lambda: (
        Slip("reciprocal", 1 / exact_step(), "Where the curvature is large the step is short."),
        Slip("sign", -exact_step(), "q is counted along minus the gradient."),
        Slip(
            "exponent",
            (x**2 + y**2) / (a * x**2 + b * y**2),
            "The gradient, and not the place, is what the curvature meets.",
        ),
    ),
)

EXERCISES = (MAP, NEWTON_DECREMENT, MULTIPLE, CONVEX, BACKTRACK, ACCEPTED, SURROGATE, EXACT)
