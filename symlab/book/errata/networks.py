"""Errata of the multilayer perceptron: a fit that went on, and layers miscounted (section 3)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from sympy import Expr, Matrix, MatrixBase, symbols

from symlab import nn
from symlab.algebra.functions import sigmoid
from symlab.book import data
from symlab.book.errata.erratum import Erratum, Observation
from symlab.book.networks import multilayer_perceptron, stack_layers
from symlab.lab.plots import diagrams
from symlab.lab.plots.axes import open_axes

INPUTS, UNITS = 2, (4, 2, 1)
"""The coordinates of a point, and the units of the listing's layers in their order."""

SEED, EPOCHS = 132, 100
"""A network that is slow in its first hundred epochs, as the chapter's was."""

OTHERS = range(12)


@lru_cache(maxsize=1)
def moons() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the chapter's points and labels: 700 and 300 points, and their labels."""
    return data.split(*data.moons())


def train(model: nn.Model, seed: int, epochs: int = EPOCHS, **settings: Any) -> nn.History:
    """Fit a model to the moons as the chapter does, and return the history."""
    points, _, labels, _ = moons()
    how = multilayer_perceptron().options
    return model.fit(points, labels, epochs=epochs, seed=seed, **how, **settings)


def accuracy(model: nn.Model) -> float:
    """Return the share of the points for testing that a trained model gets right."""
    _, points, _, labels = moons()
    return model.evaluate(points, labels)["accuracy"]


@dataclass(frozen=True)
class Second:
    """What the second fit is, and whose boundary is said to separate the classes.

    Parameters
    ----------
    reset : bool
        Whether it starts from new weights, as a repeat would.
    separates : int
        The epochs after which it does, which are then those of the figure.
    """

    reset: bool
    separates: int


REPEAT = Second(reset=True, separates=EPOCHS)
SEQUEL = Second(reset=False, separates=2 * EPOCHS)


@dataclass(frozen=True, eq=False)
class TwoFits:
    """What two fits in a row left behind.

    Parameters
    ----------
    losses : array, shape (2, epochs)
    accuracies : pair of float
        After each of them.
    epochs : pair of int
        How many the weights had then seen since they were drawn.
    changed : float
        By how much a weight changed between the fits, at most.
    """

    losses: np.ndarray
    accuracies: tuple[float, float]
    epochs: tuple[int, int]
    changed: float


@lru_cache(maxsize=4)
def two_fits(**settings: bool) -> TwoFits:
    """Fit a model twice, the second time with these settings."""
    model = multilayer_perceptron(SEED).model
    first = train(model, SEED)
    once, epochs, before = accuracy(model), model.epochs, _flat(model)
    train(model, SEED + 1, epochs=0, **settings)
    changed = np.abs(_flat(model) - before).max()
    second = train(model, SEED + 1)
    return TwoFits(
        losses=np.array([first.loss, second.loss]),
        accuracies=(once, accuracy(model)),
        epochs=(epochs, model.epochs),
        changed=float(changed),
    )


def _flat(model: nn.Model) -> np.ndarray:
    return np.concatenate([each.ravel() for pair in model.get_weights().values() for each in pair])


@lru_cache(maxsize=1)
def fresh_accuracies() -> np.ndarray:
    """Return the accuracies of other seeds after one fit."""
    models = [multilayer_perceptron(seed).model for seed in OTHERS]
    for seed, model in zip(OTHERS, models, strict=True):
        train(model, seed)
    return np.array([accuracy(model) for model in models])


def _second_accuracy(printed: Second, right: Second) -> Iterator[Observation]:
    done, said, going_on = two_fits(), two_fits(reset=printed.reset), two_fits(reset=right.reset)
    (first, second), (once, total) = done.accuracies, done.epochs
    yield Observation(
        "the second accuracy has more epochs behind it than the first, which was a slow start: "
        "most other seeds need no more than the first fit",
        max(said.epochs) < total and first < np.median(fresh_accuracies()),
        {
            f"accuracy after {once} epochs": first,
            f"accuracy after {total}": second,
            f"median of {len(OTHERS)} others after {once}": np.median(fresh_accuracies()),
            "least of them": fresh_accuracies().min(),
        },
    )
    yield Observation(
        "between the fits no weight changes, to the last bit, where a repeat would draw new ones",
        done.changed == going_on.changed == 0 < said.changed,
        {"change of a weight": done.changed, "change in a repeat": said.changed},
    )
    ends, begins = done.losses[0, -1], done.losses[1, 0]
    yield Observation(
        "the loss goes on from where it was, and not from that of new weights",
        bool(abs(begins - ends) < 0.1 < abs(said.losses[1, 0] - ends)),
        {
            "loss at the end of the first fit": ends,
            "at the start of the second": begins,
            "at the start of a repeat": said.losses[1, 0],
        },
    )
    drawn = done.accuracies[done.epochs.index(printed.separates)]
    misses = round((1 - drawn) * len(moons()[1]))
    yield Observation(
        "the boundary of the figure, which is said to separate the classes, does not",
        misses > 0.1 * len(moons()[1]),
        {"points on the wrong side": misses, "of": len(moons()[1])},
    )


def _draw_losses(printed: Axes, right: Axes) -> None:
    for ax, second, name in ((printed, REPEAT, "new weights"), (right, SEQUEL, "compiled again")):
        run = two_fits(reset=second.reset)
        ax.plot(np.concatenate(run.losses), "k-")
        ax.axvline(EPOCHS, color="gray", ls="--", label=name)
        for end, share in zip((EPOCHS, 2 * EPOCHS), run.accuracies, strict=True):
            ax.text(end - 3, 0.4, f"accuracy {share:.3f}", ha="right")
        ax.legend(loc="upper center")
        ax.set(xlabel="epochs", ylabel="loss", xlim=(0, 2 * EPOCHS), ylim=(0, 0.75))
        open_axes(ax)


@dataclass(frozen=True)
class Interpretation:
    """What the text means by the layers and units of its networks.

    Parameters
    ----------
    hidden : int
        The hidden layers in the drawing.
    widths : tuple of int
        From the input layer to the output layer of the model in the listing.
    simplest : tuple of int
        The same of the model on a line of points, which is called an MLP.
    product : callable
        What a unit makes of the columns of its weights and its inputs.
    """

    hidden: int
    widths: tuple[int, ...]
    simplest: tuple[int, ...]
    product: Callable[[Matrix, Matrix], Expr | Matrix]


MISCOUNTED = Interpretation(1, UNITS, (1, 1, 1), Matrix.multiply_elementwise)
COUNTED = Interpretation(2, (INPUTS, *UNITS), (1, 1), Matrix.dot)

DRAWING = (3, 3, 3, 3)
"""The circles in the columns of the book's drawing, as far as they are drawn."""


def parameters(widths: tuple[int, ...]) -> tuple[int, ...]:
    """Return how many weights and biases each layer after the first has."""
    rows = nn.Model(*stack_layers(widths)).summary().rows
    return tuple(row.parameters for row in rows)


def columns(widths: tuple[int, ...]) -> int:
    """Return how many columns of circles a drawing of these has."""
    ax = diagrams.network(Figure().add_axes((0, 0, 1, 1)), widths, ellipsis=True, weights=True)
    return len({round(each.center[0], 6) for each in ax.patches if isinstance(each, Circle)})


def _layers(printed: Interpretation, right: Interpretation) -> Iterator[Observation]:
    points = moons()[0]
    summary, as_read = parameters((points.shape[1], *UNITS)), parameters(printed.widths)
    yield Observation(
        "the first layer of the listing is hidden, and not the input: the parameters tell",
        as_read != summary == parameters(right.widths),
        {
            "parameters": sum(summary),
            "as named in the text": sum(as_read),
            "layer by layer": " + ".join(map(str, summary)),
        },
    )
    hidden = columns(DRAWING) - 2
    yield Observation(
        "the drawing has another number of hidden layers than its caption",
        printed.hidden != hidden,
        {"hidden layers in the caption": printed.hidden, "drawn": hidden},
    )
    w, x, b = symbols("w x b")
    letters = len(sigmoid(w * x + b).free_symbols - {x})
    least = sum(parameters(printed.simplest))
    yield Observation(
        "the model that is called an MLP has too few parameters for any hidden layer",
        letters < least,
        {"its parameters": letters, "with a hidden layer": least},
    )
    weights, inputs = (Matrix(symbols(f"{letter}:3")) for letter in "wx")
    summed = printed.product(weights, inputs)
    yield Observation(
        "the product of weights and inputs, component by component, is not one number yet",
        isinstance(summed, MatrixBase),
        {"numbers that it is": len(Matrix([summed]))},
    )


def _draw_layers(printed: Axes, right: Axes) -> None:
    for ax, reading in ((printed, MISCOUNTED), (right, COUNTED)):
        diagrams.network(ax, reading.widths)
        total = sum(parameters(reading.widths))
        ax.text(0.5, 0, f"{total} parameters", transform=ax.transAxes, ha="center", va="bottom")


ERRATA = (
    Erratum(
        id="E13",
        section=3,
        title="The second accuracy is that of another hundred epochs",
        place="the model compiled again with a metric, and the caption of deep_learning_005",
        printed="compiled with a metric and fitted again, the model shows its accuracy, 0.9967, "
        "where 0.8733 had been computed by hand; the boundary drawn separates the classes",
        right="compile leaves the weights as they are, so the second number is that of 200 epochs "
        "(with a new state of Adam); the boundary is that of the first, with 38 of 300 wrong",
        matters="A longer training looks like another way to count, and a network that was slow "
        "to start like what this network can do.",
        forms=(REPEAT, SEQUEL),
        check=_second_accuracy,
        lesson="multilayer_perceptron",
        kind="result",
        draw=_draw_losses,
    ),
    Erratum(
        id="E24",
        section=3,
        title="Layers are miscounted and misnamed",
        place="the caption of MLP, the words on the listing; in section 8 the same of its model",
        printed="one hidden layer is captioned, Dense(4) called the input layer; in section 8 a "
        "model is called an MLP with a hidden layer, and a unit's product is component-wise",
        right="the drawing has two hidden layers (and as many outputs as inputs); the model has 2 "
        "inputs, hidden layers of 4 and 2, and 1 output; that of section 8 is a single unit, which "
        "sums the products",
        matters="A reader who counts layers as the text does builds another network.",
        forms=(MISCOUNTED, COUNTED),
        check=_layers,
        lesson="multilayer_perceptron",
        kind="wording",
        draw=_draw_layers,
    ),
)
