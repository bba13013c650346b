"""A PyTensor graph as plain data: what is fed in, which operations run, and what feeds what.

Drawing or counting a graph then needs no PyTensor. What only changes an array's shape or type
(an added axis, a cast) is passed over, because it is no step of the mathematics.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.graph.traversal import toposort
from pytensor.scalar import Composite
from pytensor.tensor.elemwise import Elemwise

from symlab.checks import shown

SHAPE_ONLY = {"ExpandDims", "Squeeze", "DimShuffle", "Cast", "SpecifyShape"}
"""Operations that leave every number as it is, and where it was; a transposition does not."""


@dataclass(frozen=True)
class Node:
    """A node of a graph: an `"input"`, a `"constant"` or an `"operation"` on earlier nodes.

    `sources` are the places, in `Graph.nodes`, of an operation's arguments, in their order; `loop`
    is a number that operations fused into one loop share, None for one by itself.
    """

    name: str
    kind: str
    sources: tuple[int, ...] = ()
    loop: int | None = None


@dataclass(frozen=True)
class Graph:
    """The nodes of a graph, every one after its sources.

    `results` are the places of its results; where there are none given, the last is the result.
    """

    nodes: tuple[Node, ...]
    results: tuple[int, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of what must be fed in."""
        return tuple(node.name for node in self.nodes if node.kind == "input")

    @property
    def operations(self) -> tuple[str, ...]:
        """The names of the operations, in an order in which they can run."""
        return tuple(node.name for node in self.nodes if node.kind == "operation")

    @property
    def edges(self) -> tuple[tuple[int, int], ...]:
        """Pairs of places: a source, and the operation it feeds."""
        return tuple(
            (source, place) for place, node in enumerate(self.nodes) for source in node.sources
        )


def computation_graph(result: Variable) -> Graph:
    """Describe the graph by which PyTensor computes a variable, as it was built.

    Raises
    ------
    TypeError
        If `result` is not a PyTensor variable.

    Examples
    --------
    >>> import pytensor.tensor as pt
    >>> a, b, c = pt.matrices("a", "b", "c")
    >>> graph = computation_graph((a + b) @ c)
    >>> graph.inputs, graph.operations, graph.edges
    (('a', 'b', 'c'), ('add', 'matmul'), ((0, 2), (1, 2), (2, 4), (3, 4)))
    """
    if not isinstance(result, Variable):
        raise TypeError(f"result: expected a PyTensor variable, got {shown(result)}.")
    return Graph(describe([result]).nodes)


def describe(outputs: Sequence[Variable]) -> Graph:
    """Describe the graph of several variables; operations fused into a loop are shown one by one.

    Examples
    --------
    >>> import pytensor.tensor as pt
    >>> x = pt.dscalar("x")
    >>> graph = describe([x + 1.0, 2.0 * x])
    >>> [graph.nodes[place].name for place in graph.results]
    ['add', 'mul']
    """
    nodes: list[Node] = []
    places: dict[Variable, int] = {}
    loops = count()
    _add_all(outputs, nodes, places, lambda: next(loops))
    results = tuple(_place(each, nodes, places) for each in outputs)
    return Graph(tuple(nodes), results)


def _add_all(
    outputs: Sequence[Variable],
    nodes: list[Node],
    places: dict[Variable, int],
    loop: Callable[[], int | None],
) -> None:
    """Add the operations of a graph; those within a loop have its number."""
    for apply in toposort(outputs):
        sources = tuple(_place(each, nodes, places) for each in apply.inputs)
        inner, name = _fused(apply.op), _name(apply.op)
        if inner is not None:
            _add_inner(apply, inner, nodes, places, loop())
        elif name in SHAPE_ONLY:
            places[apply.outputs[0]] = sources[0]
        else:
            nodes.append(Node(name.lower(), "operation", sources, loop()))
            places.update(dict.fromkeys(apply.outputs, len(nodes) - 1))


def _fused(op: Any) -> Any:
    """Return the graph of scalars inside a loop that does several operations, or None."""
    scalar = getattr(op, "scalar_op", op)
    return scalar.fgraph.unfreeze() if isinstance(scalar, Composite) else None


def _add_inner(
    apply: Apply, inner: Any, nodes: list[Node], places: dict[Variable, int], loop: int | None
) -> None:
    """Add the operations of one loop."""
    within = {own: places[given] for own, given in zip(inner.inputs, apply.inputs, strict=True)}
    _add_all(inner.outputs, nodes, within, lambda: loop)
    for given, own in zip(apply.outputs, inner.outputs, strict=True):
        places[given] = _place(own, nodes, within)


def _place(variable: Variable, nodes: list[Node], places: dict[Variable, int]) -> int:
    """Where a variable stands among the nodes; an input or constant is added when first met."""
    if variable not in places:
        kind = "constant" if isinstance(variable, Constant) else "input"
        places[variable] = len(nodes)
        nodes.append(Node(_label(variable), kind))
    return places[variable]


def _label(variable: Variable) -> str:
    if variable.name or not isinstance(variable, Constant):
        return variable.name or "?"
    numbers = np.asarray(variable.data)
    if numbers.size != 1:
        return str(variable.data)
    number = numbers.item()  # 2, 2.0 and an array of it are one number
    return str(int(number)) if number == number // 1 else str(number)


def _name(op: Any) -> str:
    """The operation's plain name: a product of matrices comes in several wrappings."""
    if getattr(op, "is_transpose", False) or getattr(op, "is_matrix_transpose", False):
        return "Transpose"
    if isinstance(op, Elemwise):
        return type(op.scalar_op).__name__
    name = type(getattr(op, "core_op", op)).__name__
    return "Matmul" if name == "Dot" else name
