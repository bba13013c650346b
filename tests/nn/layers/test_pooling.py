"""Pooling against loops over windows, and where its gradient goes."""

import numpy as np
import pytest
from nn_models import apply

from symlab import nn


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
