"""Parquet files and folders of them: a piece is one row group, or some small ones in a row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symlab.algebra.blocks.source import Key, Source, grouped
from symlab.algebra.order import natural_key
from symlab.checks import shown

NEEDED = "data: reading Parquet needs pyarrow; pip install 'symlab[cluster]' brings it."

type Group = tuple[str, int]
"""A file and the number of one of its row groups."""


@dataclass(frozen=True)
class RowGroups:
    """Row groups that are read together.

    Parameters
    ----------
    groups : tuple of Group
    names : tuple of str
        The columns to be read.
    rows : int
    """

    groups: tuple[Group, ...]
    names: tuple[str, ...]
    rows: int

    def read(self, client: Any = None) -> list[list[Any]]:
        """Read them, and return each column in the chunks it came in."""
        import pyarrow.parquet as pq

        chunks: list[list[Any]] = [[] for _ in self.names]
        for path in dict.fromkeys(path for path, _ in self.groups):
            wanted = [number for each, number in self.groups if each == path]
            with pq.ParquetFile(path) as file:
                table = file.read_row_groups(wanted, columns=list(self.names))
            for column, name in zip(chunks, self.names, strict=True):
                column += [_numbers(part) for part in table.column(name).chunks if len(part)]
        return chunks


def _numbers(part: Any) -> Any:
    """Return an Arrow array as NumPy's, without a copy where floats lie in it as they are."""
    decoded = part.dictionary_decode() if hasattr(part, "dictionary_decode") else part
    return decoded.to_numpy(zero_copy_only=False)


def source_of_parquet(path: Path, choose: Callable[[Sequence[str]], tuple[Key, ...]]) -> Source:
    """Return a Parquet file, or all those of a folder in the order of their names, as a source.

    Parameters
    ----------
    path : Path
    choose : callable
        Returns from the names of a file's columns the keys of those to be read.

    Raises
    ------
    ImportError
        If pyarrow is not installed; the message says how to install it.
    ValueError
        If there is no such file, it is no Parquet file, or a column is missing in one of them.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise ImportError(NEEDED) from None
    files = _files(path)
    groups: list[Group] = []
    lengths: list[int] = []
    for file in files:
        try:
            described = pq.read_metadata(file)
        except (pa.ArrowException, OSError) as error:
            told = " ".join(str(error).split())[:80]
            raise ValueError(f"data: {shown(file.name)} is no Parquet file ({told}).") from None
        keys = choose(described.schema.to_arrow_schema().names)
        groups += [(str(file), number) for number in range(described.num_row_groups)]
        lengths += [
            described.row_group(number).num_rows for number in range(described.num_row_groups)
        ]
    names = tuple(key.name for key in keys)
    pieces = tuple(
        RowGroups(tuple(groups[i] for i in group), names, sum(lengths[i] for i in group))
        for group in grouped(lengths, len(names))
    )
    more = f", {len(files)} files" if len(files) > 1 else ""
    return Source(pieces, keys, f"Parquet {path.name!r}{more}")


def _files(path: Path) -> list[Path]:
    """Return a file, or the Parquet files below a folder; part.2 comes before part.10."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise ValueError(f"data: there is no file or folder {shown(str(path))}.")
    found = [
        each
        for each in path.rglob("*.parquet")
        if each.is_file()  # some programs name a folder of files so
        and not any(part.startswith((".", "_")) for part in each.relative_to(path).parts)
    ]
    if not found:
        raise ValueError(f"data: the folder {shown(str(path))} has no file named *.parquet.")
    return sorted(found, key=lambda each: natural_key(each.relative_to(path).as_posix()))
