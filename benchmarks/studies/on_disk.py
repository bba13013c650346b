"""S2: one gradient of logistic regression on a hundred million samples in Parquet files.

Beside it the same files read and decoded by pyarrow, a row group after the other, and nothing done
with them: no gradient can take less.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp

import symlab as sl
from benchmarks.cells import run_cell
from benchmarks.effort import FULL, Effort
from benchmarks.measure import seconds_of
from benchmarks.records import Rates, Reading
from benchmarks.studies.long_run import MEMORY, TIME, peak_megabytes
from benchmarks.table import reading_in_short

ID, TITLE = "S2", "one gradient on 10⁸ samples in Parquet, nine columns and a bias"
SAMPLES = 100_000_000
COLUMNS = 9
"""With the bias they make ten parameters, and 7.5 GB of files."""

FILES = 4
GROUP = 2**20
"""Rows of a row group: what pyarrow makes by itself."""

SEED, REPEATS = 0, 3
OURS, READING = "symlab-c", "pyarrow, read and decode"
SPEED, SHARE = "megabytes a second", "peak ÷ data"
CASE = "one gradient"
CLOSE = 1e-9
"""How far sums in another order may be apart, relative to the largest slope."""


def readings(effort: Effort, rates: Rates | None = None) -> Iterator[Reading]:
    """Write the files to a temporary folder, measure in a process of its own, and delete them."""
    samples = effort.of(SAMPLES)
    with tempfile.TemporaryDirectory(prefix="symlab-") as folder:
        expected = write(Path(folder), samples)
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6
        given = {"folder": folder, "expected": expected.tolist()}
        outcome = run_cell("benchmarks.studies.on_disk:cell", given, 5 * effort.cell_seconds)
    found = outcome.found
    for system, seconds in ((OURS, found.get(OURS)), (READING, found.get(READING))):
        yield Reading(ID, system, CASE, TIME, seconds, samples, outcome.trouble)
        speed = size / seconds if seconds else None
        yield Reading(ID, system, CASE, SPEED, speed, samples, outcome.trouble)
    peak = found.get(MEMORY)
    yield Reading(ID, OURS, CASE, MEMORY, peak, samples, outcome.trouble)
    share = peak / (8e-6 * samples * (COLUMNS + 1)) if peak else None
    yield Reading(ID, OURS, CASE, SHARE, share, samples, outcome.trouble)


def write(folder: Path, samples: int) -> np.ndarray:
    """Write normal columns and labels by a noisy line, and return the gradient at zero."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    generator = np.random.default_rng(SEED)
    names, slopes = [f"x{j}" for j in range(COLUMNS)], np.zeros(COLUMNS + 1)
    edges = np.linspace(0, samples, FILES + 1).astype(int)
    for number, rows in enumerate(np.diff(edges).tolist()):
        schema = pa.schema([*((name, pa.float64()) for name in names), ("y", pa.bool_())])
        with pq.ParquetWriter(folder / f"part.{number}.parquet", schema) as file:
            for first in range(0, rows, GROUP):
                x = generator.standard_normal((COLUMNS, min(GROUP, rows - first)))
                y = x.sum(axis=0) + generator.standard_normal(x.shape[1]) > 0
                slopes += np.append(x @ (0.5 - y), (0.5 - y).sum())
                file.write_table(pa.table([*x, y], schema=schema), row_group_size=GROUP)
    return slopes / samples


def stated() -> Any:
    """Return the mean logistic loss of nine columns and a bias."""
    x, w = sp.symbols(f"x0:{COLUMNS}", real=True), sp.symbols(f"w0:{COLUMNS}", real=True)
    y, bias = sp.symbols("y bias", real=True)
    z = sp.Add(bias, *(a * b for a, b in zip(x, w, strict=True)))
    return sl.EmpiricalRisk(sp.log(1 + sp.exp(z)) - y * z, parameters=(*w, bias), data=(*x, y))


def cell(folder: str, expected: list[float]) -> Iterator[dict[str, Any]]:
    """Time a gradient, and then reading alone; tell the most memory held before that.

    Raises
    ------
    ArithmeticError
        If the gradient is another one than was found while the files were written.
    """
    functions = sl.compile(stated().on(folder))
    found, zero = functions.gradient(np.zeros(COLUMNS + 1)), np.array(expected)
    if np.abs(found - zero).max() > CLOSE * np.abs(zero).max():
        raise ArithmeticError(f"{ID}: the gradient is {found}, expected {zero}.")
    point = np.full(COLUMNS + 1, 0.1)
    ours = min(seconds_of(lambda: functions.gradient(point)) for _ in range(REPEATS))
    megabytes = peak_megabytes()
    alone = min(seconds_of(lambda: read_alone(Path(folder))) for _ in range(REPEATS))
    yield {OURS: ours, READING: alone, MEMORY: megabytes}


def read_alone(folder: Path) -> int:
    """Read and decode all row groups; return how many rows they had."""
    import pyarrow.parquet as pq

    rows = 0
    for path in sorted(folder.iterdir()):
        with pq.ParquetFile(path) as file:
            for number in range(file.num_row_groups):
                rows += file.read_row_group(number).num_rows
    return rows


if __name__ == "__main__":
    # python -m benchmarks.studies.on_disk 1000000: with another number of samples.
    chosen = Effort(share=int(sys.argv[1]) / SAMPLES) if len(sys.argv) > 1 else FULL
    for each in readings(chosen):
        print(reading_in_short(each))
