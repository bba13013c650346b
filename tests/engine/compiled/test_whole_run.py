"""Runs in C: the same iterates, endings and words as a run step by step, in one operation."""

import os
import subprocess
import sys

import numpy as np
import pytest
import sympy as sp

import symlab as sl
from symlab.algebra.problems import PROBLEMS
from symlab.engine.compiled import course, run_op, run_program, sample_program
from symlab.engine.compiled.c_text import NoProgramError
from symlab.engine.compiled.course import Course
from symlab.engine.compiled.run_op import RunOp
from symlab.engine.compiled.run_program import Demand, compiled_run
from symlab.methods.rules import RULES
from symlab.methods.schedules import cosine, exponential

x, y = sp.symbols("x y", real=True)
p = sp.symbols("p", positive=True)
F = sl.Objective(2 - 3 * x**3 + x**4)
RAVINE = PROBLEMS["ravine"].objective
EVERY_RULE = [
    *RULES.values(),
    RULES["momentum"](variant="torch", dampening=0.5),
    RULES["rmsprop"](variant="optax", centered=True, nesterov=True, momentum=0.5),
    RULES["adam"](variant="keras3"),
    RULES["nadam"](variant="torch"),
    RULES["yogi"](variant="optax"),
]
"""The table, and a form of each kind that has no row in it; a form costs g++ half a second."""


def both(objective, start, method, steps=50, **options):
    """The same run, step by step without a compiler and whole in C."""
    plain = sl.minimize(
        objective, start, method, steps, backend="interpreted", fused=False, **options
    )
    return plain, sl.minimize(objective, start, method, steps, backend="c", **options)


def agree(one, other, relative=1e-12):
    """Whether two traces tell the same story to so many digits, apart from times."""
    np.testing.assert_array_equal(one.k, other.k)
    assert (one.status, one.message) == (other.status, other.message)
    np.testing.assert_array_equal(one.evaluations, other.evaluations)
    assert other.step_sizes == pytest.approx(one.step_sizes, rel=1e-14, nan_ok=True)
    for name in ("iterates", "values", "gradient_norms"):
        ours, theirs = getattr(one, name), getattr(other, name)
        assert theirs == pytest.approx(ours, rel=relative, abs=1e-14), name
    for name, state in one.states.items():
        assert other.states[name] == pytest.approx(state, rel=relative, abs=1e-14)


@pytest.mark.parametrize("rule", EVERY_RULE, ids=repr)
def test_every_rule_takes_the_same_steps(rule):
    """Iterates, states, values, lengths of gradients, step sizes, ending and words."""
    agree(*both(RAVINE, [-5, -2], rule, 30))


def test_the_chapters_descent_is_that_of_pythons_floats_to_the_last_bit():
    """No product and sum are rounded together, and no sum is taken in another order."""
    trace = sl.minimize(F, [0.1], sl.gradient_descent(step_size=0.01), 2000, tolerance=0)
    place, iterates, values = 0.1, [], []
    for _ in range(len(trace)):
        square = place * place
        cube = square * place
        iterates.append(place)
        values.append((2.0 + square * square) - 3.0 * cube)
        place -= (4.0 * cube - 9.0 * square) * 0.01
    assert trace.iterates[:, 0].tolist() == iterates
    assert trace.values.tolist() == values


def test_rosenbrock_is_that_of_numpys_loop_over_many_calls(monkeypatch):
    """10 000 steps; where a call of the operation ends does not matter."""
    rule = sl.gradient_descent(step_size=1e-3)
    objective = PROBLEMS["rosenbrock"].objective
    whole = sl.minimize(objective, [-1.2, 1], rule, 10_000)
    monkeypatch.setattr(course, "MOST_BYTES", 300)
    again = sl.minimize(objective, [-1.2, 1], rule, 1_000)
    assert again.iterates.tolist() == whole.iterates[:1_001].tolist()
    a, b = -1.2, 1.0
    for _ in range(10_000):
        slope_a, slope_b = -400 * a * (b - a**2) - 2 * (1 - a), 200 * (b - a**2)
        a, b = a - 1e-3 * slope_a, b - 1e-3 * slope_b
    assert whole.x == pytest.approx([a, b], rel=1e-9)


ENDINGS = {
    "last step": (F, [0.1], sl.momentum(step_size=0.01), 10),
    "no step": (F, [0.1], sl.momentum(step_size=0.01), 0),
    "not finite": (F, [0.1], sl.gradient_descent(step_size=0.3), 100),
    "value not real": (sl.Objective(sp.log(x)), [0.5], sl.gradient_descent(step_size=0.2), 100),
    "left the domain": (sl.Objective(p**2 - p), [0.1], sl.gradient_descent(step_size=3), 100),
    "domain and value": (sl.Objective(sp.log(p)), [0.5], sl.gradient_descent(step_size=0.2), 100),
    "small gradient": (sl.Objective((x - 1) ** 2), [0.5], sl.gradient_descent(step_size=0.3), 99),
    "unchanged": (sl.Objective(x**2), [1.0], sl.gradient_descent(step_size=1e-30), 20),
    "schedule": (F, [0.1], sl.momentum(step_size=exponential(step_size=0.01)), 60),
    "cosine": (F, [0.1], sl.gradient_descent(step_size=cosine(step_size=0.01)), 120),
}


@pytest.mark.parametrize("every", [1, 7])
@pytest.mark.parametrize("case", ENDINGS.values(), ids=ENDINGS)
def test_a_run_ends_where_and_as_it_did(case, every):
    """At the same iterate, with the same word, however few iterates are recorded."""
    agree(*both(*case, record_every=every))


def test_the_last_finite_iterate_is_kept_though_it_was_not_due():
    """A sparse record ends where the full one does."""
    rule = sl.gradient_descent(step_size=0.3)
    whole = sl.minimize(F, [0.1], rule, 100)
    for every in (2, 3, 5, 100):
        sparse = sl.minimize(F, [0.1], rule, 100, record_every=every)
        assert (sparse.message, sparse.k[-1]) == (whole.message, whole.k[-1])
        assert sparse.iterates.tolist() == whole.iterates[sparse.k].tolist()


@pytest.mark.parametrize("scale", [sp.Integer(10) ** 200, sp.Integer(10) ** -200])
def test_lengths_survive_where_their_squares_would_not(scale):
    """1e200 squared is infinite and 1e-200 squared is zero, but neither length is."""
    objective, rule = sl.Objective(scale * (x + y)), sl.gradient_descent(step_size=1 / scale)
    trace = sl.minimize(objective, [1, 1], rule, 3, tolerance=0)
    assert trace.gradient_norms == pytest.approx(np.full(4, np.sqrt(2) * float(scale)), rel=1e-15)


X = np.random.default_rng(0).normal(size=(101, 2))
LABELS = (X[:, 0] + 0.3 * np.random.default_rng(1).normal(size=101) > 0).astype(float)


def logistic(penalty=0, reduction="mean"):
    """Logistic regression on 101 points, which fill no whole number of lanes."""
    x0, x1, label, b0, b1, c = sp.symbols("x0 x1 y b0 b1 c", real=True)
    z = b0 * x0 + b1 * x1 + c
    risk = sl.EmpiricalRisk(
        sp.log(1 + sp.exp(z)) - label * z,
        parameters=(b0, b1, c),
        data=(x0, x1, label),
        penalty=penalty and penalty * (b0**2 + b1**2),
        reduction=reduction,
    )
    return risk.on({x0: X[:, 0], x1: X[:, 1], label: LABELS})


@pytest.mark.parametrize("penalty", [0, sp.Rational(1, 10)])
@pytest.mark.parametrize("batch_size", [None, 1, 10])
def test_logistic_regression_is_that_of_numpy(penalty, batch_size):
    """Values of the whole objective, gradients of the batch, the penalty in both."""
    drawing = {} if batch_size is None else {"batch_size": batch_size}
    trace = sl.minimize(logistic(penalty), [0, 0, 0], sl.gradient_descent, 200, **drawing)
    batches = None if batch_size is None else sl.draw_batches(101, batch_size, 201)
    design, w, decay = np.column_stack([X, np.ones(101)]), np.zeros(3), float(penalty)
    for k in range(201):
        z = design @ w
        value = np.mean(np.logaddexp(0, z) - LABELS * z) + decay * (w[:2] @ w[:2])
        assert trace.values[k] == pytest.approx(value, rel=1e-13)
        assert trace.iterates[k] == pytest.approx(w, rel=1e-12, abs=1e-15)
        rows = slice(None) if batches is None else batches[k]
        residual = 1 / (1 + np.exp(-design[rows] @ w)) - LABELS[rows]
        w = w - 0.1 * (design[rows].T @ residual / len(residual) + 2 * decay * w * [1, 1, 0])


@pytest.mark.parametrize("derived_by", ["sympy", "autodiff"])
@pytest.mark.parametrize("every", [1, 7])
def test_sums_are_derived_and_recorded_as_elsewhere(derived_by, every):
    """All samples or batches, a sum as well as a mean."""
    options = {"derived_by": derived_by, "record_every": every}
    agree(*both(logistic(1, "sum"), [0.1, 0, 0], sl.momentum(step_size=0.001), 40, **options))
    agree(*both(logistic(), [0.1, 0, 0], sl.adam(step_size=0.01), 40, batch_size=7, **options))


def test_many_parameters_are_arrays_in_the_text():
    """Nine parameters of a softmax, which has no predictor of its own."""
    w = sp.symbols("w0:9", real=True)
    x0, x1, label = sp.symbols("x0 x1 y", real=True)
    z = [sum(a * b for a, b in zip(w[3 * j :], (x0, x1, 1), strict=False)) for j in range(3)]
    right = sp.Piecewise((z[0], sp.Eq(label, 0)), (z[1], sp.Eq(label, 1)), (z[2], True))
    risk = sl.EmpiricalRisk(
        sp.log(sum(map(sp.exp, z))) - right, parameters=w, data=(x0, x1, label)
    ).on({x0: X[:, 0], x1: X[:, 1], label: np.arange(101) % 3})
    rule = sl.nadam(step_size=0.05)
    agree(*both(risk, np.zeros(9), rule, 40), relative=1e-9)
    assert "double x[9];" in compiled_run(risk, rule, Demand()).source


def test_nan_in_the_data_ends_the_run_at_its_start():
    """It is seen though other lanes are finite."""
    x0, w = sp.symbols("x0 w", real=True)
    risk = sl.EmpiricalRisk(sp.sqrt(x0) * w**2, parameters=(w,), data=(x0,))
    with pytest.raises(ValueError, match="not a finite real number"):
        sl.minimize(risk.on({x0: [1.0] * 12 + [-1.0]}), [1.0], "gradient_descent")


@pytest.mark.parametrize(
    "make",
    [
        lambda: (F, [0.1], sl.momentum(step_size=0.01)),
        lambda: (logistic(sp.Rational(1, 10)), [1, 0, 0], sl.adam(step_size=0.1)),
        lambda: (PROBLEMS["rosenbrock"].objective, [-1.2, 1], sl.nesterov(step_size=1e-3)),
    ],
)
def test_every_step_agrees_with_exact_arithmetic(make):
    """Four ulps, or what rounding costs where terms cancel."""
    objective, start, rule = make()
    assert sl.compare(objective, start, rule, 12, backends=("c",)).agrees


def test_the_same_run_twice_is_the_same_to_the_last_bit():
    """Whatever its calls were."""
    rule = sl.adam(step_size=0.1)
    one, two = (sl.minimize(logistic(), [0, 0, 0], rule, 500, batch_size=3) for _ in range(2))
    assert one.iterates.tolist() == two.iterates.tolist()
    assert one.values.tolist() == two.values.tolist()


def test_callbacks_see_each_recorded_iterate_and_stop_the_run():
    """Though the steps were made before the callback is asked."""
    seen = []

    def watch(k, point, value):
        seen.append((k, point.tolist(), value))
        return k == 40

    rule = sl.gradient_descent(step_size=1e-3)
    trace = sl.minimize(F, [0.1], rule, 100, callback=watch, record_every=8)
    assert [k for k, _, _ in seen] == [0, 8, 16, 24, 32, 40]
    assert (trace.status, trace.k[-1]) == ("stopped", 40)
    assert [point for _, point, _ in seen] == trace.iterates.tolist()


@pytest.mark.parametrize("call, kept", [(1, [0]), (3, [0, 4352])])
def test_ctrl_c_keeps_what_there_is(monkeypatch, call, kept):
    """The start where there is nothing yet, and the iterate reached where few are recorded."""
    honest, calls = Course._call, []

    def interrupted(*arguments):
        calls.append(arguments)
        if len(calls) == call:
            raise KeyboardInterrupt
        return honest(*arguments)

    monkeypatch.setattr(Course, "_call", interrupted)
    rule = sl.gradient_descent(step_size=1e-3)
    trace = sl.minimize(F, [0.1], rule, 10**6, record_every=10**5, tolerance=0)
    assert (trace.status, trace.k.tolist()) == ("stopped", kept)


def test_a_long_sparse_run_stays_small():
    """A million steps, eleven rows."""
    rule = sl.gradient_descent(step_size=1e-9)
    trace = sl.minimize(F, [0.1], rule, 10**6, record_every=10**5, tolerance=0)
    assert trace.k.tolist() == list(range(0, 10**6 + 1, 10**5))


def test_what_has_no_c_takes_the_other_road():
    """The run goes on one call per step, and only the log knows."""
    objective = sl.Objective(sp.besselj(0, x))
    with pytest.raises(NoProgramError, match="besselj"):
        compiled_run(objective, sl.gradient_descent, Demand())
    agree(*both(objective, [1.0], sl.gradient_descent, 5))


def test_what_is_too_large_takes_the_other_road(monkeypatch):
    """One piece of C of thousands of operations would take g++ minutes."""
    monkeypatch.setattr(sample_program, "MOST_OPERATIONS", 4)
    with pytest.raises(NoProgramError, match="too many"):
        compiled_run(sl.Objective(x**2 * sp.cos(x + y) * y**7), sl.gradient_descent, Demand())
    monkeypatch.setattr(run_program, "MOST_PARAMETERS", 2)
    with pytest.raises(NoProgramError, match="3 parameters"):
        compiled_run(logistic(sp.Rational(1, 7)), sl.gradient_descent, Demand())


@pytest.mark.parametrize(
    "names",
    [
        ("double", "run"),
        ("λ", "x y"),
        ("exp", "t1"),
        ("new_x", "E"),
        ("INPUT1_", "INPUT0_"),
        ("RESULT", "linux"),
        ("EOF", "M_PI"),
        ("I", "NPY_PI"),
        ("float64", "floatX"),
        ("LEFT_DOMAIN", "*/"),
    ],
)
def test_any_name_of_a_variable_will_do(names):
    """Words of C, of its headers, of the text itself, and letters that C does not have."""
    a, b = sp.symbols([name.replace(" ", "\\ ") for name in names], real=True)
    objective = sl.Objective(sp.exp(a * b) / (1 + b**2) + a**2 + b**2 - a)
    compiled_run(objective, sl.adam, Demand())  # raises where the compiler refuses
    agree(*both(objective, [1.0, 0.5], sl.adam(step_size=0.1), 5))


def test_columns_of_data_may_be_called_as_the_arrays_of_the_text():
    """More variables than have names of their own are arrays, `x` and `s1` with Adam's state."""
    weights = sp.symbols("w0:5", real=True)
    columns = sp.symbols("x s1 s2 g data", real=True)
    loss = (sum(w * c for w, c in zip(weights, columns, strict=True)) - y) ** 2
    risk = sl.EmpiricalRisk(loss, parameters=weights, data=(*columns, y))
    random = np.random.default_rng(0)
    bound = risk.on({column: random.normal(size=11) for column in (*columns, y)})
    compiled_run(bound, sl.adam, Demand())
    agree(*both(bound, [0.0] * 5, sl.adam(step_size=0.01), 5))


def test_what_the_compiler_refuses_takes_the_other_road(monkeypatch):
    """A text of ours that is no C++ is a fault of ours, and no reason to lose a run."""
    monkeypatch.setattr(run_op, "HEAD", "this is no C++;")
    objective = sl.Objective(x**4 + 17 * x**2)
    with pytest.raises(NoProgramError, match="refuses"):
        compiled_run(objective, sl.gradient_descent, Demand())
    agree(*both(objective, [1.0], sl.gradient_descent(step_size=0.01), 5))


SOURCE = """\
/* gradient_descent: x**4 - 3*x**3 + 2 */
static int run(struct Run *run)
{
    double x = run->held[0];
    double value = NAN, d_x = NAN;
    const double step_size = run->step_size;
    double *row = run->rows;
    npy_int64 k = run->first;
    int ending = GOES_ON;

    for (; k < run->first + run->count; k++) {
        /* value and gradient */
        const double t1 = x * x;
        const double t2 = t1 * x;
        value = (2.0 + t1 * t1) - 3.0 * t2;
        d_x = 4.0 * t2 - 9.0 * t1;
"""


def test_the_chapters_run_is_forty_lines_that_can_be_read():
    """Named variables, a comment for each part, and no line too long for a page."""
    source = compiled_run(F, sl.gradient_descent, Demand()).source
    assert source.startswith(SOURCE)
    assert "/* the rule */\n        x = x - d_x * step_size;" in source
    assert len(source.splitlines()) <= 42
    assert max(map(len, source.splitlines())) <= 100


TEXT = """
import sympy as sp, symlab as sl
from symlab.engine.compiled.run_program import Demand, compiled_run
x, y = sp.symbols("x y", real=True)
print(compiled_run(sl.Objective(sp.exp(x*y) + x**2 + sp.cos(x + y)), sl.adam, Demand()).source)
"""


def test_the_text_is_the_same_in_every_process():
    """Else the compile cache would not find it again."""
    texts = [
        subprocess.run(
            [sys.executable, "-c", TEXT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert texts[0] == texts[1]


def test_runs_of_one_text_are_one_operation():
    """Step size, tolerance, start and numbers of steps are no part of it."""
    one = compiled_run(F, sl.gradient_descent(step_size=0.5), Demand())
    two = compiled_run(F, sl.gradient_descent(step_size=0.25), Demand())
    assert one.compiled is two.compiled
    facts = dict.fromkeys(RunOp.__props__, ())
    assert RunOp(**facts) == RunOp(**facts) != RunOp(**{**facts, "text": "other"})
