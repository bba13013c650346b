"""Layers without weights: the order of a flattened image, and each activation."""

import numpy as np
import pytest
from nn_models import apply

from symlab import nn


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
