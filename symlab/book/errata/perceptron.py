"""Errata of the perceptron: the sign of its update, and what its letters stand for (section 1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import numpy as np
from matplotlib.axes import Axes
from sympy import Expr, Matrix, Piecewise, Sum, diff, lambdify, sign, symbols

from symlab.book import data
from symlab.book.errata.erratum import Erratum, Observation

w, x, y, answer, score = symbols("w x y answer score", real=True)
m, n = symbols("m n", integer=True, positive=True)

AS_PRINTED = w - (y - answer) * x
AS_CODED = w - (answer - y) * x
ITS_SIGN = sign(score)
"""The answer, as the listing has it."""

CLASSES = (-1, 1)
CLOUDS, POINTS = 200, 100
EPOCHS = (1, 2, 5, 50)

FEW_CLOUDS = 40
END = 1000
"""Epochs at most until no point of these is wrong any more."""


@lru_cache(maxsize=8)
def clouds(count: int = CLOUDS) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return points with a column of ones, shape (clouds, points, 3), labels, and initial lines."""
    drawn = [data.half_plane(POINTS, seed, labels=CLASSES) for seed in range(count)]
    inputs = np.array([np.column_stack([points, np.ones(POINTS)]) for points, _ in drawn])
    starts = np.array([data.initial_weights(3, seed=seed) for seed in range(count)])
    return inputs, np.array([labels for _, labels in drawn]), starts


def passes(
    update: Expr, guess: Expr = ITS_SIGN, count: int = CLOUDS
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the lines after each epoch, shape (clouds, 3), and their shares of right points.

    Each cloud has its own line, and all are trained at once, point after point.
    """
    inputs, labels, weights = clouds(count)
    moved, guessed = lambdify((w, x, y, answer), update), lambdify(score, guess)
    while True:
        for i in range(POINTS):
            seen = guessed(np.sum(inputs[:, i] * weights, axis=1))
            weights = moved(weights, inputs[:, i], labels[:, i][:, None], seen[:, None])
        right = np.sign(np.einsum("cij,cj->ci", inputs, weights)) == labels
        yield weights, right.mean(axis=1)


@lru_cache(maxsize=8)
def accuracies(update: Expr) -> np.ndarray:
    """Return the share of points on the right side after each epoch, shape (epochs, clouds)."""
    return np.array([shares for _, shares in islice(passes(update), max(EPOCHS))])


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


@dataclass(frozen=True)
class Notation:
    """What the section's letters and words stand for.

    Parameters
    ----------
    answers : tuple of sympy.Expr
        All that the answer is, as functions of the score.
    inputs, last : sympy.Expr
        The dimension of a point where there are n weights; the last index of m points.
    labels : pair of int
        Those the listing's comment names.
    better : int
        The epoch after which accuracy is said to be no lower than after the first.
    """

    answers: tuple[Expr, ...]
    inputs: Expr
    last: Expr
    labels: tuple[int, int]
    better: int


LOOSE = Notation((score, ITS_SIGN), inputs=n, last=m, labels=(0, 1), better=2)
EXACT = Notation((Piecewise((1, score > 0), (-1, True)),), n - 1, m - 1, CLASSES, better=END)


@lru_cache(maxsize=8)
def in_the_end(most: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the lines and shares of a few clouds when no point is wrong any more, and the epoch.

    Or after the most epochs allowed, if that is earlier.
    """
    epochs = enumerate(islice(passes(AS_CODED, count=FEW_CLOUDS), most), start=1)
    return next(
        (weights, shares, epoch)
        for epoch, (weights, shares) in epochs
        if shares.min() == 1 or epoch == most
    )


def _notation(printed: Notation, right: Notation) -> Iterator[Observation]:
    yield _explosion(printed.answers)
    yield _passes_that_lose(printed.better, right.better)
    meanings = len(set(printed.answers))
    yield Observation(
        "one letter, the answer, stands for two functions of the score",
        meanings > 1,
        {"meanings": meanings},
    )
    on_the_line = [guess.subs(score, 0) for guess in printed.answers]
    yield Observation(
        "where the score is 0 the answer is neither class",
        set(on_the_line).isdisjoint(CLASSES),
        {"answer at score 0": on_the_line[-1]},
    )
    inputs, _, weights = clouds()
    dimension, coordinates = printed.inputs.subs(n, weights.shape[-1]), inputs.shape[-1] - 1
    yield Observation(
        "a point has one coordinate less than there are weights",
        dimension != coordinates,
        {"coordinates as printed": dimension, "coordinates": coordinates},
    )
    index = symbols("i", integer=True)
    surplus = Sum(1, (index, 0, printed.last)).doit() - m
    yield Observation(
        "the indices count a point that is not there", surplus != 0, {"points too many": surplus}
    )
    yield _comment_on_labels(printed.labels)


def _explosion(answers: tuple[Expr, ...]) -> Observation:
    lengths = {
        name: max(
            np.median(np.linalg.norm(next(passes(rule, guess))[0], axis=1)) for guess in answers
        )
        for name, rule in (("right", AS_CODED), ("printed", AS_PRINTED))
    }
    return Observation(
        "with the score itself for an answer one pass makes the weights explode, under either sign",
        bool(min(lengths.values()) > 1e20),
        {f"|w|, {name} sign": length for name, length in lengths.items()},
    )


def _passes_that_lose(better: int, end: int) -> Observation:
    shares, (_, settled, needed) = accuracies(AS_CODED), in_the_end(end)
    later = shares[better - 1] if better <= len(shares) else settled
    worse = np.mean(later < shares[0, : len(later)])
    steps = np.diff(shares[:10], axis=0)
    return Observation(
        "more passes than one often make it worse, though in the end no point is wrong",
        bool(worse > 0.1 and settled.min() == 1),
        {
            "worse than after one pass": worse,
            "some drop in the first ten": np.mean((steps < 0).any(axis=0)),
            "largest drop in the first ten": -steps.min(),
            "clouds without a mistake in the end": np.mean(settled == 1),
            "passes until then": needed,
        },
    )


def _comment_on_labels(named: tuple[int, int]) -> Observation:
    inputs, labels, _ = clouds(FEW_CLOUDS)
    guesses = np.sign(np.einsum("cij,cj->ci", inputs, in_the_end(END)[0]))
    moved = np.mean(np.where(labels == max(CLASSES), max(named), min(named)) != guesses)
    return Observation(
        "labels as in the listing's comment would keep correcting lines that make no mistake",
        bool(moved > 0),
        {"points that correct a right line": moved},
    )


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
    Erratum(
        id="E33",
        section=1,
        title="The perceptron's letters and words do not fit each other",
        place="the first paragraphs and formulas, a comment in the listing, the advice on epochs",
        printed="the answer is the score in one formula and its sign in the next; points of R^n "
        "with n weights, indexed from 0 to m; labels 0 and 1; more epochs give a better accuracy",
        right="the answer is 1 where the score is positive and -1 elsewhere; points of R^(n-1) and "
        "a constant 1, indexed from 0 to m - 1; labels -1 and 1; better in the end, but not with "
        "every epoch",
        matters="Read with the first formula, the rule makes the weights explode; and a worse "
        "accuracy after one more epoch is no sign of an error in the program.",
        forms=(LOOSE, EXACT),
        check=_notation,
        lesson="perceptron",
        kind="wording",
    ),
)
