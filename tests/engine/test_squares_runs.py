"""Gauss-Newton and Levenberg-Marquardt: certified digits, SciPy's minima, exact steps."""

from functools import cache

import mpmath
import numpy as np
import pytest
import sympy as sp
from scipy.optimize import least_squares as scipy_least_squares

import symlab as sl
from symlab.algebra.alphabet import J
from symlab.algebra.alphabet import damping as mu
from symlab.algebra.squares import squares_of
from symlab.engine.compiled.squares import CompiledSquares
from symlab.engine.exact.squares import ExactSquares
from symlab.methods.squares import BEND, FORESEEN, REACH

EPS = float(np.finfo(float).eps)
COMPILED = ("c", "numba", "interpreted")


def digits(found, wanted):
    """The digits that the worst coordinate shares with what is known."""
    wanted = np.array(wanted, dtype=float)
    return -np.log10(np.max(np.abs(found - wanted) / np.abs(wanted)) + 1e-17)


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", list(sl.problems.nist))
def test_a_certified_regression_is_solved_to_nine_digits(name, start):
    """Unscaled, from NIST's far start and its near one; Lanczos1 has residuals of rounding."""
    regression = sl.problems.nist[name]
    trace = sl.minimize(
        regression.objective,
        regression.starts[start],
        sl.levenberg_marquardt,
        max_steps=400,
        backend="interpreted",
    )
    assert trace.status in ("converged", "precision"), trace.message
    assert digits(trace.x, regression.certified) >= 9
    if name == "Lanczos1":
        assert trace.value < 1e-20
    else:
        assert trace.value == pytest.approx(float(regression.residual_sum_of_squares), rel=1e-9)


@pytest.mark.parametrize("name", ["Chwirut2", "ENSO", "Gauss1", "Hahn1", "Lanczos3", "MGH10"])
def test_gauss_newton_reaches_the_certified_digits_from_near(name):
    """Its last steps are judged by the gradient, since values no longer tell them apart."""
    regression = sl.problems.nist[name]
    trace = sl.minimize(
        regression.objective, regression.starts[1], "gauss_newton", backend="interpreted"
    )
    assert trace.status == "converged", trace.message
    assert digits(trace.x, regression.certified) >= 9


CLASSIC = (
    "bard", "gaussian", "kowalik_osborne", "brown_dennis", "osborne_one", "beale",
    "helical_valley", "freudenstein_roth", "linear_rank_one",
)  # fmt: skip


@pytest.mark.parametrize("name", CLASSIC)
def test_a_classic_problem_ends_where_scipy_ends(name):
    """SciPy's MINPACK from the same start, with derivatives by differences."""
    problem = sl.problems.mgh[name]
    trace = sl.minimize(
        problem.objective, problem.start, "levenberg_marquardt", 400, backend="interpreted"
    )
    residuals = sp.lambdify([problem.objective.variables], problem.residuals, "numpy")
    start = np.array(problem.start, dtype=float)
    found = scipy_least_squares(residuals, start, method="lm", xtol=1e-14, ftol=1e-14, gtol=1e-14)
    assert trace.status in ("converged", "precision"), trace.message
    assert trace.value == pytest.approx(2 * found.cost, rel=1e-8, abs=1e-20)


@cache
def bells(unit=2**40):
    """A bell and a slope through eleven points, in units that differ by a power of two."""
    a, b, c, x = sp.symbols("a b c x", real=True)
    at = np.linspace(-2, 2, 11)
    data = {"x": at, "y": 3 * np.exp(-((at - 0.5) ** 2)) + 0.1 * np.cos(7 * at)}
    plain = sl.least_squares(a * sp.exp(-b * (x - c) ** 2), (a, b, c), data)
    scaled = sl.least_squares(unit * a * sp.exp(-b / unit * (x - c) ** 2), (a, b, c), data)
    return plain, scaled, np.array([1 / unit, unit, 1.0])


def test_no_unit_of_a_parameter_changes_the_run():
    """Units that are powers of two commute with rounding, so that the runs are the same floats."""
    plain, scaled, units = bells()
    start = np.array([1.0, 0.25, 0.0])
    one = sl.minimize(plain, start, "levenberg_marquardt", backend="interpreted")
    other = sl.minimize(scaled, start * units, "levenberg_marquardt", backend="interpreted")
    assert one.status == other.status == "converged"
    assert one.iterates.tolist() == (other.iterates / units).tolist()
    assert one.states["ratio"].tolist() == other.states["ratio"].tolist()


@pytest.mark.parametrize(
    "method, is_invariant",
    [
        (sl.gauss_newton, True),
        (sl.newton, True),
        (sl.steepest, False),
        (sl.bfgs, False),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_which_methods_depend_on_units(method, is_invariant):
    """Those that divide by second derivatives do not; those that begin along the gradient do."""
    plain, scaled, units = bells(2**8)
    start = np.array([2.9, 0.9, 0.45])
    one, other = (
        sl.minimize(stated, begin, method, 3, backend="interpreted")
        for stated, begin in ((plain, start), (scaled, start * units))
    )
    rows = min(len(one), len(other))
    gap = np.abs(one.iterates[:rows] - other.iterates[:rows] / units).max()
    assert (rows > 2 and gap < 1e-12) == is_invariant


def exact_step(squares, point, sizes, damping):
    """The step of the regularised normal equations by SymPy, in 60 digits."""
    (form,) = squares.of_sample.rows
    bound, rows = squares.objective, []
    for row in zip(*bound.arrays, strict=True):
        here = dict(zip((*bound.variables, *bound.risk.data), (*point, *row), strict=True))
        here = {symbol: sp.Float(number, 60) for symbol, number in here.items()}
        rows.append([entry.xreplace(here).evalf(60) for entry in form])
    residuals, jacobian = sp.Matrix(rows)[:, 0], sp.Matrix(rows)[:, 1:]
    shift = sp.Float(damping, 60) * sp.diag(*(sp.Float(size, 60) for size in sizes))
    step = (jacobian.T * jacobian + shift).LUsolve(-jacobian.T * residuals)
    root = np.array(jacobian, dtype=float) / np.sqrt(sizes)
    condition = np.linalg.cond(np.vstack([root, np.sqrt(damping) * np.eye(len(sizes))]))
    return np.array(step, dtype=float).ravel(), condition


@pytest.mark.parametrize("backend", COMPILED)
def test_every_compiled_step_is_the_exact_one_but_for_rounding(backend):
    """From each iterate, with the damping that the trace shows; the error is that of a stable QR.

    Such a solution errs by the condition of the scaled J, and its square times the part of the
    residuals that no step removes (Higham 2002, theorem 20.1).
    """
    plain, _, _ = bells()
    trace = sl.minimize(plain, [1.0, 0.25, 0.0], "levenberg_marquardt", backend=backend)
    squares = squares_of(plain)
    assert len(trace) > 5
    for k in range(len(trace) - 1):
        sizes, damping = trace.states["E"][k], trace.states["mu"][k + 1][0]
        step, condition = exact_step(squares, trace.iterates[k], sizes, damping)
        gap = np.sqrt(sizes) * (trace.iterates[k + 1] - trace.iterates[k] - step)
        residuals = np.sqrt(trace.values[k])
        reach = np.linalg.norm(np.sqrt(sizes) * step)
        moved = np.linalg.norm(np.sqrt(sizes) * trace.iterates[k + 1])
        allowed = 20 * EPS * (condition * reach + condition**2 * residuals + moved)
        assert np.linalg.norm(gap) <= allowed


@pytest.mark.parametrize("backend", COMPILED)
@pytest.mark.parametrize("method", [sl.levenberg_marquardt, sl.gauss_newton], ids=lambda m: m.name)
def test_a_compiled_run_is_the_exact_run_but_for_rounding(method, backend):
    """As many steps and evaluations, the same end, and every iterate to twelve digits."""
    problem = sl.problems["rosenbrock"]
    exact = sl.minimize(problem.objective, problem.start, method, backend="sympy")
    trace = sl.minimize(problem.objective, problem.start, method, backend=backend)
    assert (len(trace), trace.status) == (len(exact), exact.status)
    assert trace.evaluations.tolist() == exact.evaluations.tolist()
    np.testing.assert_allclose(trace.iterates, exact.iterates, rtol=1e-12, atol=1e-12)


def test_both_runners_step_as_the_formulas_say():
    """Length, bend and foreseen gain of a step against the matrix formulas, put in by SymPy."""
    squares = squares_of(sl.problems["rosenbrock"].objective)
    point, damping = (-1.2, 1.0), 0.25
    row = sp.Matrix(squares.once.rows).subs(
        dict(zip(squares.objective.variables, point, strict=True))
    )
    residuals, jacobian = row[:, 0], row[:, 1:]
    diagonal = sp.diag(*(jacobian[:, j].dot(jacobian[:, j]) for j in range(2)))
    step = -(jacobian.T * jacobian + damping * diagonal).inv() * jacobian.T * residuals
    letters = {"J": jacobian, "E": diagonal, "P": step}
    sized = {J.rows: 2, J.cols: 2}

    def value(formula):
        small = formula.subs(sized)
        known = {s: sp.ImmutableMatrix(letters[s.name]) for s in small.atoms(sp.MatrixSymbol)}
        put = small.xreplace(known).subs(mu, damping)
        return float(put.doit().as_explicit()[0])

    for model in (
        CompiledSquares(squares, "interpreted").model(np.array(point), None),
        ExactSquares(squares, 30).model(tuple(map(mpmath.mpf, point)), None),
    ):
        found = model.step(damping)
        np.testing.assert_allclose(
            [float(p) for p in found.direction], [float(p) for p in step], rtol=1e-12
        )
        assert float(found.reach) ** 2 == pytest.approx(value(REACH), rel=1e-12)
        assert float(found.bend) == pytest.approx(value(BEND), rel=1e-12)
        assert float(found.foreseen) == pytest.approx(value(FORESEEN), rel=1e-12)


def test_a_line_is_fitted_exactly_in_one_rational_step():
    """Linear residuals are their own model; the answer is that of the normal equations."""
    a, b, x = sp.symbols("a b x", real=True)
    line = sl.least_squares(a + b * x, (a, b), {"x": [0, 1, 2, 5], "y": [1, 3, 4, 7]})
    trace = sl.minimize(line, [0, 0], "gauss_newton", backend="sympy", digits="exact")
    design = sp.Matrix([[1, 0], [1, 1], [1, 2], [1, 5]])
    best = (design.T * design).LUsolve(design.T * sp.Matrix([1, 3, 4, 7]))
    assert trace.steps == 1
    assert trace.status == "converged"
    assert list(trace.exact[-1][:2]) == list(best)


def test_rational_arithmetic_says_where_it_needs_a_root():
    """The damping that keeps a step in its region is no rational number."""
    problem = sl.problems["rosenbrock"]
    trace = sl.minimize(
        problem.objective, problem.start, "levenberg_marquardt", backend="sympy", digits="exact"
    )
    assert trace.status == "stopped"
    assert "run with digits=50" in trace.message


@pytest.mark.parametrize("backend", ["sympy", "interpreted"])
def test_parameters_that_the_data_cannot_tell_apart(backend):
    """Levenberg-Marquardt reaches a minimum where Gauss-Newton has no step."""
    x, y = sp.symbols("x y", real=True)
    flat = sl.Objective((x + y - 3) ** 2 + (2 * x + 2 * y - 6) ** 2)
    damped = sl.minimize(flat, [1, 0], "levenberg_marquardt", backend=backend)
    assert damped.value < 1e-18
    assert damped.status == "converged", damped.message
    plain = sl.minimize(flat, [1, 0], "gauss_newton", backend=backend)
    assert plain.status == "stalled"


def test_batches_are_refused():
    """A step reads all residuals."""
    plain, _, _ = bells()
    with pytest.raises(ValueError, match=r"^batch_size: only rules"):
        sl.minimize(plain, [1, 1, 0], "levenberg_marquardt", batch_size=2)
