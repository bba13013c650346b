"""The tuned momentum of Polyak and of Nesterov, against their papers and against brute force."""

from itertools import pairwise

import numpy as np
import pytest
from sympy import Rational, simplify, sqrt

from symlab.methods.rules import momentum, nesterov
from symlab.theory.linearization import spectral_radius
from symlab.theory.tuning import nesterov_standard, polyak_optimum

RANGES = [(1, 9), (Rational(1, 10), 2), (1, 100)]


def radius(name, step, eta, value):
    """Return the spectral radius of one step on a parabola, written by hand from the papers."""
    a = step * value
    if name == "momentum":
        matrix = [[1 + eta - a, -eta], [1, 0]]
    else:
        matrix = [[(1 + eta) * (1 - a), -eta * (1 - a)], [1, 0]]
    return np.abs(np.linalg.eigvals(np.array(matrix, dtype=float))).max()


def worst(name, step, eta, low, high):
    """Return the largest radius over nine curvatures of the range, its ends among them."""
    return max(radius(name, step, eta, v) for v in np.linspace(float(low), float(high), 9))


@pytest.mark.parametrize("low, high", RANGES)
def test_polyaks_optimum_is_the_published_one(low, high):
    """4/(sqrt L + sqrt mu)^2, the square of (sqrt k - 1)/(sqrt k + 1), and that as the rate."""
    told, kappa = polyak_optimum(low, high), Rational(high) / low
    rate = (sqrt(kappa) - 1) / (sqrt(kappa) + 1)
    assert simplify(told.step_size - 4 / (sqrt(high) + sqrt(low)) ** 2) == 0
    assert simplify(told.momentum - rate**2) == 0
    assert simplify(told.rate - rate) == 0
    rule = momentum(step_size=told.step_size, momentum=told.momentum)
    for value in (low, high):
        assert simplify(spectral_radius(rule, value) - told.rate) == 0


@pytest.mark.parametrize("low, high", RANGES)
def test_no_other_heavy_ball_is_faster(low, high):
    """On a grid of 60 by 60 step sizes and momenta, by NumPy's eigenvalues."""
    told = polyak_optimum(low, high)
    steps = np.linspace(0, 4 / float(high), 61)[1:]
    grid = [
        max(radius("momentum", a, e, float(low)), radius("momentum", a, e, float(high)))
        for a in steps
        for e in np.linspace(0, 0.99, 60)
    ]
    # At a double root rounding moves the eigenvalues by the square root of itself.
    mine = worst("momentum", float(told.step_size), float(told.momentum), low, high)
    assert mine == pytest.approx(float(told.rate), abs=1e-6)
    assert mine <= min(grid) + 1e-6


@pytest.mark.parametrize("low, high", RANGES)
def test_nesterovs_choice_is_the_textbooks(low, high):
    """1/L, (sqrt k - 1)/(sqrt k + 1), and the rate 1 - 1/sqrt k on every curvature between."""
    told, kappa = nesterov_standard(low, high), Rational(high) / low
    assert told.step_size == 1 / Rational(high)
    assert simplify(told.momentum - (sqrt(kappa) - 1) / (sqrt(kappa) + 1)) == 0
    assert simplify(told.rate - (1 - 1 / sqrt(kappa))) == 0
    rule = nesterov(step_size=told.step_size, momentum=told.momentum)
    assert simplify(spectral_radius(rule, low) - told.rate) == 0
    measured = worst("nesterov", float(told.step_size), float(told.momentum), low, high)
    assert measured == pytest.approx(float(told.rate), abs=1e-6)


@pytest.mark.parametrize("low, high", RANGES)
def test_no_other_momentum_suits_nesterovs_step_better(low, high):
    """With the step 1/L, by NumPy's eigenvalues on 400 momenta."""
    told = nesterov_standard(low, high)
    step = float(told.step_size)
    grid = [worst("nesterov", step, e, low, high) for e in np.linspace(0, 0.999, 400)]
    assert float(told.rate) <= min(grid) + 1e-6


def test_one_curvature_needs_no_momentum():
    """The step 1/L alone is Newton's there."""
    for told in (polyak_optimum(3, 3), nesterov_standard(3, 3)):
        assert (told.step_size, told.momentum, told.rate) == (Rational(1, 3), 0, 0)


def test_polyak_beats_nesterov_on_a_quadratic_and_both_slow_down_with_the_condition():
    """(sqrt k - 1)/(sqrt k + 1) < 1 - 1/sqrt k for k > 1; both grow with k."""
    rates = [(polyak_optimum(1, k).rate, nesterov_standard(1, k).rate) for k in (4, 16, 64)]
    assert all(polyak < standard for polyak, standard in rates)
    assert all(a[i] < b[i] for a, b in pairwise(rates) for i in (0, 1))


@pytest.mark.parametrize("tune", [polyak_optimum, nesterov_standard])
@pytest.mark.parametrize("bad", [(0, 1), (2, 1), (-1, 1), (1, "many")])
def test_curvatures_must_be_positive_and_in_order(tune, bad):
    """The offending argument is named."""
    with pytest.raises((TypeError, ValueError), match=r"low|high"):
        tune(*bad)
