"""What is done with each piece: here, while the next one is read, or by the workers of Dask."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from symlab.algebra.blocks.source import Key, Source, floats_of
from symlab.checks import shown


class Task(Protocol):
    """What is done with the columns of a piece.

    It goes to other processes, so it holds no more than it needs.
    """

    @property
    def finite(self) -> bool:
        """Whether NaN and infinities are looked for."""

    def prepare(self, columns: tuple[np.ndarray, ...], first: int) -> Any:
        """Return the columns as they will be needed; here a thread does it ahead."""

    def work(self, prepared: Any) -> Any:
        """Return the result."""


@dataclass(frozen=True)
class Refused:
    """Data that are no numbers: the error, which whoever asked is to raise."""

    error: Exception


def run_over(source: Source, task: Task, client: Any) -> Iterator[Any]:
    """Yield a task's result for each piece, in the order of the rows.

    Parameters
    ----------
    source : Source
    task : Task
    client : dask.distributed.Client or None
        Whose workers do it; without one it is done here, with one piece in memory and the next one
        being read.

    Raises
    ------
    TypeError, ValueError
        Where columns hold no real numbers.
    """
    for found in _on_workers(source, task, client) if client else _here(source, task):
        if isinstance(found, Refused):
            raise found.error
        yield found


def _here(source: Source, task: Task) -> Iterator[Any]:
    def read(number: int) -> Any:
        piece = source.pieces[number]
        return _prepare(task, source.keys, source.edges[number], piece.rows, piece.read())

    with ThreadPoolExecutor(1, "symlab-reading") as reader:
        coming = reader.submit(read, 0)
        for number in range(len(source.pieces)):
            prepared = coming.result()
            if number + 1 < len(source.pieces):
                coming = reader.submit(read, number + 1)
            found = _work(task, prepared)
            del prepared  # before the next is waited for: two pieces are in memory, not three
            yield found


def _prepare(task: Task, keys: tuple[Key, ...], first: int, rows: int, read: list) -> Any:
    try:
        columns = floats_of(read, keys, first, finite=task.finite)
    except (TypeError, ValueError) as error:
        return Refused(error)
    if any(len(column) != rows for column in columns):
        return Refused(ValueError(f"data: the rows from {first} on have changed since `.on`."))
    return task.prepare(columns, first)


def _work(task: Task, prepared: Any) -> Any:
    return prepared if isinstance(prepared, Refused) else task.work(prepared)


def _on_workers(source: Source, task: Task, client: Any) -> Iterator[Any]:
    """Yield what workers find; one that dies is replaced by Dask, which gives out its work anew."""
    from dask import delayed

    futures = []
    for number, piece in enumerate(source.pieces):
        known = task, source.keys, source.edges[number], piece.rows
        if hasattr(piece, "lazy"):
            lazy = delayed(_of_computed, pure=False)(
                *map(_as_is, (*known, piece.names)), piece.lazy
            )
            futures.append(client.compute(lazy))
        else:
            futures.append(client.submit(_of_piece, *known, piece, pure=False))
    for place, future in enumerate(futures):
        yield future.result()
        futures[place] = None  # a result that has been taken need not be kept by its worker


def _as_is(value: Any) -> Any:
    """Return a value that Dask does not look into."""
    from dask import delayed

    return delayed(value, traverse=False)


def _of_piece(task: Task, keys: tuple[Key, ...], first: int, rows: int, piece: Any) -> Any:
    return _work(task, _prepare(task, keys, first, rows, piece.read()))


def _of_computed(
    task: Task, keys: tuple[Key, ...], first: int, rows: int, names: tuple[str, ...], found: Any
) -> Any:
    from symlab.algebra.blocks.dask_chunks import joined

    return _work(task, _prepare(task, keys, first, rows, joined(found, names)))


def find_client(given: object) -> Any:
    """Return a client that was given, or the active one if there is one.

    Raises
    ------
    TypeError
        If what was given is no client.
    """
    if given is not None:
        if not all(hasattr(given, name) for name in ("submit", "compute", "gather")):
            raise TypeError(f"client: expected a dask.distributed.Client, got {shown(given)}.")
        return given
    distributed = sys.modules.get("distributed")
    if distributed is None:
        return None
    try:
        return distributed.default_client()
    except ValueError:
        return None
