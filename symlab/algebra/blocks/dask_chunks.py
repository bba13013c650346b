"""Dask's arrays and DataFrames: a piece is one chunk or partition, or some small ones in a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symlab.algebra.blocks.source import Key, Source, grouped


@dataclass(frozen=True, eq=False)
class Chunks:
    """Chunks that are computed together.

    Parameters
    ----------
    lazy : tuple of Delayed
        Partitions of a DataFrame; or for each chunk of rows an array for each key.
    names : tuple of str
        The keys.
    rows : int
    """

    lazy: tuple[Any, ...]
    names: tuple[str, ...]
    rows: int

    def read(self, client: Any = None) -> list[list[Any]]:
        """Compute them here, or where a client has workers."""
        return joined(computed(self.lazy, client), self.names)


def joined(found: Sequence[Any], names: tuple[str, ...]) -> list[list[Any]]:
    """Return for each key its chunks, from what has been computed."""
    if hasattr(found[0], "columns"):
        return [[table[name] for table in found if len(table)] for name in names]
    return [list(found[j :: len(names)]) for j in range(len(names))]


def computed(lazy: Sequence[Any], client: Any) -> Sequence[Any]:
    """Compute some parts of a Dask graph by a client, or here in threads."""
    if client is not None:
        return client.gather(client.compute(list(lazy)))
    import dask

    return dask.compute(*lazy, scheduler="threads")


def source_of_frame(frame: Any, keys: tuple[Key, ...], client: Any) -> Source:
    """Return columns of a Dask DataFrame as a source; its partitions are counted for it."""
    names = tuple(key.name for key in keys)
    partitions = frame[list(names)].to_delayed()
    import dask

    lengths = computed([dask.delayed(len)(each) for each in partitions], client)
    pieces = tuple(
        Chunks(tuple(partitions[i] for i in group), names, sum(lengths[i] for i in group))
        for group in grouped(lengths, len(names))
    )
    return Source(pieces, keys, f"a Dask DataFrame of {_counted(len(lengths), 'partition')}")


def source_of_chunks(arrays: Mapping[str, Any], keys: tuple[Key, ...]) -> Source:
    """Return Dask arrays in a mapping, others beside them, as a source.

    Chunks are those of the first Dask array.
    """
    lengths = next(each.chunks[0] for each in arrays.values() if is_dask(each))
    blocks = [_blocks(arrays[key.name], lengths) for key in keys]
    names = tuple(key.name for key in keys)
    pieces = tuple(
        Chunks(
            tuple(column[i] for i in group for column in blocks),
            names,
            sum(lengths[i] for i in group),
        )
        for group in grouped(lengths, sum(key.width for key in keys))
    )
    return Source(pieces, keys, f"Dask arrays of {_counted(len(lengths), 'chunk')}")


def _blocks(values: Any, lengths: tuple[int, ...]) -> list[Any]:
    """Return an array's chunks of rows, each lazy and with all its columns."""
    import dask.array as da

    array = values if is_dask(values) else da.from_array(np.asarray(values))
    chunked = array.rechunk((lengths, *((size,) for size in array.shape[1:])))
    return list(chunked.to_delayed().ravel())


def known_array(values: Any) -> Any:
    """Return a Dask array whose chunks have known lengths; a column is computed to count it."""
    if hasattr(values, "to_dask_array"):
        return values.to_dask_array(lengths=True)
    if np.isnan(values.shape[:1]).any():
        return values.copy().compute_chunk_sizes()
    return values


def is_dask(values: object) -> bool:
    """Return whether these are an array, a column or a table of Dask."""
    module = type(values).__module__.partition(".")[0]
    return module in ("dask", "dask_expr") and hasattr(values, "dask")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
