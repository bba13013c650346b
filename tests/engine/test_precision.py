"""As far as floats go: NIST's certified regressions, and what the running error bound says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

import symlab as sl
from symlab.engine.compiled.functions import compile_everywhere
from symlab.engine.ending.curvature import Oracle
from symlab.engine.ending.judge import judge
from symlab.engine.ending.place import oracle_of
from symlab.engine.ending.trail import Trail
from symlab.engine.stopping import Ending

x, y = sp.symbols("x y", real=True)
STUCK = Ending("stalled", "the step no longer changes the iterate", "unchanged")


def hahn1():
    """Return Hahn1 as a sum of squares, both starts, and the certified parameters."""
    path = Path(__file__).parents[1] / "oracle" / "nist" / "Hahn1.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    known = np.array([line.split()[:3] for line in lines[4:11]], dtype=float)
    data = np.array([line.split() for line in lines[13:] if line], dtype=float)
    b = sp.symbols("b1:8", real=True)
    above = sum(b[i] * x**i for i in range(4))
    below = 1 + sum(b[4 + i] * x ** (i + 1) for i in range(3))
    risk = sl.EmpiricalRisk((y - above / below) ** 2, parameters=b, data=(x, y), reduction="sum")
    return risk.on({x: data[:, 1], y: data[:, 0]}), known


HAHN1, KNOWN = hahn1()


@pytest.mark.parametrize("start", [0, 1])
def test_a_regression_that_rounding_stops_at_the_certified_answer_has_converged(start):
    """NIST's start, BFGS as it comes: parameters from 1e-6 to 1, and a gradient never below 1e-4.

    The second derivatives of differences cannot tell this minimum; the derived ones can.
    """
    trace = sl.minimize(HAHN1, KNOWN[:, start], "bfgs", 500, backend="interpreted")
    assert trace.x == pytest.approx(KNOWN[:, 2], rel=1e-6)
    assert trace.status in ("converged", "precision")
    assert trace.converged
    assert trace.gradient_norms[-1] > 1e-6


def place(f, point, tolerance=1e-10):
    """Return how a run is judged that no longer moves from a point to which it came from 1, 1."""
    functions = compile_everywhere(f, "interpreted", "sympy", order=1)
    points = np.array([np.ones(f.dimension), point, point])
    values = np.array([functions.value(each) for each in points])
    oracle = oracle_of(f, functions.value_and_gradient)
    return judge(STUCK, Trail(points, values, tolerance), oracle), oracle


CANCELLED = sl.Objective(10**9 * (x - sp.sqrt(2)) ** 2 + 10**9 * (y - sp.pi) ** 2 + x + y)


def test_a_gradient_within_its_rounding_is_as_far_as_floats_go():
    """The bound covers what the gradient computed in floats is off from SymPy's exact one."""
    exact = sp.nsolve(list(CANCELLED.gradient), CANCELLED.variables, (1.4, 3.1), prec=40)
    point = np.array([float(entry) for entry in exact])
    ending, oracle = place(CANCELLED, point)
    assert ending.status in ("converged", "precision")
    _, gradient = oracle.value_and_gradient(point)
    there = dict(zip(CANCELLED.variables, map(sp.Rational, point), strict=True))
    exactly = [entry.subs(there).n(40) for entry in CANCELLED.gradient]
    off = [abs(float(g - e)) for g, e in zip(gradient, exactly, strict=True)]
    assert all(o <= bound for o, bound in zip(off, oracle.rounding(point), strict=True))


def test_the_status_is_precision_where_only_the_bound_explains_the_gradient():
    """With values that show no rounding by themselves the running bound decides."""
    exact = sp.nsolve(list(CANCELLED.gradient), CANCELLED.variables, (1.4, 3.1), prec=40)
    point = np.array([float(entry) for entry in exact])
    functions = compile_everywhere(CANCELLED, "interpreted", "sympy", order=1)
    oracle = oracle_of(CANCELLED, functions.value_and_gradient)
    coarse = replace(oracle, rounding=lambda _: np.array([1.0, 1.0]))
    moved = point * (1 + 1e-10)
    trail = Trail(np.array([[1.0, 1.0], moved, moved]), np.zeros(3), 1e-11)
    assert judge(STUCK, trail, oracle).status == "stalled"
    found = judge(STUCK, trail, coarse)
    assert found.status == "precision"
    assert "nothing smaller can be told apart in floats" in found.message
    # By hand: H = 2e9 I, so that a gradient known to 1 gives x to 5e-10, y = 3.14 to 1.6e-10.
    assert "determines each variable to 9 digits or more" in found.message
    assert "condition number, after scaling, is 1.0e+00" in found.message


def test_a_relative_step_below_the_tolerance_has_converged():
    """Newton's step is 1e-6 of each variable, whatever the units; asked for is 1e-5.

    By hand it lowers the value by 2e-12, which is no small part of it: f is 2e-12 there.
    """
    f = sl.Objective((10**6 * x - 1) ** 2 + (y / 10**6 - 1) ** 2, (x, y))
    off = np.array([1e-6, 1e6]) * (1 + 1e-6)
    loose, _ = place(f, off, tolerance=1e-5)
    assert loose.status == "converged"
    assert (
        "converged relative to scale: Newton's step would lower the value by 2e-12" in loose.message
    )
    tight, _ = place(f, off, tolerance=1e-7)
    assert tight.status == "stalled"


def test_a_small_decrease_of_a_large_value_is_enough_only_near_the_minimum():
    """By hand: off by 1e-6 the value 1e6 is too high by 1e-12; off by 1/2, by 1/4."""
    f = sl.Objective((x - 1) ** 2 + (y - 1) ** 2 + 10**6)
    for off, status in ((1e-6, "converged"), (0.5, "stalled")):
        functions = compile_everywhere(f, "interpreted", "sympy", order=1)
        oracle = replace(oracle_of(f, functions.value_and_gradient), rounding=lambda _: np.zeros(2))
        point = np.array([1 + off, 1.0])
        trail = Trail(np.array([[3.0, 1.0], point, point]), np.full(3, 1e6), 1e-6)
        assert judge(STUCK, trail, oracle).status == status


@pytest.mark.parametrize(
    "expression, point",
    [(x**2 - y**2, [1e-9, 1e-9]), (-(x**2) - y**2, [1e-9, 1e-9])],
    ids=str,
)
def test_only_a_minimum_is_as_far_as_one_can_go(expression, point):
    """A saddle and a maximum are none, however coarse the rounding."""
    f = sl.Objective(expression, (x, y))
    _, oracle = place(f, np.array(point))
    coarse = replace(oracle, rounding=lambda _: np.array([10.0, 10.0]))
    trail = Trail(np.array([[1.0, 1.0], point, point]), np.zeros(3), 1e-12)
    assert judge(STUCK, trail, coarse).status == "stalled"


def test_a_valley_without_an_end_is_no_isolated_minimum():
    """(x + y - 1)^2 + 1 is lowest on a line, and the message says along which."""
    trace = sl.minimize(
        sl.Objective((x + y - 1) ** 2 + 1), [3, 1], "gradient_descent", backend="interpreted"
    )
    assert trace.status == "converged"
    assert "moving on along (x - y)/sqrt(2) changes nothing" in trace.message


def test_the_bottom_of_a_valley_that_rounding_hides_is_not_a_stall():
    """More, Garbow and Hillstrom's problem 34, whose Hessian has rank one everywhere."""
    problem = sl.problems["linear_rank_one_with_zeros"]
    trace = sl.minimize(problem.objective, problem.start, "bfgs", 100, backend="interpreted")
    assert trace.value == pytest.approx(float(problem.minimum), rel=1e-12)
    assert trace.status in ("precision", "converged")  # which of them, rounding decides


def test_a_minimum_whose_gradient_is_all_rounding_is_no_plateau():
    """Newton's step leaves as much of it, and the value falls by rounding a little further on."""

    def noisy(point):
        return 1.0 - 1e-9 * (point[0] < 0), np.array([1e-12, 0.0])

    oracle = Oracle(("x", "y"), noisy, hessian=lambda _: 2 * np.eye(2))
    trail = Trail(np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([3.0, 1.0]), 1e-10)
    small = Ending("converged", "the gradient is small", "small gradient")
    assert judge(small, trail, oracle).status == "plateau"
    known = replace(oracle, rounding=lambda _: np.full(2, 2e-12))
    assert judge(small, trail, known) == small


def test_a_method_that_has_the_hessian_is_judged_by_it_in_any_number_of_variables():
    """By hand: |x - 1|^2/2 + 50 in 64 variables, off by 1e-9 in all, is too high by 3.2e-17.

    Differences of the gradient would take long there, and are not taken.
    """
    size = 64
    point = np.full(size, 1 + 1e-9)
    oracle = Oracle(
        tuple(f"w{i}" for i in range(size)),
        lambda at: (50 + (at - 1) @ (at - 1) / 2, at - 1),
        hessian=lambda _: np.eye(size),
    )
    trail = Trail(np.array([np.zeros(size), *[point] * 30]), np.full(31, 50.0), 1e-10)
    for stuck in (STUCK, Ending("max_steps", "max_steps was reached", "max_steps")):
        ending = judge(stuck, trail, oracle)
        assert ending.status == "converged"
        assert "Newton's step would change the value by 3e-17" in ending.message
        assert judge(stuck, trail, replace(oracle, hessian=None)) == stuck


def test_a_gradient_of_rounding_alone_at_a_minimum_is_no_plateau():
    """The local minimum of Moré, Garbow & Hillstrom's trigonometric problem: cosines cancel in it.

    So its value rounds by much more than its own spacing, which is no way down.
    """
    problem = sl.problems["trigonometric"]
    method = sl.method(sl.modified_newton(), sl.armijo)
    trace = sl.minimize(problem.objective, problem.start, method, backend="interpreted")
    assert trace.status == "converged"
    assert trace.value == pytest.approx(2.79506e-5, rel=1e-5)


@pytest.mark.parametrize(
    "expression, point, status",
    [
        (sp.sqrt(x**2 + y**2) + sp.cosh(x), [1e-14, 2e-14], "converged"),
        (sp.Max(x, -2 * x) + sp.Abs(y) + x / 2, [0.0, 1e-15], "converged"),
        (1000 * sp.Abs(x - y) + x + y, [0.5, 0.5], "stalled"),
    ],
    ids=str,
)
def test_a_kink_is_a_minimum_where_gradients_surround_zero(expression, point, status):
    """By hand: beside the tip of a cone they point everywhere, on a ridge only to its two sides.

    There they are (1, 1) + 1000*(1, -1) and (1, 1) - 1000*(1, -1): (1, 1) is nearest to zero, and
    the way down along the ridge is too narrow to be met by trials.
    """
    ending, _ = place(sl.Objective(expression, (x, y)), np.array(point))
    assert ending.status == status
    assert "reached a kink" in ending.message


def test_a_bound_on_rounding_far_above_the_gradient_explains_nothing():
    """Beside a kink, or in a formula that overflows, the running bound may have any size."""
    point = np.array([1.0, 1.0])
    oracle = Oracle(
        ("x", "y"),
        lambda at: (float(at @ at), 2 * at),
        hessian=lambda _: np.zeros((2, 2)),
        rounding=lambda _: np.array([1e9, np.inf]),
    )
    trail = Trail(np.array([[3.0, 3.0], point, point]), np.array([18.0, 2.0, 2.0]), 1e-10)
    assert judge(STUCK, trail, oracle).status == "stalled"


def test_a_run_that_only_rounding_keeps_moving_comes_to_rest():
    """Newton's full steps on NIST's Chwirut2 go to and fro between last places: a gradient of 1e-10
    is less than rounding leaves of it, and 200 steps were taken. A tolerance of zero asks for them.
    """
    problem = sl.problems.nist["Chwirut2"]
    run = {"method": "newton", "max_steps": 60, "backend": "interpreted"}
    trace = sl.minimize(problem.objective, problem.starts[1], **run)
    assert trace.converged
    assert trace.steps < 40
    assert trace.x == pytest.approx([float(each) for each in problem.certified], rel=1e-9)
    asked = sl.minimize(problem.objective, problem.starts[1], **run, tolerance=0)
    assert (asked.status, asked.steps) == ("max_steps", 60)
