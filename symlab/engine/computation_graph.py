"""A PyTensor graph as plain data: what is fed in, which operations run, and what feeds what.

Drawing or counting a graph then needs no PyTensor. What only changes an array's shape or type
(an added axis, a cast) is passed over, because it is no step of the mathematics.
"""

from dataclasses import dataclass
from typing import Any

from pytensor.graph.basic import Constant, Variable
from pytensor.graph.traversal import toposort
from pytensor.tensor.elemwise import Elemwise

from symlab.checks import shown

SHAPE_ONLY = {"ExpandDims", "Squeeze", "DimShuffle", "Cast", "SpecifyShape"}
"""Operations that leave every number as it is, and where it was; a transposition does not."""


@dataclass(frozen=True)
class Node:
    """A node of a graph: an `"input"`, a `"constant"` or an `"operation"` on earlier nodes.

    `sources` are the places, in `Graph.nodes`, of an operation's arguments, in their order.
    """

    name: str
    kind: str
    sources: tuple[int, ...] = ()


@dataclass(frozen=True)
class Graph:
    """The nodes of a graph, every one after its sources; the last is the result."""

    nodes: tuple[Node, ...]

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
    nodes: list[Node] = []
    places: dict[Variable, int] = {}
    for apply in toposort([result]):
        sources = tuple(_place(each, nodes, places) for each in apply.inputs)
        name = _name(apply.op)
        if name in SHAPE_ONLY:
            places[apply.outputs[0]] = sources[0]
            continue
        nodes.append(Node(name.lower(), "operation", sources))
        places.update(dict.fromkeys(apply.outputs, len(nodes) - 1))
    if not nodes:
        _place(result, nodes, places)
    return Graph(tuple(nodes))


def _place(variable: Variable, nodes: list[Node], places: dict[Variable, int]) -> int:
    """Where a variable stands among the nodes; an input or constant is added when first met."""
    if variable not in places:
        kind = "constant" if isinstance(variable, Constant) else "input"
        places[variable] = len(nodes)
        nodes.append(Node(_label(variable), kind))
    return places[variable]


def _label(variable: Variable) -> str:
    return variable.name or (str(variable.data) if isinstance(variable, Constant) else "?")


def _name(op: Any) -> str:
    """The operation's plain name: a product of matrices comes in several wrappings."""
    if getattr(op, "is_transpose", False) or getattr(op, "is_matrix_transpose", False):
        return "Transpose"
    if isinstance(op, Elemwise):
        return type(op.scalar_op).__name__
    name = type(getattr(op, "core_op", op)).__name__
    return "Matmul" if name == "Dot" else name
