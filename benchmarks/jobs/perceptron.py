"""W4: the perceptron 2-4-2-1 on the 700 training points of its moons, Adam in batches of 32."""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import numpy as np

import symlab as sl
from benchmarks.floors import NUMBER, Floor, total
from benchmarks.jobs.network_work import SIGMOID, SIGMOID_BACK, dense, logistic_output, update
from symlab import nn

SEED = 0
ADAM_STEP, BATCH, EPOCHS = 0.05, 32, 100
WIDTHS = (2, 4, 2, 1)
PARAMETERS = 25
ADAM = sl.adam(step_size=ADAM_STEP, variant="keras")

Weights = list[np.ndarray]


@cache
def moons() -> tuple[np.ndarray, np.ndarray]:
    """Return the training points of section 3 and their labels, a column."""
    x, _, y, _ = sl.data.split(*sl.data.moons())
    return x, y[:, None].astype(float)


@cache
def model() -> nn.Model:
    """Return the network with its first weights."""
    inputs = outputs = nn.Input(WIDTHS[:1])
    for units in WIDTHS[1:]:
        outputs = nn.Dense(units, activation="sigmoid")(outputs)
    return nn.Model(inputs, outputs, seed=SEED)


def weights() -> Weights:
    """Return the first weights: kernel and bias of each layer."""
    model().reset()
    return [array for each in model().get_weights().values() for array in each]


def batches_of_epoch() -> int:
    """Return how many steps an epoch has; the last batch is smaller."""
    return -(-len(moons()[0]) // BATCH)


def batches(epochs: int) -> Iterator[np.ndarray]:
    """Return the samples of each step in order."""
    for order in nn.draw_orders(len(moons()[0]), epochs, seed=SEED):
        yield from np.split(order, range(BATCH, len(order), BATCH))


def floor() -> Floor:
    """Return the floor of a step: its samples forward and back, and Adam."""
    layers = [dense(m, n, first=m == WIDTHS[0]) for m, n in pairwise(WIDTHS)]
    hidden = sum(WIDTHS[1:-1])
    sample = total(
        *((1, layer) for layer in layers),
        (hidden, SIGMOID),
        (hidden, SIGMOID_BACK),
        (1, logistic_output()),
    )
    samples = len(moons()[0]) / batches_of_epoch()
    work = total((samples, sample), (1, update(ADAM, PARAMETERS)))
    return Floor(work, bytes=NUMBER)
