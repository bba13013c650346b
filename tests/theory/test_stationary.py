"""Stationary points: where they are, exactly; what kind they are; and what is said where not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import (
    Abs,
    CRootOf,
    Integer,
    Matrix,
    Rational,
    cos,
    diff,
    erf,
    exp,
    floor,
    log,
    pi,
    sign,
    sin,
    sqrt,
    symbols,
)

from symlab.algebra.functions import relu
from symlab.algebra.objective import Objective
from symlab.algebra.problems import PROBLEMS, rosenbrock
from symlab.theory.stationary import stationary_points
from symlab.theory.zeros import degree_bound

x, y, z = symbols("x y z", real=True)


def kinds(expression, variables=(), **search):
    """Return {point: kind} of an expression."""
    found = stationary_points(Objective(expression, variables), **search)
    return {point.point: point.kind for point in found.points}


def test_the_quartic_has_an_inflection_and_one_minimum():
    """The chapter's f' = x^2 (4x - 9): a double root at 0 and a simple one at 9/4."""
    found = stationary_points(PROBLEMS["quartic"].objective)
    trap, minimum = found.points
    assert found.complete
    assert (trap.point, trap.kind, trap.order) == ((0,), "inflection", 3)
    assert (minimum.point, minimum.kind, minimum.order) == ((Rational(9, 4),), "minimum", 2)
    assert minimum.value == Rational(-1675, 256)
    assert minimum.eigenvalues == (Rational(81, 4),)


def test_himmelblau_has_four_minima_four_saddles_and_a_maximum():
    """Two cubics meet in nine points, all real; the minima are the common zeros of its squares."""
    found = stationary_points(PROBLEMS["himmelblau"].objective)
    counts = [p.kind for p in found.points]
    assert (counts.count("minimum"), counts.count("saddle"), counts.count("maximum")) == (4, 4, 1)
    assert found.complete
    assert len(found.points) == 9
    for point in found.points:
        a, b = (float(c) for c in point.point)
        first, second = a**2 + b - 11, a + b**2 - 7
        assert 4 * a * first + 2 * second == pytest.approx(0, abs=1e-11)
        assert 2 * first + 4 * b * second == pytest.approx(0, abs=1e-11)
        assert (point.kind == "minimum") == (abs(first) + abs(second) < 1e-11)


@pytest.mark.parametrize("name", ["rosenbrock", "beale", "powell", "himmelblau", "ravine"])
def test_the_known_minimisers_are_found_exactly(name):
    """Each minimiser of the literature is among the points, as exact numbers and as a minimum."""
    problem = PROBLEMS[name]
    found = {p.point: p for p in stationary_points(problem.objective).points}
    for minimiser in problem.minimisers:
        assert found[minimiser].kind == "minimum"
        assert found[minimiser].exact


def test_powells_hessian_is_singular_at_its_minimum():
    """Two curvatures vanish there, so the kind is decided by the sum of squares, not by them."""
    (point,) = stationary_points(PROBLEMS["powell"].objective).points
    assert point.eigenvalues[:2] == (0, 0)
    assert not point.regular
    assert point.kind == "minimum"


def test_rosenbrock_in_ten_dimensions_is_found_with_its_second_minimum():
    """From dimension four on there is a second minimum near (-1, 1, ..., 1) (Shang & Qiu 2006)."""
    found = stationary_points(rosenbrock(10).objective)
    minima = [p for p in found.points if p.kind == "minimum"]
    assert (1,) * 10 in [p.point for p in minima if p.exact]
    assert any(float(p.point[0]) < -0.9 and not p.exact for p in minima)
    assert not found.complete


@pytest.mark.parametrize(
    "expression, expected",
    [
        (x**4, {(0,): "minimum"}),
        (-(x**6), {(0,): "maximum"}),
        (x**5, {(0,): "inflection"}),
        (x**3 - 3 * x, {(-1,): "maximum", (1,): "minimum"}),
        (x**3 - 3 * x * y**2, {(0, 0): "saddle"}),
        (x**4 - y**4, {(0, 0): "saddle"}),
        (x**4 + y**4, {(0, 0): "minimum"}),
        (-(x**2) - y**4, {(0, 0): "maximum"}),
        (x**2 + y**3, {(0, 0): "saddle"}),
        (x**2 + x * y + y**2 - x, {(Rational(2, 3), Rational(-1, 3)): "minimum"}),
        (1 / (1 + x**2), {(0,): "maximum"}),
        (x + 1 / x, {(-1,): "maximum", (1,): "minimum"}),
        (x**2 - sqrt(2) * x, {(sqrt(2) / 2,): "minimum"}),
        (exp(x) - 2 * x, {(log(2),): "minimum"}),
        (x * log(x), {(exp(-1),): "minimum"}),
        ((x - 1) ** 2 * exp(x), {(-1,): "maximum", (1,): "minimum"}),
        (sin(x * y) + exp(x), {(0, -1): "saddle"}),
    ],
    ids=str,
)
def test_points_and_kinds_are_exact(expression, expected):
    """Each is decided by hand: higher derivatives, the Hessian's signs, or slices."""
    assert kinds(expression) == expected


def test_a_peano_surface_is_left_undecided():
    """(y - x^2)(y - 3x^2) rises along every line from 0 and yet has no minimum there (Peano)."""
    assert kinds((y - x**2) * (y - 3 * x**2))[0, 0] == "undecided"


def test_irrational_roots_come_out_as_exact_algebraic_numbers():
    """X^5 - x - 1 is not solvable by radicals; its root is named, not rounded."""
    (point,) = stationary_points(Objective(x**6 / 6 - x**2 / 2 - x)).points
    assert point.point == (CRootOf(x**5 - x - 1, 0),)


@pytest.mark.parametrize(
    "expression", [exp(x), 3 * x, x**3 + x, exp(x) + y, log(1 + exp(x))], ids=str
)
def test_a_gradient_that_never_vanishes_is_known_to(expression):
    """No point is listed, and the list is known to be complete or the search is named."""
    found = stationary_points(Objective(expression))
    assert found.points == ()
    assert found.complete or "Searched numerically" in found.notes[0]


def test_a_periodic_objective_says_that_it_has_infinitely_many():
    """Those of cos in [-10, 10] are the seven multiples of pi, minima and maxima in turn."""
    found = stationary_points(Objective(cos(x)))
    assert [p.point[0] for p in found.points] == [j * pi for j in range(-3, 4)]
    assert [p.kind for p in found.points] == ["minimum", "maximum"] * 3 + ["minimum"]
    assert "period 2*pi" in found.notes[0]
    assert "infinitely" in found.notes[0]
    assert not found.complete


def test_an_absent_variable_makes_a_line_of_minima():
    """X^2 in the plane: the free coordinate keeps its letter, and the kind is decided across it."""
    (point,) = stationary_points(Objective(x**2, (x, y))).points
    assert (point.point, point.kind, point.freedom) == ((0, y), "minimum", 1)
    assert point.curvatures == (2,)
    assert str(point) == "x = 0, y free"


def test_a_quadratic_valley_is_a_continuum():
    """(x - y)^2 is least along the whole diagonal."""
    (point,) = stationary_points(Objective((x - y) ** 2)).points
    assert (point.point, point.kind, point.freedom, point.value) == ((y, y), "minimum", 1, 0)


def test_a_circle_of_minima_is_named_by_its_equation():
    """(x^2 + y^2 - 1)^2: both derivatives share the circle, which resultants cannot intersect."""
    found = stationary_points(Objective((x**2 + y**2 - 1) ** 2))
    centre, on_circle = found.points
    assert (centre.point, centre.kind) == ((0, 0), "maximum")
    assert (on_circle.kind, on_circle.freedom, on_circle.value) == ("minimum", 1, 0)
    assert "x**2 + y**2 - 1 = 0" in found.notes[0]
    assert not found.complete


def test_crossing_lines_of_minima_leave_no_isolated_point():
    """x^2 y^2 vanishes on both axes; their crossing solves the divided system but is on them."""
    found = stationary_points(Objective(x**2 * y**2))
    assert {p.point for p in found.points} == {(0, 1), (1, 0)}
    assert all((p.kind, p.freedom) == ("minimum", 1) for p in found.points)


def test_a_constant_is_stationary_everywhere_and_nothing_more_is_claimed():
    """Every point of a constant is both minimum and maximum; it is called undecided."""
    assert kinds(Integer(5), (x,)) == {(x,): "undecided"}


def test_a_transcendental_continuum_is_thinned_and_called_one():
    """The search lands on many points of sin(x + y); a few are listed, with a warning."""
    found = stationary_points(Objective(sin(x + y)))
    assert len(found.points) <= 4
    assert any("continuum" in note for note in found.notes)


@pytest.mark.parametrize("expression", [Abs(x), relu(x) - x / 2], ids=str)
def test_a_kink_is_no_stationary_point(expression):
    """Where the gradient jumps over zero there is none, although SymPy's sign(0) is 0."""
    found = stationary_points(Objective(expression))
    assert found.points == ()
    assert any("kinks" in note for note in found.notes)


def test_the_flat_side_of_a_ramp_stands_for_its_continuum():
    """Relu has zero gradient on a half-line; one point stands for it."""
    (point,) = stationary_points(Objective(relu(x))).points
    assert (point.kind, point.freedom) == ("minimum", 1)


def test_a_numerical_point_is_marked_and_has_thirty_digits():
    """X = cos x has no closed form: the point is a number, and says that it is one."""
    (point,) = stationary_points(Objective(x**2 / 2 - sin(x))).points
    assert not point.exact
    assert abs(point.point[0] - cos(point.point[0]).evalf(35)) < Rational(1, 10**28)


def test_a_convex_function_of_one_variable_has_no_further_point():
    """Where f'' is never zero one numerical zero of f' is the only one."""
    assert not stationary_points(Objective(exp(x) - x**2 * 2)).complete
    assert stationary_points(Objective(exp(x) - 2 * x)).complete


def test_the_box_and_the_start_say_where_to_search():
    """A box is searched and nothing else; a start widens it; without one, all scales are seen."""
    expression = exp(x) - exp(25) * x
    assert kinds(expression, box=(-10, 10)) == {}
    assert kinds(expression) == {(25,): "minimum"}
    assert kinds(expression, box=(20, 30)) == {(25,): "minimum"}
    assert kinds(expression, start=[26]) == {(25,): "minimum"}
    assert kinds(exp(x) - x + exp(y) - y, box=[(-1, 1), (-2, 2)]) == {(0, 0): "minimum"}


@pytest.mark.parametrize("box", [(1, 1), (2, 1), [(0, 1)] * 3, 5, "ab", (0, 1, 2)], ids=repr)
def test_a_bad_box_is_refused(box):
    """The message names the argument and shows what came."""
    with pytest.raises((ValueError, TypeError), match="box"):
        stationary_points(PROBLEMS["ravine"].objective, box=box)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "expression",
    [
        x**50 - x,
        100 * x**100 - x**7,
        sin(x * y) + exp(x),
        exp(-(x**2) - y**2),
        (x + y + 1) ** 40 + (x - y) ** 30,
        exp(x) + exp(y) + exp(z) - x * y * z,
        sum((i + 1) * v**2 for i, v in enumerate(symbols("a:10", real=True))),
        x**y + y**2,
        sin(exp(x**2)),
        1 / (x**2 + y**2 - 1) + x * y,
        ((x**2 + x + 1) ** 6 - x) ** 5,
        ((x**2 + 1) ** 30 - x) ** 2,
        x**x**x,
        Abs(x) ** 3,
        sign(x) * x**2,
        floor(x) + x**2,
        erf(x) * erf(y) + x * y,
        sum(v**4 for v in symbols("a:20", real=True)) + x**2,
        10**30 * x**2 - x,
    ],
    ids=str,
)
def test_nothing_hangs(expression):
    """The work is bounded by degrees and counts, so any formula comes back in seconds."""
    stationary_points(Objective(expression))


def test_a_search_gives_the_same_points_every_time():
    """The starts are seeded."""
    objective = Objective(sin(x) * cos(y) + x * y / 10)
    assert stationary_points(objective) == stationary_points(objective)


def test_degrees_are_bounded_without_expanding():
    """A power of a sum is never multiplied out to learn its degree."""
    assert degree_bound((x + y + 1) ** 500 * x, (x, y)) == 501
    assert degree_bound(1 / x, (x,)) is None


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=4), st.integers(-3, 3))
def test_every_real_root_of_a_derivative_is_found(roots, scale):
    """F is built from its f', so the distinct roots are known; odd multiplicity makes extrema."""
    slope = Integer(scale or 1)
    for root in roots:
        slope *= x - root
    found = stationary_points(Objective(slope.expand().integrate(x)))
    assert {p.point[0]: p.kind == "inflection" for p in found.points} == {
        root: roots.count(root) % 2 == 0 for root in roots
    }


@given(
    st.lists(st.integers(-5, 5), min_size=3, max_size=3),
    st.tuples(st.integers(-3, 3)) | st.just((1, -2)),
)
def test_a_regular_quadratic_is_classified_by_numpys_eigenvalues(entries, shift):
    """NumPy diagonalises the same matrix; the signs of its eigenvalues give the kind."""
    a, b, c = entries
    matrix = np.array([[a, b], [b, c]], dtype=float)
    eigenvalues = np.linalg.eigvalsh(matrix)
    if np.min(np.abs(eigenvalues)) < 1e-9:
        return
    form = Matrix([x - shift[0], y])
    expression = ((form.T * Matrix([[a, b], [b, c]]) * form)[0] / 2).expand()
    (point,) = stationary_points(Objective(expression, (x, y))).points
    expected = {(True, True): "minimum", (False, False): "maximum"}
    assert point.point == (shift[0], 0)
    assert point.kind == expected.get(tuple(eigenvalues > 0), "saddle")
    assert np.allclose([float(e) for e in point.eigenvalues], eigenvalues)
    assert all(diff(expression, v).subs({x: shift[0], y: 0}) == 0 for v in (x, y))
