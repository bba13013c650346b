"""Outcomes kept by what they are outcomes of, a Parquet file for each block.

The name of a file is a hash of all that decides its numbers: objective and data, the method with
its formulas, settings, hyperparameters, starts, seeds, and the version of symlab's arithmetic.
Within it stands a hash of its content, so that a damaged file is found out, taken for missing, and
written anew.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from sympy import Basic, srepr

from symlab.algebra.objective import Objective
from symlab.algebra.risk.blocked import BlockedRisk
from symlab.algebra.risk.risk import BoundRisk
from symlab.engine.compiled.many_runs_op import VERSION
from symlab.files import check_writable, path_of, read_file, remove_leftovers, replace_file
from symlab.lab.sweep.block import Block, Outcome

NUMERICS = 1
"""Of all that computes numbers outside the C text of many runs; another one where a digit may be
another."""

NEEDED = 'store: Parquet files need pyarrow; pip install "symlab[cluster]" brings it.'


@dataclass(frozen=True)
class Store:
    """A folder of outcomes.

    Parameters
    ----------
    folder : pathlib.Path
    """

    folder: Path

    def path(self, block: Block) -> Path:
        """Return the file of a block's outcome."""
        return self.folder / f"{key_of(block)}.parquet"

    def find(self, block: Block) -> Outcome | None:
        """Return the outcome of a block; None where there is none, or a damaged one."""
        path = self.path(block)
        try:
            return _outcome_of(read_file(path), len(block.starts)) if path.exists() else None
        except (OSError, ValueError, KeyError):  # of pyarrow, too: its errors are ValueErrors
            return None

    def keep(self, block: Block, outcome: Outcome) -> None:
        """Write the outcome of a block, whole or not at all.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        replace_file(self.path(block), _file_of(outcome))


def store_of(folder: object) -> Store | None:
    """Return the store in a folder, which is made if need be; None for None.

    Raises
    ------
    ImportError
        If pyarrow is not installed; the message says how to install it.
    OSError
        If nothing can be written there.
    """
    if folder is None:
        return None
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise ImportError(NEEDED) from None
    path = path_of(folder, "store")
    check_writable(path)
    remove_leftovers(path)
    return Store(path)


def key_of(block: Block) -> str:
    """Return a hash of all that decides the outcome of a block."""
    digest = hashlib.blake2b(digest_size=20)
    stated = {
        "numerics": [NUMERICS, VERSION],
        "method": _told(block.method),
        "settings": asdict(block.settings),
        "words": list(block.numbers),
        "shape": block.starts.shape,
    }
    for part in (json.dumps(stated, sort_keys=True), *_stated(block.objective)):
        digest.update(part.encode())
    for name, array in _arrays(block):
        digest.update(f"{name}{array.dtype}{array.shape}".encode() + _bytes(array))
    return digest.hexdigest()


def _told(value: object) -> object:
    """Return a method as lists and text, its formulas too: two rules may have one name."""
    if isinstance(value, Basic):
        return srepr(value)
    if isinstance(value, Mapping):
        return [[_told(key), _told(each)] for key, each in value.items()]
    if is_dataclass(value) and not isinstance(value, type):
        name = type(value).__name__
        return [name, *([f.name, _told(getattr(value, f.name))] for f in fields(value))]
    return [_told(each) for each in value] if isinstance(value, tuple | list) else repr(value)


def _stated(objective: Objective) -> Iterable[str]:
    def of_data(bound: BoundRisk) -> list[str]:
        risk = bound.risk
        parts = (risk.loss, risk.penalty, *risk.parameters, *risk.data)
        return [*map(srepr, parts), risk.reduction]

    return objective.dispatch(
        formula=lambda f: [*map(srepr, (f.expression, *f.variables))], data=of_data
    )


def _arrays(block: Block) -> Iterable[tuple[str, np.ndarray]]:
    """Return what is given in numbers, each under a name of its own."""
    data: tuple[np.ndarray, ...] = block.objective.dispatch(
        formula=lambda _: (), data=lambda bound: bound.arrays, blocks=_numbers_of
    )
    given = {
        "starts": block.starts,
        "seeds": block.seeds,
        "batch sizes": block.batch_sizes,
        **{f"number {word}": column for word, column in block.numbers.items()},
        **{f"data {i}": np.asarray(array) for i, array in enumerate(data)},
    }
    return ((name, array) for name, array in given.items() if array is not None)


def _numbers_of(bound: BlockedRisk) -> tuple[np.ndarray, ...]:
    """Return the data, or a hash of more than memory may hold."""
    return bound.arrays if bound.can_be_held else (np.frombuffer(bound.blocks.digest, np.uint8),)


def _bytes(array: np.ndarray) -> bytes:
    if array.dtype == object:
        return "\n".join(map(repr, array)).encode()
    return np.ascontiguousarray(array).tobytes()


def _columns(outcome: Outcome) -> dict[str, np.ndarray]:
    columns = {name: getattr(outcome, name) for name in ("status", "steps", "value", "rate")}
    return columns | {f"point_{i}": column for i, column in enumerate(outcome.point.T)}


def _checksum(columns: dict[str, np.ndarray]) -> str:
    digest = hashlib.blake2b(digest_size=20)
    for name, column in columns.items():
        digest.update(name.encode() + _bytes(column))
    return digest.hexdigest()


def _file_of(outcome: Outcome) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = _columns(outcome)
    told = {"checksum": _checksum(columns)}
    stream = BytesIO()
    pq.write_table(pa.table(dict(columns), metadata=told), stream)
    return stream.getvalue()


def _outcome_of(content: bytes, count: int) -> Outcome:
    """Return the outcome that a file holds.

    Raises
    ------
    ValueError, KeyError
        If it is damaged.
    """
    import pyarrow.parquet as pq

    table = pq.read_table(BytesIO(content))
    columns: dict[str, Any] = {
        name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names
    }
    told = (table.schema.metadata or {}).get(b"checksum", b"").decode()
    if told != _checksum(columns) or table.num_rows != count:
        raise ValueError("another checksum")
    points = [columns.pop(name) for name in table.column_names if name.startswith("point_")]
    return Outcome(**columns, point=np.column_stack(points))
