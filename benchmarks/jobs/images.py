"""W5: the chapter's CNN on its 20 images; W6: a larger one on 256 images of digits."""

from dataclasses import dataclass
from functools import cache
from math import prod

import numpy as np
from sklearn.datasets import load_digits

import symlab as sl
from benchmarks.floors import NUMBER, Floor, total
from benchmarks.jobs.network_work import convolution, dense, softmax_output, update
from symlab import nn

SEED = 0
STEP, MOMENTUM = 0.01, 0.9
NESTEROV = sl.nesterov(step_size=STEP, momentum=MOMENTUM)

Weights = list[np.ndarray]


@dataclass(frozen=True, eq=False)
class Images:
    """A CNN's job: images, a row of ones and zeros for each, the number of filters, the steps."""

    images: np.ndarray
    targets: np.ndarray
    filters: int
    steps: int

    @property
    def model(self) -> nn.Model:
        """A model with its first weights."""
        inputs = nn.Input(self.images.shape[1:])
        maps = nn.Conv2D(self.filters, (3, 3), padding="same", use_bias=False)(inputs)
        pooled = nn.MaxPool2D((2, 2))(nn.Activation("relu")(maps))
        outputs = nn.Dense(self.targets.shape[1], "softmax")(nn.Flatten()(pooled))
        return nn.Model(inputs, outputs, seed=SEED)

    @property
    def weights(self) -> Weights:
        """The first weights: kernels, then kernel and bias of the last layer."""
        return [array for each in self.model.get_weights().values() for array in each]

    def floor(self) -> Floor:
        """Return the floor of a step: all images forward and back, and Nesterov."""
        side, classes = self.images.shape[-1], self.targets.shape[1]
        features = self.filters * (side // 2) ** 2
        parameters = sum(prod(array.shape) for array in self.weights)
        sample = total(
            (1, convolution(side, self.filters)),
            (1, dense(features, classes)),
            (1, softmax_output(classes)),
        )
        work = total((len(self.images), sample), (1, update(NESTEROV, parameters)))
        return Floor(work, bytes=NUMBER, parallel=True)


@cache
def chapter(steps: int = 500) -> Images:
    """Return the job of W5, the 20 slash images of section 21."""
    images, labels = nn.images.fixture()
    pixels = np.asarray(images, dtype=float)[:, None]
    return Images(pixels, nn.one_hot(labels, 2), 2, steps)


@cache
def digits(steps: int = 50, samples: int = 256, filters: int = 16) -> Images:
    """Return the job of W6, the first of the digits, 8 x 8, from 0 to 1."""
    given = load_digits()
    images = given.images[:samples, None] / given.images.max()
    return Images(images, nn.one_hot(given.target[:samples], 10), filters, steps)
