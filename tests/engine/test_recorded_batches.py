"""`record="batch"`: the loss of each step's own batch, the same on every backend, at its price."""

import gc
from weakref import ref

import numpy as np
import pytest
import sympy as sp

import symlab as sl
from symlab.engine.compiled import course, fused
from symlab.engine.compiled.course import Course
from symlab.engine.compiled.run_program import Demand, compiled_run
from symlab.engine.trace import Trace

u, v, w, b = sp.symbols("u v w b", real=True)
POINTS = [sp.Rational(j, 8) for j in (-9, -4, -1, 2, 3, 7, 8, 12)]
HEIGHTS = [sp.Rational(j, 4) for j in (-5, -3, 0, 1, 1, 4, 5, 9)]
"""Eighths and quarters, which floats hold exactly."""

LINE = (w * u + b - v) ** 2
PENALTY = (w**2 + b) / 16
COMPILED = ("c", "numba", "jax", "interpreted")
EVERYWHERE = [*((name, None) for name in COMPILED), ("c", False), ("sympy", None)]
DESCENT = sl.gradient_descent(step_size=sp.Rational(1, 16))
MOMENTUM = sl.momentum(step_size=0.1, momentum=0.5)
DRAWN = ({"batch_size": 3}, {"batch_size": 3, "order": "step", "replacement": True, "seed": 4})


def line(reduction="mean", penalty=PENALTY):
    """A least-squares line through eight points."""
    data = {u: list(map(float, POINTS)), v: list(map(float, HEIGHTS))}
    return sl.EmpiricalRisk(LINE, (w, b), (u, v), reduction, penalty).on(data)


def exact_losses(steps, drawing, reduction="mean"):
    """Descend exactly, and return the loss of each step's batch and, at the end, of the next."""
    drawing = dict(drawing)
    batches = sl.draw_batches(8, drawing.pop("batch_size"), steps + 1, **drawing)
    here, losses = {w: sp.Integer(1), b: sp.Integer(-2)}, []
    for batch in batches:
        terms = [LINE.subs({u: POINTS[i], v: HEIGHTS[i]}) for i in batch]
        loss = sum(terms) / (len(terms) if reduction == "mean" else 1) + PENALTY
        losses.append(loss.subs(here))
        here = {x: here[x] - loss.diff(x).subs(here) / 16 for x in (w, b)}
    return losses


def run(objective=None, rule=DESCENT, steps=10, start=(1, -2), **options):
    """A run in batches of the line, each step's own loss recorded."""
    settings = {"record": "batch", **DRAWN[0], **options}
    return sl.minimize(objective or line(), start, rule, steps, **settings)


@pytest.mark.parametrize("drawing", DRAWN, ids=["epoch", "step"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_exact_runs_hold_the_exact_loss_of_each_batch(drawing, reduction):
    """To sixty digits, the batches drawn as `draw_batches` does, the penalty in each."""
    trace = run(line(reduction), steps=4, backend="sympy", digits=60, **drawing)
    exact = exact_losses(4, drawing, reduction)
    away = [abs(row[-1] / loss - 1) for row, loss in zip(trace.exact, exact, strict=True)]
    assert max(away) < sp.Float("1e-58", 60)


@pytest.mark.parametrize("backend, whole", EVERYWHERE)
@pytest.mark.parametrize("every", [1, 4])
@pytest.mark.parametrize("drawing", DRAWN, ids=["epoch", "step"])
def test_every_backend_records_the_loss_of_each_batch(backend, whole, every, drawing):
    """Also at the last iterate, whose batch is the next of the order, and where few are recorded.

    The exact losses round to what a hundred times the rounding of a float allows in ten steps.
    """
    trace = run(backend=backend, fused=whole, record_every=every, **drawing)
    exact = np.array(exact_losses(10, drawing), dtype=float)
    assert trace.k.tolist() == sorted({*range(0, 11, every), 10})
    assert trace.values == pytest.approx(exact[trace.k], rel=1e-14)
    assert trace.record == "batch"


@pytest.mark.parametrize("derived_by", ["sympy", "autodiff"])
@pytest.mark.parametrize("backend", ["c", "numba", "interpreted"])
def test_what_is_recorded_changes_no_step(backend, derived_by):
    """Iterates, lengths of gradients and the ending are those of a run that records the whole."""
    options = {"backend": backend, "derived_by": derived_by, "rule": MOMENTUM, "steps": 30}
    batch, whole = run(**options), run(record="objective", **options)
    assert batch.iterates == pytest.approx(whole.iterates, rel=1e-12)
    assert batch.gradient_norms == pytest.approx(whole.gradient_norms, rel=1e-12)
    assert (batch.status, batch.k.tolist()) == (whole.status, whole.k.tolist())
    assert not np.allclose(batch.values, whole.values, rtol=1e-3)


@pytest.mark.parametrize("backend, whole", EVERYWHERE)
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_losses_of_an_epoch_add_up_to_the_whole(backend, whole, reduction):
    """Where no iterate moves: eight samples in four batches, dealt out without a rest."""
    still = sl.gradient_descent(step_size=1e-30)
    objective = line(reduction, penalty=0)
    trace = run(objective, still, 3, batch_size=2, backend=backend, fused=whole)
    assert np.ptp(trace.iterates, axis=0).tolist() == [0, 0]
    parts = trace.values.mean() if reduction == "mean" else trace.values.sum()
    assert parts == pytest.approx(float(objective.at([1, -2])), rel=1e-15)


@pytest.mark.parametrize("backend, whole", EVERYWHERE)
def test_no_tolerance_ends_a_run_in_batches(backend, whole):
    """However large: a small gradient of a batch says little, and an unmoved iterate nothing."""
    options = {"backend": backend, "fused": whole, "tolerance": 1e9}
    assert (run(**options).status, run(**options).steps) == ("max_steps", 10)
    still = run(rule=sl.gradient_descent(step_size=1e-30), **options)
    assert (still.status, still.steps) == ("max_steps", 10)


@pytest.mark.parametrize("backend", ["c", "interpreted", "sympy"])
@pytest.mark.parametrize("method", [MOMENTUM, "newton"])
def test_without_batches_the_batch_is_everything(backend, method):
    """Of data, and of a formula: the values are those of the whole, and the trace says so."""
    for objective in (line(), sl.Objective((w - 1) ** 4 + b**2 + w * b / 2)):
        settings = {"start": [1, -2], "method": method, "max_steps": 5, "backend": backend}
        batch = sl.minimize(objective, record="batch", **settings)
        assert batch.record == "objective"
        assert batch.values.tolist() == sl.minimize(objective, **settings).values.tolist()


@pytest.mark.parametrize("every", [1, 4])
def test_a_batch_without_a_value_ends_the_run_at_the_same_iterate(every):
    """One sample has a logarithm of nothing left as w grows; its batch comes at its own time."""
    loss = -sp.log(2 - w * u) / 8 - w
    risk = sl.EmpiricalRisk(loss, (w,), (u,)).on({u: [0.1] * 7 + [1.0]})
    drawing = {"batch_size": 1, "seed": 3, "record_every": every}
    rule = sl.gradient_descent(step_size=0.35)
    traces = [
        run(risk, rule, 40, [0], backend=backend, fused=whole, **drawing)
        for backend, whole in EVERYWHERE
    ]
    assert traces[0].status == "diverged"
    assert 3 < traces[0].steps < 40
    for trace in traces[1:]:
        assert (trace.status, trace.steps) == ("diverged", traces[0].steps)
        assert trace.value == pytest.approx(traces[0].value, rel=1e-12)


def test_where_a_call_ends_does_not_matter(monkeypatch):
    """Chunks of a few steps, in C and in a scan."""
    whole = {name: run(steps=100, backend=name).values.tolist() for name in ("c", "interpreted")}
    monkeypatch.setattr(course, "MOST_BYTES", 300)
    monkeypatch.setattr(fused, "CHUNK", 7)
    assert run(steps=100).values.tolist() == whole["c"]
    assert run(steps=100, backend="interpreted", fused=True).values == pytest.approx(
        whole["interpreted"], rel=1e-13
    )


def test_an_interrupted_run_keeps_the_loss_of_the_batch_it_has_come_to(monkeypatch):
    """The iterate reached was not due: its batch is the one of its own number."""
    every, honest, calls = run(steps=2000).values, Course._call, []

    def interrupted(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return honest(*arguments)

    monkeypatch.setattr(Course, "_call", interrupted)
    trace = run(steps=10**6, record_every=10**5)
    assert (trace.status, len(trace)) == ("stopped", 2)
    assert trace.values == pytest.approx(every[trace.k], rel=1e-15)


@pytest.mark.parametrize("backend, whole", EVERYWHERE)
def test_a_callback_is_given_the_loss_of_the_batch(backend, whole):
    """And stops the run where it likes."""
    seen = []

    def watch(k, point, value):
        seen.append(value)
        return k == 4

    trace = run(backend=backend, fused=whole, callback=watch)
    assert (trace.status, trace.steps) == ("stopped", 4)
    assert seen == trace.values.tolist()


def test_compare_holds_each_batchs_loss_against_exact_arithmetic(monkeypatch):
    """A value of something else than the step's own batch is noticed."""
    settings = {"backends": COMPILED, "batch_size": 3, "record": "batch"}
    found = sl.compare(line(), [1, -2], MOMENTUM, 8, **settings)
    assert found.agrees
    assert all(trace.record == "batch" for trace in found.traces.values())
    honest = Trace.__post_init__

    def spoil(trace):
        honest(trace)
        if trace.backend == "c":
            trace.values[3] = trace.values[4]

    monkeypatch.setattr(Trace, "__post_init__", spoil)
    spoilt = sl.compare(line(), [1, -2], MOMENTUM, 8, **settings)
    assert spoilt.frame.set_index("backend")["agrees"].to_dict() == {
        "sympy": True, "c": False, "numba": True, "jax": True, "interpreted": True
    }  # fmt: skip


def test_a_step_looks_at_the_samples_of_its_batch_alone():
    """In C no loop goes over all samples, whether or not every iterate is recorded."""
    for sparse in (False, True):
        source = compiled_run(line(), MOMENTUM, Demand(batches=True, sparse=sparse)).source
        assert "block < samples" in source
        demand = Demand(batches=True, sparse=sparse, record="batch")
        source = compiled_run(line(), MOMENTUM, demand).source
        assert "block < samples" not in source
        assert "block < batch_size" in source


def test_data_are_laid_out_once_and_go_with_their_objective():
    """For each of two layouts: a second run copies nothing; nothing is kept of what is gone."""
    objective = line()
    for record in ("batch", "objective"):
        one, two = (
            compiled_run(objective, MOMENTUM, Demand(batches=True, record=record)).data
            for _ in range(2)
        )
        assert one is two
        assert one.shape == ((8, 2) if record == "batch" else (2, 8))
    gone = ref(one)
    del objective, one, two
    gc.collect()
    assert gone() is None


def test_what_shows_a_trace_says_that_its_values_are_of_batches(tmp_path):
    """The column, the words, and every file."""
    trace = run(backend="interpreted")
    assert "batch_value" in trace.frame
    assert "value" not in trace.frame
    assert f"batch_value={trace.value:.10g})" in repr(trace)
    assert "batch_value" in trace._repr_html_()
    for again in (
        Trace.from_json(trace.to_json()),
        Trace.from_npz(trace.to_npz(tmp_path / "run")),
        Trace.from_csv(trace.to_csv()),
    ):
        assert again.record == "batch"
        assert again.values.tolist() == trace.values.tolist()
    assert Trace.from_csv(run(record="objective").to_csv()).record == "objective"


def test_a_plot_of_values_says_that_they_are_of_batches():
    """Beside the curve, or the surface, whose values are those of the whole."""
    from matplotlib.figure import Figure

    risk = sl.EmpiricalRisk((w * u - v) ** 2, (w,), (u, v)).on({u: [1, 2, 3], v: [2, 3, 7]})
    for record, label in (("batch", "value, batch value"), ("objective", "value")):
        trace = run(risk, start=[0], batch_size=2, record=record, backend="interpreted")
        ax = sl.plots.path(Figure().subplots(), risk, trace)
        assert ax.get_ylabel() == label
        trace, solid = (
            run(record=record, backend="interpreted"),
            Figure().add_subplot(projection="3d"),
        )
        assert sl.plots.surface(solid, line(), trace).get_zlabel() == label
