"""Batches: drawn before the run, reproducible, and fair."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symlab.engine.batches import Batches, Sampling, draw_batches

FROZEN = {
    "epoch": [[9, 1, 3], [8, 7, 6]],
    "step": [[9, 1, 3], [3, 7, 1]],
    "replacement": [[5, 8, 9], [5, 3, 8]],
}


@given(st.integers(1, 30), st.integers(0, 50), st.integers(0, 2**32), st.data())
def test_an_epoch_deals_every_sample_at_most_once(samples, steps, seed, data):
    """Whatever the sizes: shape, range, and no sample twice within an epoch."""
    size = data.draw(st.integers(1, samples))
    batches = draw_batches(samples, size, steps, seed)
    assert batches.shape == (steps, size)
    per_epoch = samples // size
    for first in range(0, steps, per_epoch):
        epoch = batches[first : first + per_epoch].ravel()
        assert len(set(epoch.tolist())) == len(epoch)
        assert epoch.size == 0 or (epoch.min() >= 0 and epoch.max() < samples)


@pytest.mark.parametrize("options", [{}, {"order": "step"}, {"order": "step", "replacement": True}])
def test_the_same_seed_gives_the_same_batches_and_more_steps_only_add(options):
    """A longer run begins as the shorter one did."""
    short, long = (draw_batches(20, 3, steps, 7, **options) for steps in (10, 25))
    assert np.array_equal(short, long[:10])
    assert not np.array_equal(short, draw_batches(20, 3, 10, 8, **options))


def test_the_draws_of_seed_zero_stay_what_they_are():
    """The same in every version of symlab: these were drawn when the sampler was written."""
    assert draw_batches(10, 3, 2, 0).tolist() == FROZEN["epoch"]
    assert draw_batches(10, 3, 2, 0, order="step").tolist() == FROZEN["step"]
    with_replacement = draw_batches(10, 3, 2, 0, order="step", replacement=True)
    assert with_replacement.tolist() == FROZEN["replacement"]


def test_drawing_anew_without_replacement_never_repeats_within_a_step():
    """But the next step may see the same samples."""
    batches = draw_batches(5, 4, 200, 1, order="step")
    assert all(len(set(batch)) == 4 for batch in batches.tolist())


def test_every_sample_is_drawn_equally_often():
    """20 000 draws of 10 samples: each 2000 times, within five standard deviations of 42."""
    counts = np.bincount(draw_batches(10, 4, 5000, 3, order="step", replacement=True).ravel())
    assert np.all(np.abs(counts - 2000) < 5 * 42.5)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ((10, 11, 1), ValueError, "batch_size: 11 is larger than the 10 samples"),
        ((10, 0, 1), ValueError, "batch_size: expected at least 1, got 0"),
        ((10, 2.5, 1), TypeError, "batch_size: expected an integer, got 2.5"),
        ((10, 2, -1), ValueError, "steps: expected at least 0"),
        ((10, 2, 1, -1), ValueError, "seed: expected at least 0"),
        ((10, 2, 1, "a"), TypeError, "seed: expected an integer"),
    ],
)
def test_a_bad_argument_is_named(arguments, error, message):
    """With the remedy where there is one."""
    with pytest.raises(error, match=message):
        draw_batches(*arguments)


def test_an_epoch_with_replacement_is_a_contradiction():
    """And an unknown order is no order."""
    with pytest.raises(ValueError, match="an epoch sees every sample once"):
        draw_batches(10, 2, 1, replacement=True)
    with pytest.raises(ValueError, match=r"order: unknown name 'random'\. Known: epoch, step"):
        draw_batches(10, 2, 1, order="random")


def at_once(samples, size, steps, seed, order, replacement):
    """The same batches from NumPy alone, drawn in one go, as every version has drawn them."""
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 1])))
    if replacement:
        return generator.integers(0, samples, size=(steps, size))
    taken = size if order == "step" else samples // size * size
    dealt = []
    while len(dealt) * taken < steps * size:
        dealt.append(generator.permutation(samples)[:taken])
    return np.array(dealt, dtype=np.int64).reshape(-1, size)[:steps]


@pytest.mark.parametrize("order, replacement", [("epoch", False), ("step", False), ("step", True)])
@pytest.mark.parametrize("samples, size", [(7, 2), (7, 7), (1, 1), (900, 1)])
def test_batches_drawn_piece_by_piece_are_those_drawn_at_once(samples, size, order, replacement):
    """Across the ends of pieces, forwards and backwards, by steps and by stretches."""
    steps = 10_000
    batches = Batches(samples, steps, Sampling(size, 5, order, replacement))
    wanted = at_once(samples, size, steps, 5, order, replacement)
    assert batches.shape == wanted.shape
    for first, last in ((0, 3), (4090, 4100), (8190, 10_000), (4000, 9000), (17, 17), (0, 1)):
        assert np.array_equal(batches[first:last], wanted[first:last])
    for step in (9_999, 0, 4096, 4095, 5000):
        assert np.array_equal(batches[step], wanted[step])
    assert np.array_equal(
        draw_batches(samples, size, steps, 5, order=order, replacement=replacement), wanted
    )


def test_a_run_of_endless_length_draws_only_what_it_sees():
    """Ten to the twelve steps: nothing is drawn before it is needed."""
    batches = Batches(100, 10**12, Sampling(10, seed=1))
    assert np.array_equal(batches[3:5], draw_batches(100, 10, 5, seed=1)[3:5])
    with pytest.raises(ValueError, match=r"^steps: 1000000000000 steps of 10 samples are "):
        draw_batches(100, 10, 10**12)
