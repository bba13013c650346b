"""Where data lie that are read in pieces, and how a piece becomes columns of floats.

Sums over samples are made of the sums of blocks of `BLOCK` samples, counted from the first, and
those are added in the order of the samples. Pieces may end anywhere.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, Protocol

import numpy as np

from symlab.algebra.arrays import real_array
from symlab.checks import shown

BLOCK = 1024
"""Samples of a block: their sum is made by itself, wherever they lie and whoever adds them up."""

PIECE_BYTES = 2**24
"""Small chunks and row groups are read together until a piece has as many bytes of float64."""

ROW = re.compile(r"(in row |at \()(\d+)")
"""How an error about an array names the place."""


class Piece(Protocol):
    """Some rows of the data; what is read is told apart by key, and may come in several chunks."""

    @property
    def rows(self) -> int:
        """How many there are."""

    def read(self, client: Any = None) -> list[list[Any]]:
        """Return for each key the chunks of its column or table, in the order of the rows."""


@dataclass(frozen=True)
class Key:
    """What a user binds data to: its name, and how many columns it has."""

    name: str
    width: int


@dataclass(frozen=True)
class Source:
    """Data in pieces.

    Parameters
    ----------
    pieces : tuple of Piece
        None of them empty.
    keys : tuple of Key
    where : str
        What they are, to be shown.
    """

    pieces: tuple[Any, ...]
    keys: tuple[Key, ...]
    where: str

    @cached_property
    def edges(self) -> tuple[int, ...]:
        """The first row of each piece, and the number of all rows."""
        return tuple(accumulate((piece.rows for piece in self.pieces), initial=0))

    @property
    def rows(self) -> int:
        """The number of all rows."""
        return self.edges[-1]


def piece_rows(width: int) -> int:
    """Return how many rows a piece of so many columns should have, in whole blocks.

    Examples
    --------
    >>> piece_rows(8), piece_rows(10**6)
    (262144, 1024)
    """
    return max(1, PIECE_BYTES // (8 * width) // BLOCK) * BLOCK


def grouped(lengths: Sequence[int], width: int) -> Iterator[list[int]]:
    """Yield which chunks are read together, by their numbers; empty ones never are.

    Examples
    --------
    >>> list(grouped([5, 0, 300_000, 7], 8))
    [[0, 2], [3]]
    """
    wanted, group, rows = piece_rows(width), list[int](), 0
    for number, length in enumerate(lengths):
        if length:
            group.append(number)
            rows += length
        if rows >= wanted:
            yield group
            group, rows = [], 0
    if group:
        yield group


def floats_of(
    read: list[list[Any]], keys: Sequence[Key], first: int, *, finite: bool
) -> tuple[np.ndarray, ...]:
    """Return a column of float64 for each data symbol, from what a piece has read.

    Parameters
    ----------
    read : list of lists of chunks
    keys : sequence of Key
    first : int
        The number of its first row among all, which errors count from.
    finite : bool
        Whether NaN and infinities are looked for.

    Raises
    ------
    TypeError, ValueError
        As `real_array` does, with the number of the row among all.
    """
    columns: list[np.ndarray] = []
    for key, chunks in zip(keys, read, strict=True):
        tables, row = [], first
        for chunk in chunks:
            tables.append(_floats(chunk, key, row, finite=finite))
            row += len(tables[-1])
        table = tables[0] if len(tables) == 1 else np.concatenate(tables)
        columns += [table[:, j] for j in range(key.width)]
    return tuple(columns)


def _floats(chunk: Any, key: Key, first: int, *, finite: bool) -> np.ndarray:
    try:
        array = real_array(chunk, f"data: {key.name}", finite=finite)
    except (TypeError, ValueError) as error:
        raise type(error)(_count_from(first, str(error))) from None
    table = array[:, None] if array.ndim == 1 else array
    if table.ndim != 2 or table.shape[1] != key.width:
        raise shape_error(key, array.shape)
    return table


def _count_from(first: int, message: str) -> str:
    return ROW.sub(lambda found: f"{found[1]}{int(found[2]) + first}", message, count=1)


def shape_error(key: Key, shape: tuple) -> ValueError:
    """Return the error for an array of another shape than its key has."""
    wanted = "(m,)" if key.width == 1 else f"(m, {key.width})"
    return ValueError(f"data: {shown(key.name)[1:-1]} must have shape {wanted}, got {shape}.")
