"""Standard errors against NIST's certified ones, and against information worked out by hand."""

import mpmath
import numpy as np
import pytest
import sympy as sp

import symlab as sl
from symlab.engine import covariance

a, b, x = sp.symbols("a b x", real=True)
AT = np.array([-2.0, -1.0, -0.5, 0.5, 1.0, 2.0, 3.0])
LABELS = np.array([0, 0, 1, 0, 1, 1, 1])


def run(objective, start, method="levenberg_marquardt"):
    """A run without a compiler, long enough to end at the minimum."""
    return sl.minimize(objective, start, method, 400, backend="interpreted")


CERTIFIED = dict.fromkeys(sl.problems.nist, 9) | {"Lanczos1": 3}
"""Digits asked; the residuals of Lanczos1 are 1e-13, of which data in floats keep three digits."""


@pytest.mark.parametrize("name", CERTIFIED)
def test_standard_errors_are_those_that_nist_certifies(name):
    """From the near start, with the residual standard deviation and its degrees of freedom."""
    regression = sl.problems.nist[name]
    found = run(regression.objective, regression.starts[1]).standard_errors()
    wanted = np.array(regression.standard_errors, dtype=float)
    allowed = 10.0 ** -CERTIFIED[name]
    np.testing.assert_allclose(found["standard_error"], wanted, rtol=allowed)
    freedom = len(regression.y) - len(regression.parameters)
    assert list(found.index) == [parameter.name for parameter in regression.parameters]
    assert found.attrs["of"] == "least squares"
    assert found.attrs["degrees_of_freedom"] == freedom
    scatter = float(regression.residual_sum_of_squares / freedom) ** 0.5
    assert found.attrs["residual_standard_deviation"] == pytest.approx(scatter, rel=allowed)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("factor", [1, sp.Rational(1, 2)])
def test_neither_a_factor_nor_the_mean_changes_standard_errors(reduction, factor):
    """They are of the data, not of how the objective was written; NumPy's line is the oracle."""
    y = np.array([1.0, 3.0, 2.0, 6.0, 4.0, 9.0, 8.0])
    v = sp.Symbol("y", real=True)
    risk = sl.EmpiricalRisk(factor * (v - a - b * x) ** 2, (a, b), (x, v), reduction)
    found = run(risk.on({x: AT, v: y}), [0, 0], "gauss_newton").covariance()
    _, wanted = np.polyfit(AT, y, 1, cov=True)
    np.testing.assert_allclose(found, wanted[::-1, ::-1], rtol=1e-12)


def logistic(reduction):
    """Two classes on a line that overlap, so that the likelihood has a maximum."""
    y, z = sp.Symbol("y", real=True), a + b * x
    risk = sl.EmpiricalRisk(sp.log(1 + sp.exp(z)) - y * z, (a, b), (x, y), reduction)
    return risk.on({x: AT, y: LABELS})


def information_by_hand():
    """Fisher's information X'WX at the maximum that mpmath finds, in 30 digits, inverted."""
    with mpmath.workdps(30):

        def score(intercept, slope):
            gaps = [
                label - 1 / (1 + mpmath.exp(-intercept - slope * at))
                for at, label in zip(AT.tolist(), LABELS.tolist(), strict=True)
            ]
            return sum(gaps), sum(gap * at for gap, at in zip(gaps, AT.tolist(), strict=True))

        best = mpmath.findroot(score, (0, 1))
        design = np.stack([np.ones_like(AT), AT], axis=1)
        odds = 1 / (1 + np.exp(-design @ np.array(best.T.tolist()[0], dtype=float)))
    return np.linalg.inv(design.T @ np.diag(odds * (1 - odds)) @ design)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_those_of_logistic_regression_invert_fishers_information(reduction):
    """The Hessian of the sum, although the loss may be a mean; also worked out in floats."""
    trace = run(logistic(reduction), [0, 1], "newton")
    np.testing.assert_allclose(trace.covariance(), information_by_hand(), rtol=1e-9)
    assert trace.standard_errors().attrs["of"] == "likelihood"


def test_many_data_are_worked_out_in_floats(monkeypatch):
    """To the digits that QR and Cholesky keep."""
    steel = sl.problems.nist["Chwirut2"]
    fits = run(steel.objective, steel.starts[1]), run(logistic("mean"), [0, 1], "newton")
    exact = [fit.covariance() for fit in fits]
    monkeypatch.setattr(covariance, "MOST_ENTRIES", 0)
    for fit, wanted in zip(fits, exact, strict=True):
        np.testing.assert_allclose(fit.covariance(), wanted, rtol=1e-7)


def test_another_likelihood_is_taken_at_its_word():
    """Poisson counts with one rate: the variance of its logarithm is one over the count."""
    y = sp.Symbol("y", real=True)
    counts = sl.EmpiricalRisk(sp.exp(a) - a * y, (a,), (y,)).on({y: [3, 5, 2, 6]})
    trace = run(counts, [1], "newton")
    with pytest.raises(ValueError, match=r"^trace: .* say likelihood=True\.$"):
        trace.covariance()
    np.testing.assert_allclose(trace.covariance(likelihood=True), [[1 / 16]], rtol=1e-9)


def test_an_exact_run_has_the_same_standard_errors():
    """Its rows are read with all of their digits."""
    wood = sl.problems.nist["DanWood"]
    exact = sl.minimize(wood.objective, wood.starts[1], "levenberg_marquardt", backend="sympy")
    np.testing.assert_allclose(
        exact.covariance(), run(wood.objective, wood.starts[1]).covariance(), rtol=1e-9
    )


def refused():
    """Runs that have no standard errors, each with how its message begins."""
    y = sp.Symbol("y", real=True)
    data = {x: [0, 1, 2, 4], y: [1, 2, 2, 5]}
    ridge = sl.EmpiricalRisk((y - a - b * x) ** 2, (a, b), (x, y), penalty=a**2).on(data)
    far = sl.problems.nist["Hahn1"]
    twice = sl.least_squares((a + b) * x, (a, b), data)
    return {
        "penalty": (run(ridge, [0, 0]), "trace: a penalty moves the minimiser"),
        "few": (
            run(sl.least_squares(a + b * x, (a, b), {x: [0, 1], "y": [1, 2]}), [0, 0]),
            "trace: 2 residuals for 2 parameters",
        ),
        "singular": (run(twice, [1, 0]), "trace: the data do not tell the parameters apart"),
        "early": (
            sl.minimize(far.objective, far.starts[0], "levenberg_marquardt", 2, backend="sympy"),
            "trace: the run ended before a minimum: b",
        ),
        "no squares": (
            run(sl.problems["quartic"].objective, [2], "newton"),
            "trace: standard errors come from least squares",
        ),
    }


def test_what_has_no_standard_errors_says_why():
    """In one line, before anything is computed from numbers that mean nothing."""
    for trace, message in refused().values():
        with pytest.raises(ValueError, match=rf"^{message}") as error:
            trace.standard_errors()
        assert len(str(error.value)) < 200


@pytest.mark.parametrize("steps", [30, 400])
def test_classes_that_can_be_separated_have_no_standard_errors(steps):
    """Newton's steps stay 1 there while errors grow: after 30 they were told, as 1e20."""
    y, z = sp.Symbol("y", real=True), a + b * x
    risk = sl.EmpiricalRisk(sp.log(1 + sp.exp(z)) - y * z, (a, b), (x, y))
    separated = risk.on({x: AT, y: AT > 0})
    trace = sl.minimize(separated, [0, 0], "newton", steps, tolerance=0, backend="interpreted")
    with pytest.raises(ValueError, match=r"^trace: (the classes|the run ended 'no_minimum')"):
        trace.covariance()


def test_a_trace_from_a_file_does_not_know_its_objective():
    """What it minimised is not in the file."""
    trace = run(sl.least_squares(a * x, [a], {x: [1, 2, 3], "y": [1, 2, 4]}), [0])
    with pytest.raises(ValueError, match=r"^trace: from a file, it lacks its objective"):
        sl.Trace.from_json(trace.to_json()).covariance()
    with pytest.raises(TypeError, match=r"^likelihood: expected True or False"):
        trace.covariance(likelihood="yes")
