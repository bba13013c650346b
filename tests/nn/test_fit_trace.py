"""A fit step by step: the steps are those of `fit`, on every backend."""

import numpy as np
import pytest

import symlab as sl
from symlab import nn

POINTS, LABELS = sl.data.half_plane(21, seed=1)
HOW = {"loss": "binary_crossentropy", "epochs": 2, "batch_size": 8, "seed": 3}


def model(seed=1, activation="sigmoid"):
    """Three units, then one."""
    inputs = nn.Input(2)
    return nn.Model(inputs, nn.Dense(1, "sigmoid")(nn.Dense(3, activation)(inputs)), seed=seed)


def flat(fitted):
    """All weights in a row."""
    return np.concatenate([w.ravel() for pair in fitted.get_weights().values() for w in pair])


@pytest.mark.parametrize("rule", [sl.adam(step_size=0.05), sl.momentum, sl.gradient_descent])
@pytest.mark.parametrize("backend", ["interpreted", "numba"])
def test_a_trace_ends_where_the_fit_ends(rule, backend):
    """To the last bit, with a ragged last batch; the model that was traced has not moved."""
    traced, fitted = model(), model()
    run = nn.trace(traced, POINTS, LABELS, method=rule, backend=backend, **HOW)
    assert np.array_equal(flat(traced), run.iterates[0])
    fitted.fit(POINTS, LABELS, method=rule, backend=backend, **HOW)
    assert np.array_equal(flat(fitted), run.x)
    assert (run.steps, run.status) == (6, "max_steps")


def test_values_are_the_losses_that_fit_reports():
    """The mean of an epoch's batch losses, weighted by their sizes."""
    fitted = model()
    history = fitted.fit(POINTS, LABELS, method=sl.adam, backend="interpreted", **HOW)
    run = nn.trace(model(), POINTS, LABELS, method=sl.adam, backend="interpreted", **HOW)
    sizes = np.array([8, 8, 5, 8, 8, 5]).reshape(2, 3)
    epochs = (run.values[:6].reshape(2, 3) * sizes).sum(axis=1) / 21
    assert history["loss"] == pytest.approx(epochs, rel=1e-15)


@pytest.mark.parametrize("backend", ["interpreted", "numba", "c", "jax"])
def test_the_exact_run_is_met_by_every_backend(backend):
    """Six steps of Nesterov's rule: iterates, states, losses and slopes to some 1e-14."""
    rule = sl.nesterov(step_size=0.1, momentum=0.9)
    exact = nn.trace(model(), POINTS, LABELS, method=rule, backend="sympy", **HOW)
    run = nn.trace(model(), POINTS, LABELS, method=rule, backend=backend, **HOW)
    for name in ("iterates", "values", "gradient_norms", "step_sizes"):
        np.testing.assert_allclose(getattr(run, name), getattr(exact, name), rtol=1e-12, atol=1e-15)
    for letter, history in exact.states.items():
        np.testing.assert_allclose(run.states[letter], history, rtol=1e-12, atol=1e-15)


def test_an_exact_run_keeps_its_digits_through_json():
    """The rows are numbers of so many digits, and come back as they were."""
    run = nn.trace(model(), POINTS, LABELS, method=sl.adam, backend="sympy", digits=40, **HOW)
    assert len(run.exact[0]) == len(run.variables) + 1 == 14
    assert run.exact[3][0]._prec >= 132
    assert sl.Trace.from_json(run.to_json()).exact == run.exact


def test_every_weight_has_a_name():
    """Layer, kernel or bias, and place; only those that move."""
    inputs = nn.Input(2)
    held = nn.Dense(2, trainable=False, name="held")(inputs)
    run = nn.trace(
        nn.Model(inputs, nn.Dense(1, name="last")(held)), POINTS, LABELS, loss="mse",
        backend="interpreted",
    )  # fmt: skip
    assert run.variables == ("last_kernel_0_0", "last_kernel_1_0", "last_bias_0")


@pytest.mark.parametrize("backend", ["interpreted", "numba", "sympy"])
def test_a_run_that_diverges_keeps_what_is_finite(backend):
    """Trouble inside a run ends the trace with a status; it never loses the run."""
    inputs = nn.Input(2)
    linear = nn.Model(inputs, nn.Dense(1)(inputs))
    rule = sl.gradient_descent(step_size=1e200)
    run = nn.trace(
        linear, POINTS, LABELS, loss="mse", method=rule, epochs=4, batch_size=21, backend=backend
    )
    assert run.status == "diverged"
    assert "smaller step_size" in run.message
    assert 1 <= len(run) < 5
    assert np.isfinite(run.iterates).all()


def test_what_cannot_be_followed_is_refused():
    """Line searches train no network, and a backend has a name."""
    with pytest.raises(TypeError, match="takes a rule"):
        nn.trace(model(), POINTS, LABELS, loss="mse", method=sl.newton)
    with pytest.raises(ValueError, match="did you mean 'numba'"):
        nn.trace(model(), POINTS, LABELS, loss="mse", backend="nunba")
    with pytest.raises(ValueError, match="epochs"):
        nn.trace(model(), POINTS, LABELS, loss="mse", epochs=0)
