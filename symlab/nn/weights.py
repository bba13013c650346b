"""Weights given by a user, checked against those that a model has."""

from collections.abc import Iterable, Mapping, Sequence, Sized
from typing import Any

import numpy as np

from symlab.algebra.arrays import real_array
from symlab.checks import MOST_MEMBERS, length, nearest, shown
from symlab.nn.network import Arrays

GivenWeights = Mapping[str, Sequence[Any]] | Sequence[Any]
"""Kernel and bias by the name of the layer; or every kernel and bias from the input on."""


def check_weights(
    given: GivenWeights, names: tuple[str, ...], present: Arrays
) -> dict[int, list[np.ndarray]]:
    """Return new weights by the place of their layer, copied.

    Parameters
    ----------
    given : mapping of str to sequence of arrays, or sequence of arrays
    names : tuple of str
        Of the layers.
    present : list of lists of arrays
        The weights that each layer has.

    Raises
    ------
    TypeError, ValueError
        If a layer is unknown, a number is not finite, or there are too few arrays, too many, or
        one of another shape.
    """
    owned = {name: i for i, name in enumerate(names) if present[i]}
    if not isinstance(given, Mapping):
        counts = {name: len(present[i]) for name, i in owned.items()}
        given = _by_layer(as_list(given, "weights"), counts)
    for name in given:
        if name not in owned:
            raise ValueError(
                f"weights: no layer {shown(name)} has any{nearest(name, list(owned))} "
                f"Those with weights: {shown(', '.join(owned))[1:-1]}."
            )
    return {
        owned[name]: _same_shapes(values, present[owned[name]], f"weights, {name}")
        for name, values in given.items()
    }


def _by_layer(arrays: list[Any], counts: dict[str, int]) -> dict[str, list[Any]]:
    """Return arrays in a row by the layers that they belong to, as Keras lists them."""
    total = sum(counts.values())
    if len(arrays) != total:
        raise ValueError(f"weights: expected {total} arrays, got {len(arrays)}.")
    rest = iter(arrays)
    return {name: [next(rest) for _ in range(count)] for name, count in counts.items()}


def _same_shapes(values: object, present: list[np.ndarray], name: str) -> list[np.ndarray]:
    given = as_list(values, name)
    if len(given) != len(present):
        raise ValueError(f"{name}: expected {len(present)} arrays, got {len(given)}.")
    arrays = [real_array(each, name).copy() for each in given]
    for array, old in zip(arrays, present, strict=True):
        if array.shape != old.shape:
            raise ValueError(f"{name}: expected the shape {old.shape}, got {array.shape}.")
    return arrays


def as_list(values: object, name: str) -> list[Any]:
    """Return a sequence as a list; text is none, and neither is a number.

    Raises
    ------
    TypeError, ValueError
        Calling the argument `name`.
    """
    is_scalar = isinstance(values, str | bytes) or getattr(values, "ndim", 1) == 0
    if is_scalar or not (isinstance(values, Iterable) and isinstance(values, Sized)):
        raise TypeError(f"{name}: expected a list, got {shown(values)}.")
    if length(values) > MOST_MEMBERS:
        raise ValueError(f"{name}: expected a list of arrays, got {shown(values)}.")
    return list(values)
