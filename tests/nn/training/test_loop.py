"""The loop over epochs: Ctrl-C, runs that diverge, and chunks of any length."""

import numpy as np
import pytest
from nn_models import QUICK, fitted, network, weights

import symlab as sl
from symlab import nn
from symlab.nn.training import loop
from symlab.nn.training.epochs import Trainer


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


def test_a_run_that_diverges_keeps_its_validation_too():
    """One number for each epoch that was finite, none for the one that was not."""
    inputs = nn.Input((1,))
    model, x = nn.Model(inputs, nn.Dense(1)(inputs)), np.linspace(1, 9, 5)
    rule = sl.gradient_descent(step_size=10)
    history = model.fit(
        x,
        x,
        loss="mse",
        method=rule,
        epochs=200,
        validation_split=0.2,
        metrics=["accuracy"],
        **QUICK,
    )
    assert history.status == "diverged"
    assert 0 < len(history) < 200
    assert {len(column) for column in history.columns.values()} == {len(history)}
    assert list(history.columns) == ["loss", "accuracy", "validation_loss", "validation_accuracy"]
