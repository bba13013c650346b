"""One run has one status, whatever runs it; each against the function's own mathematics."""

import pytest
import sympy as sp

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
