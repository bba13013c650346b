"""A network's outputs, loss and gradient on data, without training: any number of samples."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import grad

from symlab.engine.cache import explained
from symlab.engine.compiled.function import compile_graph, once
from symlab.nn.losses import Loss
from symlab.nn.network import Arrays, Network, rows_input


@dataclass(frozen=True)
class Weights:
    """The weights of a network as two vectors: those that move, and those that do not."""

    moving: np.ndarray
    frozen: np.ndarray


def weights_of(network: Network, arrays: Arrays) -> Weights:
    """Return a network's arrays as vectors."""
    return Weights(network.ravel(arrays, trainable=True), network.ravel(arrays, trainable=False))


VALUES, SCORES, SLOPES = "values", "scores", "slopes"
"""What may be asked of a network: its outputs, its loss and accuracy, or the loss's gradient."""


@once(256)
def _compiled(network: Network, loss: Loss | None, wanted: str, backend: str) -> Any:
    rows = rows_input("inputs", network.input_shape)
    targets = rows_input("targets", network.shapes[-1])
    moving = pt.vector("moving", shape=(network.size(trainable=True),))
    frozen = pt.vector("frozen", shape=(network.size(trainable=False),))
    pieces = network.unravel(moving, trainable=True)
    output = network.output(network.images(rows), pieces | network.unravel(frozen, trainable=False))
    inputs = [rows, moving, frozen, *([] if loss is None else [targets])]
    outputs = [output.values]
    if loss is not None:
        mean = loss.per_sample(output, targets).mean()
        outputs = [mean, loss.is_right(output, targets).mean()]
        if wanted == SLOPES:
            flat = [piece for each in pieces.values() for piece in each]
            outputs = grad(mean, flat, disconnected_inputs="ignore")
    return compile_graph(inputs, outputs, backend).call


def _called(function: Any, *given: np.ndarray) -> Any:
    with explained():  # because Numba compiles, and reads its cache, in the first call
        return function(*given)


def outputs(
    network: Network, weights: Weights, rows: np.ndarray, backend: str = "interpreted"
) -> np.ndarray:
    """Return what a network makes of samples given as rows, shape (n, *output shape)."""
    if not network.layers:
        return rows.reshape(len(rows), *network.input_shape)
    call = _compiled(network, None, VALUES, backend)
    (values,) = _called(call, rows, weights.moving, weights.frozen)
    return np.asarray(values)


def scores(
    network: Network,
    weights: Weights,
    data: tuple[np.ndarray, np.ndarray],
    loss: Loss,
    backend: str = "interpreted",
) -> dict[str, float]:
    """Return the mean loss and the accuracy on samples and targets given as rows."""
    rows, targets = data
    call = _compiled(network, loss, SCORES, backend)
    mean, right = _called(call, rows, weights.moving, weights.frozen, targets)
    return {"loss": float(mean), "accuracy": float(right)}


def slopes(
    network: Network,
    weights: Weights,
    data: tuple[np.ndarray, np.ndarray],
    loss: Loss,
    backend: str = "interpreted",
) -> dict[int, list[np.ndarray]]:
    """Return the gradient of the mean loss by layer, for the weights that move."""
    rows, targets = data
    call = _compiled(network, loss, SLOPES, backend)
    found = _called(call, rows, weights.moving, weights.frozen, targets)
    vector = np.concatenate([np.ravel(each) for each in found])
    return network.unravel(vector, trainable=True)
