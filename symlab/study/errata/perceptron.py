"""Errata of the perceptron (chapter, sections 1 and 2)."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes
from sympy import Expr, Matrix, diff, lambdify, symbols

from symlab.study import data
from symlab.study.errata.erratum import Erratum, Observation

w, x, y, answer = symbols("w x y answer", real=True)

AS_PRINTED = w - (y - answer) * x
AS_CODED = w - (answer - y) * x

CLOUDS, POINTS = 200, 100
EPOCHS = (1, 2, 5, 50)


@lru_cache(maxsize=8)
def accuracies(update: Expr) -> np.ndarray:
    """Return the share of points on the right side after each epoch, shape (epochs, clouds).

    Each cloud has its own line, and all are trained at once, point after point.
    """
    clouds = [data.half_plane(POINTS, seed, labels=(-1, 1)) for seed in range(CLOUDS)]
    inputs = np.array([np.column_stack([points, np.ones(POINTS)]) for points, _ in clouds])
    labels = np.array([each for _, each in clouds])
    weights = np.array([data.initial_weights(3, seed=seed) for seed in range(CLOUDS)])
    moved = lambdify((w, x, y, answer), update)
    shares = []
    for _ in range(max(EPOCHS)):
        for i in range(POINTS):
            seen = np.sign(np.sum(inputs[:, i] * weights, axis=1))
            weights = moved(weights, inputs[:, i], labels[:, i][:, None], seen[:, None])
        right = np.sign(np.einsum("cij,cj->ci", inputs, weights)) == labels
        shares.append(right.mean(axis=1))
    return np.array(shares)


def _sign_of_the_update(printed: Expr, right: Expr) -> Iterator[Observation]:
    point, line = Matrix([1, 2, 1]), Matrix([-1, 0, 0])
    scores = {
        name: sum(
            rule.subs({w: old, x: entry, y: 1, answer: -1}) * entry
            for old, entry in zip(line, point, strict=True)
        )
        for name, rule in (("printed", printed), ("right", right))
    }
    yield Observation(
        "the score of a missed point of label 1, which is -1, should rise, and as printed it falls",
        scores["printed"] < -1 < scores["right"],
        {f"score as {name}": score for name, score in scores.items()},
    )
    yield Observation(
        "the printed step is the right one with its sign turned",
        diff(printed + right, answer) == 0 and (printed + right).subs(answer, y) == 2 * w,
    )
    means = {
        name: accuracies(rule)[np.array(EPOCHS) - 1].mean(axis=1)
        for name, rule in (("printed", printed), ("right", right))
    }
    yield Observation(
        f"over {CLOUDS} clouds the printed rule ends below guessing, the other above 0.9",
        bool(means["printed"].max() < 0.5 and means["right"].min() > 0.9),
        {
            f"accuracy after {epoch}, {name}": share
            for name, shares in means.items()
            for epoch, share in zip(EPOCHS, shares, strict=True)
        },
    )


def _draw_accuracies(printed: Axes, right: Axes) -> None:
    for ax, update in ((printed, AS_PRINTED), (right, AS_CODED)):
        shares = accuracies(update)
        epochs = np.arange(1, len(shares) + 1)
        low, middle, high = np.quantile(shares, [0.05, 0.5, 0.95], axis=1)
        ax.fill_between(epochs, low, high, color="lightgray")
        ax.plot(epochs, middle, "k-")
        ax.axhline(0.5, color="k", ls=":")
        ax.set(xlabel="epoch", ylabel="accuracy", ylim=(0, 1.02))


ERRATA = (
    Erratum(
        id="E05",
        section=1,
        title="The perceptron's update has the wrong sign",
        place="the update formula, against the listing below it",
        printed="the weights lose (label - answer) times the point",
        right="they gain it, which is what the listing does",
        matters="Whoever programs the formula gets a classifier that is worse than guessing.",
        forms=(AS_PRINTED, AS_CODED),
        check=_sign_of_the_update,
        lesson="perceptron",
        kind="result",
        draw=_draw_accuracies,
    ),
)
