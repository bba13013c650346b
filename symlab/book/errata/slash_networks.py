"""The two networks of sections 22 and 23, on twenty draws of their training images, all trained.

Images and initial weights of a run have its number for a seed. Without training a network keeps the
kernels it was given or drew, and its last layer learns alone.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from symlab import nn
from symlab.book.networks import GIVEN, convolutional
from symlab.nn import images

RUNS, EPOCHS = 20, 500

DRAWN: tuple[str, ...] = ()
"""No kernels given, so that they are drawn."""


@dataclass(frozen=True)
class Run:
    """A network after its training.

    Parameters
    ----------
    before, after : array, shape (2, 3, 3)
        Its kernels.
    images, labels : array
        What it was trained on.
    seen : array, shape (20, 2)
        Its chances of both categories for the images it was trained on.
    every : array, shape (110, 2)
        The same for all slashes there are.
    """

    before: np.ndarray
    after: np.ndarray
    images: np.ndarray
    labels: np.ndarray
    seen: np.ndarray
    every: np.ndarray


@lru_cache(maxsize=8)
def runs(kernels: tuple[str, ...], *, trainable: bool) -> tuple[Run, ...]:
    """Return the runs that begin with these kernels, or with drawn ones if none are named."""
    return tuple(_run(seed, kernels, trainable=trainable) for seed in range(RUNS))


def _run(seed: int, kernels: tuple[str, ...], *, trainable: bool) -> Run:
    fit = convolutional(seed, trainable=trainable, kernels=kernels)
    model = fit.model
    slashes, labels = images.slash_images(seed=seed)
    before = model.get_weights()["kernels"][0][:, 0]
    model.fit(slashes[:, None], nn.one_hot(labels, 2), epochs=EPOCHS, **fit.options)
    return Run(
        before,
        model.get_weights()["kernels"][0][:, 0],
        slashes,
        labels,
        model.predict(slashes[:, None]),
        model.predict(images.every_slash()[0][:, None]),
    )


def accuracy(chances: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of images whose likelier category is theirs."""
    return float(np.mean(chances.argmax(axis=1) == labels))


def of_the_right(chances: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return each image's chance of its own category."""
    return chances[np.arange(len(labels)), labels]


def cross_entropy(chances: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean cross-entropy."""
    return float(-np.log(of_the_right(chances, labels)).mean())


def cosines(kernels: np.ndarray) -> np.ndarray:
    """Return the cosine between each of two kernels and the hand-made one, shape (2,)."""
    made = np.array([images.KERNELS[name] for name in GIVEN])
    sizes = np.linalg.norm(kernels, axis=(1, 2)) * np.linalg.norm(made, axis=(1, 2))
    return np.asarray((kernels * made).sum(axis=(1, 2)) / sizes)
