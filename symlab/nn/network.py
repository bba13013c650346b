"""A network: layers in a row, as a value, and the PyTensor graphs made from it.

Two networks with the same layers are equal, whatever the layers are called and whatever weights
they have, so what was compiled for one serves the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Variable

from symlab.nn.activations import activate
from symlab.nn.losses import Output
from symlab.nn.tensor import Layer, Shape

Arrays = list[list[np.ndarray]]
"""For each layer its kernel and bias, as far as it has them."""


@dataclass(frozen=True)
class Network:
    """Layers in a row.

    Parameters
    ----------
    input_shape : tuple of int
        Of one sample.
    layers : tuple of Layer
    owners : tuple of int
        Whose weights each layer has: its own place, or that of an earlier one which is the same.
    """

    input_shape: Shape
    layers: tuple[Layer, ...]
    owners: tuple[int, ...]

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """The shape of a sample before each layer, and behind the last."""
        shapes = [self.input_shape]
        for layer in self.layers:
            shapes.append(layer.output_shape(shapes[-1]))
        return tuple(shapes)

    @cached_property
    def weight_shapes(self) -> tuple[tuple[Shape, ...], ...]:
        """The shapes of the weights that each layer owns."""
        return tuple(
            layer.weight_shapes(self.shapes[i]) if self.owners[i] == i else ()
            for i, layer in enumerate(self.layers)
        )

    def places(self, *, trainable: bool) -> tuple[int, ...]:
        """Return the layers whose own weights move, or those whose weights do not."""
        return tuple(
            i
            for i, layer in enumerate(self.layers)
            if self.weight_shapes[i] and layer.trainable == trainable
        )

    def size(self, *, trainable: bool) -> int:
        """Return how many weights move, or how many do not."""
        return sum(
            int(np.prod(shape))
            for i in self.places(trainable=trainable)
            for shape in self.weight_shapes[i]
        )

    def ravel(self, arrays: Arrays, *, trainable: bool) -> np.ndarray:
        """Return the weights that move, or the others, as one vector."""
        chosen = [arrays[i] for i in self.places(trainable=trainable)]
        return np.concatenate([np.empty(0), *(each.ravel() for pair in chosen for each in pair)])

    def unravel(self, vector: Any, *, trainable: bool) -> dict[int, list[Any]]:
        """Return a vector's pieces by layer, of NumPy or of PyTensor."""
        pieces: dict[int, list[Any]] = {}
        first = 0
        for i in self.places(trainable=trainable):
            pieces[i] = []
            for shape in self.weight_shapes[i]:
                last = first + int(np.prod(shape))
                pieces[i].append(vector[first:last].reshape(shape))
                first = last
        return pieces

    def output(self, x: Variable, weights: dict[int, list[Any]]) -> Output:
        """Return the graph of the last layer's output.

        Parameters
        ----------
        x : tensor, shape (samples, *input_shape)
        weights : dict of list of tensors
            Kernel and bias of each layer that owns any.
        """
        scores, activation = x, "linear"
        for layer, owner in zip(self.layers, self.owners, strict=True):
            values = activate(activation, scores)
            scores, activation = layer.scores(values, weights.get(owner, [])), layer.activation
        return Output(scores, activation, activate(activation, scores))

    def images(self, rows: Variable) -> Variable:
        """Return rows of numbers as samples of the input shape."""
        return rows.reshape((rows.type.shape[0] or -1, *self.input_shape))

    def parted(self) -> tuple["Network", "Network"]:
        """Return the layers before the first weight that moves, and the rest.

        What comes before never changes while the rest is trained, so it need be done only once.
        """
        moving = self.places(trainable=True)
        is_shared = any(owner != i for i, owner in enumerate(self.owners))
        first = 0 if is_shared or not moving else moving[0]
        last = len(self.layers) - first
        return (
            Network(self.input_shape, self.layers[:first], tuple(range(first))),
            Network(
                self.shapes[first],
                self.layers[first:],
                self.owners if not first else tuple(range(last)),
            ),
        )


def network_of(input_shape: Shape, layers: Sequence[Layer]) -> Network:
    """Return the network of layers in a row; the same layer twice has the same weights.

    Raises
    ------
    ValueError
        If the same layer is used twice on inputs that need different weights.
    """
    first: dict[int, int] = {}
    owners = tuple(first.setdefault(id(layer), i) for i, layer in enumerate(layers))
    network = Network(input_shape, tuple(layers), owners)
    for i, owner in enumerate(owners):
        needed = layers[i].weight_shapes(network.shapes[i])
        if owner != i and needed != network.weight_shapes[owner]:
            raise ValueError(
                f"{layers[i].name or layers[i]}: used twice, on the shapes "
                f"{network.shapes[owner]} and {network.shapes[i]}, which need different weights."
            )
    return network


def flat(shape: Shape) -> int:
    """Return how many numbers a sample has."""
    return int(np.prod(shape))


def rows_input(name: str, shape: Shape, rows: int | None = None) -> Variable:
    """Return an input of samples, each flattened to one row."""
    return pt.matrix(name, shape=(rows, flat(shape)))
