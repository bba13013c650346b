"""The dense layer: every output is a weighted sum of all inputs."""

from dataclasses import dataclass, field
from typing import Any

import pytensor.tensor as pt

from symlab.checks import whole
from symlab.nn.activations import check_activation
from symlab.nn.layers.checks import check_flags_and_name, check_row, check_softmax, set_options
from symlab.nn.tensor import Shape, call_layer


@dataclass(frozen=True)
class Dense:
    """Every output is a weighted sum of all inputs: activation(x @ kernel + bias).

    Parameters
    ----------
    units : int
        The number of outputs.
    activation : str
        linear, sigmoid, softsign, tanh, relu or softmax.
    use_bias : bool
        Whether a bias is added to each output.
    trainable : bool
        Whether a fit changes the weights.
    name : str, optional
        What the model calls it; otherwise dense, dense_1, ...

    Raises
    ------
    TypeError, ValueError
        Naming the option; called on a tensor, if its samples are not rows of numbers.

    Examples
    --------
    >>> from symlab.nn import Input
    >>> Dense(4, activation="sigmoid")(Input(2)).shape
    (4,)
    >>> Dense(4)(Input((1, 6, 6)))
    Traceback (most recent call last):
        ...
    ValueError: Dense(units=4): expected samples of shape (n,), got the shape (1, 6, 6); \
put a Flatten() before it.
    """

    units: int
    activation: str = "linear"
    use_bias: bool = field(default=True, kw_only=True)
    trainable: bool = field(default=True, kw_only=True)
    name: str | None = field(default=None, compare=False, kw_only=True)

    def __post_init__(self) -> None:
        set_options(self, units=whole(self.units, "Dense: units", 1))
        check_activation(self.activation, "Dense")
        check_flags_and_name(self)

    def __repr__(self) -> str:
        return f"Dense(units={self.units})"

    __call__ = call_layer

    def output_shape(self, shape: Shape) -> Shape:
        """Return (units,), of samples (n,)."""
        check_row(self, shape)
        check_softmax(self, (self.units,))
        return (self.units,)

    def weight_shapes(self, shape: Shape) -> tuple[Shape, ...]:
        """Return (n, units), and (units,) if there is a bias."""
        return ((shape[0], self.units), (self.units,))[: 1 + self.use_bias]

    def scores(self, x: Any, weights: list[Any]) -> Any:
        """Return x @ kernel + bias."""
        product = pt.dot(x, weights[0])
        return product + weights[1] if self.use_bias else product
