"""Samples in pieces: checked once from the first to the last, and the blocks that borders cut."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
from sympy import Symbol

from symlab.algebra.blocks.source import BLOCK, Source, floats_of
from symlab.algebra.blocks.spread import Task, run_over
from symlab.algebra.risk.labels import check_found, labels_of, note_labels, wanted_labels
from symlab.checks import shown


@dataclass(frozen=True, eq=False)
class Blocks:
    """Samples in pieces, ready to be added up.

    Parameters
    ----------
    source : Source
    loose : tuple of arrays, shape (r,)
        For each data symbol, the rows of the blocks that lie in more than one piece. They are at
        most 1023 for each border, and kept in memory.
    client : dask.distributed.Client, optional
    """

    source: Source
    loose: tuple[np.ndarray, ...]
    client: Any = None

    @property
    def samples(self) -> int:
        """The number of samples, m."""
        return self.source.rows

    @property
    def count(self) -> int:
        """The number of pieces."""
        return len(self.source.pieces)

    def __repr__(self) -> str:
        who = ", by Dask's workers" if self.client is not None else ""
        blocks = f"{self.count} block{'s' * (self.count != 1)}"
        return f"{self.samples} samples in {blocks}, {self.source.where}{who}"

    def run(self, task: Task) -> list[Any]:
        """Return a task's result for each piece, in the order of the samples."""
        return list(run_over(self.source, task, self.client))

    def inner(self, number: int) -> tuple[int, int]:
        """Return the first and last row, excluded, of the whole blocks in a piece."""
        edges = self.source.edges
        return inner_rows(edges[number], edges[number + 1], self.samples)

    @cached_property
    def digest(self) -> bytes:
        """A hash of all numbers, piece by piece: the same samples in other pieces have another."""
        return b"".join(self.run(Digest()))

    @property
    def loose_blocks(self) -> np.ndarray:
        """The numbers of the blocks whose rows are loose, in order."""
        inside = np.zeros(-(-self.samples // BLOCK), dtype=bool)
        for number in range(self.count):
            first, last = self.inner(number)
            inside[-(-first // BLOCK) : -(-last // BLOCK)] = True
        return np.flatnonzero(~inside)


def inner_rows(first: int, last: int, samples: int) -> tuple[int, int]:
    """Return the first and last row, excluded, of the whole blocks among some rows of all.

    Examples
    --------
    >>> inner_rows(1000, 5000, 9000), inner_rows(5000, 9000, 9000), inner_rows(10, 20, 9000)
    ((1024, 4096), (5120, 9000), (1024, 1024))
    """
    begin = -(-first // BLOCK) * BLOCK
    end = last if last == samples else last // BLOCK * BLOCK
    return min(begin, samples), max(min(begin, samples), end)


@dataclass(frozen=True)
class Checked:
    """What has been seen of a piece.

    Parameters
    ----------
    ends : array, shape (r, symbols)
        The rows that are not in its whole blocks.
    labels : mapping
        For each symbol that labels may stand in, numbers and the row where each came first.
    """

    ends: np.ndarray
    labels: Mapping[Symbol, Mapping[float, int]]


@dataclass(frozen=True)
class Check:
    """Look at all numbers of a piece: whether they are finite, and which may be labels.

    Parameters
    ----------
    watched : mapping
        The symbols whose labels are noted, by the places of their columns.
    samples : int
    """

    watched: Mapping[int, Symbol]
    samples: int
    finite: bool = True

    def prepare(self, columns: tuple[np.ndarray, ...], first: int) -> Any:
        """Return the columns, which have been checked to be finite, and their first row."""
        return columns, first

    def work(self, prepared: Any) -> Checked:
        """Return what is kept of them."""
        columns, first = prepared
        begin, end = inner_rows(first, first + len(columns[0]), self.samples)
        table = [
            np.concatenate([column[: begin - first], column[end - first :]])
            if begin < end
            else column
            for column in columns
        ]
        labels = {
            symbol: labels_of(columns[place], first) for place, symbol in self.watched.items()
        }
        return Checked(np.column_stack(table), labels)


@dataclass(frozen=True)
class Digest:
    """Hash the columns of a piece."""

    finite: bool = False

    def prepare(self, columns: tuple[np.ndarray, ...], first: int) -> Any:
        """Return the columns one after the other."""
        return np.concatenate(columns)

    def work(self, prepared: Any) -> bytes:
        """Return their hash."""
        return blake2b(prepared, digest_size=20).digest()


def checked_blocks(source: Source, risk: Any, client: Any) -> Blocks:
    """Return data in pieces as blocks, all numbers looked at once.

    Parameters
    ----------
    source : Source
    risk : EmpiricalRisk
    client : dask.distributed.Client or None

    Raises
    ------
    TypeError, ValueError
        Naming the column and the row, among all, where data are no real numbers; or the labels that
        the loss is not made for.
    """
    if not source.rows:
        raise ValueError(f"data: {shown(source.where)[1:-1]} is empty.")
    wanted = wanted_labels(risk.loss, risk.data)
    watched = {place: s for place, s in enumerate(risk.data) if s in wanted}
    ends: list[np.ndarray] = []
    found: dict[Symbol, dict[float, int]] = {symbol: {} for symbol in watched.values()}
    for checked in run_over(source, Check(watched, source.rows), client):
        ends.append(checked.ends)
        for symbol, labels in checked.labels.items():
            note_labels(found[symbol], labels)
    check_found(wanted, found)
    loose = np.concatenate(ends).T
    return Blocks(source, tuple(np.ascontiguousarray(column) for column in loose), client)


class Rows:
    """Rows of data in pieces, by their numbers; the pieces read last are kept for the next ones.

    Parameters
    ----------
    blocks : Blocks
    """

    KEPT = 2

    def __init__(self, blocks: Blocks) -> None:
        self._blocks, self._read = blocks, dict[int, list[list[Any]]]()

    def take(self, rows: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return some rows of each column, in the order of their numbers, shape (rows,)."""
        source = self._blocks.source
        found = np.empty((sum(key.width for key in source.keys), len(rows)))
        pieces = np.searchsorted(source.edges, rows, side="right") - 1
        for number in np.unique(pieces).tolist():
            here = np.flatnonzero(pieces == number)
            local = rows[here] - source.edges[number]
            chosen = [[_picked(chunks, local)] for chunks in self._piece(number)]
            for row, column in zip(
                found, floats_of(chosen, source.keys, 0, finite=False), strict=True
            ):
                row[here] = column
        return tuple(found)

    def _piece(self, number: int) -> list[list[Any]]:
        if number not in self._read:
            while len(self._read) >= self.KEPT:
                del self._read[next(iter(self._read))]
            self._read[number] = self._blocks.source.pieces[number].read(self._blocks.client)
        return self._read[number]


def _picked(chunks: list[Any], rows: np.ndarray) -> Any:
    """Return some rows of a column that has come in chunks."""
    arrays = [np.asarray(chunk) for chunk in chunks]
    return (arrays[0] if len(arrays) == 1 else np.concatenate(arrays))[rows]
