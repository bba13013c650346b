"""Drawings of structure: every node and every arrow is there, and where it must be."""

import logging
from itertools import pairwise

import numpy as np
import pytensor.tensor as pt
import pytest
from matplotlib import rc_context
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Ellipse, Polygon

import symlab as sl
from symlab.lab.plots.diagrams import flow, network

A, B, C = pt.matrices("a", "b", "c")
RESULTS = {
    "adder": A + B,
    "add_mult": (A + B) @ C,
    "square": A * A,
    "chain": pt.sigmoid(A @ B + C),
    "branches": pt.sigmoid((pt.tanh(A) + C) * pt.exp(C * A)) + pt.switch(pt.lt(A, 0), B, 1),
    "shared": pt.exp(A) * pt.log(pt.exp(A) + 1),
}


def canvas(width=6.0, height=4.0):
    """An Axes that fills a figure of this size in inches."""
    return Figure(figsize=(width, height)).add_axes((0, 0, 1, 1))


def drawn(result, **size):
    """The Axes on which a graph was drawn, and the graph."""
    graph = sl.computation_graph(result)
    return flow(canvas(**size), graph), graph


def parts(ax):
    """Centers of the ellipses, outlines of the block arrows (7 corners) and of the crosses (12)."""
    outlines = [patch.get_xy()[:-1] for patch in ax.patches if isinstance(patch, Polygon)]
    ellipses = [patch.center for patch in ax.patches if isinstance(patch, Ellipse)]
    arrows = [outline for outline in outlines if len(outline) == 7]
    return ellipses, arrows, [outline for outline in outlines if len(outline) == 12]


def test_the_module_is_public():
    """Lessons reach it as sl.diagrams."""
    assert sl.diagrams.flow is flow


# Computations.


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)
def test_every_operation_is_an_ellipse_and_every_edge_an_arrow(result):
    """And one more arrow for what comes out."""
    ax, graph = drawn(result)
    ellipses, arrows, crosses = parts(ax)
    signs = [name for name in graph.operations if name in {"add", "mul", "matmul"}]
    leaves = [1 for source, _ in graph.edges if graph.nodes[source].kind != "operation"]
    between = {edge for edge in graph.edges if graph.nodes[edge[0]].kind == "operation"}
    assert len(ellipses) == len(graph.operations)
    assert len(arrows) == len(leaves) + len(between) + 1
    assert len(crosses) == len(signs)
    assert len(ax.texts) == len(leaves) + len(graph.operations) - len(signs)


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)
def test_no_two_operations_share_a_place_and_all_flows_to_the_right(result):
    """An operation waits for what is left of it."""
    ax, graph = drawn(result)
    ellipses, _, _ = parts(ax)
    assert len(set(ellipses)) == len(ellipses)
    places = [i for i, node in enumerate(graph.nodes) if node.kind == "operation"]
    column = dict(zip(places, (x for x, _ in ellipses), strict=True))
    assert all(column[a] < column[b] for a, b in graph.edges if a in column)


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)
def test_every_arrow_but_the_last_ends_just_outside_an_ellipse(result):
    """Its tip is the fourth corner of the outline."""
    ax, _ = drawn(result)
    ellipses, arrows, _ = parts(ax)
    for arrow in arrows[:-1]:
        near = min(np.hypot(*(arrow[3] - center)) for center in ellipses)
        assert 0.36 < near < 0.45 + 0.15


def test_the_adder_is_laid_out_as_in_the_book():
    """One value from the left, the other from above, the sum to the right."""
    ax, _ = drawn(RESULTS["adder"])
    ((x, y),), arrows, _ = parts(ax)
    at = {text.get_text(): text.get_position() for text in ax.texts}
    assert set(at) == {"a", "b"}
    sides = sorted(at.values())
    assert sides[0][0] < x
    assert sides[0][1] == y
    assert sides[1][0] == x
    assert sides[1][1] > y
    assert arrows[-1][3][0] > x


def test_the_book_figures_have_their_letters_where_the_book_has_them():
    """On the left a; b above the plus; c above the times."""
    ax, _ = drawn(RESULTS["add_mult"])
    ellipses, _, crosses = parts(ax)
    at = {text.get_text(): text.get_position() for text in ax.texts}
    assert at["a"][0] < ellipses[0][0] == at["b"][0] < ellipses[1][0] == at["c"][0]
    # A plus has corners with equal coordinates beside its center; turned by 45 degrees, above it.
    flat = [
        np.isclose(cross - center, 0, atol=1e-12).any()
        for cross, center in zip(crosses, ellipses, strict=True)
    ]
    assert flat == [False, True]


@pytest.mark.parametrize("size", [(379, 248), (200, 900), (1500, 300)])
def test_all_that_is_drawn_is_on_the_canvas_and_undistorted(size, caplog):
    """On any canvas, and without a word from Matplotlib."""
    with caplog.at_level(logging.INFO, logger="matplotlib"):
        ax, _ = drawn(RESULTS["branches"], width=size[0] / 72, height=size[1] / 72)
        ax.figure.canvas.draw()
    assert caplog.records == []
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    assert (x1 - x0) / (y1 - y0) == pytest.approx(size[0] / size[1])
    corners = np.concatenate([patch.get_xy() for patch in ax.patches if isinstance(patch, Polygon)])
    assert np.all((corners >= (x0, y0)) & (corners <= (x1, y1)))
    page = ax.get_window_extent()
    for text in ax.texts:
        box = text.get_window_extent()
        assert page.x0 <= box.x0 < box.x1 <= page.x1
        assert page.y0 <= box.y0 < box.y1 <= page.y1


def test_a_graph_without_operations_is_refused():
    """There would be nothing to draw."""
    with pytest.raises(ValueError, match="at least 1 operation"):
        drawn(A)


# Networks.

WIDTHS = [(1, 1), (2, 4, 2, 1), (3, 3, 3, 3), (5, 1, 2)]


def arrows_of(ax):
    """Beginnings and tips of a network's arrows."""
    shafts = [each for each in ax.collections if isinstance(each, LineCollection)]
    heads = [each for each in ax.collections if isinstance(each, PolyCollection)][: len(shafts)]
    begins = [path.vertices[0] for shaft in shafts for path in shaft.get_paths()]
    tips = [path.vertices[0] for head in heads for path in head.get_paths()]
    return np.array(begins), np.array(tips)


def circles_of(ax):
    """The centers of a network's circles."""
    return np.array([patch.center for patch in ax.patches if isinstance(patch, Circle)])


@pytest.mark.parametrize("widths", WIDTHS)
def test_every_circle_is_joined_to_every_one_of_the_next_column(widths):
    """All of them, which the book's drawing forgot once; one arrow in and one out besides."""
    ax = network(canvas(), widths)
    begins, tips = arrows_of(ax)
    centers = circles_of(ax)
    assert len(centers) == sum(widths)
    assert (
        len(begins) == len(tips) == sum(a * b for a, b in pairwise(widths)) + widths[0] + widths[-1]
    )

    joined = set()
    for begin, tip in zip(begins, tips, strict=True):
        ends = [np.hypot(*(centers - end).T) for end in (begin, tip)]
        joined.add(tuple(int(d.argmin()) if np.isclose(d.min(), 0.5) else None for d in ends))
    starts = np.cumsum([0, *widths]).tolist()
    columns = [range(a, b) for a, b in pairwise(starts)]
    inner = {(a, b) for left, right in pairwise(columns) for a in left for b in right}
    expected = inner | {(None, a) for a in columns[0]} | {(a, None) for a in columns[-1]}
    assert joined == expected


def test_the_book_drawing_has_its_letters_and_dots():
    """Three inputs with their weights, three outputs, and four columns of five squares."""
    ax = network(canvas(24, 12.4), (3, 3, 3, 3), ellipsis=True, weights=True)
    indices = ("0", "1", "{n-1}")
    assert {text.get_text() for text in ax.texts} == {f"${c}_{i}$" for c in "xyw" for i in indices}
    assert len(circles_of(ax)) == 12
    squares = ax.collections[-1].get_paths()
    assert len(squares) == 4 * 5


def test_dots_stand_between_the_last_two_circles_and_touch_neither():
    """In every column of the book's drawing."""
    ax = network(canvas(24, 12.4), (3, 3, 3), ellipsis=True)
    corners = np.concatenate([path.vertices for path in ax.collections[-1].get_paths()])
    for center in circles_of(ax):
        assert np.hypot(*(corners - center).T).min() > 0.5


def test_hidden_columns_reach_beyond_the_outer_ones():
    """As in the book, because their dots need room."""
    centers = circles_of(network(canvas(), (3, 3, 3, 3), ellipsis=True)).reshape(4, 3, 2)
    heights = np.ptp(centers[:, :, 1], axis=1)
    assert heights[1] == heights[2] > heights[0] == heights[3]


def test_one_output_has_no_index():
    """It is y alone, but two inputs are x_0 and x_1."""
    ax = network(canvas(), (2, 4, 2, 1))
    assert [text.get_text() for text in ax.texts] == ["$x_0$", "$x_1$", "$y$"]


@pytest.mark.parametrize(
    "widths, ellipsis, error, message",
    [
        ((3,), False, ValueError, "at least 2 columns"),
        ((2, 0, 1), False, ValueError, "widths: expected at least 1, got 0"),
        ((3, 1), True, ValueError, "widths: expected at least 2, got 1"),
        ((2, 1.5), False, TypeError, "widths: expected an integer"),
    ],
)
def test_bad_widths_are_named(widths, ellipsis, error, message):
    """Before anything is drawn."""
    ax = canvas()
    with pytest.raises(error, match=message):
        network(ax, widths, ellipsis=ellipsis)
    assert not ax.patches


def test_letters_fit_on_the_canvas():
    """The longest, x_{n-1} and y_{n-1}, at the book's size."""
    with rc_context():
        sl.plots.use_book_style()
        ax = network(canvas(1725 / 72, 891 / 72), (3, 3, 3, 3), ellipsis=True, weights=True)
        page = ax.get_window_extent()
        boxes = [text.get_window_extent() for text in ax.texts]
    assert all(page.x0 <= box.x0 and box.x1 <= page.x1 for box in boxes)
