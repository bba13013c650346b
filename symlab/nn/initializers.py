"""Initial weights, and the order of axes in which Keras keeps weights.

Kernels are Glorot uniform and biases zero, as in Keras. They are drawn layer by layer, from the
input on, from a stream of the seed that only weights use.
"""

import numpy as np

from symlab.algebra.arrays import real_array
from symlab.checks import shown, whole

Shape = tuple[int, ...]


def fans(shape: Shape) -> tuple[int, int]:
    """Return fan in and fan out of a kernel: inputs of one output, and outputs of one input.

    Parameters
    ----------
    shape : tuple of int
        (inputs, units), or (filters, channels, height, width).

    Raises
    ------
    TypeError, ValueError
        If it is not the shape of a kernel.

    Examples
    --------
    >>> fans((2, 4)), fans((2, 1, 3, 3))
    ((2, 4), (9, 18))
    """
    axes = shape if isinstance(shape, tuple | list) else ()
    if len(axes) not in (2, 4):
        raise TypeError(f"shape: expected that of a kernel, 2 or 4 axes, got {shown(shape)}.")
    sizes = [whole(size, "shape", 1) for size in axes]
    if len(sizes) == 2:
        return sizes[0], sizes[1]
    filters, channels, height, width = sizes
    return channels * height * width, filters * height * width


def glorot_limit(shape: Shape) -> float:
    """Return the limit of the uniform distribution that a kernel is drawn from.

    It is sqrt(6 / (fan in + fan out)): Glorot & Bengio 2010, equation 16.

    Parameters
    ----------
    shape : tuple of int
        As in `fans`.

    Raises
    ------
    TypeError, ValueError
        If it is not the shape of a kernel.

    Examples
    --------
    >>> glorot_limit((2, 4))
    1.0
    """
    return float(np.sqrt(6 / sum(fans(shape))))


def draw_weights(shapes: tuple[Shape, ...], generator: np.random.Generator) -> list[np.ndarray]:
    """Return a kernel drawn uniformly within Glorot's limit, and a bias of zeros."""
    return [
        np.zeros(shape)
        if len(shape) == 1
        else generator.uniform(-glorot_limit(shape), glorot_limit(shape), shape)
        for shape in shapes
    ]


def to_keras(kernel: np.ndarray) -> np.ndarray:
    """Return a kernel or bias with its axes in the order of Keras.

    A kernel of images goes from (filters, channels, height, width) to (height, width, channels,
    filters); kernels of `Dense` and biases are the same in both. Behind a `Flatten` the order of
    the inputs is the same only if Keras has its channels first too.

    Parameters
    ----------
    kernel : array
        Any number of axes but 0.

    Raises
    ------
    TypeError, ValueError
        If it is no array of finite real numbers.

    Examples
    --------
    >>> to_keras(np.zeros((2, 1, 3, 4))).shape
    (3, 4, 1, 2)
    """
    values = _as_weight(kernel)
    return values.transpose(2, 3, 1, 0) if values.ndim == 4 else values


def from_keras(kernel: np.ndarray) -> np.ndarray:
    """Return a kernel or bias of Keras with its axes in our order: the inverse of `to_keras`.

    Examples
    --------
    >>> from_keras(np.zeros((3, 4, 1, 2))).shape
    (2, 1, 3, 4)
    """
    values = _as_weight(kernel)
    return values.transpose(3, 2, 0, 1) if values.ndim == 4 else values


def _as_weight(kernel: object) -> np.ndarray:
    values = real_array(kernel, "kernel")
    if not values.ndim:
        raise ValueError(f"kernel: expected a kernel or a bias, got the number {values}.")
    return values
