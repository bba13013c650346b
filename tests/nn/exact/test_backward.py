"""A network in many digits: its gradient is the slope of its loss, and its bounds hold.

The witness is the difference quotient of the loss at a step of 10^-25 in 60 digits, which knows
nothing of the chain rule and is right to 25 digits and more.
"""

import mpmath
import numpy as np
import pytest

from symlab import nn
from symlab.nn import forward
from symlab.nn.exact import backward as exact
from symlab.nn.losses import as_loss, binary_crossentropy
from symlab.nn.training.samples import Samples, as_samples

POINTS = np.random.default_rng(3).normal(size=(6, 2))
IMAGES = np.random.default_rng(4).normal(size=(3, 2, 6, 5))
ZEROES = (np.arange(6) % 2).astype(float)


def dense(*widths, activation="sigmoid", last="sigmoid"):
    """A network of dense layers on two inputs."""
    tensor = inputs = nn.Input(2)
    for width in widths[:-1]:
        tensor = nn.Dense(width, activation)(tensor)
    return nn.Model(inputs, nn.Dense(widths[-1], last)(tensor), seed=2)


def on_images(*layers):
    """A network of these layers on images, ending in three classes."""
    tensor = inputs = nn.Input((2, 6, 5))
    for layer in layers:
        tensor = layer(tensor)
    return nn.Model(inputs, nn.Dense(3, activation="softmax")(nn.Flatten()(tensor)), seed=5)


SIGNS, CLASSES = 2 * ZEROES - 1, nn.one_hot([0, 1, 2])
CASES = {
    "one neuron": (dense(1, last="softsign"), POINTS, SIGNS, "hinge"),
    "perceptron of the chapter": (dense(4, 2, 1), POINTS, ZEROES, "binary_crossentropy"),
    "probabilities of a linear unit": (
        dense(3, 1, activation="tanh", last="linear"), POINTS, POINTS[:, 0], "mse",
    ),
    "several outputs": (dense(3, 2, activation="softsign"), POINTS, POINTS, "mse"),
    "softmax without its own loss": (
        dense(3, 3, last="softmax"), POINTS, np.tile(CLASSES, (2, 1)), "mse",
    ),
    "cross-entropy of probabilities": (
        nn.Model(i := nn.Input(2), nn.Activation("sigmoid")(nn.Dense(1)(nn.Flatten()(i)))),
        POINTS, ZEROES, "binary_crossentropy",
    ),
    "the chapter's image network": (
        on_images(
            nn.Conv2D(2, (3, 3), padding="same", use_bias=False),
            nn.Activation("relu"),
            nn.MaxPool2D((2, 2)),
        ),
        IMAGES, CLASSES, "categorical_crossentropy",
    ),
    "strides, ragged windows and means": (
        on_images(
            nn.Conv2D(3, (3, 2), strides=(2, 1), padding="same", activation="tanh"),
            nn.AveragePool2D(2, strides=1, padding="same"),
            nn.Conv2D(2, 2, activation="softsign"),
            nn.MaxPool2D((2, 3), padding="same"),
        ),
        IMAGES, CLASSES, "categorical_crossentropy",
    ),
    "frozen kernels": (
        on_images(nn.Conv2D(2, 3, trainable=False), nn.MaxPool2D(2)),
        IMAGES, CLASSES, "categorical_crossentropy",
    ),
}  # fmt: skip
"""Models with samples, targets and a loss: every kind of layer, activation and loss among them."""


def described(case):
    """The network, its weights, its samples as rows, and the loss."""
    model, x, y, name = CASES[case]
    loss = as_loss(name)
    samples = as_samples(x, y, model.network, loss)
    weights = model.get_weights()
    arrays = [weights.get(layer, []) for layer in model.names]
    return model.network, forward.ravel_weights(model.network, arrays), samples, loss


@pytest.mark.parametrize("case", CASES)
def test_the_gradient_is_the_slope_of_the_loss(case):
    """In every weight, to 20 digits."""
    network, weights, samples, loss = described(case)
    with mpmath.workdps(60):
        point = np.array([mpmath.mpf(w) for w in weights.trainable.tolist()], dtype=object)
        found = exact.evaluate(network, point, weights.frozen, samples, loss).gradient.value
        nudge = mpmath.mpf(10) ** -25
        for i, slope in enumerate(found):
            step = nudge * (np.arange(len(point)) == i)
            there, here = (
                exact.evaluate(network, end, weights.frozen, samples, loss).loss.value.item()
                for end in (point + step, point - step)
            )
            assert abs((there - here) / (2 * nudge) - slope) <= mpmath.mpf(10) ** -20


@pytest.mark.parametrize("case", CASES)
def test_rounding_stays_within_the_bound(case):
    """PyTensor's loss and gradient, which round at every step, lie no further off than it says."""
    network, weights, samples, loss = described(case)
    with mpmath.workdps(50):
        seen = exact.evaluate(network, weights.trainable, weights.frozen, samples, loss)
        found = forward.gradient(network, weights, samples, loss)
        exactly = np.array([mpmath.mpf(each) for each in found.tolist()], dtype=object)
        gaps = abs(exactly - seen.gradient.value).astype(float)
        assert np.all(gaps <= seen.gradient.bound)
        # A bound that allowed anything would prove nothing: it stays within some thousand ulps of
        # the largest entry.
        assert seen.gradient.bound.max() < 1e-12 * max(1, np.abs(found).max())
        value = forward.evaluate(network, weights, samples, loss)["loss"]
        assert abs(value - seen.loss.value.item()) <= seen.loss.bound


def test_of_several_largest_the_first_takes_the_slope():
    """As the compiled layer does: a flat image sends its slope to the first cell of each window."""
    inputs = nn.Input((1, 2, 2))
    scaled = nn.Conv2D(1, 1, use_bias=False)(inputs)
    model = nn.Model(inputs, nn.Flatten()(nn.MaxPool2D(2)(scaled)))
    flat = np.full((1, 4), 0.5)
    with mpmath.workdps(30):
        found = exact.evaluate(
            model.network,
            np.array([2.0]),
            np.empty(0),
            Samples(flat, np.zeros((1, 1))),
            as_loss("mse"),
        )
    # The loss is (0.5 w)^2, with slope 0.5 w; a slope shared by all four would be four times that.
    assert float(found.gradient.value.item()) == 1.0


def test_a_clipped_loss_is_refused():
    """Its slope jumps where it clips, so no formula's derivative is what is compiled."""
    network, weights, samples, _ = described("perceptron of the chapter")
    with pytest.raises(ValueError, match="not clipped"):
        exact.evaluate(
            network, weights.trainable, weights.frozen, samples, binary_crossentropy(clip=1e-7)
        )
