"""Batches of data that are read in pieces, each of which is read once an epoch."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from symlab.algebra.objective import Objective
from symlab.algebra.risk.blocked import BlockedRisk
from symlab.engine.batches import Batches, Sampling
from symlab.engine.streams import BATCH_STREAM, generator_of

KEPT = 2
"""Shuffled pieces that are kept: a batch may begin in one and end in the next."""


@dataclass(frozen=True)
class BlockBatches:
    """The batches of a run that takes pieces in a shuffled order, and the rows of each shuffled.

    The samples are dealt out in batches, and all is shuffled again when those left are too few for
    one more. Any batch can be had without those before it.

    Parameters
    ----------
    edges : tuple of int
        The first row of each piece, and the number of all rows.
    steps : int
    sampling : Sampling
        With a batch size.

    Examples
    --------
    >>> batches = BlockBatches((0, 3, 8), 10**12, Sampling(batch_size=4, order="block"))
    >>> sorted(batches[0].tolist() + batches[1].tolist())
    [0, 1, 2, 3, 4, 5, 6, 7]
    """

    edges: tuple[int, ...]
    steps: int
    sampling: Sampling
    _shuffled: dict[tuple[int, int], np.ndarray] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def batch_size(self) -> int:
        """Samples in a batch."""
        return int(self.sampling.batch_size or 0)

    @property
    def shape(self) -> tuple[int, int]:
        """Steps, and samples in a batch."""
        return self.steps, self.batch_size

    def __getitem__(self, steps: int | slice) -> np.ndarray:
        """Return the batch of a step, shape (batch_size,), or those of some steps in a row."""
        if isinstance(steps, slice):
            found = [self._batch(k) for k in range(*steps.indices(self.steps))]
            return np.array(found, dtype=np.int64).reshape(-1, self.batch_size)
        return self._batch(steps)

    def at(self, k: int) -> np.ndarray:
        """Return the batch of the k-th iterate; past the last, that of the last."""
        return self[min(k, self.steps - 1)]

    def _batch(self, k: int) -> np.ndarray:
        epoch, place = divmod(k, self.edges[-1] // self.batch_size)
        order = self._generator(epoch).permutation(len(self.edges) - 1)
        ends = np.cumsum(np.diff(self.edges)[order])
        first, last = place * self.batch_size, (place + 1) * self.batch_size
        rows = []
        for i in range(np.searchsorted(ends, first, "right"), np.searchsorted(ends, last) + 1):
            piece = self._piece(epoch, int(order[i]))
            begin = ends[i] - len(piece)
            rows.append(piece[max(first - begin, 0) : last - begin])
        return np.concatenate(rows)

    def _piece(self, epoch: int, number: int) -> np.ndarray:
        """Return the rows of a piece, shuffled for an epoch."""
        key = epoch, number
        if key not in self._shuffled:
            while len(self._shuffled) >= KEPT:
                del self._shuffled[next(iter(self._shuffled))]
            first, last = self.edges[number : number + 2]
            rows = self._generator(epoch, number).permutation(last - first)
            self._shuffled[key] = rows + first
        return self._shuffled[key]

    def _generator(self, *parts: int) -> np.random.Generator:
        return generator_of(self.sampling.seed, BATCH_STREAM, *parts)


def batches_of(
    objective: Objective, steps: int, sampling: Sampling
) -> Batches | BlockBatches | None:
    """Return the batches of a run; None where each step sees all samples, or there are none.

    Raises
    ------
    ValueError
        If a batch is larger than the data, or pieces are to be shuffled and there are none.
    """
    if objective.samples is None or sampling.batch_size is None:
        return None
    if sampling.order != "block" or not isinstance(objective, BlockedRisk):
        return Batches(objective.samples, steps, sampling)
    sampling.check_size(objective.samples)
    return BlockBatches(objective.blocks.source.edges, steps, sampling)
