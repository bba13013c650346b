"""The named problems: exactly stationary minimisers, and the derivatives of the literature."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import optimize

from symlab.algebra.problems import PROBLEMS, rosenbrock

every = pytest.mark.parametrize("problem", PROBLEMS.taught.values(), ids=PROBLEMS.taught)


def at(problem, point):
    """Return value, gradient and Hessian of a problem at an exact point."""
    f = problem.objective
    here = dict(zip(f.variables, point, strict=True))
    return f.at(point), f.gradient.subs(here), f.hessian.subs(here)


@every
def test_every_minimiser_is_stationary_exactly(problem):
    """Zero gradient and no negative curvature, without a tolerance."""
    for point in problem.minimisers:
        _, gradient, hessian = at(problem, point)
        assert gradient == sp.zeros(problem.objective.dimension, 1)
        assert hessian.is_positive_semidefinite


@every
def test_the_start_is_no_stationary_point_and_lies_higher(problem):
    """There is something to do."""
    value, gradient, _ = at(problem, problem.start)
    assert any(gradient)
    assert all(value > problem.objective.at(point) for point in problem.minimisers)


@every
def test_a_problem_says_what_it_is_for(problem):
    """Its key, its name and a reason."""
    assert PROBLEMS[problem.name] is problem
    assert problem.reason


# Values at the customary starts: Moré, Garbow & Hillstrom 1981, and arithmetic for the others.
STARTING_VALUES = {
    "quartic": sp.Rational(19971, 10_000),
    "rosenbrock": sp.Rational(121, 5),
    "beale": sp.Rational("14.203125"),
    "powell": 215,
    "himmelblau": 170,
    "ravine": sp.Rational(21, 4),
}


@every
def test_the_value_at_the_start_is_the_published_one(problem):
    """A slip in a coefficient would show here."""
    assert problem.objective.at(problem.start) == STARTING_VALUES[problem.name]


def hand_derived(name):
    """Return gradient and Hessian as they are derived by hand, for the problem's own variables."""
    if name == "beale":
        x, y = PROBLEMS[name].objective.variables
        r1 = sp.Rational(3, 2) - x + x * y
        r2 = sp.Rational(9, 4) - x + x * y**2
        r3 = sp.Rational(21, 8) - x + x * y**3
        gradient = [
            2 * r1 * (y - 1) + 2 * r2 * (y**2 - 1) + 2 * r3 * (y**3 - 1),
            2 * r1 * x + 4 * r2 * x * y + 6 * r3 * x * y**2,
        ]
        mixed = (
            2 * x * (y - 1) + 2 * r1
            + 4 * x * y * (y**2 - 1) + 4 * r2 * y
            + 6 * x * y**2 * (y**3 - 1) + 6 * r3 * y**2
        )  # fmt: skip
        hessian = [
            [2 * (y - 1) ** 2 + 2 * (y**2 - 1) ** 2 + 2 * (y**3 - 1) ** 2, mixed],
            [mixed, 2 * x**2 + 8 * x**2 * y**2 + 4 * r2 * x + 18 * x**2 * y**4 + 12 * r3 * x * y],
        ]
        return gradient, hessian
    if name == "powell":
        a, b, c, d = PROBLEMS[name].objective.variables
        inner, outer = (b - 2 * c) ** 2, (a - d) ** 2
        gradient = [
            2 * (a + 10 * b) + 40 * (a - d) ** 3,
            20 * (a + 10 * b) + 4 * (b - 2 * c) ** 3,
            10 * (c - d) - 8 * (b - 2 * c) ** 3,
            -10 * (c - d) - 40 * (a - d) ** 3,
        ]
        hessian = [
            [2 + 120 * outer, 20, 0, -120 * outer],
            [20, 200 + 12 * inner, -24 * inner, 0],
            [0, -24 * inner, 10 + 48 * inner, -10],
            [-120 * outer, 0, -10, 10 + 120 * outer],
        ]
        return gradient, hessian
    x, y = PROBLEMS[name].objective.variables
    gradient = [
        4 * x * (x**2 + y - 11) + 2 * (x + y**2 - 7),
        2 * (x**2 + y - 11) + 4 * y * (x + y**2 - 7),
    ]
    hessian = [
        [12 * x**2 + 4 * y - 42, 4 * x + 4 * y],
        [4 * x + 4 * y, 4 * x + 12 * y**2 - 26],
    ]
    return gradient, hessian


@pytest.mark.parametrize("name", ["beale", "powell", "himmelblau"])
def test_derivatives_are_those_derived_by_hand(name):
    """Typed in a test and nowhere else: an oracle that SymPy did not make."""
    gradient, hessian = hand_derived(name)
    f = PROBLEMS[name].objective
    assert (f.gradient - sp.Matrix(gradient)).expand() == sp.zeros(f.dimension, 1)
    assert (f.hessian - sp.Matrix(hessian)).expand() == sp.zeros(f.dimension, f.dimension)


@pytest.mark.parametrize("dimension", [2, 3, 10])
@given(data=st.data())
@settings(max_examples=10)
def test_rosenbrocks_derivatives_are_scipys(dimension, data):
    """The tolerance is the rounding of sums of terms up to 1e5 in double precision."""
    point = data.draw(arrays(float, dimension, elements=st.floats(-3, 3)))
    problem = rosenbrock(dimension)
    _, gradient, hessian = at(problem, [*map(float, point)])
    assert np.allclose(
        np.array(gradient, float).ravel(), optimize.rosen_der(point), rtol=1e-12, atol=1e-9
    )
    assert np.allclose(np.array(hessian, float), optimize.rosen_hess(point), rtol=1e-12, atol=1e-9)
    assert float(problem.objective.at(point)) == pytest.approx(optimize.rosen(point), rel=1e-12)


@pytest.mark.parametrize("dimension", [2, 3, 10])
def test_rosenbrock_is_zero_at_ones_in_every_dimension(dimension):
    """A sum of squares that all vanish there, with a positive definite Hessian."""
    problem = rosenbrock(dimension)
    value, gradient, hessian = at(problem, problem.minimisers[0])
    assert value == 0
    assert gradient == sp.zeros(dimension, 1)
    assert hessian.is_positive_definite
    assert len(problem.start) == problem.objective.dimension == dimension


@pytest.mark.parametrize("dimension", [1, 0, -2])
def test_rosenbrock_needs_two_dimensions(dimension):
    """It couples neighbours."""
    with pytest.raises(ValueError, match=f"dimension: .* at least 2, got {dimension}"):
        rosenbrock(dimension)


def test_the_quartic_traps_at_its_inflection():
    """At 0 gradient and curvature vanish, the third derivative does not (errata E10)."""
    f = PROBLEMS["quartic"].objective
    (x,) = f.variables
    assert sp.factor(f.gradient[0] - x**2 * (4 * x - 9)) == 0
    assert f.hessian[0].subs(x, 0) == 0
    assert sp.diff(f.expression, x, 3).subs(x, 0) == -18
    assert f.hessian[0].subs(x, sp.Rational(9, 4)) == sp.Rational(81, 4)


def test_powells_hessian_is_singular_at_the_minimum():
    """Of rank 2 in four variables, which is why Newton slows down to a linear rate there."""
    _, _, hessian = at(PROBLEMS["powell"], (0, 0, 0, 0))
    assert hessian.rank() == 2


def test_beales_hessian_is_indefinite_at_the_start():
    """So the plain Newton direction need not go downhill."""
    _, _, hessian = at(PROBLEMS["beale"], PROBLEMS["beale"].start)
    assert hessian.is_indefinite


def test_the_ravine_has_condition_number_twenty():
    """The ratio of its two curvatures."""
    curvatures = sorted(PROBLEMS["ravine"].objective.hessian.eigenvals())
    assert curvatures[1] / curvatures[0] == 20


def test_himmelblau_has_nine_stationary_points_of_the_kinds_it_says():
    """Four minima, four saddles and a maximum; counted from the exact roots of a Groebner basis."""
    f = PROBLEMS["himmelblau"].objective
    x, y = f.variables
    basis = sp.groebner(list(f.gradient), x, y, order="lex")
    last = sp.Poly(basis.exprs[-1], y)
    heights = last.real_roots()
    assert len(heights) == 9
    # In lexicographic order with simple roots the first element is linear in x.
    across = sp.solve(basis.exprs[0], x)[0]
    curve = sp.lambdify((x, y), f.hessian, "mpmath")
    kinds = []
    for height in heights:
        v = sp.N(height, 30)
        curvatures = np.linalg.eigvalsh(np.array(curve(across.subs(y, v), v).tolist(), dtype=float))
        kinds.append(int(np.sum(curvatures > 0)))
    assert sorted(kinds) == [0, 1, 1, 1, 1, 2, 2, 2, 2]
