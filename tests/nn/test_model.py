"""What a model promises around its training: history, state, weights by name, files, refusals."""

import numpy as np
import pytest

import symlab as sl
from symlab import nn
from symlab.nn.training import loop
from symlab.nn.training.epochs import Trainer
from symlab.nn.training.program import compile_program

QUICK = {"backend": "interpreted"}
DESCENT = sl.gradient_descent(step_size=0.1)


def data(samples=10):
    """Points and labels that no line separates without error."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(samples, 2))
    return x, (x[:, 0] + rng.normal(size=samples) > 0).astype(float)


def network(seed=0):
    """Two inputs, three hidden units, one probability."""
    inputs = nn.Input((2,))
    hidden = nn.Dense(3, "tanh", name="hidden")(inputs)
    return nn.Model(inputs, nn.Dense(1, "sigmoid")(hidden), seed=seed), hidden


def fitted(model, **options):
    """Train with binary cross-entropy by plain descent, unless told otherwise."""
    given = {"loss": "binary_crossentropy", "method": DESCENT, "epochs": 3, **QUICK, **options}
    return model.fit(*data(), **given)


def weights(model):
    """All weights in a row of numbers."""
    return np.concatenate([w.ravel() for each in model.get_weights().values() for w in each])


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


def test_ctrl_c_keeps_weights_and_history_so_far(monkeypatch):
    """Interrupted in the third epoch: two are there, and the weights are those after two."""
    run, calls = Trainer.run, []

    def interrupted(self, *arguments):
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return run(self, *arguments)

    monkeypatch.setattr(Trainer, "run", interrupted)
    monkeypatch.setattr(loop, "CHUNK_SECONDS", 0.0)
    model, twin = network()[0], network()[0]
    history = fitted(model, epochs=9)
    assert (history.status, len(history), model.epochs) == ("stopped", 2, 2)
    assert "After 2 epochs: interrupted" in history.message
    monkeypatch.setattr(Trainer, "run", run)
    fitted(twin, epochs=2)
    np.testing.assert_array_equal(weights(model), weights(twin))


@pytest.mark.parametrize("chunk", [0.0, 60.0])
def test_a_run_that_diverges_keeps_its_last_finite_epoch(monkeypatch, chunk):
    """However many epochs a call makes; the sentence says what may help."""
    monkeypatch.setattr(loop, "CHUNK_SECONDS", chunk)
    inputs = nn.Input((1,))
    model = nn.Model(inputs, nn.Dense(1)(inputs))
    x = np.linspace(1, 9, 5)
    history = model.fit(
        x, x, loss="mse", method=sl.gradient_descent(step_size=10), epochs=200, **QUICK
    )
    assert history.status == "diverged"
    assert "smaller step_size" in history.message
    assert 0 < len(history) < 200
    assert np.isfinite(weights(model)).all()
    assert np.isfinite(history.loss).all()
    assert model.epochs == len(history)


def test_chunks_change_nothing(monkeypatch):
    """How many epochs a call makes depends on the clock; the numbers must not."""
    runs = []
    for chunk in (0.0, 60.0):
        monkeypatch.setattr(loop, "CHUNK_SECONDS", chunk)
        model, _ = network()
        runs.append((fitted(model, epochs=40, batch_size=3).loss, weights(model)))
    np.testing.assert_array_equal(runs[0][0], runs[1][0])
    np.testing.assert_array_equal(runs[0][1], runs[1][1])


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
