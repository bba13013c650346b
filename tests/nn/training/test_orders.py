"""Orders of samples and the batches made of them, for batches that divide an epoch or do not."""

import numpy as np
import pytest

import symlab as sl
from symlab import nn
from symlab.nn.training import orders
from symlab.nn.training.orders import Batching, make_orders, order_samples


@pytest.mark.parametrize("samples, rows", [(1, 1), (6, 6), (6, 3), (7, 3), (7, 1)])
def test_every_epoch_sees_every_sample_once(samples, rows):
    """Whatever the size of the batches; those that fill up the last one have no share."""
    batching, drawn = Batching(samples, rows), nn.draw_orders(samples, 2, seed=4)
    seen = batching.list_samples(drawn)
    assert len(seen) == 2 * batching.steps
    np.testing.assert_array_equal(np.concatenate(seen), drawn.ravel())
    batches = batching.split(drawn)
    np.testing.assert_allclose(batches.shares.sum(axis=1), 1, rtol=1e-15)
    assert [np.count_nonzero(row) for row in batches.shares] == [len(each) for each in seen]


def test_the_mean_of_an_epoch_weights_batches_by_their_size():
    """Losses 1, 1 and 8 of batches of 3, 3 and 1: 14 / 7."""
    np.testing.assert_array_equal(Batching(7, 3).epoch_means(np.array([[1.0, 1.0, 8.0]])), [[2.0]])


def test_a_seed_means_the_same_here_and_in_minimize():
    """Where the size of a batch divides the number of samples, the batches are the same."""
    batches = Batching(6, 2).split(nn.draw_orders(6, 5, seed=3)).indices
    np.testing.assert_array_equal(batches, sl.draw_batches(6, 2, 15, seed=3))


def test_without_a_generator_samples_stay_in_order():
    """What `shuffle=False` means."""
    assert order_samples(3, 2, None).tolist() == [[0, 1, 2], [0, 1, 2]]


def test_orders_that_are_kept_are_those_drawn_piece_by_piece(monkeypatch):
    """Whatever the pieces, and for another seed or other lengths each its own."""
    pieces = [(0, 1), (1, 3), (4, 2)]
    asked = [(5, 6, 1), (5, 6, 2), (4, 6, 1), (5, 6, 1)]
    kept = [[make_orders(*each)(*piece).tolist() for piece in pieces] for each in asked]
    monkeypatch.setattr(orders, "MOST_KEPT", 0)
    for each, found in zip(asked, kept, strict=True):
        draw = make_orders(*each)
        assert [draw(*piece).tolist() for piece in pieces] == found
    assert kept[0] != kept[1]


def test_orders_that_are_kept_cannot_be_written_to():
    """The next fit of the same seed reads them again."""
    with pytest.raises(ValueError, match="read-only"):
        make_orders(3, 2, 0)(0, 2)[0, 0] = 7
