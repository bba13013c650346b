"""Training held against networks written out in NumPy: forward, backward and rule by hand.

Same initial weights and same batches, so the loss of every epoch and every weight must agree to
rounding; a wrong gradient, a wrong batch or a wrong share of the last batch shows in the first
epoch. Numba, C and the interpreter must also agree with each other.
"""

import numpy as np
import pytest

import symlab as sl
from symlab import nn

RELATIVE = 1e-8
"""Rounding differs after 50 steps, because sums are taken in another order; nothing else may."""


def sigmoid(z):
    """The logistic function, as it is written."""
    return 1 / (1 + np.exp(-z))


def descend(step_size):
    """Plain descent as a rule of NumPy's: from weights and slopes to weights, in place."""

    def step(weights, slopes, k):
        for w, slope in zip(weights, slopes, strict=True):
            w -= step_size * slope

    return step


def keras_nesterov(step_size, momentum):
    """Keras 2: v <- mu v - a g, then p <- p + mu v - a g."""
    velocity = {}

    def step(weights, slopes, k):
        for i, (w, slope) in enumerate(zip(weights, slopes, strict=True)):
            velocity[i] = momentum * velocity.get(i, 0.0) - step_size * slope
            w += momentum * velocity[i] - step_size * slope

    return step


def keras_adam(step_size):
    """Keras 2: the step size is corrected, and epsilon stands beside the uncorrected root."""
    first, second = {}, {}

    def step(weights, slopes, k):
        size = step_size * np.sqrt(1 - 0.999 ** (k + 1)) / (1 - 0.9 ** (k + 1))
        for i, (w, slope) in enumerate(zip(weights, slopes, strict=True)):
            first[i] = 0.9 * first.get(i, 0.0) + 0.1 * slope
            second[i] = 0.999 * second.get(i, 0.0) + 0.001 * slope**2
            w -= size * first[i] / (np.sqrt(second[i]) + 1e-7)

    return step


def softsign_hinge(weights, x, y):
    """One neuron: loss and slopes by the chain rule."""
    kernel, bias = weights
    z = x @ kernel + bias
    margin = 1 - y * z / (1 + np.abs(z))
    delta = np.where(margin > 0, -y, 0) / (1 + np.abs(z)) ** 2 / len(x)
    return np.maximum(margin, 0).mean(), [x.T @ delta, delta.sum(axis=0)]


def sigmoid_layers(weights, x, y):
    """Layers of sigmoids under a binary cross-entropy, by the delta recursion."""
    kernels, biases = weights[::2], weights[1::2]
    values = [x]
    for kernel, bias in zip(kernels, biases, strict=True):
        values.append(sigmoid(values[-1] @ kernel + bias))
    p = values[-1]
    loss = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
    delta, slopes = (p - y) / len(x), []
    for i in reversed(range(len(kernels))):
        slopes = [values[i].T @ delta, delta.sum(axis=0), *slopes]
        delta = delta @ kernels[i].T * values[i] * (1 - values[i])
    return loss, slopes


def convolutional(weights, x, y):
    """3 x 3 kernels with zeros around, relu, tiles of 2 x 2, softmax: loop by loop."""
    kernels, dense, bias = weights
    samples, _, height, width = x.shape
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    maps = np.zeros((samples, len(kernels), height, width))
    for i in range(height):
        for j in range(width):
            maps[:, :, i, j] = np.tensordot(
                padded[:, :, i : i + 3, j : j + 3], kernels, ([1, 2, 3],) * 2
            )
    tiles = np.maximum(maps, 0).reshape(samples, len(kernels), height // 2, 2, width // 2, 2)
    tiles = tiles.transpose(0, 1, 2, 4, 3, 5).reshape(samples, len(kernels), -1, 4)
    chosen, features = tiles.argmax(axis=-1), tiles.max(axis=-1).reshape(samples, -1)
    z = features @ dense + bias
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    delta = (p - y) / samples
    upstream = (delta @ dense.T).reshape(samples, len(kernels), -1)
    slope = np.zeros_like(kernels)
    for n, f, tile in np.ndindex(*chosen.shape):
        row, column = divmod(tile, width // 2)
        i, j = 2 * row + chosen[n, f, tile] // 2, 2 * column + chosen[n, f, tile] % 2
        if maps[n, f, i, j] > 0:
            slope[f] += upstream[n, f, tile] * padded[n, :, i : i + 3, j : j + 3]
    loss = -np.log(p[y == 1]).mean()
    return loss, [slope, features.T @ delta, delta.sum(axis=0)]


def trained(by_hand, weights, data, how):
    """Train by hand: the loss of each epoch, weighted by batch sizes, and the weights."""
    x, y = data
    rule, batch_size, epochs, moving = how
    weights, losses, k = [w.copy() for w in weights], [], 0
    for order in nn.draw_orders(len(x), epochs, seed=3):
        total = 0.0
        for first in range(0, len(x), batch_size):
            batch = order[first : first + batch_size]
            loss, slopes = by_hand(weights, x[batch], y[batch])
            total += loss * len(batch)
            rule([weights[i] for i in moving], [slopes[i] for i in moving], k)
            k += 1
        losses.append(total / len(x))
    return np.array(losses), weights


def one_neuron():
    """The chapter's one-neuron model (section 2)."""
    x, y = sl.data.half_plane(samples=100, seed=1, labels=(-1, 1))
    inputs = nn.Input((2,))
    return nn.Model(inputs, nn.Dense(1, activation="softsign")(inputs), seed=1), (x, y[:, None])


def multilayer():
    """The chapter's 2-4-2-1 network (section 3), on fewer points."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(70, 2))
    y = (x[:, :1] ** 2 > x[:, 1:]).astype(float)
    inputs = nn.Input((2,))
    hidden = nn.Dense(2, "sigmoid")(nn.Dense(4, "sigmoid")(inputs))
    return nn.Model(inputs, nn.Dense(1, "sigmoid")(hidden), seed=2), (x, y)


def small_cnn(*, trainable):
    """The chapter's CNN (sections 22 and 23) on random images."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(20, 1, 6, 6))
    inputs = nn.Input((1, 6, 6))
    maps = nn.Conv2D(2, (3, 3), padding="same", use_bias=False, trainable=trainable)(inputs)
    pooled = nn.MaxPool2D((2, 2))(nn.Activation("relu")(maps))
    model = nn.Model(inputs, nn.Dense(2, "softmax")(nn.Flatten()(pooled)), seed=3)
    return model, (x, nn.one_hot(np.arange(20) % 2))


NESTEROV = sl.nesterov(step_size=0.01, momentum=0.9)

CASES = {
    "one neuron, hinge, descent": (
        one_neuron,
        ("hinge", sl.gradient_descent(step_size=0.05), 32, 13),
        (softsign_hinge, lambda: descend(0.05), (0, 1)),
    ),
    "2-4-2-1, cross-entropy, Adam": (
        multilayer,
        ("binary_crossentropy", sl.adam(step_size=0.05, variant="keras"), 32, 17),
        (sigmoid_layers, lambda: keras_adam(0.05), tuple(range(6))),
    ),
    "CNN, fixed kernels, Nesterov": (
        lambda: small_cnn(trainable=False),
        ("categorical_crossentropy", NESTEROV, 32, 50),
        (convolutional, lambda: keras_nesterov(0.01, 0.9), (1, 2)),
    ),
    "CNN, learnt kernels, Nesterov": (
        lambda: small_cnn(trainable=True),
        ("categorical_crossentropy", NESTEROV, 32, 50),
        (convolutional, lambda: keras_nesterov(0.01, 0.9), (0, 1, 2)),
    ),
    "CNN, learnt kernels, batches of 8": (
        lambda: small_cnn(trainable=True),
        ("categorical_crossentropy", NESTEROV, 8, 17),
        (convolutional, lambda: keras_nesterov(0.01, 0.9), (0, 1, 2)),
    ),
}
"""Model and data; loss, rule, batch size and epochs (50 steps or more); the same by hand."""

FUSED = [name for name in CASES if "batches" not in name]
"""What Numba compiles here: one of each kind, at some ten seconds each from an empty cache."""


def flattened(model):
    """The model's weights in a row."""
    return [w for each in model.get_weights().values() for w in each]


def check(case, backend):
    """Train both ways and compare every loss and every weight."""
    make, (loss, rule, batch_size, epochs), (by_hand, rule_by_hand, moving) = CASES[case]
    model, data = make()
    how = (rule_by_hand(), batch_size, epochs, moving)
    losses, weights = trained(by_hand, flattened(model), data, how)
    history = model.fit(
        *data,
        loss=loss,
        method=rule,
        epochs=epochs,
        batch_size=batch_size,
        seed=3,
        backend=backend,
    )
    np.testing.assert_allclose(history.loss, losses, rtol=RELATIVE)
    for found, expected in zip(flattened(model), weights, strict=True):
        np.testing.assert_allclose(found, expected, rtol=RELATIVE, atol=RELATIVE)


@pytest.mark.parametrize("case", CASES)
def test_training_equals_the_network_written_out_by_hand(case):
    """Fifty steps multiply any slip; the interpreter runs the same graph step by step."""
    check(case, "interpreted")


@pytest.mark.parametrize("case", FUSED)
def test_fused_training_equals_the_network_written_out_by_hand(case):
    """Whole epochs in one call: batches, shares and the count of steps come from the loop."""
    check(case, "numba")


@pytest.mark.parametrize("case", FUSED)
def test_samples_in_lanes_equal_the_network_written_out_by_hand(case):
    """On C the networks of the chapter are written out, samples side by side."""
    check(case, "c")


@pytest.mark.parametrize("case", ["2-4-2-1, cross-entropy, Adam"])
def test_jax_trains_alike(case):
    """JAX must know the number of steps, so it takes a chunk of epochs at a time."""
    check(case, "jax")


@pytest.mark.parametrize(
    "method",
    [
        sl.adadelta,
        sl.amsgrad,
        sl.adamw,
        sl.nadam,
        sl.lion,
        sl.radam,
        sl.adabelief,
        sl.yogi(variant="optax"),
        sl.momentum(variant="torch", dampening=0.5),
        sl.rmsprop(variant="optax", centered=True, momentum=0.5, nesterov=True),
    ],
    ids=repr,
)
def test_any_rule_of_the_table_trains_a_network_as_it_trains_a_formula(method):
    """One weight, one sample, squared error: the same numbers as `minimize` on the same formula."""
    import sympy as sp

    w = sp.Symbol("w", real=True)
    trace = sl.minimize(
        sl.Objective((3 * w - 2) ** 2), [0.25], method, max_steps=20, backend="interpreted"
    )
    inputs = nn.Input((1,))
    model = nn.Model(inputs, nn.Dense(1, use_bias=False)(inputs))
    model.set_weights([[[0.25]]])
    history = model.fit([3.0], [2.0], loss="mse", method=method, epochs=20, backend="interpreted")
    np.testing.assert_allclose(history.loss, trace.values[:-1], rtol=1e-10)
    np.testing.assert_allclose(model.get_weights()["dense"][0], [trace.x], rtol=1e-10)


def test_a_step_size_that_changes_counts_steps_across_epochs():
    """Three batches an epoch: the schedule must see k = 0 to 5, not 0 to 2 twice."""
    inputs = nn.Input((1,))
    model = nn.Model(inputs, nn.Dense(1, use_bias=False)(inputs))
    model.set_weights([[[0.0]]])
    rule = sl.gradient_descent(step_size=sl.schedules.inverse_time(step_size=0.1, decay=1))
    model.fit(
        np.ones(3),
        np.ones(3),
        loss="mse",
        method=rule,
        epochs=2,
        batch_size=1,
        backend="interpreted",
    )
    left = np.prod([1 - 0.2 / (1 + k) for k in range(6)])
    assert model.get_weights()["dense"][0][0, 0] == pytest.approx(1 - left, rel=1e-12)


@pytest.mark.parametrize("samples, batch_size", [(1, 32), (5, 5), (5, 2), (7, 1)])
def test_batches_of_every_size_are_one_epoch(samples, batch_size):
    """One sample; all of them; a smaller last batch; one at a time."""
    model, (x, y) = one_neuron()
    data = x[:samples], y[:samples]
    how = (descend(0.1), batch_size, 3, (0, 1))
    losses, weights = trained(softsign_hinge, flattened(model), data, how)
    history = model.fit(
        *data,
        loss="hinge",
        method=sl.gradient_descent(step_size=0.1),
        epochs=3,
        batch_size=batch_size,
        seed=3,
        backend="interpreted",
    )
    np.testing.assert_allclose(history.loss, losses, rtol=1e-12)
    np.testing.assert_allclose(flattened(model)[0], weights[0], rtol=1e-12)
