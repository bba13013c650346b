"""Comparisons: right code agrees whatever the conditioning, wrong code does not."""

import dataclasses

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sympy import log, symbols

import symlab as sl
from symlab.engine.compiled import functions as compiled
from symlab.lab.compare.compare import compare
from symlab.lab.compare.exact_steps import exact_steps
from symlab.lab.compare.local_error import local_errors
from symlab.methods.method import as_method

x = symbols("x", real=True)
QUARTIC = sl.problems["quartic"].objective
CHAPTER = {"start": [0.1], "method": sl.gradient_descent(step_size=0.1), "max_steps": 20}


@pytest.fixture(scope="module")
def chapter():
    """The chapter's 20 steps on every compiled backend."""
    return compare(QUARTIC, **CHAPTER, backends=("c", "numba", "interpreted"))


def test_the_chapters_descent_agrees_within_four_ulps_a_step(chapter):
    """The local error is a few roundings of x - g/10."""
    assert chapter.agrees
    assert chapter.frame["local_ulps"].max() <= 4
    assert list(chapter.frame["backend"]) == ["sympy", "c", "numba", "interpreted"]


def test_the_global_difference_stays_below_local_error_times_amplification(chapter):
    """Each of the 20 local errors is magnified by at most the amplification, to first order."""
    rows = chapter.frame[chapter.frame["backend"] != "sympy"]
    local = rows["local_ulps"].max() * np.spacing(chapter.reference.iterates.max())
    largest = local * rows["amplification"].max() * 20
    for name in rows["backend"]:
        difference = chapter.traces[name].iterates - chapter.reference.iterates
        assert np.abs(difference).max() <= largest


def test_the_amplification_is_the_product_of_the_steps_slopes(chapter):
    """In one variable the Jacobian of a step is 1 - f''/10, written out here by hand."""
    points = chapter.reference.iterates[:-1, 0]
    slopes = 1 - 0.1 * (12 * points**2 - 18 * points)
    products = [abs(np.prod(slopes[j:k])) for j in range(20) for k in range(j + 1, 21)]
    assert chapter.frame["amplification"].iloc[0] == pytest.approx(max(products), rel=1e-9)


def test_a_repr_says_what_was_run_and_the_verdict(chapter):
    """A reader at the prompt sees method, table and verdict, and no index column."""
    text = repr(chapter)
    assert text.startswith("gradient_descent(step_size=0.1) on x**4 - 3*x**3 + 2")
    assert text.endswith("They agree.")


def test_compile_time_is_apart_from_run_time(chapter):
    """Compiling costs far more than 20 steps, so a mixed-up column would show."""
    row = chapter.frame.set_index("backend").loc["numba"]
    assert row["compile_seconds"] > 20 * row["seconds_per_step"]


def test_the_plot_is_drawn_on_the_axes_given(chapter):
    """One line per compiled backend."""
    _, ax = plt.subplots()
    assert chapter.plot(ax) is ax
    assert len(ax.get_lines()) >= 3
    plt.close("all")


METHODS = [
    sl.momentum(step_size=0.001),
    sl.nesterov(step_size=0.001),
    sl.newton,
    sl.newton(damping=1),
    sl.backtracking,
    sl.exact_line_search,
    sl.method(direction=sl.bfgs, search=sl.armijo),
    sl.method(direction=sl.newton(damping=300), search=sl.armijo),
    sl.gauss_newton,
    sl.levenberg_marquardt(radius=0.01),
]


@pytest.mark.parametrize("method", METHODS, ids=repr)
@pytest.mark.parametrize("name", ["rosenbrock", "powell"])
def test_every_method_agrees_on_badly_conditioned_problems(name, method):
    """The error allowed is what rounding explains, however much cancels or is ill-conditioned."""
    problem = sl.problems[name]
    comparison = compare(
        problem.objective, problem.start, method, max_steps=8, backends=["interpreted"]
    )
    assert comparison.agrees, comparison


WITH_MEMORY = (
    "modified_newton",
    "scaled_bfgs",
    "l_bfgs",
    "polak_ribiere",
    "dai_yuan",
    "barzilai_borwein_long",
    "goldstein",
)


@pytest.mark.parametrize("method", WITH_MEMORY)
def test_directions_and_searches_beyond_the_chapter_agree(method):
    """Each step is recomputed with the memory that the run itself had."""
    problem = sl.problems["rosenbrock"]
    comparison = compare(
        problem.objective, problem.start, method, max_steps=6, backends=["interpreted"]
    )
    assert comparison.agrees, comparison
    assert comparison.frame["amplification"].iloc[0] < 1e10


def test_a_step_beside_a_pole_is_the_search_s_own():
    """No step is flat enough there, so that the exact search takes a steep one too."""
    wall = sl.Objective(x + log(x) / 10**6)
    comparison = compare(wall, [3], sl.strong_wolfe, max_steps=1, backends=["interpreted"])
    assert comparison.agrees, comparison


def test_a_length_that_is_not_flat_enough_does_not_agree():
    """A step that satisfies Armijo's condition and not Wolfe's is a wrong decision."""
    tried = sl.method(sl.steepest, sl.armijo(step_size=1e-5))
    short = sl.minimize(QUARTIC, [1], tried, max_steps=1, backend="interpreted")
    steps = exact_steps(QUARTIC, as_method(sl.strong_wolfe), 50)
    assert local_errors(steps, short).decisions == 1
    assert local_errors(exact_steps(QUARTIC, tried, 50), short).agrees


def _with_wrong_gradient(monkeypatch, factor):
    right = compiled.CompiledObjective.value_and_gradient

    def wrong(self, point):
        value, gradient = right(self, point)
        return value, gradient * factor

    monkeypatch.setattr(compiled.CompiledObjective, "value_and_gradient", wrong)


@pytest.mark.parametrize(
    "method", [sl.gradient_descent(step_size=0.1), sl.newton, sl.backtracking], ids=repr
)
def test_a_gradient_wrong_in_the_thirteenth_digit_does_not_agree(monkeypatch, method):
    """A relative error of 1e-12 is thousands of ulps: far outside what rounding explains."""
    _with_wrong_gradient(monkeypatch, 1 + 1e-12)
    comparison = compare(QUARTIC, [1], method, max_steps=3, backends=["interpreted"])
    assert not comparison.agrees
    assert repr(comparison).endswith("They do NOT agree.")


def test_a_search_that_stops_too_early_does_not_agree():
    """A run whose first accepted length fails Eq. (1) is caught by its decision, not its step."""
    method = as_method(sl.backtracking(step_size=0.5, shrink=0.8))
    trace = sl.minimize(QUARTIC, [1], method, max_steps=1, backend="interpreted")
    longer = np.array([np.nan, 0.4])
    point, value = 1 + 0.4 * 5, float(QUARTIC.at([3]))
    wrong = dataclasses.replace(
        trace,
        step_sizes=longer,
        iterates=np.array([[1.0], [point]]),
        values=np.array([0.0, value]),
    )
    steps = exact_steps(QUARTIC, method, 50)
    assert local_errors(steps, trace).agrees
    errors = local_errors(steps, wrong)
    assert errors.decisions == 1
    assert not errors.agrees


def test_a_wrong_recorded_value_does_not_agree():
    """The iterates may be right and the value beside them wrong."""
    method = sl.gradient_descent(step_size=0.1)
    trace = sl.minimize(QUARTIC, [1], method, max_steps=2, backend="interpreted")
    wrong = dataclasses.replace(trace, values=trace.values * (1 + 1e-12))
    assert not local_errors(exact_steps(QUARTIC, method, 50), wrong).agrees


def test_a_run_of_no_steps_compares():
    """A start that is a minimum has nothing to disagree about."""
    comparison = compare(
        QUARTIC, [sl.problems["quartic"].minimisers[0][0]], backends=["interpreted"]
    )
    assert comparison.agrees
    assert set(comparison.frame["steps"]) == {0}


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"backends": ["nunba"]}, "did you mean 'numba'"),
        ({"backends": []}, "backends: expected at least one"),
        ({"digits": 10}, "digits: expected at least 30"),
        ({"start": [1, 2]}, "start: expected 1 coordinate, got 2"),
        ({"method": "netwon"}, "did you mean 'newton'"),
    ],
)
def test_a_bad_argument_is_named(arguments, message):
    """Before anything runs."""
    with pytest.raises(ValueError, match=message):
        compare(QUARTIC, **{"start": [1], **arguments})


def changed(trace, name, factor):
    """A trace with one state multiplied from the second row on."""
    history = trace.states[name].copy()
    history[1:] *= factor
    return dataclasses.replace(trace, states={**trace.states, name: history})


def test_a_wrong_step_on_squares_is_seen_and_a_step_out_of_its_region():
    """The step is that of the damping and sizes of the trace, within its radius."""
    problem = sl.problems["beale"]
    method = sl.levenberg_marquardt(radius=0.1)
    trace = sl.minimize(problem.objective, problem.start, method, 6, backend="interpreted")
    steps = exact_steps(problem.objective, method, 50)
    assert local_errors(steps, trace).agrees
    assert (trace.states["mu"][1:4] > 0).all()
    moved = trace.iterates * (1 + 1e-12 * (np.arange(len(trace)) == 4)[:, None])
    assert not local_errors(steps, dataclasses.replace(trace, iterates=moved)).agrees
    assert not local_errors(steps, changed(trace, "mu", 1.0001)).agrees
    assert not local_errors(steps, changed(trace, "E", 1.0001)).agrees
    assert local_errors(steps, changed(trace, "radius", 0.5)).decisions > 0
