"""A network with weights: they have names, are drawn, read, set, saved, loaded and copied."""

import textwrap
from copy import deepcopy
from pathlib import Path
from typing import Any, Self

import numpy as np

from symlab.checks import shown
from symlab.engine.streams import WEIGHTS_STREAM, generator_of
from symlab.files import path_of, replace_file
from symlab.nn import storage
from symlab.nn.initializers import draw_weights
from symlab.nn.layer_names import name_layers
from symlab.nn.network import Arrays, Network, make_network
from symlab.nn.onnx_graph import onnx_bytes
from symlab.nn.summary import Row, Summary
from symlab.nn.tensor import Layer, Tensor, layers_between
from symlab.nn.weights import GivenWeights, check_weights

MOST_WEIGHTS = 10**9
"""Weights of a model at most, 8 GB."""


class WeightedNetwork:
    """The layers between two tensors, with names and weights; `Model` trains them.

    Parameters
    ----------
    inputs, outputs : Tensor
    seed : int
        The seed of the initial weights.

    Raises
    ------
    TypeError, ValueError
        As `Model` does.
    """

    def __init__(self, inputs: Tensor, outputs: Tensor, *, seed: int = 0) -> None:
        for name, tensor in (("inputs", inputs), ("outputs", outputs)):
            if not isinstance(tensor, Tensor):
                raise TypeError(f"Model: {name}: expected a tensor, got {shown(tensor)}.")
        self.inputs, self.outputs = inputs, outputs
        self.network = make_network(inputs.shape, layers_between(inputs, outputs))
        self.names = name_layers(self.network)
        _check_size(self.network)
        self._seed = seed
        self._generator = generator_of(seed, WEIGHTS_STREAM)
        self._arrays = self._draw(self.network)
        self._beside: list[tuple[Layer, list[np.ndarray]]] = []

    @property
    def seed(self) -> int:
        """The seed of the initial weights."""
        return self._seed

    def __repr__(self) -> str:
        layers = " -> ".join(map(str, self.network.layers)) or "nothing"
        return f"{type(self).__name__}({layers})"

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()

    def _draw(self, network: Network) -> Arrays:
        """Draw the weights of each layer."""
        return [draw_weights(shapes, self._generator) for shapes in network.weight_shapes]

    def summary(self) -> Summary:
        """Return a row for each layer and the numbers of parameters; printed, a table."""
        rows = (
            Row(name, type(layer).__name__, shape, sum(map(np.size, arrays)), layer.trainable)
            for name, layer, shape, arrays in zip(
                self.names,
                self.network.layers,
                self.network.shapes[1:],
                self._arrays,
                strict=True,
            )
        )
        return Summary(self.inputs.shape, tuple(rows))

    def get_weights(self) -> dict[str, list[np.ndarray]]:
        """Return copies of the weights by layer name: the kernel, and the bias if there is one."""
        named = zip(self.names, self._arrays, strict=True)
        return {name: [each.copy() for each in arrays] for name, arrays in named if arrays}

    def set_weights(self, weights: GivenWeights) -> None:
        """Set weights, of some layers by name, or of all of them in a row as Keras lists them.

        Parameters
        ----------
        weights : mapping of str to sequence of arrays, or sequence of arrays
            Kernel and bias of each layer named; or every kernel and bias from the input on.

        Raises
        ------
        TypeError, ValueError
            If a layer is unknown, a number is not finite, or there are too few arrays, too many, or
            one of another shape. Then no weight was changed.

        Examples
        --------
        >>> from symlab import nn
        >>> inputs = nn.Input(2)
        >>> model = nn.Model(inputs, nn.Dense(1)(inputs))
        >>> model.set_weights({"dense": [[[1.0], [2.0]], [3.0]]})
        >>> model.predict([[10.0, 100.0]])
        array([[213.]])
        """
        for i, arrays in check_weights(weights, self.names, self._arrays).items():
            self._arrays[i] = arrays

    def save(self, file: str | Path) -> Path:
        """Write layers and weights to a NumPy archive (.npz); return its path.

        The file is written whole or not at all; until then an old file stays as it was.

        Raises
        ------
        OSError
            If the file cannot be written; the error names it.
        TypeError, ValueError
            If `file` is no path.
        """
        description = storage.describe(self.network, self.names)
        return storage.write(file, description, self.names, self._arrays)

    def to_onnx(self, file: str | Path) -> Path:
        """Write layers and weights as an .onnx file, which many programs can run; return its path.

        Its input is called `input`, its output `output`, both float64 and of any number of
        samples; operations and weights are named after the layers: `dense/kernel`. The optimiser's
        state is not in it, and no program of ours reads it back: `save` is for that.

        Parameters
        ----------
        file : path
            Which is written whole or not at all.

        Raises
        ------
        ImportError
            If the package onnx is not installed; `pip install 'symlab[onnx]'` brings it.
        OSError
            If the file cannot be written; the error names it.
        TypeError, ValueError
            If `file` is no path.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> import onnxruntime
        >>> from symlab import nn
        >>> inputs = nn.Input(2)
        >>> model = nn.Model(inputs, nn.Dense(1, activation="sigmoid")(inputs))
        >>> with TemporaryDirectory() as folder:
        ...     session = onnxruntime.InferenceSession(model.to_onnx(Path(folder) / "model.onnx"))
        >>> session.run(["output"], {"input": np.zeros((1, 2))})
        [array([[0.5]])]
        """
        path = path_of(file, "file")
        replace_file(path, onnx_bytes(self.network, self.names, self._arrays))
        return path

    def load(self, file: str | Path) -> None:
        """Set the weights to those in a file that a model with the same layers has saved.

        Raises
        ------
        OSError
            If the file cannot be read.
        TypeError, ValueError
            If `file` is no path, or the file was not saved by symlab, is damaged, or was saved by a
            model with other layers. Then no weight was changed.
        """
        saved = storage.read(file)
        if saved.network != self.network:
            layers = " -> ".join(map(str, saved.network.layers))
            raise ValueError(
                f"{shown(str(file))}: saved by a model with other layers: input shape "
                f"{saved.network.input_shape}, {textwrap.shorten(layers, 80)}."
            )
        self._arrays = saved.arrays

    def __copy__(self) -> Self:
        """Return an independent model: the same layers, and copies of the weights."""
        other = object.__new__(type(self))
        other.__dict__ = {
            **self.__dict__,
            "_generator": deepcopy(self._generator),
            "_arrays": deepcopy(self._arrays),
            "_beside": [(layer, deepcopy(arrays)) for layer, arrays in self._beside],
        }
        return other

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        """Return the same as `copy.copy`: tensors and layers never change, so they are shared."""
        return self.__copy__()

    def _draw_beside(self, network: Network) -> None:
        """Draw and keep weights for layers that do not belong to the model, the first time."""
        known = [*self.network.layers, *(layer for layer, _ in self._beside)]
        for layer, shapes in zip(network.layers, network.weight_shapes, strict=True):
            if not any(layer is each for each in known):
                self._beside.append((layer, draw_weights(shapes, self._generator)))

    def _weights_of(self, layer: Layer) -> list[np.ndarray]:
        inside = zip(self.network.layers, self._arrays, strict=True)
        return next(arrays for each, arrays in (*inside, *self._beside) if each is layer)


def _check_size(network: Network) -> None:
    total = network.size(trainable=True) + network.size(trainable=False)
    if total > MOST_WEIGHTS:
        raise ValueError(
            f"Model: its layers have {total:.1e} weights, more than {MOST_WEIGHTS:.0e}."
        )
