"""The losses: one number per sample, from the output of a model and the target.

A cross-entropy is computed from the scores where the last activation is the one that belongs to it
(sigmoid or softmax), so that no probability is rounded to 0 or 1 before its logarithm. Otherwise,
and where `clip` is given, probabilities are clipped first, as Keras 2 always does.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytensor.tensor as pt

from symlab.algebra import functions
from symlab.algebra.alphabet import x
from symlab.checks import lookup, shown
from symlab.engine.lowering.lower import lower_elementwise
from symlab.nn.activations import log_softmax

KERAS_CLIP = 1e-7
"""The clip of Keras: probabilities are kept in [1e-7, 1 - 1e-7]."""


@dataclass(frozen=True)
class Output:
    """The output of a model as graphs.

    Parameters
    ----------
    scores : tensor
        The output of the last layer before its activation.
    activation : str
        The activation of the last layer.
    values : tensor
        The output after it.
    """

    scores: Any
    activation: str
    values: Any


@dataclass(frozen=True)
class Loss:
    """A loss; call it to clip probabilities.

    Parameters
    ----------
    name : str
    formula : callable
        From output, target and clip to the loss of each sample.
    labels : str
        What targets must be: any `"numbers"`, `"signs"` (-1 or 1), `"probabilities"`, or rows of
        probabilities with sum 1 (`"shares"`).
    threshold : float, optional
        The output at which the predicted class changes; None where the class is the largest of
        several outputs.
    clip : float, optional
        How far probabilities are kept from 0 and 1, in (0, 1/2).

    Examples
    --------
    >>> binary_crossentropy
    binary_crossentropy
    >>> binary_crossentropy(clip=1e-7)
    binary_crossentropy(clip=1e-07)
    """

    name: str
    formula: Callable[[Output, Any, float | None], Any]
    labels: str
    threshold: float | None = None
    clip: float | None = None

    def __call__(self, *, clip: float) -> "Loss":
        """Return the same loss with probabilities kept in [clip, 1 - clip].

        Raises
        ------
        TypeError
            If the loss has no probabilities.
        ValueError
            If `clip` does not lie in (0, 1/2).
        """
        if self.name not in CLIPPED:
            raise TypeError(f"{self.name} has no probabilities to clip.")
        if isinstance(clip, bool) or not isinstance(clip, int | float | np.floating):
            raise TypeError(f"{self.name}: clip: expected a number, got {shown(clip)}.")
        if not 0 < clip < 0.5:
            raise ValueError(f"{self.name}: clip must lie in (0, 1/2), got {shown(clip)}.")
        return replace(self, clip=float(clip))

    def __repr__(self) -> str:
        return self.name if self.clip is None else f"{self.name}(clip={self.clip})"

    def per_sample(self, output: Output, target: Any) -> Any:
        """Return the loss of each sample, shape (samples,)."""
        return self.formula(output, target, self.clip)

    def accuracy(self, output: Output, target: Any) -> Any:
        """Return the share of right classes of each sample, shape (samples,)."""
        values = output.values.flatten(2)
        if self.threshold is None or (self.labels == "numbers" and values.type.shape[1] != 1):
            return pt.eq(values.argmax(axis=1), target.argmax(axis=1)).astype("float64")
        agree = pt.eq(pt.gt(values, self.threshold), pt.gt(target, self.threshold))
        return _mean(agree.astype("float64"))


def _mean(values: Any) -> Any:
    """Return the mean over the outputs of each sample."""
    return values[:, 0] if values.type.shape[1] == 1 else values.mean(axis=1)


def _hinge(output: Output, target: Any, _clip: float | None) -> Any:
    product = target * output.values.flatten(2)
    return _mean(lower_elementwise([functions.hinge(x)], {x: product}, differentiable=True)[0])


def _squared_error(output: Output, target: Any, _clip: float | None) -> Any:
    return _mean(pt.sqr(output.values.flatten(2) - target))


def _binary(output: Output, target: Any, clip: float | None) -> Any:
    if output.activation == "sigmoid" and clip is None:
        z = output.scores.flatten(2)
        return _mean(pt.softplus(z) - target * z)
    p = _clip_values(output, clip)
    return _mean(-target * pt.log(p) - (1 - target) * pt.log1p(-p))


def _categorical(output: Output, target: Any, clip: float | None) -> Any:
    if output.activation == "softmax" and clip is None:
        logarithms = log_softmax(output.scores)
    else:
        logarithms = pt.log(_clip_values(output, clip))
    return -(target * logarithms).sum(axis=1)


def _clip_values(output: Output, clip: float | None) -> Any:
    margin = clip or KERAS_CLIP
    return pt.clip(output.values.flatten(2), margin, 1 - margin)


hinge = Loss("hinge", _hinge, "signs", threshold=0.0)
binary_crossentropy = Loss("binary_crossentropy", _binary, "probabilities", threshold=0.5)
categorical_crossentropy = Loss("categorical_crossentropy", _categorical, "shares")
squared_error = Loss("squared_error", _squared_error, "numbers", threshold=0.5)

LOSSES = {
    loss.name: loss
    for loss in (hinge, binary_crossentropy, categorical_crossentropy, squared_error)
}
ALIASES = {"mse": "squared_error", "mean_squared_error": "squared_error"}
"""Names that Keras has for them."""
CLIPPED = ("binary_crossentropy", "categorical_crossentropy")
"""The losses of probabilities."""


def as_loss(loss: object) -> Loss:
    """Return a loss, given as itself or by its name.

    Raises
    ------
    TypeError, ValueError
        If it is neither; the message has the nearest name.

    Examples
    --------
    >>> as_loss("mse")
    squared_error
    >>> as_loss("binary_crosentropy")
    Traceback (most recent call last):
        ...
    ValueError: loss: unknown name 'binary_crosentropy'; did you mean 'binary_crossentropy'? \
Known: hinge, binary_crossentropy, categorical_crossentropy, squared_error.
    """
    if isinstance(loss, Loss):
        return loss
    if not isinstance(loss, str):
        raise TypeError(f"loss: expected a loss or its name, got {shown(loss)}.")
    return lookup(ALIASES.get(loss, loss), LOSSES, "loss")
