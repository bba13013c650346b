"""Runs over data: every backend and speed against NumPy loops written here."""

import numpy as np
import pytest
import sympy as sp
from chapter import COSTS, FITTED

import symlab as sl
from symlab.book.data import half_plane
from symlab.book.risks import least_squares, logistic_plane

STEPS = 200
BATCHED = {"batch_size": 10, "seed": 3, "order": "step", "replacement": True}
START = np.array([4.0, -3.0, 1.0])
RUNS = {
    "gradient descent": (sl.gradient_descent(step_size=0.1), 0.0, {}),
    "sgd": (sl.gradient_descent(step_size=0.1), 0.0, {**BATCHED, "batch_size": 1}),
    "mini-batch": (sl.gradient_descent(step_size=0.1), 0.0, BATCHED),
    "momentum": (sl.momentum(step_size=0.1, momentum=0.5), 0.5, BATCHED),
}


def by_hand(momentum, drawing):
    """Logistic regression with heavy-ball momentum, the formulas of section 15 in NumPy."""
    points, labels = half_plane(samples=100, seed=0)
    design = np.column_stack([points, np.ones(100)])
    batches = sl.draw_batches(100, steps=STEPS, **drawing) if drawing else [slice(None)] * STEPS
    w, v, iterates, values = START.copy(), np.zeros(3), [START], []
    for k in range(STEPS + 1):
        z = design @ w
        values.append(np.mean(np.logaddexp(0, z) - labels * z))
        if k < STEPS:
            seen, right = design[batches[k]], labels[batches[k]]
            gradient = seen.T @ (1 / (1 + np.exp(-(seen @ w))) - right) / len(seen)
            v = momentum * v - 0.1 * gradient
            w = w + v
            iterates.append(w)
    return np.array(iterates), np.array(values)


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("backend", ["interpreted", "sympy", "c", "numba"])
def test_two_hundred_steps_are_those_of_a_numpy_loop(name, backend):
    """SymPy's run, one call per step, and the fused run: the same batches, the same iterates."""
    method, momentum, drawing = RUNS[name]
    run = {"method": method, "max_steps": STEPS, "backend": backend, **drawing}
    trace = sl.minimize(logistic_plane(), START, **run)
    iterates, values = by_hand(momentum, drawing)
    assert trace.iterates == pytest.approx(iterates, rel=1e-10)
    assert trace.values == pytest.approx(values, rel=1e-10)
    # The classes can be separated, so that there is no minimum; batches are not asked for one.
    assert trace.status == ("max_steps" if drawing else "no_minimum")


@pytest.mark.parametrize("backend", ["interpreted", "numba"])
def test_autodiff_and_sympys_gradient_run_alike(backend):
    """Two derivations of one derivative."""
    method, _, drawing = RUNS["momentum"]
    run = {"method": method, "max_steps": 50, "backend": backend, **drawing}
    one, other = (
        sl.minimize(logistic_plane(), START, **run, derived_by=g) for g in ("sympy", "autodiff")
    )
    assert one.iterates == pytest.approx(other.iterates, rel=1e-12)


@pytest.mark.parametrize("backend", ["interpreted", "numba", "jax", "sympy"])
@pytest.mark.parametrize("drawing", [{}, BATCHED], ids=["all", "batches"])
def test_recording_every_seventh_step_leaves_out_only_rows(backend, drawing):
    """The run is the same; the last iterate is always kept."""
    method = sl.momentum(step_size=0.1, momentum=0.5)
    run = {"method": method, "max_steps": 30, "backend": backend, **drawing}
    every = sl.minimize(logistic_plane(), START, **run)
    some = sl.minimize(logistic_plane(), START, **run, record_every=7)
    assert some.k.tolist() == [0, 7, 14, 21, 28, 30]
    assert some.iterates == pytest.approx(every.iterates[some.k], rel=1e-13)
    assert some.values == pytest.approx(every.values[some.k], rel=1e-13)
    assert some.states["v"] == pytest.approx(every.states["v"][some.k], rel=1e-12, abs=1e-15)
    assert some.frame["k"].tolist() == some.k.tolist()
    assert some.steps == 30


def test_the_chapters_least_squares_run():
    """Section 7: costs and solution in float64 as the specification recomputed them."""
    run = {"max_steps": 500, "backend": "numba"}
    trace = sl.minimize(least_squares(), [0, 0, 0], sl.gradient_descent(step_size=0.001), **run)
    assert trace.values[list(COSTS)] == pytest.approx(list(COSTS.values()), abs=5e-7)
    assert trace.x == pytest.approx(FITTED, abs=5e-9)


def test_newton_solves_least_squares_in_one_step():
    """The loss is quadratic, and the solution the normal equations' -37/464, 6839/11136, ..."""
    trace = sl.minimize(least_squares(), [0, 0, 0], sl.newton, backend="interpreted", max_steps=3)
    assert trace.iterates[1] == pytest.approx([-37 / 464, 6839 / 11136, 259 / 2784], rel=1e-12)


def test_a_batch_gradient_is_the_mean_over_its_rows():
    """All rows once is the whole gradient; a repeated row counts twice."""
    functions = sl.compile(logistic_plane(), "interpreted")
    whole, half = functions.gradient(START), np.arange(50)
    parts = [functions.batch_gradient(START, part) for part in (half, half + 50)]
    assert whole == pytest.approx(np.mean(parts, axis=0), rel=1e-13)
    twice = functions.batch_gradient(START, np.array([3, 3]))
    assert twice == pytest.approx(functions.batch_gradient(START, np.array([3])), rel=1e-14)


@pytest.mark.parametrize("gradient", ["sympy", "autodiff"])
def test_a_loss_without_a_predictor_runs_as_well(gradient):
    """A sine of a product is no function of one linear number: the general graph serves."""
    import sympy as sp

    x, y, a, b = sp.symbols("x y a b", real=True)
    risk = sl.EmpiricalRisk((sp.sin(a * x) + b - y) ** 2, (a, b), (x, y), penalty=b**2 / 10)
    points = np.linspace(-1, 1, 9)
    bound = risk.on({x: points, y: points**2})
    functions = sl.compile(bound, "interpreted", derived_by=gradient)
    here = {a: 0.7, b: 0.2}
    written = [float(e.subs(here)) for e in (bound.expression, *bound.gradient)]
    value, slope = functions.value_and_gradient([0.7, 0.2])
    assert [value, *slope] == pytest.approx(written, rel=1e-13)
    hessian = np.array(bound.hessian.subs(here), dtype=float)
    assert functions.hessian([0.7, 0.2]) == pytest.approx(hessian, rel=1e-12)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"batch_size": 101}, "batch_size: 101 is larger than the 100 samples"),
        ({"batch_size": 0}, "batch_size: expected at least 1"),
        ({"batch_size": 5, "method": "newton"}, "only rules can be run in batches"),
        ({"record_every": 0}, "record_every: expected at least 1"),
        ({"derived_by": "autodif"}, "did you mean 'autodiff'"),
        ({"start": [np.nan, 0, 0]}, r"start\[0\]: expected a finite real number"),
    ],
)
def test_a_bad_option_is_named(options, message):
    """Before anything is compiled."""
    with pytest.raises(ValueError, match=message):
        sl.minimize(logistic_plane(), **{"start": START, **options})


def test_only_data_have_batches():
    """A formula has no samples to draw from."""
    with pytest.raises(ValueError, match="only an EmpiricalRisk on data has samples"):
        sl.minimize(sl.problems["quartic"].objective, [1], batch_size=2)


def test_a_batch_with_no_slope_does_not_end_a_run():
    """Far out on separable data most samples have no gradient left; the run goes on."""
    run = {"max_steps": 40, "backend": "interpreted", "batch_size": 1}
    trace = sl.minimize(logistic_plane(), [-900, 900, 0], sl.gradient_descent, **run)
    assert trace.steps == 40


def test_progress_is_on_stderr_and_gone_at_the_end(capsys):
    """A bar is for people; stdout is for results."""
    sl.minimize(logistic_plane(), START, "adam", 20, backend="interpreted", progress=True)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("fused", [False, True])
def test_a_diverging_run_keeps_its_last_finite_iterate_between_records(fused):
    """X -> x - (4x^3 - 9x^2) from 2 overflows after a few steps, none of them the seventh."""
    f, method = sl.problems["quartic"].objective, sl.gradient_descent(step_size=1)
    run = {"start": [2], "method": method, "backend": "interpreted", "fused": fused}
    every, some = sl.minimize(f, **run), sl.minimize(f, **run, record_every=7)
    assert some.status == every.status == "diverged"
    assert (some.steps, some.x.tolist()) == (every.steps, every.x.tolist())


def test_a_callback_cannot_disturb_the_run():
    """It is given a copy."""

    def spoil(k, point, value):
        point[:] = 0

    run = {"start": START, "max_steps": 5, "backend": "interpreted"}
    plain, watched = (sl.minimize(logistic_plane(), **run, callback=c) for c in (None, spoil))
    assert plain.iterates.tolist() == watched.iterates.tolist()


@pytest.mark.parametrize("backend", ["c", "interpreted", "sympy"])
@pytest.mark.parametrize("every", [2, 3, 4, 5])
def test_the_last_finite_iterate_is_recorded_whatever_the_record_leaves_out(backend, every):
    """It was lost where the next one, which is not finite, was due: here the fourth."""
    f = sl.Objective(sp.Symbol("x", real=True) ** 4)
    run = {"objective": f, "start": [10], "method": sl.gradient_descent(step_size=1)}
    whole = sl.minimize(**run, max_steps=20, backend=backend)
    sparse = sl.minimize(**run, max_steps=20, backend=backend, record_every=every)
    assert sparse.message == whole.message
    assert (sparse.k[-1], sparse.x[0]) == (3, whole.x[0])


w = sp.Symbol("w", real=True)
ENDED = {
    "leaves the reals": (sp.sqrt(w), sl.method(sl.steepest, sl.fixed(step_size=0.3)), 8),
    "overflows": (w**4, sl.method(sl.steepest, sl.fixed(step_size=sp.Rational(1, 3))), 5),
    "has no next step": (
        sl.relu(w - 1) ** 2 + w / 10,
        sl.method(sl.newton, sl.fixed(step_size=0.6)),
        3,
    ),
}
"""Runs of directions that end by themselves: objective, method, and after how many steps."""


@pytest.mark.parametrize("backend", ["interpreted", "sympy"])
@pytest.mark.parametrize("case", ENDED)
def test_a_direction_records_its_last_iterate_however_rarely_it_records(case, backend):
    """There was no row for it: a run that ended between two recorded iterates showed the start."""
    expression, method, steps = ENDED[case]
    run = {"objective": sl.Objective(expression), "start": [1.5], "method": method}
    full, sparse = (
        sl.minimize(**run, backend=backend, max_steps=100, record_every=every) for every in (1, 64)
    )
    assert full.k[-1] == steps
    assert sparse.k.tolist() == [0, steps]
    assert (sparse.status, sparse.message) == (full.status, full.message)
    assert sparse.iterates[-1].tolist() == full.iterates[-1].tolist()


@pytest.mark.parametrize("backend", ["c", "interpreted"])
@pytest.mark.parametrize("every", [1, 2, 3])
def test_a_value_that_overflows_ends_a_run_whether_or_not_it_is_recorded(backend, every):
    """The iterate and the gradient are finite there, and the step after that leads back."""
    w, u = sp.symbols("w u", real=True)
    objective = sl.EmpiricalRisk(sp.Abs(w * u), [w], [u]).on({"u": [1e300, 1e300]})
    rule = sl.gradient_descent(step_size=1e-291)
    trace = sl.minimize(objective, [1], rule, 12, backend=backend, record_every=every)
    assert (trace.status, trace.k[-1], trace.x[0]) == ("diverged", 0, 1.0)
