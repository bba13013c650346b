"""A network in many digits: its loss and its gradient by the chain rule, layer by layer.

Nothing of the compiled network is used: PyTensor differentiates a graph, and here the chain rule is
written out, a function for each kind of layer. SymPy derives the derivatives of scalar functions.
So where the two agree, an error would have to be in both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from sympy import Expr, exp, log, symbols

from symlab.algebra import functions
from symlab.algebra.alphabet import x
from symlab.nn.activations import SCALAR
from symlab.nn.exact.bounded import (
    Numbers,
    apply,
    gather,
    join,
    numbers,
    plus,
    product,
    scatter,
    sizes_of,
    times,
    total,
)
from symlab.nn.layers import Activation, AveragePool2D, Conv2D, Dense, Flatten, MaxPool2D
from symlab.nn.losses import Loss
from symlab.nn.network import Network
from symlab.nn.training.samples import Samples
from symlab.nn.windows import Axis, Windows

y = symbols("y", real=True)

SMALLEST = -mpmath.inf


@dataclass(frozen=True)
class Forward:
    """The output of a layer, and the chain rule back through it.

    Parameters
    ----------
    value : Numbers
        The output.
    back : callable
        From the gradient of the loss with respect to the output to those with respect to the
        weights, a list, and with respect to the input.
    """

    value: Numbers
    back: Callable[[Numbers], tuple[list[Numbers], Numbers]]


def _dense(layer: Any, given: Numbers, weights: list[Numbers]) -> Forward:
    scores = product(given, weights[0])
    if layer.use_bias:
        scores = plus(scores, _rows(weights[1], len(given.value)))

    def back(gradient: Numbers) -> tuple[list[Numbers], Numbers]:
        of_weights = [product(given.T, gradient), total(gradient, 0)][: 1 + layer.use_bias]
        return of_weights, product(gradient, weights[0].T)

    return Forward(scores, back)


def _rows(row: Numbers, count: int) -> Numbers:
    return Numbers(
        np.broadcast_to(row.value, (count, *row.shape)),
        np.broadcast_to(row.error, (count, *row.shape)),
    )


def _conv(layer: Any, given: Numbers, weights: list[Numbers]) -> Forward:
    """A dense layer on every patch."""
    samples, channels = given.shape[:2]
    patches = _Patches.of(layer.windows(given.shape[1:]), 0)
    cells = patches.gather(given).transpose(0, 2, 1, 3)
    shape = cells.shape
    rows = cells.reshape(samples * shape[1], channels * shape[3])
    kernel = weights[0].reshape(layer.filters, -1).T
    on_patches = _dense(layer, rows, [kernel, *weights[1:]])
    places = on_patches.value.reshape(samples, shape[1], layer.filters)
    images = places.transpose(0, 2, 1).reshape(samples, layer.filters, *patches.windows.shape)

    def back(gradient: Numbers) -> tuple[list[Numbers], Numbers]:
        flat = gradient.reshape(samples, layer.filters, -1).transpose(0, 2, 1)
        of_weights, of_rows = on_patches.back(flat.reshape(-1, layer.filters))
        of_kernel = of_weights[0].T.reshape(*weights[0].shape)
        return [of_kernel, *of_weights[1:]], patches.scatter(
            of_rows.reshape(*shape).transpose(0, 2, 1, 3)
        )

    return Forward(images, back)


def _max_pool(layer: Any, given: Numbers, _weights: list[Numbers]) -> Forward:
    """The gradient goes to the first of the largest."""
    patches = _Patches.of(layer.windows(given.shape[1:]), SMALLEST)
    cells = patches.gather(given)
    largest = np.argmax(cells.value, axis=-1)[..., None]
    taken = Numbers(
        np.take_along_axis(cells.value, largest, -1)[..., 0],
        # Where rounding makes another cell the largest, its value is off by its own error at most.
        cells.error.max(axis=-1),
    )
    chosen = np.arange(cells.shape[-1]) == largest

    def back(gradient: Numbers) -> tuple[list[Numbers], Numbers]:
        flat = gradient.reshape(*taken.shape)
        value = np.where(chosen, flat.value[..., None], mpmath.mpf(0))
        return [], patches.scatter(Numbers(value, chosen * flat.error[..., None]))

    return Forward(taken.reshape(*given.shape[:2], *patches.windows.shape), back)


def _average_pool(layer: Any, given: Numbers, _weights: list[Numbers]) -> Forward:
    patches = _Patches.of(layer.windows(given.shape[1:]), 0)
    cells = patches.gather(given)
    shares = numbers(np.broadcast_to(1.0, cells.shape[:-1]))
    counted = patches.gather(numbers(np.ones(given.shape))).value.sum(axis=-1)
    shares = Numbers(shares.value / counted, sizes_of(shares.value / counted))

    def back(gradient: Numbers) -> tuple[list[Numbers], Numbers]:
        each = times(gradient.reshape(*shares.shape), shares)
        repeated = np.broadcast_to(each.value[..., None], cells.shape)
        return [], patches.scatter(
            Numbers(repeated, np.broadcast_to(each.error[..., None], cells.shape))
        )

    means = times(total(cells, -1), shares)
    return Forward(means.reshape(*given.shape[:2], *patches.windows.shape), back)


def _flatten(_layer: Any, given: Numbers, _weights: list[Numbers]) -> Forward:
    return Forward(
        given.reshape(len(given.value), -1), lambda gradient: ([], gradient.reshape(*given.shape))
    )


def _identity(_layer: Any, given: Numbers, _weights: list[Numbers]) -> Forward:
    return Forward(given, lambda gradient: ([], gradient))


FORWARD: Mapping[type, Callable[[Any, Numbers, list[Numbers]], Forward]] = {
    Dense: _dense,
    Conv2D: _conv,
    MaxPool2D: _max_pool,
    AveragePool2D: _average_pool,
    Flatten: _flatten,
    Activation: _identity,
}
"""The forward pass of each kind of layer, before its activation."""


@dataclass(frozen=True)
class _Patches:
    """The cells that windows see, as places in the padded image written as one row.

    Parameters
    ----------
    windows : Windows
    places : array of int, shape (places of the window, cells of the window)
    fill : number
        The value of the padding.
    """

    windows: Windows
    places: np.ndarray
    fill: Any

    @classmethod
    def of(cls, windows: Windows, fill: Any) -> "_Patches":
        """Return the patches of some windows."""
        down, across = (_cells_along(axis) for axis in (windows.rows, windows.columns))
        width = windows.columns.size + windows.columns.added
        cells = down[:, None, :, None] * width + across[None, :, None, :]
        count = windows.shape[0] * windows.shape[1]
        return cls(windows, cells.reshape(count, -1), fill)

    def gather(self, images: Numbers) -> Numbers:
        """Return the cells that each window sees, shape (samples, channels, places, cells)."""
        margins = [(0, 0), (0, 0), *map(_margins, (self.windows.rows, self.windows.columns))]
        padded = Numbers(
            np.pad(images.value, margins, constant_values=mpmath.mpf(self.fill)),
            np.pad(images.error, margins),
        )
        return gather(padded.reshape(*images.shape[:2], -1), self.places)

    def scatter(self, patches: Numbers) -> Numbers:
        """Return the gradient with respect to images, from that with respect to their patches."""
        rows, columns = self.windows.rows, self.windows.columns
        height, width = rows.size + rows.added, columns.size + columns.added
        flat = scatter(patches, self.places, height * width)
        return flat.reshape(*patches.shape[:2], height, width)[
            :,
            :,
            rows.before : rows.before + rows.size,
            columns.before : columns.before + columns.size,
        ]


def _cells_along(axis: Axis) -> np.ndarray:
    """Return the places in the padded image along an axis, shape (places, cells of the window)."""
    return np.arange(axis.count)[:, None] * axis.stride + np.arange(axis.window)


def _margins(axis: Axis) -> tuple[int, int]:
    return axis.before, axis.added - axis.before


def _activate(name: str, scores: Numbers) -> Forward:
    if name == "softmax":
        return _softmax(scores)
    expression = SCALAR[name]

    def back(gradient: Numbers) -> tuple[list[Numbers], Numbers]:
        return [], times(gradient, apply(expression.diff(x), {x: scores}))

    return Forward(apply(expression, {x: scores}), back)


def _softmax(scores: Numbers) -> Forward:
    powers = apply(exp(x), {x: _less_largest(scores)})
    shares = _divide(powers, total(powers, -1))

    def back(gradient: Numbers) -> tuple[list[Numbers], Numbers]:
        weighted = times(gradient, shares)
        mean = total(weighted, -1)
        opposite = apply(-x, {x: times(shares, _columns(mean, shares.shape[-1]))})
        return [], plus(weighted, opposite)

    return Forward(shares, back)


def _less_largest(scores: Numbers) -> Numbers:
    """Return scores less the largest of each row, which is taken as it is: it cancels later."""
    largest = scores.value.max(axis=-1, keepdims=True)
    value = scores.value - largest
    return Numbers(value, scores.error + sizes_of(value))


def _divide(a: Numbers, row: Numbers) -> Numbers:
    return times(a, apply(1 / x, {x: _columns(row, a.shape[-1])}))


def _columns(row: Numbers, count: int) -> Numbers:
    return Numbers(
        np.repeat(row.value[..., None], count, -1), np.repeat(row.error[..., None], count, -1)
    )


OF_OUTPUT: Mapping[str, Expr] = {
    "hinge": functions.hinge(x * y),
    "squared_error": (x - y) ** 2,
    "binary_crossentropy": -y * log(x) - (1 - y) * log(1 - x),
    "categorical_crossentropy": -y * log(x),
}
"""The losses of an output x and its target y."""

OF_SCORE: Mapping[tuple[str, str], Expr] = {
    ("binary_crossentropy", "sigmoid"): functions.softplus(x) - y * x,
}
"""The same of the score before an activation that belongs to the loss."""


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
    weights = network.unravel(_as_numbers(trainable), trainable=True)
    weights |= network.unravel(_as_numbers(frozen), trainable=False)
    inputs, targets = numbers(samples.inputs), numbers(samples.targets)
    given = inputs.reshape(len(inputs.value), *network.input_shape)
    # For huge weights the bounds, which are floats, overflow; the numbers themselves do not.
    with np.errstate(all="ignore"):
        layers, score, activation = _through_layers(network, given, weights)
        value, gradient = _loss(loss, score, activation, targets)
        return Evaluation(value, _gradient(network, layers, gradient))


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
            passes.append((owner, _activate(activation, value)))
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
    passed = _activate(activation if expression is None else "linear", score)
    at = {x: passed.value.reshape(samples, outputs), y: targets}
    formula = OF_OUTPUT[loss.name] if expression is None else expression
    share = 1 / mpmath.mpf(samples * terms)
    gradient = _scale(apply(formula.diff(x), at), share)
    mean = _scale(total(apply(formula, at).reshape(-1), 0), share)
    return mean, passed.back(gradient.reshape(*score.shape))[1]


def _cross_entropy(score: Numbers, targets: Numbers) -> tuple[Numbers, Numbers]:
    """The softmax and the logarithm of its loss undo each other: the derivative is p - y."""
    share = 1 / mpmath.mpf(len(targets.value))
    shifted = _less_largest(score)
    powers = apply(exp(x), {x: shifted})
    logarithm = _columns(apply(log(x), {x: total(powers, -1)}), targets.shape[-1])
    missing = plus(logarithm, apply(-x, {x: shifted}))
    mean = _scale(total(times(targets, missing).reshape(-1), 0), share)
    gradient = plus(_divide(powers, total(powers, -1)), apply(-x, {x: targets}))
    return mean, _scale(gradient, share)


def _scale(a: Numbers, share: mpmath.mpf) -> Numbers:
    value = np.asarray(a.value * share, dtype=object)
    return Numbers(value, float(share) * a.error + 2 * sizes_of(value))


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
