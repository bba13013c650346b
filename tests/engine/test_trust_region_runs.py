"""Runs of trust regions: known minima, exact runs, units, saddles, and the last digits."""

import itertools
from functools import cache

import numpy as np
import pytest
import scipy.optimize
import sympy as sp

import symlab as sl
from symlab.methods.trust_regions import TRUST_REGIONS

METHODS = pytest.mark.parametrize("method", TRUST_REGIONS.values(), ids=TRUST_REGIONS)
EPS = float(np.finfo(float).eps)
x, y = sp.symbols("x y", real=True)

CLASSIC = (
    "rosenbrock", "freudenstein_roth", "powell_badly_scaled", "brown_badly_scaled", "beale",
    "helical_valley", "meyer", "powell", "wood", "penalty_one",
)  # fmt: skip
FAR = tuple(name for name in CLASSIC if name not in ("powell_badly_scaled", "beale", "meyer"))
"""Problems whose minimum is reached from ten times the start as well, in less than 150 points."""


@cache
def solved(name, times=1):
    """A run on a classic problem, from so many times its start."""
    problem = sl.problems.mgh[name]
    start = [times * coordinate for coordinate in problem.start]
    return sl.minimize(problem.objective, start, sl.trust_region, 1000, backend="interpreted")


def is_known(problem, value):
    """Whether a value is that of a published minimum, to the six digits that are printed."""
    known = [*map(float, problem.minima), float(problem.minimum)]
    return any(abs(value - minimum) <= 1e-5 * abs(minimum) + 1e-13 for minimum in known)


@pytest.mark.parametrize("name", CLASSIC)
def test_a_classic_problem_is_solved_from_its_start(name):
    """Badly scaled ones among them; a right run is never called stalled."""
    trace = solved(name)
    assert is_known(sl.problems.mgh[name], trace.value), trace
    assert trace.status in ("converged", "precision"), trace.message


@pytest.mark.parametrize("name", FAR)
def test_a_classic_problem_is_solved_from_ten_times_its_start(name):
    """With as few evaluations as a method can hope for that has the Hessian."""
    trace = solved(name, times=10)
    assert is_known(sl.problems.mgh[name], trace.value), trace
    assert trace.status in ("converged", "precision"), trace.message
    assert trace.evaluations[-1] < 150


def test_it_evaluates_no_more_than_scipy_does():
    """The median over the classic problems, against SciPy's trust-exact with the same Hessians."""
    ours, theirs = [], []
    for name in CLASSIC:
        problem = sl.problems.mgh[name]
        compiled = sl.compile(problem.objective, backend="interpreted")
        with np.errstate(all="ignore"):
            found = scipy.optimize.minimize(
                compiled.value,
                np.array(problem.start, dtype=float),
                method="trust-exact",
                jac=compiled.gradient,
                hess=compiled.hessian,
                options={"gtol": 1e-8, "maxiter": 300},
            )
        ours.append(solved(name).evaluations[-1])
        theirs.append(found.nfev)
    assert np.median(ours) <= np.median(theirs)


@pytest.mark.parametrize(
    "method, backend",
    [
        *itertools.product(TRUST_REGIONS.values(), ("c", "interpreted")),
        (sl.trust_region, "numba"),
    ],
    ids=lambda each: getattr(each, "name", each),
)
def test_a_compiled_run_is_the_exact_run_but_for_rounding(method, backend):
    """As many steps and evaluations, the same end, and every iterate to ten digits."""
    problem, start = sl.problems["himmelblau"], (0.5, -1)
    exact = sl.minimize(problem.objective, start, method, backend="sympy", digits=30)
    trace = sl.minimize(problem.objective, start, method, backend=backend)
    assert (len(trace), trace.status) == (len(exact), exact.status)
    assert trace.evaluations.tolist() == exact.evaluations.tolist()
    assert 1 in trace.states["edge"]
    assert 1 in trace.states["indefinite"]
    np.testing.assert_allclose(trace.iterates, exact.iterates, rtol=1e-10, atol=1e-10)
    for name in ("ratio", "radius", "mu"):
        np.testing.assert_allclose(trace.states[name], exact.states[name], rtol=1e-6, atol=1e-6)


@METHODS
def test_the_trace_tells_how_each_step_was_bounded(method):
    """Radius, ratio, damping and edge say what the loop did with every step."""
    problem = sl.problems["rosenbrock"]
    trace = sl.minimize(problem.objective, problem.start, method, backend="interpreted")
    mu, edge, ratio, reach, radius = (
        trace.states[name].ravel() for name in ("mu", "edge", "ratio", "reach", "radius")
    )
    assert np.all((mu[1:] > 0) == (edge[1:] == 1))
    assert np.all(ratio[1:] > 1e-4)
    moved = np.diff(trace.iterates, axis=0)
    lengths = np.sqrt(np.sum(trace.states["E"][:-1] * moved**2, axis=1))
    np.testing.assert_allclose(reach[1:], lengths, rtol=1e-6)
    grown = (ratio[1:] >= 0.75) | (edge[1:] == 0)
    np.testing.assert_allclose(radius[1:][grown], 2 * reach[1:][grown], rtol=1e-12)
    assert trace.evaluations[-1] > len(trace)


@METHODS
def test_no_unit_of_a_variable_changes_the_run(method):
    """Where all curvatures are positive; powers of two commute with rounding."""
    a, b = 2**20, sp.Rational(1, 2**30)
    plain = sl.Objective((1 - x) ** 2 + 100 * (y - x**2) ** 2)
    scaled = sl.Objective((1 - a * x) ** 2 + 100 * (b * y - (a * x) ** 2) ** 2)
    start = np.array([-1.25, 1.0])
    units = np.array([float(a), float(b)])
    one = sl.minimize(plain, start, method, 50, backend="interpreted", tolerance=0)
    other = sl.minimize(scaled, start / units, method, 50, backend="interpreted", tolerance=0)
    rows = min(len(one), len(other), 20)
    np.testing.assert_allclose(one.iterates[:rows], other.iterates[:rows] * units, rtol=1e-9)
    np.testing.assert_allclose(one.states["ratio"][:rows], other.states["ratio"][:rows], rtol=1e-6)


def test_a_saddle_is_left_where_the_gradient_does_not_show_the_way():
    """On y = 0 no gradient leads off the line to the saddle; the curvature across it does."""
    saddle = sl.Objective(x**2 - y**2 + y**4 / 2)
    for start in ([1, 0], [0, 0]):
        for name in ("trust_region", "two_dimensional_subspace"):
            trace = sl.minimize(saddle, start, name, backend="interpreted")
            assert trace.converged
            np.testing.assert_allclose(np.abs(trace.x), [0, 1], atol=1e-9)
        stuck = sl.minimize(saddle, start, "dogleg", backend="interpreted")
        np.testing.assert_allclose(stuck.x, [0, 0], atol=1e-9)
        assert "saddle" in stuck.message


@METHODS
def test_a_singular_hessian_is_no_obstacle(method):
    """In a flat valley, and where the Hessian vanishes at the minimum, as at Powell's."""
    valley = sl.Objective((x + y - 3) ** 2 + (x + y - 3) ** 4)
    trace = sl.minimize(valley, [1, 0], method, backend="interpreted")
    assert trace.status in ("converged", "precision"), trace.message
    assert trace.value < 1e-18
    powell = sl.problems["powell"]
    trace = sl.minimize(powell.objective, powell.start, method, backend="interpreted")
    assert trace.status == "converged", trace.message
    assert trace.value < 1e-13


def test_rational_arithmetic_steps_inside_the_region_and_says_where_it_needs_a_root():
    """Newton's step is rational, the edge of a region is not."""
    bowl = sl.Objective(3 * x**2 + 2 * x * y + 5 * y**2 - x)
    trace = sl.minimize(bowl, [1, 1], sl.trust_region(radius=10), backend="sympy", digits="exact")
    assert trace.status == "converged"
    assert trace.exact[-1][:2] == (sp.Rational(5, 28), sp.Rational(-1, 28))
    bent = sl.problems["rosenbrock"]
    trace = sl.minimize(bent.objective, bent.start, "trust_region", backend="sympy", digits="exact")
    assert trace.status == "stopped"
    assert "run with digits=50" in trace.message


def test_a_risk_over_data_is_minimised():
    """Logistic regression, against SciPy's BFGS on the same loss."""
    drawn = np.random.default_rng(3)
    given = drawn.standard_normal((60, 2)) * [1, 1000]
    labels = (given @ [1, 0.001] + drawn.standard_normal(60) > 0).astype(float)
    x0, x1, label, b0, b1, c = sp.symbols("x0 x1 label b0 b1 c", real=True)
    z = b0 * x0 + b1 * x1 + c
    risk = sl.EmpiricalRisk(sp.log(1 + sp.exp(z)) - label * z, (b0, b1, c), (x0, x1, label))
    bound = risk.on({x0: given[:, 0], x1: given[:, 1], label: labels})
    trace = sl.minimize(bound, [0, 0, 0], "trust_region", backend="interpreted")

    def loss(at):
        scores = given @ (at[:2] * [1, 0.001]) + at[2]
        return np.mean(np.logaddexp(0, scores) - labels * scores)

    found = scipy.optimize.minimize(loss, np.zeros(3), options={"gtol": 1e-8})
    assert trace.converged
    assert trace.steps < 12
    assert trace.value == pytest.approx(found.fun, abs=1e-10)


def test_the_largest_radius_bounds_every_step():
    """Counted in the same unit as the first one."""
    problem = sl.problems["rosenbrock"]
    method = sl.trust_region(radius=0.5, largest=0.5)
    trace = sl.minimize(problem.objective, problem.start, method, 60, backend="interpreted")
    assert np.all(trace.states["radius"] <= trace.states["radius"][0])
    assert np.all(trace.states["reach"] <= 1.1 * trace.states["radius"][0])


def test_a_step_that_is_refused_is_not_tried_again():
    """Also where so much is asked for that the ratio alone would leave the radius as it was."""
    problem = sl.problems["rosenbrock"]
    method = sl.trust_region(decrease=0.9)
    trace = sl.minimize(problem.objective, problem.start, method, 200, backend="interpreted")
    assert trace.converged
    assert np.all(trace.states["ratio"][1:-1] > 0.9)
    assert trace.evaluations[-1] < 200


@METHODS
def test_a_hessian_that_is_not_finite_ends_a_run_with_a_status(method):
    """At the start of |x|^(3/2) at 0, where value and gradient are."""
    corner = sl.Objective(sp.Abs(x) ** sp.Rational(3, 2) + y**2)
    trace = sl.minimize(corner, [0, 1], method, backend="interpreted")
    assert (trace.status, trace.steps) == ("diverged", 0)
    assert "Hessian was not finite" in trace.message


def test_a_ball_of_euclids_holds_where_a_curvature_vanishes():
    """From ten times Beale's start the sizes of the Hessian lead off into a valley without end."""
    problem = sl.problems["beale"]
    start = [10 * coordinate for coordinate in problem.start]
    method = sl.trust_region(scaling="none")
    trace = sl.minimize(problem.objective, start, method, backend="interpreted")
    assert trace.converged
    assert is_known(problem, trace.value)
    assert np.all(trace.states["E"] == 1)


def test_variables_stay_in_their_domain():
    """A trial step that leaves it counts as infinitely high."""
    p = sp.Symbol("p", positive=True)
    trace = sl.minimize(sl.Objective(p - sp.log(p)), [0.001], "trust_region", backend="interpreted")
    assert trace.converged
    assert trace.x[0] == pytest.approx(1)


def test_a_region_that_the_edge_of_a_domain_makes_too_short_is_no_precision():
    """The run stopped at x = 2.98 with the edge beside it, and said that nothing is better."""
    q = sp.Symbol("q", positive=True)
    objective = sl.Objective(q + (x - 1) ** 2, (q, x))
    trace = sl.minimize(objective, [1, 5], "trust_region", backend="interpreted")
    assert trace.status == "stalled"
    assert "the way down leaves the domain" in trace.message
