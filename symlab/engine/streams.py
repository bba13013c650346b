"""The streams of a seed: what is drawn for one purpose does not depend on what else is drawn.

A seed stands for as many independent generators as there are purposes. Each is NumPy's
`Generator(PCG64(SeedSequence([seed, stream])))`, the same in every version of symlab.
"""

import numpy as np

from symlab.checks import whole

BATCH_STREAM = 1
"""The order of the samples in batches."""

DATA_STREAM = 2
"""Data that are made up."""

WEIGHTS_STREAM = 3
"""The weights with which a training starts."""

IMAGES_STREAM = 4
"""Images that are made up."""


def generator_of(seed: int, stream: int, *parts: int) -> np.random.Generator:
    """Return the generator of one stream of a seed.

    Parameters
    ----------
    seed : int
        0 or more.
    stream : int
        One of the streams above.
    *parts : int
        Which part of the stream, where parts are drawn in any order.

    Raises
    ------
    TypeError, ValueError
        If the seed is no integer of at least 0.

    Examples
    --------
    >>> first, second = (generator_of(0, BATCH_STREAM).random() for _ in range(2))
    >>> first == second, first == generator_of(0, DATA_STREAM).random()
    (True, False)
    """
    sequence = np.random.SeedSequence([whole(seed, "seed", 0), stream, *parts])
    return np.random.Generator(np.random.PCG64(sequence))
