"""What a layer refuses when it is called, and the message."""

import numpy as np
import pytest

from symlab import nn

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
