"""The method that is chosen where none is named: what is chosen and why, and what it solves.

One run of the session solves the classic problems that are cheap to derive, from their start and
from ten times it, and all regressions of NIST; the others take a minute of CPU to derive, and are
run by `symlab race`.
"""

from dataclasses import dataclass

import numpy as np
import pytest
import sympy as sp

import symlab as sl
from symlab.engine.choice import MOST_VARIABLES, choose_method

x, y = sp.symbols("x y", real=True)

CHEAP = (
    "freudenstein_roth", "powell_badly_scaled", "brown_badly_scaled", "beale",
    "helical_valley", "powell", "wood", "brown_dennis", "osborne_one", "extended_rosenbrock",
    "extended_powell", "penalty_one", "brown_almost_linear",
    "linear_full_rank", "linear_rank_one",
)  # fmt: skip
"""Those of the 35 whose derivatives take least."""

PUBLISHED = 1e-5
"""Minima are published to six digits."""

NEAR_ZERO = 1e-12
"""Where the minimum is zero: values fall to rounding, from starts of 1e-1 to 1e30."""


@dataclass(frozen=True)
class Solved:
    """How a run ended, and what it cost."""

    status: str
    value: float
    x: tuple[float, ...]
    evaluations: int
    message: str


def _solve(objective, start):
    trace = sl.minimize(objective, start, backend="interpreted")
    spent = int(trace.evaluations[-1])
    return Solved(trace.status, trace.value, tuple(trace.x), spent, trace.message)


def _solve_all():
    classic = {
        (name, times): _solve(problem.objective, [times * each for each in problem.start])
        for name, problem in sl.problems.mgh.items()
        if name in CHEAP
        for times in (1, 10)
    }
    regressions = {
        (name, i): _solve(problem.objective, start)
        for name, problem in sl.problems.nist.items()
        for i, start in enumerate(problem.starts)
    }
    return classic | regressions


@pytest.fixture(scope="module")
def solved(once):
    """Every run, by problem and start."""
    return once.result("default method", "", _solve_all)


@pytest.mark.parametrize("times", [1, 10])
@pytest.mark.parametrize("name", CHEAP)
def test_the_default_reaches_a_known_minimum_and_says_so(name, times, solved):
    """Right, and called so; also where a valley leads to infinity."""
    problem, found = sl.problems[name], solved[name, times]
    known = [*problem.minima, *(problem.objective.at(each) for each in problem.minimisers[:1])]
    allowed = [(float(low), PUBLISHED * abs(float(low)) or NEAR_ZERO) for low in known]
    assert any(abs(found.value - low) <= gap for low, gap in allowed)
    assert found.status in ("converged", "precision")


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", sl.problems.nist)
def test_the_default_has_nine_certified_digits_of_every_regression(name, start, solved):
    """NIST certifies eleven; Lanczos1 was made without noise, and nearly none is left."""
    problem, found = sl.problems.nist[name], solved[name, start]
    certified = np.array([float(each) for each in problem.certified])
    assert np.abs(found.x / certified - 1).max() < 1e-9
    assert found.status in ("converged", "precision")
    assert "Chosen: levenberg_marquardt, because" in found.message
    assert name != "Lanczos1" or found.value < 1e-20


def test_where_the_region_finds_no_minimum_another_method_is_tried(solved):
    """From ten times Beale's start the scaled region runs along a valley; all is counted."""
    told = "Chosen: bfgs, because trust_region, tried first, found no minimum."
    assert solved["beale", 10].message.endswith(told)
    problem = sl.problems["beale"]
    start = [10 * each for each in problem.start]
    unscaled = sl.method(sl.bfgs, sl.strong_wolfe)
    alone = sl.minimize(problem.objective, start, unscaled, 1000, backend="interpreted")
    assert solved["beale", 10].x == tuple(alone.x)
    assert solved["beale", 10].evaluations > 1000 + alone.evaluations[-1]
    assert "levenberg_marquardt" in solved["brown_almost_linear", 10].message


def test_steps_that_are_asked_for_are_not_exceeded():
    """All methods that are tried share what `max_steps` says, where it says something."""
    problem = sl.problems["beale"]
    start = [10 * each for each in problem.start]
    run = sl.minimize(problem.objective, start, max_steps=20, backend="interpreted")
    assert (run.status, run.steps) == ("max_steps", 20)
    assert run.method.startswith("trust_region")


W = sp.symbols(f"w1:{MOST_VARIABLES + 2}", real=True)


def _risk(loss):
    """Return a loss on four samples."""
    return sl.EmpiricalRisk(loss, (x,), (y,)).on({y: [0.0, 1.0, 1.0, 0.0]})


CHOICES = {
    "a formula": (sl.Objective(sp.exp(x) - x), "trust_region", "the Hessian of 1 variable takes"),
    "a formula of squares": (sl.problems["wood"].objective, "trust_region", "4 variables"),
    "squares over data": (_risk((x - y) ** 2), "levenberg_marquardt", "a sum of 4 squares"),
    "another loss": (_risk(sl.softplus(x) - x * y), "trust_region", "the Hessian of 1 variable"),
    "a kink": (sl.Objective(sp.Abs(x) + x**2), "l_bfgs", "kinks"),
    "a power of a modulus": (sl.Objective(sp.Abs(x) ** sp.Rational(5, 2)), "trust_region", ""),
    "a loss with a kink": (_risk(sl.relu(1 - x * y)), "l_bfgs", "kinks"),
    "many variables": (sl.Objective(sum(w**4 for w in W), W), "l_bfgs", "201 variables"),
    "a dense formula": (
        sl.Objective(sum(sp.exp(sum(W[:120])) * w for w in W[:120]), W[:120]), "l_bfgs", "too much",
    ),
}  # fmt: skip


@pytest.mark.parametrize("stated", CHOICES)
def test_the_choice_follows_from_what_is_stated(stated):
    """And says why in plain words."""
    objective, name, why = CHOICES[stated]
    found = choose_method(objective)
    assert found.reason.startswith(f"{name}, because")
    assert why in found.reason


def test_batches_get_a_rule_and_rational_runs_a_method_without_roots():
    """Whatever the objective is."""
    risk = _risk((x - y) ** 2)
    assert choose_method(risk, in_batches=True).method is sl.adam
    run = sl.minimize(risk, [0], batch_size=2, max_steps=3, backend="interpreted")
    assert run.method.startswith("adam(")
    exact = sl.minimize(sl.Objective(x**2), [1], backend="sympy", digits="exact")
    assert exact.method.startswith("method(direction=modified_newton()")
    assert exact.exact[-1] == (0, 0)


def test_a_named_method_takes_a_hundred_steps_and_a_chosen_one_a_thousand():
    """Where nothing else is asked; and only a choice is explained."""
    slow = sl.Objective(x**2)
    named = sl.minimize(slow, [1], sl.gradient_descent(step_size=1e-4), backend="interpreted")
    assert (named.steps, "Chosen" in named.message) == (100, False)
    risk = _risk((x - y) ** 2)
    chosen = sl.minimize(risk, [9], batch_size=2, backend="interpreted")
    assert (chosen.steps, "Chosen: adam" in chosen.message) == (1000, True)


def test_methods_that_were_tried_in_vain_are_named_and_counted():
    """The trace is the first one's; its last row has what all of them evaluated."""
    x = sp.Symbol("x", real=True)
    trace = sl.minimize(sl.Objective(sp.exp(x)), [0], backend="interpreted")
    assert trace.status == "no_minimum"
    assert "Chosen: trust_region" in trace.message
    assert trace.message.endswith("Tried next, without a minimum: bfgs.")
    alone = [
        sl.minimize(sl.Objective(sp.exp(x)), [0], method, 1000, backend="interpreted")
        for method in ("trust_region", sl.method("bfgs", "strong_wolfe"))
    ]
    assert trace.evaluations[-1] == sum(each.evaluations[-1] for each in alone)
    assert trace.evaluations[:-1].tolist() == alone[0].evaluations[:-1].tolist()
