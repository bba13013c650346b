r"""Images filtered by hand, in NumPy: convolution, correlation, maximum pooling and ReLU.

An image is an array whose last two axes are rows, from the top, and columns; axes before them count
images, so that one call filters a whole set. Numbers may be exact: arrays of SymPy expressions give
expressions. `nn.Conv2D` and `nn.MaxPool2D` do the same inside a network, by other code. The slash
images of `nn/slashes` are public here too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sympy import Expr, MatrixBase

from symlab.algebra.arrays import real_array
from symlab.checks import whole
from symlab.nn.slashes import (
    every_slash,
    fixture,
    fixture_014,
    slash,
    slash_chances,
    slash_image,
    slash_images,
    slash_starts,
)

__all__ = [
    "KERNELS", "convolve", "correlate", "every_slash", "fixture", "fixture_014", "max_pool",
    "relu", "slash", "slash_chances", "slash_image", "slash_images", "slash_starts",
]  # fmt: skip


def _read_only(values: np.ndarray) -> np.ndarray:
    """Return an array that nobody can change for the others."""
    values.setflags(write=False)
    return values


SIDE = 3
"""Rows and columns of `KERNELS`."""

KERNELS = {
    "diagonal": _read_only(np.eye(SIDE, dtype=int)),
    "antidiagonal": _read_only(np.eye(SIDE, dtype=int)[::-1]),
    "scaled diagonal": _read_only((2 * np.eye(SIDE) - 1) / SIDE**2),
    "scaled antidiagonal": _read_only((2 * np.eye(SIDE) - 1)[::-1] / SIDE**2),
}
"""Templates of a diagonal of ones and of its mirror image; scaled, 1/9 on it and -1/9 off it."""


def convolve(image: ArrayLike, kernel: ArrayLike, *, padding: float = 0) -> np.ndarray:
    r"""Return the convolution: the kernel is turned by 180 degrees, laid on each pixel, and summed.

    :math:`y_{ij} = \sum_{ab} K_{ab}\, x_{i+c-a,\, j+d-b}` where (c, d) = (p // 2, q // 2), the
    kernel's middle. The result has the image's size, as `scipy.ndimage.convolve(mode="constant")`
    gives it; whole numbers stay whole.

    Parameters
    ----------
    image : array, shape (..., m, n)
    kernel : array, shape (p, q)
    padding : number
        The value of pixels outside the image.

    Raises
    ------
    ValueError
        If either array has too few axes or no entries.

    Examples
    --------
    >>> convolve(np.eye(3, dtype=int), [[1, 2, 3]])
    array([[2, 3, 0],
           [1, 2, 3],
           [0, 1, 2]])
    """
    weights = _grid(kernel, "kernel", exactly_two=True)
    middle = ((weights.shape[0] - 1) // 2, (weights.shape[1] - 1) // 2)
    return _slide(image, weights[::-1, ::-1], middle, padding)


def correlate(image: ArrayLike, kernel: ArrayLike, *, padding: float = 0) -> np.ndarray:
    r"""Return the cross-correlation: the kernel is laid on each pixel as it is, and summed.

    :math:`y_{ij} = \sum_{ab} K_{ab}\, x_{i+a-c,\, j+b-d}`. This is what libraries of networks call
    a convolution; the two agree for a kernel that looks the same upside down.

    Parameters and errors are those of `convolve`, and so is the shape of the result.

    Examples
    --------
    >>> correlate(np.eye(3, dtype=int), [[1, 2, 3]])
    array([[2, 1, 0],
           [3, 2, 1],
           [0, 3, 2]])
    """
    weights = _grid(kernel, "kernel", exactly_two=True)
    middle = (weights.shape[0] // 2, weights.shape[1] // 2)
    return _slide(image, weights, middle, padding)


def _slide(
    image: ArrayLike, weights: np.ndarray, middle: tuple[int, int], padding: float
) -> np.ndarray:
    """Sum weights times pixels over every window, in the order of SciPy, so to the same bits."""
    pixels = _grid(image, "image")
    rows, columns = pixels.shape[-2:]
    padding = _number(padding, "padding", exact=pixels.dtype == object)
    # The padding may be a fraction where the pixels are whole numbers.
    kind = np.result_type(pixels, padding) if pixels.dtype != object else pixels.dtype
    edges = [
        (before, size - 1 - before) for before, size in zip(middle, weights.shape, strict=True)
    ]
    around = [(0, 0)] * (pixels.ndim - 2) + edges
    padded = np.pad(pixels.astype(kind), around, constant_values=padding)
    terms: Any = (
        weights[a, b] * padded[..., a : a + rows, b : b + columns]
        for a, b in product(*map(range, weights.shape))
    )
    return np.asarray(sum(terms))


def max_pool(image: ArrayLike, height: int = 2, width: int = 2) -> np.ndarray:
    """Return the largest entry of each tile; tiles at the lower and right edges may be smaller.

    Parameters
    ----------
    image : array, shape (..., m, n)
    height, width : int
        Rows and columns of a tile.

    Returns
    -------
    array, shape (..., ceil(m / height), ceil(n / width))
        Of the image's type.

    Raises
    ------
    TypeError, ValueError
        If a tile has no whole number of rows or columns, at least 1, or the image has no entries.

    Examples
    --------
    >>> max_pool([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    array([[5, 6],
           [8, 9]])
    """
    pixels = _pixels(image, "image")
    rows, columns = _grid(pixels, "image").shape[-2:]
    tops = np.arange(0, rows, min(whole(height, "height", 1), rows))
    lefts = np.arange(0, columns, min(whole(width, "width", 1), columns))
    with _explain_order_errors("image"):
        return np.maximum.reduceat(np.maximum.reduceat(pixels, tops, axis=-2), lefts, axis=-1)


def relu(values: ArrayLike) -> np.ndarray:
    """Return the values with 0 for the negative ones, in their own type; NaN stays NaN.

    Examples
    --------
    >>> relu([-2, 0, 3])
    array([0, 0, 3])
    """
    pixels = _pixels(values, "values")
    with _explain_order_errors("values"):
        return np.maximum(pixels, 0)


@contextmanager
def _explain_order_errors(name: str) -> Iterator[None]:
    """Explain the error of a comparison of expressions whose order is not known."""
    try:
        yield
    except TypeError:
        raise TypeError(
            f"{name}: expected numbers, got expressions of which the largest is not known."
        ) from None


def _grid(values: ArrayLike, name: str, *, exactly_two: bool = False) -> np.ndarray:
    """Return an array with rows and columns; small integers are widened, because they overflow."""
    array = _pixels(values, name)
    enough = array.ndim == 2 if exactly_two else array.ndim >= 2
    if not enough or 0 in array.shape:
        wanted = "2 axes" if exactly_two else "at least 2 axes"
        raise ValueError(f"{name}: expected {wanted} and some entries, got shape {array.shape}.")
    return array.astype(np.int64) if array.dtype.kind in "bui" else array


def _number(value: Any, name: str, *, exact: bool) -> Any:
    """Return a number of NumPy's types as it is, another as a float; expressions if `exact`."""
    if exact and isinstance(value, Expr):
        return value
    checked = real_array(value, name, finite=False, rounds=True)
    if checked.ndim:
        raise ValueError(f"{name}: expected a number, got an array of shape {checked.shape}.")
    array = np.asarray(value)
    return array if array.dtype.kind in "buif" else float(checked)


def _pixels(values: Any, name: str) -> np.ndarray:
    """Return an array of NumPy's types as it is, another as floats; or one of expressions."""
    if isinstance(values, MatrixBase):
        values = np.array(values)
    is_exact = isinstance(values, np.ndarray) and values.dtype == object
    if is_exact and any(isinstance(each, Expr) for each in values.ravel()):
        numbers = [each for each in values.ravel() if not isinstance(each, Expr)]
        real_array(numbers, name, rounds=True)
        return values
    checked = real_array(values, name, finite=False, rounds=True)
    array = np.asarray(values)
    return array if array.dtype.kind in "buif" else checked
