"""Directions as matrix recurrences: the theorems of Newton and BFGS, in rational arithmetic."""

import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from symlab.algebra.alphabet import B, D, G, H, P, S, Y, damping, n, ss, sy, yy
from symlab.methods.directions import (
    DIRECTIONS,
    barzilai_borwein_long,
    barzilai_borwein_short,
    bfgs,
    dai_yuan,
    fletcher_reeves,
    hestenes_stiefel,
    l_bfgs,
    modified_newton,
    newton,
    polak_ribiere,
    scaled_bfgs,
    steepest,
)

every = pytest.mark.parametrize("direction", DIRECTIONS.values(), ids=DIRECTIONS)
fractions = st.fractions(-5, 5, max_denominator=3).map(
    lambda r: sp.Rational(r.numerator, r.denominator)
)


def put(expression, values):
    """Return a matrix expression of dimension n with explicit matrices in place of its letters."""
    (size,) = {matrix.rows for matrix in values.values()}
    sized = {
        sp.MatrixSymbol(letter.name, *matrix.shape): matrix.as_immutable()
        for letter, matrix in values.items()
    }
    return sp.Matrix(expression.subs(n, size).xreplace(sized).doit().as_explicit())


def column(size):
    """Draw a rational column that is not zero."""
    return st.lists(fractions, min_size=size, max_size=size).filter(any).map(sp.Matrix)


@st.composite
def positive_definite(draw, size):
    """Draw L L^T + I, which is positive definite whatever L is."""
    lower = sp.Matrix(size, size, draw(st.lists(fractions, min_size=size**2, max_size=size**2)))
    return lower * lower.T + sp.eye(size)


sizes = st.integers(1, 3)


@every
@given(data=st.data(), size=sizes)
@settings(max_examples=20)
def test_every_direction_goes_downhill(direction, data, size):
    """G.P < 0 wherever the Hessian, or the memory in its stead, is positive definite.

    Conjugate gradients begin with a remembered vector of zero.
    """
    slope, metric = data.draw(column(size)), data.draw(positive_definite(size))
    towards = put(direction.formula, {G: slope, H: metric, B: metric, D: sp.zeros(size, 1)})
    assert slope.dot(towards) < 0


def test_steepest_is_minus_the_gradient():
    """Cauchy's choice needs nothing else."""
    slope = sp.Matrix([3, sp.Rational(-1, 2)])
    assert put(steepest.expression, {G: slope}) == -slope
    assert not steepest.needs_hessian
    assert not steepest.memory


@given(st.data(), sizes)
@settings(max_examples=20)
def test_newton_reaches_the_minimum_of_a_quadratic_in_one_step(data, size):
    """From x on (x - a)^T A (x - a)/2 the step is a - x, for any A that can be inverted."""
    curvature, displacement = data.draw(positive_definite(size)), data.draw(column(size))
    step = put(newton.expression.subs(damping, 0), {G: curvature * displacement, H: curvature})
    assert step == -displacement


def test_newton_goes_to_a_saddle_as_gladly():
    """It solves for a zero of the gradient, whatever lies there (errata E10)."""
    saddle, displacement = sp.diag(1, -2), sp.Matrix([3, 5])
    assert (
        put(newton.expression.subs(damping, 0), {G: saddle * displacement, H: saddle})
        == -displacement
    )


@given(st.data(), sizes, st.integers(1, 9))
@settings(max_examples=20)
def test_damping_solves_the_shifted_system(data, size, shift):
    r""":math:`(H + \lambda I) P = -G`, Levenberg's equation."""
    curvature, slope = data.draw(positive_definite(size)), data.draw(column(size))
    step = put(newton(damping=shift).expression.subs(damping, shift), {G: slope, H: curvature})
    assert (curvature + shift * sp.eye(size)) * step + slope == sp.zeros(size, 1)


def test_a_large_damping_is_a_short_step_of_steepest_descent():
    r""":math:`\lambda P \to -G` as the damping grows."""
    hessian, slope, weight = (
        sp.Matrix([[2, 1], [1, 3]]),
        sp.Matrix([1, -4]),
        sp.Symbol("w", positive=True),
    )
    step = put(newton.expression.subs(damping, weight), {G: slope, H: hessian})
    assert (weight * step).applyfunc(lambda entry: sp.limit(entry, weight, sp.oo)) == -slope


def textbook_bfgs(inverse, moved, changed):
    r"""Return :math:`(I - \rho s y^T) B (I - \rho y s^T) + \rho s s^T`, Nocedal & Wright 6.17."""
    rho = 1 / moved.dot(changed)
    left = sp.eye(moved.rows) - rho * moved * changed.T
    return left * inverse * left.T + rho * moved * moved.T


@given(st.data(), sizes)
@settings(max_examples=25)
def test_the_update_satisfies_the_secant_equation_exactly(data, size):
    """New B times Y is S, B stays symmetric and positive definite, and it is the textbook's B."""
    inverse = data.draw(positive_definite(size))
    moved, changed = data.draw(column(size)), data.draw(column(size))
    assume(moved.dot(changed) > 0)
    updated = put(bfgs.memory[B], {B: inverse, S: moved, Y: changed})
    assert updated * changed == moved
    assert updated == updated.T
    assert updated.is_positive_definite
    assert updated == textbook_bfgs(inverse, moved, changed)


def test_the_first_direction_of_bfgs_is_steepest_descent():
    """Its memory starts as the identity."""
    slope = sp.Matrix([3, -4])
    assert put(bfgs.expression, {G: slope, B: sp.eye(2)}) == -slope
    assert not bfgs.needs_hessian


BOWLS = {
    "1": sp.Matrix([[3]]),
    "2": sp.Matrix([[2, 1], [1, 10]]),
    "3": sp.Matrix([[4, 1, 0], [1, 3, -1], [0, -1, 20]]),
    "4": sp.diag(1, 10, 100, 1000) + sp.ones(4, 4),
}


@pytest.mark.parametrize("curvature", BOWLS.values(), ids=BOWLS)
def test_bfgs_with_exact_search_ends_on_a_quadratic_after_n_steps(curvature):
    """Exactly at the minimum, its memory the inverse Hessian (Nocedal & Wright, theorem 6.4)."""
    size = curvature.rows
    point, memory = sp.Matrix(range(1, size + 1)), sp.eye(size)
    for _ in range(size):
        slope = curvature * point
        towards = put(bfgs.expression, {G: slope, B: memory})
        length = -slope.dot(towards) / towards.dot(curvature * towards)
        moved = length * towards
        point += moved
        memory = put(bfgs.memory[B], {B: memory, S: moved, Y: curvature * moved})
    assert point == sp.zeros(size, 1)
    assert memory == curvature.inv()


CONJUGATE = (fletcher_reeves, polak_ribiere, hestenes_stiefel, dai_yuan)


@pytest.mark.parametrize("direction", CONJUGATE, ids=[each.name for each in CONJUGATE])
@pytest.mark.parametrize("curvature", BOWLS.values(), ids=BOWLS)
def test_conjugate_gradients_end_on_a_quadratic_after_n_steps(curvature, direction):
    """Exactly at the minimum, by directions that are conjugate (Nocedal & Wright, theorem 5.1)."""
    size = curvature.rows
    point, memory = sp.Matrix(range(1, size + 1)), sp.zeros(size, 1)
    taken = []
    for _ in range(size):
        slope = curvature * point
        towards = put(direction.expression, {G: slope, D: memory})
        moved = -slope.dot(towards) / towards.dot(curvature * towards) * towards
        point += moved
        after = {G: curvature * point, Y: curvature * moved, P: towards}
        memory = put(direction.memory[D], after)
        taken.append(towards)
    assert point == sp.zeros(size, 1)
    assert all(taken[i].dot(curvature * taken[j]) == 0 for i in range(size) for j in range(i))


def conjugate_ratio(direction, before, after, towards):
    """Return how much of the last direction is added, read off the remembered vector."""
    known = {G: after, Y: after - before, P: towards}
    return put(direction.memory[D], known)[0] / towards[0]


def test_conjugate_gradients_are_the_textbooks_where_they_differ():
    """Nocedal & Wright 2006, eqs. 5.41, 5.44 to 5.46 and 5.49, worked out by hand.

    g = (1, 2), then (3, -1), after p = (-1, -3): y = (2, -3), g'g = 5 and 10, g'y = 9, p'y = 7.
    """
    before, after, towards = sp.Matrix([1, 2]), sp.Matrix([3, -1]), sp.Matrix([-1, -3])
    found = [conjugate_ratio(each, before, after, towards) for each in CONJUGATE]
    assert found == [2, sp.Rational(9, 5), sp.Rational(9, 7), sp.Rational(10, 7)]


def test_polak_ribiere_plus_restarts_where_the_ratio_would_be_negative():
    """G'y = 1*(1-2) is negative, so that the next direction is the steepest."""
    found = conjugate_ratio(polak_ribiere, sp.Matrix([2]), sp.Matrix([1]), sp.Matrix([-2]))
    assert found == 0


@pytest.mark.parametrize("direction", [hestenes_stiefel, dai_yuan], ids=["HS", "DY"])
def test_a_step_without_curvature_starts_conjugate_gradients_afresh(direction):
    """Where P'Y is zero there is nothing to divide by."""
    flat = conjugate_ratio(direction, sp.Matrix([2]), sp.Matrix([2]), sp.Matrix([-2]))
    assert flat == 0


def test_barzilai_and_borwein_solve_the_secant_equation_by_least_squares():
    """Of all b, theirs minimise |S/b - Y| and |S - b Y| (their section 2)."""
    size = sp.Symbol("b", positive=True)
    moved, changed = sp.Matrix([3, 1]), sp.Matrix([2, 1])
    known = {S: moved, Y: changed}
    for direction, miss in (
        (barzilai_borwein_long, moved / size - changed),
        (barzilai_borwein_short, moved - size * changed),
    ):
        matrix = put(direction.memory[B], known)
        assert matrix == matrix[0, 0] * sp.eye(2)
        assert sp.solve(sp.diff(miss.dot(miss), size), size) == [matrix[0, 0]]


def test_the_long_step_is_never_the_shorter():
    """By Cauchy and Schwarz: S'S/S'Y is at least S'Y/Y'Y."""
    known = {S: sp.Matrix([3, 1]), Y: sp.Matrix([2, 1])}
    long, short = (
        put(each.memory[B], known)[0, 0] for each in (barzilai_borwein_long, barzilai_borwein_short)
    )
    assert (long, short) == (sp.Rational(10, 7), sp.Rational(7, 5))
    assert long > short


@pytest.mark.parametrize("direction", [scaled_bfgs, l_bfgs], ids=["scaled_bfgs", "l_bfgs"])
def test_the_first_update_starts_from_the_scale_of_the_curvature(direction):
    """Nocedal & Wright 2006, eq. 6.20, put into eq. 6.17 by hand."""
    moved, changed = sp.Matrix([3, 1]), sp.Matrix([2, 1])
    (update,) = direction.update(first=True)
    first = moved.dot(changed) / changed.dot(changed) * sp.eye(2)
    assert put(update, {S: moved, Y: changed}) == textbook_bfgs(first, moved, changed)
    assert direction.update(first=False) == tuple(bfgs.memory.values())


def test_a_pair_is_learnt_from_where_the_angle_is_below_a_right_one():
    """The guard compares the squared cosine with 2^-80, and reads its sign."""
    guard = l_bfgs.guard
    assert guard.subs({sy: 1, ss: 1, yy: 1}) == sp.true
    assert guard.subs({sy: -1, ss: 1, yy: 1}) == sp.false
    assert guard.subs({sy: 1, ss: 2**41, yy: 2**41}) == sp.false


# --- the call -------------------------------------------------------------------------------------


@every
def test_latex_shows_the_direction_and_its_memory(direction):
    """One aligned line for P and one for each remembered matrix."""
    lines = direction.latex().splitlines()
    assert len(lines) == 3 + len(direction.memory)
    assert all(line.isprintable() for line in lines)
    assert lines[1].startswith(r"P &\leftarrow ")
    assert direction._repr_latex_().startswith(r"$\displaystyle ")


def test_a_call_sets_the_damping_exactly():
    """A float is the decimal it prints as."""
    assert newton(damping=0.5).hyperparameters == {damping: sp.Rational(1, 2)}
    assert newton.hyperparameters == {damping: 0}
    assert repr(newton(damping=0.5)) == "newton(damping=0.5)"
    assert repr(bfgs()) == "bfgs()"
    assert repr(l_bfgs(memory=5)) == "l_bfgs(memory=5)"
    assert modified_newton.hyperparameters == {}


@pytest.mark.parametrize(
    "direction, values, error, message",
    [
        (newton, {"damping": -1}, ValueError, r"newton: damping must lie in \[0, ∞\), got -1"),
        (newton, {"dampng": 1}, TypeError, "no hyperparameter 'dampng'; did you mean 'damping'"),
        (steepest, {"step_size": 1}, TypeError, "no hyperparameter 'step_size'.* It takes none"),
        (
            newton,
            {"damping": "much"},
            TypeError,
            "newton: damping: expected a real number, got 'much'",
        ),
    ],
)
def test_a_bad_hyperparameter_is_named(direction, values, error, message):
    """A step size belongs to the search, and the message says what the direction takes."""
    with pytest.raises(error, match=message):
        direction(**values)
