"""Samples in lanes: the loop in C takes the steps of the graph that the interpreter runs.

Two networks, written out and in loops, so that four pieces of C are compiled here and no more.
"""

import numpy as np
import pytest

import symlab as sl
from symlab import nn
from symlab.nn.fit_trace import describe_fit
from symlab.nn.training import lanes, loop, steps


def perceptron(seed=3):
    """Two classes: a layer that is used twice, one that is frozen, a softmax; 21 points."""
    x, y = sl.data.half_plane(21, seed=1)
    inputs, twice = nn.Input(2), nn.Dense(2, "tanh")
    held = nn.Dense(3, "softsign", trainable=False)(twice(twice(inputs)))
    return nn.Model(inputs, nn.Dense(2, "softmax")(held), seed=seed), (x, nn.one_hot(y, 2))


def convolutional(seed=5):
    """Two convolutions, windows that overlap or reach beyond the image; 11 images."""
    rng = np.random.default_rng(2)
    inputs = nn.Input((2, 5, 5))
    maps = nn.Conv2D(2, (3, 2), padding="same", activation="relu")(inputs)
    maps = nn.MaxPool2D(3, strides=2, padding="same")(maps)
    maps = nn.Conv2D(2, 2, strides=(1, 2))(nn.AveragePool2D(2, strides=1, padding="same")(maps))
    outputs = nn.Dense(1, "sigmoid")(nn.Flatten()(maps))
    model = nn.Model(inputs, outputs, seed=seed)
    return model, (rng.normal(size=(11, 2, 5, 5)), rng.integers(0, 2, size=11).astype(float))


MODELS = {
    "perceptron": (perceptron, "categorical_crossentropy", sl.adam(step_size=0.05)),
    "convolutional": (convolutional, "binary_crossentropy", sl.nesterov(step_size=0.05)),
}
FORMS = {"written out": 10_000, "in loops": 0}


def fitted(name, backend, epochs=34):
    """The history of a fit with a ragged last batch, and all weights."""
    make, loss, method = MODELS[name]
    model, data = make()
    how = {"batch_size": 8 if name == "perceptron" else 4, "metrics": ["accuracy"], "seed": 3}
    history = model.fit(*data, loss=loss, method=method, epochs=epochs, backend=backend, **how)
    return history, flat(model)


def form(name, backend):
    """The form in which a model's steps are compiled."""
    make, loss, _ = MODELS[name]
    model, data = make()
    fit = describe_fit(model, *data, loss=loss, batch_size=4, backend=backend)
    return type(fit.prepared.trainer.steps)


def flat(model):
    """All weights in a row."""
    return np.concatenate([w.ravel() for each in model.get_weights().values() for w in each])


@pytest.mark.parametrize("most", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("name", MODELS)
def test_a_hundred_steps_are_those_of_the_interpreter(name, most, monkeypatch):
    """Loss, accuracy and weights, to rounding: every layer, shared and frozen weights."""
    monkeypatch.setattr(lanes, "MOST_OPERATIONS", most)
    assert form(name, "c") is steps.LaneSteps
    history, weights = fitted(name, "c")
    expected, expected_weights = fitted(name, "interpreted")
    np.testing.assert_allclose(history.loss, expected.loss, rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(history["accuracy"], expected["accuracy"])
    np.testing.assert_allclose(weights, expected_weights, rtol=1e-12, atol=1e-14)


def test_how_many_steps_a_call_takes_changes_no_bit(monkeypatch):
    """Calls of one epoch or of many, or one call for each step."""
    runs = []
    for chunk in (0.0, 60.0):
        monkeypatch.setattr(loop, "CHUNK_SECONDS", chunk)
        runs.append(fitted("perceptron", "c"))
    np.testing.assert_array_equal(runs[0][0].loss, runs[1][0].loss)
    np.testing.assert_array_equal(runs[0][1], runs[1][1])
    (model, data), (_, loss, method) = perceptron(), MODELS["perceptron"]
    run = nn.trace(
        model, *data, loss=loss, method=method, epochs=34, batch_size=8, seed=3, backend="c"
    )
    held = slice(6, 15)
    np.testing.assert_array_equal(run.x, np.delete(runs[0][1], held))


def test_a_fit_goes_on_where_the_last_one_ended():
    """Adam counts steps and remembers slopes from one call of `fit` to the next."""
    make, loss, method = MODELS["perceptron"]
    weights = []
    for calls in (1, 3):
        model, data = make()
        for _ in range(calls):
            options = {"epochs": 6 // calls, "shuffle": False, "metrics": ["accuracy"]}
            options |= {"batch_size": 8, "backend": "c", "keep_state": True}
            model.fit(*data, loss=loss, method=method, **options)
        weights.append(flat(model))
    np.testing.assert_array_equal(*weights)


def test_a_fit_that_diverges_ends_where_the_interpreter_ends():
    """Not a number is not a number in lanes too."""
    x = np.linspace(1, 9, 5)
    found = []
    for backend in ("c", "interpreted"):
        inputs = nn.Input((1,))
        model = nn.Model(inputs, nn.Dense(1)(inputs))
        method = sl.gradient_descent(step_size=10)
        history = model.fit(x, x, loss="mse", method=method, epochs=200, backend=backend)
        assert np.isfinite(flat(model)).all()
        found.append((history.status, len(history)))
    assert found[0] == found[1]
    assert found[0][0] == "diverged"


def test_what_is_too_large_takes_a_call_for_each_step(monkeypatch):
    """The form is chosen by size; other backends have forms of their own."""
    assert form("perceptron", "numba") is steps.FusedSteps
    monkeypatch.setattr(lanes, "MOST_OPERATIONS", 1)
    monkeypatch.setattr(lanes, "MOST_ROWS", 1)
    assert form("perceptron", "c") is steps.SingleSteps
