"""Epochs by any form of compiled steps: here one that is not compiled at all."""

import numpy as np

from symlab.nn.training.epochs import Trainer
from symlab.nn.training.orders import Batching
from symlab.nn.training.steps import Iterate


class CountingSteps:
    """A form whose parameters count the samples seen, and whose loss is the size of the batch."""

    is_of_fixed_length = False

    def compile(self, steps):
        """Compile nothing."""

    def take(self, start, batches):
        """Record the size of each batch, and add it up."""
        sizes = np.count_nonzero(batches.shares, axis=1)
        end = Iterate(start.step + len(batches), start.parameters + sizes.sum(), start.state)
        return sizes[None].astype(float), end


def test_a_trainer_takes_any_form_of_steps():
    """Five samples in batches of 2, 2 and 1: the mean of 2, 2, 2, 2 and 1 in each epoch."""
    trainer = Trainer(CountingSteps(), Batching(5, 2))
    epochs = trainer.run(Iterate(10, np.zeros(1), ()), np.tile(np.arange(5), (2, 1)))
    assert (len(epochs), epochs.end.step, epochs.end.parameters.item()) == (2, 16, 10)
    np.testing.assert_allclose(epochs.columns["loss"], [1.8, 1.8])
    assert epochs.is_finite


def test_steps_followed_one_by_one_end_where_the_epochs_end():
    """Each step is a call of its own; a trace is made of these."""
    trainer = Trainer(CountingSteps(), Batching(5, 2))
    orders = np.tile(np.arange(5), (2, 1))
    followed = list(trainer.follow(Iterate(0, np.zeros(1), ()), orders))
    assert [loss for loss, _ in followed] == [2, 2, 1, 2, 2, 1]
    assert [iterate.step for _, iterate in followed] == [1, 2, 3, 4, 5, 6]
    assert followed[-1][1].parameters.item() == 10


def test_a_state_that_is_not_finite_is_seen():
    """Loss and weights may be finite still where a mean of squares has overflown."""
    end = Iterate(1, np.zeros(2), (np.array([0.0, np.inf]),))
    assert not end.is_finite
