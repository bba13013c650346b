"""What a page of `sl.explore` computes in the browser, against what Python computes exactly."""

import math

import mpmath
import numpy as np
import pytest
import sympy as sp

import symlab as sl

pytestmark = pytest.mark.browser

STEPS = 200
CLOSE = 1e-12
x, y = sp.symbols("x y", real=True)


@pytest.fixture
def opened(tab, tmp_path):
    """Open the page of an objective, and return the tab."""

    def open_page(objective, **options):
        page = sl.explore(objective, **options).save(tmp_path / "page.html")
        tab.goto(page.as_uri())
        return tab

    return open_page


def distance(found: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """The relative distance of each iterate from the exact one, absolute below 1."""
    return np.max(np.abs(found - exact) / np.maximum(1, np.abs(exact)), axis=1)


def agreeing_steps(problem, rule, exact: np.ndarray) -> int:
    """For how many steps the compiled run itself is near the exact one.

    Where it is not for all, the steps amplify rounding, and no floats can do better.
    """
    compiled = sl.minimize(
        problem.objective, problem.start, rule, STEPS, backend="interpreted", tolerance=0
    ).iterates
    shared = min(len(compiled), len(exact))
    far = distance(compiled[:shared], exact[:shared]) > CLOSE / 10
    return int(np.argmax(far)) if far.any() else shared


@pytest.mark.parametrize("name", sl.problems.taught)
def test_every_rule_takes_the_same_steps_as_in_exact_arithmetic(opened, name):
    """To 1e-12 over 200 steps, from the usual start and with the numbers the page opens with.

    Every second rule on a problem, the others on the next one.
    """
    problem = sl.problems[name]
    page = opened(problem.objective)
    for rule in [*sl.rules.values()][[*sl.problems.taught].index(name) % 2 :: 2]:
        asked = f"symlab.iterates({rule.name!r}, {{}}, symlab.objective.start, {STEPS}, 0)"
        found = page.evaluate(asked)
        numbers = page.evaluate(f"symlab.methods[{rule.name!r}].hyperparameters")
        bound = rule(**{each["word"]: found["h"][each["letter"]] for each in numbers})
        exact = sl.minimize(
            problem.objective, problem.start, bound, STEPS, backend="sympy", digits=30, tolerance=0
        ).iterates
        iterates = np.array(found["iterates"])
        shared = min(len(iterates), len(exact))
        assert shared == STEPS + 1 or found["status"] in {"converged", "stalled"}, (
            rule.name,
            found["status"],
        )
        off = distance(iterates[:shared], exact[:shared])
        if off.max() > CLOSE:
            steps = agreeing_steps(problem, bound, exact)
            assert steps > STEPS / 2, rule.name
            off = off[:steps]
        assert off.max() <= CLOSE, rule.name


@pytest.mark.parametrize("name", ["newton", "bfgs", "backtracking", "armijo", "exact_line_search"])
def test_directions_and_searches_take_the_same_steps_too(opened, name):
    """A trial is compared until values differ by rounding alone, an exact search by slopes."""
    close = 1e-7 if name == "exact_line_search" else CLOSE
    for problem in (sl.problems["quartic"], sl.problems["ravine"]):
        start = [2] if problem.objective.dimension == 1 else problem.start
        page = opened(problem.objective, start=start)
        found = page.evaluate(f"symlab.iterates({name!r}, {{}}, symlab.objective.start, 30)")
        trace = sl.minimize(problem.objective, start, name, 30, backend="sympy")
        steep = int(np.sum(trace.frame["gradient_norm"] > 1e-5))
        shared = min(steep + 1, len(trace), len(found["iterates"]))
        assert shared > 1
        off = distance(np.array(found["iterates"])[:shared], trace.iterates[:shared])
        assert off.max() <= close, problem.name


FUNCTIONS = [
    *(sl.sigmoid, sl.softplus, sl.relu, sl.softsign, sl.hinge),
    lambda z: sp.log(1 + sp.exp(z)),
    lambda z: sp.exp(z) / (1 + sp.exp(z)),
    lambda z: sp.log(sp.cosh(z)),
    lambda z: sl.logsumexp(z, 2 * z, 3),
    lambda z: sp.Piecewise((z**2, z < 0), (z**3, True)),
    lambda z: sp.sqrt(1 + z**2) + sp.cot(z) / 7 + abs(z) ** sp.Rational(1, 3),
    lambda z: sp.Max(z, -2 * z, 1) + sp.Min(z, 3) + sp.sign(z) * z**-2,
    lambda z: sp.sin(z) * sp.atan(z) + sp.tanh(z) ** 5 + z**70 / 10**90,
]


@pytest.mark.parametrize("function", FUNCTIONS, ids=range(len(FUNCTIONS)))
def test_every_function_keeps_its_digits(opened, function):
    """Value and slope against many digits, also where the formula itself overflows."""
    objective = sl.Objective(function(x) + x)
    page = opened(objective, start=[1], seconds=0.5)
    for place in (-800.0, -3.5, -1e-3, 0.25, 1.75, 40.0):
        found = page.evaluate(
            f"[symlab.objective.value([{place}]), symlab.objective.gradient([{place}])[0]]"
        )
        for value, expression in zip(
            found, (objective.expression, objective.gradient[0]), strict=True
        ):
            with mpmath.workdps(400):
                exact = float(expression.subs(x, sp.Rational(place)).evalf(50, maxn=2000))
            assert math.isclose(value, exact, rel_tol=1e-13, abs_tol=1e-15), (place, value, exact)


@pytest.mark.parametrize("expression, kind", [(x**2 - y**2, "saddle"), (-(x**2) - y**2, "maximum")])
def test_a_run_into_a_stationary_point_that_is_no_minimum_says_so(opened, expression, kind):
    """From the stable manifold Newton and descent arrive there; the page names what it is."""
    page = opened(sl.Objective(expression), rules=["newton"], start=[1, 0])
    assert page.evaluate("symlab.iterates('newton', {}, [1, 0], 20).status") == kind
    assert page.text_content("#status-0").startswith(f"reached a {kind} after 1 step at (0, 0)")
