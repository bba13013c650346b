"""Fused runs: the whole loop in one compiled function does what the loop step by step does.

They run interpreted where the compiler is not the point: the graph is the same.
"""

import numpy as np
import pytest
import sympy as sp

import symlab as sl
from symlab.algebra.problems import PROBLEMS, rosenbrock
from symlab.engine.compiled import fused, rule_loop
from symlab.engine.compiled.rule_loop import ScanLoop

x, y = sp.symbols("x y", real=True)
F = sl.Objective(2 - 3 * x**3 + x**4)
RULES = {
    "gradient_descent": sl.gradient_descent(step_size=0.01),
    "momentum": sl.momentum(step_size=0.01, momentum=0.5),
    "nesterov": sl.nesterov(step_size=0.01, momentum=0.5),
}


def both(objective, start, method, steps=50, **options):
    """The same run, step by step and fused."""
    return [
        sl.minimize(objective, start, method, steps, backend="interpreted", fused=fuse, **options)
        for fuse in (False, True)
    ]


def same(one, other):
    """Whether two traces tell the same story, apart from times."""
    return (
        one.status == other.status
        and one.message == other.message
        and one.variables == other.variables
        and np.array_equal(one.evaluations, other.evaluations)
        and np.array_equal(one.step_sizes, other.step_sizes, equal_nan=True)
        and one.iterates == pytest.approx(other.iterates, rel=1e-13)
        and one.values == pytest.approx(other.values, rel=1e-13)
        and one.gradient_norms == pytest.approx(other.gradient_norms, rel=1e-12, abs=1e-300)
        and one.states.keys() == other.states.keys()
        and all(one.states[k] == pytest.approx(other.states[k], rel=1e-12) for k in one.states)
    )


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_fused_run_is_the_run_step_by_step(rule):
    """Iterates, values, states, evaluations, status and message, for every rule."""
    assert same(*both(F, [0.1], rule))
    assert same(*both(PROBLEMS["ravine"].objective, [-5, -2], rule))


@pytest.mark.parametrize("chunk", [1, 2, 7, 10, 11])
def test_it_does_not_matter_where_the_chunks_end(monkeypatch, chunk):
    """Every ending, with chunk borders before, at and after it."""
    monkeypatch.setattr(fused, "CHUNK", chunk)
    cases = [
        (F, [0.1], RULES["momentum"], 10),
        (F, [0.1], sl.gradient_descent(step_size=0.3), 100),
        (F, [2.0], sl.gradient_descent(step_size=sp.Rational(4, 81)), 100),
        (sl.Objective(sp.log(x)), [0.5], sl.gradient_descent(step_size=0.2), 100),
        (F, [0.1], RULES["momentum"], 0),
    ]
    for objective, start, rule, steps in cases:
        assert same(*both(objective, start, rule, steps))


@pytest.mark.parametrize("chunk", [1, 4, 100])
def test_callbacks_see_the_same_iterates_and_stop_at_the_same_one(monkeypatch, chunk):
    """Though the steps were made before the callback is asked."""
    monkeypatch.setattr(fused, "CHUNK", chunk)
    seen = ([], [])

    def watched(calls):
        return lambda k, point, value: calls.append((k, point.tolist(), value)) or k == 6

    runs = [
        sl.minimize(
            F, [0.1], "gradient_descent", backend="interpreted", fused=fuse, callback=watched(calls)
        )
        for fuse, calls in zip((False, True), seen, strict=True)
    ]
    assert same(*runs)
    assert [k for k, _, _ in seen[1]] == list(range(7))
    assert seen[0] == seen[1]


def test_ctrl_c_in_the_first_chunk_still_leaves_the_start(monkeypatch):
    """The keyboard does not wait for the first row."""
    honest, calls = ScanLoop.go, []

    def interrupted(*arguments):
        calls.append(arguments)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return honest(*arguments)

    monkeypatch.setattr(ScanLoop, "go", interrupted)
    trace = sl.minimize(F, [0.1], "gradient_descent", backend="interpreted", fused=True)
    assert (trace.status, trace.iterates.tolist()) == ("stopped", [[0.1]])


@pytest.mark.parametrize("scale", [sp.Integer(10) ** 200, sp.Integer(10) ** -200])
def test_lengths_of_gradients_survive_where_their_squares_would_not(scale):
    """1e200 squared is infinite and 1e-200 squared is zero, but neither length is."""
    one, other = both(
        sl.Objective(scale * (x + y)), [1, 1], sl.gradient_descent(step_size=1 / scale),
        3, tolerance=0,
    )  # fmt: skip
    assert same(one, other)
    assert other.gradient_norms == pytest.approx(np.sqrt(2) * float(scale) * np.ones(4), rel=1e-15)


def test_another_step_size_needs_no_compiling():
    """A scan over step sizes would otherwise compile for hours."""
    rule = sl.momentum(momentum=0.3)
    sl.minimize(F, [0.1], rule(step_size=0.01), 5, backend="interpreted", fused=True)
    before = len(rule_loop._formula_loop)
    sl.minimize(F, [0.1], rule(step_size=0.02), 7, backend="interpreted", fused=True)
    assert len(rule_loop._formula_loop) == before


def test_numba_fuses_by_default_and_agrees_over_many_chunks():
    """10 000 steps on Rosenbrock, against a loop in plain Python floats."""
    a, b = -1.2, 1.0
    for _ in range(10_000):
        slope_a = -400 * a * (b - a**2) - 2 * (1 - a)
        slope_b = 200 * (b - a**2)
        a, b = a - 1e-3 * slope_a, b - 1e-3 * slope_b
    trace = sl.minimize(
        rosenbrock(2).objective, [-1.2, 1], sl.gradient_descent(step_size=1e-3), 10_000,
        backend="numba",
    )  # fmt: skip
    assert trace.iterates.shape == (10_001, 2)
    assert trace.x == pytest.approx([a, b], rel=1e-9)
    assert trace.evaluations[-1] == 10_001


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_jax_runs_the_chapters_descent():
    """The same 21 iterates through XLA."""
    trace = sl.minimize(F, [0.1], sl.gradient_descent(step_size=0.1), 20, backend="jax")
    plain = sl.minimize(F, [0.1], sl.gradient_descent(step_size=0.1), 20, backend="interpreted")
    assert trace.iterates == pytest.approx(plain.iterates, rel=1e-12)
