"""Directions at work: their runs against textbook formulas, SciPy and each other."""

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import minimize, rosen, rosen_der, rosen_hess

import symlab as sl
from symlab.algebra.alphabet import damping
from symlab.methods.directions import DIRECTIONS

x, y, z = sp.symbols("x y z", real=True)
ROSENBROCK = sl.problems["rosenbrock"].objective
BEALE = sl.problems["beale"].objective
BOWL = sl.Objective(4 * x**2 + x * y + 3 * y**2 - y * z + 10 * z**2 + x - z)

NEW = (
    "modified_newton",
    "scaled_bfgs",
    "l_bfgs",
    "fletcher_reeves",
    "polak_ribiere",
    "hestenes_stiefel",
    "dai_yuan",
    "barzilai_borwein_long",
    "barzilai_borwein_short",
)
every = pytest.mark.parametrize("name", NEW)


@every
def test_rosenbrocks_and_beales_minima_are_reached_from_the_usual_starts(name):
    """SciPy's exact trust region, which shares nothing with ours, ends at the same points."""
    found = minimize(rosen, [-1.2, 1], jac=rosen_der, hess=rosen_hess, method="trust-exact")
    for objective, start, best in ((ROSENBROCK, [-1.2, 1], found.x), (BEALE, [1, 1], [3, 0.5])):
        trace = sl.minimize(objective, start, name, 500, backend="interpreted")
        assert trace.status == "converged"
        assert trace.x == pytest.approx(best, rel=1e-4)


@every
@pytest.mark.parametrize("backend", ["c", "sympy"])
def test_every_backend_takes_the_same_steps(name, backend):
    """Far from the minimum rounding decides no test, so ten steps agree to many digits."""
    ours = sl.minimize(ROSENBROCK, [-1.2, 1], name, 10, backend="interpreted")
    other = sl.minimize(ROSENBROCK, [-1.2, 1], name, 10, backend=backend)
    assert other.evaluations.tolist() == ours.evaluations.tolist()
    assert other.iterates == pytest.approx(ours.iterates, rel=1e-7)


@every
def test_steps_without_rounding_begin_like_those_in_floats(name):
    """Nothing on the way leaves the rational numbers."""
    exact = sl.minimize(ROSENBROCK, [-1.2, 1], name, 2, backend="sympy", digits="exact")
    floats = sl.minimize(ROSENBROCK, [-1.2, 1], name, 2, backend="interpreted")
    assert all(number.is_Rational for row in exact.exact for number in row)
    assert exact.iterates == pytest.approx(floats.iterates, rel=1e-10)


@pytest.mark.parametrize(
    "name", ["fletcher_reeves", "polak_ribiere", "hestenes_stiefel", "dai_yuan"]
)
def test_conjugate_gradients_with_the_exact_step_end_on_a_bowl_after_three_steps(name):
    """In rational arithmetic the third gradient is zero (Nocedal & Wright, theorem 5.1)."""
    method = sl.method(DIRECTIONS[name], sl.exact_line_search)
    trace = sl.minimize(BOWL, [1, 2, 3], method, backend="sympy", digits="exact", tolerance=0)
    assert (trace.status, trace.steps) == ("converged", 3)
    assert trace.exact[-1][:-1] == tuple(BOWL.hessian.solve(sp.Matrix([-1, 0, 1])))


def textbook(first, pairs):
    """Return BFGS's matrix of pairs, the oldest first (Nocedal & Wright 2006, eq. 7.16)."""
    matrix = first
    for moved, changed in pairs:
        rho = 1 / (moved @ changed)
        left = np.eye(len(moved)) - rho * np.outer(moved, changed)
        matrix = left @ matrix @ left.T + rho * np.outer(moved, moved)
    return matrix


def test_l_bfgs_forgets_all_but_the_last_pairs():
    """Every step goes along the dense matrix of the last two displacements, by NumPy's products."""
    trace = sl.minimize(ROSENBROCK, [-1.2, 1], sl.l_bfgs(memory=2), 20, backend="interpreted")
    gradients = np.array([rosen_der(point) for point in trace.iterates])
    moved, changed = np.diff(trace.iterates, axis=0), np.diff(gradients, axis=0)
    for k in range(2, trace.steps):
        last = [(moved[i], changed[i]) for i in (k - 2, k - 1)]
        scale = last[1][0] @ last[1][1] / (last[1][1] @ last[1][1])
        towards = -textbook(scale * np.eye(2), last) @ gradients[k]
        assert moved[k] == pytest.approx(trace.step_sizes[k + 1] * towards, rel=1e-6, abs=1e-12)
    assert trace.states["S1"][5] == pytest.approx(moved[4])
    assert trace.states["Y2"][5] == pytest.approx(changed[3], rel=1e-9)


@pytest.mark.parametrize("name", ["barzilai_borwein_long", "barzilai_borwein_short"])
def test_the_scale_of_barzilai_and_borwein_is_that_of_the_last_two_points(name):
    """Read off the trace, against quotients of NumPy's products; 1 where S'Y is not positive."""
    trace = sl.minimize(ROSENBROCK, [-1.2, 1], name, 12, backend="interpreted")
    gradients = np.array([rosen_der(point) for point in trace.iterates])
    for k in range(1, trace.steps + 1):
        moved = trace.iterates[k] - trace.iterates[k - 1]
        changed = gradients[k] - gradients[k - 1]
        long, short = (
            (moved @ moved) / (moved @ changed), (moved @ changed) / (changed @ changed)
        )  # fmt: skip
        scale = (long if name.endswith("long") else short) if moved @ changed > 0 else 1
        assert trace.states["B"][k] == pytest.approx(scale * np.eye(2), rel=1e-6)


def test_a_hessian_is_shifted_exactly_where_it_is_not_positive_definite():
    """The trace holds the shift of each step; NumPy's eigenvalues say where it was needed."""
    trace = sl.minimize(BEALE, [1, 1], "modified_newton", backend="interpreted")
    hessian = sl.compile(BEALE, "interpreted").hessian
    lowest = [np.linalg.eigvalsh(hessian(point))[0] for point in trace.iterates[:-1]]
    shifts = trace.states[damping.name][1:, 0]
    assert [shift > 0 for shift in shifts] == [value < 0 for value in lowest]
    assert shifts[0] > 0 == shifts[-1]
    count = f"{np.count_nonzero(shifts)} of {trace.steps}"
    assert f"the Hessian was shifted in {count} recorded steps" in trace.message


def test_the_shift_does_not_change_with_the_units_of_a_variable():
    """By hand: eigenvalues 8/5, 8/5 and -1/5, so that a shift of 1/4 is the first to do."""
    pairs = x * y + y * z + x * z
    plain = (x**2 + y**2 + z**2) / 2 - sp.Rational(3, 5) * pairs + x
    for scale in (1, 1000):
        f = sl.Objective(plain.subs(x, scale * x), (x, y, z))
        trace = sl.minimize(f, [0, 0, 0], "modified_newton", 1, backend="interpreted")
        assert trace.states[damping.name][1] == [0.25]
        hessian = np.eye(3) * 1.85 - 0.6
        assert trace.x * [scale, 1, 1] == pytest.approx(-np.linalg.inv(hessian)[:, 0])


def test_a_variable_without_curvature_is_scaled_by_what_binds_it_to_others():
    """By hand at (1, 1): h = (0, b, c) = (0, 27.75, 68.5), so E = (b^2/c, c), continuously."""
    small = sp.Rational(1, 10**12)
    shifts, points = zip(
        *(
            (trace.states[damping.name][1, 0], trace.x)
            for trace in (
                sl.minimize(BEALE, start, "modified_newton", 1, backend="interpreted")
                for start in ((1, 1), (1 + small, 1 - small))
            )
        ),
        strict=True,
    )
    assert shifts[0] == shifts[1] == 1
    assert points[0] == pytest.approx(points[1], rel=1e-9)


def test_modified_newton_is_newton_where_the_hessian_is_positive_definite():
    """No shift, and the same steps to the last bit."""
    newton = sl.minimize(BOWL, [1, 2, 3], sl.method(sl.newton, sl.armijo), backend="interpreted")
    ours = sl.minimize(BOWL, [1, 2, 3], "modified_newton", backend="interpreted")
    assert np.array_equal(ours.iterates, newton.iterates)
    assert not ours.states[damping.name].any()


def test_modified_newton_leaves_a_saddle_that_newton_goes_to():
    """From beside the saddle of x^4/4 - x^2/2 + y^2 downhill, not to it."""
    f = sl.Objective(x**4 / 4 - x**2 / 2 + y**2)
    assert sl.minimize(f, [0.1, 1], sl.newton, backend="interpreted").x[0] == pytest.approx(0)
    ours = sl.minimize(f, [0.1, 1], "modified_newton", backend="interpreted")
    assert ours.x == pytest.approx([1, 0])


def test_a_memory_that_gives_no_way_down_is_forgotten():
    """Fletcher and Reeves with full steps soon climbs: the run starts afresh and still descends."""
    loose = sl.method(sl.fletcher_reeves, sl.armijo)
    trace = sl.minimize(ROSENBROCK, [-1.2, 1], loose, 300, backend="interpreted")
    gradients = np.array([rosen_der(point) for point in trace.iterates[:-1]])
    taken = np.diff(trace.iterates, axis=0)
    assert np.all(np.sum(gradients * taken, axis=1) < 0)
    remembered = trace.states["D"][:-1] - gradients
    assert np.any(np.sum(gradients * remembered, axis=1) >= 0)


def test_a_memory_along_which_no_step_is_found_is_forgotten_once():
    """The chapter's listing asks for nothing where the value is 0, and next for what none gives.

    Then the trace shows a step of length zero after which the memory is the first one again.
    """
    f = sl.Objective(x**2 - 100)
    method = sl.method(sl.bfgs, sl.backtracking(variant="listing", step_size=0.3))
    trace = sl.minimize(f, [10], method, backend="sympy", digits=120)
    assert (trace.status, trace.steps) == ("stalled", 2)
    assert trace.step_sizes[2] == 0
    assert trace.iterates[2] == trace.iterates[1]
    assert trace.states["B"][:, 0, 0].tolist() == [1, 0.5, 1]
    assert trace.evaluations.tolist()[1:] == [2, 1002]


def test_bfgs_does_not_learn_from_a_step_without_curvature():
    """Along cos x from 1 the slope grows first: S'Y is negative, and B stays the identity."""
    trace = sl.minimize(
        sl.Objective(sp.cos(x)), [1], sl.method(sl.bfgs, sl.fixed(step_size=0.1)), 1
    )
    assert trace.states["B"][1].tolist() == [[1.0]]


@pytest.mark.parametrize("name", ["l_bfgs", "polak_ribiere", "barzilai_borwein_long"])
def test_a_hundred_variables_take_no_hessian_and_few_steps(name):
    """The extended Rosenbrock function: fifty valleys side by side, its minimum at ones."""
    v = sp.symbols("v:100", real=True)
    terms = [100 * (v[i + 1] - v[i] ** 2) ** 2 + (1 - v[i]) ** 2 for i in range(0, len(v), 2)]
    trace = sl.minimize(
        sl.Objective(sp.Add(*terms), v), [-1.2, 1] * 50, name, 300, backend="interpreted",
        tolerance=1e-6,
    )  # fmt: skip
    assert trace.status == "converged"
    assert trace.x == pytest.approx(np.ones(100), abs=1e-5)
