"""The names of a model's layers: their own, or their kind with a number."""

from symlab.checks import shown
from symlab.nn.network import Network

KINDS = {"MaxPool2D": "max_pool2d", "AveragePool2D": "average_pool2d"}
"""Kinds whose name is not the class's in small letters; as in Keras."""


def name_layers(network: Network) -> tuple[str, ...]:
    """Return the name of each layer: its own, or its kind, numbered from the second on.

    Raises
    ------
    ValueError
        If two layers have the same name.
    """
    names: list[str] = []
    for i, (layer, owner) in enumerate(zip(network.layers, network.owners, strict=True)):
        if owner != i:
            names.append(names[owner])
            continue
        if layer.name in names:
            raise ValueError(f"Model: two layers have the name {shown(layer.name)}.")
        names.append(layer.name or _free_name(type(layer).__name__, names))
    return tuple(names)


def _free_name(kind: str, taken: list[str]) -> str:
    name = KINDS.get(kind, kind.lower())
    numbered = (f"{name}_{i}" for i in range(1, len(taken) + 1))
    return next(each for each in (name, *numbered) if each not in taken)
