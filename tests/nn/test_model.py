"""What a model shows of itself: hidden layers as functions, and layers used twice."""

import numpy as np
import pytest
from nn_models import QUICK, data, fitted, network

import symlab as sl
from symlab import nn


def test_function_shows_a_hidden_layer_as_it_is_now():
    """The map is asked with the weights that the model has at that moment."""
    model, hidden = network()
    show, (x, _) = model.function(hidden), data()
    before = show(x)
    fitted(model)
    kernel, bias = model.get_weights()["hidden"]
    np.testing.assert_allclose(show(x), np.tanh(x @ kernel + bias), rtol=1e-13)
    assert (show(x) != before).any()


def test_function_draws_weights_for_layers_beside_the_model():
    """Section 5 as printed: the output is wired past the layer shown, which never learns."""
    model, hidden = network()
    beside = nn.Dense(2, "sigmoid")(hidden)
    show, (x, _) = model.function(beside), data()
    first = show(x)
    assert first.shape == (10, 2)
    np.testing.assert_array_equal(model.function(beside)(x), first)
    with pytest.raises(ValueError, match="does not come from the inputs"):
        model.function(nn.Dense(2)(nn.Input((2,))))


def test_a_layer_used_twice_has_one_set_of_weights():
    """And its slope is the sum of both uses; a layer is shared by being the same object."""
    inputs, twice = nn.Input((1,)), nn.Dense(1, use_bias=False)
    model = nn.Model(inputs, twice(twice(inputs)))
    model.set_weights([[[3.0]]])
    assert model.predict([2.0]).item() == 18
    assert model.gradient([2.0], [0.0], loss="mse")["dense"][0].item() == 2 * 18 * 2 * 3 * 2
    assert model.summary().total == 1
    model.fit([2.0], [0.0], loss="mse", method=sl.gradient_descent(step_size=0.001), **QUICK)
    assert model.get_weights()["dense"][0].item() == pytest.approx(3 - 0.432)
