r"""Images filtered by hand, in NumPy, and the slash images they are tried on.

An image is an array whose last two axes are rows, from the top, and columns; axes before them count
images, so that one call filters a whole set. Numbers may be exact: arrays of SymPy expressions give
expressions. `nn.Conv2D` and `nn.MaxPool2D` do the same inside a network; here nothing is hidden.
"""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from symlab.algebra.rule import nearest
from symlab.engine.batches import generator_of, whole

STREAM = 4
"""Slash images have a stream of a seed to themselves; batches, data and weights have 1, 2 and 3."""

LABELS = {"forward": 0, "back": 1}
"""The two kinds of slash and their categories."""

SIDE = 3
"""The chapter's kernels have three rows and three columns."""

KERNELS = {
    "diagonal": np.eye(SIDE, dtype=int),
    "antidiagonal": np.flipud(np.eye(SIDE, dtype=int)),
    "scaled diagonal": (2 * np.eye(SIDE) - 1) / SIDE**2,
    "scaled antidiagonal": np.flipud(2 * np.eye(SIDE) - 1) / SIDE**2,
}
"""Templates of a diagonal of ones and of its mirror image; scaled, 1/9 on it and -1/9 off it."""

for _kernel in KERNELS.values():
    _kernel.setflags(write=False)

FIXTURE = {
    "back": (
        (3, 0, 3), (1, 0, 2), (0, 0, 4), (2, 0, 2), (0, 2, 4),
        (0, 2, 3), (1, 0, 5), (0, 0, 3), (1, 0, 5), (0, 3, 2),
    ),
    "forward": (
        (2, 0, 3), (4, 0, 5), (1, 0, 2), (2, 0, 3), (4, 1, 4),
        (5, 1, 5), (5, 0, 6), (3, 0, 4), (3, 0, 4), (1, 0, 2),
    ),
}  # fmt: skip
"""The chapter's training set, as (row, column, length) of each `slash`, read off its figures."""

FIXTURE_014 = {
    "back": (
        (0, 1, 3), (1, 0, 4), (2, 0, 3), (0, 1, 3), (0, 2, 4),
        (1, 0, 5), (2, 0, 4), (1, 0, 4), (0, 0, 3), (2, 0, 3),
    ),
    "forward": (
        (2, 0, 3), (5, 0, 6), (3, 0, 4), (3, 0, 4), (3, 1, 3),
        (3, 0, 4), (2, 0, 3), (3, 0, 4), (4, 0, 5), (3, 1, 3),
    ),
}  # fmt: skip
"""The earlier draw behind the chapter's unused figure, image_processing_014."""


def convolve(image: ArrayLike, kernel: ArrayLike, *, padding: float = 0) -> np.ndarray:
    r"""Return the convolution: the kernel is turned by 180 degrees, laid on each pixel, and summed.

    :math:`y_{ij} = \sum_{ab} K_{ab}\, x_{i+c-a,\, j+d-b}` where (c, d) is the kernel's middle. The
    result has the image's size, as `scipy.ndimage.convolve(mode="constant")` has; whole numbers
    stay whole.

    Parameters
    ----------
    image : array, shape (..., m, n)
    kernel : array, shape (p, q)
    padding : number
        What is taken to lie outside the image.

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

    Parameters and errors are those of `convolve`.

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
    """Sum weights times pixels over every window, entry by entry as SciPy does, to the last bit."""
    pixels = _grid(image, "image")
    rows, columns = pixels.shape[-2:]
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
    pixels = np.asarray(image)
    rows, columns = _grid(pixels, "image").shape[-2:]
    tops = np.arange(0, rows, whole(height, "height", 1))
    lefts = np.arange(0, columns, whole(width, "width", 1))
    return np.maximum.reduceat(np.maximum.reduceat(pixels, tops, axis=-2), lefts, axis=-1)


def relu(values: ArrayLike) -> np.ndarray:
    """Return the values with 0 for the negative ones, in their own type; NaN stays NaN.

    Examples
    --------
    >>> relu([-2, 0, 3])
    array([0, 0, 3])
    """
    return np.maximum(values, 0)


def slash(
    row: int, column: int, length: int, kind: str = "back", shape: tuple[int, int] = (6, 6)
) -> np.ndarray:
    r"""Return an image that is -1 but for a slash of 1.

    Parameters
    ----------
    row, column : int
        The leftmost pixel of the slash.
    length : int
        Its pixels, at least 1.
    kind : str
        `"back"`, downwards from there like a backslash, or `"forward"`, upwards.
    shape : pair of int
        Rows and columns.

    Raises
    ------
    ValueError
        If the kind is unknown or the slash leaves the image.

    Examples
    --------
    >>> slash(1, 0, 2, "forward", shape=(2, 3)).astype(int)
    array([[-1,  1, -1],
           [ 1, -1, -1]])
    """
    start, turn = (row, column, length), _turn(kind)
    if length < 1 or not _fits(start, turn, shape):
        raise ValueError(
            f"slash: {length} pixels {kind} from {(row, column)} do not fit an image of {shape}."
        )
    image = np.full(shape, -1.0)
    image[row + turn * np.arange(length), column + np.arange(length)] = 1
    return image


def slash_image(
    kind: str = "back", seed: int | np.random.Generator = 0, shape: tuple[int, int] = (6, 6)
) -> np.ndarray:
    """Return a slash drawn by the chapter's rule (section 21), as -1 and 1, of the given shape.

    A length l is drawn from 2 to the shorter side, an offset j from -l to the longer side less 1,
    and l ones stand on the diagonal j of a square just large enough; a forward slash is that square
    upside down. Whatever does not fit the image is drawn anew. So not every slash can come: on 6 by
    6 pixels back slashes touch the top or the left edge, and forward ones lie across the diagonal.

    Parameters
    ----------
    kind : str
        `"back"` or `"forward"`.
    seed : int or numpy.random.Generator
        A generator is drawn from, so that the next call gives another image.
    shape : pair of int
        Rows and columns, each at least 2.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.

    Examples
    --------
    >>> image = slash_image("forward", seed=1)
    >>> image.shape, sorted(set(image.ravel().tolist()))
    ((6, 6), [-1.0, 1.0])
    """
    turn, size = _turn(kind), _shape(shape)
    generator = seed if isinstance(seed, np.random.Generator) else generator_of(seed, STREAM)
    while True:
        length = int(generator.integers(2, min(size) + 1))
        offset = int(generator.integers(-length, max(size)))
        top, column = max(-offset, 0), max(offset, 0)
        row = top if kind == "back" else length + abs(offset) - 1 - top
        if _fits((row, column, length), turn, size):
            return slash(row, column, length, kind, size)


def slash_images(
    each: int = 10, seed: int = 0, shape: tuple[int, int] = (6, 6)
) -> tuple[np.ndarray, np.ndarray]:
    """Return a training set: back slashes, then as many forward ones, and their labels 1 and 0.

    Parameters
    ----------
    each : int
        Images of each kind, m, at least 1; the same one may come twice.
    seed : int
    shape : pair of int
        Rows and columns, each at least 2.

    Returns
    -------
    images : array, shape (2 m, rows, columns)
    labels : array of int, shape (2 m,)

    Raises
    ------
    TypeError, ValueError
        Naming the argument.

    Examples
    --------
    >>> images, labels = slash_images(each=2, seed=0)
    >>> images.shape, labels
    ((4, 6, 6), array([1, 1, 0, 0]))
    """
    count, generator = whole(each, "each", 1), generator_of(seed, STREAM)
    kinds = ["back"] * count + ["forward"] * count
    return _labelled((kind, slash_image(kind, generator, shape)) for kind in kinds)


def every_slash(shape: tuple[int, int] = (6, 6)) -> tuple[np.ndarray, np.ndarray]:
    """Return all slashes of two pixels or more, back ones first, and their labels 1 and 0.

    Most of them `slash_image` never draws, so that they test a network trained on those it does.

    Examples
    --------
    >>> images, labels = every_slash()
    >>> images.shape, labels.sum()
    ((110, 6, 6), np.int64(55))
    """
    rows, columns = _shape(shape)
    starts = list(product(range(rows), range(columns), range(2, min(shape) + 1)))
    return _labelled(
        (kind, slash(*start, kind, shape))
        for kind in ("back", "forward")
        for start in starts
        if _fits(start, _turn(kind), shape)
    )


def fixture() -> tuple[np.ndarray, np.ndarray]:
    """Return the chapter's 20 images of 6 by 6 pixels, -1 and 1, and their labels 1 and 0.

    Examples
    --------
    >>> images, labels = fixture()
    >>> images.shape, labels.tolist() == 10 * [1] + 10 * [0]
    ((20, 6, 6), True)
    """
    return _placed(FIXTURE)


def fixture_014() -> tuple[np.ndarray, np.ndarray]:
    """Return the 20 images behind the chapter's figure 014, which come from an earlier draw."""
    return _placed(FIXTURE_014)


def _placed(
    table: dict[str, tuple[tuple[int, int, int], ...]],
) -> tuple[np.ndarray, np.ndarray]:
    return _labelled(
        (kind, slash(*start, kind)) for kind, starts in table.items() for start in starts
    )


def _labelled(drawn: Any) -> tuple[np.ndarray, np.ndarray]:
    """Stack images and look up the labels of their kinds."""
    kinds, images = zip(*drawn, strict=True)
    return np.stack(images), np.array([LABELS[kind] for kind in kinds])


def _fits(start: tuple[int, int, int], turn: int, shape: Sequence[int]) -> bool:
    row, column, length = start
    last = row + turn * (length - 1)
    return min(row, last, column) >= 0 and max(row, last) < shape[0] and column + length <= shape[1]


def _turn(kind: str) -> int:
    """The row's change from one pixel of a slash to the next on its right."""
    if kind not in LABELS:
        raise ValueError(f"kind: expected 'back' or 'forward', got {kind!r}{nearest(kind, LABELS)}")
    return 1 if kind == "back" else -1


def _shape(shape: tuple[int, int]) -> tuple[int, int]:
    try:
        rows, columns = shape
    except (TypeError, ValueError):
        raise TypeError(f"shape: expected a pair such as (6, 6), got {shape!r}.") from None
    return whole(rows, "shape", 2), whole(columns, "shape", 2)


def _grid(values: ArrayLike, name: str, *, exactly_two: bool = False) -> np.ndarray:
    """Return an array of rows and columns; small integers are widened, because they overflow."""
    array = np.asarray(values)
    enough = array.ndim == 2 if exactly_two else array.ndim >= 2
    if not enough or 0 in array.shape:
        wanted = "2 axes" if exactly_two else "at least 2 axes"
        raise ValueError(f"{name}: expected {wanted} and some entries, got shape {array.shape}.")
    return array.astype(np.int64) if array.dtype.kind in "bui" else array
