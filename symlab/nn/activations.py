"""The activations: what a layer does to each of its numbers, as functions of SymPy where possible.

The scalar ones are the expressions of `symlab.algebra.functions`, lowered to tensors; softmax sees
all numbers of a sample at once.
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
"""Activations of one number, as expressions in x."""

ACTIVATIONS = (*SCALAR, "softmax")


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
    exponentials = pt.exp(_shifted(scores))
    return exponentials / _total(exponentials)


def log_softmax(scores: Any) -> Any:
    """Return the logarithm of the softmax, finite wherever the scores are."""
    shifted = _shifted(scores)
    return shifted - pt.log(_total(pt.exp(shifted)))


def _shifted(scores: Any) -> Any:
    # What is subtracted from every score cancels in a softmax, and so does its slope.
    return scores - disconnected_grad(scores.max(axis=-1, keepdims=True))


def _total(values: Any) -> Any:
    # A product with ones, because PyTensor turns a sum of exponentials into an operation of its
    # own, which is compiled by g++ even where the backend is interpreted.
    return pt.dot(values, np.ones((values.type.shape[-1], 1)))


def checked_activation(name: object, layer: str) -> str:
    """Return the name of an activation, or say which ones there are."""
    if not isinstance(name, str):
        raise TypeError(f"{layer}: activation: expected a name, got {shown(name)}.")
    if name not in ACTIVATIONS:
        raise ValueError(
            f"{layer}: unknown activation {shown(name)}{nearest(name, ACTIVATIONS)} "
            f"Known: {', '.join(ACTIVATIONS)}."
        )
    return name
