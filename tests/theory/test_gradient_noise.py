"""The noise of a mini-batch gradient, against every batch there is."""

from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from sympy import Rational, exp, log, symbols

from symlab.algebra.risk.risk import EmpiricalRisk
from symlab.theory.gradient_noise import (
    GradientNoise,
    batch,
    covariance_factor,
    gradient_noise,
    noise_formula,
    samples,
)

GRADIENTS = [(1, 0), (2, -3), (0, 5), (-7, 1), (4, 4)]
"""Five samples' gradients in two variables; nothing about them is symmetric."""
M, B = len(GRADIENTS), 2
SETTINGS = [(r, w) for r in ("mean", "sum") for w in (False, True)]

x, y, w, c = symbols("x y w c", real=True)


def outer_mean(vectors):
    """Return the mean and the covariance of equally likely vectors, in fractions."""
    count = len(vectors)
    mean = [Fraction(sum(v[i] for v in vectors), count) for i in range(2)]
    spread = [[v[i] - mean[i] for i in range(2)] for v in vectors]
    return mean, [[sum(s[i] * s[j] for s in spread) / count for j in range(2)] for i in range(2)]


def every_batch(reduction, replacement):
    """Return the gradient of every batch of two that can be drawn."""
    drawn = product(GRADIENTS, repeat=B) if replacement else combinations(GRADIENTS, B)
    over = B if reduction == "mean" else 1
    return [tuple(Fraction(sum(g[i] for g in one), over) for i in range(2)) for one in drawn]


@pytest.mark.parametrize("reduction, replacement", SETTINGS)
def test_the_formulas_hold_over_all_batches_exactly(reduction, replacement):
    """All 10 subsets, all 25 ordered pairs, in fractions: no tolerance."""
    mean, sigma = outer_mean(GRADIENTS)
    batch_mean, covariance = outer_mean(every_batch(reduction, replacement))
    factor = covariance_factor(reduction=reduction, replacement=replacement)
    exact = Fraction(str(factor.subs({samples: M, batch: B})))
    assert covariance == [[exact * entry for entry in row] for row in sigma]
    assert batch_mean == [(1 if reduction == "mean" else B) * entry for entry in mean]


def test_the_factors_are_the_textbooks():
    """Sigma/b with replacement, Sigma/b (m-b)/(m-1) without; b^2 times as much for a sum."""
    textbook = {True: 1 / batch, False: (samples - batch) / (batch * (samples - 1))}
    for replacement, expected in textbook.items():
        mean = covariance_factor(replacement=replacement)
        total = covariance_factor(reduction="sum", replacement=replacement)
        assert (mean - expected).simplify() == 0
        assert (total - batch**2 * mean).simplify() == 0


def test_a_batch_of_all_samples_has_no_noise_without_replacement():
    """Whatever the order they come in."""
    assert covariance_factor().subs(batch, samples) == 0
    assert covariance_factor(replacement=True).subs({batch: 5, samples: 5}) == Rational(1, 5)


def test_the_formula_is_made_of_mu_and_sigma():
    """A reader sees the population's mean and covariance by name."""
    told = noise_formula(reduction="sum")
    assert isinstance(told, GradientNoise)
    names = {symbol.name for symbol in told.mean.free_symbols}
    assert names >= {"b", "mu"}
    assert {s.name for s in told.covariance.free_symbols} >= {"m", "b", "Sigma"}


def bound(reduction="mean", penalty=0):
    """Return logistic regression on five samples."""
    loss = log(1 + exp(w * x + c)) - y * (w * x + c)
    risk = EmpiricalRisk(loss, parameters=(w, c), data=(x, y), reduction=reduction, penalty=penalty)
    return risk.on({x: [0.0, 1.0, -2.0, 3.0, 0.5], y: [0, 1, 1, 1, 0]})


def each_gradient(point):
    """Return the five gradients by the textbook: (sigmoid(z) - y) (x, 1)."""
    data, labels = np.array([0.0, 1.0, -2.0, 3.0, 0.5]), np.array([0, 1, 1, 1, 0])
    residual = 1 / (1 + np.exp(-(point[0] * data + point[1]))) - labels
    return np.column_stack([residual * data, residual])


@pytest.mark.parametrize("reduction, replacement", SETTINGS)
def test_the_numbers_are_those_of_all_batches(reduction, replacement):
    """Logistic regression in five samples; the penalty moves the mean and not the covariance."""
    point = (0.3, -0.7)
    told = gradient_noise(bound(reduction, w**2), point, B, replacement=replacement)
    each = each_gradient(point)
    drawn = product(each, repeat=B) if replacement else combinations(each, B)
    reduce = np.mean if reduction == "mean" else np.sum
    all_batches = np.array([reduce(one, axis=0) for one in drawn])
    np.testing.assert_allclose(told.mean, all_batches.mean(axis=0) + np.array([0.6, 0]), rtol=1e-13)
    np.testing.assert_allclose(told.covariance, np.cov(all_batches.T, ddof=0), rtol=1e-12)


def test_a_loss_without_linear_predictor_has_noise_too():
    """Then each entry is evaluated on the columns: (w^2 x + w - y)^2 at w = 1."""
    risk = EmpiricalRisk((w**2 * x + w - y) ** 2, parameters=(w,), data=(x, y))
    told = gradient_noise(risk.on({x: [1, 2, 0], y: [0, 1, 3]}), [1], 1)
    each = [2 * 2 * 3, 2 * 2 * 5, 2 * -2 * 1]
    np.testing.assert_allclose(told.covariance, [[np.var(each)]], rtol=1e-14)


def test_one_sample_does_not_scatter():
    """The formula would divide zero by zero there."""
    risk = EmpiricalRisk((w - y) ** 2, parameters=(w,), data=(y,))
    assert gradient_noise(risk.on({y: [3]}), [0], 1).covariance.tolist() == [[0.0]]


@pytest.mark.parametrize(
    "size, error", [(0, ValueError), (6, ValueError), (1.5, TypeError), (True, TypeError)]
)
def test_a_batch_that_cannot_be_drawn_is_named(size, error):
    """With replacement six of five can be drawn."""
    with pytest.raises(error, match="batch_size"):
        gradient_noise(bound(), (0, 0), size)
    assert gradient_noise(bound(), (0, 0), 6, replacement=True).covariance[0, 0] > 0


def test_other_arguments_are_named_too():
    """An objective without data, a point of the wrong length, an unknown reduction."""
    with pytest.raises(TypeError, match="objective"):
        gradient_noise(w**2, (0, 0), 1)
    with pytest.raises(ValueError, match="at: "):
        gradient_noise(bound(), (0,), 1)
    with pytest.raises(ValueError, match="did you mean 'mean'"):
        noise_formula(reduction="means")


def test_far_from_the_minimum_the_loss_does_not_overflow():
    """At scores of thousands e^z has no float64: each gradient is x or 0 there, by hand."""
    told = gradient_noise(bound(), (1000, 0), 1)
    each = np.array([[0, 0.5], [0, 0], [2, -1], [0, 0], [0.5, 1]])
    np.testing.assert_allclose(told.mean, each.mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(told.covariance, np.cov(each.T, ddof=0), rtol=1e-13)
