"""What every layer asks of its options, and of the shape that it is called on."""

from typing import Any, NoReturn

from symlab.checks import flag, shown
from symlab.nn.tensor import Layer, Shape

LONGEST_NAME = 100
"""Characters in the name of a layer, at most."""


def set_options(layer: object, **values: object) -> None:
    """Replace options by their usual form; a frozen dataclass allows it only while it is made."""
    for name, value in values.items():
        object.__setattr__(layer, name, value)


def check_flags_and_name(layer: Any) -> None:
    """Refuse a flag that is no bool, and a name that could not stand in a table or a file.

    Raises
    ------
    TypeError, ValueError
        Naming layer and option.
    """
    kind = type(layer).__name__
    for option in ("use_bias", "trainable"):
        if hasattr(layer, option):
            flag(getattr(layer, option), f"{kind}: {option}")
    name = layer.name
    if name is None:
        return
    if not isinstance(name, str):
        raise TypeError(f"{kind}: name: expected text, got {shown(name)}.")
    if not name.isprintable() or not 0 < len(name) <= LONGEST_NAME:
        raise ValueError(
            f"{kind}: name: expected 1 to {LONGEST_NAME} printable characters, got {shown(name)}."
        )


def check_row(layer: Layer, shape: Shape) -> None:
    """Refuse samples that are not one row of numbers."""
    if len(shape) != 1:
        _refuse(layer, "samples of shape (n,)", shape, "; put a Flatten() before it")


def check_images(layer: Layer, shape: Shape, window: tuple[int, int], padding: str) -> None:
    """Refuse samples that are no images, or images smaller than a window without padding."""
    if len(shape) != 3:
        _refuse(layer, "images of shape (channels, height, width)", shape)
    if padding == "valid" and (shape[1] < window[0] or shape[2] < window[1]):
        _refuse(layer, f"images of at least {window[0]} x {window[1]}", shape)


def check_softmax(layer: Layer, shape: Shape) -> None:
    """Refuse an output that has no softmax: that needs a row of two numbers or more."""
    if layer.activation == "softmax" and (len(shape) != 1 or shape[0] < 2):
        _refuse(layer, "at least two numbers (n,) for a softmax", shape)


def _refuse(layer: Layer, expected: str, shape: Shape, remedy: str = "") -> NoReturn:
    name = f"{layer.name}, {layer}" if layer.name else f"{layer}"
    raise ValueError(f"{name}: expected {expected}, got the shape {shape}{remedy}.")
