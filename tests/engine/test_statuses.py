"""One run has one status, whatever runs it; each against the function's own mathematics."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from scipy.optimize import least_squares

import symlab as sl

x = sp.Symbol("x", real=True)
WAVE = sp.exp(-x) * (1 + 4 * (x - 2) ** 2)
"""Positive, with the limit 0: lower than its only minimum, beside which it has a maximum."""

LOW, HIGH = sorted(sp.solve(sp.diff(WAVE, x), x))
ENDS = {"converged": 2.0, "saddle": 4.0, "no_minimum": 40.0}
BACKENDS = ("sympy", "interpreted", "c", "numba")


def test_the_wave_is_what_it_is_said_to_be():
    """SymPy: the signs of the second derivative, and an infimum that is not attained."""
    assert sp.diff(WAVE, x, 2).subs(x, LOW) > 0 > sp.diff(WAVE, x, 2).subs(x, HIGH)
    assert sp.limit(WAVE, x, sp.oo) == 0 < WAVE.subs(x, LOW)


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_ends_the_same_runs_with_the_same_statuses(backend):
    """Newton from beside the minimum, beside the maximum, and on the tail."""
    runs = {
        status: sl.minimize(sl.Objective(WAVE), [start], "newton", 50, backend=backend)
        for status, start in ENDS.items()
    }
    assert {status: run.status for status, run in runs.items()} == {each: each for each in ENDS}
    assert runs["converged"].x[0] == pytest.approx(float(LOW))
    assert runs["saddle"].x[0] == pytest.approx(float(HIGH))
    assert "this is a maximum, no minimum" in runs["saddle"].message
    short = sl.minimize(sl.Objective(WAVE), [2.0], "newton", 1, backend=backend)
    assert short.status == "max_steps"


@pytest.mark.parametrize("backend", ("sympy", "interpreted", "c"))
@pytest.mark.parametrize("start, status", [(9, "plateau"), (40, "plateau"), (0.3, "converged")])
def test_a_fused_run_is_judged_as_any_other(backend, start, status):
    """A rule's whole run is one call in C; far out its gradient underflows."""
    f = sl.Objective(-sp.exp(-(x**2)))
    trace = sl.minimize(f, [start], sl.gradient_descent(step_size=0.4), 80, backend=backend)
    assert trace.status == status


ENDS_OF_CLASSICS = {
    ("powell_badly_scaled", "newton"): "saddle",
    ("beale", "newton"): "saddle",
    ("wood", "newton"): "saddle",
    ("jennrich_sampson", "bfgs"): "plateau",
    ("biggs_exponentials", "l_bfgs"): "saddle",
    ("linear_rank_one", "scaled_bfgs"): "converged",
    ("freudenstein_roth", "l_bfgs"): "converged",
    ("helical_valley", "polak_ribiere"): "converged",
}
"""Runs on the set of Moré, Garbow and Hillstrom whose gradient is small in the end."""


def place(problem, point):
    """Return the length of the gradient and the scaled Hessian's eigenvalues, in 60 digits."""
    variables = problem.objective.variables
    here = dict(zip(variables, map(sp.Rational, point.tolist()), strict=True))
    total = sum(residual**2 for residual in problem.residuals)
    slopes = [sp.diff(total, each) for each in variables]
    with mpmath.workdps(60):
        gradient = mpmath.matrix([mpmath.mpf(slope.evalf(60, subs=here)) for slope in slopes])
        hessian = mpmath.matrix(
            [
                [mpmath.mpf(sp.diff(slope, each).evalf(60, subs=here)) for each in variables]
                for slope in slopes
            ]
        )
        sizes = [mpmath.sqrt(abs(hessian[i, i])) or 1 for i in range(len(variables))]
        for i, j in np.ndindex(len(variables), len(variables)):
            hessian[i, j] /= sizes[i] * sizes[j]
        return float(mpmath.norm(gradient)), [float(e) for e in mpmath.eigsy(hessian)[0]]


@pytest.mark.parametrize("name, method", ENDS_OF_CLASSICS)
def test_what_a_run_ends_at_is_what_sixty_digits_see_there(name, method):
    """At a saddle an eigenvalue is negative; at a minimum none is, and SciPy gets no lower.

    On the plateau it is neither: SciPy, put back to the start, finds what is 16 times lower.
    """
    problem, status = sl.problems[name], ENDS_OF_CLASSICS[name, method]
    trace = sl.minimize(problem.objective, problem.start, method, 1000, backend="interpreted")
    assert trace.status == status, trace.message
    steepness, eigenvalues = place(problem, trace.x)
    assert steepness <= 2e-10
    residuals = sp.lambdify([problem.objective.variables], list(problem.residuals))
    start = [float(each) for each in problem.start] if status == "plateau" else trace.x
    lowest = 2 * least_squares(residuals, start, method="lm", xtol=1e-12, ftol=1e-12).cost
    if status == "saddle":
        assert min(eigenvalues) < -1e-4
    elif status == "converged":
        assert min(eigenvalues) > -1e-12
        assert trace.value <= lowest * (1 + 1e-12) + 1e-20
    else:
        assert trace.value > 16 * lowest
