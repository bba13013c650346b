"""The layers: values that, called on a tensor, give the next one.

Images are channels first, (channels, height, width). A kernel of `Conv2D` has the shape (filters,
channels, height, width), one of `Dense` (inputs, units), so scores are x @ kernel + bias.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytensor.tensor as pt

from symlab.checks import flag, shown, whole
from symlab.nn.activations import checked_activation
from symlab.nn.tensor import Layer, Shape, Tensor, called
from symlab.nn.windows import Pair, Windows, checked_padding, folded, pair, window, windows_on


def _refuse(layer: Layer, expected: str, shape: Shape, remedy: str = "") -> ValueError:
    name = f"{layer.name}, {layer}" if layer.name else f"{layer}"
    return ValueError(f"{name}: expected {expected}, got the shape {shape}{remedy}.")


def _check_flat(layer: Layer, shape: Shape) -> None:
    if len(shape) != 1:
        raise _refuse(layer, "samples of shape (n,)", shape, "; put a Flatten() before it")


def _check_softmax(layer: Layer, shape: Shape) -> None:
    if layer.activation == "softmax" and (len(shape) != 1 or shape[0] < 2):
        raise _refuse(layer, "at least two numbers (n,) for a softmax", shape)


def _set(layer: object, **values: object) -> None:
    """Put a value in its usual form; a frozen dataclass allows it only while it is made."""
    for name, value in values.items():
        object.__setattr__(layer, name, value)


LONGEST_NAME = 100


def _check_common(layer: Any) -> None:
    """Refuse flags that are none, and a name that could not stand in a table or a file."""
    kind = type(layer).__name__
    for option in ("use_bias", "trainable"):
        if hasattr(layer, option):
            flag(getattr(layer, option), f"{kind}: {option}")
    name = layer.name
    if name is None:
        return
    if not isinstance(name, str):
        raise TypeError(f"{kind}: name: expected text, got {shown(name)}.")
    if not name.isprintable() or not 0 < len(name) <= LONGEST_NAME:
        raise ValueError(
            f"{kind}: name: expected 1 to {LONGEST_NAME} printable characters, got {shown(name)}."
        )


@dataclass(frozen=True)
class Dense:
    """Every output a weighted sum of every input: activation(x @ kernel + bias).

    Parameters
    ----------
    units : int
        The number of outputs.
    activation : str
        linear, sigmoid, softsign, tanh, relu or softmax.
    use_bias, trainable : bool
    name : str, optional
        What the model calls it; otherwise dense, dense_1, ...

    Examples
    --------
    >>> from symlab.nn import Input
    >>> Dense(4, activation="sigmoid")(Input(2)).shape
    (4,)
    >>> Dense(4)(Input((1, 6, 6)))
    Traceback (most recent call last):
        ...
    ValueError: Dense(units=4): expected samples of shape (n,), got the shape (1, 6, 6); \
put a Flatten() before it.
    """

    units: int
    activation: str = "linear"
    use_bias: bool = field(default=True, kw_only=True)
    trainable: bool = field(default=True, kw_only=True)
    name: str | None = field(default=None, compare=False, kw_only=True)

    def __post_init__(self) -> None:
        _set(self, units=whole(self.units, "Dense: units", 1))
        checked_activation(self.activation, "Dense")
        _check_common(self)

    def __repr__(self) -> str:
        return f"Dense(units={self.units})"

    __call__ = called

    def output_shape(self, shape: Shape) -> Shape:
        """Return (units,), of samples (n,)."""
        _check_flat(self, shape)
        _check_softmax(self, (self.units,))
        return (self.units,)

    def weight_shapes(self, shape: Shape) -> tuple[Shape, ...]:
        """Return (n, units), and (units,) if there is a bias."""
        return ((shape[0], self.units), (self.units,))[: 1 + self.use_bias]

    def scores(self, x: Any, weights: list[Any]) -> Any:
        """Return x @ kernel + bias."""
        product = pt.dot(x, weights[0])
        return product + weights[1] if self.use_bias else product


@dataclass(frozen=True)
class Conv2D:
    """Each filter's kernel slid over the image: a cross-correlation, so kernels are not flipped.

    Parameters
    ----------
    filters : int
        The number of kernels, which is the number of channels of the result.
    kernel_size : int or pair of int
        Height and width.
    strides : int or pair of int
    padding : str
        `"valid"`: only where the kernel lies inside the image; `"same"`: zeros around the image,
        so that with strides of 1 the size is kept.
    activation : str
    use_bias, trainable : bool
    name : str, optional

    Examples
    --------
    >>> from symlab.nn import Input
    >>> Conv2D(2, (3, 3), padding="same")(Input((1, 6, 6))).shape
    (2, 6, 6)
    >>> Conv2D(2, 7)(Input((1, 6, 6)))
    Traceback (most recent call last):
        ...
    ValueError: Conv2D(filters=2, kernel_size=(7, 7)): expected images of at least 7 x 7, got the \
shape (1, 6, 6).
    """

    filters: int
    kernel_size: Pair
    strides: Pair = field(default=(1, 1), kw_only=True)
    padding: str = field(default="valid", kw_only=True)
    activation: str = field(default="linear", kw_only=True)
    use_bias: bool = field(default=True, kw_only=True)
    trainable: bool = field(default=True, kw_only=True)
    name: str | None = field(default=None, compare=False, kw_only=True)

    def __post_init__(self) -> None:
        _set(
            self,
            filters=whole(self.filters, "Conv2D: filters", 1),
            kernel_size=window(self.kernel_size, "Conv2D: kernel_size"),
            strides=pair(self.strides, "Conv2D: strides"),
        )
        checked_padding(self.padding, "Conv2D")
        checked_activation(self.activation, "Conv2D")
        _check_common(self)

    def __repr__(self) -> str:
        return f"Conv2D(filters={self.filters}, kernel_size={self.kernel_size})"

    __call__ = called

    def windows(self, shape: Shape) -> Windows:
        """Return the places of the kernel on images (channels, height, width)."""
        return windows_on(shape, self.kernel_size, self.strides, self.padding)

    def output_shape(self, shape: Shape) -> Shape:
        """Return (filters, rows, columns), of images (channels, height, width)."""
        _check_windows(self, shape, self.kernel_size, self.padding)
        found = (self.filters, *self.windows(shape).shape)
        _check_softmax(self, found)
        return found

    def weight_shapes(self, shape: Shape) -> tuple[Shape, ...]:
        """Return (filters, channels, height, width), and (filters,) if there is a bias."""
        kernel = (self.filters, shape[0], *self.kernel_size)
        return (kernel, (self.filters,))[: 1 + self.use_bias]

    def scores(self, x: Any, weights: list[Any]) -> Any:
        """Return one matrix product of all kernels and all patches, put back into images."""
        kernel, windows = weights[0], self.windows(x.type.shape[1:])
        # A patch is a column of the matrix: cell by cell, the channels of each. Channels go in
        # front, because then the slices need only be put below each other.
        cells = windows.slices(x.dimshuffle(1, 0, 2, 3))
        size = int(np.prod(kernel.type.shape[1:]))
        patches = pt.concatenate(cells, axis=0).reshape((size, -1))
        rows = kernel.dimshuffle(0, 2, 3, 1).reshape((self.filters, size))
        known = x.type.shape[0] or -1
        product = pt.dot(rows, patches).reshape((self.filters, known, *windows.shape))
        images = product.dimshuffle(1, 0, 2, 3)
        return images + weights[1].dimshuffle("x", 0, "x", "x") if self.use_bias else images


def _check_windows(layer: Layer, shape: Shape, window: Pair, padding: str) -> None:
    if len(shape) != 3:
        raise _refuse(layer, "images of shape (channels, height, width)", shape)
    if padding == "valid" and (shape[1] < window[0] or shape[2] < window[1]):
        raise _refuse(layer, f"images of at least {window[0]} x {window[1]}", shape)


@dataclass(frozen=True)
class MaxPool2D:
    """The largest number in each window, channel by channel.

    Where several are largest the first one, row by row, takes the whole slope, as in TensorFlow and
    PyTorch.

    Parameters
    ----------
    pool_size : int or pair of int
        Height and width of the window.
    strides : int or pair of int, optional
        As large as the window, unless told otherwise.
    padding : str
        `"valid"`: rows and columns left over at the end are not seen; `"same"`: they make smaller
        windows.
    name : str, optional

    Examples
    --------
    >>> from symlab.nn import Input
    >>> MaxPool2D((2, 2))(Input((2, 5, 5))).shape
    (2, 2, 2)
    >>> MaxPool2D((2, 2), padding="same")(Input((2, 5, 5))).shape
    (2, 3, 3)
    """

    pool_size: Pair = (2, 2)
    strides: Pair | None = field(default=None, kw_only=True)
    padding: str = field(default="valid", kw_only=True)
    name: str | None = field(default=None, compare=False, kw_only=True)

    activation = "linear"
    trainable = True

    def __post_init__(self) -> None:
        _settle_pool(self)

    def __repr__(self) -> str:
        return f"MaxPool2D(pool_size={self.pool_size})"

    __call__ = called

    def windows(self, shape: Shape) -> Windows:
        """Return the places of the window on images (channels, height, width)."""
        return _pools(self, shape)

    def output_shape(self, shape: Shape) -> Shape:
        """Return (channels, rows, columns), of images (channels, height, width)."""
        _check_windows(self, shape, self.pool_size, self.padding)
        return (shape[0], *self.windows(shape).shape)

    def weight_shapes(self, shape: Shape) -> tuple[Shape, ...]:
        """Return nothing."""
        del shape
        return ()

    def scores(self, x: Any, weights: list[Any]) -> Any:
        """Return the largest of the slices."""
        del weights
        slices = self.windows(x.type.shape[1:]).slices(x, -np.inf)
        # A maximum of PyTensor's would give every one of several largest the whole slope.
        return folded(slices, lambda largest, each: pt.switch(pt.ge(largest, each), largest, each))


@dataclass(frozen=True)
class AveragePool2D:
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

    pool_size: Pair = (2, 2)
    strides: Pair | None = field(default=None, kw_only=True)
    padding: str = field(default="valid", kw_only=True)
    name: str | None = field(default=None, compare=False, kw_only=True)

    activation = "linear"
    trainable = True

    def __post_init__(self) -> None:
        _settle_pool(self)

    def __repr__(self) -> str:
        return f"AveragePool2D(pool_size={self.pool_size})"

    __call__ = called

    def windows(self, shape: Shape) -> Windows:
        """Return the places of the window on images (channels, height, width)."""
        return _pools(self, shape)

    def output_shape(self, shape: Shape) -> Shape:
        """Return (channels, rows, columns), of images (channels, height, width)."""
        _check_windows(self, shape, self.pool_size, self.padding)
        return (shape[0], *self.windows(shape).shape)

    def weight_shapes(self, shape: Shape) -> tuple[Shape, ...]:
        """Return nothing."""
        del shape
        return ()

    def scores(self, x: Any, weights: list[Any]) -> Any:
        """Return the sum of the slices over the number of cells seen."""
        del weights
        windows = self.windows(x.type.shape[1:])
        rows, columns = (_cells(axis) for axis in (windows.rows, windows.columns))
        return folded(windows.slices(x), pt.add) / pt.constant(np.outer(rows, columns)[None, None])


Pool = MaxPool2D | AveragePool2D


def _settle_pool(layer: Pool) -> None:
    name = type(layer).__name__
    size = window(layer.pool_size, f"{name}: pool_size")
    strides = size if layer.strides is None else pair(layer.strides, f"{name}: strides")
    _set(layer, pool_size=size, strides=strides)
    checked_padding(layer.padding, name)
    _check_common(layer)


def _pools(layer: Pool, shape: Shape) -> Windows:
    return windows_on(shape, layer.pool_size, layer.strides or layer.pool_size, layer.padding)


def _cells(axis: Any) -> np.ndarray:
    """Return how many cells of the image each place of a window sees along an axis."""
    first = np.arange(axis.count) * axis.stride - axis.before
    return np.minimum(first + axis.window, axis.size) - np.maximum(first, 0.0)


@dataclass(frozen=True)
class Flatten:
    """All numbers of a sample in one row: channel by channel, row by row.

    Examples
    --------
    >>> from symlab.nn import Input
    >>> Flatten()(Input((2, 3, 3))).shape
    (18,)
    """

    name: str | None = field(default=None, compare=False, kw_only=True)

    activation = "linear"
    trainable = True

    def __post_init__(self) -> None:
        _check_common(self)

    def __repr__(self) -> str:
        return "Flatten()"

    __call__ = called

    def output_shape(self, shape: Shape) -> Shape:
        """Return (n,), n being the product of the shape."""
        return (int(np.prod(shape)),)

    def weight_shapes(self, shape: Shape) -> tuple[Shape, ...]:
        """Return nothing."""
        del shape
        return ()

    def scores(self, x: Any, weights: list[Any]) -> Any:
        """Return the same numbers, a row per sample."""
        del weights
        size = int(np.prod(x.type.shape[1:]))
        return x.reshape((x.type.shape[0] or -1, size))


@dataclass(frozen=True)
class Activation:
    """An activation as a layer of its own.

    Parameters
    ----------
    activation : str
        linear, sigmoid, softsign, tanh, relu or softmax.
    name : str, optional

    Examples
    --------
    >>> from symlab.nn import Input
    >>> Activation("relu")(Input((2, 6, 6))).shape
    (2, 6, 6)
    >>> Activation("relo")
    Traceback (most recent call last):
        ...
    ValueError: Activation: unknown activation 'relo'; did you mean 'relu'? Known: linear, \
sigmoid, softsign, tanh, relu, softmax.
    """

    activation: str
    name: str | None = field(default=None, compare=False, kw_only=True)

    trainable = True

    def __post_init__(self) -> None:
        checked_activation(self.activation, "Activation")
        _check_common(self)

    def __repr__(self) -> str:
        return f"Activation({self.activation!r})"

    __call__ = called

    def output_shape(self, shape: Shape) -> Shape:
        """Return the same shape."""
        _check_softmax(self, shape)
        return shape

    def weight_shapes(self, shape: Shape) -> tuple[Shape, ...]:
        """Return nothing."""
        del shape
        return ()

    def scores(self, x: Any, weights: list[Any]) -> Any:
        """Return the input."""
        del weights
        return x


LAYERS = {
    kind.__name__: kind for kind in (Dense, Conv2D, MaxPool2D, AveragePool2D, Flatten, Activation)
}

__all__ = [*LAYERS, "LAYERS", "Tensor"]
