"""Models in files: NumPy archives of plain arrays, with the layers as JSON; nothing is pickled.

Reading checks everything: the description against a schema, the options of a layer by the layer,
and the arrays, which must be exactly those that these layers have.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from symlab.checks import shown
from symlab.engine.archive import pack, unpack
from symlab.engine.schema import LONGEST_NAME, Kind, Many, Parsed, Record, Text, Whole, json_value
from symlab.files import path_of, read_file, replace_file
from symlab.nn.layers import LAYERS
from symlab.nn.network import Arrays, Network, make_network
from symlab.nn.tensor import MOST_AXES, MOST_NUMBERS, Layer

DESCRIPTION = "description"
MOST_LAYERS = 10_000


@dataclass(frozen=True)
class Stored:
    """The contents of a file: the layers, their names and their weights."""

    network: Network
    names: tuple[str, ...]
    arrays: Arrays


def describe(network: Network, names: tuple[str, ...]) -> str:
    """Return a network's layers as JSON, each with the name it has."""
    layers = [
        {"kind": type(layer).__name__, **_options(layer), "name": name, "owner": owner}
        for layer, name, owner in zip(network.layers, names, network.owners, strict=True)
    ]
    return json.dumps({"input_shape": network.input_shape, "layers": layers})


def _options(layer: Any) -> dict[str, Any]:
    return {each.name: getattr(layer, each.name) for each in fields(layer)}


def write(path: str | Path, description: str, names: tuple[str, ...], arrays: Arrays) -> Path:
    """Write an archive, whole or not at all; return its path, which ends in .npz.

    Raises
    ------
    OSError
        If it cannot be written; the error names the file, and an old file stays as it was.
    TypeError, ValueError
        If `path` is no path.
    """
    place = path_of(path, "file")
    place = place if place.suffix == ".npz" else place.with_name(f"{place.name}.npz")
    named = {
        key: array
        for name, each in zip(names, arrays, strict=True)
        for key, array in zip(_keys(name, len(each)), each, strict=True)
    }
    replace_file(place, pack({DESCRIPTION: np.array(description), **named}))
    return place


def _keys(name: str, count: int) -> list[str]:
    return [f"{name}/{i}" for i in range(count)]


def read(path: str | Path) -> Stored:
    """Return the contents of a file that `write` has written.

    Raises
    ------
    OSError
        If the file cannot be read.
    TypeError, ValueError
        If `path` is no path, or the file is no archive that `write` has written; the message names
        the file and what is wrong with it.
    """
    place = path_of(path, "file")
    content = read_file(place)
    try:
        return _read_archive(unpack(content))
    except (TypeError, ValueError) as error:
        reason = " ".join(str(error).split()).rstrip(".")[:90]
        raise ValueError(
            f"{shown(str(place))}: this is no model that was saved by symlab: {reason}."
        ) from None


def _read_archive(archive: Mapping[str, np.ndarray]) -> Stored:
    text = archive.get(DESCRIPTION)
    if text is None or text.ndim or text.dtype.kind != "U":
        raise ValueError(f"its {DESCRIPTION} is missing")
    found = MODEL.read(json_value(str(text)), "")
    layers: list[Layer] = []
    for i, entry in enumerate(found["layers"]):
        layers.append(layers[entry.owner] if entry.owner < i else entry.make_layer())
    network = make_network(found["input_shape"], layers)
    if network.owners != tuple(entry.owner for entry in found["layers"]):
        raise ValueError("owner: a layer that is used again comes after its first use")
    names = tuple(entry.name for entry in found["layers"])
    weights = {name: array for name, array in archive.items() if name != DESCRIPTION}
    return Stored(network, names, _read_weights(network, names, weights))


@dataclass(frozen=True)
class Entry:
    """A layer as a file describes it.

    Parameters
    ----------
    kind : str
        Its name in `LAYERS`.
    name : str
    owner : int
        The place of the layer whose weights it uses.
    options : mapping of str to value
    """

    kind: str
    name: str
    owner: int
    options: Mapping[str, Any]

    def make_layer(self) -> Layer:
        """Return the layer; it checks its options."""
        layer: Any = LAYERS[self.kind]
        return layer(**self.options, name=self.name)


def _read_entry(value: Any) -> Entry:
    """Return a layer's entry; its kind decides which options it must have."""
    kind = Text(among=LAYERS).read(value.get("kind") if isinstance(value, dict) else value, "kind")
    facts: dict[str, Kind] = {"kind": Text(), "name": Text(LONGEST_NAME, 1), "owner": Whole()}
    options = {
        each.name: Parsed(_read_option) for each in fields(LAYERS[kind]) if each.name != "name"
    }
    found = Record({**facts, **options}).read(value, kind)
    return Entry(kind, found["name"], found["owner"], {name: found[name] for name in options})


def _read_option(value: Any) -> Any:
    """Return a layer's option from JSON, where a pair is a list."""
    return tuple(value) if isinstance(value, list) else value


MODEL = Record(
    {
        "input_shape": Many(Whole(1, MOST_NUMBERS), 1, MOST_AXES),
        "layers": Many(Parsed(_read_entry, "a layer"), 0, MOST_LAYERS),
    }
)
"""The schema of a model's description."""


def _read_weights(
    network: Network, names: tuple[str, ...], archive: Mapping[str, np.ndarray]
) -> Arrays:
    """Return the weights of each layer, having checked that all are there, and no others."""
    keys = [
        _keys(name, len(shapes)) for name, shapes in zip(names, network.weight_shapes, strict=True)
    ]
    wanted = [key for each in keys for key in each]
    if len(set(wanted)) < len(wanted) or set(wanted) != set(archive):
        differing = sorted(set(wanted) ^ set(archive)) or wanted
        raise ValueError(f"the weights of its layers are others: {shown(differing)}")
    for each, shapes in zip(keys, network.weight_shapes, strict=True):
        for key, shape in zip(each, shapes, strict=True):
            _check_weight(archive[key], shape, key)
    return [[archive[key] for key in each] for each in keys]


def _check_weight(array: np.ndarray, shape: tuple[int, ...], key: str) -> None:
    if array.dtype != np.float64 or array.shape != shape:
        raise ValueError(
            f"{shown(key)}: expected float64 of shape {shape}, got {array.dtype}, {array.shape}"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{shown(key)}: expected finite numbers")
