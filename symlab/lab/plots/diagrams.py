"""Diagrams: the operations of a computation, and the layers of a network.

Each function draws on an Axes and returns that Axes. Lengths are in units of the data, the radius
of an ellipse or a circle being half a unit or a little less, and letters grow with them, so that a
drawing keeps its proportions on a canvas of any size.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.patches import Circle, Ellipse, Polygon

from symlab.checks import check_type, flag, several, shown, whole
from symlab.engine.computation_graph import Graph
from symlab.lab.plots.axes import check_axes

Point = tuple[float, float]

MOST_CIRCLES = 1000
"""Circles of a network at most; so many cannot be told apart any more."""

GRAY = "#d0cece"
ELLIPSE = (0.45, 0.36)
"""Half-axes of an operation."""

PITCH = (2.0, 2.6)
"""From one operation to the next, and from one row of them to that above."""

SIGNS = {"add": 0.0, "mul": np.pi / 4, "matmul": np.pi / 4}
"""Operations drawn as a cross, and how far it is turned; others are written out."""


def flow(ax: Axes, graph: Graph) -> Axes:
    """Draw a computation: values flow along block arrows into the operations, and out at the right.

    An operation stands right of whatever it waits for. The longest chain is the lowest row, and a
    branch that joins it stands above; an input is drawn wherever it is used.

    Parameters
    ----------
    ax : Axes
    graph : Graph
        From `sl.computation_graph`.

    Raises
    ------
    TypeError
        If it is no graph.
    ValueError
        If the graph has no operation.
    """
    check_axes(ax)
    if not check_type(graph, Graph, "graph", "what sl.computation_graph returns").operations:
        raise ValueError("graph: expected at least 1 operation, got a graph without any.")
    centers = _centers(graph)
    letters = [
        letter for place, center in centers.items() for letter in _letters(graph, place, center)
    ]
    middle, written = np.array(list(centers.values())), np.array([at for at, _, _ in letters])
    last = centers[len(graph.nodes) - 1]
    beyond = np.add(last, [1.45, 0])
    _frame(
        ax, np.vstack([middle - ELLIPSE, middle + ELLIPSE, written - 0.12, written + 0.12, beyond])
    )
    for source, place in dict.fromkeys(graph.edges):
        if source in centers:
            _block_arrow(ax, centers[source], centers[place], start=_edge)
    for at, name, place in letters:
        _letter(ax, at, name, centers[place])
    for place, center in centers.items():
        _operation(ax, graph.nodes[place].name, center)
    _block_arrow(ax, last, (last[0] + PITCH[0], last[1]), start=_edge)
    return ax


def _centers(graph: Graph) -> dict[int, Point]:
    """The center of each operation by its place: a column for its depth, a row for its chain."""
    depth: dict[int, int] = {}
    for place, node in enumerate(graph.nodes):
        if node.kind == "operation":
            depth[place] = 1 + max(
                (depth[each] for each in node.sources if each in depth), default=-1
            )
    rows: dict[int, int] = {}
    waiting = [len(graph.nodes) - 1]
    while waiting:
        chain = list(_chain(graph, waiting.pop(0), depth, rows))
        rows.update(dict.fromkeys(chain, 1 + max(rows.values(), default=-1)))
        sources = dict.fromkeys(each for place in chain for each in graph.nodes[place].sources)
        waiting += [each for each in sources if each in depth and each not in rows]
    return {place: (PITCH[0] * depth[place], PITCH[1] * rows[place]) for place in sorted(depth)}


def _chain(graph: Graph, place: int, depth: dict[int, int], taken: dict[int, int]) -> Iterator[int]:
    """An operation and, step by step, the deepest of those it waits for that has no row yet."""
    while place not in taken:
        yield place
        ahead = [each for each in graph.nodes[place].sources if each in depth]
        place = max(ahead, key=lambda each: depth[each], default=place)
        if not ahead:
            return


def _letters(graph: Graph, place: int, center: Point) -> list[tuple[Point, str, int]]:
    """Where an operation's inputs are written: one at the left if nothing else is, then above.

    Each is a position, a name and the operation's place.
    """
    x, y = center
    sources = [graph.nodes[each] for each in graph.nodes[place].sources]
    names = [node.name for node in sources if node.kind != "operation"]
    left = [((x - 2, y), names.pop(0), place)] if len(names) == len(sources) else []
    middle = (len(names) - 1) / 2
    return left + [
        ((x + 0.9 * (i - middle), y + 1.68), name, place) for i, name in enumerate(names)
    ]


def _letter(ax: Axes, at: Point, name: str, target: Point) -> None:
    ax.text(*at, name, fontsize=0.42 * _points(ax), ha="center", va="center")
    above = at[1] > target[1]
    clear = 0.26 if above else 0.43
    _block_arrow(ax, at, target, start=lambda _: clear, width=0.18 if above else 0.145)


def _operation(ax: Axes, name: str, center: Point) -> None:
    outline: dict[str, Any] = {"edgecolor": "black", "linewidth": 0.008 * _points(ax)}
    ax.add_patch(Ellipse(center, *(2 * half for half in ELLIPSE), facecolor=GRAY, **outline))
    if name in SIGNS:
        ax.add_patch(Polygon(_cross(SIGNS[name]) + center, facecolor="white", **outline))
    else:
        ax.text(*center, name, fontsize=0.17 * _points(ax), ha="center", va="center")


def _cross(turned: float) -> np.ndarray:
    """The outline of a plus sign about 0, shape (12, 2), turned by an angle."""
    long, thin = 0.22, 0.068
    arm = np.array([[thin, thin], [long, thin], [long, -thin]])
    quarters = [arm @ _rotation(angle).T for angle in -np.arange(4) * np.pi / 2]
    return np.concatenate(quarters) @ _rotation(turned).T


def _rotation(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _edge(direction: np.ndarray) -> float:
    """How far an arrow stays away from the center of an operation, in its direction."""
    return float(1 / np.hypot(*(direction / ELLIPSE))) + 0.14


def _block_arrow(ax: Axes, begin: Point, end: Point, *, start: Any, width: float = 0.145) -> None:
    """A thick arrow from what is drawn about one point to the operation about another."""
    way = np.subtract(end, begin)
    ahead = way / np.hypot(*way)
    aside = width * np.array([-ahead[1], ahead[0]])
    tail, tip = begin + start(ahead) * ahead, end - _edge(ahead) * ahead
    neck = tip - 2 * width * ahead
    corners = [tail + aside, neck + aside, neck + 2 * aside, tip]
    corners += [neck - 2 * aside, neck - aside, tail - aside]
    outline: dict[str, Any] = {"edgecolor": "black", "linewidth": 0.008 * _points(ax)}
    ax.add_patch(Polygon(np.array(corners), facecolor=GRAY, **outline))


def network(
    ax: Axes, widths: Sequence[int], *, ellipsis: bool = False, weights: bool = False
) -> Axes:
    r"""Draw a network of fully connected columns: an arrow from every circle to every next one.

    Parameters
    ----------
    ax : Axes
    widths : sequence of int
        The circles in each column, inputs first; at least 2 columns.
    ellipsis : bool
        Let dots stand before the last circle of each column, which then has any number n.
    weights : bool
        Write :math:`w_i` on the arrow into input i, as the book does. The other arrows have
        weights as well, too many to be written.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.
    """
    check_axes(ax)
    flag(weights, "weights")
    columns = _columns(widths, ellipsis=flag(ellipsis, "ellipsis"))
    first, last = columns[0], columns[-1]
    ends = [first - [2.25, 0], last - [-2.25, 0]]
    circles = np.concatenate(columns)
    reach = 1.75 if ellipsis else 0.8
    labels = np.concatenate([ends[0] - [reach, 0], ends[1] + [reach, 0]])
    _frame(ax, np.concatenate([circles - 0.5, circles + 0.5, labels]))
    pairs = [(a, b) for left, right in pairwise(columns) for a in left for b in right]
    _arrows(ax, [_shorten(a, b) for a, b in pairs])
    _arrows(ax, [(a, b - [0.5, 0]) for a, b in zip(ends[0], first, strict=True)])
    _arrows(ax, [(a - [-0.5, 0], b) for a, b in zip(last, ends[1], strict=True)])
    for center in circles:
        ax.add_patch(Circle(center, 0.5, facecolor="white", edgecolor="black", lw=_stroke(ax)))
    _write(ax, ends[0] - [0.12, 0], "x", ellipsis=ellipsis, ha="right", size=0.75)
    _write(ax, ends[1] + [0.12, 0], "y", ellipsis=ellipsis, ha="left", size=0.75)
    if weights:
        _write(ax, first - [1.5, -0.06], "w", ellipsis=ellipsis, ha="center", size=0.5)
    if ellipsis:
        _dots(ax, [first - [1.5, 0], *columns[1:]])
    return ax


def _columns(widths: Sequence[int], *, ellipsis: bool) -> list[np.ndarray]:
    """The centers in each column, top to bottom, shape (width, 2)."""
    listed = several(widths, "widths", "the circles in each column")
    if len(listed) < 2:
        raise ValueError(f"widths: expected at least 2 columns, got {shown(widths)}.")
    counts = [whole(each, "widths", 2 if ellipsis else 1) for each in listed]
    if sum(counts) > MOST_CIRCLES:
        raise ValueError(f"widths: expected at most {MOST_CIRCLES} circles, got {shown(widths)}.")
    columns = []
    for number, count in enumerate(counts):
        heights = -1.32 * np.arange(count)
        if ellipsis:
            # The inner columns reach further than the outer ones, because dots need room there.
            heights[-1] -= 3.3 if 0 < number < len(counts) - 1 else 0.8
        heights -= (heights[0] + heights[-1]) / 2
        columns.append(np.column_stack([np.full(count, 2.3 * number), heights]))
    return columns


def _shorten(begin: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The line between the centers of two circles, from one rim to the other."""
    half = (end - begin) / np.hypot(*(end - begin)) / 2
    return begin + half, end - half


def _arrows(ax: Axes, lines: Sequence[tuple[np.ndarray, np.ndarray]]) -> None:
    """Thin arrows with filled heads, in two collections: the shafts, then the heads."""
    shafts, heads = [], []
    for begin, end in lines:
        ahead = (end - begin) / np.hypot(*(end - begin))
        neck, aside = end - 0.28 * ahead, 0.095 * np.array([-ahead[1], ahead[0]])
        shafts.append((begin, neck))
        heads.append(np.array([end, neck + aside, neck - aside]))
    ax.add_collection(LineCollection(shafts, colors="black", linewidths=_stroke(ax)))
    ax.add_collection(PolyCollection(heads, facecolors="black", edgecolors="none"))


def _write(
    ax: Axes, points: np.ndarray, letter: str, *, ellipsis: bool, ha: str, size: float
) -> None:
    """Write a letter at each point, with its index; the last of a number n of them has n - 1."""
    indices = [str(each) for each in range(len(points))]
    if ellipsis:
        indices[-1] = "{n-1}"
    valign = "bottom" if ha == "center" else "center"
    for point, index in zip(points, indices, strict=True):
        text = f"${letter}$" if len(points) == 1 else f"${letter}_{index}$"
        ax.text(point[0], point[1], text, fontsize=size * _points(ax), ha=ha, va=valign)


def _dots(ax: Axes, columns: Sequence[np.ndarray]) -> None:
    """A column of five squares between the last two points of each column."""
    squares = []
    for points in columns:
        above, below = points[-2:, 1]
        spacing = min(0.31, (above - below - 1) / 5)
        corners = spacing / 4 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        heights = (above + below) / 2 + spacing * np.arange(-2, 3)
        squares += [np.add(corners, [points[-1][0], height]) for height in heights]
    ax.add_collection(PolyCollection(squares, facecolors="black", edgecolors="none"))


def _stroke(ax: Axes) -> float:
    return 0.03 * _points(ax)


def _frame(ax: Axes, points: np.ndarray) -> None:
    """Show these points with a margin, one unit as long as the other, and no axes."""
    low, high = points.min(axis=0) - 0.1, points.max(axis=0) + 0.1
    # Limits of the canvas's own proportions: Matplotlib would find them too, but logs that it did.
    short = _inches(ax) * np.max((high - low) / _inches(ax)) - (high - low)
    low, high = low - short / 2, high + short / 2
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
    ax.set_axis_off()


def _inches(ax: Axes) -> np.ndarray:
    """The width and height of an Axes."""
    canvas = ax.get_figure(root=True)
    size = np.asarray(ax.get_position().size)
    return size * canvas.get_size_inches() if canvas else size


def _points(ax: Axes) -> float:
    """The length of a unit in typographic points, by which letters and strokes are sized."""
    low, high = ax.get_xlim()
    return float(72 * _inches(ax)[0] / (high - low))
