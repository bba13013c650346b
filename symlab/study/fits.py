"""The chapter's networks with their data, ready to be fitted or compared.

Each function returns the model, its inputs and targets, and how the chapter trains it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from symlab import nn
from symlab.algebra.rules import adam, gradient_descent, nesterov
from symlab.nn import images
from symlab.study import data


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
    inputs = nn.Input(2)
    hidden = nn.Dense(2, "sigmoid")(nn.Dense(4, "sigmoid")(inputs))
    model = nn.Model(inputs, nn.Dense(1, "sigmoid")(hidden), seed=seed)
    method = adam(step_size=0.05)
    return Fit(model, x, y, {"loss": "binary_crossentropy", "method": method, "batch_size": 32})


def convolutional(seed: int = 0, *, trainable: bool) -> Fit:
    """Return the network of sections 22 and 23 on the chapter's twenty images.

    Parameters
    ----------
    seed : int
    trainable : bool
        Whether the kernels learn from random ones, or are the two given ones, held.
    """
    slashes, kinds = images.fixture()
    pixels = nn.Input((1, 6, 6))
    kernels = nn.Conv2D(
        2, (3, 3), padding="same", use_bias=False, trainable=trainable, name="kernels"
    )
    pooled = nn.MaxPool2D((2, 2))(nn.Activation("relu")(kernels(pixels)))
    outputs = nn.Dense(2, activation="softmax", name="softmax")(nn.Flatten()(pooled))
    model = nn.Model(pixels, outputs, seed=seed)
    if not trainable:
        given = (images.KERNELS["scaled diagonal"], images.KERNELS["scaled antidiagonal"])
        model.set_weights({"kernels": [np.stack(given)[:, None]]})
    options = {
        "loss": "categorical_crossentropy",
        "method": nesterov(step_size=0.01, momentum=0.9),
        "batch_size": 32,
    }
    return Fit(model, slashes[:, None], nn.one_hot(kinds, 2), options)
