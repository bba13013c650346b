"""The predicted noise floor, against long runs in batches drawn step by step."""

import numpy as np
import pytest
from sympy import exp, log, symbols

from symlab.algebra.risk.risk import EmpiricalRisk
from symlab.engine.batches import draw_batches
from symlab.lab.noise_floor import noise_floor
from symlab.methods.rules import adadelta, adam, gradient_descent, momentum, nesterov
from symlab.theory.linearization import NoLinearization

x0, x1, y, w0, w1, c = symbols("x0 x1 y w0 w1 c", real=True)
Z = w0 * x0 + w1 * x1 + c
GENERATOR = np.random.default_rng(3)
POINTS = GENERATOR.normal(size=(60, 2))
DESIGN = np.column_stack([POINTS, np.ones(60)])
SCORES = DESIGN @ [1.0, -0.5, 0.3]
TARGET = SCORES + GENERATOR.normal(size=60)
LABELS = (GENERATOR.random(60) < 1 / (1 + np.exp(-SCORES))).astype(float)


def bound(loss, column, **options):
    """Return a loss of the linear score Z on the sixty points."""
    risk = EmpiricalRisk(loss, parameters=(w0, w1, c), data=(x0, x1, y), **options)
    return risk.on({x0: POINTS[:, 0], x1: POINTS[:, 1], y: column})


LEAST_SQUARES = bound((Z - y) ** 2 / 2, TARGET)
LOGISTIC = bound(log(1 + exp(Z)) - y * Z, LABELS)
RISKS = {"least_squares": LEAST_SQUARES, "logistic": LOGISTIC}


def slope(name, z, column):
    """Return the derivative of a sample's loss in its score, by hand."""
    return z - column if name == "least_squares" else 1 / (1 + np.exp(-z)) - column


def scatter(name, rule, minimum, batches):
    """Run a rule by hand, 60 000 steps and more; return covariance and mean excess at the end."""
    column = TARGET if name == "least_squares" else LABELS
    kind, step, eta = rule
    w, v, kept = minimum.copy(), np.zeros(3), np.empty((len(batches), 3))
    for k, batch in enumerate(batches):
        rows = DESIGN[batch]
        g = rows.T @ slope(name, rows @ w, column[batch]) / len(batch)
        v = eta * v - step * g
        w = w + (v if kind == "momentum" else eta * v - step * g)
        kept[k] = w
    kept = kept[2000:] - minimum
    z = DESIGN @ (kept[::10] + minimum).T
    at = DESIGN @ minimum
    excess = losses(name, z, column[:, None]).mean() - losses(name, at, column).mean()
    return kept.T @ kept / len(kept), excess


def losses(name, z, column):
    """Return every sample's loss, by hand."""
    return (z - column) ** 2 / 2 if name == "least_squares" else np.logaddexp(0, z) - column * z


RUNS = [
    ("least_squares", ("momentum", 0.05, 0.0), gradient_descent(step_size=0.05), False),
    ("least_squares", ("momentum", 0.02, 0.6), momentum(step_size=0.02, momentum=0.6), True),
    ("logistic", ("momentum", 0.2, 0.0), gradient_descent(step_size=0.2), True),
    ("logistic", ("nesterov", 0.1, 0.6), nesterov(step_size=0.1, momentum=0.6), False),
]


@pytest.mark.parametrize("name, by_hand, rule, replacement", RUNS)
def test_the_floor_is_the_measured_scatter(name, by_hand, rule, replacement):
    """Within 10 %: the theory is first order in the noise, and a run of 80 000 steps scatters."""
    told = noise_floor(RISKS[name], rule, batch_size=6, replacement=replacement)
    batches = draw_batches(60, 6, 80_000, seed=1, order="step", replacement=replacement)
    covariance, excess = scatter(name, by_hand, told.minimum, batches)
    assert excess == pytest.approx(told.value, rel=0.1)
    assert np.trace(covariance) == pytest.approx(np.trace(told.covariance), rel=0.1)


def test_epochs_scatter_less_than_independent_batches():
    """The batches of an epoch make up for one another: far below the floor of independent ones."""
    told = noise_floor(LEAST_SQUARES, gradient_descent(step_size=0.05), batch_size=6)
    batches = draw_batches(60, 6, 40_000, seed=1, order="epoch")
    _, excess = scatter("least_squares", ("momentum", 0.05, 0.0), told.minimum, batches)
    assert 0 < excess < 0.3 * told.value


def test_a_scalar_floor_is_the_formula_solved_by_hand():
    """S = (1 - a h)^2 S + a^2 C gives S = a C/(h (2 - a h)); h = 2 and C = 4 var(y)/b here."""
    column = np.array([0.0, 1.0, 5.0])
    risk = EmpiricalRisk((w0 - y) ** 2, parameters=(w0,), data=(y,))
    told = noise_floor(
        risk.on({y: column}), gradient_descent(step_size=0.25), batch_size=2, replacement=True
    )
    noise = 4 * column.var() / 2
    assert told.covariance[0, 0] == pytest.approx(0.25 * noise / (2 * (2 - 0.5)), rel=1e-12)
    assert told.value == pytest.approx(told.covariance[0, 0], rel=1e-12)


def test_a_sum_in_batches_is_a_mean_with_another_step():
    """The batch's sum is b times its mean: the same scatter at a b-th of the step."""
    total = bound((Z - y) ** 2 / 2, TARGET, reduction="sum")
    of_sum = noise_floor(total, gradient_descent(step_size=0.01), batch_size=5)
    of_mean = noise_floor(LEAST_SQUARES, gradient_descent(step_size=0.05), batch_size=5)
    np.testing.assert_allclose(of_sum.covariance, of_mean.covariance, rtol=1e-10)
    assert of_sum.value == pytest.approx(60 * of_mean.value, rel=1e-10)


def test_all_samples_leave_no_scatter():
    """Without replacement a batch of all is the whole gradient."""
    assert noise_floor(LOGISTIC, gradient_descent, batch_size=60).value == pytest.approx(0)


def test_what_has_no_floor_says_why():
    """No linear part, one at rest alone, an unstable step, no minimum, a penalised sum."""
    for rule, reason in [(adam, "root of its state"), (adadelta, "without noise")]:
        with pytest.raises(NoLinearization, match=reason):
            noise_floor(LOGISTIC, rule, batch_size=6)
    with pytest.raises(NoLinearization, match="only rules"):
        noise_floor(LOGISTIC, "newton", batch_size=6)
    with pytest.raises(ValueError, match="does not converge"):
        noise_floor(LEAST_SQUARES, gradient_descent(step_size=5), batch_size=6)
    split = bound(log(1 + exp(Z)) - y * Z, (POINTS[:, 0] > 0).astype(float))
    with pytest.raises(ValueError, match="separable"):
        noise_floor(split, gradient_descent, batch_size=6)
    penalised = bound((Z - y) ** 2, TARGET, reduction="sum", penalty=w0**2)
    with pytest.raises(ValueError, match="mean"):
        noise_floor(penalised, gradient_descent(step_size=0.001), batch_size=6)
