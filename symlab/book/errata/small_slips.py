"""Small slips in formulas and words, from section 1 of the chapter to 22; the most are in 7."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from sympy import Add, Expr, IndexedBase, Matrix, S, Sum, exp, log, simplify, symbols

from symlab import nn
from symlab.algebra.functions import define, sigmoid, softmax
from symlab.algebra.objective import Objective
from symlab.book import data
from symlab.book.errata.erratum import Erratum, Observation
from symlab.theory.stationary import stationary_points

z, factor = symbols("z factor", positive=True)
i, m = symbols("i m", integer=True, positive=True)
u, y = IndexedBase("u"), IndexedBase("y")

SCORES = symbols("z0:3", real=True)
EACH = (i, 0, m - 1)


@dataclass(frozen=True, eq=False)
class Wording:
    """Formulas and words of the chapter, one of each kind.

    Parameters
    ----------
    minimised : callable
        What x is to minimise, of a cost in x.
    activations : tuple of sympy.Expr
        All that is called the activation of a score z.
    share : sympy.Expr
        What a softmax output is multiplied by to give the estimated probability.
    risk : sympy.Expr
        The logistic risk, over scores u and labels y.
    """

    minimised: Callable[[Objective], Expr]
    activations: tuple[Expr, ...]
    share: Expr
    risk: Expr


def its_minimum(cost: Objective) -> Expr:
    """Return the least value of a cost, which has one stationary point."""
    (point,) = stationary_points(cost).points
    return point.value


def itself(cost: Objective) -> Expr:
    """Return a cost as a function of its variables."""
    return cost.expression


LOOSE = Wording(
    minimised=its_minimum,
    activations=(z, sigmoid(z)),
    share=factor,
    risk=Sum(log(1 + exp(u[i])), EACH) - y[i] * u[i],
)
EXACT = Wording(
    minimised=itself,
    activations=(sigmoid(z),),
    share=S.One,
    risk=Sum(log(1 + exp(u[i])) - y[i] * u[i], EACH),
)


def squares() -> Objective:
    """Return the sum of squares of section 7, with whole numbers."""
    rows, target = (Matrix(each.astype(int)) for each in data.least_squares_data())
    x = symbols(f"x0:{rows.shape[1]}", real=True)
    residual = rows * Matrix(x) - target
    return Objective(residual.dot(residual), x)


def _words(printed: Wording, _: Wording) -> Iterator[Observation]:
    cost = squares()
    minimised = printed.minimised(cost)
    yield Observation(
        "the minimum over x, which x is to minimise, is a number: it has no x in it",
        minimised.free_symbols.isdisjoint(cost.variables),
        {
            "variables in it": len(minimised.free_symbols),
            "the minimum": its_minimum(cost),
        },
    )
    meanings = set(printed.activations)
    yield Observation(
        "the activation is the score in one section and the sigmoid of it in the next",
        len(meanings) > 1,
        {"meanings of activation": len(meanings)},
    )
    yield _shares(printed.share)
    yield Observation(
        "without brackets the index of the sum is left over outside it",
        i in printed.risk.free_symbols,
        {"indices left over": len(printed.risk.free_symbols & {i})},
    )


def _shares(share: Expr) -> Observation:
    outputs = [softmax(each, *(other for other in SCORES if other != each)) for each in SCORES]
    total = simplify(define(Add(*outputs)))
    inputs = nn.Input((2,))
    model = nn.Model(inputs, nn.Dense(len(SCORES), activation="softmax")(inputs))
    rows = model.predict(data.half_plane()[0])
    return Observation(
        "softmax outputs sum to 1, so they equal the probabilities, with no factor left open",
        total == 1 != share and np.allclose(rows.sum(axis=1), 1, rtol=0, atol=1e-12),
        {
            "sum of the outputs": total,
            "and as printed": str(share * total),
            "sums of a model's rows, less 1": np.abs(rows.sum(axis=1) - 1).max(),
        },
    )


ERRATA = (
    Erratum(
        id="E37",
        section=7,
        title="Small slips: a minimum to be minimised, and one word for two things",
        place="the problem and the word activation of section 7, the latter in 8 again; the risk "
        "of section 15; the softmax of 22; also a year in 1, and a figure referred to in 8",
        printed="find the x that minimises the minimum over x; activation is Ax, then the sigmoid; "
        "a softmax output is proportional to the probability; the sum of a risk ends before its "
        "last term; the perceptron is of 1960; see the logistic figure of another chapter",
        right="find the x that minimises the sum of squares; activation is the sigmoid, and Ax the "
        "score; the output equals the estimated probability; brackets around the summand. The "
        "perceptron is usually dated 1957 or 1958, and that figure shows other data: of these two "
        "nothing is computed here",
        matters="Each is easily read as it was meant, but none can be programmed as it stands.",
        forms=(LOOSE, EXACT),
        check=_words,
        lesson="least_squares",
        kind="wording",
    ),
)
