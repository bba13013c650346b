"""Derivations of the chapter's sections 1, 2 and 4: how a unit, or two, learns from an error."""

from collections.abc import Sequence

from sympy import (
    Abs,
    Basic,
    FiniteSet,
    Ge,
    Lambda,
    Le,
    Lt,
    Matrix,
    MatrixSymbol,
    Rational,
    Symbol,
    sign,
    symbols,
)

from symlab.algebra.alphabet import eta, n
from symlab.algebra.functions import hinge, relu, sigmoid, softsign
from symlab.proofs.derivation import Step
from symlab.proofs.plan import plan
from symlab.proofs.statement import equation
from symlab.proofs.unknowns import partial, smooth

w, x, w_after = (MatrixSymbol(name, n, 1) for name in ("w", "x", "w_after"))
score_after, margin_after = (MatrixSymbol(name, 1, 1) for name in ("s_after", "m_after"))
y, yhat, t = symbols("y yhat t", real=True)
s = Symbol("s", real=True, nonzero=True)
LABELS = ((y, FiniteSet(-1, 1)),)


def _score_after(direction: int) -> list[Step]:
    """Return what an update along +-(y - yhat) x does to the sample that it is made for."""
    printed = direction < 0
    bound = Le if printed else Ge
    change = direction * (y - yhat)
    return [
        Step(
            equation(w_after, w + change * x),
            f"The perceptron's update, {'as printed' if printed else 'with the sign put right'}.",
        ),
        Step(equation(score_after, x.T * w_after), "The score of the same sample afterwards."),
        Step(
            equation(score_after, x.T * w + change * x.T * x),
            "The update put in.",
            "equal",
            using=[1],
        ),
        Step(
            equation(score_after, x.T * w + direction * 2 * y * x.T * x),
            "The sample was on the wrong side: the predicted label was minus its own.",
            "substitute",
            by={yhat: -y},
        ),
        Step(
            equation(margin_after, y * score_after),
            "Label times score is the margin, which is positive on the right side.",
        ),
        Step(
            equation(margin_after, y * x.T * w + direction * 2 * x.T * x),
            "A label is 1 or -1, so its square is 1.",
            "equal",
            using=[4],
        ),
        Step(
            bound(margin_after, y * x.T * w, evaluate=False),
            f"The margin does not {'rise: the update learns the opposite' if printed else 'fall'}.",
            "bound",
        ),
        Step(
            equation(score_after, Matrix([[-13 if printed else 11]])),
            "An example: a sample of label 1 whose score was -1.",
            "substitute",
            by={n: 3, w: Matrix([-1, 0, 0]), x: Matrix([1, 2, 1]), y: 1},
            after=4,
        ),
    ]


@plan(
    "The perceptron's update as printed moves the score the wrong way",
    section=1,
    remark="The code of the chapter has the sign right; its formula has not (errata E05).",
    domains=LABELS,
)
def perceptron_printed() -> Sequence[Step]:
    """Errata E05: the printed sign, followed to its end."""
    return _score_after(-1)


@plan(
    "The perceptron's update, and the loss that it descends",
    section=1,
    remark="The loss is max(0, -y s), s the score; the update is a step of size 2 (errata E19).",
    domains=LABELS,
)
def perceptron() -> Sequence[Step]:
    """The sign put right; then the update as a subgradient step."""
    loss = smooth("L")
    return [
        *_score_after(1),
        Step(equation(loss(s), relu(-y * s)), "The perceptron's loss in the score s of a sample."),
        Step(
            equation(loss(s).diff(s), relu(-y * s).diff(s)),
            "The slope, with the step function: 1 on the wrong side and 0 on the right one.",
            "differentiate",
            by=s,
        ),
        Step(equation(yhat, sign(s)), "The predicted label is the sign of the score."),
        Step(
            equation(loss(s).diff(s), (yhat - y) / 2),
            "Case by case: right labels give 0, and wrong ones ŷ = -y.",
            "equal",
            after=10,
            using=[11],
        ),
        Step(
            equation(yhat, y + 2 * loss(s).diff(s)),
            "So the predicted label differs from the true one by two slopes.",
            "solve",
        ),
        Step(
            equation(w_after, w - 2 * loss(s).diff(s) * x),
            "The update is a gradient step of size 2, since the score has the gradient x.",
            "equal",
            after=1,
            using=[13],
        ),
        Step(
            equation(w_after, w - (y - yhat) * x),
            "The update as printed is another one.",
            "refuted",
            after=1,
            by={n: 3, w: Matrix([-1, 0, 0]), x: Matrix([1, 2, 1]), y: 1, yhat: -1},
        ),
    ]


@plan("The slope of the softsign", section=2)
def softsign_slope() -> Sequence[Step]:
    """The derivative as the chapter states it, and why the values stay inside (-1, 1)."""
    f = smooth("s")(t)
    slope = 1 / (1 + Abs(t)) ** 2
    return [
        Step(equation(f, softsign(t).rewrite(Abs)), "The softsign, a smoothed sign."),
        Step(
            equation(f.diff(t), softsign(t).rewrite(Abs).diff(t)),
            "The quotient rule, with the sign for the slope of |t|.",
            "differentiate",
            by=t,
        ),
        Step(equation(f.diff(t), slope), "Since t sign(t) = |t|, one term remains.", "equal"),
        Step(Le(f.diff(t), 1), "It is steepest at 0.", "bound"),
        Step(Lt(f, 1), "However large t is, the value stays below 1.", "bound", after=1),
    ]


@plan(
    "The hinge of a softsign is not the perceptron's loss",
    section=2,
    remark="The chapter calls the two equivalent (errata E19). The margin m is label times score.",
)
def hinge_of_softsign() -> Sequence[Step]:
    """Errata E19: every sample pulls, the worst ones least."""
    m = symbols("m", real=True)
    loss, other = smooth("L")(m), smooth("P")(m)
    slope = -1 / (1 + Abs(m)) ** 2
    return [
        Step(equation(loss, hinge(softsign(m))), "The loss that the chapter trains with."),
        Step(
            equation(loss, 1 - m / (1 + Abs(m))),
            "A softsign is below 1, so the hinge is never flat.",
            "equal",
        ),
        Step(equation(loss.diff(m), slope), "Its slope.", "differentiate", by=m),
        Step(Lt(loss.diff(m), 0), "Every sample pulls, those on the right side too.", "bound"),
        Step(
            equation(loss.diff(m).subs(m, -5), -Rational(1, 36)),
            "One far on the wrong side hardly pulls at all.",
            "substitute",
            by={m: -5},
            after=3,
        ),
        Step(equation(other, relu(-m)), "The perceptron's loss."),
        Step(
            equation(other.diff(m), relu(-m).diff(m)),
            "Its slope is -1 on the wrong side, and 0 on the right one.",
            "differentiate",
            by=m,
        ),
        Step(
            equation(other.diff(m), slope),
            "The two are not equivalent: this is the slope of the other.",
            "refuted",
            by={m: Rational(1, 10)},
        ),
    ]


@plan(
    "Backpropagation: the chain rule, once per unit",
    section=4,
    remark="One input and two sigmoid units in a row. The chapter leaves out b1.",
)
def backpropagation() -> Sequence[Step]:
    """Every printed product against SymPy's derivative of the whole network."""
    given, w1, b1, w2, b2 = symbols("x w1 b1 w2 b2", real=True)
    p1, z1, p2, z2, J, delta1, delta2 = symbols("p1 z1 p2 z2 J delta1 delta2", real=True)
    inner = sigmoid(w1 * given + b1)
    cost = (sigmoid(w2 * inner + b2) - y) ** 2 / 2

    def derivative(letter: Symbol, product: Basic, why: str) -> Step:
        return Step(
            equation(partial(J, letter), product),
            why,
            "differentiate",
            by=letter,
            after=6,
            using=[1, 2, 3, 4, 10, 13],
        )

    return [
        Step(equation(p1, w1 * given + b1), "What the first unit receives."),
        Step(equation(z1, sigmoid(p1)), "What it gives."),
        Step(equation(p2, w2 * z1 + b2), "What the second unit receives."),
        Step(equation(z2, sigmoid(p2)), "What it gives."),
        Step(equation(J, (z2 - y) ** 2 / 2), "The cost of one sample."),
        Step(
            equation(J, cost),
            "All put in: the cost as a function of the weights.",
            "equal",
            using=[1, 2, 3, 4],
        ),
        Step(
            equation(partial(J, z2), z2 - y),
            "The first factor of the chain.",
            "differentiate",
            by=z2,
            after=5,
        ),
        Step(
            equation(partial(z2, p2), z2 * (1 - z2)),
            "The slope of a sigmoid, in its own value.",
            "differentiate",
            by=p2,
            after=4,
            using=[4],
        ),
        Step(
            equation(delta2, partial(J, z2) * partial(z2, p2)),
            "What the second unit's derivatives share: how J answers to what it receives.",
        ),
        Step(
            equation(delta2, (z2 - y) * z2 * (1 - z2)),
            "The two factors put in.",
            "equal",
            using=[7, 8],
        ),
        Step(
            equation(partial(z1, p1), z1 * (1 - z1)),
            "The slope of the first unit.",
            "differentiate",
            by=p1,
            after=2,
            using=[2],
        ),
        Step(
            equation(delta1, delta2 * w2 * partial(z1, p1)),
            "The first unit's delta is made from the second's, by the weight between them.",
        ),
        Step(
            equation(delta1, delta2 * w2 * z1 * (1 - z1)),
            "The slope put in.",
            "equal",
            using=[11],
        ),
        derivative(w2, delta2 * z1, "A weight: delta times what comes in."),
        derivative(b2, delta2, "A bias: delta alone."),
        derivative(w1, delta1 * given, "The same one layer before."),
        derivative(b1, delta1, "And its bias, which the chapter does not list."),
    ]


@plan(
    "Derivatives added to the weights climb, subtracted they descend",
    section=4,
    remark="The chapter calls the products updates, without a sign (errata E12).",
)
def backpropagation_printed() -> Sequence[Step]:
    """Errata E12: the slope of the cost along either update."""
    weight, bias = symbols("w b", real=True)
    changes = symbols("Delta_w Delta_b", real=True)
    J, along = smooth("J"), smooth("phi")
    slopes = [J(weight, bias).diff(letter) for letter in (weight, bias)]
    moved = J(weight + eta * changes[0], bias + eta * changes[1])
    start = along(eta).diff(eta).subs(eta, 0)
    squares = slopes[0] ** 2 + slopes[1] ** 2
    return [
        Step(
            equation(along(eta), moved),
            "The cost, any function of two weights, on the way along a change of them.",
        ),
        Step(
            equation(along(eta).diff(eta), moved.diff(eta)),
            "Its slope on the way, by the chain rule; J_1 is the derivative in the first weight.",
            "differentiate",
            by=eta,
        ),
        Step(
            equation(start, slopes[0] * changes[0] + slopes[1] * changes[1]),
            "The slope at the start.",
            "substitute",
            by={eta: 0},
        ),
        Step(
            equation(start, squares),
            "As printed: each weight is changed by its derivative.",
            "substitute",
            by=dict(zip(changes, slopes, strict=True)),
        ),
        Step(
            Ge(start, 0),
            "To first order the cost does not fall; it climbs unless both are zero.",
            "bound",
        ),
        Step(
            equation(start, -squares),
            "Corrected: each weight is changed by minus its derivative.",
            "substitute",
            by={change: -slope for change, slope in zip(changes, slopes, strict=True)},
            after=3,
        ),
        Step(
            Le(start, 0),
            "To first order the cost does not rise; it falls unless both are zero.",
            "bound",
        ),
        Step(
            equation(start, squares),
            "What is printed is not a step downhill.",
            "refuted",
            after=6,
            by={J: Lambda((weight, bias), weight**2 + bias**2), weight: 1, bias: 1},
        ),
    ]
