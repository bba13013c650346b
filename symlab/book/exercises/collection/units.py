"""Exercises of lessons 1 to 3: the perceptron's rule, one neuron, and layers of them."""

from collections.abc import Sequence
from itertools import pairwise

from sympy import Expr, Matrix, sign, symbols

from symlab.algebra.functions import softsign
from symlab.book.exercises.exercise import Exercise
from symlab.book.exercises.mistakes import Slip
from symlab.book.exercises.question import Question

x, y, w, b, t = symbols("x y w b t", real=True)
x0, x1 = symbols("x0 x1", real=True)
n, units = symbols("n m", integer=True, positive=True)

WEIGHTS, POINT, LABEL = Matrix([1, 1, 0]), Matrix([2, -1, 1]), -1


def corrected(weights: Matrix, point: Matrix, label: int) -> Matrix:
    """Return the weights after the perceptron's rule has seen a point."""
    return weights + (label - sign(weights.dot(point))) * point


CORRECTION = Exercise(
    "01.1",
    "One correction",
    Question(
        "A perceptron has the weights `w = {w}`; the last is the bias. It sees the point `x = "
        "{x}`, whose label is {y}. Which weights does it have afterwards?",
        {"w": list(WEIGHTS), "x": list(POINT), "y": LABEL},
    ),
    "matrix",
    lambda: corrected(WEIGHTS, POINT, LABEL),
    (
        "What is the score w.x, and so the answer of the perceptron?",
        "The rule adds (y - answer) x. What is y - answer, if the two are opposite signs?",
        "Compute the new score: it should have moved towards the label.",
    ),
    "The score is positive and so the answer 1; y - answer is -2, and -2 x is added to w.",
    slips=lambda: (
        Slip("sign", 2 * WEIGHTS - corrected(WEIGHTS, POINT, LABEL), "Has the score moved to y?"),
        Slip("factor", WEIGHTS + LABEL * POINT, "y - answer is not y."),
        Slip("another formula", WEIGHTS, "A point on the wrong side does change the weights."),
    ),
)


def gain(bias: int = 1) -> Expr:
    """Return by how much a correction moves the score of its own point."""
    point = Matrix([x0, x1, bias])
    return (2 * y * point).dot(point)


LIFT = Exercise(
    "01.2",
    "What a correction does to the score",
    Question(
        "The perceptron corrects its weights because the answer for `x = (x0, x1, 1)` is `-y` "
        "and not `y`. By how much does the score `w.x` of this very point change?"
    ),
    "expression",
    gain,
    (
        "The weights change by (y - answer) x; the answer is -y.",
        "The score changes by the change of the weights, times x.",
        "Do not forget the column of ones, which is a part of x.",
    ),
    "The weights change by 2 y x, so the score changes by 2 y x.x.",
    (x0, x1, y),
    slips=lambda: (
        Slip("missing bias", gain(bias=0), "The last entry of x is a 1, and counts too."),
        Slip("missing factor", gain() / y, "Which way the score moves depends on the label."),
        Slip("factor", gain() / 2, "y less -y is twice y."),
    ),
)

SOFTSIGN = Exercise(
    "02.1",
    "The slope of softsign",
    Question("What is the derivative of softsign, {f}, by `t`?", {"f": t / (1 + abs(t))}),
    "expression",
    lambda: softsign(t).diff(t),
    (
        "It is a quotient. For t > 0 there are no bars to think of: start there.",
        "The slope is the same at t and at -t.",
        "At 0 the slope is 1, and far out it falls like 1/t^2.",
    ),
    "For t > 0 it is ((1 + t) - t)/(1 + t)^2; for t < 0 the same with -t for t.",
    (t,),
    slips=lambda: (
        Slip("product rule", 1 / (1 + abs(t)), "The denominator changes with t as well."),
        Slip("root", 1 / (1 + t**2), "(1 + |t|)^2 is not 1 + t^2."),
        Slip("missing term", 1 / (1 + t) ** 2, "For t < 0 the bars do something."),
    ),
)


def pull_of(score: Expr) -> Expr:
    """Return the derivative by w of 1 - y softsign(score)."""
    return (1 - y * softsign(score)).diff(w)


HINGE = Exercise(
    "02.2",
    "The pull of a point",
    Question(
        "A neuron answers `softsign(w x + b)`, and a point of label `y` costs `1 - y softsign(w "
        "x + b)`. What is the derivative of this cost by `w`?"
    ),
    "expression",
    lambda: pull_of(w * x + b),
    (
        "Go from outside to inside: the cost, softsign, the sum.",
        "The slope of softsign(t) is 1/(1 + |t|)^2.",
        "What is the derivative of w x + b by w?",
    ),
    "-y, times the slope of softsign at w x + b, times x.",
    (w, b, x, y),
    slips=lambda: (
        Slip("chain rule", pull_of(w * x + b) / x, "What stands inside depends on w too."),
        Slip("missing factor", pull_of(w * x + b) / y, "The label does not go away."),
        Slip("chain rule", pull_of(w * x + b) * (1 + abs(w * x + b)) ** 2, "softsign has a slope."),
    ),
)


def parameters(widths: Sequence[int], bias: int = 1) -> int:
    """Return how many numbers a chain of dense layers has, from its widths, the inputs first."""
    pairs = pairwise(widths)
    return sum((before + bias) * after for before, after in pairs)


WIDTHS = (2, 4, 2, 1)
ALL = parameters(WIDTHS)

COUNT = Exercise(
    "03.1",
    "Counting parameters",
    Question(
        "Points of the plane go through dense layers of 4, 2 and 1 units. How many weights "
        "and biases are there in all?"
    ),
    "number",
    lambda: ALL,
    (
        "Each unit of a layer has one weight for each number that comes in.",
        "And each unit has one number more, which is added.",
        "Count each layer by itself: what comes in, plus one, times its units.",
    ),
    "Each layer has (inputs + 1) units: (2 + 1) 4 + (4 + 1) 2 + (2 + 1) 1.",
    slips=lambda: (
        Slip("missing bias", parameters(WIDTHS, bias=0)),
        Slip("missing term", parameters(WIDTHS[:-1]), "The last unit has weights too."),
        Slip("another formula", sum(WIDTHS[1:]), "This is the number of units."),
    ),
)

LAYER = Exercise(
    "03.2",
    "The numbers of one layer",
    Question("How many weights and biases has a dense layer of `m` units that reads `n` numbers?"),
    "expression",
    lambda: (n + 1) * units,
    (
        "Begin with one unit: what does it read, and what does it add?",
        "One unit has a weight for each of the n numbers, and a bias.",
        "All m units are alike.",
    ),
    "Each of the m units has n weights and one bias.",
    (n, units),
    slips=lambda: (
        Slip("missing bias", n * units),
        Slip("transpose", n * (units + 1), "There is one bias for each unit, not for each input."),
        Slip("off by one", n * units + 1, "There is not one bias, but one for each unit."),
    ),
)

SHAPE = Exercise(
    "03.3",
    "The shape of a kernel",
    Question(
        "`X` holds 700 samples of 2 numbers, a row each, and a layer of 4 units computes `X K + "
        "b`. What is the shape of `K`, as [rows, columns]?"
    ),
    "matrix",
    lambda: (WIDTHS[0], WIDTHS[1]),
    (
        "The product X K must exist: which two lengths have to agree?",
        "The result has a row for each sample and a column for each unit.",
        "Write the shapes of X and of X K under the letters, and see what is left for K.",
    ),
    "X is 700 by 2 and X K is 700 by 4, so K has a row for each input and a column for each unit.",
    slips=lambda: (
        Slip("transpose", (WIDTHS[1], WIDTHS[0])),
        Slip("another formula", (700, WIDTHS[1]), "That is the shape of the result."),
        Slip("missing bias", (WIDTHS[0] + 1, WIDTHS[1]), "Here the bias b stands by itself."),
    ),
)

EXERCISES = (CORRECTION, LIFT, SOFTSIGN, HINGE, COUNT, LAYER, SHAPE)
