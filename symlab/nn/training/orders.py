"""The order of the samples in each epoch, and the batches that an epoch is divided into.

An epoch sees every sample once. The same seed gives the same permutations as `draw_batches` of
`minimize`; there every batch has the same size, here the last one of an epoch may be smaller.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from symlab.checks import shown, whole
from symlab.engine.batches import MOST_DRAWN
from symlab.engine.streams import BATCH_STREAM, generator_of

MOST_KEPT = 2**18
"""Numbers in the orders of a fit, up to which they are kept: 2 MB."""


def draw_orders(samples: int, epochs: int, seed: int = 0) -> np.ndarray:
    """Return the order in which each epoch sees the samples, shape (epochs, samples).

    Batches are taken from it from left to right; the last one of an epoch may be smaller.

    Parameters
    ----------
    samples : int
        The number of samples, at least 1.
    epochs : int
        The number of epochs, at least 0.
    seed : int
        The same seed gives the same orders, here and in `Model.fit`.

    Raises
    ------
    TypeError, ValueError
        Naming the argument; also where the orders together are too long for memory.

    Examples
    --------
    >>> draw_orders(samples=3, epochs=2, seed=0).shape
    (2, 3)

    With a batch size that divides the number of samples, these are the batches of `minimize`:

    >>> from symlab.engine.batches import draw_batches
    >>> batches = draw_batches(samples=4, batch_size=2, steps=6, seed=1)
    >>> bool((draw_orders(samples=4, epochs=3, seed=1).reshape(6, 2) == batches).all())
    True
    """
    count, times = whole(samples, "samples", 1), whole(epochs, "epochs", 0)
    check_orders(count, times)
    return order_samples(count, times, generator_of(seed, BATCH_STREAM))


def check_orders(samples: int, epochs: int) -> None:
    """Refuse more epochs than can be drawn at once."""
    if samples * epochs > MOST_DRAWN or samples > MOST_DRAWN:
        raise ValueError(
            f"epochs: {shown(epochs)} epochs of {shown(samples)} samples are too many to be drawn "
            f"at once; together they may have {MOST_DRAWN:.0e}."
        )


def order_samples(samples: int, epochs: int, generator: np.random.Generator | None) -> np.ndarray:
    """Return the orders of the next epochs; without a generator samples stay as they are."""
    if generator is None:
        return np.tile(np.arange(samples), (epochs, 1))
    drawn = [generator.permutation(samples) for _ in range(epochs)]
    return np.array(drawn, dtype=np.int64).reshape(epochs, samples)


def make_orders(samples: int, epochs: int, seed: int | None) -> Callable[[int, int], np.ndarray]:
    """Return what gives the orders of a fit: after so many epochs, those of the next ones.

    Drawing takes as long as the steps of a small network. So the orders of a short fit are drawn at
    once and kept for the next one of the same seed; the numbers are those drawn piece by piece.

    Parameters
    ----------
    samples, epochs : int
    seed : int, optional
        Without one the samples stay as they are.
    """
    if seed is not None and samples * epochs <= MOST_KEPT:
        kept = _kept_orders(samples, epochs, seed)
        return lambda done, many: kept[done : done + many]
    generator = None if seed is None else generator_of(seed, BATCH_STREAM)
    return lambda _, many: order_samples(samples, many, generator)


@lru_cache(maxsize=8)
def _kept_orders(samples: int, epochs: int, seed: int) -> np.ndarray:
    orders = order_samples(samples, epochs, generator_of(seed, BATCH_STREAM))
    orders.flags.writeable = False  # several fits read them
    return orders


@dataclass(frozen=True, eq=False)
class Minibatches:
    """The batches of some steps, a row per step.

    Parameters
    ----------
    indices : array of int, shape (steps, rows)
        The samples in each batch; a smaller batch is filled up with copies of its last sample.
    sizes : array of int, shape (steps,)
        The number of samples in each batch, copies not counted.
    """

    indices: np.ndarray
    sizes: np.ndarray

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, steps: slice) -> "Minibatches":
        """Return the batches of some of the steps."""
        return Minibatches(self.indices[steps], self.sizes[steps])

    @property
    def shares(self) -> np.ndarray:
        """The weight of each sample in the mean over its batch; a copy has none."""
        sizes = self.sizes[:, None]
        return np.where(np.arange(self.indices.shape[1]) < sizes, 1 / sizes, 0.0)


@dataclass(frozen=True)
class Batching:
    """How an epoch is divided into batches.

    Parameters
    ----------
    samples : int
        Samples in an epoch.
    rows : int
        Samples in a batch; the last batch of an epoch may have fewer.

    Examples
    --------
    >>> Batching(samples=5, rows=2).split(np.array([[4, 3, 2, 1, 0]])).indices
    array([[4, 3],
           [2, 1],
           [0, 0]])
    """

    samples: int
    rows: int

    @property
    def steps(self) -> int:
        """The number of batches in an epoch."""
        return -(-self.samples // self.rows)

    @property
    def is_ragged(self) -> bool:
        """Whether the last batch of an epoch is smaller."""
        return self.samples % self.rows != 0

    @cached_property
    def sizes(self) -> np.ndarray:
        """The number of samples in each batch of an epoch, as floats."""
        firsts = np.arange(self.steps) * self.rows
        return np.minimum(self.samples - firsts, self.rows).astype(float)

    def split(self, orders: np.ndarray) -> Minibatches:
        """Return the batches of some epochs, from the order of the samples in each."""
        missing = self.steps * self.rows - self.samples
        filled = np.concatenate([orders, np.repeat(orders[:, -1:], missing, axis=1)], axis=1)
        sizes = np.tile(self.sizes.astype(np.int64), len(orders))
        return Minibatches(filled.reshape(-1, self.rows), sizes)

    def list_samples(self, orders: np.ndarray) -> list[np.ndarray]:
        """Return the samples that each step of some epochs sees."""
        batches = self.split(orders)
        pairs = zip(batches.indices, batches.sizes, strict=True)
        return [batch[:size] for batch, size in pairs]

    def epoch_means(self, records: np.ndarray) -> np.ndarray:
        """Return means over the samples of each epoch, from means over each batch.

        Parameters
        ----------
        records : array, shape (quantities, epochs * steps)

        Returns
        -------
        array, shape (quantities, epochs)
        """
        # Summed and not multiplied as a matrix, because BLAS would round by the number of rows.
        weighted = records.reshape(len(records), -1, self.steps) * self.sizes
        return np.asarray(weighted.sum(axis=-1) / self.samples)
