"""Derivations of the chapter's sections 7, 8 and 15: costs of a model, and their gradients."""

from collections.abc import Sequence

from sympy import (
    Abs,
    FiniteSet,
    IndexedBase,
    Matrix,
    MatrixSymbol,
    Max,
    Rational,
    Sum,
    Symbol,
    ZeroMatrix,
    exp,
    expand,
    log,
    symbols,
)

from symlab.algebra.alphabet import n
from symlab.algebra.functions import sigmoid, softplus
from symlab.proofs.derivation import Step
from symlab.proofs.plan import plan
from symlab.proofs.statement import equation
from symlab.proofs.unknowns import gradient, partial, smooth

x = MatrixSymbol("x", n, 1)


@plan("Least squares: from the cost to the normal equations", section=7)
def least_squares() -> Sequence[Step]:
    """For a matrix A of any shape."""
    m = Symbol("m", integer=True, positive=True)
    A, b, r = MatrixSymbol("A", m, n), MatrixSymbol("b", m, 1), MatrixSymbol("r", m, 1)
    J = smooth("J")(x)
    nothing = ZeroMatrix(n, 1)
    return [
        Step(equation(r, A * x - b), "The residual; A is any m by n matrix."),
        Step(equation(J, r.T * r), "The cost is its squared length: no half, and no mean."),
        Step(
            equation(J, (A * x - b).T * (A * x - b)),
            "As a function of x.",
            "equal",
            using=[1],
        ),
        Step(
            equation(gradient(J), 2 * A.T * (A * x - b)),
            "The gradient.",
            "differentiate",
            by=x,
        ),
        Step(
            equation(nothing, 2 * A.T * (A * x - b)),
            "At a minimum it is zero.",
            "substitute",
            by={gradient(J): nothing},
        ),
        Step(equation(A.T * A * x, A.T * b), "The normal equations.", "rearrange"),
        Step(equation(x, (A.T * A).I * A.T * b), "The minimiser.", "solve"),
    ]


@plan(
    "Logistic regression in one variable, labels -1 and 1",
    section=8,
    remark="The slope w is penalised and the offset b is not (errata E18).",
)
def logistic() -> Sequence[Step]:
    """The gradient of the summed loss, and the scikit-learn objective that is half of it."""
    slope, b, J, K, C = symbols("w b J K C", real=True)
    m = Symbol("m", integer=True, positive=True)
    i = Symbol("i", integer=True)
    inputs, labels = IndexedBase("x", real=True), IndexedBase("y", real=True)
    margin = labels[i] * (b + slope * inputs[i])
    loss = Sum(log(1 + exp(-margin)), (i, 1, m))
    pull = labels[i] * sigmoid(-margin)
    return [
        Step(
            equation(J, loss + slope**2), "The objective: the loss of each sample, and a penalty."
        ),
        Step(
            equation(partial(J, slope), (loss + slope**2).diff(slope)),
            "Its derivative in the slope.",
            "differentiate",
            by=slope,
        ),
        Step(
            equation(partial(J, slope), 2 * slope - Sum(pull * inputs[i], (i, 1, m))),
            "Each fraction is a sigmoid of minus the margin: the probability of the wrong label.",
            "equal",
        ),
        Step(
            equation(partial(J, b), -Sum(pull, (i, 1, m))),
            "Its derivative in the offset.",
            "differentiate",
            by=b,
            after=1,
        ),
        Step(equation(K, C * loss + slope**2 / 2), "The objective of scikit-learn."),
        Step(
            equation(K, loss / 2 + slope**2 / 2),
            "With its C at one half, not at its default of 1.",
            "substitute",
            by={C: Rational(1, 2)},
        ),
        Step(equation(K, J / 2), "That is half of ours.", "equal", using=[1]),
    ]


t = Symbol("t", real=True)
y, z, p, J = symbols("y z p J", real=True)


@plan(
    "Cross-entropy: its gradient is the error times the input",
    section=15,
    remark="One sample of label y, 0 or 1, in the chapter's three parameters.",
    domains=((t, FiniteSet(-1, 1)),),
)
def cross_entropy() -> Sequence[Step]:
    """From the likelihood to the chapter's loss and gradient, and to section 8's loss."""
    b0, b1, bias, x0, x1 = symbols("b0 b1 bias x0 x1", real=True)
    u = b0 * x0 + b1 * x1 + bias
    loss = log(1 + exp(z)) - y * z
    error = sigmoid(z) - y
    parameters = (b0, b1, bias)
    return [
        Step(
            equation(J, -y * log(p) - (1 - y) * log(1 - p)),
            "Minus the logarithm of the probability that the model gives to the label.",
        ),
        Step(equation(p, sigmoid(z)), "The probability of a 1, from the score z."),
        Step(equation(J, loss), "The chapter's form of it.", "equal", after=1, using=[2]),
        Step(
            equation(partial(J, z), loss.diff(z)),
            "How it answers to the score.",
            "differentiate",
            by=z,
        ),
        Step(equation(partial(J, z), error), "Probability less label: the error.", "equal"),
        Step(equation(z, u), "The score of a sample (x0, x1)."),
        Step(
            equation(J, loss.subs(z, u)), "The loss in the parameters.", "equal", after=3, using=[6]
        ),
        Step(
            equation(gradient(J), Matrix([expand(loss.diff(z) * of) for of in (x0, x1, 1)])),
            "The gradient, as the chapter prints it.",
            "differentiate",
            by=parameters,
            using=[6],
        ),
        Step(
            equation(gradient(J), Matrix([error * x0, error * x1, error])),
            "In each component the same error, times what the parameter is multiplied with.",
            "equal",
            using=[6],
        ),
        Step(
            equation(J, log(1 + exp(z)) - (1 + t) / 2 * z),
            "With labels t of -1 and 1 in place of 0 and 1.",
            "substitute",
            by={y: (1 + t) / 2},
            after=3,
        ),
        Step(equation(J, log(1 + exp(-t * z))), "The loss of section 8: it is the same.", "equal"),
    ]


@plan("Forms that stay right in floating point", section=15)
def stable_forms() -> Sequence[Step]:
    """The loss and its slope, rewritten so that no exponential overflows."""
    f = smooth("s")(z)
    return [
        Step(equation(f, log(1 + exp(z))), "As derived: the exponential overflows at z = 710."),
        Step(
            equation(f, Max(z, 0) + log(1 + exp(-Abs(z)))),
            "The larger term taken out: no exponential is above 1.",
            "equal",
        ),
        Step(equation(f, softplus(z)), "This is `symlab.softplus`.", "equal", after=1),
        Step(
            equation(f.diff(z), exp(z) / (1 + exp(z))),
            "The slope as derived: infinity over infinity at z = 710.",
            "differentiate",
            by=z,
            after=1,
        ),
        Step(
            equation(f.diff(z), 1 / (1 + exp(-z))),
            "Divided through: at worst 1 over infinity, which is 0.",
            "equal",
        ),
        Step(equation(f.diff(z), sigmoid(z)), "This is `symlab.sigmoid`.", "equal"),
    ]
