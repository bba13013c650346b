"""Weights and names of a model: its summary, weights set by name, and files."""

import pickle
import re

import numpy as np
import pytest
from nn_models import fitted, network, weights

from symlab import nn


def test_the_summary_counts_the_chapters_25_parameters():
    """Section 3: 12, 10 and 3; the table says so, and so do the numbers."""
    inputs = nn.Input((2,))
    hidden = nn.Dense(2, "sigmoid")(nn.Dense(4, "sigmoid")(inputs))
    summary = nn.Model(inputs, nn.Dense(1, "sigmoid")(hidden)).summary()
    assert [(row.name, row.shape, row.parameters) for row in summary.rows] == [
        ("dense", (4,), 12),
        ("dense_1", (2,), 10),
        ("dense_2", (1,), 3),
    ]
    assert (summary.total, summary.trainable, summary.non_trainable) == (25, 25, 0)
    assert "dense_1 (Dense)  (n, 2)                10" in str(summary)


def test_frozen_parameters_are_counted_apart():
    """Section 22: 18 in the kernels, 38 behind them."""
    inputs = nn.Input((1, 6, 6))
    maps = nn.Conv2D(2, 3, padding="same", use_bias=False, trainable=False)(inputs)
    summary = nn.Model(inputs, nn.Dense(2)(nn.Flatten()(nn.MaxPool2D(2)(maps)))).summary()
    assert (summary.total, summary.trainable, summary.non_trainable) == (56, 38, 18)
    assert [row.name for row in summary.rows] == ["conv2d", "max_pool2d", "flatten", "dense"]


def test_weights_are_set_by_name_or_in_keras_order():
    """Kernel, then bias; what is returned is a copy."""
    model, _ = network()
    model.get_weights()["hidden"][0][:] = 7
    assert (model.get_weights()["hidden"][0] != 7).all()
    given = [np.ones((2, 3)), np.zeros(3), 2 * np.ones((3, 1)), np.ones(1)]
    model.set_weights(given)
    assert model.predict([[0.0, 0.0]]).item() == pytest.approx(1 / (1 + np.exp(-1)))
    model.set_weights({"dense": [np.zeros((3, 1)), [0.0]]})
    assert model.predict([[1.0, 2.0]]).item() == 0.5
    np.testing.assert_array_equal(model.get_weights()["hidden"][0], given[0])


@pytest.mark.parametrize(
    "values, message",
    [
        ({"hiden": []}, "no layer 'hiden' has any; did you mean 'hidden'"),
        ({"hidden": [np.ones((2, 3))]}, "hidden: expected 2 arrays, got 1"),
        ({"hidden": [np.ones((3, 2)), np.ones(3)]}, r"expected the shape \(2, 3\), got \(3, 2\)"),
        ({"hidden": [np.full((2, 3), np.nan), np.ones(3)]}, "hidden: expected finite numbers"),
        ([np.ones((2, 3))], "expected 4 arrays, got 1"),
    ],
)
def test_weights_that_do_not_fit_are_refused_and_nothing_changes(values, message):
    """All are checked before any is set."""
    model, _ = network()
    before = weights(model)
    with pytest.raises(ValueError, match=message):
        model.set_weights(values)
    np.testing.assert_array_equal(weights(model), before)


def test_a_saved_model_comes_back(tmp_path):
    """Layers, names and weights, bit by bit, from a file that holds no pickle."""
    inputs = nn.Input((2, 5, 5))
    maps = nn.Conv2D(3, (2, 3), strides=(1, 2), padding="same", activation="relu")(inputs)
    pooled = nn.MaxPool2D((2, 1), name="pool")(nn.Activation("tanh")(maps))
    same = nn.Dense(4, "relu", trainable=False)
    outputs = nn.Dense(2, "softmax", use_bias=False)(same(nn.Dense(4)(nn.Flatten()(pooled))))
    model = nn.Model(inputs, outputs, seed=9)
    path = model.save(tmp_path / "model")
    assert path.name == "model.npz"
    again = nn.load(path)
    assert again.network == model.network
    assert again.names == model.names
    x = np.random.default_rng(0).normal(size=(3, 2, 5, 5))
    np.testing.assert_array_equal(again.predict(x), model.predict(x))
    with np.load(path, allow_pickle=False) as archive:
        assert all(archive[name].dtype != object for name in archive.files)
    twin = nn.Model(inputs, outputs, seed=1)
    twin.load(path)
    np.testing.assert_array_equal(weights(twin), weights(model))


def test_a_file_of_something_else_is_refused(tmp_path):
    """Another archive, another text, another network."""
    np.savez(tmp_path / "other.npz", a=np.ones(2))
    (tmp_path / "text.npz").write_text("no archive")
    for name in ("other.npz", "text.npz"):
        with pytest.raises(ValueError, match="no model that was saved by symlab"):
            nn.load(tmp_path / name)
    inputs = nn.Input((2,))
    path = nn.Model(inputs, nn.Dense(1)(inputs)).save(tmp_path / "small")
    with pytest.raises(ValueError, match="saved by a model with other layers"):
        network()[0].load(path)


def test_models_that_cannot_be_are_refused():
    """Two layers of one name, nothing that may move, a tensor from elsewhere."""
    inputs = nn.Input((2,))
    named = nn.Dense(2, name="one")(inputs)
    with pytest.raises(ValueError, match="two layers have the name 'one'"):
        nn.Model(inputs, nn.Dense(2, name="one")(named))
    with pytest.raises(ValueError, match="no layer has trainable weights"):
        fitted(nn.Model(inputs, nn.Dense(1, "sigmoid", trainable=False)(inputs)))
    with pytest.raises(ValueError, match="does not come from the inputs"):
        nn.Model(nn.Input((2,)), named)
    with pytest.raises(TypeError, match="outputs: expected a tensor"):
        nn.Model(inputs, nn.Dense(2))


def test_a_pickle_from_when_all_layers_were_one_file_is_read():
    """It names the classes as attributes of `symlab.nn.layers`, and they still are."""
    inputs = nn.Input((1, 4, 4))
    maps = nn.AveragePool2D(2)(nn.Conv2D(1, 2, padding="same")(inputs))
    model = nn.Model(inputs, nn.Dense(2)(nn.Flatten()(nn.Activation("relu")(maps))), seed=5)
    text = pickle.dumps(model, protocol=0)
    older = re.sub(rb"csymlab\.nn\.layers\.\w+\n", b"csymlab.nn.layers\n", text)
    assert older != text
    assert pickle.loads(older).network == model.network
