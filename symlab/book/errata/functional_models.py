"""Errata of models as functions: a layer that hangs loose, and what is said of it (section 5)."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from sklearn.linear_model import LogisticRegression

from symlab import nn
from symlab.book import data, lessons
from symlab.book.errata.erratum import Erratum, Observation
from symlab.book.errata.networks import (
    COUNTED,
    INPUTS,
    accuracy,
    moons,
    parameters,
    train,
)
from symlab.book.networks import stack_layers
from symlab.lab.plots.axes import open_axes

SEEDS = range(4)
EPOCHS = 500
DRAWN = 1
"""The seed whose points are drawn."""

Reads = Callable[[nn.Tensor, nn.Tensor], nn.Tensor]
"""Which of the hidden layers l1 and l2 the output unit reads."""


def reads_first(l1: nn.Tensor, _: nn.Tensor) -> nn.Tensor:
    """Return l1, as in the listing."""
    return l1


def reads_second(_: nn.Tensor, l2: nn.Tensor) -> nn.Tensor:
    """Return l2, as in the text."""
    return l2


@dataclass(frozen=True, eq=False)
class Trained:
    """A model of this wiring after training, and its second hidden layer, l2.

    Parameters
    ----------
    layers : tuple of str
        Those of the model.
    parameters : int
    moved : float
        By how much at most l2 now sends a point elsewhere, if l1 is what it was at first.
    image : array, shape (700, 2)
        What l1 and l2 make of the points.
    accuracy, line : float
        Of the model on the points for testing; of a linear classifier on the image.
    """

    layers: tuple[str, ...]
    parameters: int
    moved: float
    image: np.ndarray
    accuracy: float
    line: float

    @property
    def apart(self) -> float:
        """The distance between the means of the two classes."""
        labels = moons()[2]
        means = [self.image[labels == label].mean(axis=0) for label in (0, 1)]
        return float(np.linalg.norm(np.subtract(*means)))

    @property
    def knot(self) -> float:
        """The share of points within 0.01 of (1/2, 1/2)."""
        return float(np.mean(np.abs(self.image - 0.5).max(axis=1) < 0.01))


@lru_cache(maxsize=16)
def run(reads: Reads, seed: int) -> Trained:
    """Train a model whose output unit reads l1 or l2."""
    points, _, labels, _ = moons()
    inputs = nn.Input((INPUTS,))
    l1 = nn.Dense(3, activation="sigmoid", name="l1")(inputs)
    l2 = nn.Dense(2, activation="sigmoid", name="l2")(l1)
    output = nn.Dense(1, activation="sigmoid", name="output")(reads(l1, l2))
    model = nn.Model(inputs, output, seed=seed)
    seen = model.function(l2)
    start, before = model.get_weights()["l1"], seen(points)
    train(model, seed, EPOCHS)
    image, share = seen(points), accuracy(model)
    line = LogisticRegression(C=1e6, max_iter=5000).fit(image, labels).score(image, labels)
    model.set_weights({"l1": start})
    return Trained(
        layers=model.names,
        parameters=model.summary().total,
        moved=float(np.abs(seen(points) - before).max()),
        image=image,
        accuracy=share,
        line=float(line),
    )


def _wiring(printed: Reads, right: Reads) -> Iterator[Observation]:
    wired, chained = ([run(reads, seed) for seed in SEEDS] for reads in (printed, right))
    yield Observation(
        "the model that is trained has fewer parameters than the chain that is described",
        wired[0].parameters < chained[0].parameters,
        {"parameters": wired[0].parameters, "of the chain": chained[0].parameters},
    )
    yield Observation("the layer l2 is none of the model's", "l2" not in wired[0].layers)
    yield Observation(
        "training leaves l2 as it was drawn, to the last bit",
        max(each.moved for each in wired) == 0 < min(each.moved for each in chained),
        {
            "a point moved by l2": max(each.moved for each in wired),
            "moved, corrected": min(each.moved for each in chained),
        },
    )
    yield _picture(wired, chained)
    lines = [each.line for each in wired]
    yield Observation(
        "a line may not part the classes as l2 sees them, though the model's accuracy is no less",
        min(lines) < 0.9 < min(each.accuracy for each in wired)
        and min(each.line for each in chained) > 0.99,
        {
            "accuracy, least": min(each.accuracy for each in wired),
            "accuracy, corrected": min(each.accuracy for each in chained),
            "line on what l2 sees, least": min(lines),
            "line, greatest": max(lines),
            "line, corrected": min(each.line for each in chained),
        },
    )
    yield Observation(
        "points for which l1 is off lie at (1/2, 1/2), the sigmoid of a bias that is still 0",
        max(each.knot for each in wired) > 0.1 > max(each.knot for each in chained),
        {
            "share within 0.01, most": max(each.knot for each in wired),
            "share, corrected": max(each.knot for each in chained),
        },
    )


def _picture(wired: list[Trained], chained: list[Trained]) -> Observation:
    spreads = [np.ptp(each.image, axis=0) for each in wired]
    filled = np.min([np.ptp(each.image, axis=0) for each in chained])
    return Observation(
        "the points drawn stay in a part of the square, with the means of the classes close",
        bool(np.max(spreads) < 0.6 < 0.9 < filled)
        and max(each.apart for each in wired) < 0.5 < min(each.apart for each in chained),
        {
            "spread, mean": np.mean(spreads),
            "spread, corrected": filled,
            "means apart": np.mean([each.apart for each in wired]),
            "apart, corrected": np.mean([each.apart for each in chained]),
        },
    )


def _draw_images(printed: Axes, right: Axes) -> None:
    labels = moons()[2]
    for ax, reads in ((printed, reads_first), (right, reads_second)):
        image = run(reads, DRAWN).image
        ax.plot(*image[labels == 0].T, "ob", alpha=0.2, label="class 0")
        ax.plot(*image[labels == 1].T, "sr", alpha=0.2, label="class 1")
        ax.legend(loc="lower left")
        ax.set(xlabel="first unit of l2", ylabel="second unit of l2")
        ax.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), aspect="equal")
        open_axes(ax)


@dataclass(frozen=True)
class Composition:
    """The model as a composition of layers.

    Parameters
    ----------
    units : tuple of int
        Of the layers that are composed.
    equated : tuple of int
        The layers, inputs first, of the model it is said to be.
    """

    units: tuple[int, ...]
    equated: tuple[int, ...]


WITHOUT_OUTPUT = Composition((3, 2), equated=COUNTED.widths)
WITH_OUTPUT = Composition((3, 2, 1), equated=(2, 3, 2, 1))


def _composition(printed: Composition, right: Composition) -> Iterator[Observation]:
    labels = moons()[2]
    (numbers,) = stack_layers((INPUTS, *printed.units))[1].shape
    yield Observation(
        "the composition ends in two numbers, and a label is one",
        numbers != np.size(labels[0]),
        {"numbers it ends in": numbers, "numbers of a label": np.size(labels[0])},
    )
    chain, equated = (parameters(each) for each in ((INPUTS, *right.units), printed.equated))
    yield Observation(
        "with its output unit it is another network than that of section 3",
        chain != equated,
        {
            "parameters of the chain": sum(chain),
            "of the network it is said to be": sum(equated),
            "as the listing wires it": run(reads_first, DRAWN).parameters,
            "accuracy": run(reads_second, DRAWN).accuracy,
        },
    )


def class_colours(figure: str) -> dict[int, str]:
    """Return the colour of each class in a figure, as its passport has it.

    A line of a figure belongs to the class of its first point if that is one of the moons; the
    figure of section 5 shows only their images, in lines as long as the classes are.
    """
    file = lessons.folder("figures") / f"{figure}.json"
    passport = json.loads(file.read_text(encoding="utf-8"))
    lines = (f"axes 0, line {i}" for i in (0, 1))
    return {
        _class_of(passport["arrays"][line]): passport["words"][f"{line}, style"].split(",")[0]
        for line in lines
    }


def _class_of(line: dict[str, Any]) -> int:
    points, labels = data.moons()
    found = labels[(points == line["values"][:2]).all(axis=1)]
    lengths = np.bincount(moons()[2]).tolist()
    return int(found[0]) if len(found) else lengths.index(line["shape"][0])


MOONS = ("deep_learning_004", "deep_learning_005")


def _colours(printed: str, right: str) -> Iterator[Observation]:
    before, here = [class_colours(figure) for figure in MOONS], class_colours(printed)
    blue = before[0][0]
    yield Observation(
        "the colour of class 0 in the pictures of the moons is that of class 1 in the next",
        all(each[0] == blue for each in before) and here[1] == blue == class_colours(right)[0],
        {
            f"class {label}, {name}": colours[label]
            for label in (0, 1)
            for name, colours in (("moons", before[0]), ("image", here))
        },
    )


ERRATA = (
    Erratum(
        id="E02",
        section=5,
        title="The output reads the first hidden layer, so the second is never trained",
        place="the listing of the functional model, and deep_learning_006 with its caption",
        printed="the output unit is called on l1, and l2, which hangs loose, is drawn as what the "
        "network has learnt",
        right="the output unit is called on l2",
        matters="The figure shows an accident, l1 thrown onto two axes by weights that nobody "
        "chose, as a representation; and the accuracy does not tell.",
        forms=(reads_first, reads_second),
        check=_wiring,
        lesson="functional_models",
        kind="result",
        draw=_draw_images,
    ),
    Erratum(
        id="E29",
        section=5,
        title="The composition leaves out the output layer",
        place="the formula of the composition, and the sentence that compares the results",
        printed="the output is l2 after l1, which maps to the plane; the model is the one before",
        right="the output is the output unit after l2 after l1, a number; the model has 3 and 2 "
        "hidden units where the one before has 4 and 2, and does as well",
        matters="The formula is a map into the plane, where a label is one number.",
        forms=(WITHOUT_OUTPUT, WITH_OUTPUT),
        check=_composition,
        lesson="functional_models",
        kind="formula",
    ),
    Erratum(
        id="E32",
        section=5,
        title="Blue is class 0 in two figures and class 1 in the next",
        place="deep_learning_004 and 005 against deep_learning_006",
        printed="the moons are blue (0) and red (1), their image blue (1) and black (0)",
        right="blue is class 0 and red class 1 wherever classes are drawn",
        matters="Who compares the figures takes each class for the other.",
        forms=("deep_learning_006", "deep_learning_006_corrected"),
        check=_colours,
        lesson="functional_models",
        kind="wording",
    ),
)
