"""Predicted beside measured: the frame agrees where theory and run both have a word."""

import numpy as np
import pytest
from sympy import symbols

from symlab.algebra.objective import Objective
from symlab.algebra.risk.risk import EmpiricalRisk
from symlab.engine.minimize import minimize
from symlab.lab.rates import predicted_and_measured
from symlab.methods.rules import adam, gradient_descent, momentum, nesterov

x, y, a, b, t = symbols("x y a b t", real=True)
RAVINE = Objective((x**2 + 9 * y**2) / 2, (x, y))
POINTS = np.linspace(-1, 2, 30)
LINE = EmpiricalRisk((a * t + b - y) ** 2, parameters=(a, b), data=(t, y)).on(
    {t: POINTS, y: POINTS**2}
)


@pytest.mark.parametrize("objective", [RAVINE, LINE], ids=["formula", "data"])
@pytest.mark.parametrize(
    "rule",
    [
        gradient_descent(step_size=0.15),
        momentum(step_size=0.1, momentum=0.5),
        nesterov(step_size=0.1, momentum=0.3),
    ],
    ids=lambda rule: rule.name,
)
def test_the_measured_rate_is_the_predicted_one(rule, objective):
    """To 2 %: with complex multipliers the error oscillates about its trend."""
    trace = minimize(objective, [1, 2], rule, 400, backend="interpreted", tolerance=1e-9)
    told = predicted_and_measured(objective, rule, trace)
    rate = told.loc["rate"]
    assert rate["measured"] == pytest.approx(rate["predicted"], rel=0.02)
    for name in (*trace.variables, "value"):
        assert told.loc[name, "measured"] == pytest.approx(told.loc[name, "predicted"], abs=1e-7)
    assert told.loc["step_size", "measured"] < told.loc["step_size", "predicted"]


def test_what_is_not_predicted_is_a_nan():
    """Adam has no predicted rate; its run has a measured one all the same."""
    rule = adam(step_size=0.1)
    told = predicted_and_measured(
        RAVINE, rule, minimize(RAVINE, [1, 1], rule, 50, backend="interpreted")
    )
    assert told["predicted"].isna()[["rate", "order", "step_size"]].all()
    assert np.isfinite(told.loc["rate", "measured"])


def test_newtons_order_is_measured_too():
    """Two, on both sides."""
    quartic = Objective(2 - 3 * x**3 + x**4, (x,))
    trace = minimize(quartic, [2.6], "newton", backend="sympy")
    told = predicted_and_measured(quartic, "newton", trace)
    assert told.loc["order", "predicted"] == 2
    assert told.loc["order", "measured"] == pytest.approx(2, abs=0.1)
    assert "rate" not in told.index


def test_a_trace_of_something_else_is_refused():
    """By its variables; and what is no trace by its type."""
    trace = minimize(RAVINE, [1, 1], gradient_descent, 5, backend="interpreted")
    with pytest.raises(ValueError, match="trace"):
        predicted_and_measured(LINE, gradient_descent, trace)
    with pytest.raises(TypeError, match="trace"):
        predicted_and_measured(RAVINE, gradient_descent, "trace")


def test_the_step_size_stands_beside_its_limit():
    """On curvatures 1 and 9 gradient descent may step up to 2/9."""
    rule = gradient_descent(step_size=0.1)
    told = predicted_and_measured(
        RAVINE, rule, minimize(RAVINE, [1, 1], rule, 9, backend="interpreted")
    )
    assert told.loc["step_size"].to_list() == pytest.approx([2 / 9, 0.1], rel=1e-15)
