"""Exercises of lessons 13 and 16: moving averages, and the methods that are made of them."""

from functools import cache

from sympy import Expr, Integer, Interval, Sum, oo, simplify, solve, sqrt, symbols
from sympy.stats import E as expectation
from sympy.stats import Normal

from symlab.algebra import alphabet
from symlab.book.exercises.exercise import Exercise
from symlab.book.exercises.mistakes import Slip
from symlab.book.exercises.question import Question
from symlab.methods.rules import adagrad, adam

a = symbols("a", positive=True)
w = symbols("w", integer=True, positive=True)
i = symbols("i", integer=True, nonnegative=True)
alpha, beta1, beta2 = alphabet.alpha, alphabet.beta1, alphabet.beta2
mu, g = symbols("mu g", real=True)
sigma = symbols("sigma", positive=True)
k = symbols("k", integer=True, positive=True)


def weight() -> Expr:
    """Return what a moving average has of the number i steps ago."""
    return a * (1 - a) ** i


WEIGHT = Exercise(
    "13.1",
    "What is left of an old number",
    Question(
        "`y_n = a x_n + (1 - a) y_(n-1)`. With which weight does the number of `i` steps ago, "
        "`x_(n-i)`, stand in `y_n`? (It is not the first of all.)"
    ),
    "expression",
    weight,
    (
        "With which weight did it come in?",
        "And what happens to all that is there at each step after that?",
        "All weights together make 1.",
    ),
    "It came in with a, and was multiplied by 1 - a in each of the i steps since.",
    (a, i),
    {a: Interval.open(0, 1)},
    slips=lambda: (
        Slip("missing factor", (1 - a) ** i, "Only the first number of all comes in whole."),
        Slip("off by one", a * (1 - a) ** (i + 1), "In the step that it comes in it is not cut."),
        Slip("complement", (1 - a) * a**i, "a is the share of the new, 1 - a of the old."),
    ),
)


@cache
def mean_age() -> Expr:
    """Return the mean age of the weights of a moving average."""
    share = symbols("b", positive=True)
    total = Sum(i * share**i, (i, 0, oo)).doit()
    finite = total.args[0][0] if total.is_Piecewise else total
    return simplify(finite.subs(share, 1 - a) * a)


AGE = Exercise(
    "13.2",
    "The mean age",
    Question(
        "The number of `i` steps ago has the weight `a (1 - a)^i`, for `i = 0`, 1, 2 and so on. "
        "What is the mean of `i` under these weights?"
    ),
    "expression",
    mean_age,
    (
        "The mean is the sum of i a (1 - a)^i.",
        "The sum of i r^i is r/(1 - r)^2.",
        "For a = 1 nothing is remembered, so that the age is 0.",
    ),
    "a (1 - a)/a^2.",
    (a,),
    {a: Interval.open(0, 1)},
    slips=lambda: (
        Slip("off by one", 1 / a, "The newest number has age 0, and not 1."),
        Slip("missing factor", (1 - a) / a**2, "Each weight has a factor a."),
        Slip("reciprocal", a / (1 - a), "A small a remembers long."),
    ),
)

SPAN = Exercise(
    "13.3",
    "A window and an average of one age",
    Question(
        "The numbers in a window of length `w` have the ages 0 to `w - 1`. For which `a` has "
        "the moving average, whose mean age is `(1 - a)/a`, the same mean age?"
    ),
    "expression",
    lambda: solve(mean_age() - (w - 1) / Integer(2), a)[0],
    (
        "What is the mean of 0, 1, ..., w - 1?",
        "It is (w - 1)/2; put it equal to (1 - a)/a.",
        "A window of length 1 remembers nothing: a = 1.",
    ),
    "1/a = 1 + (w - 1)/2.",
    (w,),
    slips=lambda: (
        Slip("off by one", 2 / w, "The ages begin with 0, so their mean is not w/2 - 1."),
        Slip("off by one", 2 / (w + 2), "The mean of 0 to w - 1 is not w/2."),
        Slip("another formula", 1 / w, "That is the share of each number in the window."),
    ),
)


def first_step() -> Expr:
    """Return what Adam's first step adds to x, with epsilon 0."""
    rest = symbols("rest", positive=True)  # 1 - beta2, of which SymPy would not know the sign
    row = adam.update[alphabet.x] - alphabet.x
    at_first = row.subs({alphabet.m: 0, alphabet.s: 0, alphabet.k: 0, alphabet.epsilon: 0})
    return simplify(at_first.subs({alphabet.g: g, beta2: 1 - rest}))


def raw_step() -> Expr:
    """Return the same without dividing by 1 - beta."""
    return -alpha * (1 - beta1) * g / sqrt((1 - beta2) * g**2)


ADAM = Exercise(
    "16.1",
    "Adam's first step",
    Question(
        "`m` and `s` start at 0, and Adam divides them by `1 - beta1` and `1 - beta2` after the "
        "first step. With `epsilon = 0`, by what does its first step change `x`? The slope `g` "
        "is not 0."
    ),
    "expression",
    first_step,
    (
        "What are m and s after one step, before they are divided?",
        "After they are divided, both no longer know of beta.",
        "g over the root of g^2: what is left of g?",
    ),
    "m becomes g and s becomes g^2, so the step is -alpha g/|g|: its length is alpha.",
    (alpha, beta1, beta2, g),
    {beta1: Interval.Ropen(0, 1), beta2: Interval.Ropen(0, 1)},
    slips=lambda: (
        Slip("missing factor", raw_step(), "m and s are divided by 1 - beta."),
        Slip("root", -alpha / g, "The step divides by the root of s."),
        Slip("another formula", -alpha * g, "That is plain gradient descent."),
        Slip("missing factor", -alpha, "Does the step not know which way is down?"),
    ),
)

SQUARES = Exercise(
    "16.2",
    "What s tends to",
    Question(
        "Adam's `s` is a running mean of `g^2`. The gradients scatter about `mu` with standard "
        "deviation `sigma`, for ever. About which number does `s` come to lie?"
    ),
    "expression",
    lambda: expectation(Normal("g", mu, sigma) ** 2),
    (
        "It is the mean of the squares. Is the mean taken off first?",
        "What is s if all gradients are equal?",
        "The mean of squares is the variance and something else.",
    ),
    "The mean of g^2 is the variance plus the square of the mean.",
    (mu, sigma),
    slips=lambda: (
        Slip("missing term", sigma**2, "No mean is taken off: s is no variance."),
        Slip("missing term", mu**2, "Gradients that scatter have larger squares."),
        Slip("root", (mu + sigma) ** 2, "Scatter adds to the square, and not to the mean."),
    ),
)


def adagrad_step() -> Expr:
    """Return how far AdaGrad's k-th step goes on a constant slope of 1."""
    row = alphabet.x - adagrad.update[alphabet.x]
    return row.subs({alphabet.s: k - 1, alphabet.g: 1, alphabet.epsilon: 0})


ADAGRAD = Exercise(
    "16.3",
    "How AdaGrad slows down",
    Question(
        "On a constant slope of 1 AdaGrad adds up the squares: `s` is `k` after `k` steps. How "
        "long is its `k`-th step, if `epsilon` is 0 and the step size `alpha`?"
    ),
    "expression",
    adagrad_step,
    (
        "A step is alpha g over the root of s.",
        "In the k-th step the new square has been added already.",
        "The first step has the length alpha.",
    ),
    "alpha times 1 over the root of k.",
    (alpha, k),
    slips=lambda: (
        Slip("root", alpha / k, "The step divides by the root of s."),
        Slip("off by one", alpha / sqrt(k + 1), "The first step has the length alpha."),
        Slip("another formula", alpha, "s grows, and so the steps get shorter."),
    ),
)

EXERCISES = (WEIGHT, AGE, SPAN, ADAM, SQUARES, ADAGRAD)
