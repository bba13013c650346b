"""The activations: functions of a layer's scores, written in SymPy where they are scalar.

The scalar ones are the expressions of `symlab.algebra.functions`, lowered to tensors; the softmax
is a function of all scores of a sample.
"""

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import disconnected_grad
from sympy import tanh

from symlab.algebra import functions
from symlab.algebra.alphabet import x
from symlab.checks import nearest, shown
from symlab.engine.lowering.lower import lower_elementwise

SCALAR = {
    "linear": x,
    "sigmoid": functions.sigmoid(x),
    "softsign": functions.softsign(x),
    "tanh": tanh(x),
    "relu": functions.relu(x),
}
"""The scalar activations, as expressions in x."""

ACTIVATIONS = (*SCALAR, "softmax")
"""The names of all activations."""


def activate(name: str, scores: Any) -> Any:
    """Return the activation of a tensor of scores, its first axis being the samples.

    Examples
    --------
    >>> activate("softmax", pt.constant([[1000.0, 1000.0]])).eval()
    array([[0.5, 0.5]])
    """
    if name == "linear":
        return scores
    if name == "softmax":
        return softmax(scores)
    return lower_elementwise([SCALAR[name]], {x: scores}, differentiable=True)[0]


def softmax(scores: Any) -> Any:
    """Return exp of the scores over its sum along the last axis, without overflow."""
    exponentials = pt.exp(_shift(scores))
    return exponentials / _sum(exponentials)


def log_softmax(scores: Any) -> Any:
    """Return the logarithm of the softmax, finite wherever the scores are."""
    shifted = _shift(scores)
    return shifted - pt.log(_sum(pt.exp(shifted)))


def _shift(scores: Any) -> Any:
    # What is subtracted from every score cancels in a softmax, and so does its derivative.
    return scores - disconnected_grad(scores.max(axis=-1, keepdims=True))


def _sum(values: Any) -> Any:
    # A product with ones, because PyTensor turns a sum of exponentials into an operation of its
    # own, which is compiled by g++ even where the backend is interpreted.
    return pt.dot(values, np.ones((values.type.shape[-1], 1)))


def check_activation(name: object, layer: str) -> str:
    """Return the name of an activation, or raise an error that lists them."""
    if not isinstance(name, str):
        raise TypeError(f"{layer}: activation: expected a name, got {shown(name)}.")
    if name not in ACTIVATIONS:
        raise ValueError(
            f"{layer}: unknown activation {shown(name)}{nearest(name, ACTIVATIONS)} "
            f"Known: {', '.join(ACTIVATIONS)}."
        )
    return name
