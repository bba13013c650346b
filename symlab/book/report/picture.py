"""Pictures inside the page: as drawings while those are small, else as pixels, never as links."""

import base64
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from matplotlib.figure import Figure

from symlab.lab.plots.style import DPI, render

LARGEST_DRAWING = 400_000
"""Characters of SVG above which a picture of pixels is smaller and as good to look at."""

SHARP = 2
"""Pixels for each pixel of the page, for the screens of telephones."""

HARMLESS = " /:?=;,+@!$()*'-._~"
"""Characters that need no escape in an address between double quotes."""

DISPENSABLE = re.compile(r"^.*?(?=<svg\b)|<metadata>.*?</metadata>", re.DOTALL)
"""The prologue of an SVG file and what it says of itself."""


@dataclass(frozen=True)
class Picture:
    """A picture as the page holds it: its bytes as an address, and its size in CSS pixels."""

    source: str
    width: int
    height: int


def picture(figure: Figure) -> Picture:
    """Return a Matplotlib figure as a picture of the page."""
    width, height = figure.get_size_inches()
    drawing = render(figure, "svg").decode("utf-8")
    if len(drawing) <= LARGEST_DRAWING:
        source = drawing_source(drawing)
    else:
        source = pixel_source(render(figure, "png", dpi=SHARP * DPI))
    return Picture(source, round(width * DPI), round(height * DPI))


def picture_from(directory: Path, name: str, size: tuple[float, float]) -> Picture:
    """Return a picture that was drawn into a folder, its SVG file if there is one, else its PNG.

    Parameters
    ----------
    directory : pathlib.Path
    name : str
        Of the files, without an ending.
    size : pair of float
        Width and height in inches.

    Raises
    ------
    FileNotFoundError
        If there is neither.
    """
    width, height = (round(inches * DPI) for inches in size)
    drawing, pixels = directory / f"{name}.svg", directory / f"{name}.png"
    if drawing.exists() and drawing.stat().st_size <= LARGEST_DRAWING:
        return Picture(drawing_source(drawing.read_text(encoding="utf-8")), width, height)
    return Picture(pixel_source(pixels.read_bytes()), width, height)


def drawing_source(drawing: str) -> str:
    """Return an SVG file as an address.

    Examples
    --------
    >>> drawing_source('<?xml?> <svg width="1"><metadata>by me</metadata>#</svg>')
    'data:image/svg+xml,%3Csvg width=%221%22%3E%23%3C/svg%3E'
    """
    bare = DISPENSABLE.sub("", drawing)
    return f"data:image/svg+xml,{quote(' '.join(bare.split()), safe=HARMLESS)}"


def pixel_source(pixels: bytes) -> str:
    """Return a PNG file as an address."""
    return f"data:image/png;base64,{base64.b64encode(pixels).decode('ascii')}"
