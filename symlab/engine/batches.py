"""Which samples each step sees: drawn before the run, the same on every backend.

The sampler is NumPy's `Generator(PCG64(seed))` on a stream of its own, so that the order of batches
does not depend on what else was drawn with the same seed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any, TypedDict

import numpy as np

from symlab.checks import check_given_once, choice, flag, shown, whole
from symlab.engine.streams import BATCH_STREAM, generator_of

ORDERS = ("epoch", "step", "block")

MOST_DRAWN = 100_000_000
"""Samples drawn before a run, at most: they take 8 bytes each."""


class SamplingWords(TypedDict, total=False):
    """The parts of a `Sampling` as keywords of `minimize`."""

    batch_size: int | None
    seed: int
    order: str
    replacement: bool


@dataclass(frozen=True)
class Sampling:
    """Which samples the gradient of each step is taken on.

    Batches are drawn before the run, so that they are the same on every backend.

    Parameters
    ----------
    batch_size : int, optional
        Samples in the gradient of each step, from 1 to all m; all of them when left out.
    seed : int
        0 or more; the same seed gives the same batches.
    order : str
        `"epoch"`: the samples are shuffled, dealt out in batches, and shuffled again when those
        left are too few for one more. `"step"`: every step draws anew. `"block"`, for data that are
        read in pieces: the pieces are shuffled, and the samples within each, so that a piece is
        read once an epoch.
    replacement : bool
        With `order="step"`, whether a sample may come twice in one batch.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.

    Examples
    --------
    >>> Sampling(batch_size=10, seed=3)
    Sampling(batch_size=10, seed=3, order='epoch', replacement=False)
    """

    batch_size: int | None = None
    seed: int = 0
    order: str = "epoch"
    replacement: bool = False

    def __post_init__(self) -> None:
        if self.batch_size is not None:
            affordable(whole(self.batch_size, "batch_size", 1), "batch_size")
        whole(self.seed, "seed", 0)
        choice(self.order, ORDERS, "order")
        repeats = flag(self.replacement, "replacement")
        if self.batch_size is not None and repeats and self.order != "step":
            raise ValueError("replacement: an epoch sees every sample once; use order='step'.")

    def check_size(self, samples: int) -> None:
        """Refuse batches that are larger than the data."""
        if (self.batch_size or 0) > samples and not self.replacement:
            raise ValueError(
                f"batch_size: {shown(self.batch_size)} is larger than the {samples} samples; "
                "use batch_size=None for all of them, or replacement=True with order='step'."
            )


def sampling_of(given: Sampling | None, keywords: Mapping[str, Any]) -> Sampling:
    """Return a sampling that was given as one value or as plain keywords.

    Raises
    ------
    TypeError
        If it was given both ways.
    """
    check_given_once(given, Sampling, "sampling", keywords)
    return Sampling(**keywords) if given is None else given


def draw_batches(
    samples: int,
    batch_size: int,
    steps: int,
    seed: int = 0,
    *,
    order: str = "epoch",
    replacement: bool = False,
) -> np.ndarray:
    """Return the samples of each step, shape (steps, batch_size), integers below `samples`.

    Parameters
    ----------
    samples : int
        The number of samples, m.
    batch_size : int
        Samples in a step, from 1 to m, or any number with replacement.
    steps : int
        How many steps, 0 or more.
    seed : int
        The same seed gives the same batches, on every backend.
    order : str
        `"epoch"`: the samples are shuffled, dealt out in batches, and shuffled again when those
        left are too few for one more. `"step"`: every step draws anew.
    replacement : bool
        With `order="step"`, whether a sample may come twice in one batch.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.

    Examples
    --------
    >>> draw_batches(samples=4, batch_size=2, steps=2, seed=0).shape
    (2, 2)
    >>> sorted(draw_batches(samples=4, batch_size=2, steps=2, seed=0).ravel().tolist())
    [0, 1, 2, 3]
    """
    sampling = Sampling(batch_size, seed, order, replacement)
    batches = Batches(samples, whole(steps, "steps", 0), sampling)
    _check_memory(batches)
    return batches[:]


MOST_NUMBERS = 10**9
"""Indices that `draw_batches` returns at once: 8 GB. A run draws its batches piece by piece."""

PIECE = 4096
"""Steps that are drawn at once, at the least: a fused run goes on by as many."""

SHUFFLED = 2**17
"""Numbers that are shuffled in one call. The order is that of a call for each shuffle."""


def _check_memory(batches: "Batches") -> None:
    steps, size = batches.shape
    if steps * size > MOST_NUMBERS:
        raise ValueError(
            f"steps: {shown(steps)} steps of {shown(size)} samples are more than fit in memory; "
            f"at most {MOST_NUMBERS // size} can be drawn at once."
        )


@dataclass(frozen=True)
class Batches:
    """The batches of a run, drawn piece by piece when they are needed.

    It is indexed like the array that `draw_batches` returns, and holds the same numbers.

    Parameters
    ----------
    samples : int
        The number of samples, m.
    steps : int
        How many steps.
    sampling : Sampling
        With a batch size.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.

    Examples
    --------
    >>> batches = Batches(samples=4, steps=10**12, sampling=Sampling(batch_size=2, seed=0))
    >>> batches.shape, bool((batches[:6] == draw_batches(4, 2, 6, seed=0)).all())
    ((1000000000000, 2), True)
    """

    samples: int
    steps: int
    sampling: Sampling
    _drawn: "_Drawn" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        affordable(whole(self.samples, "samples", 1), "samples")
        whole(self.sampling.batch_size, "batch_size", 1)
        if self.sampling.order == "block":
            raise ValueError(
                "order: 'block' shuffles data that are read in pieces, such as Parquet; "
                "for data in memory use 'epoch'."
            )
        self.sampling.check_size(self.samples)
        generator = generator_of(self.sampling.seed, BATCH_STREAM)
        object.__setattr__(self, "_drawn", _Drawn(generator))

    @cached_property
    def batch_size(self) -> int:
        """Samples in a batch."""
        return whole(self.sampling.batch_size, "batch_size", 1)

    @property
    def shape(self) -> tuple[int, int]:
        """Steps, and samples in a batch."""
        return self.steps, self.batch_size

    def __getitem__(self, steps: int | slice) -> np.ndarray:
        """Return the batch of a step, shape (batch_size,), or those of some steps in a row."""
        if isinstance(steps, slice):
            first, last, _ = steps.indices(self.steps)
            return self._rows(first, max(first, last))
        return self._rows(steps, steps + 1)[0]

    def at(self, k: int) -> np.ndarray:
        """Return the batch of the k-th iterate; past the last, that of the last."""
        return self[min(k, self.steps - 1)]

    def _rows(self, first: int, last: int) -> np.ndarray:
        size = self._piece
        pieces = [self._drawn.piece(i, self._deal) for i in range(first // size, -(-last // size))]
        if not pieces:
            return np.empty((0, self.batch_size), dtype=np.int64)
        rows = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
        return rows[first % size :][: last - first]

    @cached_property
    def _per_epoch(self) -> int:
        return self.samples // self.batch_size

    @cached_property
    def _piece(self) -> int:
        """Steps in a piece; whole epochs, where samples are dealt out by epochs."""
        return -(-PIECE // self._per_epoch) * self._per_epoch if self._by_epoch else PIECE

    @property
    def _by_epoch(self) -> bool:
        return self.sampling.order == "epoch"

    def _deal(self, generator: np.random.Generator) -> np.ndarray:
        """Draw the next piece."""
        if self.sampling.replacement:
            return generator.integers(0, self.samples, size=(PIECE, self.batch_size))
        shuffles = self._piece // self._per_epoch if self._by_epoch else PIECE
        taken = self._per_epoch * self.batch_size if self._by_epoch else self.batch_size
        dealt = np.empty((shuffles, taken), dtype=np.int64)
        several = max(1, SHUFFLED // self.samples)
        for first in range(0, shuffles, several):
            rows = dealt[first : first + several]
            ordered = np.tile(np.arange(self.samples), (len(rows), 1))
            rows[:] = generator.permuted(ordered, axis=1, out=ordered)[:, :taken]
        return dealt.reshape(-1, self.batch_size)


class _Drawn:
    """The piece drawn last, and the state of the generator before each piece."""

    def __init__(self, generator: np.random.Generator) -> None:
        self._generator, self._lock = generator, Lock()
        self._states = [generator.bit_generator.state]
        self._last: tuple[int, np.ndarray] | None = None

    def piece(self, wanted: int, deal: Callable[[np.random.Generator], np.ndarray]) -> np.ndarray:
        """Return a piece; those before it are drawn on the way if they have not been."""
        with self._lock:
            if self._last is not None and self._last[0] == wanted:
                return self._last[1]
            for number in range(min(wanted, len(self._states) - 1), wanted + 1):
                self._generator.bit_generator.state = self._states[number]
                self._last = number, deal(self._generator)
                if number + 1 == len(self._states):
                    self._states.append(self._generator.bit_generator.state)
            return self._last[1]  # type: ignore[index]  # the loop has drawn at least one


def affordable(count: int, name: str) -> int:
    """Return a count of draws; refuse more than fit in memory."""
    if count > MOST_DRAWN:
        raise ValueError(f"{name}: expected at most {MOST_DRAWN}, got {shown(count)}.")
    return count
