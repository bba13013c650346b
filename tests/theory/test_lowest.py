"""Every minimum of a named problem in up to ten variables is proved, and no more than is true."""

import math
import sys

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import least_squares

import symlab as sl
from symlab.algebra.objective import Objective
from symlab.theory.certify import certify
from symlab.theory.flat_sets import solve_linear

x, y, z = sp.symbols("x y z", real=True)
DIMENSIONS = {"osborne_two": None, "extended_powell": 8}
"""Of problems that are stated in more than ten variables; one of them in no others."""
NAMES = [name for name in sl.problems if DIMENSIONS.get(name, 1)]
KINK = "ackley"


def stated(name):
    """Return a problem in at most ten variables."""
    problem = sl.problems[name]
    return problem.in_dimension(DIMENSIONS.get(name, problem.objective.dimension))


def solution(problem):
    """Return a minimiser: exact where one is known, else by SciPy, from the customary start."""
    if problem.minimisers:
        return list(problem.minimisers[0])
    if not problem.residuals:
        return [-2.903534027771178] * len(problem.start)  # Styblinski & Tang's, the root of a cubic
    values = sp.lambdify([problem.objective.variables], problem.residuals, "numpy")

    def residuals(point):
        return np.array(values(point), dtype=point.dtype)

    def jacobian(point):  # by complex steps, which lose no digits
        steps = 1e-30j * np.eye(len(point))
        return np.stack([residuals(point + step).imag / 1e-30 for step in steps], axis=1)

    start = np.array(problem.start, dtype=float)
    tight = dict.fromkeys(("ftol", "xtol", "gtol"), 3e-16)
    found = least_squares(residuals, start, jacobian, method="lm", max_nfev=5000, **tight)
    return found.x.tolist()


@pytest.mark.parametrize("name", [name for name in NAMES if name != KINK])
def test_the_minimum_of_a_problem_is_proved_and_no_longer_where_a_sign_is_broken(name):
    """The value is the published one; global is called what is no higher than any published.

    With a sign broken nothing is proved there, or no minimum, but where symmetry keeps it: then
    the gradient is exactly zero.
    """
    problem = stated(name)
    here = solution(problem)
    proof = certify(problem.objective, at=here)
    assert proof.kind == "minimum"
    published = [problem.objective.at(each) for each in problem.minimisers] + [*problem.minima]
    low, high = (float(end) for end in proof.value)
    near = [abs(low - float(each)) <= 1e-5 * abs(each) + 1e-50 for each in published]
    assert any(near) or not published
    assert high - low <= 1e-25 * (1 + abs(low))
    if proof.is_global and published:
        assert high <= float(min(published)) * (1 + 1e-5) + 1e-25
    if problem.minimisers:
        box = zip(here, proof.lower, proof.upper, strict=True)
        assert all(lower <= exact <= upper for exact, lower, upper in box)

    broken = Objective(with_a_sign_broken(problem), problem.objective.variables)
    refused = certify(broken, at=here)
    assert not refused or refused.kind != "minimum" or not any(slope_at(broken, here))


def with_a_sign_broken(problem):
    """Return the formula with the sign of one term turned: in a residual where there are any."""
    whole = problem.objective.expression
    if not problem.residuals:
        return whole - 2 * next(term for term in whole.args[::-1] if term.free_symbols)
    residual = next(each for each in problem.residuals if each.is_Add and each.free_symbols)
    return whole - residual**2 + (residual - 2 * residual.args[-1]) ** 2


def slope_at(objective, point):
    """Return the exact gradient."""
    at = dict(zip(objective.variables, map(sp.nsimplify, point), strict=True))
    return [entry.xreplace(at).expand() for entry in objective.gradient]


def test_a_global_minimum_needs_a_reason():
    """A vanishing sum of squares or a convex quadratic has one; waves and exponentials have not."""
    certified = {n: certify(stated(n).objective, at=solution(stated(n))) for n in ("wood", "easom")}
    assert certified["wood"].is_global
    assert certified["wood"].value == (0, 0)
    assert not certified["easom"].is_global
    assert repr(certified["wood"]).startswith("Certificate(global minimum: exactly one stationary")
    beside = certify(sl.problems["freudenstein_roth"].objective, at=[11.41277897, -0.89680525])
    assert beside.kind == "minimum"
    assert not beside.is_global


def test_a_fourth_power_has_a_strict_minimum():
    """From where a run ends: the value tells so little there that a thousandth is allowed."""
    problem = sl.problems["powell"]
    proof = certify(problem.objective, at=[7e-4, -7e-5, 4e-4, 4e-4])
    assert proof.is_global
    assert proof.is_strict
    assert proof.value == (0, 0)
    assert all(lower <= 0 <= upper for lower, upper in zip(proof.lower, proof.upper, strict=True))
    assert "no other global minimiser within" in repr(proof)
    assert not certify(problem.objective, at=[7e-3, -7e-4, 4e-3, 4e-3])
    raised = certify(Objective(x**4 + (y - 2) ** 6 + 3), at=[0, 2])
    assert raised.value[0] <= 3 <= raised.value[1]


@pytest.mark.parametrize("name", ["linear_rank_one", "linear_rank_one_with_zeros"])
def test_a_plane_of_minimisers_is_stated_whole(name):
    """Its points have the published value, those beside it a larger one; none is alone."""
    problem = sl.problems[name].in_dimension(6)
    objective, variables = problem.objective, problem.objective.variables
    residuals = sp.Matrix(problem.residuals)
    jacobian = residuals.jacobian(variables)
    offset = residuals.xreplace(dict.fromkeys(variables, 0))
    here = np.linalg.lstsq(np.array(jacobian, float), -np.array(offset, float).ravel())[0]
    proof = certify(objective, at=here)
    assert proof.is_global
    assert not proof.is_strict
    assert not proof.alone
    (equation,) = proof.minimisers
    low, high = proof.value
    assert low <= problem.minima[0] <= high
    (leading, *_) = equation.free_symbols
    (there,) = sp.solve(equation.subs(dict.fromkeys(equation.free_symbols - {leading}, 7)), leading)
    point = [there if v == leading else 7 for v in variables]
    assert objective.at(point) == problem.minima[0]
    beside = [there + 1 if v == leading else 7 for v in variables]
    assert objective.at(beside) > problem.minima[0]
    assert "all points of the domain with" in repr(proof)


def test_a_line_of_roots_is_proved_by_substitution():
    """Box's third root is a line; near it a residual with a broken sign has none."""
    problem = sl.problems["box_three_dimensional"]
    proof = certify(problem.objective, at=[5.25, 5.25 + 1e-7, 1e-8])
    x1, x2, x3 = problem.objective.variables
    assert set(proof.minimisers) == {x1 - x2, x3}
    assert proof.is_global
    first, *others = problem.residuals
    broken = sum(each**2 for each in others) + (first + 2 * sp.exp(-x2 / 10)) ** 2
    assert not certify(Objective(broken, (x1, x2, x3)), at=[5.25, 5.25, 0])
    tilted = certify(Objective((x + 2 * y - 3 * z) ** 4 + (x - y) ** 4), at=[1, 1.001, 1])
    assert set(tilted.minimisers) == {x - z, y - z}


def test_more_residuals_than_variables_need_an_exact_point():
    """The zero of three cubes together is rational; moved by a root, no ball can tell."""
    cubes = (x - y) ** 6 + (x + y - sp.Rational(2, 3)) ** 4 + (x * y - sp.Rational(1, 9)) ** 2
    proof = certify(Objective(cubes), at=[0.3333, 0.3333])
    assert proof.is_global
    root = sp.sqrt(2)
    apart = (x - y) ** 6 + (x + y - 2 * root) ** 4 + (x * y - 2) ** 2
    assert not certify(Objective(apart, (x, y)), at=[1.4142, 1.4142]).is_global


def test_a_quadratic_that_falls_without_end_has_no_set_of_minimisers():
    """The equations for a vanishing gradient contradict each other."""
    matrix = sp.Matrix([[2, -2], [-2, 2]])
    assert solve_linear(matrix, sp.Matrix([1, 1]), (x, y)) is None
    assert solve_linear(matrix, sp.Matrix([2, -2]), (x, y)).equations == (x - y + 1,)


@pytest.mark.parametrize(
    ("name", "at", "reason"),
    [
        ("ackley", [0, 0], "switches, or is not defined"),
        ("bard", [0.84066667, -9e5, -9e5], "Newton's method goes"),
        ("biggs_exponentials", [1.711416, 17.6832, 1.163144, 5.186562, 1.711416, 1.163144],
         "singular there, along"),
    ],
)  # fmt: skip
def test_a_kink_infinity_and_an_unproved_line_are_refused_in_words(name, at, reason):
    """Ackley's minimum has no gradient, Bard's second lies at infinity; Biggs' second is a line."""
    refused = certify(sl.problems[name].objective, at=at, within=1)
    assert not refused
    assert reason in refused.reason


@pytest.mark.parametrize("flint", [True, False])
def test_without_a_limit_and_without_flint_the_same_is_proved(flint, monkeypatch):
    """The distance may be infinite, and mpmath's intervals do for polynomials."""
    if not flint:
        monkeypatch.setitem(sys.modules, "flint", None)
    proof = certify(sl.problems["powell"].objective, at=[1, 0, 2, 0], within=math.inf)
    assert proof.is_strict
    assert proof.is_global
    assert (proof.arithmetic == "Arb") == flint
    fourth = certify(Objective((x - y) ** 4), at=[1, 3], within=math.inf)
    assert fourth.minimisers == (x - y,)
    assert list(map(float, fourth.point)) == [2, 2]


def test_a_point_may_be_any_exact_number():
    """McCormick's has the coordinates 1/2 - π/3 and -1/2 - π/3."""
    problem = sl.problems["mccormick"]
    assert certify(problem.objective, at=problem.minimisers[0]).kind == "minimum"
