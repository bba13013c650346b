"""Pooling: each window of an image becomes one number, channel by channel."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytensor.tensor as pt

from symlab.nn.layers.checks import check_flags_and_name, check_images, set_options
from symlab.nn.layers.weightless import Weightless
from symlab.nn.tensor import Shape
from symlab.nn.windows import (
    Axis,
    Pair,
    Windows,
    as_pair,
    as_window,
    check_padding,
    fold,
    windows_on,
)


@dataclass(frozen=True)
class Pool(Weightless):
    """What the two kinds of pooling share; each says what it makes of a window."""

    pool_size: Pair = (2, 2)
    strides: Pair | None = field(default=None, kw_only=True)
    padding: str = field(default="valid", kw_only=True)
    name: str | None = field(default=None, compare=False, kw_only=True)

    def __post_init__(self) -> None:
        kind = type(self).__name__
        size = as_window(self.pool_size, f"{kind}: pool_size")
        strides = size if self.strides is None else as_pair(self.strides, f"{kind}: strides")
        set_options(self, pool_size=size, strides=strides)
        check_padding(self.padding, kind)
        check_flags_and_name(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(pool_size={self.pool_size})"

    def windows(self, shape: Shape) -> Windows:
        """Return the places of the window on images (channels, height, width)."""
        return windows_on(shape, self.pool_size, self.strides or self.pool_size, self.padding)

    def output_shape(self, shape: Shape) -> Shape:
        """Return (channels, rows, columns), of images (channels, height, width)."""
        check_images(self, shape, self.pool_size, self.padding)
        return (shape[0], *self.windows(shape).shape)


class MaxPool2D(Pool):
    """The largest number in each window, channel by channel.

    Where several are largest, the gradient goes to the first one, row by row, as in TensorFlow and
    PyTorch.

    Parameters
    ----------
    pool_size : int or pair of int
        Height and width of the window.
    strides : int or pair of int, optional
        How far the window moves, downwards and across; by its own size when left out.
    padding : str
        `"valid"`: rows and columns left over at the end are not seen; `"same"`: they make smaller
        windows.
    name : str, optional
        What the model calls it; otherwise max_pool2d, max_pool2d_1, ...

    Raises
    ------
    TypeError, ValueError
        Naming the option; called on a tensor, if its samples are no images or are too small.

    Examples
    --------
    >>> from symlab.nn import Input
    >>> MaxPool2D((2, 2))(Input((2, 5, 5))).shape
    (2, 2, 2)
    >>> MaxPool2D((2, 2), padding="same")(Input((2, 5, 5))).shape
    (2, 3, 3)
    """

    def transform(self, x: Any) -> Any:
        """Return the largest of the slices."""
        slices = self.windows(x.type.shape[1:]).slices(x, -np.inf)
        # PyTensor's own maximum would give the whole gradient to each of several largest.
        return fold(slices, lambda largest, each: pt.switch(pt.ge(largest, each), largest, each))


class AveragePool2D(Pool):
    """The mean of each window, channel by channel; padding is not counted.

    Parameters
    ----------
    pool_size, strides, padding, name
        As in `MaxPool2D`.

    Examples
    --------
    >>> from symlab.nn import Input
    >>> AveragePool2D(3, strides=1)(Input((2, 5, 5))).shape
    (2, 3, 3)
    """

    def transform(self, x: Any) -> Any:
        """Return the sum of the slices over the number of pixels seen."""
        windows = self.windows(x.type.shape[1:])
        rows, columns = (count_pixels(axis) for axis in (windows.rows, windows.columns))
        return fold(windows.slices(x), pt.add) / pt.constant(np.outer(rows, columns)[None, None])


def count_pixels(axis: Axis) -> np.ndarray:
    """Return how many pixels of the image each place of a window sees along an axis."""
    first = np.arange(axis.count) * axis.stride - axis.before
    return np.minimum(first + axis.window, axis.size) - np.maximum(first, 0.0)
