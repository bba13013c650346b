"""A fit step by step: every iterate of the weights, on any backend or in many digits.

`Model.fit` keeps a number for each epoch. A trace keeps where each step led, so that compiled steps
can be compared with exact ones, as in any other run.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import takewhile
from time import perf_counter
from typing import Any

import mpmath
import numpy as np
from sympy import Float

from symlab.algebra.foreign_words import explain_words
from symlab.algebra.working_precision import exclusive, working_digits
from symlab.checks import shown, whole
from symlab.engine import backends
from symlab.engine.exact.digits import GUARD_DIGITS, kept_digits, rule_step
from symlab.engine.streams import BATCH_STREAM, generator_of
from symlab.engine.trace import Trace
from symlab.methods.rules import gradient_descent
from symlab.nn import forward
from symlab.nn.exact import backward as exact
from symlab.nn.losses import Loss, as_loss
from symlab.nn.model import Model
from symlab.nn.network import Arrays
from symlab.nn.training.description import FitDescription, as_rule
from symlab.nn.training.fit import PreparedFit, prepare
from symlab.nn.training.orders import check_orders, order_samples
from symlab.nn.training.samples import Samples, as_samples

DIGITS = 50


@exclusive
@explain_words()
def trace(
    model: Model,
    x: Any,
    y: Any,
    *,
    loss: str | Loss,
    method: object = gradient_descent,
    epochs: int = 1,
    batch_size: int | None = 32,
    seed: int = 0,
    shuffle: bool = True,
    backend: str = "c",
    digits: int = DIGITS,
) -> Trace:
    """Record a fit step by step, and leave the model as it is.

    Parameters
    ----------
    model : Model
        Its weights are where the steps start; they are not changed.
    x : array, shape `(n, *input shape)`
        Samples, as in `Model.fit`.
    y : array, shape `(n, *output shape)`
        Targets, as in `Model.fit`.
    loss : str or Loss
        hinge, binary_crossentropy, categorical_crossentropy, squared_error or "mse".
    method : Rule
        Any rule, such as `sl.adam(step_size=0.05)`.
    epochs : int
        Passes over the samples, at least 1: a run of no steps shows nothing.
    batch_size : int, optional
        Samples in a batch; None for all of them.
    seed : int
        The seed of the order of the samples.
    shuffle : bool
        Whether each epoch has an order of its own.
    backend : str
        As in `Model.fit`; or `"sympy"`, where every number has `digits` digits and the gradient
        comes from the chain rule written out (`nn/exact`), not from PyTensor.
    digits : int
        For `"sympy"` alone: the significant digits kept, as in `minimize`.

    Returns
    -------
    Trace
        A row per step. A row's value is the loss of the batch that the next step sees, and so is
        its gradient; the last row's, that of the last batch.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.

    Examples
    --------
    >>> from symlab import nn
    >>> inputs = nn.Input((1,))
    >>> model = nn.Model(inputs, nn.Dense(1)(inputs))
    >>> run = nn.trace(model, [[1.0], [2.0]], [1.0, 3.0], loss="mse", backend="sympy", epochs=3)
    >>> run.variables, len(run), run.status
    (('dense_kernel_0_0', 'dense_bias_0'), 4, 'max_steps')
    """
    fit = describe_fit(
        model,
        x,
        y,
        loss=loss,
        method=method,
        epochs=epochs,
        batch_size=batch_size,
        seed=seed,
        shuffle=shuffle,
        backend=backend,
    )
    return trace_fit(fit, kept_digits(digits, 1))


@dataclass(frozen=True, eq=False)
class TracedFit:
    """A fit whose every step is recorded.

    Parameters
    ----------
    model : Model
        Its weights are where the steps start; they are not changed.
    description : FitDescription
    """

    model: Model
    description: FitDescription

    def on(self, backend: str) -> "TracedFit":
        """Return the same fit on another backend."""
        return TracedFit(self.model, replace(self.description, backend=backend))

    @cached_property
    def arrays(self) -> Arrays:
        """The weights of each layer at the start."""
        weights = self.model.get_weights()
        return [weights.get(name, []) for name in self.model.names]

    @cached_property
    def weights(self) -> forward.Weights:
        """The weights at the start as vectors."""
        return forward.ravel_weights(self.model.network, self.arrays)

    @cached_property
    def orders(self) -> np.ndarray:
        """The order in which each epoch sees the samples."""
        asked = self.description
        generator = generator_of(asked.seed, BATCH_STREAM) if asked.shuffle else None
        return order_samples(len(asked.samples), asked.epochs, generator)

    @cached_property
    def batches(self) -> list[np.ndarray]:
        """The samples that each step sees."""
        return self.description.batching.list_samples(self.orders)

    @cached_property
    def prepared(self) -> PreparedFit:
        """The fit, ready to be compiled."""
        return prepare(self.description, self.arrays)

    @property
    def variables(self) -> tuple[str, ...]:
        """A name for each trainable weight: layer, kernel or bias, and its place in that."""
        network = self.model.network
        return tuple(
            "_".join([self.model.names[i], part, *map(str, place)])
            for i in network.places(trainable=True)
            for part, shape in zip(("kernel", "bias"), network.weight_shapes[i], strict=False)
            for place in np.ndindex(*shape)
        )

    def batch(self, step: int) -> np.ndarray:
        """Return the samples that a step sees; past the last step, those of the last."""
        return self.batches[min(step, len(self.batches) - 1)]

    def samples(self, step: int) -> Samples:
        """Return inputs and targets of the batch that a step sees."""
        return self.description.samples[self.batch(step)]

    def evaluate(self, point: Any, step: int) -> exact.Evaluation:
        """Return the loss and gradient that a step sees, to the precision mpmath works with."""
        network, samples = self.model.network, self.samples(step)
        frozen = self.weights.frozen
        return exact.evaluate(network, np.array(point), frozen, samples, self.description.loss)


def describe_fit(
    model: Model,
    x: Any,
    y: Any,
    *,
    loss: str | Loss,
    method: object = gradient_descent,
    epochs: int = 1,
    batch_size: int | None = 32,
    seed: int = 0,
    shuffle: bool = True,
    backend: str = "c",
) -> TracedFit:
    """Return a fit whose every step is to be recorded; the arguments are those of `trace`.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.
    """
    if not isinstance(model, Model):
        raise TypeError(f"model: expected a Model, got {shown(model)}.")
    criterion = as_loss(loss)
    samples = as_samples(x, y, model.network, criterion)
    check_orders(len(samples), whole(epochs, "epochs", 1))
    description = FitDescription(
        network=model.network,
        loss=criterion,
        rule=as_rule(method),
        samples=samples,
        backend=backends.usable(backends.find_backend(backend).name).name,
        epochs=epochs,
        batch_size=batch_size,
        seed=seed,
        shuffle=shuffle,
    )
    return TracedFit(model, description)


def trace_fit(fit: TracedFit, digits: int = DIGITS) -> Trace:
    """Run a fit on its backend, step by step; `digits` are kept on `"sympy"`."""
    if fit.description.backend == "sympy":
        return _trace_exactly(fit, digits)
    return _trace_compiled(fit)


@dataclass(frozen=True)
class _Row:
    """An iterate, and the loss and gradient that the next step sees."""

    point: Any
    state: Any
    value: Any
    gradient: Any

    @property
    def is_finite(self) -> bool:
        """Whether every number is finite."""
        numbers = np.array([*self.point, self.value, *self.gradient], dtype=float)
        return bool(np.isfinite(numbers).all())


def _trace_exactly(fit: TracedFit, digits: int) -> Trace:
    started = perf_counter()
    with working_digits(digits + GUARD_DIGITS):
        rows = _finite_rows(_exact_rows(fit))
        exact_rows = tuple(
            tuple(Float(number, digits) for number in (*row.point, row.value)) for row in rows
        )
    return _as_trace(fit, rows, perf_counter() - started, exact=exact_rows)


def _exact_rows(fit: TracedFit) -> Iterator[_Row]:
    rule = fit.description.rule
    point: Any = tuple(map(mpmath.mpf, fit.weights.trainable.tolist()))
    state: Any = {letter.name: (mpmath.mpf(0),) * len(point) for letter in rule.state}
    for step in range(len(fit.batches) + 1):
        found = fit.evaluate(point, step)
        gradient = tuple(found.gradient.value)
        yield _Row(point, tuple(state.values()), found.loss.value.item(), gradient)
        point, state = rule_step(rule, point, gradient, step, state)


def _trace_compiled(fit: TracedFit) -> Trace:
    prepared = fit.prepared
    compile_seconds = prepared.compile()
    started = perf_counter()
    prepared.trainer.run(prepared.start, fit.orders)
    seconds = perf_counter() - started
    with np.errstate(all="ignore"):
        rows = _finite_rows(_compiled_rows(fit))
    return _as_trace(fit, rows, seconds, compile_seconds)


def _compiled_rows(fit: TracedFit) -> Iterator[_Row]:
    """Yield the rows of the compiled steps, a call for each of the form that `fit` uses."""
    prepared, iterate = fit.prepared, fit.prepared.start
    reached = prepared.description
    # One epoch more, for the loss that stands in the last row.
    orders = np.concatenate([fit.orders, fit.orders[-1:]])
    for step, (loss, end) in enumerate(prepared.trainer.follow(iterate, orders)):
        samples = reached.samples[fit.batch(step)]
        weights = forward.Weights(iterate.parameters, prepared.weights.frozen)
        at_end = step == len(fit.batches)
        if at_end:
            loss = forward.evaluate(reached.network, weights, samples, reached.loss)["loss"]
        gradient = forward.gradient(reached.network, weights, samples, reached.loss)
        yield _Row(iterate.parameters, iterate.state, loss, gradient)
        if at_end:
            return
        iterate = end


def _finite_rows(rows: Iterator[_Row]) -> list[_Row]:
    """Return the rows before the first that is not finite."""
    return list(takewhile(lambda row: row.is_finite, rows))


def _as_trace(
    fit: TracedFit, rows: list[_Row], seconds: float, compile_seconds: float = 0.0, **more: Any
) -> Trace:
    rule, steps = fit.description.rule, len(fit.batches)
    taken = len(rows) - 1
    sizes = [rule.step_size_at(at) for at in range(taken)]
    finished = taken == steps
    reason = (
        "all steps that were asked for are done"
        if finished
        else "in the next one a loss or a weight was not finite. A smaller step_size may help"
    )
    return Trace(
        variables=fit.variables,
        iterates=np.array([row.point for row in rows], dtype=float),
        values=np.array([row.value for row in rows], dtype=float),
        gradient_norms=np.array(
            [np.linalg.norm(np.array(row.gradient, dtype=float)) for row in rows]
        ),
        step_sizes=np.array([np.nan, *(np.nan if size is None else float(size) for size in sizes)]),
        evaluations=np.arange(1, taken + 2),
        status="max_steps" if finished else "diverged",
        message=f"After {taken} step{'s' * (taken != 1)}: {reason}.",
        backend=fit.description.backend,
        method=repr(rule),
        seconds=seconds,
        compile_seconds=compile_seconds,
        states={
            letter.name: np.array([row.state[i] for row in rows], dtype=float)
            for i, letter in enumerate(rule.state)
        },
        **more,
    )
