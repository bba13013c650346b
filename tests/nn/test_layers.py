"""Layers held against SciPy and against loops, and the shapes they refuse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage, signal

from symlab import nn


def apply(layer, images, weights=None):
    """What a layer alone makes of images."""
    inputs = nn.Input(images.shape[1:])
    model = nn.Model(inputs, layer(inputs))
    if weights is not None:
        model.set_weights(weights)
    return model.predict(images)


def correlated(image, kernel, strides, padding):
    """One image of several channels and one kernel, by SciPy; strides as every so many of it."""
    channels = [
        signal.correlate(channel, part, mode="full", method="direct")
        for channel, part in zip(image, kernel, strict=True)
    ]
    full, (height, width) = np.sum(channels, axis=0), kernel.shape[1:]
    starts = []
    for size, window, stride in zip(image.shape[1:], (height, width), strides, strict=True):
        # A full correlation starts window - 1 cells before the image, "same" padding a share of it.
        out = -(-size // stride)
        before = max((out - 1) * stride + window - size, 0) // 2 if padding == "same" else 0
        count = out if padding == "same" else (size - window) // stride + 1
        starts.append((window - 1 - before, stride, count))
    (i, si, ni), (j, sj, nj) = starts
    return full[i::si, j::sj][:ni, :nj]


@st.composite
def convolutions(draw):
    """Images, kernels, strides and padding that fit together."""
    size = st.integers(1, 7)
    height, width = draw(size), draw(size)
    window = (draw(st.integers(1, height)), draw(st.integers(1, width)))
    strides = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    channels, filters = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 9)))
    images = rng.normal(size=(2, channels, height, width))
    kernels = rng.normal(size=(filters, channels, *window))
    return images, kernels, strides, draw(st.sampled_from(["same", "valid"]))


@given(convolutions())
@settings(max_examples=15)
def test_a_convolution_is_scipys_correlation(case):
    """Any size, stride and padding; one cell off anywhere would show. In double precision."""
    images, kernels, strides, padding = case
    layer = nn.Conv2D(
        len(kernels), kernels.shape[2:], strides=strides, padding=padding, use_bias=False
    )
    expected = [[correlated(x, kernel, strides, padding) for kernel in kernels] for x in images]
    np.testing.assert_allclose(apply(layer, images, [kernels]), expected, rtol=0, atol=1e-13)


def test_kernels_are_not_flipped():
    """A cross-correlation: SciPy's `convolve`, which flips, agrees only with the flipped kernel."""
    rng = np.random.default_rng(0)
    images, kernel = rng.normal(size=(1, 1, 6, 6)), rng.normal(size=(3, 3))
    layer = nn.Conv2D(1, 3, padding="same", use_bias=False)
    found = apply(layer, images, [kernel[None, None]])[0, 0]
    flipped = ndimage.convolve(images[0, 0], kernel[::-1, ::-1], mode="constant")
    np.testing.assert_allclose(found, flipped, atol=1e-14)
    assert not np.allclose(found, ndimage.convolve(images[0, 0], kernel, mode="constant"))


def test_a_bias_is_one_number_per_filter():
    """Added to every cell of its own map."""
    layer = nn.Conv2D(2, 1, activation="relu")
    found = apply(layer, np.zeros((1, 1, 2, 3)), [np.ones((2, 1, 1, 1)), [1.0, -1.0]])
    np.testing.assert_array_equal(found[0], [np.ones((2, 3)), np.zeros((2, 3))])


def pooled(images, size, strides, padding, reduce):
    """Pooling by loops over places: what lies in the window and in the image."""
    axes = []
    for length, window, stride in zip(images.shape[2:], size, strides, strict=True):
        out = -(-length // stride) if padding == "same" else (length - window) // stride + 1
        lost = max((out - 1) * stride + window - length, 0) // 2 if padding == "same" else 0
        firsts = [i * stride - lost for i in range(out)]
        axes.append([slice(max(first, 0), first + window) for first in firsts])
    return np.array([[reduce(images[:, :, r, c], axis=(2, 3)) for c in axes[1]] for r in axes[0]])


@pytest.mark.parametrize("kind, reduce", [(nn.MaxPool2D, np.max), (nn.AveragePool2D, np.mean)])
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("size, strides", [((2, 2), None), ((2, 3), None), ((3, 2), (1, 2))])
def test_pooling_is_what_the_loops_say(kind, reduce, padding, size, strides):
    """Odd sizes, unequal windows and overlaps; padding counts neither as largest nor in a mean."""
    images = np.random.default_rng(1).normal(size=(2, 3, 7, 5)) - 5
    found = apply(kind(size, strides=strides, padding=padding), images)
    expected = pooled(images, size, strides or size, padding, reduce).transpose(2, 3, 0, 1)
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_ragged_tiles_are_dropped_or_kept():
    """Keras drops them by default; with "same" padding they are smaller, as in the chapter."""
    images = np.arange(25.0).reshape(1, 1, 5, 5)
    np.testing.assert_array_equal(apply(nn.MaxPool2D(2), images)[0, 0], [[6, 8], [16, 18]])
    kept = apply(nn.MaxPool2D(2, padding="same"), images)[0, 0]
    np.testing.assert_array_equal(kept, [[6, 8, 9], [16, 18, 19], [21, 23, 24]])


def test_of_several_largest_only_the_first_has_a_slope():
    """A slope given to each of four equals would be four times too large."""
    inputs = nn.Input((1, 2, 2))
    maps = nn.Conv2D(1, 1, use_bias=False)(inputs)
    model = nn.Model(inputs, nn.Flatten()(nn.MaxPool2D(2)(maps)))
    model.set_weights([[[[[1.0]]]]])
    (slope,) = model.gradient(np.ones((1, 1, 2, 2)), [0.0], loss="mse")["conv2d"]
    assert slope.item() == 2.0


def test_flatten_goes_channel_by_channel():
    """The order in which NumPy ravels, on which kernels of the next layer depend."""
    images = np.arange(24.0).reshape(2, 3, 2, 2)
    np.testing.assert_array_equal(apply(nn.Flatten(), images), images.reshape(2, 12))


@pytest.mark.parametrize("name", nn.ACTIVATIONS)
def test_activations_are_their_definitions(name):
    """Including far out, where a naive sigmoid or softmax overflows."""
    z = np.array([[0.0, 1.0, -1.0], [1000.0, -1000.0, 0.0], [-3.5, 20.0, 1e-9]])
    exponentials = np.exp(z - z.max(axis=1, keepdims=True))
    with np.errstate(over="ignore"):
        expected = {
            "linear": z,
            "sigmoid": 1 / (1 + np.exp(-z)),
            "softsign": z / (1 + np.abs(z)),
            "tanh": np.tanh(z),
            "relu": np.maximum(z, 0),
            "softmax": exponentials / exponentials.sum(axis=1, keepdims=True),
        }[name]
    np.testing.assert_allclose(apply(nn.Activation(name), z), expected, rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize("scale", [1, 1000])
def test_a_softmax_far_out_is_still_a_probability(scale):
    """At scores of a thousand exp overflows; differences of scores do not."""
    p = apply(nn.Activation("softmax"), scale * np.array([[1.0, -1.0], [1.0, 1.0]]))
    assert p.sum(axis=1) == pytest.approx([1, 1])
    assert p[1] == pytest.approx([0.5, 0.5])


IMAGE, FLAT = nn.Input((1, 6, 6)), nn.Input((4,))


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: nn.Dense(2)(IMAGE), r"Dense\(units=2\): expected samples of shape \(n,\), got the "
         r"shape \(1, 6, 6\); put a Flatten"),
        (lambda: nn.Dense(2, name="last")(IMAGE), r"last, Dense\(units=2\): expected"),
        (lambda: nn.Conv2D(2, 3)(FLAT), r"expected images of shape \(channels, height, width\), "
         r"got the shape \(4,\)"),
        (lambda: nn.Conv2D(2, (3, 7))(IMAGE), r"expected images of at least 3 x 7, got the shape"),
        (lambda: nn.MaxPool2D(7)(IMAGE), r"MaxPool2D.*at least 7 x 7"),
        (lambda: nn.AveragePool2D(2)(FLAT), r"AveragePool2D.*expected images of shape"),
        (lambda: nn.Activation("softmax")(IMAGE), r"softmax.*got the shape \(1, 6, 6\)"),
        (lambda: nn.Dense(1, "softmax")(FLAT), r"at least two numbers \(n,\) for a softmax"),
        (lambda: nn.Dense(0), r"Dense: units: expected at least 1, got 0"),
        (lambda: nn.Conv2D(1, (3, 3, 3)), r"kernel_size: expected a height and a width"),
        (lambda: nn.Conv2D(1, 3, padding="full"), r"unknown padding 'full'"),
        (lambda: nn.Dense(1, "sigmiod"), r"unknown activation 'sigmiod'; did you mean 'sigmoid'"),
        (lambda: nn.Input(()), r"Input: expected the shape of one sample"),
        (lambda: nn.Input((0,)), r"Input: shape: expected at least 1, got 0"),
    ],
)  # fmt: skip
def test_a_wrong_shape_is_refused_when_the_layer_is_called(call, message):
    """Where the mistake is made, and not when something is compiled; layer, expected, given."""
    with pytest.raises(ValueError, match=message):
        call()


def test_a_layer_takes_tensors_only():
    """An array given to a layer is a common slip: the model predicts, not the layer."""
    with pytest.raises(TypeError, match=r"expected a tensor.*got ndarray"):
        nn.Dense(1)(np.zeros((1, 4)))


def test_initial_weights_are_glorot_uniform():
    """The chapter's limits, filled but never passed; biases are zero; the seed decides."""
    assert nn.glorot_limit((2, 1, 3, 3)) == pytest.approx(0.4714, abs=5e-5)
    assert nn.glorot_limit((18, 2)) == pytest.approx(0.5477, abs=5e-5)
    inputs = nn.Input((40,))
    outputs = nn.Dense(60)(inputs)
    kernel, bias = nn.Model(inputs, outputs, seed=4).get_weights()["dense"]
    limit = nn.glorot_limit((40, 60))
    assert 0.99 * limit < np.abs(kernel).max() <= limit
    assert kernel.var() == pytest.approx(limit**2 / 3, rel=0.05)
    assert not bias.any()
    again = nn.Model(inputs, outputs, seed=4).get_weights()["dense"][0]
    np.testing.assert_array_equal(kernel, again)
    assert (nn.Model(inputs, outputs, seed=5).get_weights()["dense"][0] != kernel).any()


def test_keras_keeps_the_same_kernel_in_another_order():
    """Element by element: ours [f, c, i, j] is Keras's [i, j, c, f]; dense kernels are the same."""
    kernel = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    keras = nn.to_keras(kernel)
    assert all(kernel[f, c, i, j] == keras[i, j, c, f] for f, c, i, j in np.ndindex(kernel.shape))
    np.testing.assert_array_equal(nn.from_keras(keras), kernel)
    np.testing.assert_array_equal(nn.to_keras(kernel[0, 0]), kernel[0, 0])
