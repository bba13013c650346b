"""Runs on data that are read in pieces: the digits of memory, whoever adds up what."""

import os
import signal
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import symlab as sl
from symlab.algebra.blocks import source
from symlab.algebra.blocks.blocks import checked_blocks
from symlab.algebra.blocks.slices import Slices
from symlab.algebra.blocks.source import Key, Source
from symlab.algebra.risk import blocked
from symlab.algebra.risk.blocked import BlockedRisk
from symlab.engine.block_batches import BlockBatches
from symlab.engine.compiled.functions import compile_everywhere

x, y, u, v = sp.symbols("x y u v", real=True)
z = u * x + v
RISK = sl.EmpiricalRisk(sp.log(1 + sp.exp(z)) - y * z, (u, v), (x, y), penalty=u**2 / 50)
ROWS = 5003
START = [0.1, -0.2]


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch):
    """A row group or chunk of a thousand rows is a piece of its own, as a million would be."""
    monkeypatch.setattr(source, "PIECE_BYTES", 1)


def table(rows=ROWS):
    """Samples of which the first half has a large feature, so that no order of adding is idle."""
    generator = np.random.default_rng(5)
    column = generator.normal(size=rows) * np.where(np.arange(rows) < rows / 2, 3, 0.01)
    return pd.DataFrame({"x": column, "y": (column + generator.normal(size=rows) > 0) * 1.0})


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The table as Parquet, in row groups that end within blocks."""
    path = tmp_path_factory.mktemp("samples") / "table.parquet"
    table().to_parquet(path, row_group_size=1700)
    return path


def in_pieces(given, cuts, risk=RISK):
    """A table whose columns are read in pieces that end anywhere."""
    arrays = tuple(given[symbol.name].to_numpy() for symbol in risk.data)
    edges = sorted({0, len(given), *(cut for cut in cuts if cut < len(given))})
    pieces = tuple(Slices(arrays, first, last) for first, last in pairwise(edges))
    held = Source(pieces, tuple(Key(symbol.name, 1) for symbol in risk.data), "a table")
    return BlockedRisk(risk, checked_blocks(held, risk, None))


def is_same(trace, other):
    """Whether two traces agree in every bit and word."""
    columns = ("k", "iterates", "values", "gradient_norms", "step_sizes", "evaluations")
    same = all(
        np.array_equal(getattr(trace, name), getattr(other, name), equal_nan=True)
        for name in columns
    )
    return same and (trace.status, trace.message) == (other.status, other.message)


RUNS = {
    "gradient descent": (sl.gradient_descent(step_size=0.5), {}),
    "adam, sparsely": (sl.adam(step_size=0.1), {"record_every": 3}),
    "newton": ("newton", {}),
    "bfgs": ("bfgs", {}),
    "batches": (sl.momentum(), {"batch_size": 10, "seed": 4}),
    "batches alone": (sl.momentum(), {"batch_size": 1100, "order": "step", "record": "batch"}),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_on_a_file_is_the_run_in_memory_to_the_last_bit(file, name):
    """Values, iterates, gradients, how it ends: sums of blocks are added in one order."""
    method, options = RUNS[name]
    runs = [sl.minimize(RISK.on(data), START, method, 6, **options) for data in (table(), file)]
    assert is_same(*runs)


def test_many_parameters_are_read_in_rows_with_the_same_digits():
    """One linear predictor of twenty parameters: value, gradient and Hessian."""
    columns, weights = sp.symbols("c0:20", real=True), sp.symbols("w0:20", real=True)
    score = sp.Add(*(a * b for a, b in zip(columns, weights, strict=True)))
    risk = sl.EmpiricalRisk((score - y) ** 2, weights, (*columns, y), "sum")
    generator = np.random.default_rng(1)
    given = pd.DataFrame(generator.normal(size=(3000, 21)), columns=[*map(str, columns), "y"])
    known, lazy = (
        compile_everywhere(each, "c") for each in (risk.on(given), in_pieces(given, [700], risk))
    )
    point = generator.normal(size=20)
    for name in ("value", "gradient", "hessian"):
        assert np.array_equal(getattr(known, name)(point), getattr(lazy, name)(point)), name


@settings(max_examples=15)
@given(st.integers(1, 4000), st.lists(st.integers(1, 3999), max_size=6))
def test_no_cut_changes_a_digit(rows, cuts):
    """Any number of samples, cut anywhere: value, gradient and Hessian are those in memory."""
    given = table(rows)
    known, lazy = (compile_everywhere(e, "c") for e in (RISK.on(given), in_pieces(given, cuts)))
    for name in ("value", "gradient", "hessian"):
        assert np.array_equal(getattr(known, name)(START), getattr(lazy, name)(START)), name


def test_other_backends_find_the_same_up_to_rounding(file):
    """Without a compiler sums are made of the same blocks, by other functions."""
    lazy, known = RISK.on(file), RISK.on(table())
    plain, right = compile_everywhere(lazy, "interpreted"), compile_everywhere(known, "c")
    assert plain.value(START) == pytest.approx(right.value(START), rel=1e-14)
    assert plain.gradient(START) == pytest.approx(right.gradient(START), rel=1e-12)
    assert plain.hessian(START) == pytest.approx(right.hessian(START), rel=1e-12)
    rule = sl.gradient_descent(step_size=0.5)
    run = sl.minimize(lazy, START, rule, 2, backend="interpreted")
    assert run.iterates == pytest.approx(sl.minimize(known, START, rule, 2).iterates)
    with pytest.raises(ValueError, match="fused: data that are read in pieces are run fused on"):
        sl.minimize(lazy, START, rule, backend="interpreted", fused=True)


def test_a_fit_by_least_squares_reads_few_samples_and_refuses_many(tmp_path, monkeypatch):
    """It holds a row of slopes for each sample."""
    given = pd.DataFrame({"x": [0.0, 1, 2, 3], "y": [1.0, 3, 5, 8]})
    given.to_parquet(tmp_path / "line.parquet")
    risk = sl.EmpiricalRisk((z - y) ** 2, (u, v), (x, y), reduction="sum")
    runs = [
        sl.minimize(risk.on(data), [0, 0], sl.levenberg_marquardt())
        for data in (given, tmp_path / "line.parquet")
    ]
    assert is_same(*runs)
    monkeypatch.setattr(blocked, "MOST_HELD", 7)
    with pytest.raises(ValueError, match="data: 4 samples are too many to be held in memory"):
        sl.minimize(risk.on(tmp_path / "line.parquet"), [0, 0], sl.levenberg_marquardt())


def test_shuffled_pieces_are_read_once_an_epoch(file, monkeypatch):
    """Each sample comes once an epoch; the same seed draws the same; memory has no pieces."""
    lazy, read = RISK.on(file), []
    honest = type(lazy.blocks.source.pieces[0]).read

    def counted(self, client=None):
        read.append(self)
        return honest(self, client)

    monkeypatch.setattr(type(lazy.blocks.source.pieces[0]), "read", counted)
    options = {"batch_size": 1000, "order": "block", "record": "batch", "seed": 2}
    run = sl.minimize(lazy, START, sl.momentum(), 4, **options)
    assert len(read) == len(lazy.blocks.source.pieces) == 3
    assert is_same(run, sl.minimize(lazy, START, sl.momentum(), 4, **options))
    batches = BlockBatches(lazy.blocks.source.edges, 20, sl.Sampling(batch_size=900, order="block"))
    epoch = batches[:5].ravel()
    assert len(set(epoch.tolist())) == len(epoch) == 4500
    assert batches[5:7].tolist() == [batches[5].tolist(), batches.at(6).tolist()]
    assert batches[5].tolist() != batches[0].tolist()
    with pytest.raises(ValueError, match="order: 'block' shuffles data that are read in pieces"):
        sl.minimize(RISK.on(table()), START, sl.momentum(), batch_size=2, order="block")
    with pytest.raises(ValueError, match="batch_size: 6000 is larger than the 5003 samples"):
        sl.minimize(lazy, START, sl.momentum(), batch_size=6000, order="block")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What two workers find, one that is left, and what they do when one of them is killed."""
    import dask.array as da
    import dask.dataframe as dd
    from distributed import Client, LocalCluster

    folder, given, results = tmp_path_factory.mktemp("cluster"), table(), {}
    given.to_parquet(folder / "table.parquet", row_group_size=1700)
    np.ascontiguousarray(given.to_numpy()).tofile(folder / "table.dat")
    numbers = np.memmap(folder / "table.dat", float, "r", shape=given.shape)
    mark = folder / "killed"

    def dies_once(values):
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return values

    lazy = {name: da.from_array(given[name].to_numpy(), chunks=1300) for name in given}
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        forms = {
            "Parquet": folder / "table.parquet",
            "frame": dd.from_pandas(given, npartitions=3),
            "memory map": {name: numbers[:, j] for j, name in enumerate(given)},
            "arrays": lazy,
        }
        for name, data in forms.items():
            bound = RISK.on(data, client=client)
            results[name] = repr(bound), sl.minimize(bound, START, "newton", 2)
        bound = RISK.on(lazy | {"x": lazy["x"].map_blocks(dies_once, meta=np.empty(0))})
        results["killed"] = repr(bound), sl.minimize(bound, START, "newton", 2)
        bound = RISK.on(forms["Parquet"])
        batches = sl.minimize(bound, START, sl.momentum(), 3, batch_size=10)
        results["batches"] = repr(bound), batches
        cluster.scale(1)
        results["one worker"] = repr(bound), sl.minimize(bound, START, "newton", 2)
    assert mark.exists()
    return results


@pytest.mark.parametrize(
    "name", ["Parquet", "frame", "memory map", "arrays", "killed", "one worker"]
)
def test_workers_find_the_digits_of_memory(found, name):
    """Whichever is faster, however many there are, and when one of them dies."""
    told, trace = found[name]
    assert told.endswith(", by Dask's workers)")
    assert is_same(trace, sl.minimize(RISK.on(table()), START, "newton", 2))


def test_batches_are_read_by_whoever_asks_workers(found):
    """Values of the whole come from the workers, batches from the file."""
    alone = sl.minimize(RISK.on(table()), START, sl.momentum(), 3, batch_size=10)
    assert is_same(found["batches"][1], alone)
