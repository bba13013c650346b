"""What is said of every rule of the table, on a formula and on data."""

import json

import numpy as np
import pytest
from sympy import cos, exp, log, symbols

from symlab.algebra.objective import Objective
from symlab.algebra.problems import PROBLEMS
from symlab.algebra.risk.risk import EmpiricalRisk
from symlab.methods.rules import RULES, adadelta, adam, gradient_descent, momentum
from symlab.methods.schedules import inverse_time
from symlab.theory.analyze import analyze

x, y, x0, x1, label, w0, w1, bias = symbols("x y x0 x1 label w0 w1 bias", real=True)
Z = w0 * x0 + w1 * x1 + bias
LOGISTIC = log(1 + exp(Z)) - label * Z
PARAMETERS, DATA = (w0, w1, bias), (x0, x1, label)
LINEAR = ("gradient_descent", "momentum", "nesterov", "adadelta")

GENERATOR = np.random.default_rng(7)
POINTS = GENERATOR.normal(size=(200, 2)) * [1.0, 2.0]
TARGET = POINTS @ [1.0, -2.0] + 0.5 + GENERATOR.normal(size=200)


def on_plane(loss, column, points=POINTS, **options):
    """Return a loss of the linear score Z on points of the plane."""
    risk = EmpiricalRisk(loss, parameters=PARAMETERS, data=DATA, **options)
    return risk.on({x0: points[:, 0], x1: points[:, 1], label: column})


LEAST_SQUARES = on_plane((Z - label) ** 2 / 2, TARGET)
NOISY = (GENERATOR.random(200) < 1 / (1 + np.exp(-TARGET))).astype(int)
OBJECTIVES = {
    "quadratic": Objective((x**2 + 9 * y**2) / 2, (x, y)),
    "quartic": PROBLEMS["quartic"].objective,
    "least_squares": LEAST_SQUARES,
}


@pytest.mark.parametrize("name", OBJECTIVES)
@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_every_rule_is_told_a_rate_or_a_reason(rule, name):
    """Four rules have a linear part at rest; each of the others gets a sentence with its name."""
    told = analyze(OBJECTIVES[name], rule)
    assert told.minimum is not None
    assert (told.rate is not None) == (rule.name in LINEAR)
    if told.rate is None:
        assert told.notes[0].startswith(rule.name)
        assert "no rate is predicted" in told.verdict
    else:
        assert told.step_limit > 0
    json.dumps(told.to_dict())
    assert told.verdict in repr(told)


def test_adams_reason_is_words():
    """There is no traceback, and nothing is promised."""
    told = analyze(OBJECTIVES["quadratic"], adam)
    assert (told.rate, told.step_limit) == (None, None)
    assert "root of its state" in told.notes[0]


def test_adadeltas_factor_comes_with_its_range():
    """At rest it is gradient descent, but only where the square is far below epsilon."""
    told = analyze(OBJECTIVES["quadratic"], adadelta)
    assert told.step_limit == analyze(OBJECTIVES["quadratic"], gradient_descent).step_limit
    assert any("epsilon" in note for note in told.notes)


def test_a_schedule_has_no_constant_factor():
    """Then the reason is that the step changes."""
    rule = momentum(step_size=inverse_time(step_size=0.1, decay=0.01))
    assert "changes its step" in analyze(LEAST_SQUARES, rule).notes[0]


def test_least_squares_has_the_minimum_of_the_normal_equations():
    """And the curvatures of the design matrix, by NumPy; there is no other stationary point."""
    design = np.column_stack([POINTS, np.ones(200)])
    told = analyze(LEAST_SQUARES, gradient_descent(step_size=0.1))
    found = [float(c) for c in told.minimum.point]
    np.testing.assert_allclose(found, np.linalg.lstsq(design, TARGET)[0], rtol=1e-12)
    curvatures = np.linalg.eigvalsh(design.T @ design / 200)
    np.testing.assert_allclose([float(e) for e in told.minimum.eigenvalues], curvatures, rtol=1e-12)
    assert told.complete
    assert float(told.rate) == pytest.approx(np.abs(1 - 0.1 * curvatures).max(), rel=1e-12)
    assert float(told.step_limit) == pytest.approx(2 / curvatures[-1], rel=1e-12)
    assert float(told.best_step) == pytest.approx(2 / (curvatures[0] + curvatures[-1]), rel=1e-8)


def test_logistic_regression_on_mixed_labels_has_one_minimum():
    """The gradient by hand is zero there."""
    told = analyze(on_plane(LOGISTIC, NOISY), gradient_descent)
    design = np.column_stack([POINTS, np.ones(200)])
    z = design @ [float(c) for c in told.minimum.point]
    assert np.abs(design.T @ (1 / (1 + np.exp(-z)) - NOISY)).max() < 1e-9
    assert (told.complete, told.minimum.kind) == (True, "minimum")


@pytest.mark.parametrize("scale", [1.0, 1000.0])
@pytest.mark.parametrize("signs", [False, True], ids=["01", "margin"])
def test_separable_labels_have_no_minimum_and_are_told_so(signs, scale):
    """Errata E22, in both forms of the loss, also where e^z would overflow."""
    split = POINTS[:, 1] > POINTS[:, 0]
    loss = log(1 + exp(-label * Z)) if signs else LOGISTIC
    told = analyze(on_plane(loss, np.where(split, 1, -1 if signs else 0), scale * POINTS))
    assert (told.points, told.complete, told.rate) == ((), True, None)
    assert "never zero" in told.verdict
    assert any("separable" in note and "add a penalty" in note for note in told.notes)


def test_a_penalty_gives_separable_labels_a_minimum():
    """The remedy that the note names."""
    told = analyze(
        on_plane(LOGISTIC, POINTS[:, 1] > POINTS[:, 0], penalty=(w0**2 + w1**2 + bias**2) / 100)
    )
    assert (told.minimum.kind, told.complete) == ("minimum", True)


def test_dependent_columns_make_a_continuum_of_minima():
    """A column given twice: its curvature is zero, and the rate is of the others."""
    twice = np.column_stack([POINTS[:, 0], POINTS[:, 0]])
    told = analyze(on_plane((Z - label) ** 2 / 2, TARGET, twice), gradient_descent(step_size=0.1))
    assert (told.minimum.freedom, told.minimum.eigenvalues[0]) == (1, 0)
    assert 0 < told.rate < 1


def test_a_loss_that_is_not_convex_is_not_called_complete():
    """One minimum is found, from the start given; others are not excluded."""
    risk = EmpiricalRisk((cos(w0 * x0) - label) ** 2, parameters=(w0,), data=(x0, label))
    bound = risk.on({x0: [1.0, 2.0, 3.0], label: np.cos([2.0, 4.0, 6.0])})
    told = analyze(bound, gradient_descent, start=[1.9])
    assert float(told.minimum.point[0]) == pytest.approx(2, abs=1e-8)
    assert not told.complete
    assert any("other stationary points" in note for note in told.notes)


def test_a_loss_with_nothing_to_find_ends_in_a_sentence():
    """exp(w x) on positive data falls for ever, and no label says why."""
    risk = EmpiricalRisk(exp(w0 * x0), parameters=(w0,), data=(x0,))
    told = analyze(risk.on({x0: [1.0, 2.0]}))
    assert told.points == ()
    assert not told.complete
    assert any("no minimum" in note for note in told.notes)


@pytest.mark.timeout(60)
def test_many_samples_are_analysed_without_writing_the_sum():
    """A sum of 50 000 terms in SymPy would take minutes; here the risk's formula is enough."""
    points = np.random.default_rng(0).normal(size=(50_000, 2))
    labels = np.random.default_rng(1).integers(0, 2, 50_000)
    bound = on_plane(LOGISTIC, labels, points)
    assert "50000 samples" in repr(analyze(bound, momentum))
    assert "expression" not in vars(bound)
