"""Data that are read in pieces: what is read is what is there, and what is wrong has its row."""

import sys
from itertools import pairwise
from threading import Event

import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import symlab as sl
from symlab.algebra.blocks import source
from symlab.algebra.blocks.blocks import Blocks, Rows, inner_rows
from symlab.algebra.blocks.slices import Slices
from symlab.algebra.blocks.source import BLOCK, Key, Source
from symlab.algebra.blocks.spread import run_over
from symlab.algebra.risk import blocked

x, y, w, b = sp.symbols("x y w b", real=True)
z = w * x + b
RISK = sl.EmpiricalRisk(sp.log(1 + sp.exp(z)) - y * z, parameters=(w, b), data=(x, y))
ROWS = 3000


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch):
    """A row group or chunk of a thousand rows is a piece of its own, as a million would be."""
    monkeypatch.setattr(source, "PIECE_BYTES", 1)


def table():
    """Samples with the labels 0 and 1."""
    generator = np.random.default_rng(3)
    columns = generator.normal(size=ROWS)
    return pd.DataFrame({"x": columns, "y": (columns + generator.normal(size=ROWS) > 0) * 1})


def mapped(folder, given):
    """A table as one memory map, a row of it a sample, and its columns."""
    path = folder / "table.dat"
    np.ascontiguousarray(given.to_numpy(dtype=float)).tofile(path)
    numbers = np.memmap(path, float, "r", shape=given.shape)
    return {name: numbers[:, j] for j, name in enumerate(given)}


def chunked(given):
    """A column in uneven chunks that Dask does not know the lengths of, and one in memory.

    Of the second chunk no row is left.
    """
    column = given["x"].to_numpy()
    longer = np.concatenate([column[:100], np.full(500, np.nan), column[100:]])
    lazy = da.from_array(longer, chunks=((100, 500, 2000, 900),))
    return {
        "x": lazy[~da.isnan(lazy) | (da.arange(3500, chunks=lazy.chunks) >= 600)],
        "y": given["y"].to_numpy(),
    }


def written(folder, given, cuts=(0, 1100, 2500)):
    """A folder of Parquet files in small row groups; by name as text, part.10 would come first."""
    edges = [*cuts, len(given)]
    for number, (first, last) in zip((2, 10, 11), pairwise(edges), strict=True):
        part = given[first:last]
        part.to_parquet(folder / f"part.{number}.parquet", row_group_size=700)
    (folder / "_metadata.parquet").write_text("no data")
    inner = folder / "part.11.parquet"  # as Spark writes a table: a folder of that name
    inner.rename(folder / "only.parquet")
    inner.mkdir()
    (folder / "only.parquet").rename(inner / "part.0.parquet")
    return folder


def sources(folder, given):
    """The same samples in every form that is read in pieces."""
    given.to_parquet(folder / "one.parquet", row_group_size=1300)
    (folder / "many").mkdir()
    yield "memory-mapped 'table.dat'", mapped(folder, given)
    yield "Dask arrays of 4 chunks", chunked(given)
    yield "a Dask DataFrame of 3 partitions", dd.from_pandas(given, npartitions=3)
    yield "Parquet 'one.parquet'", str(folder / "one.parquet")
    yield "Parquet 'many', 3 files", written(folder / "many", given)


def test_samples_are_the_same_wherever_they_lie(tmp_path):
    """Every form has the rows of the table, in its order; `repr` says how many, and where."""
    given = table()
    rows = [2999, 0, 5, 1024, 0, -1]
    for where, data in sources(tmp_path, given):
        bound = RISK.on(data)
        assert bound.samples == ROWS
        assert f"on({ROWS} samples in " in repr(bound), where
        assert f" blocks, {where})" in repr(bound), repr(bound)
        for array, name in zip(bound.arrays, ("x", "y"), strict=True):
            assert array.tolist() == given[name].tolist(), where
        for array, name in zip(bound.part(rows).arrays, ("x", "y"), strict=True):
            assert array.tolist() == given[name].to_numpy()[rows].tolist(), where


def test_a_table_in_one_memory_map_is_read_by_columns(tmp_path):
    """Matrix data have a row for each sample; floats of 32 bits are read as they stand."""
    path, numbers = tmp_path / "matrix.dat", np.arange(12.0, dtype=np.float32).reshape(6, 2)
    numbers.tofile(path)
    m = sp.symbols("m")
    features, weights, target = (
        sp.MatrixSymbol(name, *shape)
        for name, shape in (("X", (m, 2)), ("W", (2, 1)), ("t", (m, 1)))
    )
    cost = (features * weights - target).T * (features * weights - target) / m
    risk = sl.EmpiricalRisk(cost, parameters=weights, data=(features, target))
    lazy = np.memmap(path, np.float32, "r", shape=(6, 2))
    bound, known = risk.on({"X": lazy, "t": np.arange(6)}), risk.on({"X": numbers, "t": range(6)})
    assert [array.tolist() for array in bound.arrays] == [a.tolist() for a in known.arrays]
    with pytest.raises(ValueError, match=r"data: X must have shape \(m, 2\), got \(12,\)"):
        risk.on({"X": lazy.reshape(-1), "t": np.arange(12)})


@pytest.mark.parametrize(
    "column, row, wrong, told",
    [
        ("x", 2704, np.nan, "data: x: expected finite numbers, got nan in row 2704"),
        ("x", 1500, np.inf, "data: x: expected finite numbers, got inf in row 1500"),
        ("y", 2999, 2, "data: y holds the labels 0, 1, 2; .* 0 and 1 .row 2999 has 2."),
        ("y", 1200, -1, "data: y holds the labels -1, 0, 1; .* 0 and 1 .row 1200 has -1."),
    ],
)
def test_what_is_wrong_in_a_later_piece_is_named_with_its_row(tmp_path, column, row, wrong, told):
    """Rows count from the first of all, whichever piece they are in."""
    given = table()
    given[column] = given[column].astype(type(wrong))
    given.loc[row, column] = wrong
    for _, data in sources(tmp_path, given):
        with pytest.raises(ValueError, match=told):
            RISK.on(data)


def test_text_and_missing_numbers_have_their_row(tmp_path):
    """A column of objects is read number by number, so that the first that is none is known."""
    given = table()
    given["x"] = given["x"].astype(object)
    given.loc[2100, "x"] = "many"
    lazy = {"x": da.from_array(given["x"].to_numpy(), chunks=900), "y": given["y"].to_numpy()}
    with pytest.raises(TypeError, match=r"data: x: .* got text in row 2100: 'many'"):
        RISK.on(lazy)
    labels = pa.array([None if i == 2001 else i % 2 for i in range(ROWS)], pa.int8())
    pq.write_table(pa.table({"x": np.zeros(ROWS), "y": labels}), tmp_path / "a.parquet", 700)
    with pytest.raises(ValueError, match="data: y: expected finite numbers, got nan in row 2001"):
        RISK.on(tmp_path / "a.parquet")


def test_what_cannot_be_read_is_refused_by_name(tmp_path):
    """A misspelt column in one of the files, no file, no Parquet, no rows, no data at all."""
    given = table()
    written(tmp_path, given)
    given.rename(columns={"x": "X"}).to_parquet(tmp_path / "part.9.parquet")
    with pytest.raises(ValueError, match=r"data: \['x'\] are missing; got \['X', 'y'\]"):
        RISK.on(tmp_path)
    with pytest.raises(ValueError, match=r"data: \['x'\] are missing; got \['X', 'y'\]"):
        RISK.on(dd.from_pandas(given.rename(columns={"x": "X"}), npartitions=2))
    (tmp_path / "empty").mkdir()
    given[:0].to_parquet(tmp_path / "none.parquet")
    (tmp_path / "text.parquet").write_text("x,y")
    names = ["x", "x", "y"]
    pq.write_table(pa.Table.from_arrays([[0.5]] * 3, names=names), tmp_path / "twice.parquet")
    with pytest.raises(ValueError, match="data: expected the path of a file, got ''"):
        RISK.on("")
    for place, told in (
        ("nowhere", "data: there is no file or folder "),
        ("twice.parquet", "data: 'x' is given twice"),
        ("empty", r"data: the folder .* has no file named \*.parquet"),
        ("none.parquet", "data: Parquet 'none.parquet' is empty"),
        ("text.parquet", "data: 'text.parquet' is no Parquet file"),
    ):
        with pytest.raises(ValueError, match=told):
            RISK.on(tmp_path / place)
    short = {"x": da.zeros(5, chunks=2), "y": np.zeros(4)}
    with pytest.raises(ValueError, match="data: lengths differ: x has 5 rows, y has 4"):
        RISK.on(short)
    with pytest.raises(ValueError, match="data: x is empty"):
        RISK.on({"x": da.zeros(0), "y": np.zeros(0)})
    with pytest.raises(TypeError, match=r"client: expected a dask.distributed.Client, got 'mine'"):
        RISK.on(given, client="mine")


def test_data_too_large_to_hold_are_swept_and_minimised_by_whole_sums(monkeypatch, tmp_path):
    """A store knows them by a hash of each piece; the method that is chosen takes whole sums."""
    monkeypatch.setattr(blocked, "MOST_HELD", 50)
    table().to_parquet(tmp_path / "a.parquet", row_group_size=1300)
    again, other = (RISK.on(tmp_path / "a.parquet") for _ in "ab"), mapped(tmp_path, table()[1:])
    swept = [
        sl.sweep(risk, [0, 0], grid={"step_size": [0.1]}, max_steps=2, store=tmp_path / "kept")
        for risk in (*again, RISK.on(other))
    ]
    assert [each.computed for each in swept] == [1, 0, 1]
    squares = sl.EmpiricalRisk((z - y) ** 2, parameters=(w, b), data=(x, y)).on(other)
    assert sl.minimize(squares, [0, 0]).status == "converged"


def test_what_lies_in_memory_beside_pieces_is_read_as_it_is_without_them():
    """Masks and row labels are not lost, ragged rows are told, and later changes change nothing."""
    given = table()
    lazy = da.from_array(given["x"].to_numpy(), chunks=900)
    masked = np.ma.array(given["y"], mask=np.arange(ROWS) == 7)
    for wrong, told in (
        (masked, "data: y: expected no masked values, got one in row 7"),
        ([[1], [2, 3]], "data: y: expected an array of numbers, with rows of one length"),
    ):
        with pytest.raises(ValueError, match=told):
            RISK.on({"x": lazy, "y": wrong})
    v = sp.Symbol("v", real=True)
    third = sl.EmpiricalRisk((w * x + b * v - y) ** 2, parameters=(w, b), data=(x, y, v))
    series = {"x": given["x"], "y": given["y"][::-1]}
    with pytest.raises(ValueError, match="data: v has none to say in which"):
        third.on({**series, "v": lazy})
    labels = given["y"].to_numpy(copy=True)
    bound = RISK.on({"x": lazy, "y": labels})
    labels[:] = 1 - labels
    assert bound.arrays[1].tolist() == given["y"].tolist()


def test_what_is_not_installed_is_told_with_how_to_install_it(monkeypatch, tmp_path):
    """As it is in an environment without the extra."""
    table().to_parquet(tmp_path / "a.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"pip install 'symlab\[cluster\]'"):
        RISK.on(tmp_path / "a.parquet")


def test_what_needs_all_samples_at_once_reads_few_and_refuses_many(monkeypatch, tmp_path):
    """The exact runner and the theory hold every sample."""
    table()[:40].to_parquet(tmp_path / "a.parquet")
    bound, known = RISK.on(tmp_path / "a.parquet"), RISK.on(table()[:40])
    options = {"start": [0, 0], "method": "gradient_descent", "max_steps": 2, "backend": "sympy"}
    assert sl.minimize(bound, **options).iterates.tolist() == (
        sl.minimize(known, **options).iterates.tolist()
    )
    monkeypatch.setattr(blocked, "MOST_HELD", 50)
    large = RISK.on(tmp_path / "a.parquet")
    for ask in (
        lambda: sl.minimize(large, **options),
        lambda: sl.compare(large, [0, 0], backends=["interpreted"]),
        lambda: sl.verify(large),
        lambda: large.expression,
    ):
        with pytest.raises(ValueError, match=r"data: 40 samples are too many .*part\(range"):
            ask()
    assert large.part(slice(3)).samples == 3
    with pytest.raises(ValueError, match="batch: expected indices below 40, got up to 40"):
        large.part([40])


@settings(max_examples=20)
@given(st.lists(st.integers(1, 4000), min_size=1, max_size=6))
def test_each_block_lies_in_one_piece_or_is_loose(lengths):
    """Whatever the pieces: the blocks inside them and the loose ones are all there are, once."""
    rows = sum(lengths)
    numbers = np.arange(rows, dtype=float)
    edges = np.cumsum([0, *lengths])
    pieces = tuple(Slices((numbers,), a, b) for a, b in pairwise(edges))
    held = Source(pieces, (Key("x", 1),), "a list")
    loose = [
        row
        for first, last in pairwise(edges)
        for row in range(first, last)
        if not inner_rows(first, last, rows)[0] <= row < inner_rows(first, last, rows)[1]
    ]
    blocks = Blocks(held, (numbers[loose],))
    assert sorted({row // BLOCK for row in loose}) == blocks.loose_blocks.tolist()
    inside = [
        block
        for number in range(len(lengths))
        for block in range(
            blocks.inner(number)[0] // BLOCK,
            -(-blocks.inner(number)[1] // BLOCK)
            if blocks.inner(number)[0] < blocks.inner(number)[1]
            else blocks.inner(number)[0] // BLOCK,
        )
    ]
    assert sorted([*inside, *blocks.loose_blocks.tolist()]) == list(range(-(-rows // BLOCK)))
    some = np.array([rows - 1, 0, rows // 2])
    assert Rows(blocks).take(some)[0].tolist() == some.tolist()


def test_one_piece_is_read_while_another_is_added_up_and_no_more():
    """Each is waited for until the next has been begun; never are three in memory."""
    numbers, alive, most = np.arange(50.0), set(), []
    begun = [Event() for _ in range(6)]

    class Prepared:
        def __init__(self, first):
            self.number = int(first) // 10
            alive.add(self.number)
            most.append(len(alive))
            begun[self.number].set()

        def __del__(self):
            alive.discard(self.number)

    class Waiting:
        finite = False

        def prepare(self, columns, first):
            return Prepared(columns[0][0])

        def work(self, prepared):
            return prepared.number == 4 or begun[prepared.number + 1].wait(timeout=60)

    pieces = tuple(Slices((numbers,), first, first + 10) for first in range(0, 50, 10))
    assert all(run_over(Source(pieces, (Key("x", 1),), "a list"), Waiting(), None))
    assert max(most) == 2
