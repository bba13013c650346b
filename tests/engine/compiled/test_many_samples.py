"""Sums over many samples: blocks, threads, rows of many columns, and the same digits with any."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from math import fsum, log1p

import numpy as np
import pytest
import sympy as sp

import symlab as sl
from symlab.engine.compiled import block_source
from symlab.engine.compiled.block_source import BLOCK
from symlab.engine.compiled.c_text import NoProgramError
from symlab.engine.compiled.function import Once
from symlab.engine.compiled.run_program import Demand, compiled_run
from symlab.engine.threads import thread_count

LABEL = sp.Symbol("y", real=True)
DESCENT = sl.gradient_descent(step_size=0.5)


def logistic(samples, columns, *, penalty=False):
    """A logistic loss whose last parameter is an intercept."""
    w = sp.symbols(f"w:{columns + 1}", real=True)
    x = sp.symbols(f"x:{columns}", real=True)
    random = np.random.default_rng(0)
    X = random.normal(size=(samples, columns))
    y = (X[:, 0] + random.normal(size=samples) > 0).astype(float)
    z = sum(a * b for a, b in zip(w, x, strict=False)) + w[-1]
    ridge = sum(a**2 for a in w) / 20 if penalty else 0
    risk = sl.EmpiricalRisk(
        sp.log(1 + sp.exp(z)) - LABEL * z, parameters=w, data=(*x, LABEL), penalty=ridge
    )
    return risk.on(dict(zip((*x, LABEL), (*X.T, y), strict=True)))


def agree(objective, steps=6, method=DESCENT, **options):
    """Whether a run in C tells the same story as one that is interpreted step by step."""
    start = np.zeros(objective.dimension)
    one = sl.minimize(
        objective, start, method, steps, backend="interpreted", fused=False, **options
    )
    other = sl.minimize(objective, start, method, steps, backend="c", **options)
    np.testing.assert_array_equal(one.k, other.k)
    assert (one.status, one.message) == (other.status, other.message)
    assert other.iterates == pytest.approx(one.iterates, rel=1e-11, abs=1e-14)
    assert other.values == pytest.approx(one.values, rel=1e-12)
    assert other.gradient_norms == pytest.approx(one.gradient_norms, rel=1e-11)


def source(objective, **demand):
    """The text of a run."""
    return compiled_run(objective, DESCENT, Demand(**demand)).source


@pytest.mark.parametrize("columns", [2, 7, 20])
@pytest.mark.parametrize("samples", [1, 7, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 3])
def test_every_number_of_samples_is_summed_whole(samples, columns):
    """A block more or less, and lanes beyond the last sample."""
    agree(logistic(samples, columns))


@pytest.mark.parametrize("columns", [2, 20])
@pytest.mark.parametrize(
    "options",
    [
        {"record_every": 4},
        {"batch_size": 10, "seed": 3},
        {"batch_size": BLOCK + 77, "seed": 3},
        {"derived_by": "autodiff"},
    ],
    ids=str,
)
def test_batches_sparse_records_and_a_penalty_go_with_many_samples(columns, options):
    """The value is that of all samples, the gradient that of the batch."""
    agree(logistic(2 * BLOCK + 3, columns, penalty=True), method=sl.adam(step_size=0.1), **options)


def losses_of_batches(objective, batches, rate):
    """What NumPy finds of a logistic loss with a penalty, descending batch by batch."""
    *columns, y = objective.arrays
    X, w = np.column_stack([*columns, np.ones(len(y))]), np.zeros(objective.dimension)
    iterates, losses = [], []
    for batch in batches:
        z = X[batch] @ w
        losses.append(np.mean(np.logaddexp(0, z) - y[batch] * z) + w @ w / 20)
        iterates.append(w)
        slopes = 1 / (1 + np.exp(-z)) - y[batch]
        w = w - rate * (X[batch].T @ slopes / len(batch) + w / 10)
    return np.array(iterates), np.array(losses)


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("columns", [2, 7, 20])
@pytest.mark.parametrize("batch_size", [1, 10, BLOCK + 77])
def test_the_loss_of_a_batch_of_many_samples_is_what_numpy_finds(columns, batch_size, every):
    """Data in rows by few and by many parameters; to record the whole changes no step."""
    objective = logistic(2 * BLOCK + 3, columns, penalty=True)
    batches = sl.draw_batches(objective.samples, batch_size, 9, seed=3)
    iterates, losses = losses_of_batches(objective, batches, rate=0.5)
    options = {"batch_size": batch_size, "seed": 3, "record_every": every, "backend": "c"}
    start = np.zeros(columns + 1)
    batch, whole = (
        sl.minimize(objective, start, DESCENT, 8, record=record, **options)
        for record in ("batch", "objective")
    )
    assert batch.iterates == pytest.approx(iterates[batch.k], rel=1e-11, abs=1e-14)
    assert batch.values == pytest.approx(losses[batch.k], rel=1e-12)
    assert batch.iterates.tolist() == whole.iterates.tolist()
    assert not np.allclose(batch.values, whole.values, rtol=1e-3)


def test_batches_alone_never_ask_for_a_sum_over_all_samples():
    """Few parameters need no blocks then; the rows of many are laid out once for all runs."""
    demand = {"batches": True, "record": "batch"}
    for sparse in (False, True):
        few = source(logistic(BLOCK + 1, 2), sparse=sparse, **demand)
        assert "sum_of_blocks" not in few
        many = source(logistic(BLOCK + 1, 20), sparse=sparse, **demand)
        assert "__builtin_prefetch(run->design + next[at] * 21 + j);" in many
        for text in (few, many):
            assert ", samples, " not in text
            assert "< samples" not in text
    assert ", samples, " in source(logistic(BLOCK + 1, 20), batches=True)
    objective = logistic(BLOCK + 1, 20)
    one, two = (compiled_run(objective, DESCENT, Demand(**more)) for more in (demand, {}))
    assert one.design is two.design
    assert (one.data.shape, two.data.shape) == ((BLOCK + 1, 1), (1, BLOCK + 8))


def test_few_samples_know_nothing_of_blocks_and_few_columns_nothing_of_rows():
    """What stands in the text is what its size needs."""
    assert "sum_of_blocks" not in source(logistic(BLOCK, 2))
    assert "sum_of_blocks" in source(logistic(BLOCK + 1, 2))
    assert "product" not in source(logistic(BLOCK + 1, 15))
    assert "score[lane] = product<17>(rows[lane], to_come, point);" in source(logistic(9, 16))
    assert "sum_of_blocks" not in source(logistic(9, 16))


def test_the_loss_is_right_to_the_last_digits():
    """Against a sum that rounds once, of logarithms that NumPy did not see."""
    objective = logistic(5 * BLOCK, 2)
    value = sl.minimize(objective, [0.0] * 3, DESCENT, 0).values[0]
    assert value == pytest.approx(fsum([log1p(1.0)] * 5 * BLOCK) / (5 * BLOCK), rel=1e-15)


def test_a_parameter_may_move_every_score_and_columns_bear_any_name():
    """An offset that is a column, called as arrays of the text are."""
    w = sp.symbols("w:17", real=True)
    columns = sp.symbols("rows score slope point result x:12", real=True)
    offset = sp.Symbol("g", real=True)
    z = sum(a * b for a, b in zip(w, columns, strict=True)) + offset
    risk = sl.EmpiricalRisk((z - LABEL) ** 2, parameters=w, data=(*columns, offset, LABEL))
    random = np.random.default_rng(1)
    data = {column: random.normal(size=BLOCK + 9) for column in risk.data}
    agree(risk.on(data), method=sl.gradient_descent(step_size=0.01))


@pytest.mark.parametrize("columns", [2, 20])
def test_nan_in_one_of_many_samples_is_seen(columns):
    """Though every other block is finite."""
    w = sp.symbols(f"w:{columns}", real=True)
    x = sp.symbols(f"x:{columns}", real=True)
    z = sum(a * b for a, b in zip(w, x, strict=True))
    risk = sl.EmpiricalRisk(sp.sqrt(LABEL) * z**2, parameters=w, data=(*x, LABEL))
    y = np.ones(3 * BLOCK)
    y[-2] = -1.0
    bound = risk.on({**dict.fromkeys(x, np.ones(3 * BLOCK)), LABEL: y})
    with pytest.raises(ValueError, match="not a finite real number"):
        sl.minimize(bound, [1.0] * columns, "gradient_descent")


def runs_by_threads(monkeypatch, objective, **options):
    """Iterates and values of a run with one, two and three threads."""
    for count in (1, 2, 3):
        monkeypatch.setenv("OMP_NUM_THREADS", str(count))
        trace = sl.minimize(objective, np.zeros(objective.dimension), DESCENT, 5, **options)
        yield trace.iterates.tolist(), trace.values.tolist()


@pytest.mark.parametrize("columns", [2, 20])
def test_no_digit_depends_on_how_many_threads_there_are(monkeypatch, columns):
    """Nor on whether there are any."""
    objective = logistic(7 * BLOCK + 5, columns)
    alone = list(runs_by_threads(monkeypatch, objective))
    assert "BLOCK" not in source(objective)
    monkeypatch.setattr(block_source, "WORTH_A_THREAD", 1)
    monkeypatch.setattr(Once, "_find", lambda *_: None)
    assert ", 1, " in source(objective)
    shared = list(runs_by_threads(monkeypatch, objective))
    assert [*alone, *shared] == [alone[0]] * 6


FORKED = """
import multiprocessing
import sympy as sp
import symlab as sl

w, u = sp.symbols("w u", real=True)
risk = sl.EmpiricalRisk((w * u - 1) ** 2, (w,), (u,))
functions = sl.compile(risk.on({u: [j / 1000 for j in range(1_000_000)]}), "c")
ours = functions.value_and_gradient([0.5])
receiver, sender = multiprocessing.Pipe(duplex=False)
child = lambda: sender.send(functions.value_and_gradient([0.5]))
process = multiprocessing.get_context("fork").Process(target=child)
process.start()
assert receiver.poll(60)
value, gradient = receiver.recv()
process.join()
assert (value, gradient.tolist()) == (ours[0], ours[1].tolist())
"""


def test_a_forked_process_sums_as_its_parent_does():
    """No thread of the parent is waited for; in a process where no other library has threads."""
    environment = {**os.environ, "OMP_NUM_THREADS": "2"}
    subprocess.run([sys.executable, "-c", FORKED], check=True, env=environment)


@pytest.mark.parametrize("columns", [2, 20])
@pytest.mark.parametrize("derived_by", ["sympy", "autodiff"])
def test_a_compiled_call_over_many_samples_agrees_with_an_interpreted_one(columns, derived_by):
    """Value, value and gradient, and gradient; the value is the same in each call."""
    objective = logistic(2 * BLOCK + 3, columns, penalty=True)
    point = np.linspace(-1, 1, columns + 1)
    ours = sl.compile(objective, "c", derived_by=derived_by)
    value, gradient = sl.compile(objective, "interpreted").value_and_gradient(point)
    assert ours.value(point) == pytest.approx(value, rel=1e-13)
    assert ours.value(point) == ours.value_and_gradient(point)[0]
    assert ours.gradient(point) == pytest.approx(gradient, rel=1e-11)
    assert ours.compile_seconds > 0


def test_one_function_may_be_called_from_several_threads_at_once():
    """Each call has a place of its own for what it finds."""
    functions = sl.compile(logistic(2 * BLOCK, 2), "c")
    points = np.random.default_rng(0).normal(size=(64, 3))
    wanted = [functions.value(point) for point in points]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(functions.value, points)) == wanted


def test_a_search_over_many_samples_ends_where_an_interpreted_one_does():
    """Newton's Hessian is still a product of matrices."""
    objective = logistic(2 * BLOCK, 20)
    ours = sl.minimize(objective, np.zeros(21), sl.newton, 20)
    theirs = sl.minimize(objective, np.zeros(21), sl.newton, 20, backend="interpreted")
    assert ours.status == theirs.status == "converged"
    assert ours.x == pytest.approx(theirs.x, rel=1e-9, abs=1e-12)


def test_several_predictors_of_many_parameters_are_left_to_matrix_products():
    """A loop over samples would be the slower road."""
    w = sp.symbols("w:140", real=True)
    x = sp.symbols("x:70", real=True)
    one, two = (sum(a * b for a, b in zip(w[i::2], x, strict=True)) for i in (0, 1))
    risk = sl.EmpiricalRisk(sp.log(sp.exp(one) + sp.exp(two)) - one, parameters=w, data=x)
    bound = risk.on(dict(zip(x, np.random.default_rng(0).normal(size=(70, 30)), strict=True)))
    with pytest.raises(NoProgramError, match="140 parameters"):
        compiled_run(bound, DESCENT, Demand())


@pytest.mark.parametrize(
    "stated, count", [("1", 1), ("3", 3), (" 2,4 ", 2), ("0", None), ("many", None), ("", None)]
)
def test_threads_are_as_many_as_is_said_or_as_there_are_cores(monkeypatch, stated, count):
    """What is no number of threads is not heard."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    cores = thread_count()
    monkeypatch.setenv("OMP_NUM_THREADS", stated)
    assert thread_count() == (count or cores)
