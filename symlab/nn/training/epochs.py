"""Epochs: compiled steps taken through the batches of some epochs."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from symlab.nn.training.orders import Batching, Minibatches
from symlab.nn.training.steps import Iterate, Steps


@dataclass(frozen=True, eq=False)
class Epochs:
    """Some epochs that were done.

    Parameters
    ----------
    end : Iterate
        The iterate after them.
    columns : dict of str to array, shape (epochs,)
        What each recorded: `loss`, and others by name.
    """

    end: Iterate
    columns: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.columns["loss"])

    @property
    def is_finite(self) -> bool:
        """Whether every number is finite."""
        columns = all(bool(np.isfinite(column).all()) for column in self.columns.values())
        return columns and self.end.is_finite


@dataclass(frozen=True, eq=False)
class Trainer:
    """What trains through epochs, from any iterate.

    Parameters
    ----------
    steps : Steps
        The compiled steps.
    batching : Batching
        How an epoch is divided into batches.
    """

    steps: Steps
    batching: Batching

    def run(self, start: Iterate, orders: np.ndarray) -> Epochs:
        """Train through one epoch for each row of `orders`."""
        records, end = self._take(start, self.batching.split(orders))
        means = self.batching.epoch_means(records)
        return Epochs(end, dict(zip(("loss", "accuracy"), means, strict=False)))

    def follow(self, start: Iterate, orders: np.ndarray) -> Iterator[tuple[float, Iterate]]:
        """Yield the loss of each step's batch and the iterate after the step, one call a step."""
        batches, iterate = self.batching.split(orders), start
        for i in range(len(batches)):
            records, iterate = self._take(iterate, batches[i : i + 1])
            yield float(records[0, 0]), iterate

    def _take(self, start: Iterate, batches: Minibatches) -> tuple[np.ndarray, Iterate]:
        # A fit that overflows ends with its status; NumPy's warnings would say less.
        with np.errstate(all="ignore"):
            return self.steps.take(start, batches)
