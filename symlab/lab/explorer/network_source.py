"""What a page is told of a network: its layers, its weights, and SymPy's activations and loss."""

from collections.abc import Mapping

import numpy as np
from sympy import Expr, Symbol

from symlab.algebra.alphabet import x
from symlab.engine.streams import BATCH_STREAM, WEIGHTS_STREAM
from symlab.lab.explorer.javascript import function_source, stable_source
from symlab.lab.explorer.methods import as_json, object_source
from symlab.nn import Model
from symlab.nn.activations import SCALAR
from symlab.nn.exact.backward import OF_OUTPUT, OF_SCORE, y
from symlab.nn.layers import Dense
from symlab.nn.losses import Loss
from symlab.nn.network import Network
from symlab.nn.tensor import Layer
from symlab.nn.training.description import FitDescription

MOST_UNITS = 8
"""Units in a layer at most: as many as can be told apart in the drawing."""

MOST_LAYERS = 6
"""Layers at most."""

MOST_CLASSES = 6
"""Outputs at most: as many as there are colours and markers."""

SOFTMAX = ("categorical_crossentropy", "softmax")
"""A loss and an activation that are computed together."""


def check_network(network: Network, loss: Loss) -> None:
    """Refuse a network that a page cannot draw or train.

    Raises
    ------
    ValueError
        Saying what a page takes.
    """
    if network.input_shape != (2,):
        raise ValueError(f"model: a page takes two inputs, got the shape {network.input_shape}.")
    strange = [layer for layer in network.layers if not isinstance(layer, Dense)]
    if strange or len(set(network.owners)) < len(network.layers):
        which = strange[0] if strange else "one layer that is used twice"
        raise ValueError(f"model: a page takes dense layers in a row, got {which}.")
    if not 1 <= len(network.layers) <= MOST_LAYERS:
        raise ValueError(
            f"model: a page takes 1 to {MOST_LAYERS} layers, got {len(network.layers)}."
        )
    widest = max(units for (units,) in network.shapes[1:])
    if widest > MOST_UNITS:
        raise ValueError(f"model: a page takes at most {MOST_UNITS} units a layer, got {widest}.")
    if not network.places(trainable=True):
        raise ValueError("model: no layer has trainable weights.")
    _check_output(network, loss)


def _check_output(network: Network, loss: Loss) -> None:
    last, (outputs,) = network.layers[-1].activation, network.shapes[-1]
    if any(layer.activation == "softmax" for layer in network.layers[:-1]):
        raise ValueError("model: a page takes a softmax in the last layer only.")
    pairs = {"binary_crossentropy": "sigmoid", SOFTMAX[0]: SOFTMAX[1]}
    if loss.clip is not None or pairs.get(loss.name, last) != last:
        wanted = pairs.get(loss.name, last)
        raise ValueError(
            f"loss: a page computes {loss.name} of a {wanted} that is not clipped, got {loss} of "
            f"{last}."
        )
    if last == "softmax" and loss.name != SOFTMAX[0]:
        raise ValueError(f"loss: a page computes {SOFTMAX[0]} of a softmax, got {loss.name}.")
    if outputs > 1 and (loss.threshold is not None and loss.labels != "numbers"):
        raise ValueError(f"model: with {loss.name} a page takes one output, got {outputs}.")
    if outputs > MOST_CLASSES:
        raise ValueError(f"model: a page takes at most {MOST_CLASSES} outputs, got {outputs}.")


def network_source(model: Model, fit: FitDescription, steps: int) -> str:
    """Return what a page is told of a network and its training, as statements of JavaScript.

    Parameters
    ----------
    model : Model
        One that `check_network` lets pass.
    fit : FitDescription
    steps : int
        Up to which step the page trains at first.
    """
    weights = model.get_weights()
    arrays = [array for name in model.names for array in weights[name]]
    kind = _kind_of_loss(fit)
    about = {
        "layers": [
            _layer(name, layer, weights[name])
            for name, layer in zip(model.names, model.network.layers, strict=True)
        ],
        "weights": np.concatenate([array.ravel() for array in arrays]).tolist(),
        "seed": _seed_of(model),
        "order": fit.seed,
        "batch": fit.batching.rows,
        "steps": steps,
        "loss": fit.loss.name,
        "lossKind": kind,
        "threshold": fit.loss.threshold,
    }  # fmt: skip
    used = {layer.activation for layer in model.network.layers} - {"softmax"}
    activations = {name: _pair("z", SCALAR[name], {x: "z"}, x) for name in sorted(used)}
    return (
        f"const STREAMS = {as_json({'weights': WEIGHTS_STREAM, 'batches': BATCH_STREAM})};\n"
        f"const NETWORK = {as_json(about)};\n"
        f"const ACTIVATIONS = {object_source(activations)};\n"
        f"const LOSS = {_loss_source(fit, kind)};\n"
    )


def _layer(name: str, layer: Layer, arrays: list[np.ndarray]) -> dict[str, object]:
    return {
        "name": name,
        "units": arrays[0].shape[1],
        "activation": layer.activation,
        "hasBias": len(arrays) > 1,
        "trainable": layer.trainable,
    }


def _seed_of(model: Model) -> int | None:
    """Return the seed that drew a model's weights; None if they were set or trained since."""
    drawn = Model(model.inputs, model.outputs, seed=model.seed).get_weights()
    same = all(
        np.array_equal(*pair)
        for name, arrays in model.get_weights().items()
        for pair in zip(arrays, drawn[name], strict=True)
    )
    return model.seed if same else None


def _kind_of_loss(fit: FitDescription) -> str:
    """Return what the loss is computed from: the scores, the outputs, or a softmax's scores."""
    pair = (fit.loss.name, fit.network.layers[-1].activation)
    if pair == SOFTMAX:
        return "softmax"
    return "score" if pair in OF_SCORE else "output"


def _loss_source(fit: FitDescription, kind: str) -> str:
    if kind == "softmax":
        return "null"
    pair = (fit.loss.name, fit.network.layers[-1].activation)
    expression = OF_SCORE[pair] if kind == "score" else OF_OUTPUT[fit.loss.name]
    return _pair("z, y", expression, {x: "z", y: "y"}, x)


def _pair(arguments: str, expression: Expr, places: Mapping[Symbol, str], by: Symbol) -> str:
    """Return the source of a function and of its derivative."""
    return object_source(
        {
            "value": stable_source(arguments, [expression], places, single=True),
            "slope": function_source(arguments, [expression.diff(by)], places, single=True),
        }
    )
