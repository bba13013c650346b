"""Symbolic against compiled, for networks: a fit followed step by step on several backends.

The exact steps do not use the compiled network: they come from the chain rule written out, in many
digits (`nn/exact`), and from the rule's own row.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np

from symlab.algebra.digits import exclusive, working_digits
from symlab.algebra.neighbours import explain_words
from symlab.engine.exact.run import GUARD_DIGITS
from symlab.engine.trace import Trace
from symlab.interrupts import pass_interrupts_on
from symlab.lab.compare.compare import (
    REFERENCE_DIGITS,
    Comparison,
    Derivatives,
    checked_backends,
    checked_digits,
    judged,
    runs,
)
from symlab.lab.compare.exact_steps import RuleSteps, Vector
from symlab.nn import forward
from symlab.nn.exact.backward import Evaluation
from symlab.nn.model import Model
from symlab.nn.trace import OPTIONS, Training, followed_on, training

RELATIVE = 1e-12
"""Of the largest derivative of a layer: how far automatic differentiation may be from exact."""


@dataclass(frozen=True, eq=False)
class TrainingSight:
    """What the steps of a fit see: loss and gradient on a batch."""

    followed: Training
    digits: int

    @property
    def dimension(self) -> int:
        """The number of weights that move."""
        return len(self.followed.weights.moving)

    def value(self, point: Vector, at: int) -> tuple[Any, float]:
        """Return the loss of the batch that step `at` sees, and what rounding may add to it."""
        loss = _look(self.followed, self.digits, point, at).loss
        return loss.value.item(), float(loss.bound)

    def gradient(self, point: Vector, at: int) -> Vector:
        """Return the gradient of that loss."""
        return tuple(_look(self.followed, self.digits, point, at).gradient.value)

    def gradient_bound(self, point: Vector, at: int) -> list[float]:
        """Return what rounding may add to that gradient."""
        return list(_look(self.followed, self.digits, point, at).gradient.bound)


@lru_cache(maxsize=64)
def _look(followed: Training, digits: int, point: Vector, at: int) -> Evaluation:
    with working_digits(digits + GUARD_DIGITS):
        return followed.look(point, at)


@pass_interrupts_on()
@exclusive
@explain_words(*OPTIONS)
def compare_training(
    model: Model,
    x: Any,
    y: Any,
    *,
    backends: Sequence[str] = ("sympy", "c", "numba"),
    digits: int = REFERENCE_DIGITS,
    **options: Any,
) -> Comparison:
    """Follow a fit on several backends and compare every step with exact arithmetic.

    Parameters
    ----------
    model : Model
        Its weights are the start; they are not changed.
    x, y : arrays
        As in `Model.fit`, like the options loss, method, epochs, batch_size, seed and shuffle.
    backends : sequence of str
        Which to compare; the exact run is always made, as the reference.
    digits : int
        Significant digits of the reference, at least 30.

    Returns
    -------
    Comparison
        Its `derivatives` hold automatic differentiation against the exact gradient at the start.

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
    names, wanted = checked_backends(backends), checked_digits(digits)
    followed = training(model, x, y, **options, backend="sympy")

    def run(backend: str, digits: int = wanted) -> Trace:
        job = replace(followed.job, backend=backend)
        return followed_on(Training(model, job), digits)

    traces, seconds = runs(run, names, wanted)
    sight = TrainingSight(followed, wanted)
    steps = RuleSteps(sight, followed.job.rule)
    frame = judged(steps, traces, seconds)
    compiled = next((name for name in names if name != "sympy"), "interpreted")
    stated = f"{followed.job.loss} of {model!r}"
    found = gradient_on_trial(sight, compiled)
    return Comparison(stated, repr(followed.job.rule), traces, frame, found)


def gradient_on_trial(sight: TrainingSight, backend: str) -> Derivatives:
    """Hold the gradient that PyTensor derives against the chain rule in many digits."""
    followed = sight.followed
    at_start = tuple(map(mpmath.mpf, followed.weights.moving.tolist()))
    exact = sight.gradient(at_start, 0)
    pieces = forward.slopes(
        followed.model.network, followed.weights, followed.seen(0), followed.job.loss, backend
    )
    found = np.concatenate([each.ravel() for pair in pieces.values() for each in pair])
    gaps = [float(abs(mpmath.mpf(a) - e)) for a, e in zip(found.tolist(), exact, strict=True)]
    largest = max(float(abs(each)) for each in exact)
    worst = max(gaps) / (largest or math.ulp(0.0))
    return Derivatives(
        f"PyTensor's gradient of {len(found)} weights is within {worst:.0e} of its largest entry "
        "of the chain rule's.",
        worst <= RELATIVE,
    )
