"""The convolution against SciPy, one cell and one channel at a time."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from nn_models import apply
from scipy import ndimage, signal

from symlab import nn


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
