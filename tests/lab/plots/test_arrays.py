"""Arrays as pictures: the numbers that are written, where they are, and what is left blank."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

import symlab as sl
from symlab.lab.plots import arrays as array_plots

TWO_DIAGONALS = np.vstack([np.eye(3, 6, dtype=int)] * 2)
RES = [
    [2, 0, 0, 0, 0, 0],
    [0, 3, 0, 0, 0, 0],
    [0, 0, 2, 0, 0, 0],
    [2, 0, 0, 1, 0, 0],
    [0, 3, 0, 0, 0, 0],
    [0, 0, 2, 0, 0, 0],
]


@pytest.fixture
def figure():
    """An empty figure, closed afterwards."""
    empty = plt.figure(figsize=(10, 10))
    yield empty
    plt.close(empty)


def texts(ax, colour="#ff0000"):
    """What is written in this colour, by where."""
    return {
        text.get_position(): text.get_text()
        for text in ax.texts
        if to_hex(text.get_color()) == to_hex(colour)
    }


def test_the_module_is_public():
    """Lessons reach it as sl.array_plots."""
    assert sl.array_plots is array_plots


def test_a_cells_text_begins_left_of_and_below_its_middle(figure):
    """Chapter, section 17: the entry (j, i) stands at x = i - 0.25, y = j + 0.25, in red."""
    ax = array_plots.cell_text(figure.add_subplot(), 2, 5, "7")
    assert texts(ax) == {(4.75, 2.25): "7"}


def test_an_array_is_drawn_dark_where_it_is_large_and_blank_where_it_is_zero(figure):
    """Exactly zero: rounding noise is written, as the chapter's figure 016 shows it."""
    array = np.array([[0.0, 2.0], [-1e-9, 0.26]])
    ax = array_plots.array_as_text(figure.add_subplot(), array, ".1f", "title")
    assert texts(ax) == {(0.75, 0.25): "2.0", (-0.25, 1.25): "-0.0", (0.75, 1.25): "0.3"}
    assert np.array_equal(ax.images[0].get_array(), array)
    black, white = (to_hex(ax.images[0].to_rgba(array)[place]) for place in ((0, 1), (1, 0)))
    assert (black, white) == ("#000000", "#ffffff")
    assert ax.get_title() == "title"


def test_whole_numbers_are_written_whole(figure):
    """The default format, and a style of one's own."""
    ax = array_plots.array_as_text(figure.add_subplot(), [[12, 0]], color="white", fontsize=8)
    assert texts(ax, "white") == {(-0.25, 0.25): "12"}
    assert ax.texts[0].get_fontsize() == 8


def test_a_grid_has_one_array_a_panel_row_by_row_without_ticks(figure):
    """Chapter, section 17: one decimal of size 6, each panel scaled to itself."""
    arrays = np.arange(1, 25.0).reshape(6, 2, 2)
    axes = array_plots.grid_of_arrays(figure.subplots(2, 3), arrays, titles=list("abcdef"))
    assert [ax.get_title() for ax in axes.flat] == list("abcdef")
    for ax, array in zip(axes.flat, arrays, strict=True):
        assert list(texts(ax).values()) == [f"{entry:.1f}" for entry in array.ravel()]
        assert {text.get_fontsize() for text in ax.texts} == {6}
        assert ax.images[0].get_clim() == (array.min(), array.max())
        ticks = ax.xaxis.get_major_ticks() + ax.yaxis.get_major_ticks()
        assert not any(tick.tick1line.get_visible() or tick.label1.get_visible() for tick in ticks)


def test_a_grid_may_be_one_panel_and_without_numbers(figure):
    """As the training set is drawn."""
    (ax,) = array_plots.grid_of_arrays(figure.add_subplot(), [[[1, -1], [-1, 1]]], None)
    assert len(ax.texts) == 0


def test_a_walk_is_titled_by_its_sums(figure):
    """Chapter, section 18: 36 panels, res[i,j] over each, ticks at the left and below only."""
    axes = array_plots.convolution_walk(figure, TWO_DIAGONALS, np.eye(3, dtype=int))
    titles = [[ax.get_title() for ax in row] for row in axes]
    assert titles == [[f"res[{i},{j}]={RES[i][j]}" for j in range(6)] for i in range(6)]
    figure.canvas.draw()
    left = [[label.get_text() for label in row[0].get_yticklabels()] for row in axes]
    assert {"0", "2", "4"} <= set(left[0])
    assert axes[0, 1].yaxis.get_tick_params()["labelleft"] is False
    assert axes[0, 0].xaxis.get_tick_params()["labelbottom"] is False


@pytest.mark.parametrize("place", [(0, 0), (0, 3), (3, 1), (5, 5)])
def test_a_walks_kernel_lies_on_its_pixel(figure, place):
    """Square about the pixel, digits on the kernel's ones even outside, image's digits white."""
    ax = array_plots.convolution_walk(figure, TWO_DIAGONALS, np.eye(3, dtype=int))[place]
    i, j = place
    square = ax.patches[0]
    assert square.get_bbox().bounds == (j - 1.5, i - 1.5, 3, 3)
    assert to_hex(square.get_facecolor()) == "#1f77b4"
    assert square.get_alpha() == 0.3
    assert square.get_clip_on()
    assert texts(ax, "gray") == {(j + d - 0.25, i + d + 0.25): "1" for d in (-1, 0, 1)}
    on_pixels = {(column - 0.25, row + 0.25) for row, column in np.argwhere(TWO_DIAGONALS)}
    assert set(texts(ax, "white")) == on_pixels
    assert (ax.get_xlim(), ax.get_ylim()) == ((-0.5, 5.5), (5.5, -0.5))


def test_a_walks_kernel_is_turned(figure):
    """What is multiplied is what is drawn: the upper left entry lies on the lower right pixel."""
    kernel = np.zeros((3, 3))
    kernel[0, 0] = 5
    axes = array_plots.convolution_walk(figure, np.array([[0, 0], [0, 7]]), kernel)
    assert texts(axes[0, 0], "gray") == {(0.75, 1.25): "5"}
    assert axes[0, 0].get_title() == "res[0,0]=35"


def test_responses_are_an_image_its_kernels_and_what_they_make_of_it(figure):
    """Chapter, section 19: five panels, their titles and numbers."""
    image = np.eye(4, dtype=int)
    kernels, outputs = [np.eye(3), np.eye(3)[::-1]], [2 * image, 3 * image]
    axes = array_plots.responses(figure, image, kernels, outputs)
    titles = ["Input image", "kernel1", "kernel2", "kernel1 output", "kernel2 output"]
    assert [ax.get_title() for ax in axes] == titles
    assert [set(texts(ax).values()) for ax in axes] == [{"1"}, {"1"}, {"1"}, {"2"}, {"3"}]
    image_box, *boxes = (ax.get_subplotspec() for ax in axes)
    assert image_box.rowspan == range(2)
    assert [(box.rowspan.start, box.colspan.start) for box in boxes] == [
        (0, 2), (0, 3), (1, 2), (1, 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "call, words",
    [
        (
            lambda f: array_plots.grid_of_arrays(f.subplots(2, 2), np.ones((3, 2, 2))),
            "arrays: .* 4, .*3",
        ),
        (
            lambda f: array_plots.grid_of_arrays(
                f.subplots(1, 2), np.ones((2, 2, 2)), titles=["a"]
            ),
            "titles: expected as many as axes, 2, got 1",
        ),
        (
            lambda f: array_plots.array_as_text(f.add_subplot(), [1, 2]),
            r"rows and columns, .*\(2,\)",
        ),
        (
            lambda f: array_plots.convolution_walk(f, np.ones((2, 2)), np.ones((2, 3))),
            r"kernel: expected odd .* got \(2, 3\)",
        ),
        (
            lambda f: array_plots.responses(f, np.ones((2, 2)), [np.eye(3)], []),
            "outputs: expected arrays of rows and columns, got shape \\(0,\\)",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(figure, call, words):
    """The argument, what came and what was expected."""
    with pytest.raises(ValueError, match=words):
        call(figure)
