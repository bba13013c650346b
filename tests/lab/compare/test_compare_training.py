"""Fits compared with exact arithmetic: right ones agree, and a wrong digit is seen."""

import numpy as np
import pytest

import symlab as sl
from symlab import nn
from symlab.book.networks import convolutional, multilayer_perceptron, one_neuron
from symlab.lab.compare.compare_training import compare_training
from symlab.nn.training.epochs import Trainer
from symlab.nn.training.steps import Iterate

POINTS, LABELS = sl.data.half_plane(12, seed=2)
HOW = {"loss": "binary_crossentropy", "batch_size": 5, "epochs": 2, "backends": ["interpreted"]}


def model():
    """Two units, then one."""
    inputs = nn.Input(2)
    return nn.Model(inputs, nn.Dense(1, "sigmoid")(nn.Dense(2, "sigmoid")(inputs)), seed=4)


def test_a_comparison_of_a_fit_reads_like_any_other():
    """One row per backend, the exact run the first; nothing the models hold has moved."""
    network = model()
    before = network.get_weights()
    found = compare_training(network, POINTS, LABELS, method=sl.adam, **HOW)
    assert found.agrees
    assert found.frame["backend"].tolist() == ["sympy", "interpreted"]
    assert found.frame["break_even"].iloc[1] > 0
    assert "gradient of 9 weights" in found.derivatives.verdict
    assert str(found).endswith("They agree.")
    assert np.array_equal(before["dense"][0], network.get_weights()["dense"][0])


@pytest.mark.parametrize("where", ["loss", "weights"])
def test_a_step_wrong_in_the_tenth_digit_does_not_agree(monkeypatch, where):
    """A compiled step that is off by 1e-10 is far outside what rounding explains."""
    right = Trainer._take

    def wrong(self, *arguments):
        records, end = right(self, *arguments)
        if where == "loss":
            return records * (1 + 1e-10), end
        return records, Iterate(end.step, end.parameters * (1 + 1e-10), end.state)

    monkeypatch.setattr(Trainer, "_take", wrong)
    found = compare_training(model(), POINTS, LABELS, method=sl.gradient_descent, **HOW)
    assert not found.agrees
    assert found.derivatives.passed


def test_a_wrong_gradient_is_seen_as_a_wrong_derivative(monkeypatch):
    """The trial at the start asks PyTensor's gradient apart from the steps."""
    from symlab.nn import forward

    right = forward.gradient

    def wrong(*arguments, **options):
        return 1.001 * right(*arguments)

    monkeypatch.setattr(forward, "gradient", wrong)
    found = compare_training(model(), POINTS, LABELS, method=sl.gradient_descent, **HOW)
    assert not found.derivatives.passed
    assert not found.agrees


def test_the_chapters_networks_have_the_chapters_sizes():
    """3, 25, and 56 weights of which 38 or all learn."""
    sizes = [fit.model.summary() for fit in (one_neuron(), multilayer_perceptron())]
    assert [sum(row.parameters for row in each.rows) for each in sizes] == [3, 25]
    for trainable, moving in ((False, 38), (True, 56)):
        network = convolutional(trainable=trainable).model.network
        assert network.size(trainable=True) == moving
