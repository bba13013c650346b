"""A picture of two graphs side by side: as stated, and as it runs.

Values flow from left to right. An operation stands behind whatever it waits for; a number or an
input is drawn wherever it is used.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from symlab.engine.computation_graph import Graph

MOST_OPERATIONS = 120
"""Beyond, nobody could tell them apart."""

SIGNS = {"add": "+", "sub": "−", "mul": "×", "truediv": "÷", "pow": "^", "neg": "−", "sqr": "( )²"}
"""How operations are written; others have their names."""

TINTS = ("#CFE6F5", "#FBE3C5", "#CDEBDD", "#F2DCEA")
"""Light tints of Okabe and Ito's colours, one for each loop in turn."""

PLAIN = "#EEEEEE"
COLUMN, ROW = 1.0, 0.52
"""Inches from one operation to the next, and from one row to the next."""

LONGEST = 11
"""Characters of a name in a box."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Mark:
    """A node as it is drawn: where, what is written, and the node's place in the graph."""

    at: Point
    text: str
    place: int


@dataclass
class Layout:
    """Where the nodes of a graph are drawn: columns by what they wait for, rows one by one."""

    graph: Graph
    marks: dict[int, Mark] = field(default_factory=dict)
    leaves: list[tuple[Mark, int]] = field(default_factory=list)
    """Inputs and numbers, each with the operation that reads it."""
    rows: int = 0

    def __post_init__(self) -> None:
        depth = _depths(self.graph)
        for place in self.graph.results or (len(self.graph.nodes) - 1,):
            self._put(place, depth, reader=place)
        self._part(depth)

    @property
    def width(self) -> int:
        """How many columns there are."""
        return 1 + max((round(mark.at[0]) for mark in self.marks.values()), default=0)

    def _put(self, place: int, depth: dict[int, int], reader: int) -> float:
        """Put a node and what it waits for; return its height."""
        node = self.graph.nodes[place]
        if node.kind != "operation":
            return self._put_leaf(place, depth.get(reader, 1) - 1, reader)
        if place in self.marks:
            return self.marks[place].at[1]
        heights = [self._put(each, depth, place) for each in dict.fromkeys(node.sources)]
        height = sum(heights) / len(heights) if heights else self._next_row()
        self.marks[place] = Mark((depth[place], height), _write(node.name), place)
        return height

    def _put_leaf(self, place: int, column: int, reader: int) -> float:
        mark = Mark((column, self._next_row()), _write(self.graph.nodes[place].name), place)
        self.leaves.append((mark, reader))
        return mark.at[1]

    def _next_row(self) -> float:
        self.rows += 1
        return float(1 - self.rows)

    def _part(self, depth: dict[int, int]) -> None:
        """Part operations of one column that would lie on each other."""
        for column in set(depth.values()):
            inside = [each for each in self.marks.values() if each.at[0] == column]
            taken = sorted((each for each in inside), key=lambda each: -each.at[1])
            above = float("inf")
            for each in taken:
                height = min(each.at[1], above - 1)
                self.marks[each.place] = Mark((column, height), each.text, each.place)
                above = height


def _depths(graph: Graph) -> dict[int, int]:
    """Return the column of each operation: one more than the last of what it waits for."""
    depth: dict[int, int] = {}
    for place, node in enumerate(graph.nodes):
        if node.kind == "operation":
            depth[place] = 1 + max((depth.get(each, 0) for each in node.sources), default=0)
    return depth


def _write(name: str) -> str:
    text = SIGNS.get(name, name)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def draw(
    title: str, graphs: Sequence[Graph], titles: Sequence[str], results: Sequence[str]
) -> Figure:
    """Return a figure of graphs side by side.

    Parameters
    ----------
    title : str
    graphs : sequence of Graph
    titles : sequence of str
        What each is called.
    results : sequence of str
        What their results are called.

    Raises
    ------
    ValueError
        If one has more than `MOST_OPERATIONS`.
    """
    most = max(len(graph.operations) for graph in graphs)
    if most > MOST_OPERATIONS:
        raise ValueError(
            f"plot: {most} operations cannot be told apart; up to {MOST_OPERATIONS} can."
        )
    layouts = [Layout(graph) for graph in graphs]
    widths = [layout.width + 1.0 for layout in layouts]
    height = max(3.0, 1.2 + ROW * max(layout.rows for layout in layouts))
    figure = Figure(figsize=(max(7.0, COLUMN * sum(widths)), height), layout="constrained")
    axes: Any = figure.subplots(1, len(layouts), width_ratios=widths, squeeze=False)
    for ax, layout, name in zip(axes[0], layouts, titles, strict=True):
        _draw_graph(ax, layout)
        _name_results(ax, layout, results)
        ax.set_title(name, fontsize="medium")
    figure.suptitle(title, fontsize="medium")
    return figure


def _draw_graph(ax: Axes, layout: Layout) -> None:
    for place, mark in layout.marks.items():
        for source in layout.graph.nodes[place].sources:
            if source in layout.marks:
                _arrow(ax, layout.marks[source].at, mark)
    for mark, reader in layout.leaves:
        if reader in layout.marks:
            _arrow(ax, mark.at, layout.marks[reader])
        ax.text(*mark.at, mark.text, ha="center", va="center", fontsize=9, bbox=_box("white"))
    for place, mark in layout.marks.items():
        box = _box(_tint(layout.graph, place), edge="#444444")
        ax.text(*mark.at, mark.text, ha="center", va="center", fontsize=9, bbox=box)
    _frame(ax, layout)


def _arrow(ax: Axes, begin: Point, target: Mark) -> None:
    """Draw an arrow that ends before the box of its target, half as wide as its letters."""
    clear = 8 + 3 * len(target.text)
    style = {"arrowstyle": "-|>", "color": "#777777", "shrinkA": 9, "shrinkB": clear, "lw": 0.9}
    ax.annotate("", target.at, begin, arrowprops=style, zorder=0)


def _box(face: str, edge: str = "none") -> dict[str, Any]:
    return {"boxstyle": "round,pad=0.25", "facecolor": face, "edgecolor": edge, "linewidth": 0.8}


def _tint(graph: Graph, place: int) -> str:
    """Return the colour of a loop; an operation by itself has none."""
    loop = graph.nodes[place].loop
    inside = [node for node in graph.nodes if node.kind == "operation" and node.loop == loop]
    return PLAIN if loop is None or len(inside) == 1 else TINTS[loop % len(TINTS)]


def _name_results(ax: Axes, layout: Layout, names: Sequence[str]) -> None:
    """Write what each result is behind it."""
    behind: dict[str, Any] = {
        "textcoords": "offset points",
        "ha": "left",
        "va": "bottom",
        "color": "#444444",
    }
    for place, name in zip(layout.graph.results, names, strict=True):
        if place in layout.marks:
            ax.annotate(name, layout.marks[place].at, (12, 5), fontsize=8, **behind)


def _frame(ax: Axes, layout: Layout) -> None:
    xs, ys = zip(*_points(layout), strict=True)
    ax.set(xlim=(min(xs) - 0.6, max(xs) + 1.2), ylim=(min(ys) - 0.7, max(ys) + 0.7))
    ax.set_axis_off()


def _points(layout: Layout) -> Iterator[Point]:
    yield from (mark.at for mark in layout.marks.values())
    yield from (mark.at for mark, _ in layout.leaves)
