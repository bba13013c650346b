"""`analyze`: the chapter's numbers exactly, agreement with NumPy and runs, and plain words."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Matrix, Rational, cos, exp, log, symbols

from symlab.algebra.objective import Objective
from symlab.algebra.problems import PROBLEMS, rosenbrock
from symlab.methods.directions import bfgs, modified_newton, newton
from symlab.methods.method import METHODS, Method
from symlab.methods.rules import gradient_descent, momentum, nesterov
from symlab.methods.searches import armijo, backtracking, exact_line_search, fixed
from symlab.theory.analyze import analyze

x, y, z = symbols("x y z", real=True)
QUARTIC = PROBLEMS["quartic"].objective

LINEAR = (gradient_descent, momentum, nesterov)
"""The rules of the table that a matrix describes near rest."""


def test_the_chapters_descent_is_explained():
    """Alpha = 1/10 is just above the limit 8/81, so the minimum repels and a 2-cycle attracts."""
    a = analyze(QUARTIC, gradient_descent(step_size=0.1))
    assert a.minimum.point == (Rational(9, 4),)
    assert a.step_size == Rational(1, 10)
    assert a.step_limit == Rational(8, 81)
    assert a.best_step == Rational(4, 81)
    assert a.multiplier == Rational(-41, 40)
    assert a.rate == Rational(41, 40)
    assert [c.attracting for c in a.cycles] == [False, True]
    for part in ("repels", "-41/40", "8/81", "2-cycle {2.1475, 2.3366}", "4/81"):
        assert part in a.verdict


def test_a_smaller_step_attracts():
    """Alpha = 1/25 multiplies the distance by 1 - 81/100."""
    a = analyze(QUARTIC, gradient_descent(step_size=0.04))
    assert (a.multiplier, a.order) == (Rational(19, 100), 1)
    assert "attracts" in a.verdict


def test_the_best_step_is_of_order_two_in_one_variable():
    """At 1/lambda the linear part is zero."""
    a = analyze(QUARTIC, gradient_descent(step_size=Rational(4, 81)))
    assert (a.rate, a.order) == (0, 2)
    assert "order is 2" in a.verdict


def test_at_the_limit_the_minimum_is_on_the_border():
    """Multiplier -1: the linear part does not decide, and the verdict does not either."""
    a = analyze(QUARTIC, gradient_descent(step_size=Rational(8, 81)))
    assert a.multiplier == -1
    assert "border" in a.verdict


def test_newton_is_quadratic_at_the_minimum_and_halves_at_the_inflection():
    """The trap of errata E10: starts left of 3/2 end at 0, by a factor 1/2 per step."""
    a = analyze(QUARTIC, newton)
    assert (a.rate, a.order, a.step_limit, a.best_step) == (0, 2, 2, 1)
    assert {p.point.point: p.multiplier for p in a.predictions} == {
        (0,): Rational(1, 2),
        (Rational(9, 4),): 0,
    }
    assert any("inflection x = 0 attracts too" in note for note in a.notes)
    assert any("pole at 3/2" in note for note in a.notes)


def test_damped_newton_is_only_linear():
    """With damping d the multiplier is d/(lambda + d)."""
    a = analyze(QUARTIC, newton(damping=1))
    assert (a.multiplier, a.order) == (Rational(4, 85), 1)


def test_newton_at_powells_minimum_promises_nothing():
    """The Hessian is singular there; the note says that the order is not 2."""
    a = analyze(PROBLEMS["powell"].objective, newton)
    assert a.rate is None
    assert any("not of order 2" in note for note in a.notes)


@pytest.mark.parametrize(
    "method, fragment",
    [
        (backtracking, "up to 4/81"),
        (backtracking(variant="box"), "refuses every step"),
        (backtracking(variant="listing"), "depends on the value"),
        (armijo, "never accepts more than its first trial, 1."),
        (exact_line_search, "at once"),
        (bfgs, "changes its matrix"),
    ],
    ids=repr,
)
def test_methods_without_a_fixed_factor_say_what_holds_instead(method, fragment):
    """No rate, no traceback, and one true sentence about the step."""
    a = analyze(QUARTIC, method)
    assert a.rate is None
    assert any(fragment in note for note in a.notes)
    assert "no rate is predicted" in a.verdict


def test_an_exact_line_search_has_kantorovichs_bound():
    """On curvatures 1/10 and 2 the value's excess shrinks at least by (19/21)^2 per step."""
    (note,) = (
        n for n in analyze(PROBLEMS["ravine"].objective, exact_line_search).notes if "excess" in n
    )
    assert f"{(19 / 21) ** 2:.5g}" in note


@pytest.mark.parametrize("rule", LINEAR, ids=lambda rule: rule.name)
def test_the_predicted_rate_is_the_slope_of_a_run(rule):
    """The slope of log |distance| over steps 100 to 300, in the test's own loops."""
    a, e, curvatures = 0.05, 0.5, np.array([0.1, 2.0])
    bound = rule(step_size=a) if rule is gradient_descent else rule(step_size=a, momentum=e)
    point, v, gaps = np.array([1.0, 1.0]), np.zeros(2), []
    for _ in range(300):
        slope = curvatures * point
        v = (0 if rule is gradient_descent else e) * v - a * slope
        point = point + (e * v - a * slope if rule is nesterov else v)
        gaps.append(np.linalg.norm(point))
    measured = np.exp(np.polyfit(np.arange(100, 300), np.log(gaps[100:]), 1)[0])
    assert float(analyze(PROBLEMS["ravine"].objective, bound).rate) == pytest.approx(
        measured, rel=1e-4
    )


@settings(max_examples=40)
@given(st.integers(1, 3), st.lists(st.integers(-3, 3), min_size=9, max_size=9), st.integers(1, 200))
def test_gradient_descents_rate_is_the_radius_of_i_minus_alpha_h(n, entries, thousandths):
    """For positive definite A'A + I NumPy's spectral radius of I - alpha H is the rate."""
    factor = np.array(entries).reshape(3, 3)[:n, :n]
    hessian = factor.T @ factor + np.eye(n, dtype=int)
    v = Matrix(symbols(f"v:{n}", real=True))
    objective = Objective((v.T * Matrix(hessian.tolist()) * v)[0].expand() / 2, tuple(v))
    a = analyze(objective, gradient_descent(step_size=Rational(thousandths, 1000)))
    radius = np.abs(np.linalg.eigvalsh(np.eye(n) - thousandths / 1000 * hessian)).max()
    spectrum = np.linalg.eigvalsh(hessian.astype(float))
    assert float(a.rate) == pytest.approx(radius)
    assert float(a.step_limit) == pytest.approx(2 / spectrum[-1])
    assert float(a.best_step) == pytest.approx(2 / (spectrum[0] + spectrum[-1]))


def test_the_start_chooses_the_minimum():
    """Himmelblau's four minima are equally low; the one nearest to the start is described."""
    objective = PROBLEMS["himmelblau"].objective
    assert analyze(objective).minimum.point == (3, 2)
    assert float(analyze(objective, start=[-3, -3]).minimum.point[0]) == pytest.approx(-3.779310)
    assert "Of 4 minima" in analyze(objective).notes[0]


def test_a_line_of_minima_is_described_across_itself():
    """X^2 in the plane converges across the line and stays along it."""
    a = analyze(Objective(x**2, (x, y)), gradient_descent(step_size=0.1))
    assert (a.step_limit, a.multiplier) == (1, Rational(4, 5))
    assert "y free" in a.verdict
    assert "continuum" in repr(a)


def test_a_flat_minimum_has_no_linear_rate():
    """X^4: descent is slower than any power of a factor, Newton shrinks by 2/3."""
    descent, second = (analyze(Objective(x**4), method) for method in (gradient_descent, newton))
    assert (descent.rate, descent.step_limit) == (1, None)
    assert "flat" in descent.verdict
    assert second.rate == Rational(2, 3)


@pytest.mark.parametrize(
    "expression, sentence",
    [
        (exp(x), "The gradient is never zero: there is nothing to converge to."),
        (3 * x, "The gradient is never zero: there is nothing to converge to."),
        (-(x**2), "No stationary point is known to be a minimum, so no rate is predicted."),
    ],
    ids=str,
)
def test_without_a_minimum_nothing_is_promised(expression, sentence):
    """No limit, no rate, one sentence."""
    a = analyze(Objective(expression))
    assert (a.minimum, a.step_limit, a.rate, a.cycles) == (None, None, None, ())
    assert sentence in a.verdict


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "objective",
    [
        QUARTIC,
        PROBLEMS["ravine"].objective,
        Objective(cos(x)),
        Objective(exp(x)),
        Objective(x**2, (x, y)),
    ],
    ids=lambda objective: str(objective.expression),
)
def test_every_method_has_an_analysis_that_json_can_hold(objective, method):
    """Any pair gives a verdict, a readable text, and data without NaN."""
    a = analyze(objective, method)
    data = json.loads(json.dumps(a.to_dict(), allow_nan=False))
    assert data["verdict"] == a.verdict
    assert a.verdict.endswith(".")
    assert a.verdict in repr(a)
    assert len(data["points"]) == len(a.points)


def test_the_data_carry_exact_text_and_floats():
    """A number is its exact text and its float; a complex one has two floats."""
    data = analyze(QUARTIC, gradient_descent(step_size=0.1)).to_dict()
    assert data["step_limit"] == {"exact": "8/81", "value": 8 / 81}
    assert data["points"][data["minimum"]]["point"] == [{"exact": "9/4", "value": 2.25}]
    assert data["cycles"][1]["attracting"] is True
    assert len(analyze(QUARTIC, momentum).to_dict()["multiplier"]["value"]) == 2


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"objective": x**2}, TypeError, r"objective: expected an Objective, got x\*\*2"),
        ({"objective": QUARTIC, "method": "momentun"}, ValueError, "did you mean 'momentum'"),
        ({"objective": QUARTIC, "method": 3}, TypeError, "method"),
        ({"objective": QUARTIC, "start": [1, 2]}, ValueError, "start: expected 1 coordinate"),
        ({"objective": QUARTIC, "start": [float("nan")]}, ValueError, "start"),
        ({"objective": QUARTIC, "box": (3, 1)}, ValueError, "box"),
    ],
)
def test_bad_input_is_named(arguments, error, message):
    """The message names the argument, what came and what was expected."""
    with pytest.raises(error, match=message):
        analyze(**arguments)


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "objective",
    [
        QUARTIC,
        PROBLEMS["himmelblau"].objective,
        Objective(log(1 + exp(x + y)) + log(1 + exp(-x)) + (y - z) ** 2 + z**2),
        rosenbrock(10).objective,
        Objective(sum((i + 1) * v**2 for i, v in enumerate(symbols("a:10", real=True)))),
    ],
    ids=lambda value: str(getattr(value, "expression", value))[:30],
)
def test_an_analysis_ends_while_a_student_waits(objective):
    """In a second or a few; the timeout leaves room for a busy machine."""
    analyze(objective)


def test_a_search_that_also_lengthens_is_not_said_to_stop_at_its_first_trial():
    """Armijo's step is at most the first; Wolfe's and Goldstein's may be longer."""
    assert "never accepts more than its first trial" in " ".join(analyze(QUARTIC, armijo).notes)
    for search in ("strong_wolfe", "goldstein", "nonmonotone"):
        assert "never accepts" not in " ".join(analyze(QUARTIC, search).notes)


def test_near_a_minimum_modified_newton_is_newton():
    """Where the curvature is positive there is no shift, and full steps have multiplier 0."""
    full = Method(modified_newton, fixed)
    assert analyze(QUARTIC, full).multiplier == analyze(QUARTIC, newton).multiplier == 0
