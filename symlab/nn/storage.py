"""Models in files: NumPy archives of plain arrays, with the layers as JSON; nothing is pickled."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from symlab.nn.layers import LAYERS
from symlab.nn.network import Arrays, Network
from symlab.nn.tensor import Layer, Shape

DESCRIPTION = "description"


def described(network: Network, names: tuple[str, ...]) -> str:
    """Return a network's layers as JSON, each with the name it has."""
    layers = [
        {"kind": type(layer).__name__, **_options(layer), "name": name, "owner": owner}
        for layer, name, owner in zip(network.layers, names, network.owners, strict=True)
    ]
    return json.dumps({"input_shape": network.input_shape, "layers": layers})


def _options(layer: Any) -> dict[str, Any]:
    return {each.name: getattr(layer, each.name) for each in fields(layer)}


def write(path: str | Path, description: str, names: tuple[str, ...], arrays: Arrays) -> Path:
    """Write an archive; return its path, which ends in .npz."""
    place = Path(path)
    place = place if place.suffix == ".npz" else place.with_name(f"{place.name}.npz")
    named = {
        f"{name}/{i}": array
        for name, each in zip(names, arrays, strict=True)
        for i, array in enumerate(each)
    }
    np.savez(place, **{DESCRIPTION: np.array(description)}, **named)  # type: ignore[arg-type]
    return place


def read(path: str | Path) -> tuple[Shape, list[Layer], dict[str, list[np.ndarray]]]:
    """Return input shape, layers, and weights by layer name.

    Raises
    ------
    ValueError
        If the file is no archive that `write` has written.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            stored = {name: archive[name] for name in archive.files}
        description = json.loads(str(stored.pop(DESCRIPTION)))
    except (KeyError, ValueError, EOFError):
        raise ValueError(f"{path}: this is no model that was saved by symlab.") from None
    layers: list[Layer] = []
    for entry in description["layers"]:
        owner = entry.pop("owner")
        layers.append(layers[owner] if owner < len(layers) else _layer(entry))
    weights: dict[str, list[np.ndarray]] = {}
    for name, array in stored.items():
        weights.setdefault(name.rpartition("/")[0], []).append(array)
    return tuple(description["input_shape"]), layers, weights


def _layer(entry: dict[str, Any]) -> Layer:
    kind: Any = LAYERS[entry.pop("kind")]
    return kind(**{name: tuple(v) if isinstance(v, list) else v for name, v in entry.items()})
