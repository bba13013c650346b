"""Initial weights, and the order of axes in Keras."""

import numpy as np
import pytest

from symlab import nn


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
