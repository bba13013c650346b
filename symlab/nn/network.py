"""A network: layers in a row, as a value, and the PyTensor graph of its output.

Networks with the same layers are equal, whatever the names of the layers and the weights, so what
is compiled for one serves the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
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
        The shape of one sample.
    layers : tuple of Layer
    owners : tuple of int
        For each layer the place of the layer whose weights it uses: its own, or that of its first
        use where the same layer is used again.
    """

    input_shape: Shape
    layers: tuple[Layer, ...]
    owners: tuple[int, ...]

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """The shape of a sample before each layer, and after the last."""
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
        """Return the places of the layers that own trainable weights, or frozen ones."""
        return tuple(
            i
            for i, layer in enumerate(self.layers)
            if self.weight_shapes[i] and layer.trainable == trainable
        )

    def size(self, *, trainable: bool) -> int:
        """Return the number of trainable weights, or of frozen ones."""
        return sum(
            prod(shape) for i in self.places(trainable=trainable) for shape in self.weight_shapes[i]
        )

    def ravel(self, arrays: Arrays, *, trainable: bool) -> np.ndarray:
        """Return the trainable weights, or the frozen ones, as one vector."""
        chosen = [arrays[i] for i in self.places(trainable=trainable)]
        return np.concatenate([np.empty(0), *(each.ravel() for pair in chosen for each in pair)])

    def unravel(self, vector: Any, *, trainable: bool) -> dict[int, list[Any]]:
        """Return kernels and biases by the place of their layer, from a vector of all of them."""
        pieces: dict[int, list[Any]] = {}
        first = 0
        for i in self.places(trainable=trainable):
            pieces[i] = []
            for shape in self.weight_shapes[i]:
                last = first + prod(shape)
                pieces[i].append(vector[first:last].reshape(shape))
                first = last
        return pieces

    def output(self, x: Variable, weights: dict[int, list[Any]]) -> Output:
        """Return the graph of the last layer's output.

        Parameters
        ----------
        x : tensor, shape (samples, *input_shape)
            The samples.
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

    def split_frozen(self) -> tuple["Network", "Network"]:
        """Return the layers before the first trainable one, and the rest.

        The output of the first part never changes during a fit, so it is computed only once.
        """
        trainable = self.places(trainable=True)
        is_shared = any(owner != i for i, owner in enumerate(self.owners))
        first = 0 if is_shared or not trainable else trainable[0]
        last = len(self.layers) - first
        return (
            Network(self.input_shape, self.layers[:first], tuple(range(first))),
            Network(
                self.shapes[first],
                self.layers[first:],
                self.owners if not first else tuple(range(last)),
            ),
        )


def make_network(input_shape: Shape, layers: Sequence[Layer]) -> Network:
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


def rows_input(name: str, shape: Shape, rows: int | None = None) -> Variable:
    """Return an input of samples, each flattened to one row."""
    return pt.matrix(name, shape=(rows, prod(shape)))
