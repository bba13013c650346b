"""Networks as ONNX files: what onnxruntime makes of them is what the model predicts."""

import sys

import numpy as np
import onnx
import onnxruntime
import pytest

from symlab import nn
from symlab.book.networks import GIVEN, convolutional, multilayer_perceptron, one_neuron
from symlab.nn.activations import ACTIVATIONS
from symlab.nn.layers import LAYERS

IMAGES = (2, 7, 6)
"""Channels, height and width of the images below."""


def outputs(model, path, samples):
    """What onnxruntime makes of samples."""
    session = onnxruntime.InferenceSession(model.to_onnx(path))
    (found,) = session.run(["output"], {"input": samples})
    return found


def apart(model, path, samples):
    """The largest difference between onnxruntime's outputs and the model's."""
    found, wanted = outputs(model, path, samples), model.predict(samples)
    assert found.dtype == np.float64
    assert found.shape == wanted.shape
    return float(np.abs(found - wanted).max(initial=0.0))


def drawn(shape, samples=3):
    """Random samples."""
    return np.random.default_rng(0).normal(size=(samples, *shape))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_after_every_layer_that_has_one(activation, tmp_path):
    """As an option of a dense layer, of a convolution, and as a layer of its own."""
    inputs = nn.Input(5)
    model = nn.Model(inputs, nn.Activation(activation)(nn.Dense(3, activation)(inputs)))
    assert apart(model, tmp_path / "dense.onnx", 40 * drawn((5,))) < 1e-12
    images = nn.Input(IMAGES)
    if activation != "softmax":  # which is of one row of numbers
        model = nn.Model(images, nn.Conv2D(3, 2, activation=activation)(images))
        assert apart(model, tmp_path / "images.onnx", drawn(IMAGES)) < 1e-12


WINDOWED = {
    "Conv2D": lambda size, **options: nn.Conv2D(3, size, **options),
    "MaxPool2D": nn.MaxPool2D,
    "AveragePool2D": nn.AveragePool2D,
}


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, (2, 3)])
@pytest.mark.parametrize("size", [1, (2, 3), 5])
@pytest.mark.parametrize("kind", WINDOWED)
def test_every_window_stride_and_padding(kind, size, strides, padding, tmp_path):
    """Windows that lie across the border, and cells at the end that none sees."""
    images = nn.Input(IMAGES)
    model = nn.Model(images, WINDOWED[kind](size, strides=strides, padding=padding)(images))
    assert apart(model, tmp_path / "model.onnx", drawn(IMAGES)) < 1e-12


def test_layers_without_bias_and_a_layer_used_twice(tmp_path):
    """The second use has the weights of the first."""
    inputs, square = nn.Input(3), nn.Dense(3, "tanh", use_bias=False)
    model = nn.Model(inputs, square(square(inputs)))
    assert apart(model, tmp_path / "model.onnx", drawn((3,))) < 1e-12
    assert len(onnx.load(tmp_path / "model.onnx").graph.initializer) == 1
    images = nn.Input(IMAGES)
    model = nn.Model(images, nn.Flatten()(nn.Conv2D(2, 3, use_bias=False)(images)))
    assert apart(model, tmp_path / "images.onnx", drawn(IMAGES)) < 1e-12


LESSONS = {
    "one neuron": one_neuron,
    "two moons": multilayer_perceptron,
    "slashes": lambda: convolutional(trainable=True),
    "slashes, given kernels": lambda: convolutional(trainable=False, kernels=GIVEN),
}


@pytest.mark.parametrize("name", LESSONS)
def test_the_trained_networks_of_the_lessons(name, tmp_path):
    """Neuron, perceptron, and the convolutional network that tells slashes apart."""
    given = LESSONS[name]()
    given.model.fit(given.x, given.y, epochs=2, backend="interpreted", **given.options)
    assert apart(given.model, tmp_path / "model.onnx", given.x) < 1e-12


def test_the_file_has_names_a_free_number_of_samples_and_passes_the_checker(tmp_path):
    """What a reader sees in a viewer of such files."""
    inputs = nn.Input(2)
    model = nn.Model(inputs, nn.Dense(1, "sigmoid", name="probability")(nn.Dense(4)(inputs)))
    path = model.to_onnx(tmp_path / "model.onnx")
    read = onnx.load(path)
    onnx.checker.check_model(read, full_check=True)
    assert [node.name for node in read.graph.node] == [
        "dense/product", "dense/scores", "probability/product", "probability/scores",
        "probability/sigmoid", "output",
    ]  # fmt: skip
    assert {constant.name for constant in read.graph.initializer} == {
        "dense/kernel", "dense/bias", "probability/kernel", "probability/bias",
    }  # fmt: skip
    (entry,) = read.graph.input
    assert [axis.dim_param or axis.dim_value for axis in entry.type.tensor_type.shape.dim] == [
        "samples",
        2,
    ]
    for samples in (0, 1, 100):
        assert len(outputs(model, path, drawn((2,), samples))) == samples


@pytest.mark.parametrize("hidden", [1, 2])
def test_the_networks_of_lesson_05(hidden, tmp_path):
    """The functional model as printed, and as corrected; its hidden layers are called by name."""
    inputs = nn.Input((2,))
    layers = [nn.Dense(3, "sigmoid", name="l1"), nn.Dense(2, "sigmoid", name="l2")][:hidden]
    outputs_of = inputs
    for layer in layers:
        outputs_of = layer(outputs_of)
    model = nn.Model(inputs, nn.Dense(1, "sigmoid", name="output")(outputs_of), seed=10)
    assert apart(model, tmp_path / "model.onnx", drawn((2,))) < 1e-12


def test_every_layer_is_among_those_that_can_be_written():
    """A new one fails here."""
    from symlab.nn.onnx_graph import WRITERS

    assert set(WRITERS) == set(LAYERS.values())


def test_without_onnx_the_error_says_what_to_install(tmp_path, monkeypatch):
    """And no file is begun."""
    monkeypatch.setitem(sys.modules, "onnx", None)
    inputs = nn.Input(1)
    with pytest.raises(ImportError, match=r"pip install 'symlab\[onnx\]'"):
        nn.Model(inputs, nn.Dense(1)(inputs)).to_onnx(tmp_path / "model.onnx")
    assert list(tmp_path.iterdir()) == []
