"""Symbolic against compiled, for networks: a fit followed step by step on several backends.

The exact steps do not use the compiled network: they come from the chain rule written out, in many
digits (`nn/exact`), and from the rule's own row.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import mpmath

from symlab.algebra.foreign_words import explain_words
from symlab.algebra.working_precision import exclusive, working_digits
from symlab.engine.exact.digits import GUARD_DIGITS
from symlab.engine.rounding import Vector
from symlab.engine.trace import Trace
from symlab.interrupts import pass_interrupts_on
from symlab.lab.compare.compare import (
    REFERENCE_DIGITS,
    Comparison,
    Derivatives,
    check_backends,
    check_digits,
    compare_traces,
    time_runs,
)
from symlab.lab.compare.exact_steps import RuleSteps
from symlab.methods.rules import gradient_descent
from symlab.nn import forward
from symlab.nn.exact.backward import Evaluation
from symlab.nn.fit_trace import TracedFit, describe_fit, trace_fit
from symlab.nn.losses import Loss
from symlab.nn.model import Model

RELATIVE = 1e-12
"""The error allowed to automatic differentiation, relative to a layer's largest derivative."""


@dataclass(frozen=True, eq=False)
class BatchedTraining:
    """A fit as each of its steps sees it: loss and gradient on a batch."""

    followed: TracedFit
    digits: int

    @property
    def dimension(self) -> int:
        """The number of weights that move."""
        return len(self.followed.weights.trainable)

    def value(self, point: Vector, at: int) -> tuple[Any, float]:
        """Return the loss of the batch that step `at` sees, and what rounding may add to it."""
        loss = _evaluate(self.followed, self.digits, point, at).loss
        return loss.value.item(), float(loss.bound)

    def gradient(self, point: Vector, at: int) -> Vector:
        """Return the gradient of that loss."""
        return tuple(_evaluate(self.followed, self.digits, point, at).gradient.value)

    def gradient_bound(self, point: Vector, at: int) -> list[float]:
        """Return what rounding may add to that gradient."""
        return list(_evaluate(self.followed, self.digits, point, at).gradient.bound)


@lru_cache(maxsize=64)
def _evaluate(followed: TracedFit, digits: int, point: Vector, at: int) -> Evaluation:
    with working_digits(digits + GUARD_DIGITS):
        return followed.evaluate(point, at)


@pass_interrupts_on()
@exclusive
@explain_words()
def compare_training(
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
    backends: Sequence[str] = ("sympy", "c", "numba"),
    digits: int = REFERENCE_DIGITS,
) -> Comparison:
    """Follow a fit on several backends and compare every step with exact arithmetic.

    Parameters
    ----------
    model : Model
        Its weights are the start; they are not changed.
    x, y, loss, method, epochs, batch_size, seed, shuffle
        As in `Model.fit`.
    backends : sequence of str
        Which to compare; the exact run is always made, as the reference.
    digits : int
        Significant digits of the reference, at least 30.

    Returns
    -------
    Comparison
        Its `derivatives` compare automatic differentiation with the exact gradient at the start.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.

    Examples
    --------
    >>> from symlab import nn
    >>> inputs = nn.Input((1,))
    >>> model = nn.Model(inputs, nn.Dense(1, "sigmoid")(inputs))
    >>> compare_training(
    ...     model, [[1.0], [2.0]], [0, 1], loss="mse", epochs=3, backends=["interpreted"]
    ... ).agrees
    True
    """
    names, wanted = check_backends(backends), check_digits(digits)
    followed = describe_fit(
        model,
        x,
        y,
        loss=loss,
        method=method,
        epochs=epochs,
        batch_size=batch_size,
        seed=seed,
        shuffle=shuffle,
        backend="sympy",
    )

    def run(backend: str, digits: int = wanted) -> Trace:
        return trace_fit(followed.on(backend), digits)

    traces, seconds = time_runs(run, names, wanted)
    seen = BatchedTraining(followed, wanted)
    frame = compare_traces(RuleSteps(seen, followed.description.rule), traces, seconds)
    compiled = next((name for name in names if name != "sympy"), "interpreted")
    stated = f"{followed.description.loss} of {model!r}"
    found = check_gradient(seen, compiled)
    return Comparison(stated, repr(followed.description.rule), traces, frame, found)


def check_gradient(seen: BatchedTraining, backend: str) -> Derivatives:
    """Compare the gradient that PyTensor derives with the chain rule in many digits."""
    followed = seen.followed
    at_start = tuple(map(mpmath.mpf, followed.weights.trainable.tolist()))
    exact = seen.gradient(at_start, 0)
    found = forward.gradient(
        followed.model.network,
        followed.weights,
        followed.samples(0),
        followed.description.loss,
        backend,
    )
    gaps = [float(abs(mpmath.mpf(a) - e)) for a, e in zip(found.tolist(), exact, strict=True)]
    largest = max(float(abs(each)) for each in exact)
    worst = max(gaps) / (largest or math.ulp(0.0))
    return Derivatives(
        f"PyTensor's gradient of {len(found)} weights is within {worst:.0e} of its largest entry "
        "of the chain rule's.",
        worst <= RELATIVE,
    )
