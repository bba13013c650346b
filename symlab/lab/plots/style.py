"""Picture files: the book's look, and the same bytes for the same figure.

A figure drawn twice gives the same file, because nothing of the day or of the software is written
into it.
"""

from collections.abc import Iterable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import image, rc_context, style
from matplotlib.figure import Figure, FigureBase

from symlab.checks import check_type, nearest, shown
from symlab.files import path_of, replace_file

BOOK: dict[str, Any] = {"mathtext.fontset": "cm", "figure.subplot.bottom": 0.125}
"""What the book's figures change of Matplotlib's defaults.

Formulas are in Computer Modern, and the axes begin an eighth above the lower edge, where the
notebooks of its day put them.
"""

DPI = 72
"""The book's resolution: a figure of 10 by 5 inches is 720 by 360 pixels."""

REPRODUCIBLE: dict[str, Any] = {"svg.hashsalt": "symlab", "svg.fonttype": "path", "pdf.fonttype": 3}
"""Settings under which the same figure gives the same bytes, run after run."""

METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
"""Formats, and what each would otherwise note of the day or the software that wrote it."""


def use_book_style() -> None:
    """Draw what follows as in the book, whatever the reader's own Matplotlib settings are."""
    style.use(["default", BOOK])


LONGEST_NAME = 200
"""Characters in the name of a file; most systems allow 255 bytes."""


def save_picture(figure: Figure, path: str | Path) -> Path:
    """Write any figure as a file whose ending is its format; return the path.

    A bare name, as lessons use for what is not a figure of the book, stands for
    `pictures/NAME.png` in the current folder.

    The file is written whole or not at all.

    Raises
    ------
    OSError
        If the file cannot be written; the error names it.
    TypeError
        If this is no figure, or `path` no path.
    ValueError
        If the ending is not a known format.

    Examples
    --------
    >>> save_picture(Figure(), "plot.pgn")
    Traceback (most recent call last):
        ...
    ValueError: format: unknown format 'pgn'; did you mean 'png'? Known: png, svg, pdf.
    """
    check_type(figure, FigureBase, "figure", "a matplotlib Figure")
    file = path_of(path, "path")
    if len(file.name) > LONGEST_NAME:
        raise ValueError(f"path: expected a name of at most {LONGEST_NAME} characters.")
    if isinstance(path, str) and not file.suffix and file.name == path:
        file = Path("pictures") / f"{path}.png"
    check_format(file.suffix.removeprefix("."))
    replace_file(file, render(figure, file.suffix.removeprefix(".")))
    return file


def check_format(name: str) -> str:
    """Return a format's name in lower case.

    Raises
    ------
    ValueError
        If it is unknown; the message gives the nearest.
    """
    if name.lower() not in METADATA:
        hint = nearest(name.lower(), METADATA)
        raise ValueError(
            f"format: unknown format {shown(name)}{hint} Known: {', '.join(METADATA)}."
        )
    return name.lower()


def render(figure: Figure, file_format: str = "png", *, dpi: int = DPI) -> bytes:
    """Return a figure as the bytes of a file; the same figure always gives the same bytes."""
    buffer, wanted = BytesIO(), check_format(file_format)
    with rc_context(), style.context(["default", BOOK, REPRODUCIBLE]):
        figure.savefig(buffer, format=wanted, dpi=dpi, metadata=METADATA[wanted])
    return buffer.getvalue()


def render_alike(figure: Figure, formats: Iterable[str]) -> dict[str, bytes]:
    """Return a figure as a PNG and in other formats, all with the layout that the PNG has.

    Each drawing would settle the layout anew, from where the last one left it.
    """
    files = {"png": render(figure)}
    engine = figure.get_layout_engine()
    figure.set_layout_engine("none")
    files |= {each: render(figure, each) for each in formats if each != "png"}
    figure.set_layout_engine(engine)
    return files


def pixel_digest(png: bytes) -> str:
    """Return a fingerprint of a PNG's pixels, however the file is packed.

    Raises
    ------
    OSError, ValueError
        If it is no picture.
    """
    pixels = np.round(255 * image.imread(BytesIO(png), format="png")).astype(np.uint8)
    return sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()
