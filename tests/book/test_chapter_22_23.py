"""The chapter's two image networks: what it says of them holds for many first weights.

What the chapter printed came from one draw that nobody can repeat; what it printed of every draw,
that equal images get equal rows and which class each image is given, is asked of twenty.
"""

from functools import cache

import numpy as np
import pytest

from symlab import nn
from symlab.book.networks import convolutional
from symlab.nn import images

SEEDS = range(20)
SLASHES, LABELS = images.fixture()
TWINS = [(6, 8), (10, 13), (12, 19), (17, 18)]
"""Images of the fixture that are the same."""


@cache
def trained(seed, trainable):
    """The network after its 500 steps, and its rows of chances."""
    fit = convolutional(seed, trainable=trainable)
    fit.model.fit(fit.x, fit.y, epochs=500, seed=seed, **fit.options)
    return fit.model, fit.model.predict(fit.x)


def right(chances):
    """The share of images given their own class."""
    return np.mean(chances.argmax(axis=1) == LABELS)


@pytest.mark.parametrize("trainable", [False, True])
def test_rows_are_chances_and_equal_images_get_equal_rows(trainable):
    """As in the printed table, whatever the weights."""
    for seed in SEEDS:
        _, chances = trained(seed, trainable)
        assert np.allclose(chances.sum(axis=1), 1, rtol=0, atol=1e-14)
        for one, other in TWINS:
            assert np.allclose(chances[one], chances[other], rtol=0, atol=1e-14)


def test_fixed_kernels_put_most_images_right_and_all_of_them_by_luck():
    """At least 18 of 20 for each draw, a median of 19, and 20 for fewer than half of them."""
    shares = [right(trained(seed, trainable=False)[1]) for seed in SEEDS]
    assert min(shares) >= 0.9
    assert np.median(shares) == pytest.approx(0.95)
    assert 0 < np.mean(np.array(shares) == 1) < 0.5


def test_learnt_kernels_put_every_image_right_with_room():
    """20 of 20 for each draw, the least sure of them above 0.93; fixed ones are less sure."""
    for seed in SEEDS:
        _, chances = trained(seed, trainable=True)
        own = chances[np.arange(20), LABELS]
        assert right(chances) == 1
        assert own.min() > 0.93
        assert own.mean() > trained(seed, trainable=False)[1][np.arange(20), LABELS].mean()


def test_fixed_kernels_stay_and_give_the_hand_made_numbers_after_training():
    """Exactly: correlation with kernels that are their own half turn is the convolution by hand."""
    model, _ = trained(0, trainable=False)
    given = np.stack([images.KERNELS["scaled diagonal"], images.KERNELS["scaled antidiagonal"]])
    assert np.array_equal(model.get_weights()["kernels"][0][:, 0], given)
    kernels = nn.Conv2D(2, (3, 3), padding="same", use_bias=False, trainable=False, name="kernels")
    alone = nn.Model(pixels := nn.Input((1, 6, 6)), kernels(pixels))
    alone.set_weights({"kernels": model.get_weights()["kernels"]})
    by_hand = np.array([[images.convolve(each, kernel) for kernel in given] for each in SLASHES])
    assert np.array_equal(alone.predict(SLASHES[:, None]), by_hand)


@pytest.mark.parametrize("seed", range(3))
def test_on_other_images_the_same_is_true(seed):
    """Twenty new slashes: fixed kernels at least 15 right, learnt ones all."""
    slashes, kinds = images.slash_images(seed=seed)
    for trainable, least in ((False, 0.75), (True, 1.0)):
        fit = convolutional(seed, trainable=trainable)
        x, y = slashes[:, None], nn.one_hot(kinds, 2)
        fit.model.fit(x, y, epochs=500, seed=seed, **fit.options)
        assert np.mean(fit.model.predict(x).argmax(axis=1) == kinds) >= least
