"""Arrays that lie in a file and are read in place: NumPy's memory maps, and others beside them."""

import mmap
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from symlab.algebra.blocks.source import Key, Source, piece_rows


@dataclass(frozen=True, eq=False)
class Slices:
    """Rows of arrays that have the same length.

    Another process does not get the numbers of a memory map, but where in its file they lie.
    """

    arrays: tuple[np.ndarray, ...]
    first: int
    last: int

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.last - self.first

    def read(self, client: Any = None) -> list[list[Any]]:
        """Return views; nothing is read from the disk before it is used."""
        return [[np.asarray(array[self.first : self.last])] for array in self.arrays]

    def __reduce__(self) -> tuple[Any, ...]:
        parts = tuple(_located(array[self.first : self.last]) for array in self.arrays)
        return _reopened, (parts, self.rows)


@dataclass(frozen=True)
class _Place:
    """Where in a file the numbers of an array lie."""

    path: str
    offset: int
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def open(self) -> np.ndarray:
        """Return the array."""
        file = _bytes_of(self.path)
        return np.ndarray(self.shape, self.dtype, file.data, self.offset, self.strides)


@cache
def _bytes_of(path: str) -> np.memmap:
    return np.memmap(path, np.uint8, "r")


def _located(array: np.ndarray) -> np.ndarray | _Place:
    """Return the place of a part of a memory map; other arrays as they are."""
    # Changes to a map of mode "c" are in no file.
    if not isinstance(array, np.memmap) or array.mode == "c" or array.filename is None:
        return np.asarray(array)
    begin = np.frombuffer(array._mmap, np.uint8).__array_interface__["data"][0]  # type: ignore[attr-defined]
    within = array.__array_interface__["data"][0] - begin
    start = array.offset - array.offset % mmap.ALLOCATIONGRANULARITY
    return _Place(str(array.filename), start + within, array.dtype.str, array.shape, array.strides)


def _reopened(parts: tuple[Any, ...], rows: int) -> Slices:
    arrays = tuple(part.open() if isinstance(part, _Place) else part for part in parts)
    return Slices(arrays, 0, rows)


def source_of_slices(arrays: dict[str, np.ndarray], keys: tuple[Key, ...]) -> Source:
    """Return arrays in a mapping, at least one of them a memory map, as a source."""
    rows = len(next(iter(arrays.values())))
    each = piece_rows(sum(key.width for key in keys))
    held = tuple(arrays[key.name] for key in keys)
    pieces = tuple(Slices(held, first, min(first + each, rows)) for first in range(0, rows, each))
    return Source(pieces, keys, _where(held))


def _where(arrays: tuple[np.ndarray, ...]) -> str:
    names = dict.fromkeys(
        str(array.filename).rpartition("/")[2] for array in arrays if isinstance(array, np.memmap)
    )
    first, *others = names
    return f"memory-mapped {first!r}" + (f" and {len(others)} more" if others else "")
