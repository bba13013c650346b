"""The logistic regression of sections 15 and 16 on many clouds of points, all descents at once.

Cloud, start and batches of a run have its number for a seed, so that run 0 is the lesson's.
"""

from functools import lru_cache

import numpy as np

from symlab.book import data

SAMPLES, STEP_SIZE = 100, 0.1
"""The number of samples and the step size in sections 15 and 16."""

STEPS, FAR_STEPS = 1000, 200
"""The number of steps in section 16, and in section 15."""

FAR = 20.0
"""How much wider the start of section 15 is drawn than that of section 16."""


@lru_cache(maxsize=4)
def clouds(count: int) -> np.ndarray:
    """Return x0, x1 and the labels, 0 or 1, shape (3, count, samples)."""
    drawn = [data.half_plane(SAMPLES, seed) for seed in range(count)]
    return np.array([[*points.T, labels] for points, labels in drawn]).transpose(1, 0, 2)


def near_starts(count: int) -> np.ndarray:
    """Return two weights near 0 and a bias of 0, shape (3, count): section 16."""
    return np.array([[*data.initial_weights(2, seed=seed), 0] for seed in range(count)]).T


def far_starts(count: int) -> np.ndarray:
    """Return three parameters far out, shape (3, count): section 15."""
    return np.array([data.initial_weights(3, FAR, seed) for seed in range(count)]).T


def lengths(parameters: np.ndarray) -> np.ndarray:
    """Return |w|; the parameters, two weights and a bias, are on the axis before the last."""
    return np.linalg.norm(parameters[..., :2, :], axis=-2)
