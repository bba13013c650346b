"""Slash images, of -1 and 1: drawn by the chapter's rule, read off its figures, or all there are.

A back slash runs down to the right, like a backslash, and has the label 1; a forward one runs up to
the right and has the label 0. Rows count from the top. Public as `nn.images`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import numpy as np

from symlab.checks import lookup, shown, whole
from symlab.engine.streams import IMAGES_STREAM, generator_of

MOST_PIXELS = 10**8
"""Pixels of all images together at most."""

MOST_TRIED = 10**6
"""Pixels of an image at most whose slashes are all tried, which takes a few seconds."""

MOST_SIDE = 10_000
"""Rows and columns of an image at most."""

LABELS = {"forward": 0, "back": 1}
"""The two kinds of slash and their categories."""

Start = tuple[int, int, int]
"""Row, column and length of a `slash`: its leftmost pixel, and how many it has."""

Starts = Mapping[str, Sequence[Start]]

FIXTURE: Starts = {
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

FIXTURE_014: Starts = {
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
    turn, shape = _turn(kind), _shape(shape, least=1)
    start = (whole(row, "row", 0), whole(column, "column", 0), whole(length, "length", 1))
    if not _fits(start, turn, shape):
        raise ValueError(
            f"slash: length {shown(length)} {kind} from row {shown(row)}, column {shown(column)} "
            f"does not fit an image of shape {shape}."
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
    generator = seed if isinstance(seed, np.random.Generator) else generator_of(seed, IMAGES_STREAM)
    while True:
        length = int(generator.integers(2, min(size) + 1))
        start = _start(length, int(generator.integers(-length, max(size))), kind)
        if _fits(start, turn, size):
            return slash(*start, kind, size)


def slash_chances(kind: str = "back", shape: tuple[int, int] = (6, 6)) -> dict[Start, Fraction]:
    """Return every slash that `slash_image` can draw, and how likely one try is to give it.

    The chances add up to that of a try that fits, and less than 1: the rest is drawn anew.

    Parameters
    ----------
    kind : str
        `"back"` or `"forward"`.
    shape : pair of int
        Rows and columns, each at least 2.

    Returns
    -------
    dict
        From (row, column, length), as `slash` takes them, to a fraction.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.

    Examples
    --------
    >>> chances = slash_chances("forward")
    >>> len(chances), round(float(sum(chances.values())), 3)
    (15, 0.714)
    """
    turn, size = _turn(kind), _shape(shape)
    if min(size) * max(size) > MOST_TRIED:
        raise ValueError(f"shape: expected at most {MOST_TRIED} pixels, got {shown(shape)}.")
    lengths = range(2, min(size) + 1)
    chances: dict[Start, Fraction] = {}
    for length in lengths:
        offsets = range(-length, max(size))
        for start in (_start(length, offset, kind) for offset in offsets):
            if _fits(start, turn, size):
                share = Fraction(1, len(lengths) * len(offsets))
                chances[start] = chances.get(start, Fraction()) + share
    return chances


def _start(length: int, offset: int, kind: str) -> Start:
    """Return where a diagonal starts in the least square that holds it, upside down if forward."""
    top, column = max(-offset, 0), max(offset, 0)
    return (top if kind == "back" else length + abs(offset) - 1 - top), column, length


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
    count, generator = whole(each, "each", 1), generator_of(seed, IMAGES_STREAM)
    _check_memory(2 * count, _shape(shape), "each")
    kinds = ["back"] * count + ["forward"] * count
    return _label((kind, slash_image(kind, generator, shape)) for kind in kinds)


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
    lengths = range(2, min(rows, columns) + 1)
    count = 2 * sum((rows - n + 1) * (columns - n + 1) for n in lengths)
    _check_memory(count, (rows, columns), "shape")
    return _label(
        (kind, slash(*start, kind, shape))
        for kind in ("back", "forward")
        for start in slash_starts(kind, shape)
    )


def slash_starts(kind: str = "back", shape: tuple[int, int] = (6, 6)) -> Iterator[Start]:
    """Yield row, column and length of every slash of a kind that has two pixels or more.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.

    Examples
    --------
    >>> list(slash_starts("forward", shape=(2, 3)))
    [(1, 0, 2), (1, 1, 2)]
    """
    turn, (rows, columns) = _turn(kind), _shape(shape)
    for start in product(range(rows), range(columns), range(2, min(rows, columns) + 1)):
        if _fits(start, turn, (rows, columns)):
            yield start


def fixture() -> tuple[np.ndarray, np.ndarray]:
    """Return the chapter's 20 images of 6 by 6 pixels, -1 and 1, and their labels 1 and 0.

    Examples
    --------
    >>> images, labels = fixture()
    >>> images.shape, labels.tolist() == 10 * [1] + 10 * [0]
    ((20, 6, 6), True)
    """
    return _draw_table(FIXTURE)


def fixture_014() -> tuple[np.ndarray, np.ndarray]:
    """Return the 20 images behind the chapter's figure 014, which come from an earlier draw."""
    return _draw_table(FIXTURE_014)


def _draw_table(table: Starts) -> tuple[np.ndarray, np.ndarray]:
    return _label((kind, slash(*start, kind)) for kind, starts in table.items() for start in starts)


def _label(drawn: Iterable[tuple[str, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Stack images and look up the labels of their kinds."""
    kinds, images = zip(*drawn, strict=True)
    return np.stack(images), np.array([LABELS[kind] for kind in kinds])


def _fits(start: Start, turn: int, shape: Sequence[int]) -> bool:
    row, column, length = start
    last = row + turn * (length - 1)
    return min(row, last, column) >= 0 and max(row, last) < shape[0] and column + length <= shape[1]


def _turn(kind: str) -> int:
    """Return by how many rows a slash changes from one column to the next."""
    lookup(kind, LABELS, "kind")
    return 1 if kind == "back" else -1


def _shape(shape: Any, least: int = 2) -> tuple[int, int]:
    is_row = isinstance(shape, tuple | list) or getattr(shape, "ndim", 0) == 1
    if not is_row or len(shape) != 2:
        raise TypeError(f"shape: expected a pair such as (6, 6), got {shown(shape)}.")
    rows, columns = (whole(each, "shape", least) for each in shape)
    if max(rows, columns) > MOST_SIDE:
        raise ValueError(
            f"shape: expected at most {MOST_SIDE} rows and columns, got {shown(shape)}."
        )
    return rows, columns


def _check_memory(images: int, size: tuple[int, int], name: str) -> None:
    """Refuse more images than fit in memory, naming the argument that makes them so many."""
    if images * prod(size) > MOST_PIXELS:
        raise ValueError(
            f"{name}: {shown(images)} images of shape {size} are too many; together they may have "
            f"{MOST_PIXELS:.0e} pixels."
        )
