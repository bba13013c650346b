"""Derivations of the chapter's sections 12 to 14: sums over data, and means over time."""

from collections.abc import Sequence

from sympy import (
    Abs,
    IndexedBase,
    Interval,
    KroneckerDelta,
    Lambda,
    Le,
    Rational,
    Sum,
    Symbol,
    sqrt,
    symbols,
)

from symlab.algebra.alphabet import alpha, beta1, beta2, epsilon, eta, g, k, m, s, v, x
from symlab.book.momentum_printed import after, printed_equation
from symlab.methods.momentum_forms import accumulated_momentum
from symlab.methods.rules import adam as adam_rule
from symlab.methods.rules import gradient_descent
from symlab.methods.rules import momentum as momentum_rule
from symlab.proofs.derivation import Step
from symlab.proofs.plan import plan
from symlab.proofs.statement import equation

before, v_after = symbols("x_before v_after", real=True)
ball = x - alpha * g + eta * (x - before)
count = Symbol("m", integer=True, positive=True)
i, r = symbols("i r", integer=True)


@plan(
    "A sum over the batch is a mean with a step size as many times larger",
    section=12,
    remark="The chapter's formula sums, and its code averages, with one step size (errata E15).",
)
def mini_batch() -> Sequence[Step]:
    """Errata E15: what the two have to do with each other."""
    gradients = IndexedBase("g", real=True)
    total = Sum(gradients[i], (i, 1, count))
    return [
        Step(
            equation(after, x - alpha * total / count),
            "The step along the mean of a batch, as coded.",
        ),
        Step(
            equation(after, x - alpha * total),
            "With a step size m times larger this is the step along the sum, as printed.",
            "substitute",
            by={alpha: count * alpha},
        ),
        Step(
            equation(after, x - alpha * total / count),
            "With the same step size the two are different methods.",
            "refuted",
        ),
    ]


@plan(
    "Momentum as printed has no memory",
    section=13,
    remark="The next iterate stands on both sides of the printed equation (errata E08).",
)
def momentum_printed() -> Sequence[Step]:
    """Errata E08: the printed equation solved."""
    longer = gradient_descent.update[x].subs(alpha, alpha / (1 - eta))
    return [
        Step(
            equation(printed_equation.lhs, printed_equation.rhs),
            "As printed: a share of the step that is being computed.",
        ),
        Step(equation(after, x - alpha * g / (1 - eta)), "The next iterate.", "solve"),
        Step(
            equation(after, longer),
            "This is `symlab.gradient_descent`, its step size divided by 1 - eta.",
            "equal",
        ),
        Step(equation(after, ball), "The heavy ball, which is what was meant.", "refuted"),
        Step(
            equation(after, x - g / 5),
            "At step size 1/10 and momentum 1/2 it is plain descent with 1/5.",
            "substitute",
            by={alpha: Rational(1, 10), eta: Rational(1, 2)},
        ),
    ]


@plan(
    "Momentum: the heavy ball, its velocity, and the velocity of other books",
    section=13,
    remark="With the indices of the chapter's equation put right (errata E08).",
)
def momentum() -> Sequence[Step]:
    """From the rows of `symlab.momentum` to the heavy ball and to `accumulated_momentum`."""
    u, u_after = symbols("u u_after", real=True)
    velocity, iterate = momentum_rule.recurrence[v], momentum_rule.recurrence[x]
    other_velocity, other_iterate = (
        row.subs(v, letter)
        for row, letter in zip(accumulated_momentum.recurrence.values(), (u, u_after), strict=True)
    )
    V = IndexedBase("v", real=True)
    return [
        Step(equation(v_after, velocity), "The velocity, a row of `symlab.momentum`."),
        Step(equation(after, iterate.subs(v, v_after)), "The iterate, the row after it."),
        Step(equation(v, x - before), "The old velocity is the last step."),
        Step(
            equation(after, ball),
            "Together: a share of the last step is added. It looks back, and not ahead.",
            "equal",
            after=2,
            using=[1, 3],
        ),
        Step(
            equation(-alpha * u_after, -alpha * eta * u - alpha * g),
            "The velocity in other units: v = -alpha u.",
            "substitute",
            by={v: -alpha * u, v_after: -alpha * u_after},
            after=1,
        ),
        Step(
            equation(u_after, other_velocity),
            "This is the first row of `symlab.accumulated_momentum`.",
            "solve",
        ),
        Step(
            equation(after, other_iterate),
            "And this is the second. The two forms take the same path.",
            "substitute",
            by={v_after: -alpha * u_after},
            after=2,
        ),
        Step(
            equation(V[k], velocity.subs(v, V[k - 1])),
            "The first row once more, for a gradient that stays the same.",
        ),
        Step(
            equation(V[k], -alpha * g * (1 - eta**k) / (1 - eta)),
            "Steps that agree add up, to 1/(1 - eta) times the first.",
            "induction",
            by={V[0]: 0},
        ),
    ]


n = Symbol("n", integer=True, nonnegative=True)
kick = Symbol("k", integer=True, nonnegative=True)
a = Symbol("a", positive=True)
SHARE = ((a, Interval.open(0, 1)),)
X, Y = IndexedBase("x", real=True), IndexedBase("y", real=True)


@plan(
    "The moving average of the text, and what it makes of a kick",
    section=14,
    remark="From y_0 = x_0.",
    domains=SHARE,
)
def moving_average() -> Sequence[Step]:
    """The impulse response, first where the kick comes at 0 and then anywhere."""
    recursion = a * X[n] + (1 - a) * Y[n - 1]
    weights = symbols("W", real=True)
    return [
        Step(equation(Y[n], recursion), "Each mean is made of the new value and the mean before."),
        Step(
            equation(Y[n], (1 - a) * Y[n - 1]),
            "After the kick the values are zero.",
            "substitute",
            by={X[n]: 0},
        ),
        Step(
            equation(Y[n], (1 - a) ** n),
            "A kick of 1 at 0 is taken whole, because the average begins with it.",
            "induction",
            by={Y[0]: 1},
        ),
        Step(
            equation(Y[n], a * (1 - a) ** (n - kick)),
            "A kick at a later k enters with its share.",
            "induction",
            by={Y[kick]: a},
            after=2,
        ),
        Step(equation(weights, Sum(a * (1 - a) ** r, (r, 0, n))), "The weights of n + 1 values."),
        Step(
            equation(weights, 1 - (1 - a) ** (n + 1)),
            "They add up to 1 as n grows, if a is below 1: as the weights of a mean should.",
            "equal",
        ),
    ]


@plan(
    "The moving average of the figure is not that of the text",
    section=14,
    remark="pandas normalises its weights unless told not to (errata E16).",
    domains=SHARE,
)
def moving_average_printed() -> Sequence[Step]:
    """Errata E16: the normalised mean, its response, and the text's."""
    half = Rational(1, 2)
    total, weights = IndexedBase("T", real=True)[n], IndexedBase("W", real=True)[n]
    return [
        Step(equation(Y[n], total / weights), "What pandas computes: a weighted mean."),
        Step(
            equation(total, Sum((1 - a) ** r * X[n - r], (r, 0, n))),
            "A value counts the less, the longer ago it was.",
        ),
        Step(
            equation(weights, Sum((1 - a) ** r, (r, 0, n))),
            "What its weights add up to is divided out.",
        ),
        Step(
            equation(total, (1 - a) ** n),
            "A kick of 1 at 0: one term is left.",
            "substitute",
            by={X: Lambda(r, KroneckerDelta(r, 0))},
            after=2,
        ),
        Step(
            equation(weights, (1 - (1 - a) ** (n + 1)) / a),
            "A geometric sum.",
            "equal",
            after=3,
        ),
        Step(
            equation(Y[n], a * (1 - a) ** n / (1 - (1 - a) ** (n + 1))),
            "The response to the kick.",
            "equal",
            after=1,
            using=[4, 5],
        ),
        Step(
            equation(Y[n], 1 / (2 ** (n + 1) - 1)),
            "At the a of the figure.",
            "substitute",
            by={a: half},
        ),
        Step(
            equation(Y[n], half**n),
            "The response that the text states.",
            "refuted",
            by={n: 1},
        ),
    ]


@plan(
    "Adam: what the corrections correct",
    section=14,
    remark="Kingma & Ba 2015, section 3, for a gradient that stays the same.",
)
def adam() -> Sequence[Step]:
    """The bias of a mean that starts at zero, and the length of a step."""
    M, S = IndexedBase("m", real=True), IndexedBase("s", real=True)
    mhat, shat, moved = symbols("mhat shat Delta", real=True)
    mean = adam_rule.recurrence[m].subs(m, M[k - 1])
    square = adam_rule.recurrence[s].subs(s, S[k - 1])
    return [
        Step(equation(M[k], mean), "The running mean of the gradient, as in `symlab.adam`."),
        Step(
            equation(M[k], (1 - beta1**k) * g),
            "It begins with 0, and so it is too small by a factor.",
            "induction",
            by={M[0]: 0},
        ),
        Step(equation(mhat, M[k] / (1 - beta1**k)), "Adam divides by that factor."),
        Step(equation(mhat, g), "What is left is the gradient.", "equal", using=[2]),
        Step(equation(S[k], square), "The running mean of its square."),
        Step(
            equation(S[k], (1 - beta2**k) * g**2),
            "It is too small in the same way.",
            "induction",
            by={S[0]: 0},
        ),
        Step(equation(shat, S[k] / (1 - beta2**k)), "The same correction."),
        Step(equation(shat, g**2), "What is left is the square.", "equal", using=[6]),
        Step(
            equation(moved, alpha * Abs(mhat) / (sqrt(shat) + epsilon)),
            "How far the coordinate moves.",
        ),
        Step(
            equation(moved, alpha * Abs(g) / (Abs(g) + epsilon)),
            "The size of the gradient drops out, up to epsilon.",
            "equal",
            using=[4, 8],
        ),
        Step(Le(moved, alpha), "No coordinate moves farther than the step size.", "bound"),
    ]
