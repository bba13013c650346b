"""Losses and accuracy held against their definitions, and the targets they refuse."""

import numpy as np
import pytest

from symlab import nn

SCORES = np.array([[0.5, -2.0, 1.0], [3.0, 0.0, -1.0], [-0.25, 0.75, 0.125]])


def loss_of(scores, targets, loss, activation="linear"):
    """Loss and accuracy of scores under an activation; the model does nothing else."""
    scores = np.asarray(scores, dtype=float)
    inputs = nn.Input(scores.shape[1:])
    model = nn.Model(inputs, nn.Activation(activation)(inputs))
    return model.evaluate(scores, targets, loss=loss)


def test_hinge_is_the_mean_of_one_minus_the_margin():
    """Labels -1 and 1; margins of one and more cost nothing."""
    y = np.sign(SCORES + 0.1)
    y[0, 0] = -1
    found = loss_of(SCORES, y, "hinge")
    assert found["loss"] == pytest.approx(np.maximum(1 - y * SCORES, 0).mean(), rel=1e-14)
    assert found["accuracy"] == pytest.approx(np.mean((SCORES > 0) == (y > 0)))


def test_squared_error_is_a_mean_over_outputs_too():
    """As in Keras: not the sum over outputs, and without a half."""
    found = loss_of(SCORES, SCORES + 2, "mse")
    assert found["loss"] == pytest.approx(4, rel=1e-14)
    assert loss_of(SCORES, SCORES + 2, nn.squared_error) == found


def test_binary_crossentropy_is_its_definition():
    """From the scores, because the last activation is a sigmoid."""
    p, y = 1 / (1 + np.exp(-SCORES)), (SCORES > 0.6).astype(float)
    expected = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
    found = loss_of(SCORES, y, "binary_crossentropy", "sigmoid")
    assert found["loss"] == pytest.approx(expected, rel=1e-14)
    assert found["accuracy"] == pytest.approx(np.mean((p > 0.5) == y))


def test_categorical_crossentropy_is_its_definition():
    """Targets may be shares as well as ones and zeros."""
    p = np.exp(SCORES) / np.exp(SCORES).sum(axis=1, keepdims=True)
    y = np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    found = loss_of(SCORES, y, "categorical_crossentropy", "softmax")
    assert found["loss"] == pytest.approx(-(y * np.log(p)).sum(axis=1).mean(), rel=1e-14)
    assert found["accuracy"] == 1


def test_cross_entropies_stay_exact_far_out():
    """A wrong score of 1000 costs 1000, where the logarithm of its probability would be of 0."""
    binary = loss_of([[1000.0], [-1000.0]], [0, 1], "binary_crossentropy", "sigmoid")
    assert binary["loss"] == 1000
    wrong = nn.one_hot([1, 0], 2)
    far = [[1000.0, -1000.0], [-1000.0, 1000.0]]
    assert loss_of(far, wrong, "categorical_crossentropy", "softmax")["loss"] == 2000
    right = loss_of([[40.0]], [1], "binary_crossentropy", "sigmoid")["loss"]
    assert right == pytest.approx(np.log1p(np.exp(-40)), rel=1e-12)


def test_clipped_as_in_keras_the_cost_has_a_ceiling():
    """Keras 2 keeps probabilities in [1e-7, 1 - 1e-7], so nothing costs more than log 1e7."""
    clipped = nn.binary_crossentropy(clip=1e-7)
    found = loss_of([[1000.0], [-1000.0]], [0, 1], clipped, "sigmoid")
    assert found["loss"] == pytest.approx(-np.log(1e-7), rel=1e-9)
    near = loss_of(SCORES, SCORES > 0, clipped, "sigmoid")["loss"]
    exact = loss_of(SCORES, SCORES > 0, "binary_crossentropy", "sigmoid")["loss"]
    assert near == pytest.approx(exact, rel=1e-14)
    categorical = nn.categorical_crossentropy(clip=1e-7)
    far = loss_of([[1000.0, -1000.0]], [[0, 1]], categorical, "softmax")["loss"]
    assert far == pytest.approx(-np.log(1e-7), rel=1e-9)


def test_probabilities_from_elsewhere_are_clipped():
    """Without a sigmoid at the end there are no scores; 0 and 1 must still cost a finite number."""
    found = loss_of([[0.0], [1.0], [0.25]], [1, 0, 1], "binary_crossentropy")
    assert found["loss"] == pytest.approx((2 * -np.log(1e-7) - np.log(0.25)) / 3, rel=1e-9)


@pytest.mark.parametrize(
    "loss, targets, message",
    [
        ("hinge", [0, 1, 1], r"y: hinge expects -1 or 1, got 0"),
        ("binary_crossentropy", [-1, 1, 1], r"expects 0, 1 or between, got -1"),
        ("mse", [1.0, 2.0], r"y: expected 3 targets, one per sample, got 2"),
        ("mse", [1.0, np.nan, 0.0], r"y: expected finite numbers, got nan in row 1"),
        ("mse", np.zeros((3, 2)), r"y: expected the shape \(n, 1\), got \(3, 2\)"),
        ("mse", [], r"y: expected at least one sample, got none"),
        ("hinje", [1, 1, 1], r"loss: unknown name 'hinje'; did you mean 'hinge'"),
    ],
)
def test_targets_that_the_loss_cannot_mean_are_refused(loss, targets, message):
    """Labels 0 and 1 under a hinge would train, and train wrongly."""
    with pytest.raises(ValueError, match=message):
        loss_of(SCORES[:, :1], targets, loss)


@pytest.mark.parametrize(
    "targets, message",
    [
        ([0, 1, 2], r"expects one row per sample, shape \(n, 3\).*nn.one_hot\(y, 3\)"),
        (np.ones((3, 3)), r"sum 1, but row 0 has 3"),
        (np.eye(3) * 2 - 0.5, r"expects rows of probabilities, got"),
    ],
)
def test_classes_must_be_rows_of_probabilities(targets, message):
    """The usual slip is to pass the labels themselves; the message says how to make rows."""
    with pytest.raises(ValueError, match=message):
        loss_of(SCORES, targets, "categorical_crossentropy", "softmax")


def test_one_hot_puts_a_one_in_the_column_of_the_class():
    """And asks for labels that are classes."""
    np.testing.assert_array_equal(nn.one_hot([2, 0], 4), [[0, 0, 1, 0], [1, 0, 0, 0]])
    with pytest.raises(ValueError, match=r"numbers from 0 to 1, got 0 to 2"):
        nn.one_hot([0, 2], classes=2)
    with pytest.raises(ValueError, match="whole numbers"):
        nn.one_hot([0.5, 1])


def test_only_probabilities_can_be_clipped():
    """A hinge has none; and half is no margin."""
    with pytest.raises(TypeError, match="hinge has no probabilities"):
        nn.hinge(clip=0.1)
    with pytest.raises(ValueError, match=r"clip must lie in \(0, 1/2\), got 0.5"):
        nn.binary_crossentropy(clip=0.5)
