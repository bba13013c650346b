"""Which samples each step sees: drawn before the run, the same on every backend.

The sampler is NumPy's `Generator(PCG64(seed))` on a stream of its own, so that the order of batches
does not depend on what else was drawn with the same seed.
"""

import numpy as np

from symlab.checks import whole

ORDERS = ("epoch", "step")
STREAM = 1
"""Batches have stream 1 of a seed; data have stream 2 (`study/data`)."""

WEIGHTS_STREAM = 3
"""Initial weights of a seed."""


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
    size = whole(batch_size, "batch_size", 1)
    check_drawing(seed, order)
    _check(samples, size, order, replacement=replacement)
    generator = generator_of(seed, STREAM)
    count = whole(steps, "steps", 0)
    if replacement:
        return generator.integers(0, samples, size=(count, size))
    if order == "step":
        keys = (generator.permutation(samples)[:size] for _ in range(count))
        return np.array(list(keys), dtype=np.int64).reshape(count, size)
    per_epoch = samples // size
    epochs = -(-count // per_epoch)
    dealt = [generator.permutation(samples)[: per_epoch * size] for _ in range(epochs)]
    return np.array(dealt, dtype=np.int64).reshape(-1, size)[:count]


def generator_of(seed: int, stream: int) -> np.random.Generator:
    """Return the generator of one stream of a seed.

    Raises
    ------
    TypeError, ValueError
        If the seed is no integer of at least 0.
    """
    return np.random.Generator(
        np.random.PCG64(np.random.SeedSequence([whole(seed, "seed", 0), stream]))
    )


def check_drawing(seed: object, order: object) -> None:
    """Refuse a seed or an order that no batches can be drawn with."""
    whole(seed, "seed", 0)
    if order not in ORDERS:
        raise ValueError(f"order: expected 'epoch' or 'step', got {order!r}.")


def _check(samples: int, size: int, order: str, *, replacement: bool) -> None:
    if replacement and order == "epoch":
        raise ValueError("replacement: an epoch sees every sample once; use order='step'.")
    if size > samples and not replacement:
        raise ValueError(
            f"batch_size: {size} is larger than the {samples} samples; "
            "use batch_size=None for all of them, or replacement=True with order='step'."
        )
