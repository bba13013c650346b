"""The data sets: what is fixed is exact, what is drawn keeps its promises for every seed."""

import numpy as np
import pytest

import symlab as sl
from symlab.book.data import (
    half_plane,
    initial_weights,
    least_squares_data,
    step_data,
)
from symlab.engine.batches import draw_batches

SEEDS = range(20)


def test_the_module_is_public():
    """Lessons reach it as sl.data."""
    assert sl.data.half_plane is half_plane


def test_least_squares_data_are_the_chapters():
    """Row by row, since a matrix read column by column has the same sum."""
    A, b = least_squares_data()
    assert A.tolist() == [[6, 6, 4], [3, 4, 0], [7, 2, 2], [0, 2, 1], [1, 6, 3]]
    assert b.tolist() == [1, 2, 3, 4, 5]


def test_least_squares_data_are_fresh_each_time():
    """A reader who changes his copy must not change the next one's."""
    least_squares_data()[0][0, 0] = 99
    assert least_squares_data()[0][0, 0] == 6


@pytest.mark.parametrize("seed", SEEDS)
def test_step_points_ascend_within_their_range(seed):
    """As the chapter sorts them."""
    x, y = step_data(seed=seed)
    assert x.shape == y.shape == (500,)
    assert np.all(np.diff(x) >= 0)
    assert x.min() >= 0
    assert x.max() < 10


def test_one_step_label_in_ten_is_wrong_on_either_side():
    """Over 20 seeds, 10000 labels: within 4 standard deviations, which is 0.017 on a side."""
    drawn = [step_data(seed=seed) for seed in SEEDS]
    x, y = (np.concatenate(part) for part in zip(*drawn, strict=True))
    assert np.mean(y[x < 5]) == pytest.approx(0.1, abs=0.017)
    assert np.mean(y[x >= 5]) == pytest.approx(0.9, abs=0.017)


@pytest.mark.parametrize("seed", SEEDS)
def test_half_plane_labels_are_the_sides_of_the_diagonal(seed):
    """Without noise: this separability is what the chapter's runs show the effects of."""
    X, y = half_plane(seed=seed)
    assert X.shape == (100, 2)
    assert np.all(np.abs(X) <= 3)
    assert np.array_equal(y, (X[:, 1] >= X[:, 0]).astype(float))


def test_half_plane_points_fill_the_square():
    """Uniform coordinates: mean 0 and variance 3 within 4 standard errors of 4000 draws."""
    X = np.concatenate([half_plane(seed=seed)[0] for seed in SEEDS])
    assert np.allclose(X.mean(axis=0), 0, atol=4 * np.sqrt(3 / 2000))
    assert np.allclose(X.var(axis=0), 3, atol=4 * np.sqrt(7.2 / 2000))


@pytest.mark.parametrize("draw", [step_data, half_plane])
def test_other_labels_are_the_same_draws(draw):
    """So that a loss for 0 and 1 and one for -1 and 1 can be compared on the same data."""
    points, zeros = draw(seed=3)
    same, signs = draw(seed=3, labels=(-1, 1))
    assert np.array_equal(points, same)
    assert np.array_equal(2 * zeros - 1, signs)


@pytest.mark.parametrize("draw", [lambda s: step_data(seed=s), lambda s: half_plane(seed=s)])
def test_a_seed_means_the_same_data_and_another_seed_others(draw):
    """Reproducible, and not constant."""
    assert np.array_equal(draw(5)[0], draw(5)[0])
    assert not np.array_equal(draw(5)[0], draw(6)[0])


def test_weights_and_batches_do_not_repeat_the_data_of_their_seed():
    """Equal streams would start a run at its own data, or deal batches that depend on them."""
    weights = initial_weights(2, scale=1, seed=0)
    assert not np.allclose(weights, half_plane(samples=1, seed=0)[0][0])
    assert draw_batches(4, 2, 3, seed=0).shape == (3, 2)


def test_weights_scale_and_agree_at_any_scale():
    """The scale is a factor on the same draws; over many the deviation is that scale."""
    assert np.array_equal(initial_weights(3, scale=20, seed=1), 20 * initial_weights(3, seed=1))
    assert initial_weights(40_000, scale=20).std() == pytest.approx(20, rel=0.02)
    assert initial_weights(2, scale=0).tolist() == [0, 0]


def test_one_sample_is_enough():
    """The smallest data there are."""
    assert step_data(samples=1)[0].shape == (1,)
    assert half_plane(samples=1)[0].shape == (1, 2)


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda: step_data(samples=0), ValueError, "samples: expected at least 1, got 0"),
        (lambda: half_plane(samples=2.5), TypeError, "samples: expected an integer, got 2.5"),
        (lambda: step_data(seed=-1), ValueError, "seed: expected at least 0, got -1"),
        (lambda: step_data(labels=(0, 1, 2)), TypeError, "labels: expected a pair"),
        (lambda: half_plane(labels="01"), TypeError, "labels: expected a pair"),
        (
            lambda: half_plane(labels=("0", "1")),
            TypeError,
            "labels: expected a real number, got '0'",
        ),
        (lambda: half_plane(labels=(1, 1)), ValueError, "labels: expected two different numbers"),
        (
            lambda: half_plane(labels=(0, np.nan)),
            ValueError,
            "labels: expected a finite real number",
        ),
        (lambda: initial_weights(0), ValueError, "n: expected at least 1, got 0"),
        (lambda: initial_weights(3, scale=-1), ValueError, "scale: expected at least 0, got -1"),
        (
            lambda: initial_weights(3, scale="20"),
            TypeError,
            "scale: expected a real number, got '20'",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(call, error, words):
    """The argument, what came and what was expected."""
    with pytest.raises(error, match=words):
        call()
