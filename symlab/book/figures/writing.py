"""Keep the files of a figure that already show what has just been drawn.

A figure drawn again differs in its last bits from machine to machine. Where nothing differs beyond
the tolerances of a check, and the same backend computed it, the files that stand are kept, so that
drawing all figures of a sound checkout changes no file of it.
"""

import io
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib import image

from symlab.book.figures.fingerprint import differences
from symlab.files import replace_file
from symlab.lab.plots.style import pixel_digest

PIXELS = 2.0
"""Root-mean-square difference of pixels, of 255, that two pictures of the same numbers may have."""


def write_changed(directory: Path, id: str, contents: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write the files of a figure, except a picture and passport that are there and the same.

    Parameters
    ----------
    directory : pathlib.Path
    id : str
        The figure's.
    contents : mapping of str to bytes
        What each file should hold, by name: the passport, and a picture or several.

    Returns
    -------
    tuple of pathlib.Path
        Where the files are.

    Raises
    ------
    OSError
        If one cannot be written; the error names it.
    """
    kept = {f"{id}.png", f"{id}.json"} if _is_unchanged(directory, id, contents) else set()
    for name in contents:
        if name not in kept:
            replace_file(directory / name, contents[name])
    return tuple(directory / name for name in contents)


def _is_unchanged(directory: Path, id: str, contents: Mapping[str, bytes]) -> bool:
    """Return whether picture and passport in the folder differ in nothing that counts."""
    if f"{id}.png" not in contents:
        return False
    try:
        passport = json.loads((directory / f"{id}.json").read_text(encoding="utf-8"))
        picture = (directory / f"{id}.png").read_bytes()
        drawn = json.loads(contents[f"{id}.json"])
        if pixel_digest(picture) != passport["pixels"] or passport["backend"] != drawn["backend"]:
            return False
        if any(differences(passport, drawn)):
            return False
        return pixel_difference(picture, contents[f"{id}.png"]) <= PIXELS
    except (OSError, ValueError, KeyError, TypeError, SyntaxError):
        return False  # there is none, or none that can be read: SyntaxError is Pillow's for a PNG


def pixel_difference(first: bytes | Path, second: bytes | Path) -> float:
    """Return the root-mean-square difference of two pictures, of 255; infinite if sizes differ."""
    one, other = pixels(first), pixels(second)
    if one.shape != other.shape:
        return float("inf")
    return float(np.sqrt(np.mean((one - other) ** 2)))


def pixels(picture: bytes | Path) -> np.ndarray:
    """Return a picture's colours, shape (height, width, 3), from 0 to 255."""
    source = io.BytesIO(picture) if isinstance(picture, bytes) else picture
    return 255.0 * image.imread(source, format="png")[..., :3]
