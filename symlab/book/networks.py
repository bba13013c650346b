"""The chapter's networks with their data, ready to be fitted or compared.

Each function returns the model, its inputs and targets, and how the chapter trains it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symlab import nn
from symlab.book import data
from symlab.methods.rules import adam, gradient_descent, nesterov
from symlab.nn import images

GIVEN = ("scaled diagonal", "scaled antidiagonal")
"""The hand-made kernels of section 21, by their names in `images.KERNELS`."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A model, its samples, and how it is trained.

    Parameters
    ----------
    model : Model
    x, y : arrays
    options : dict
        Of `Model.fit`: loss, method, batch_size, seed.
    """

    model: nn.Model
    x: np.ndarray
    y: np.ndarray
    options: dict[str, Any]


def one_neuron(seed: int = 0) -> Fit:
    """Return the softsign neuron of section 2, with hinge loss, on a hundred points."""
    points, labels = data.half_plane(100, seed, labels=(-1, 1))
    inputs = nn.Input(2)
    model = nn.Model(inputs, nn.Dense(1, "softsign")(inputs), seed=seed)
    method = gradient_descent(step_size=0.01)
    return Fit(model, points, labels, {"loss": "hinge", "method": method, "batch_size": 32})


def multilayer_perceptron(seed: int = 0) -> Fit:
    """Return the 2-4-2-1 network of section 3 on the 700 training points of its moons."""
    x, _, y, _ = data.split(*data.moons())
    model = nn.Model(*stack_layers((2, 4, 2, 1)), seed=seed)
    method = adam(step_size=0.05)
    return Fit(model, x, y, {"loss": "binary_crossentropy", "method": method, "batch_size": 32})


def stack_layers(widths: Sequence[int]) -> tuple[nn.Tensor, nn.Tensor]:
    """Return an input of the first width, and the output of sigmoid layers of the others."""
    inputs = outputs = nn.Input((widths[0],))
    for units in widths[1:]:
        outputs = nn.Dense(units, activation="sigmoid")(outputs)
    return inputs, outputs


def convolutional(seed: int = 0, *, trainable: bool, kernels: Sequence[str] | None = None) -> Fit:
    """Return the network of sections 22 and 23 on the chapter's twenty images.

    Parameters
    ----------
    seed : int
    trainable : bool
        Whether the kernels learn.
    kernels : sequence of str, optional
        Names in `images.KERNELS` of the two to begin with; none of them, so that they are drawn.
        If left out it is as in the chapter: kernels that learn are drawn, the others are `GIVEN`.
    """
    if kernels is None:
        kernels = () if trainable else GIVEN
    slashes, kinds = images.fixture()
    pixels = nn.Input((1, 6, 6))
    convolved = nn.Conv2D(
        2, (3, 3), padding="same", use_bias=False, trainable=trainable, name="kernels"
    )(pixels)
    pooled = nn.MaxPool2D((2, 2))(nn.Activation("relu")(convolved))
    outputs = nn.Dense(2, activation="softmax", name="softmax")(nn.Flatten()(pooled))
    model = nn.Model(pixels, outputs, seed=seed)
    if kernels:
        given = np.stack([images.KERNELS[name] for name in kernels])
        model.set_weights({"kernels": [given[:, None]]})
    options = {
        "loss": "categorical_crossentropy",
        "method": nesterov(step_size=0.01, momentum=0.9),
        "batch_size": 32,
    }
    return Fit(model, slashes[:, None], nn.one_hot(kinds, 2), options)
