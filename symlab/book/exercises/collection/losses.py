"""Exercises of lessons 8, 14 and 15: logistic regression, its penalty, its batches."""

from sympy import Expr, Interval, Matrix, Rational, exp, factor, ff, hessian, log, solve, symbols

from symlab.algebra.functions import sigmoid, softplus
from symlab.book.exercises.exercise import Exercise
from symlab.book.exercises.mistakes import Slip
from symlab.book.exercises.question import Question

x, y, w, b, z = symbols("x y w b z", real=True)
x0, x1 = symbols("x0 x1", real=True)
p, alpha = symbols("p alpha", positive=True)

LOSS = log(1 + exp(-y * (b + w * x)))

LOGISTIC = Exercise(
    "08.1",
    "The slope of a logistic loss",
    Question("What is the derivative of {f} by `w`?", {"f": LOSS}),
    "expression",
    lambda: LOSS.diff(w),
    (
        "From outside to inside: the logarithm, 1 + e^u, and u.",
        "u = -y (b + w x) has itself a derivative by w.",
        "The fraction e^u/(1 + e^u) can be written as 1/(1 + e^-u).",
    ),
    "The logarithm and the exponential give e^u/(1 + e^u); u' is -y x.",
    (w, b, x, y),
    slips=lambda: (
        Slip("chain rule", LOSS.diff(w) / (-y * x), "The exponent depends on w too."),
        Slip("chain rule", LOSS.diff(b), "This is the derivative by b."),
        Slip(
            "chain rule",
            LOSS.diff(w) / exp(-y * (b + w * x)),
            "The derivative of e^u has e^u in it again.",
        ),
    ),
)

PENALTY = Exercise(
    "08.2",
    "Two ways to write a penalty",
    Question(
        "We minimise `w^2` plus the sum of the losses; scikit-learn `w^2/2` plus `C` times that "
        "sum. Which `C` gives the same minimum?"
    ),
    "number",
    lambda: solve((w**2 / 2 + z * b) - (w**2 + b) / 2, z)[0],
    (
        "A cost that is multiplied by a number has the same minimum.",
        "By which number must ours be multiplied, so that the penalties agree?",
        "And what stands then before the sum?",
    ),
    "Half of ours is w^2/2 plus half of the sum.",
    slips=lambda: (
        Slip("another formula", 1, "Then the penalty weighs only half as much as ours."),
    ),
)

HALFWAY = Exercise(
    "08.3",
    "Where the classes meet",
    Question(
        "The chance of the upper class is `sigma(b + w x)`, with `w > 0`. At which `x` is it 1/2?"
    ),
    "expression",
    lambda: solve(b + w * x, x)[0],
    (
        "Where is a sigmoid 1/2?",
        "Its argument has to be 0 there.",
        "If b grows, does the place move to the right or to the left?",
    ),
    "b + w x = 0, solved for x.",
    (b, w),
    {w: Interval.open(0, 10)},
    slips=lambda: (Slip("reciprocal", -w / b), Slip("missing factor", -b, "w counts as well.")),
)

SCORE = w * x + b


def of_sample(letter: Expr) -> Expr:
    """Return the derivative of a sample's cross-entropy, in its probability p."""
    loss = softplus(SCORE) - y * SCORE
    return factor(loss.diff(letter).subs(sigmoid(SCORE), p))


ERROR = Exercise(
    "14.1",
    "The error, times what came in",
    Question(
        "`u = w x + b` is the score of a sample with label `y`, and its loss is `log(1 + e^u) - "
        "y u`. What is the derivative by `w`, written with `p = sigma(u)`?"
    ),
    "expression",
    lambda: of_sample(w),
    (
        "Find the derivative by u first.",
        "The derivative of log(1 + e^u) is a sigmoid.",
        "u depends on w: by which factor?",
    ),
    "The derivative by u is p - y, and u' is x.",
    (p, x, y),
    {p: Interval.open(0, 1)},
    slips=lambda: (
        Slip("chain rule", of_sample(b), "This is the derivative by u, and so by b."),
        Slip("chain rule", of_sample(w) * p * (1 - p), "With this loss the slope cancels."),
        Slip("missing term", p * x, "The label has a part in it."),
    ),
)

BATCH, SAMPLES = 3, 10
DISTINCT = ff(SAMPLES, BATCH) / Rational(SAMPLES) ** BATCH

REPEATS = Exercise(
    "14.2",
    "A batch with a repetition",
    Question(
        "Three of ten samples are drawn with replacement. What is the chance that one of "
        "them comes twice or more often?"
    ),
    "number",
    lambda: 1 - DISTINCT,
    (
        "Ask for the opposite: that all three differ.",
        "The second draw must miss one sample of ten, the third two.",
        "The two chances add to 1.",
    ),
    "All differ with chance 10/10 9/10 8/10; the rest is a repetition.",
    slips=lambda: (
        Slip("complement", DISTINCT),
        Slip("another formula", Rational(3, 10), "Pairs are counted twice: three draws can agree."),
        Slip("another formula", Rational(1, 10), "That is one pair; three draws have three."),
    ),
)

MEAN_STEP = Exercise(
    "14.3",
    "A sum's step, and a mean's",
    Question(
        "A step of size 1/10 is taken on the sum of 100 losses. Which step size on their "
        "mean makes the same step?"
    ),
    "number",
    lambda: solve(alpha / 100 - Rational(1, 10), alpha)[0],
    (
        "What is the gradient of the mean, compared with that of the sum?",
        "It is shorter: by which factor?",
        "A shorter gradient needs a longer step size.",
    ),
    "The mean's gradient is a hundredth, so its step size is a hundred times as long.",
    slips=lambda: (
        Slip("reciprocal", Rational(1, 1000), "Is the mean's gradient longer, or shorter?"),
        Slip("sum for mean", Rational(1, 10), "Sum and mean have different gradients."),
        Slip("sum for mean", 100, "The step on the sum is not 1."),
    ),
)


def curvature() -> Matrix:
    """Return the Hessian of a sample's cross-entropy by two weights, in its probability p."""
    w0, w1 = symbols("w0 w1", real=True)
    score = w0 * x0 + w1 * x1
    return hessian(softplus(score) - y * score, (w0, w1)).subs(sigmoid(score), p)


HESSIAN = Exercise(
    "15.1",
    "The curvature of a sample's loss",
    Question(
        "`u = w0 x0 + w1 x1`, and the loss is `log(1 + e^u) - y u`. What is the Hessian by "
        "`(w0, w1)`, written with `p = sigma(u)`?"
    ),
    "matrix",
    curvature,
    (
        "Each entry of the gradient is (p - y) times an input.",
        "Which part of that still depends on the weights?",
        "The slope of p by u is p (1 - p).",
    ),
    "p (1 - p) times the column of the inputs times its row.",
    (p, x0, x1),
    {p: Interval.open(0, 1)},
    slips=lambda: (
        Slip("chain rule", curvature() / (p * (1 - p)), "p changes with u, and not at rate 1."),
        Slip("missing factor", curvature() / (1 - p), "The slope of p has two factors."),
        Slip(
            "incomplete",
            Matrix([[curvature()[0, 0], 0], [0, curvature()[1, 1]]]),
            "The two weights act together as well.",
        ),
    ),
)

ENTROPY = -y * log(p) - (1 - y) * log(1 - p)

BY_CHANCE = Exercise(
    "15.2",
    "Cross-entropy by the probability",
    Question("What is the derivative of {f} by `p`?", {"f": ENTROPY}),
    "expression",
    lambda: ENTROPY.diff(p),
    (
        "The two logarithms can be differentiated one by one.",
        "In log(1 - p) there is an inner derivative.",
        "Where p equals y the derivative should be 0.",
    ),
    "-y/p and (1 - y)/(1 - p), on one denominator (p - y)/(p (1 - p)).",
    (p, y),
    {p: Interval.open(0, 1)},
    slips=lambda: (
        Slip("chain rule", -y / p - (1 - y) / (1 - p), "1 - p has a derivative of its own."),
        Slip("another formula", p - y, "That is the derivative by the score."),
    ),
)

EXERCISES = (LOGISTIC, PENALTY, HALFWAY, ERROR, REPEATS, MEAN_STEP, HESSIAN, BY_CHANCE)
