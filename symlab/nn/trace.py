"""A fit step by step: every iterate of the weights, on any backend or in many digits.

`Model.fit` keeps what an epoch came to. A trace keeps where each step led, so that the compiled
steps can be held against exact ones, as with any other run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Any

import mpmath
import numpy as np
from sympy import Float

from symlab.algebra.digits import exclusive, working_digits
from symlab.algebra.neighbours import explain_words
from symlab.checks import flag, shown, whole
from symlab.engine import backends
from symlab.engine.exact.digits import GUARD_DIGITS, kept_digits, rule_step
from symlab.engine.trace import Trace
from symlab.methods.rules import gradient_descent
from symlab.nn import forward
from symlab.nn.exact import backward as exact
from symlab.nn.losses import Loss, as_loss
from symlab.nn.model import Model
from symlab.nn.network import Arrays
from symlab.nn.training.fit import Job, Prepared, compile_ahead, prepared, rule_of
from symlab.nn.training.loop import check_orders, draw_orders
from symlab.nn.training.samples import samples_of

DIGITS = 50


@dataclass(frozen=True, eq=False)
class Training:
    """A fit to be followed: a model's network and weights, and what is asked of them.

    Parameters
    ----------
    model : Model
        Its weights are where the steps start; they are not changed.
    job : Job
    """

    model: Model
    job: Job

    @cached_property
    def arrays(self) -> Arrays:
        """The weights of each layer, as they are now."""
        weights = self.model.get_weights()
        return [weights.get(name, []) for name in self.model.names]

    @cached_property
    def weights(self) -> forward.Weights:
        """The same as vectors."""
        return forward.weights_of(self.model.network, self.arrays)

    @cached_property
    def orders(self) -> np.ndarray:
        """The order in which each epoch sees the samples."""
        samples = len(self.job.data)
        if self.job.shuffle:
            return draw_orders(samples, self.job.epochs, self.job.seed)
        return np.tile(np.arange(samples), (self.job.epochs, 1))

    @cached_property
    def batches(self) -> list[np.ndarray]:
        """The samples that each step sees."""
        return self.ready.trainer.batches(self.orders)

    @cached_property
    def ready(self) -> Prepared:
        """The compiled fit, not yet compiled."""
        return prepared(self.model.network, self.arrays, self.job)

    @property
    def variables(self) -> tuple[str, ...]:
        """A name for each weight that moves: its layer, kernel or bias, and its place in that."""
        network = self.model.network
        return tuple(
            "_".join([self.model.names[i], part, *map(str, place)])
            for i in network.places(trainable=True)
            for part, shape in zip(("kernel", "bias"), network.weight_shapes[i], strict=False)
            for place in np.ndindex(*shape)
        )

    def seen(self, at: int) -> tuple[np.ndarray, np.ndarray]:
        """Return inputs and targets of step `at`; past the last, those of the last."""
        batch = self.batches[min(at, len(self.batches) - 1)]
        return self.job.data.inputs[batch], self.job.data.targets[batch]

    def look(self, point: Any, at: int) -> exact.Evaluation:
        """Return loss and gradient that step `at` sees, to the precision mpmath works with."""
        vectors = (np.array(point), self.weights.frozen)
        return exact.evaluate(self.model.network, vectors, self.seen(at), self.job.loss)


OPTIONS = ("loss", "method", "epochs", "batch_size", "seed", "shuffle")
"""What a fit to be followed takes beside its model and data."""


@explain_words()
def training(
    model: Model,
    x: Any,
    y: Any,
    *,
    loss: str | Loss,
    method: object = gradient_descent,
    epochs: int = 1,
    batch_size: int = 32,
    seed: int = 0,
    shuffle: bool = True,
    backend: str = "numba",
) -> Training:
    """Return a fit to be followed; the arguments are those of `Model.fit`.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.
    """
    if not isinstance(model, Model):
        raise TypeError(f"model: expected a Model, got {shown(model)}.")
    criterion = as_loss(loss)
    data = samples_of(x, y, (model.inputs.shape, model.outputs.shape), criterion)
    check_orders(len(data), whole(epochs, "epochs", 1))
    job = Job(
        rule=rule_of(method),
        loss=criterion,
        data=data,
        validation=None,
        epochs=int(epochs),
        batch_size=whole(batch_size, "batch_size", 1),
        seed=whole(seed, "seed", 0),
        shuffle=flag(shuffle, "shuffle"),
        accuracy=False,
        progress=False,
        backend=backends.usable(backends.named(backend).name).name,
    )
    return Training(model, job)


@exclusive
@explain_words(*OPTIONS, "backend")
def trace(model: Model, x: Any, y: Any, *, digits: int = DIGITS, **options: Any) -> Trace:
    """Follow a fit step by step, and leave the model as it is.

    Parameters
    ----------
    model : Model
    x, y : arrays
        As in `Model.fit`, like the options loss, method, epochs, batch_size, seed and shuffle.
    digits : int
        Significant digits on the `"sympy"` backend.
    **options
        Also `backend`, by default `"numba"`; on `"sympy"` every number has `digits` digits and the
        gradient comes from the chain rule written out (`nn/exact`), not from PyTensor.

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
    followed = training(model, x, y, **options)
    return followed_on(followed, kept_digits(digits, 1))


def followed_on(followed: Training, digits: int = DIGITS) -> Trace:
    """Return the trace of a training, on its own backend."""
    run = _exact_run if followed.job.backend == "sympy" else _compiled_run
    return run(followed, digits)


@dataclass(frozen=True)
class _Row:
    """Where a step led, what is remembered there, and loss and gradient that the next one sees."""

    point: Any
    state: Any
    value: Any
    gradient: Any

    @property
    def is_finite(self) -> bool:
        """Whether every number is."""
        numbers = np.array([*self.point, self.value, *self.gradient], dtype=float)
        return bool(np.isfinite(numbers).all())


def _exact_run(followed: Training, digits: int) -> Trace:
    started = perf_counter()
    with working_digits(digits + GUARD_DIGITS):
        rows = _finite(_exact_rows(followed))
        exact_rows = tuple(
            tuple(Float(number, digits) for number in (*row.point, row.value)) for row in rows
        )
    return _trace(followed, rows, perf_counter() - started, 0.0, exact=exact_rows)


def _exact_rows(followed: Training) -> Iterator[_Row]:
    rule = followed.job.rule
    point: Any = tuple(map(mpmath.mpf, followed.weights.moving.tolist()))
    state: Any = {letter.name: (mpmath.mpf(0),) * len(point) for letter in rule.state}
    for at in range(len(followed.batches) + 1):
        seen = followed.look(point, at)
        gradient = tuple(seen.gradient.value)
        yield _Row(point, tuple(state.values()), seen.loss.value.item(), gradient)
        point, state = rule_step(rule, point, gradient, at, state)


def _compiled_run(followed: Training, digits: int) -> Trace:
    del digits
    ready = followed.ready
    compile_seconds = compile_ahead(ready.trainer, ready.schedule)
    started = perf_counter()
    ready.trainer.go(0, ready.held, followed.orders, ready.schedule)
    seconds = perf_counter() - started
    with np.errstate(all="ignore"):
        rows = _finite(_compiled_rows(followed))
    return _trace(followed, rows, seconds, compile_seconds)


def _compiled_rows(followed: Training) -> Iterator[_Row]:
    """Yield the rows of the compiled steps, each by a call of the program that fuses them."""
    ready, held = followed.ready, followed.ready.held
    # One epoch more, for the loss that stands in the last row.
    orders = np.concatenate([followed.orders, followed.orders[-1:]])
    for at, part in enumerate(ready.trainer.each_step(0, held, orders, ready.schedule)):
        batch = followed.batches[min(at, len(followed.batches) - 1)]
        data = (ready.job.data.inputs[batch], ready.job.data.targets[batch])
        weights = forward.Weights(held[0], ready.weights.frozen)
        pieces = forward.slopes(ready.network, weights, data, ready.job.loss)
        gradient = np.concatenate([each.ravel() for pair in pieces.values() for each in pair])
        value = float(part.columns["loss"].item())
        if at == len(followed.batches):
            value = forward.scores(ready.network, weights, data, ready.job.loss)["loss"]
        yield _Row(held[0], held[1:], value, gradient)
        if at == len(followed.batches):
            return
        held = part.held


def _finite(rows: Iterator[_Row]) -> list[_Row]:
    """Return the rows before the first that is not finite."""
    kept: list[_Row] = []
    for row in rows:
        if not row.is_finite:
            break
        kept.append(row)
    return kept


def _trace(
    followed: Training, rows: list[_Row], seconds: float, compile_seconds: float, **more: Any
) -> Trace:
    rule, steps = followed.job.rule, len(followed.batches)
    taken = len(rows) - 1
    sizes = [rule.step_size_at(at) for at in range(taken)]
    finished = taken == steps
    reason = (
        "all steps that were asked for are done"
        if finished
        else "in the next one a loss or a weight was not finite. A smaller step_size may help"
    )
    return Trace(
        variables=followed.variables,
        iterates=np.array([row.point for row in rows], dtype=float),
        values=np.array([row.value for row in rows], dtype=float),
        gradient_norms=np.array(
            [np.linalg.norm(np.array(row.gradient, dtype=float)) for row in rows]
        ),
        step_sizes=np.array([np.nan, *(np.nan if size is None else float(size) for size in sizes)]),
        evaluations=np.arange(1, taken + 2),
        status="max_steps" if finished else "diverged",
        message=f"After {taken} step{'s' * (taken != 1)}: {reason}.",
        backend=followed.job.backend,
        method=repr(rule),
        seconds=seconds,
        compile_seconds=compile_seconds,
        states={
            letter.name: np.array([row.state[i] for row in rows], dtype=float)
            for i, letter in enumerate(rule.state)
        },
        **more,
    )
