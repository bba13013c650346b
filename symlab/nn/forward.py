"""A network's output, loss and gradient on any number of samples, without training."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import grad

from symlab.engine.cache import explain_errors
from symlab.engine.compiled.function import compile_graph, once
from symlab.nn.losses import Loss
from symlab.nn.network import Arrays, Network, rows_input
from symlab.nn.training.samples import Samples


@dataclass(frozen=True)
class Weights:
    """The weights of a network as two vectors.

    Parameters
    ----------
    trainable : array, shape (trainable weights,)
    frozen : array, shape (other weights,)
    """

    trainable: np.ndarray
    frozen: np.ndarray


def ravel_weights(network: Network, arrays: Arrays) -> Weights:
    """Return a network's kernels and biases as vectors."""
    return Weights(network.ravel(arrays, trainable=True), network.ravel(arrays, trainable=False))


VALUES, SCORES, GRADIENT = "values", "scores", "gradient"
"""What is compiled: the outputs, loss and accuracy, or the gradient of the loss."""


@dataclass(frozen=True, eq=False)
class Pass:
    """A forward pass as a graph.

    Parameters
    ----------
    inputs : list of PyTensor variables
        The samples as rows, the trainable weights and the others.
    output : Output
        What the last layer makes of them.
    pieces : dict
        The trainable weights by layer, as the graph has them.
    """

    inputs: list[Any]
    output: Any
    pieces: dict[int, list[Any]]


def forward_pass(network: Network) -> Pass:
    """Return the graph of a network's output on any number of samples."""
    rows = rows_input("inputs", network.input_shape)
    trainable = pt.vector("trainable", shape=(network.size(trainable=True),))
    frozen = pt.vector("frozen", shape=(network.size(trainable=False),))
    pieces = network.unravel(trainable, trainable=True)
    output = network.output(network.images(rows), pieces | network.unravel(frozen, trainable=False))
    return Pass([rows, trainable, frozen], output, pieces)


@once(256)
def _compile(network: Network, loss: Loss | None, wanted: str, backend: str) -> Any:
    made = forward_pass(network)
    output, targets = made.output, rows_input("targets", network.shapes[-1])
    inputs = [*made.inputs, *([] if loss is None else [targets])]
    outputs = [output.values]
    if loss is not None:
        mean = loss.per_sample(output, targets).mean()
        outputs = [mean, loss.accuracy(output, targets).mean()]
        if wanted == GRADIENT:
            arrays = [piece for each in made.pieces.values() for piece in each]
            outputs = grad(mean, arrays, disconnected_inputs="ignore")
    return compile_graph(inputs, outputs, backend).call


def _call(function: Any, *given: np.ndarray) -> Any:
    with explain_errors():  # because Numba compiles, and reads its cache, in the first call
        return function(*given)


def predict(
    network: Network, weights: Weights, rows: np.ndarray, backend: str = "interpreted"
) -> np.ndarray:
    """Return a network's outputs, shape (n, *output shape), for samples given as rows."""
    if not network.layers:
        return rows.reshape(len(rows), *network.input_shape)
    function = _compile(network, None, VALUES, backend)
    (values,) = _call(function, rows, weights.trainable, weights.frozen)
    return np.asarray(values)


def evaluate(
    network: Network, weights: Weights, samples: Samples, loss: Loss, backend: str = "interpreted"
) -> dict[str, float]:
    """Return the mean loss and the accuracy on samples."""
    function = _compile(network, loss, SCORES, backend)
    mean, share = _call(
        function, samples.inputs, weights.trainable, weights.frozen, samples.targets
    )
    return {"loss": float(mean), "accuracy": float(share)}


def gradient(
    network: Network, weights: Weights, samples: Samples, loss: Loss, backend: str = "interpreted"
) -> np.ndarray:
    """Return the gradient of the mean loss with respect to the trainable weights, as one vector."""
    function = _compile(network, loss, GRADIENT, backend)
    arrays = _call(function, samples.inputs, weights.trainable, weights.frozen, samples.targets)
    return np.concatenate([np.ravel(each) for each in arrays])
