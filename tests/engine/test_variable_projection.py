"""Linear parameters eliminated: the same minima, fewer parameters to step."""

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import least_squares as scipy_least_squares

import symlab as sl
from symlab.algebra.squares import separable, squares_of

LINEAR = {
    "DanWood": (0,),
    "ENSO": (0, 1, 2, 4, 5, 7, 8),
    "Eckerle4": (0,),
    "Gauss1": (0, 2, 5),
    "Hahn1": (0, 1, 2, 3),
    "Kirby2": (0, 1, 2),
    "Lanczos1": (0, 2, 4),
    "Lanczos3": (0, 2, 4),
    "MGH10": (0,),
}
"""Read off NIST's models by hand."""

RUNS = [(name, 1) for name in LINEAR if name != "Gauss1"] + [("Lanczos3", 0), ("MGH10", 0)]


def run(name, start, method="variable_projection", **options):
    """A run on one of NIST's regressions, without a compiler."""
    regression = sl.problems.nist[name]
    options = {"backend": "interpreted", **options}
    return sl.minimize(regression.objective, regression.starts[start], method, 400, **options)


@pytest.mark.parametrize("name", LINEAR)
def test_the_parameters_that_enter_linearly_are_found(name):
    """By the second derivatives of the residuals, which vanish."""
    assert separable(squares_of(sl.problems.nist[name].objective))[0] == LINEAR[name]


@pytest.mark.parametrize("name, start", RUNS)
def test_it_ends_at_the_certified_parameters_and_recovers_the_linear_ones(name, start):
    """All of them, although only the others were stepped."""
    regression = sl.problems.nist[name]
    trace = run(name, start)
    assert trace.status == "converged", trace.message
    certified = np.array(regression.certified, dtype=float)
    np.testing.assert_allclose(trace.x, certified, rtol=1e-9)
    assert trace.states["E"].shape[1] == len(certified) - len(LINEAR[name])


def test_fewer_parameters_need_fewer_steps():
    """MGH10 is a narrow bent valley in three parameters, and a plain one in two."""
    for start in (0, 1):
        assert 3 * run("MGH10", start).steps < run("MGH10", start, "levenberg_marquardt").steps


def test_the_linear_parameters_are_the_best_at_every_iterate():
    """Against NumPy's least squares in the exponentials of that row; the start's are not read."""
    lanczos = sl.problems.nist["Lanczos3"]
    trace = run("Lanczos3", 1)
    for row in trace.iterates:
        columns = np.exp(-np.outer(lanczos.x, row[1::2]))
        best, *_ = np.linalg.lstsq(columns, lanczos.y, rcond=None)
        scatter = np.linalg.cond(columns) ** 2
        np.testing.assert_allclose(row[0::2], best, rtol=1e-15 * scatter)
    other = [9, lanczos.starts[1][1], -7, lanczos.starts[1][3], 0, lanczos.starts[1][5]]
    again = sl.minimize(lanczos.objective, other, "variable_projection", 400, backend="interpreted")
    np.testing.assert_allclose(again.x, trace.x, rtol=1e-8)


def test_scipy_finds_the_same_minimum_in_three_parameters():
    """MINPACK on the residuals that NumPy's least squares leaves, by differences."""
    lanczos = sl.problems.nist["Lanczos3"]

    def left(rates):
        columns = np.exp(-np.outer(lanczos.x, rates))
        return columns @ np.linalg.lstsq(columns, lanczos.y, rcond=None)[0] - lanczos.y

    start = np.array(lanczos.starts[1][1::2], dtype=float)
    found = scipy_least_squares(left, start, method="lm", xtol=1e-14, ftol=1e-14, gtol=1e-14)
    trace = run("Lanczos3", 1)
    assert trace.value == pytest.approx(2 * found.cost, rel=1e-9)
    np.testing.assert_allclose(np.sort(trace.x[1::2]), np.sort(found.x), rtol=1e-5)


def test_an_undamped_step_is_that_of_gauss_newton_in_all_parameters():
    """Kaufman's Jacobian eliminates the linear ones of the whole step (Ruhe & Wedin 1980)."""
    trace = run("DanWood", 1, backend="sympy")
    wood = sl.problems.nist["DanWood"]
    assert trace.steps > 3
    for k in range(trace.steps):
        assert trace.states["mu"][k + 1][0] == 0
        whole = sl.minimize(
            wood.objective,
            trace.exact[k][:-1],
            sl.gauss_newton(search=sl.fixed),
            1,
            backend="sympy",
            tolerance=0,
        )
        gap = abs(whole.exact[1][1] - trace.exact[k + 1][1])
        assert gap <= sp.Float("1e-45", 50) * abs(whole.exact[1][1])


@pytest.mark.parametrize("backend", ["c", "interpreted"])
def test_a_compiled_run_is_the_exact_run_but_for_rounding(backend):
    """As many steps, and every iterate to the digits that the conditions of its steps leave."""
    exact, trace = (run("DanWood", 1, backend=each) for each in ("sympy", backend))
    assert (len(trace), trace.status) == (len(exact), exact.status)
    np.testing.assert_allclose(trace.iterates, exact.iterates, rtol=1e-11)


def test_no_unit_of_a_parameter_changes_the_run():
    """Powers of two commute with rounding, so that the scaled runs are the same floats."""
    a, b, c, t = sp.symbols("a b c t", real=True)
    at = np.linspace(0, 3, 9)
    data = {"t": at, "y": 3 + 5 * np.exp(-at) + 0.1 * np.cos(9 * at)}
    plain = sl.least_squares(a + b * sp.exp(-c * t), (a, b, c), data)
    unit = 2**20
    scaled = sl.least_squares(unit * a + b / unit * sp.exp(-c * unit * t), (a, b, c), data)
    one = sl.minimize(plain, [1, 1, 2], "variable_projection", backend="interpreted")
    start = [1 / unit, unit, 2 / unit]
    other = sl.minimize(scaled, start, "variable_projection", backend="interpreted")
    assert one.converged
    assert one.iterates.tolist() == (other.iterates * [unit, 1 / unit, unit]).tolist()


def test_a_parameter_with_a_bound_is_not_eliminated():
    """The best one for the others may lie outside."""
    a, t = sp.symbols("a t", real=True)
    b = sp.Symbol("b", positive=True)
    data = {"t": [0, 1, 2, 3], "y": [1, 2, 2, 3]}
    fit = sl.least_squares(a + b * t**2, (a, b), data)
    assert separable(squares_of(fit)) == ((0,), (1,))


@pytest.mark.parametrize(
    "model, message",
    [
        (lambda a, b, t: sp.exp(-a * t) / (1 + sp.exp(b * t)), "objective: no parameter of"),
        (lambda a, b, t: a + b * t, "objective: every parameter enters linearly"),
    ],
)
def test_what_cannot_be_projected_is_refused_with_what_to_use_instead(model, message):
    """Before anything is compiled."""
    a, b, t = sp.symbols("a b t", real=True)
    fit = sl.least_squares(model(a, b, t), (a, b), {"t": [0, 1, 2], "y": [1, 2, 2]})
    with pytest.raises(ValueError, match=rf"^{message}.*sl\.\w+") as error:
        sl.minimize(fit, [1, 1], "variable_projection")
    assert len(str(error.value)) < 200


def test_steps_are_not_compared_where_the_exact_ones_are_not_known():
    """It says which method is."""
    wood = sl.problems.nist["DanWood"]
    with pytest.raises(ValueError, match=r"^method: variable_projection .*levenberg_marquardt"):
        sl.compare(wood.objective, start=wood.starts[1], method="variable_projection")
