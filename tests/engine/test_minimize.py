"""The chapter's runs, number by number, on every backend; how runs end; what is refused.

Expected numbers are those printed in the chapter (sections 9 to 11) or its errata, or come from
loops written out here with mpmath or plain floats; none comes from symlab.
"""

import mpmath
import numpy as np
import pytest
import scipy.optimize
import sympy as sp
from chapter import ITERATES, NEWTON

import symlab as sl
from symlab.algebra.problems import PROBLEMS, rosenbrock

BACKENDS = ("sympy", "c", "numba", "interpreted")

x, y = sp.symbols("x y", real=True)
F = sl.Objective(2 - 3 * x**3 + x**4)

VALUES = [
    0.48971748, -1.92630405, -5.91953264, -6.28271190, -6.18120422, -6.33861613, -6.26557074,
    -6.36944675,
]  # fmt: skip


def descent_by_hand(start, step_size, steps, digits=60):
    """Gradient descent on the chapter's f in mpmath, with the derivative written out."""
    with mpmath.workdps(digits):
        points = [mpmath.mpf(start)]
        for _ in range(steps):
            a = points[-1]
            points.append(a - mpmath.mpf(step_size) * (4 * a**3 - 9 * a**2))
        return [float(point) for point in points]


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_chapters_descent_comes_out_on_every_backend(backend):
    """Section 9: 21 iterates as printed, and to 1e-12 those of an mpmath loop."""
    trace = sl.minimize(
        F, start=[0.1], method=sl.gradient_descent(step_size=0.1), max_steps=20, backend=backend
    )
    assert trace.status == "max_steps"
    assert trace.backend == backend
    assert trace.iterates.shape == (21, 1)
    assert np.abs(trace.iterates.ravel() - ITERATES).max() < 5.1e-9
    assert np.abs(trace.values[13:] - VALUES).max() < 5.1e-9
    by_hand = np.array(descent_by_hand("0.1", "0.1", 20))
    assert np.abs(trace.iterates.ravel() - by_hand).max() < 1e-12
    assert trace.step_sizes[1:].tolist() == [0.1] * 20
    assert trace.evaluations.tolist() == list(range(1, 22))
    slopes = np.abs(4 * by_hand**3 - 9 * by_hand**2)
    assert trace.gradient_norms == pytest.approx(slopes, rel=1e-11)


@pytest.mark.parametrize("backend", BACKENDS)
def test_newtons_table_comes_out_to_the_last_digit(backend):
    """Section 10, x from 2.0: the printed numbers within one spacing of floats."""
    trace = sl.minimize(F, start=[2.0], method="newton", max_steps=5, backend=backend)
    points = trace.iterates.ravel()
    assert len(points) == 6
    assert np.all(np.abs(points - NEWTON) <= np.spacing(NEWTON))
    printed = [-6, -6.4691358, -6.54265522, -6.54296874, -6.54296875, -6.54296875]
    assert np.abs(trace.values - printed).max() < 5.1e-9
    assert trace.order() == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_chapters_backtracking_accepts_the_third_trial(backend):
    """Section 11, from 1 with 0.5 and 0.8: trials at 0.5, 0.4 and 0.32, and x = 2.6."""
    search = sl.backtracking(step_size=0.5, shrink=0.8)
    trace = sl.minimize(F, start=[1], method=search, max_steps=1, backend=backend)
    assert trace.evaluations.tolist() == [1, 4]
    accepted = 0.32 if backend == "sympy" else 0.32000000000000006
    assert trace.step_sizes[1] == accepted
    assert trace.x[0] == pytest.approx(2.6, rel=3e-16)
    assert trace.value == pytest.approx(-5.0304, rel=1e-14)


@pytest.mark.parametrize("backend", ["sympy", "interpreted"])
@pytest.mark.parametrize(
    "test, start, step_size, point, shrinks",
    [
        ("equation", 1, 0.32, 2.60, 2),
        ("equation", 2, 0.0671, 2.2684, 9),
        ("equation", 2.5, 0.03436, 2.2853, 12),
        ("equation", 3, 0.02199, 2.4063, 14),
        ("box", 1, 0.256, 2.28, 3),
        ("listing", 1, 0.32, 2.60, 2),
        ("listing", 2.5, 0.04295, 2.2316, 11),
        ("listing", 3, 0.0839, 0.735, 8),
    ],
)
def test_the_three_variants_of_backtracking_accept_what_the_errata_say(
    backend, test, start, step_size, point, shrinks
):
    """Errata E03 and E04: same answer from 1 by coincidence, others from elsewhere."""
    search = sl.backtracking(test, step_size=0.5, shrink=0.8)
    trace = sl.minimize(F, start=[start], method=search, max_steps=1, backend=backend)
    assert trace.step_sizes[1] == pytest.approx(step_size, rel=6e-4)
    assert trace.x[0] == pytest.approx(point, abs=6e-5 if test == "equation" else 6e-4)
    assert trace.evaluations[1] == 1 + shrinks + 1
    exactly = sp.Rational(1, 2) * sp.Rational(4, 5) ** shrinks
    assert trace.step_sizes[1] == pytest.approx(float(exactly), rel=1e-14)


def test_the_printed_listing_accepts_from_2_only_what_rounding_hides(monkeypatch):
    """Errata E03: no step satisfies it, so floats end at 7e-16 and exact numbers not at all."""
    search = sl.backtracking("listing", step_size=0.5, shrink=0.8)
    rounded = sl.minimize(F, [2], search, 1, backend="interpreted")
    monkeypatch.setattr("symlab.engine.iteration.MAX_TRIALS", 170)
    exact = sl.minimize(F, [2], search, 1, backend="sympy", digits="exact")
    assert rounded.step_sizes[1] == pytest.approx(7.4e-16, rel=0.01)
    assert rounded.evaluations[1] == 1 + 153 + 1
    assert exact.status == "stalled"
    assert "accepted none of 170 trial steps" in exact.message
    assert exact.exact == ((2, -6),)


@pytest.mark.parametrize("backend", ["sympy", "interpreted", "c"])
@pytest.mark.parametrize(
    "start, length", [(0.5, 1), (1, 0.25), (2, 0.0625), (2.5, 0.04), (3, 1 / 36)]
)
def test_an_exact_line_search_lands_on_the_minimum_in_one_step(backend, start, length):
    """Errata E09: downhill from each start the lowest point of the ray is 9/4."""
    trace = sl.minimize(F, [start], sl.exact_line_search, max_steps=1, backend=backend)
    assert trace.status == "converged"
    assert trace.x[0] == pytest.approx(2.25, rel=3e-16)
    assert trace.step_sizes[1] == pytest.approx(length, rel=1e-15)


@pytest.mark.parametrize("seed", range(5))
def test_an_exact_line_search_in_floats_finds_the_step_that_50_digits_find(seed):
    """On Beale's function the slice has degree 8, and a companion matrix loses digits of it."""
    start = np.random.default_rng(seed).normal(size=2).round(3)
    exact, floats = (
        sl.minimize(PROBLEMS["beale"].objective, start, sl.exact_line_search, 1, backend=backend)
        for backend in ("sympy", "interpreted")
    )
    assert floats.step_sizes[1] == pytest.approx(exact.step_sizes[1], rel=1e-13)


@pytest.mark.parametrize("backend", ["sympy", "interpreted"])
def test_an_exact_line_search_goes_on_by_search_where_algebra_gives_up(backend):
    """exp(x) + exp(-2x) is no polynomial; its minimum log(2)/3 is found all the same."""
    trace = sl.minimize(
        sl.Objective(sp.exp(x) + sp.exp(-2 * x)), [1], sl.exact_line_search, backend=backend
    )
    assert trace.status == "converged"
    assert trace.x[0] == pytest.approx(np.log(2) / 3, rel=1e-14)


@pytest.mark.parametrize("start, limit", [(1.51, 2.25), (3, 2.25), (100, 2.25), (1.49, 0), (-5, 0)])
def test_newton_goes_to_the_stationary_point_of_its_side(start, limit):
    """Errata E10: the border of the basins is the pole 3/2, and 0 is no minimum."""
    trace = sl.minimize(F, [start], "newton", 200, backend="interpreted", tolerance=0)
    assert trace.x[0] == pytest.approx(limit, abs=1e-7)


def test_newton_reaches_a_maximum_as_readily():
    """Errata E10: the cosine from 0.3 ends on top, and at third order, as its slope is odd."""
    trace = sl.minimize(
        sl.Objective(sp.cos(x)), [0.3], "newton", backend="sympy", digits=300, tolerance=1e-250
    )
    assert trace.value == 1
    assert trace.order() == pytest.approx(3, abs=0.01)


@pytest.mark.parametrize("dimension", [2, 10])
@pytest.mark.parametrize("backend", ["sympy", "interpreted"])
def test_bfgs_with_armijo_descends_into_rosenbrocks_valley(backend, dimension):
    """The minimum at (1, ..., 1) is known; SciPy's BFGS must not do better."""
    problem = rosenbrock(dimension)
    start = [float(a) for a in problem.start]
    method = sl.method(direction=sl.bfgs, search=sl.armijo)
    steps = 400 if backend == "interpreted" else 5
    trace = sl.minimize(problem.objective, start, method, steps, backend=backend, tolerance=1e-8)
    assert np.all(np.diff(trace.values) < 0)
    if backend == "interpreted":
        theirs = scipy.optimize.minimize(
            scipy.optimize.rosen, start, jac=scipy.optimize.rosen_der, method="BFGS"
        )
        assert trace.status == "converged"
        assert trace.value <= max(theirs.fun, 1e-12)


@pytest.mark.parametrize("name", PROBLEMS.taught)
def test_every_problem_runs_alike_in_floats_and_in_50_digits(name):
    """One, two and four variables: the first Newton steps from the customary start."""
    problem = PROBLEMS[name]
    start = [float(a) for a in problem.start]
    runs = [
        sl.minimize(problem.objective, start, sl.newton(damping=0.5), 6, backend=backend)
        for backend in ("sympy", "interpreted")
    ]
    assert len(runs[0]) == len(runs[1])
    assert runs[1].iterates == pytest.approx(runs[0].iterates, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize(
    "backend, dimension", [("sympy", 10), ("interpreted", 10), ("c", 10), ("numba", 3)]
)
def test_descent_on_rosenbrock_is_that_of_a_loop_over_scipys_gradient(backend, dimension):
    """The derivative is SciPy's; ten variables would take Numba 20 s to compile."""
    problem = rosenbrock(dimension)
    start = [float(a) for a in problem.start]
    trace = sl.minimize(
        problem.objective, start, sl.gradient_descent(step_size=1e-3), 25, backend=backend
    )
    points = [np.array(start)]
    for _ in range(25):
        points.append(points[-1] - 1e-3 * scipy.optimize.rosen_der(points[-1]))
    assert trace.iterates == pytest.approx(np.array(points), rel=1e-12)
    assert trace.values == pytest.approx([scipy.optimize.rosen(p) for p in points], rel=1e-12)


@pytest.mark.parametrize(
    "rule, backend",
    [
        *((sl.momentum, backend) for backend in BACKENDS),
        (sl.nesterov, "sympy"),
        (sl.nesterov, "interpreted"),
    ],
)
def test_rules_with_memory_follow_their_textbook_loops(rule, backend):
    """Polyak's and Nesterov's recurrences, written out with floats on the ravine."""
    trace = sl.minimize(
        PROBLEMS["ravine"].objective,
        [-5, -2],
        rule(step_size=0.2, momentum=0.7),
        30,
        backend=backend,
    )
    point, velocity = np.array([-5.0, -2.0]), np.zeros(2)
    for k in range(31):
        assert trace.iterates[k] == pytest.approx(point, rel=1e-12, abs=1e-14)
        assert trace.states["v"][k] == pytest.approx(velocity, rel=1e-12, abs=1e-14)
        slope = point * [0.1, 2.0]
        velocity = 0.7 * velocity - 0.2 * slope
        point = point + (velocity if rule is sl.momentum else 0.7 * velocity - 0.2 * slope)


# --- how a run ends


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_step_too_long_ends_as_diverged_with_the_last_finite_iterate(backend):
    """Errata E20: from 0.25 on descent blows up; the trace must keep what was finite."""
    trace = sl.minimize(F, [0.1], sl.gradient_descent(step_size=0.3), 1000, backend=backend)
    assert trace.status == "diverged"
    assert np.isfinite(trace.iterates).all()
    assert np.isfinite(trace.values).all()
    assert len(trace) == 12
    assert "not a finite real number" in trace.message


@pytest.mark.parametrize("backend", BACKENDS)
def test_leaving_the_domain_of_the_logarithm_ends_the_run_before_it(backend):
    """From 0.5 a step of 0.9/0.5 leads to a negative number, where log is not real."""
    trace = sl.minimize(
        sl.Objective(sp.log(x)), [0.5], sl.gradient_descent(step_size=0.9), backend=backend
    )
    assert trace.status == "diverged"
    assert trace.iterates.tolist() == [[0.5]]
    assert trace.values.tolist() == [np.log(0.5)]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_gradient_of_zero_converges_without_a_step(backend):
    """Descent started at the minimum has nothing to do."""
    trace = sl.minimize(F, [sp.Rational(9, 4)], "gradient_descent", backend=backend)
    assert (trace.status, len(trace)) == ("converged", 1)
    assert trace.message == "After 0 steps: the gradient's length 0 is at most 1e-10."


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_tolerance_of_zero_asks_for_a_gradient_of_exactly_zero(backend):
    """At 9/4 the chapter's derivative is 0 in floats as well."""
    trace = sl.minimize(F, [2.25], "gradient_descent", backend=backend, tolerance=0)
    assert (trace.status, len(trace)) == ("converged", 1)


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_steps_allowed_leaves_the_start_alone(backend):
    """max_steps=0 is a way to ask for value and gradient."""
    trace = sl.minimize(F, [0.1], "gradient_descent", max_steps=0, backend=backend)
    assert (trace.status, trace.iterates.tolist()) == ("max_steps", [[0.1]])
    assert trace.value == pytest.approx(1.9971, rel=1e-15)


@pytest.mark.parametrize("backend", BACKENDS)
def test_descent_converges_where_the_step_is_below_the_limit(backend):
    """Errata E20: with the best step 4/81 it takes 32 steps to 1e-6."""
    trace = sl.minimize(
        F, [0.1], sl.gradient_descent(step_size=sp.Rational(4, 81)), 200, backend=backend
    )
    distances = np.abs(trace.iterates.ravel() - 2.25)
    assert trace.status == "converged"
    assert int(np.argmax(distances < 1e-6)) == 32


@pytest.mark.parametrize("backend", ["sympy", "interpreted"])
def test_a_singular_hessian_on_the_way_stalls(backend):
    """x^3/3 + x from 1: Newton's first step is exactly 1, to where the curvature vanishes."""
    trace = sl.minimize(sl.Objective(x**3 / 3 + x), [1], "newton", backend=backend)
    assert trace.status == "stalled"
    assert trace.iterates.ravel().tolist() == [1.0, 0.0]
    assert "singular" in trace.message


@pytest.mark.parametrize("options", [{}, {"digits": "exact"}, {"backend": "interpreted"}], ids=str)
def test_a_hessian_that_is_infinite_on_the_way_stalls(options):
    """(2/3)|x|^(3/2) - x/2 from 1: the first step ends at 0, where the curvature is infinite."""
    f = sl.Objective(sp.Rational(2, 3) * sp.Abs(x) ** sp.Rational(3, 2) - x / 2)
    trace = sl.minimize(f, [1], "newton", **{"backend": "sympy", **options})
    assert (trace.status, trace.iterates.ravel().tolist()) == ("stalled", [1.0, 0.0])
    with pytest.raises(ValueError, match="start: the Hessian is singular"):
        sl.minimize(f, [0], "newton", **{"backend": "sympy", **options})


@pytest.mark.parametrize("backend", ["sympy", "interpreted"])
def test_a_search_along_a_direction_that_climbs_stalls(backend):
    """At 1 the chapter's f has negative curvature, so Newton's direction goes up."""
    method = sl.method(direction=sl.newton, search=sl.armijo)
    trace = sl.minimize(F, [1], method, backend=backend)
    assert (trace.status, len(trace)) == ("stalled", 1)
    assert "no descent direction" in trace.message
    damped = sl.method(direction=sl.newton(damping=10), search=sl.armijo)
    assert sl.minimize(F, [1], damped, backend=backend).status == "converged"


@pytest.mark.parametrize("backend", ["sympy", "interpreted"])
def test_a_ray_without_bottom_ends_as_diverged(backend):
    """-x^2 falls for ever, so there is no exact step."""
    trace = sl.minimize(sl.Objective(-(x**2)), [1], sl.exact_line_search, backend=backend)
    assert (trace.status, len(trace)) == ("diverged", 1)
    assert "without bound" in trace.message


@pytest.mark.parametrize("backend", ["c", "numba", "interpreted"])
def test_a_step_lost_to_rounding_stalls(backend):
    """At 1e8 the slope moves x by less than the spacing of floats."""
    trace = sl.minimize(
        sl.Objective((x - sp.Rational(1, 3)) ** 2 / 10**20),
        [1e8],
        sl.gradient_descent(step_size=0.1),
        backend=backend,
        tolerance=0,
    )
    assert (trace.status, len(trace)) == ("stalled", 2)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_callback_sees_each_iterate_and_may_stop_the_run(backend):
    """The same calls on every backend, fused or not."""
    seen = []

    def callback(k, point, value):
        seen.append((k, float(point[0]), value))
        return k == 5

    trace = sl.minimize(F, [0.1], "gradient_descent", callback=callback, backend=backend)
    assert (trace.status, len(trace)) == ("stopped", 6)
    assert "callback" in trace.message
    assert [k for k, _, _ in seen] == list(range(6))
    assert [point for _, point, _ in seen] == trace.iterates.ravel().tolist()
    assert [value for _, _, value in seen] == trace.values.tolist()


@pytest.mark.parametrize("backend", BACKENDS)
def test_ctrl_c_keeps_the_rows_so_far(backend):
    """An hour's run must not be lost by stopping it."""

    def interrupt(k, point, value):
        if k == 3:
            raise KeyboardInterrupt

    trace = sl.minimize(F, [0.1], "gradient_descent", callback=interrupt, backend=backend)
    assert trace.status == "stopped"
    assert "interrupted" in trace.message
    assert trace.iterates.ravel() == pytest.approx(ITERATES[:4], abs=5.1e-9)


# --- what is refused


@pytest.mark.parametrize(
    "options, error, words",
    [
        ({"start": [0.1, 2]}, ValueError, "start: expected 1 coordinate, got 2"),
        ({"start": []}, ValueError, "start: expected 1 coordinate, got 0"),
        ({"start": ["a"]}, TypeError, r"start\[0\]: expected a real number, got 'a'"),
        ({"start": [True]}, TypeError, r"start\[0\]: expected a real number"),
        ({"start": None}, TypeError, "start.*expected a real number, got None"),
        ({"start": [np.nan]}, ValueError, r"start\[0\]: expected a finite real number, got nan"),
        ({"start": [np.inf]}, ValueError, r"start\[0\]: expected a finite real number, got inf"),
        ({"start": [1j]}, ValueError, r"start\[0\]: expected a finite real number"),
        ({"method": "gradient_decent"}, ValueError, "did you mean 'gradient_descent'"),
        ({"method": 3}, TypeError, "method: expected a rule such as"),
        ({"backend": "nunba"}, ValueError, "backend: unknown name 'nunba'; did you mean 'numba'"),
        ({"backend": None}, TypeError, "backend: expected a name, got None"),
        ({"max_steps": -1}, ValueError, "max_steps: expected at least 0, got -1"),
        ({"max_steps": 1.5}, TypeError, "max_steps: expected an integer, got 1.5"),
        ({"tolerance": -1}, ValueError, "tolerance: expected a finite number of at least 0"),
        ({"tolerance": np.nan}, ValueError, "tolerance: .*got nan"),
        ({"tolerance": "small"}, TypeError, "tolerance: .*got 'small'"),
        ({"callback": 3}, TypeError, "callback: expected a function, got 3"),
        ({"start": [1.5], "method": "newton"}, ValueError, "start: the Hessian is singular"),
        ({"digits": 0, "backend": "sympy"}, ValueError, "digits: expected a positive integer"),
        ({"digits": "all", "backend": "sympy"}, ValueError, "digits: .*got 'all'"),
        ({"digits": True, "backend": "sympy"}, ValueError, "digits: .*got True"),
        ({"method": "newton", "fused": True}, ValueError, "fused: only rules can be fused"),
    ],
)
def test_bad_input_is_refused_by_name(options, error, words):
    """Before anything is compiled, with what came and what was expected."""
    with pytest.raises(error, match=words):
        sl.minimize(F, **{"start": [0.1], "backend": "interpreted", **options})


@pytest.mark.parametrize("step_size", [0, -0.1, np.nan, np.inf])
def test_a_step_size_that_is_not_positive_is_refused(step_size):
    """Descent with it would not descend."""
    with pytest.raises(ValueError, match="gradient_descent: step_size"):
        sl.gradient_descent(step_size=step_size)


@pytest.mark.parametrize(
    "expression, start, words",
    [
        (sp.log(x), [-1], "start: the objective is .*not a finite real number"),
        (1 / x, [0], "start: the objective is zoo"),
        (sp.sqrt(x), [-4], "start: the objective is 2"),
    ],
)
@pytest.mark.parametrize("backend", ["sympy", "interpreted"])
def test_a_start_where_the_objective_is_not_real_is_refused(expression, start, words, backend):
    """Such a run would have no first row."""
    with pytest.raises(ValueError, match=words):
        sl.minimize(sl.Objective(expression), start, "adam", backend=backend)


def test_what_is_no_objective_is_refused():
    """A bare expression does not say what its variables are."""
    with pytest.raises(TypeError, match="objective: expected an Objective"):
        sl.minimize(x**2, [1])
    with pytest.raises(ValueError, match="the variable 'value' is also a column"):
        sl.minimize(sl.Objective(sp.Symbol("value", real=True) ** 2), [1])


def test_a_start_may_come_in_any_shape_that_says_the_same():
    """A bare number in one variable, a list, an array, a matrix."""
    starts = [0.5, [0.5], (0.5,), np.array([0.5]), sp.Matrix([0.5]), [sp.Rational(1, 2)]]
    ends = {sl.minimize(F, start, "adam", 3, backend="interpreted").x[0] for start in starts}
    assert len(ends) == 1
