"""Layers without weights: a new shape, or an activation by itself."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from symlab.nn.activations import check_activation
from symlab.nn.layers.checks import check_flags_and_name, check_softmax
from symlab.nn.tensor import Shape, call_layer


class Weightless:
    """What layers without weights share; each says in `transform` what it does to its input."""

    activation = "linear"
    trainable = True

    __call__ = call_layer

    def weight_shapes(self, _shape: Shape) -> tuple[Shape, ...]:
        """Return no shapes."""
        return ()

    def scores(self, x: Any, _weights: list[Any]) -> Any:
        """Return the graph of the output before the activation."""
        return self.transform(x)

    def transform(self, x: Any) -> Any:
        """Return the input as it is."""
        return x


@dataclass(frozen=True)
class Flatten(Weightless):
    """All numbers of a sample in one row: channel by channel, row by row.

    Parameters
    ----------
    name : str, optional
        What the model calls it; otherwise flatten, flatten_1, ...

    Examples
    --------
    >>> from symlab.nn import Input
    >>> Flatten()(Input((2, 3, 3))).shape
    (18,)
    """

    name: str | None = field(default=None, compare=False, kw_only=True)

    def __post_init__(self) -> None:
        check_flags_and_name(self)

    def __repr__(self) -> str:
        return "Flatten()"

    def output_shape(self, shape: Shape) -> Shape:
        """Return (n,), n being the product of the shape."""
        return (int(np.prod(shape)),)

    def transform(self, x: Any) -> Any:
        """Return the same numbers, a row per sample."""
        size = int(np.prod(x.type.shape[1:]))
        return x.reshape((x.type.shape[0] or -1, size))


@dataclass(frozen=True)
class Activation(Weightless):
    """An activation as a layer of its own.

    Parameters
    ----------
    activation : str
        linear, sigmoid, softsign, tanh, relu or softmax.
    name : str, optional
        What the model calls it; otherwise activation, activation_1, ...

    Examples
    --------
    >>> from symlab.nn import Input
    >>> Activation("relu")(Input((2, 6, 6))).shape
    (2, 6, 6)
    >>> Activation("relo")
    Traceback (most recent call last):
        ...
    ValueError: Activation: unknown activation 'relo'; did you mean 'relu'? Known: linear, \
sigmoid, softsign, tanh, relu, softmax.
    """

    activation: str
    name: str | None = field(default=None, compare=False, kw_only=True)

    def __post_init__(self) -> None:
        check_activation(self.activation, "Activation")
        check_flags_and_name(self)

    def __repr__(self) -> str:
        return f"Activation({self.activation!r})"

    def output_shape(self, shape: Shape) -> Shape:
        """Return the same shape."""
        check_softmax(self, shape)
        return shape
