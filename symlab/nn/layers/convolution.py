"""The convolution: kernels that slide over images. Images are channels first."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytensor.tensor as pt

from symlab.checks import whole
from symlab.nn.activations import check_activation
from symlab.nn.layers.checks import check_flags_and_name, check_images, check_softmax, set_options
from symlab.nn.tensor import Shape, call_layer
from symlab.nn.windows import Pair, Windows, as_pair, as_window, check_padding, windows_on


@dataclass(frozen=True)
class Conv2D:
    """Slide each filter's kernel over the image: a cross-correlation, so kernels are not flipped.

    Parameters
    ----------
    filters : int
        The number of kernels, which is the number of channels of the result.
    kernel_size : int or pair of int
        Height and width; a kernel has the shape (channels, height, width).
    strides : int or pair of int
        How far the kernel moves, downwards and across.
    padding : str
        `"valid"`: only where the kernel lies inside the image; `"same"`: zeros around the image,
        so that with strides of 1 the size is kept.
    activation : str
        linear, sigmoid, softsign, tanh, relu or softmax.
    use_bias : bool
        Whether each filter has a bias.
    trainable : bool
        Whether a fit changes the weights.
    name : str, optional
        What the model calls it; otherwise conv2d, conv2d_1, ...

    Raises
    ------
    TypeError, ValueError
        Naming the option; called on a tensor, if its samples are no images or are too small.

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
        set_options(
            self,
            filters=whole(self.filters, "Conv2D: filters", 1),
            kernel_size=as_window(self.kernel_size, "Conv2D: kernel_size"),
            strides=as_pair(self.strides, "Conv2D: strides"),
        )
        check_padding(self.padding, "Conv2D")
        check_activation(self.activation, "Conv2D")
        check_flags_and_name(self)

    def __repr__(self) -> str:
        return f"Conv2D(filters={self.filters}, kernel_size={self.kernel_size})"

    __call__ = call_layer

    def windows(self, shape: Shape) -> Windows:
        """Return the places of the kernel on images (channels, height, width)."""
        return windows_on(shape, self.kernel_size, self.strides, self.padding)

    def output_shape(self, shape: Shape) -> Shape:
        """Return (filters, rows, columns), of images (channels, height, width)."""
        check_images(self, shape, self.kernel_size, self.padding)
        output = (self.filters, *self.windows(shape).shape)
        check_softmax(self, output)
        return output

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
        samples = x.type.shape[0] or -1
        product = pt.dot(rows, patches).reshape((self.filters, samples, *windows.shape))
        images = product.dimshuffle(1, 0, 2, 3)
        return images + weights[1].dimshuffle("x", 0, "x", "x") if self.use_bias else images
