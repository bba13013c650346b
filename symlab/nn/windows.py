"""Windows that slide over images: the one idea behind convolution and pooling.

An image of shape (channels, height, width) is seen through a window of some height and width, at
places `strides` apart. Rather than cut out each window, take for each cell of the window the slice
of the image that this cell passes over: as many slices as the window has cells, each as large as
the result. Shapes are counted as TensorFlow does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytensor.tensor as pt

from symlab.checks import nearest, shown, whole

PADDINGS = ("valid", "same")

MOST_SIDE = 10**6
"""Height, width and strides of a window at most."""

MOST_CELLS = 1024
"""Cells of a window at most, 32 x 32: each is a piece of the graph, and making one of more pieces
takes over ten seconds."""

Pair = tuple[int, int]


def as_pair(value: object, name: str) -> Pair:
    """Return height and width from a pair of whole numbers of at least 1, or from one for both.

    Raises
    ------
    TypeError, ValueError
        Calling the argument `name`.
    """
    both = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(both) != 2:
        raise ValueError(f"{name}: expected a height and a width, got {shown(value)}.")
    height, width = (whole(each, name, 1) for each in both)
    if max(height, width) > MOST_SIDE:
        raise ValueError(f"{name}: expected at most {MOST_SIDE}, got {shown(value)}.")
    return height, width


def as_window(value: object, name: str) -> Pair:
    """Return height and width of a window of at most `MOST_CELLS` cells.

    Raises
    ------
    TypeError, ValueError
        Calling the argument `name`.
    """
    height, width = as_pair(value, name)
    if height * width > MOST_CELLS:
        raise ValueError(
            f"{name}: a window has at most {MOST_CELLS} cells, got {shown((height, width))}."
        )
    return height, width


def check_padding(padding: object, layer: str) -> str:
    """Return the name of a padding, or raise an error that lists them."""
    if not isinstance(padding, str):
        raise TypeError(f"{layer}: padding: expected 'valid' or 'same', got {shown(padding)}.")
    if padding not in PADDINGS:
        raise ValueError(
            f"{layer}: unknown padding {shown(padding)}{nearest(padding, PADDINGS)} "
            "Expected 'valid' or 'same'."
        )
    return padding


@dataclass(frozen=True)
class Axis:
    """One axis of an image and of the window on it.

    Parameters
    ----------
    size : int
        Cells of the image.
    window : int
        Cells of the window.
    stride : int
        Cells from one place of the window to the next.
    padding : str
        `"valid"`: windows lie inside the image; what is left over at the end is not seen.
        `"same"`: the image is padded so that there are ceil(size / stride) windows, the odd cell
        at the end.

    Examples
    --------
    >>> Axis(5, 2, 2, "valid").count, Axis(5, 2, 2, "same").count
    (2, 3)
    """

    size: int
    window: int
    stride: int
    padding: str

    @property
    def count(self) -> int:
        """How many places the window takes; 0 or less where it does not fit."""
        if self.padding == "same":
            return -(-self.size // self.stride)
        return (self.size - self.window) // self.stride + 1

    @property
    def added(self) -> int:
        """Cells of padding, before and after."""
        if self.padding == "valid":
            return 0
        return max((self.count - 1) * self.stride + self.window - self.size, 0)

    @property
    def before(self) -> int:
        """Cells of padding before the first cell of the image."""
        return self.added // 2

    def positions(self, cell: int) -> slice:
        """Return the places in the padded image that one cell of the window passes over."""
        return slice(cell, cell + (self.count - 1) * self.stride + 1, self.stride)


@dataclass(frozen=True)
class Windows:
    """The windows on an image: one at each place that the window takes.

    Parameters
    ----------
    rows, columns : Axis
        The vertical and the horizontal axis.
    """

    rows: Axis
    columns: Axis

    @property
    def shape(self) -> Pair:
        """How many places the window takes, downwards and across."""
        return self.rows.count, self.columns.count

    def slices(self, images: Any, fill: float = 0.0) -> list[Any]:
        """Return for each cell of the window, row by row, the slice that it passes over.

        Parameters
        ----------
        images : tensor, shape (a, b, height, width)
            Samples and channels, in either order.
        fill : float
            The value of the padding.

        Returns
        -------
        list of tensors, shape (a, b, *self.shape) each
        """
        padded = self._pad(images, fill)
        return [
            padded[:, :, self.rows.positions(i), self.columns.positions(j)]
            for i in range(self.rows.window)
            for j in range(self.columns.window)
        ]

    def _pad(self, images: Any, fill: float) -> Any:
        rows, columns = self.rows, self.columns
        if not rows.added and not columns.added:
            return images
        outer = [known or images.shape[i] for i, known in enumerate(images.type.shape[:2])]
        size = (rows.size + rows.added, columns.size + columns.added)
        # Without a dtype PyTensor would take 0 for a single-precision number, and round the images.
        empty = pt.full((*outer, *size), fill, dtype="float64")
        inside = (
            slice(None),
            slice(None),
            slice(rows.before, rows.before + rows.size),
            slice(columns.before, columns.before + columns.size),
        )
        return pt.set_subtensor(empty[inside], images)


def windows_on(shape: tuple[int, ...], window: Pair, strides: Pair, padding: str) -> Windows:
    """Return the windows on images of shape (channels, height, width)."""
    _, height, width = shape
    return Windows(
        Axis(height, window[0], strides[0], padding), Axis(width, window[1], strides[1], padding)
    )


def fold(slices: list[Any], function: Callable[[Any, Any], Any]) -> Any:
    """Return all slices combined by a function of two, from the first to the last."""
    result = slices[0]
    for each in slices[1:]:
        result = function(result, each)
    return result
