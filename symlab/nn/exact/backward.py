"""A network in many digits: its loss and its gradient by the chain rule, layer by layer.

Nothing of the compiled network is used: PyTensor differentiates a graph, and here the chain rule is
written out, a function for each kind of layer. SymPy derives the derivatives of scalar functions.
So where the two agree, an error would have to be in both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from sympy import Expr, exp, log, symbols

from symlab.algebra import functions
from symlab.algebra.alphabet import x
from symlab.nn.exact.bounded import (
    Numbers,
    apply,
    divide,
    join,
    numbers,
    plus,
    repeat_columns,
    scale,
    subtract_largest,
    times,
    total,
)
from symlab.nn.exact.layers import FORWARD, Forward, activate
from symlab.nn.losses import Loss
from symlab.nn.network import Network
from symlab.nn.training.samples import Samples

y = symbols("y", real=True)

OF_OUTPUT: Mapping[str, Expr] = {
    "hinge": functions.hinge(x * y),
    "squared_error": (x - y) ** 2,
    "binary_crossentropy": -y * log(x) - (1 - y) * log(1 - x),
    "categorical_crossentropy": -y * log(x),
}
"""The losses as functions of an output x and its target y."""

OF_SCORE: Mapping[tuple[str, str], Expr] = {
    ("binary_crossentropy", "sigmoid"): functions.softplus(x) - y * x,
}
"""The same as functions of the score x, before the activation that belongs to the loss."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A network's mean loss on some samples, and its gradient.

    Parameters
    ----------
    loss : Numbers, shape ()
    gradient : Numbers, shape (weights,)
        With respect to the trainable weights, in the order of `Network.ravel`.
    """

    loss: Numbers
    gradient: Numbers


def evaluate(
    network: Network, trainable: Any, frozen: Any, samples: Samples, loss: Loss
) -> Evaluation:
    """Return the mean loss and its gradient to the precision that mpmath works with.

    Parameters
    ----------
    network : Network
    trainable, frozen : array
        The weights that a fit changes and the others, floats or mpmath numbers.
    samples : Samples
    loss : Loss

    Raises
    ------
    ValueError
        If the loss clips probabilities, because then its derivative is not that of a formula.

    Source: chapter, section 4; the running error bound, Higham 2002, section 3.3.
    """
    if loss.clip is not None:
        raise ValueError(f"loss: exact slopes need probabilities that are not clipped, got {loss}.")
    weights = _unravel(network, trainable, frozen)
    given, targets = _images(network, samples.inputs), numbers(samples.targets)
    # For huge weights the bounds, which are floats, overflow; the numbers themselves do not.
    with np.errstate(all="ignore"):
        layers, score, activation = _through_layers(network, given, weights)
        value, gradient = _loss(loss, score, activation, targets)
        return Evaluation(value, _gradient(network, layers, gradient))


def outputs(network: Network, trainable: Any, frozen: Any, inputs: np.ndarray) -> Numbers:
    """Return a network's outputs on samples given as rows, to the precision of mpmath.

    Parameters
    ----------
    network : Network
    trainable, frozen : array
        As for `evaluate`.
    inputs : array, shape (n, input numbers)
    """
    given, weights = _images(network, inputs), _unravel(network, trainable, frozen)
    with np.errstate(all="ignore"):
        _, score, activation = _through_layers(network, given, weights)
        return activate(activation, score).value


def _unravel(network: Network, trainable: Any, frozen: Any) -> dict[int, list[Numbers]]:
    """Return all weights by layer."""
    weights = network.unravel(_as_numbers(trainable), trainable=True)
    return weights | network.unravel(_as_numbers(frozen), trainable=False)


def _images(network: Network, rows: np.ndarray) -> Numbers:
    """Return samples given as rows in the shape of the network's input."""
    return numbers(rows).reshape(len(rows), *network.input_shape)


def _as_numbers(vector: Any) -> Numbers:
    array = np.asarray(vector)
    if array.dtype == object:
        return Numbers(array, np.zeros(array.shape))
    return numbers(array)


def _through_layers(
    network: Network, given: Numbers, weights: Mapping[int, list[Numbers]]
) -> tuple[list[tuple[int, Forward]], Numbers, str]:
    """Return each layer's forward pass with its owner, the last scores, and their activation."""
    passes: list[tuple[int, Forward]] = []
    value, activation = given, "linear"
    for layer, owner in zip(network.layers, network.owners, strict=True):
        if activation != "linear":
            passes.append((owner, activate(activation, value)))
            value = passes[-1][1].value
        passes.append((owner, FORWARD[type(layer)](layer, value, weights.get(owner, []))))
        value, activation = passes[-1][1].value, layer.activation
    return passes, value, activation


def _loss(loss: Loss, score: Numbers, activation: str, targets: Numbers) -> tuple[Numbers, Numbers]:
    """Return the mean loss, and its gradient with respect to the last scores."""
    samples, outputs = targets.shape
    if (loss.name, activation) == ("categorical_crossentropy", "softmax"):
        return _cross_entropy(score, targets)
    terms = 1 if loss.labels == "shares" else outputs
    expression = OF_SCORE.get((loss.name, activation))
    passed = activate(activation if expression is None else "linear", score)
    at = {x: passed.value.reshape(samples, outputs), y: targets}
    formula = OF_OUTPUT[loss.name] if expression is None else expression
    share = 1 / mpmath.mpf(samples * terms)
    gradient = scale(apply(formula.diff(x), at), share)
    mean = scale(total(apply(formula, at).reshape(-1), 0), share)
    return mean, passed.back(gradient.reshape(*score.shape))[1]


def _cross_entropy(score: Numbers, targets: Numbers) -> tuple[Numbers, Numbers]:
    """The softmax and the logarithm of its loss undo each other: the derivative is p - y."""
    share = 1 / mpmath.mpf(len(targets.value))
    shifted = subtract_largest(score)
    powers = apply(exp(x), {x: shifted})
    logarithm = repeat_columns(apply(log(x), {x: total(powers, -1)}), targets.shape[-1])
    missing = plus(logarithm, apply(-x, {x: shifted}))
    mean = scale(total(times(targets, missing).reshape(-1), 0), share)
    gradient = plus(divide(powers, total(powers, -1)), apply(-x, {x: targets}))
    return mean, scale(gradient, share)


def _gradient(network: Network, passes: list[tuple[int, Forward]], gradient: Numbers) -> Numbers:
    """Return the gradient with respect to the trainable weights, from that of the last scores.

    It goes back to the first trainable layer and no further.
    """
    trainable = network.places(trainable=True)
    found: dict[int, list[Numbers]] = {}
    for owner, each in reversed(passes):
        if owner < trainable[0]:
            break
        of_weights, gradient = each.back(gradient)
        if of_weights and owner in trainable:
            before = found.get(owner)
            found[owner] = (
                of_weights
                if before is None
                else [plus(a, b) for a, b in zip(before, of_weights, strict=True)]
            )
    return join([array for place in trainable for array in found[place]])
