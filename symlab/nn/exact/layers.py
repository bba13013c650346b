"""The forward and the backward pass of each kind of layer and activation, in many digits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from sympy import exp

from symlab.algebra.alphabet import x
from symlab.nn.activations import SCALAR
from symlab.nn.exact.bounded import (
    Numbers,
    absolute,
    apply,
    divide,
    gather,
    numbers,
    plus,
    product,
    repeat_columns,
    scatter,
    subtract_largest,
    times,
    total,
)
from symlab.nn.layers import Activation, AveragePool2D, Conv2D, Dense, Flatten, MaxPool2D
from symlab.nn.windows import Axis, Windows

SMALLEST = -mpmath.inf
"""The padding of maximum pooling, which no number is below."""


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
    """Each pixel that a window sees has the same share; padding has none."""
    patches = _Patches.of(layer.windows(given.shape[1:]), 0)
    cells = patches.gather(given)
    shares = numbers(np.broadcast_to(1.0, cells.shape[:-1]))
    counted = patches.gather(numbers(np.ones(given.shape))).value.sum(axis=-1)
    shares = Numbers(shares.value / counted, absolute(shares.value / counted))

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


def activate(name: str, scores: Numbers) -> Forward:
    """Return the passes of an activation."""
    if name == "softmax":
        return _softmax(scores)
    expression = SCALAR[name]

    def back(gradient: Numbers) -> tuple[list[Numbers], Numbers]:
        return [], times(gradient, apply(expression.diff(x), {x: scores}))

    return Forward(apply(expression, {x: scores}), back)


def _softmax(scores: Numbers) -> Forward:
    powers = apply(exp(x), {x: subtract_largest(scores)})
    shares = divide(powers, total(powers, -1))

    def back(gradient: Numbers) -> tuple[list[Numbers], Numbers]:
        weighted = times(gradient, shares)
        mean = total(weighted, -1)
        opposite = apply(-x, {x: times(shares, repeat_columns(mean, shares.shape[-1]))})
        return [], plus(weighted, opposite)

    return Forward(shares, back)
