"""Searches at work: what they accept is checked by SciPy's functions, and what fails is named."""

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import rosen, rosen_der

import symlab as sl

x = sp.symbols("x", real=True)
ROSENBROCK = sl.problems["rosenbrock"].objective
DIRECTIONS = (sl.steepest, sl.bfgs, sl.polak_ribiere)


def steps_of(direction, search, steps=15):
    """Yield value and slope at both ends of each step, by SciPy's function, and its length."""
    method = sl.method(direction, search)
    trace = sl.minimize(ROSENBROCK, [-1.2, 1], method, steps, backend="interpreted")
    assert trace.steps == steps
    for before, after, length in zip(
        trace.iterates[:-1], trace.iterates[1:], trace.step_sizes[1:], strict=True
    ):
        towards = (after - before) / length
        slopes = [rosen_der(point) @ towards for point in (before, after)]
        yield rosen(before), rosen(after), *slopes, length


@pytest.mark.parametrize("direction", DIRECTIONS, ids=repr)
@pytest.mark.parametrize("flatness", [0.9, 0.1])
def test_strong_wolfe_accepts_what_satisfies_both_conditions(direction, flatness):
    """Nocedal & Wright 2006, eqs. 3.7a and 3.7b, with the defaults' c1 = 1/10000."""
    for before, after, slope, end, length in steps_of(
        direction, sl.strong_wolfe(flatness=flatness)
    ):
        assert after <= before + 1e-4 * length * slope
        assert abs(end) <= flatness * abs(slope) * (1 + 1e-6)


@pytest.mark.parametrize("direction", DIRECTIONS, ids=repr)
def test_goldstein_accepts_what_lies_between_two_lines(direction):
    """Nocedal & Wright 2006, eq. 3.11, with c = 1/4."""
    for before, after, slope, _, length in steps_of(direction, sl.goldstein):
        assert before + 0.75 * length * slope <= after <= before + 0.25 * length * slope


def test_nonmonotone_asks_for_less_than_the_highest_of_the_last_values():
    """Grippo, Lampariello & Lucidi 1986, eq. 5; the value itself may rise on the way."""
    steps = list(steps_of(sl.barzilai_borwein_long, sl.nonmonotone(memory=4), 30))
    values = [before for before, *_ in steps]
    for k, (_, after, slope, _, length) in enumerate(steps):
        assert after <= max(values[max(0, k - 3) : k + 1]) + 1e-4 * length * slope
    assert any(after > before for before, after, *_ in steps)


def test_nonmonotone_without_memory_is_armijo():
    """The highest of one value is that value."""
    one, armijo = (
        sl.minimize(ROSENBROCK, [-1.2, 1], search, 20, backend="interpreted").iterates
        for search in (sl.nonmonotone(memory=1), sl.armijo)
    )
    assert np.array_equal(one, armijo)


def test_on_a_parabola_the_interpolation_is_the_minimum():
    """From 1 along -2 a step of 1 only mirrors: the parabola through it is lowest at 0."""
    trace = sl.minimize(sl.Objective(x**2), [1], sl.strong_wolfe, backend="sympy", digits="exact")
    assert [row[0] for row in trace.exact] == [1, 0]
    assert trace.evaluations.tolist() == [1, 3]


def test_a_step_that_is_too_short_is_lengthened():
    """From 1/100 on 1 - x the curvature of (x - 1000)^2 asks for steps that double."""
    far = sl.Objective((x - 1000) ** 2 / 2)
    for search in (sl.strong_wolfe, sl.goldstein):
        trace = sl.minimize(far, [0], search(step_size=0.01), 1, backend="interpreted")
        assert trace.step_sizes[1] > 0.09


def test_a_search_stays_where_its_variable_may_lie():
    """A positive variable: the first trial lies below zero, and is not evaluated."""
    a = sp.Symbol("a", positive=True)
    f = sl.Objective(a - sp.log(a))
    for search in (sl.strong_wolfe, sl.goldstein, sl.nonmonotone):
        trace = sl.minimize(f, [3], search(step_size=10), 60, backend="interpreted")
        assert trace.iterates.min() > 0
        assert trace.value < trace.values[0]


@pytest.mark.parametrize("search", [sl.strong_wolfe, sl.goldstein], ids=repr)
def test_a_line_without_a_lowest_point_is_not_searched_for_ever(search):
    """Steps double a hundred times; then the run ends with the reason."""
    trace = sl.minimize(sl.Objective(-x), [0], search, backend="interpreted")
    assert trace.status == "diverged"
    assert "keeps falling along the direction" in trace.message


@pytest.mark.parametrize(
    "search, words",
    [
        (
            sl.backtracking(variant="listing"),
            "accepted none of 1000 trial steps: phi_q <= -phi_0**2*q/2 + phi_0 fails down to q = ",
        ),
        (
            sl.goldstein,
            "accepted none of 100 trial steps: phi_q >= phi_0 + 3*q*slope/4 fails up to q = 15,",
        ),
    ],
    ids=["listing", "goldstein"],
)
def test_a_search_that_finds_nothing_names_the_relation_that_fails(search, words):
    """The listing asks for more than the slope can give; a cliff leaves Goldstein nothing between.

    From 5 downwards the value drops by 5 at 4.9, below both of his lines, and rises at -10.
    """
    cliff = sp.Piecewise((10**6, x < -10), (x - 5, x < sp.Rational(49, 10)), (x, True))
    far = sl.Objective(x**2 - 100 if search.also is None else cliff, (x,))
    trace = sl.minimize(far, [5], search, backend="sympy", digits=120)
    assert trace.status == "stalled"
    assert words in trace.message


def test_beside_a_pole_the_lowest_trial_is_taken():
    """The value falls to the wall at 0, behind which it has none: no slope is flat there."""
    wall = sl.Objective(x + sp.log(x) / 10**6)
    trace = sl.minimize(wall, [3], sl.strong_wolfe(step_size=1), 1, backend="interpreted")
    assert trace.steps == 1
    assert 0 < trace.x[0] < 0.01
    assert trace.value < trace.values[0]


@pytest.mark.parametrize(
    "search, values, message",
    [
        (sl.goldstein, {"decrease": 0.5}, "goldstein: expected decrease < 1/2, got decrease = 0.5"),
        (
            sl.strong_wolfe,
            {"flatness": 1e-5},
            "strong_wolfe: expected decrease < flatness, got decrease = 1/10000, flatness = 1e-05",
        ),
        (sl.nonmonotone, {"memory": 0}, r"nonmonotone: memory must lie in \{1, 2, 3, …\}, got 0"),
    ],
)
def test_relations_that_contradict_each_other_are_refused(search, values, message):
    """No step satisfies both, or some functions have none."""
    with pytest.raises(ValueError, match=message):
        search(**values)


FAR = sl.Objective((x - sp.sqrt(2)) ** 2 * 10**4 + 10**6)


@pytest.mark.parametrize(
    "search",
    [sl.armijo, sl.backtracking(step_size=1), sl.strong_wolfe, sl.goldstein, sl.nonmonotone],
    ids=repr,
)
def test_where_values_differ_by_rounding_slopes_judge(search):
    """A million hides what 1e-8 from the minimum is left to fall: 1e-12, no float of that size.

    The gradient has all its digits, and Newton's step brings it to what the spacing of x leaves.
    """
    start = float(np.sqrt(2)) + 1e-8
    method = sl.method(sl.newton, search)
    trace = sl.minimize(FAR, [start], method, 20, backend="interpreted", tolerance=1e-11)
    assert trace.values[1] == trace.values[0]
    assert abs(trace.x[0] - np.sqrt(2)) <= np.spacing(2.0)
    assert trace.evaluations[1] == 2
    assert trace.converged


@pytest.mark.parametrize("backend", ["sympy", "interpreted"])
def test_exact_values_are_never_judged_by_slopes(backend):
    """In 50 digits the fall of 1e-12 is seen, and the step that falls too little is refused.

    A step of 1 along -f' = -2e-4 from 1e-8 above the root passes it by far: by slopes and by exact
    values alike it is too long. Half of it again and again, until the parabola allows it: 2^-14.
    """
    method = sl.backtracking(step_size=1, shrink=0.5)
    start = sp.sqrt(2).n(60) + sp.Rational(1, 10**8)
    trace = sl.minimize(FAR, [start], method, 1, backend=backend)
    assert trace.step_sizes[1] == 2.0**-15


def test_a_search_that_even_slopes_cannot_help_ends_at_once_and_says_why():
    """On this tail neither value nor slope changes within reach, and less on a shorter step."""
    tail = sl.Objective(1 + sp.exp(-x) / 10**6)
    trace = sl.minimize(tail, [20], sl.armijo, backend="interpreted", tolerance=1e-16)
    assert trace.steps == 0
    assert "armijo accepted no step" in trace.message
    assert "the value changes by rounding alone and the slope hardly at all" in trace.message


SEARCHES = ("armijo", "backtracking", "goldstein", "strong_wolfe", "nonmonotone", "gauss_newton")


@pytest.mark.parametrize("backend", ["interpreted", "sympy"])
@pytest.mark.parametrize("name", SEARCHES)
def test_a_trace_shows_every_trial_of_a_search(name, backend):
    """With the value that SciPy's Rosenbrock has there; iterates are the trials taken."""
    f = sl.problems["rosenbrock"].objective
    trace = sl.minimize(f, [-1.2, 1], name, 3, backend=backend, digits=20)
    trials = trace.trials
    assert list(trials.columns) == ["k", "step_size", "x1", "x2", "value", "taken"]
    assert np.allclose(trials["value"], rosen(trials[["x1", "x2"]].to_numpy().T), rtol=1e-12)
    assert trials.groupby("k")["taken"].sum().tolist() == [1, 1, 1]
    assert np.array_equal(trials.loc[trials["taken"], ["x1", "x2"]], trace.iterates[1:])
    assert len(trials) == trace.evaluations[-1] - 1


def test_runs_without_a_search_have_no_trials():
    """A table without rows, of a rule as of a trace from a file."""
    f = sl.problems["rosenbrock"].objective
    run = sl.minimize(f, [-1.2, 1], sl.gradient_descent(step_size=0.001), 3, backend="interpreted")
    assert run.trials.empty
    searched = sl.minimize(f, [-1.2, 1], "armijo", 3, backend="interpreted")
    assert sl.Trace.from_json(searched.to_json()).trials.empty
    assert not searched.trials.empty
