"""The committed figures of sections 17 to 21, read by their passports: the spec's numbers."""

import json

import numpy as np
import pytest
from matplotlib import image

from symlab.book import lessons
from symlab.nn.images import fixture_014, max_pool, relu

FIGURES = lessons.folder("figures")

SMALL, LARGE = (432, 288), (720, 720)
PIXELS = {
    1: SMALL, 2: SMALL, 3: LARGE, 4: SMALL, 5: LARGE, 6: (216, 216), 7: SMALL, 8: SMALL,
    9: (576, 576), 10: (356, 186), 11: LARGE, 12: LARGE, 13: (576, 576),
    14: (576, 576),  # the book's file is this, cropped to 568 by 549
}  # fmt: skip

ZERO = """
0 0 5 13 9 1 0 0 / 0 0 13 15 10 15 5 0 / 0 3 15 2 0 11 8 0 / 0 4 12 0 0 8 8 0 /
0 5 8 0 0 9 8 0 / 0 4 11 0 1 12 7 0 / 0 2 14 5 10 12 0 0 / 0 0 6 13 10 0 0 0
"""


def passport(number):
    """The committed passport of image_processing_NNN."""
    path = FIGURES / f"image_processing_{number:03}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def drawn(number, panel=0):
    """The array shown on a panel."""
    kept = passport(number)["arrays"][f"axes {panel}, image 0"]
    return np.reshape(kept["values"], kept["shape"])


def titles(number):
    """The titles of the panels, in their order."""
    words = passport(number)["words"]
    return [value for name, value in words.items() if name.endswith(", title")]


@pytest.mark.parametrize("number", PIXELS)
def test_a_figure_has_the_books_pixels(number):
    """Chapter, sections 17 to 21."""
    height, width, _ = image.imread(FIGURES / f"image_processing_{number:03}.png").shape
    assert (width, height) == PIXELS[number]


def test_the_first_digit_is_the_chapters_zero():
    """Section 17, row by row; E28: 0 to 16, not 0 to 255."""
    rows = [[int(entry) for entry in row.split()] for row in ZERO.split("/")]
    assert drawn(1).tolist() == drawn(2).tolist() == rows
    assert titles(2) == [f"digit {label}" for label in range(10)]


def test_the_walks_titles_are_the_arrays_drawn_after_them():
    """Section 18: 003 shows how 004 came about, 005 how 006 did, with 1 on the slash (E25)."""
    for walk, result in ((3, 4), (5, 6)):
        sums = drawn(result).astype(int)
        assert titles(walk) == [f"res[{i},{j}]={sums[i, j]}" for i, j in np.ndindex(6, 6)]
        words = passport(walk)["words"]
        ones = [passport(walk)["arrays"][f"axes 0, text {n}, position"] for n in range(6)]
        cells = [(y - 0.25, x + 0.25) for x, y in (one["values"] for one in ones)]
        assert {words[f"axes 0, text {n}"] for n in range(6)} == {"1"}
        assert sorted(cells) == [tuple(cell) for cell in np.argwhere(drawn(walk)).tolist()]


def test_outputs_and_pools_are_the_chapters():
    """Sections 19 and 20: five panels with their titles, four with theirs."""
    kernels = ["kernel1", "kernel2", "kernel1 output", "kernel2 output"]
    assert titles(7) == ["Input image", *kernels]
    assert titles(8) == ["res1", "max_pool(res1)", "res2", "max_pool(res2)"]
    assert drawn(7, 3).tolist() == drawn(8, 0).tolist()
    assert drawn(8, 1).tolist() == [[3, 1, 1], [1, 3, 1], [1, 1, 3]]
    assert drawn(8, 3).tolist() == [[1, 1, 3], [1, 3, 1], [3, 1, 1]]


def test_the_hand_made_network_is_drawn_step_by_step():
    """Section 21: twenty panels each, every one made from the same panel of the figure before."""
    assert titles(9) == 10 * ["category=1"] + 10 * ["category=0"]
    assert drawn(10, 0).tolist() == ((2 * np.eye(3) - 1) / 9).tolist()
    assert drawn(10, 1).tolist() == drawn(10, 0)[::-1].tolist()
    for panel in range(20):
        assert np.array_equal(drawn(12, panel), relu(drawn(11, panel)))
        assert np.array_equal(drawn(13, panel), max_pool(drawn(12, panel)))


def test_figure_014_is_the_second_kernel_on_the_earlier_draw():
    """Section 21: forward slashes answer with 1, and no back slash does."""
    greatest = np.array([drawn(14, panel).max() for panel in range(20)])
    labels = fixture_014()[1]
    assert greatest[labels == 0] == pytest.approx(1)
    assert greatest[labels == 1].max() < 0.7
    suptitle = {11: "Training Set Convolution with kern1", 12: "ReLU of Convolution with kern1"}
    pooled = {n: f"Max-pool of ReLU Output for kern{n - 12}" for n in (13, 14)}
    for number, title in (suptitle | pooled).items():
        assert title in passport(number)["words"].values()
