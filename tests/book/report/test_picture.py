"""Pictures in the page: the same picture, small, and sharp."""

import base64
from io import BytesIO
from urllib.parse import unquote
from xml.etree.ElementTree import fromstring

import numpy as np
from matplotlib import image
from matplotlib.figure import Figure

from symlab.book.places import folder
from symlab.book.report.picture import SHARP, picture, picture_from


def scatter(points: int) -> Figure:
    """A figure whose drawing grows with the number of points."""
    figure = Figure(figsize=(5, 3))
    figure.subplots().plot(*np.random.default_rng(0).normal(size=(2, points)), ".")
    return figure


def test_a_small_picture_is_a_drawing():
    """Well formed once it is read back, and of the size that was asked for."""
    found = picture(scatter(10))
    assert (found.width, found.height) == (360, 216)
    assert '"' not in found.source
    root = fromstring(unquote(found.source.removeprefix("data:image/svg+xml,")))
    assert root.attrib["viewBox"] == "0 0 360 216"


def test_a_large_picture_is_pixels_for_sharp_screens():
    """A drawing of twenty thousand dots would be larger and slower than its pixels."""
    found = picture(scatter(20_000))
    pixels = base64.b64decode(found.source.removeprefix("data:image/png;base64,"))
    assert (found.width, found.height) == (360, 216)
    height, width, _ = image.imread(BytesIO(pixels)).shape
    assert (width, height) == (SHARP * 360, SHARP * 216)


def test_a_folder_without_drawings_gives_its_pixels():
    """As the committed figures are."""
    found = picture_from(folder("figures"), "LS_cost", (10, 5))
    pixels = base64.b64decode(found.source.removeprefix("data:image/png;base64,"))
    assert pixels == (folder("figures") / "LS_cost.png").read_bytes()
    assert (found.width, found.height) == (720, 360)
