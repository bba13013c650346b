"""Tensors as users see them: the outputs of layers, described before any number is known.

A tensor knows the shape of one sample, the layer that makes it, and the tensor that this layer is
called on. The PyTensor graph is made later, because it depends on the number of samples.
"""

from dataclasses import dataclass
from math import prod
from typing import Any, Protocol

from symlab.checks import several, shown, whole

Shape = tuple[int, ...]

MOST_NUMBERS = 10**9
"""Numbers in a sample at most: 8 GB each."""

MOST_AXES = 16
"""Axes of a sample at most."""


class Layer(Protocol):
    """What every layer must have.

    A layer holds its options only; the weights belong to the model.
    """

    @property
    def name(self) -> str | None:
        """The name that the user gave it."""

    @property
    def activation(self) -> str:
        """The activation that follows its scores."""

    @property
    def trainable(self) -> bool:
        """Whether a fit changes its weights."""

    def __call__(self, tensor: "Tensor") -> "Tensor":
        """Return the tensor that it makes of another."""

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of a sample of its output, or raise a ValueError."""

    def weight_shapes(self, shape: Shape) -> tuple[Shape, ...]:
        """Return the shapes of its kernel and bias, as far as it has them."""

    def scores(self, x: Any, weights: list[Any]) -> Any:
        """Return the PyTensor graph of its output before the activation."""


@dataclass(frozen=True, eq=False)
class Tensor:
    """The output of a layer, or an input.

    Parameters
    ----------
    shape : tuple of int
        Of one sample; the axis of the samples is not counted.
    layer : Layer, optional
        The layer that makes it; None for an input.
    parent : Tensor, optional
        The tensor that the layer was called on.
    """

    shape: Shape
    layer: Layer | None = None
    parent: "Tensor | None" = None

    def __post_init__(self) -> None:
        axes = several(self.shape, "Tensor: shape", "a tuple of whole numbers")
        shape = _check_size(tuple(whole(axis, "Tensor: shape", 1) for axis in axes), "Tensor")
        object.__setattr__(self, "shape", shape)
        if self.layer is not None and not hasattr(self.layer, "output_shape"):
            raise TypeError(f"Tensor: layer: expected a layer, got {shown(self.layer)}.")
        if self.parent is not None and not isinstance(self.parent, Tensor):
            raise TypeError(f"Tensor: parent: expected a tensor, got {shown(self.parent)}.")

    def __repr__(self) -> str:
        return f"Tensor(shape={self.shape}, from {self.layer or 'Input'})"


def Input(shape: object) -> Tensor:
    """Return an input whose samples have this shape; images are channels first.

    Raises
    ------
    TypeError, ValueError
        If the shape is neither a whole number of at least 1 nor a tuple of them.

    Examples
    --------
    >>> Input((1, 6, 6)).shape, Input(2).shape
    ((1, 6, 6), (2,))
    """
    axes = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    if not axes:
        raise ValueError("Input: expected the shape of one sample, such as (2,), got ().")
    return Tensor(_check_size(tuple(whole(axis, "Input: shape", 1) for axis in axes), "Input"))


def call_layer(layer: Layer, tensor: Tensor) -> Tensor:
    """Return the tensor that a layer makes of another.

    Raises
    ------
    TypeError
        If it is called on anything but a tensor.
    ValueError
        If the layer cannot take that shape.
    """
    if not isinstance(tensor, Tensor):
        raise TypeError(
            f"{layer.name or layer}: expected a tensor, such as Input((2,)) or what a layer gives, "
            f"got {type(tensor).__name__}."
        )
    shape = _check_size(layer.output_shape(tensor.shape), str(layer.name or layer))
    return Tensor(shape, layer, tensor)


def _check_size(shape: Shape, name: str) -> Shape:
    if len(shape) > MOST_AXES or prod(shape) > MOST_NUMBERS:
        raise ValueError(
            f"{name[:60]}: a sample has at most {MOST_AXES} axes and {MOST_NUMBERS:.0e} numbers, "
            f"got the shape {shown(shape)}."
        )
    return shape


def layers_between(inputs: Tensor, tensor: Tensor) -> tuple[Layer, ...]:
    """Return the layers that lead from an input to a tensor.

    Raises
    ------
    ValueError
        If the tensor was not made from that input.
    """
    layers: list[Layer] = []
    current: Tensor | None = tensor
    while current is not None and current is not inputs:
        if current.layer is not None:
            layers.append(current.layer)
        current = current.parent
    if current is None:
        raise ValueError(f"{tensor!r} does not come from the inputs of the model, {inputs!r}.")
    return tuple(reversed(layers))
