"""What a fit promises: history, validation, the state of the rule, refusals."""

from inspect import signature

import numpy as np
import pytest
from nn_models import DESCENT, QUICK, data, fitted, network, weights

import symlab as sl
from symlab import nn
from symlab.nn.training.program import compile_program


def test_the_loss_of_an_epoch_is_a_mean_over_samples_while_weights_move():
    """As in Keras: three batches of 4, 4 and 2, each seen before its own step."""
    model, _ = network()
    x, y = data()
    twin, _ = network()
    (order,) = nn.draw_orders(10, 1, seed=5)
    total = 0.0
    for batch in (order[:4], order[4:8], order[8:]):
        total += len(batch) * twin.evaluate(x[batch], y[batch], loss="binary_crossentropy")["loss"]
        twin.fit(x[batch], y[batch], loss="binary_crossentropy", method=DESCENT, **QUICK)
    history = fitted(model, epochs=1, batch_size=4, seed=5)
    assert history.loss == pytest.approx([total / 10], rel=1e-12)
    np.testing.assert_allclose(weights(model), weights(twin), rtol=1e-12)


def test_accuracy_is_recorded_when_asked_for():
    """Of a whole batch it is that of the weights before the step."""
    model, _ = network()
    before = model.evaluate(*data(), loss="binary_crossentropy")
    history = fitted(model, epochs=2, metrics=["accuracy"])
    assert history.accuracy[0] == before["accuracy"]
    assert history.loss[0] == pytest.approx(before["loss"], rel=1e-14)
    assert list(history.frame.columns) == ["epoch", "loss", "accuracy"]
    with pytest.raises(KeyError, match="validation_loss"):
        history.validation_loss  # noqa: B018


def test_samples_held_back_are_the_last_ones_and_are_not_trained_on():
    """Their loss is that of the weights at the end of each epoch."""
    model, twin = network()[0], network()[0]
    x, y = data()
    history = fitted(model, validation_split=0.3, metrics=["accuracy"])
    given = {"loss": "binary_crossentropy", "method": DESCENT, "epochs": 3, **QUICK}
    twin.fit(x[:7], y[:7], **given)
    np.testing.assert_array_equal(weights(model), weights(twin))
    after = twin.evaluate(x[7:], y[7:])
    assert history.validation_loss[-1] == pytest.approx(after["loss"], rel=1e-14)
    assert history.validation_accuracy[-1] == after["accuracy"]
    other = fitted(network()[0], validation_data=(x[7:], y[7:]))
    assert other["validation_loss"].shape == (3,)


def test_a_second_fit_goes_on_and_the_rule_starts_afresh():
    """Plain descent has no state, so two fits are one; the epochs are counted on."""
    model, twin = network()[0], network()[0]
    fitted(model, epochs=2, shuffle=False)
    again = fitted(model, epochs=3, shuffle=False)
    fitted(twin, epochs=5, shuffle=False)
    np.testing.assert_array_equal(weights(model), weights(twin))
    assert again.frame["epoch"].tolist() == [2, 3, 4]


@pytest.mark.parametrize("keep", [True, False])
def test_a_rules_state_is_kept_when_asked_for(keep):
    """Adam's means and step count: with them two fits are one, without them they are not."""
    rule, options = sl.adam(step_size=0.1), {"shuffle": False, "batch_size": 4}
    model, twin = network()[0], network()[0]
    fitted(model, method=rule, epochs=2, **options)
    fitted(model, method=rule, epochs=3, keep_state=keep, **options)
    fitted(twin, method=rule, epochs=5, **options)
    assert np.allclose(weights(model), weights(twin), rtol=1e-12) == keep


def test_a_state_of_another_rule_is_refused():
    """A velocity is no mean of gradients."""
    model, _ = network()
    fitted(model, method=sl.momentum)
    with pytest.raises(ValueError, match="last fit's rule was momentum"):
        fitted(model, method=sl.adam, keep_state=True)


def test_reset_draws_the_first_weights_again():
    """The same seed, so the same fit; frozen weights, which the user set, stay."""
    model, _ = network(seed=3)
    drawn = weights(model)
    first = fitted(model)
    assert (weights(model) != drawn).all()
    again = fitted(model, reset=True)
    np.testing.assert_array_equal(first.loss, again.loss)
    assert model.epochs == 3
    inputs = nn.Input((2,))
    fixed = nn.Dense(2, trainable=False, name="fixed")(inputs)
    model = nn.Model(inputs, nn.Dense(1, "sigmoid")(fixed))
    model.set_weights({"fixed": [np.eye(2), np.ones(2)]})
    fitted(model, reset=True)
    np.testing.assert_array_equal(model.get_weights()["fixed"][0], np.eye(2))


def test_frozen_layers_before_the_first_moving_one_change_nothing():
    """They are computed once and for all; the result is that of the whole network."""
    inputs = nn.Input((2,))
    fixed = nn.Dense(3, "tanh", trainable=False)(inputs)
    middle = nn.Dense(2, "tanh")(fixed)
    model = nn.Model(inputs, nn.Dense(1, "sigmoid", trainable=False)(middle), seed=1)
    before = model.get_weights()
    history = fitted(model, validation_split=0.5)
    after = model.get_weights()
    moved = [name for name in before if (before[name][0] != after[name][0]).any()]
    assert moved == ["dense_1"]
    assert history.validation_loss[-1] == pytest.approx(
        model.evaluate(data()[0][5:], data()[1][5:])["loss"], rel=1e-14
    )


def test_seeds_decide_weights_and_orders_apart():
    """The model's seed draws weights, the fit's seed the order of the samples."""
    same = [fitted(network(seed=1)[0], batch_size=4, seed=2).loss for _ in range(2)]
    np.testing.assert_array_equal(*same)
    assert (fitted(network(seed=1)[0], batch_size=4, seed=3).loss != same[0]).any()
    assert (fitted(network(seed=2)[0], batch_size=4, seed=2).loss != same[0]).any()


def test_a_program_is_compiled_once_for_all_seeds():
    """Twenty seeds of one architecture wait for one compile."""
    model, twin = network(seed=1)[0], network(seed=2)[0]
    fitted(model)
    known = len(compile_program)
    fitted(twin, method=sl.gradient_descent(step_size=0.2))
    assert len(compile_program) == known


@pytest.mark.parametrize(
    "options, error, message",
    [
        ({"method": sl.newton()}, TypeError, "takes a rule"),
        ({"epochs": -1}, ValueError, "epochs: expected at least 0, got -1"),
        ({"batch_size": 0}, ValueError, "batch_size: expected at least 1, got 0"),
        ({"batch_size": 2.5}, TypeError, "batch_size: expected an integer, got 2.5"),
        ({"seed": -1}, ValueError, "seed: expected at least 0"),
        ({"backend": "nunba"}, ValueError, "did you mean 'numba'"),
        ({"backend": "sympy"}, ValueError, "backend: unknown name 'sympy'"),
        ({"metrics": ["acuracy"]}, ValueError, "did you mean 'accuracy'"),
        ({"validation_split": 1.0}, ValueError, r"must lie in \[0, 1\), got 1.0"),
        ({"validation_split": 0.95}, ValueError, "leaves nothing on one side"),
        ({"validation_data": 3}, TypeError, "expected a pair"),
        ({"loss": 3}, TypeError, "loss: expected a loss or its name, got 3"),
    ],
)
def test_a_fit_is_refused_before_anything_is_compiled(options, error, message):
    """The argument, what came, what was expected; and the weights are as they were."""
    model, _ = network()
    before = weights(model)
    with pytest.raises(error, match=message):
        fitted(model, **options)
    np.testing.assert_array_equal(weights(model), before)


def test_data_of_the_wrong_shape_are_refused():
    """In fit and predict alike, with the shape that was expected."""
    model, _ = network()
    with pytest.raises(ValueError, match=r"x: expected the shape \(n, 2\), got \(4, 3\)"):
        model.predict(np.zeros((4, 3)))
    with pytest.raises(ValueError, match=r"x: expected finite numbers, got inf at \(0, 1\)"):
        model.predict([[0.0, np.inf]])
    with pytest.raises(TypeError, match=r"x: expected real numbers, got text at \(0, 0\)"):
        model.predict([["a", "b"]])
    with pytest.raises(ValueError, match="has not been fitted"):
        model.evaluate(*data())


def test_no_epochs_is_no_change():
    """A fit of nothing returns an empty history."""
    model, _ = network()
    before = weights(model)
    history = fitted(model, epochs=0)
    assert (len(history), history.status) == (0, "finished")
    np.testing.assert_array_equal(weights(model), before)


def test_progress_goes_to_stderr(capsys):
    """The bar is drawn there and gone again; stdout stays the user's."""
    fitted(network()[0], progress=True)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("shuffle", [True, False])
def test_a_batch_of_none_is_all_the_samples(shuffle):
    """The word of `minimize`; a number larger than the data means the same."""
    models = [network()[0], network()[0]]
    for model, size in zip(models, (None, 10**6), strict=True):
        fitted(model, batch_size=size, shuffle=shuffle)
    np.testing.assert_array_equal(*map(weights, models))


def test_fit_trace_and_minimize_share_words_and_defaults():
    """A batch and the method differ by default, and the docstring says so."""
    fit, trace = (signature(each).parameters for each in (nn.Model.fit, nn.trace))
    shared = set(fit) & set(trace) - {"self", "x", "y"}
    assert shared == {"loss", "method", "epochs", "batch_size", "seed", "shuffle", "backend"}
    assert all(fit[name].default == trace[name].default for name in shared)
    assert all(fit[name].annotation == trace[name].annotation for name in shared)
    words = (signature(each).parameters for each in (sl.minimize, sl.Sampling, sl.Recording))
    minimize = {name: word for each in words for name, word in each.items()}
    common = set(fit) & set(minimize)
    assert common == {"method", "batch_size", "seed", "backend", "progress"}
    differing = {name for name in common if fit[name].default != minimize[name].default}
    assert differing == {"batch_size", "method"}
    assert "`minimize` chooses" in nn.Model.fit.__doc__
    assert "`minimize` takes all samples" in nn.Model.fit.__doc__
    assert signature(nn.trace).parameters["digits"].default == minimize["digits"].default
