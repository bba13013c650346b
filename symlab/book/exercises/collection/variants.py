"""Exercises of lesson 24: what a library makes of a rule, and rules made of signs."""

from functools import cache
from itertools import count

from sympy import Expr, Integer, Rational, S, sqrt, symbols

from symlab.algebra import alphabet
from symlab.book.exercises.exercise import Exercise
from symlab.book.exercises.mistakes import Slip
from symlab.book.exercises.question import Question
from symlab.methods.rules import amsgrad, rmsprop, signum
from symlab.theory.linearization import curvature
from symlab.theory.stability import step_limit

a, b = symbols("a b", nonnegative=True)
e, L = symbols("e L", positive=True)


@cache
def uncorrected_first_step() -> Expr:
    """Return the first step of the paper's AMSGrad on a slope of 1, in step sizes."""
    rule = amsgrad(variant="paper")
    start = {**dict.fromkeys(rule.state, S.Zero), alphabet.k: S.Zero, alphabet.epsilon: S.Zero}
    settings = {alphabet.g: S.One, alphabet.alpha: S.One, alphabet.beta1: a, alphabet.beta2: b}
    return (alphabet.x - rule.update[alphabet.x]).subs({**start, **settings})


FIRST = Exercise(
    "24.1",
    "A first step that nobody corrects",
    Question(
        "`m = a m + (1 - a) g` and `s = b s + (1 - b) g^2` start at 0, and the step is "
        "`alpha m/sqrt(s)`, as in the paper of AMSGrad: nothing is corrected. How many step sizes "
        "`alpha` long is the first step, where `g` is not 0?"
    ),
    "expression",
    uncorrected_first_step,
    (
        "What are m and s after one step from 0?",
        "m is (1 - a) g and s is (1 - b) g^2.",
        "The length of g cancels; which root stays below?",
    ),
    "(1 - a)|g| over sqrt(1 - b)|g|: 3.2 for 0.9 and 0.999, where Adam's corrections make it 1.",
    (a, b),
    slips=lambda: (
        Slip("another formula", 1, "That is Adam's, whose means are corrected."),
        Slip("root", (1 - a) / (1 - b), "Of s the root is taken."),
        Slip("reciprocal", sqrt(1 - b) / (1 - a), "Which of the two means is below?"),
    ),
)


@cache
def limit_at_rest() -> Expr:
    """Return the step limit of RMSProp with epsilon under the root, without momentum."""
    letters = {alphabet.eta: S.Zero, alphabet.epsilon: e, curvature: L}
    return step_limit(rmsprop(variant="keras3")).subs(letters)


LIMIT = Exercise(
    "24.2",
    "A limit under the root",
    Question(
        "RMSProp as Keras 3 has it, without momentum: the step is `alpha g/sqrt(s + e)`, and `s` "
        "is a mean of squared gradients. Close to a minimum where `f` is `L x^2/2`, below which "
        "step size does a run settle?"
    ),
    "expression",
    limit_at_rest,
    (
        "What becomes of s where the gradients are next to nothing?",
        "A step is then alpha g/sqrt(e): gradient descent with another step size.",
        "Gradient descent settles where its step size is below 2/L.",
    ),
    "alpha/sqrt(e) must be below 2/L; with 1e-7 and L = 1 a step size of 0.001 is too long.",
    (e, L),
    slips=lambda: (
        Slip("missing factor", 2 / L, "By what is the gradient divided?"),
        Slip("root", 2 * e / L, "Epsilon is under the root."),
        Slip("factor", sqrt(e) / L, "There a step reaches the minimum at once; twice it is safe."),
    ),
)


@cache
def gradients_until_signum_turns() -> Expr:
    """Return how many gradients of -1 turn a mean of 0.9 that is 1."""
    mean, row = S.One, signum.recurrence[alphabet.m]
    for number in count(1):
        letters = {alphabet.m: mean, alphabet.g: -1, alphabet.beta1: Rational(9, 10)}
        mean = row.subs(letters)
        if mean < 0:
            return Integer(number)
    raise AssertionError  # the mean tends to -1


TURN = Exercise(
    "24.3",
    "When Signum turns",
    Question(
        "The gradient was 1 for so long that Signum's mean `m = 0.9 m + 0.1 g` is 1. From now on "
        "it is -1. At which of these gradients, counted from 1, does Signum's step turn?"
    ),
    "number",
    gradients_until_signum_turns,
    (
        "What is m after one gradient of -1? And after two?",
        "After n of them it is 2 0.9^n - 1.",
        "For which n does 0.9^n fall below a half?",
    ),
    "0.9^7 is 0.478: at the seventh. signSGD turns at the first.",
    slips=lambda: (
        Slip("off by one", 6, "0.9^6 is 0.53, more than a half."),
        Slip("no memory", 1, "That is signSGD; Signum follows the sign of the mean."),
        Slip("another formula", 10, "Ten is what the mean is worth; when is half of it gone?"),
    ),
)

EXERCISES = (FIRST, LIMIT, TURN)
"""The exercises themselves, in the order of the lesson."""
