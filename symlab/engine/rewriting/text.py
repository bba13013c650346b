"""A PyTensor variable as a formula to read: shapes and types left out, loops written out."""

from pytensor.graph.basic import Variable

from symlab.engine.computation_graph import Graph, describe

DEPTH = 6
"""Operations within each other that are written; what is deeper is dots."""

INFIX = {
    "add": (" + ", 1),
    "sub": (" - ", 1),
    "mul": ("*", 2),
    "truediv": ("/", 2),
    "pow": ("**", 4),
}
"""Signs between operands, and how strongly they bind."""

PREFIX = {"neg": ("-", 3)}
ATOM = 9


def formula_of(variable: Variable) -> str:
    """Return the formula by which a variable is computed.

    Examples
    --------
    >>> import pytensor.tensor as pt
    >>> x, y = pt.dscalars("x", "y")
    >>> formula_of(-(x - (y - 1.0)) ** 2 * pt.log(y))
    '-(x - (y - 1))**2*log(y)'
    """
    graph = describe([variable])
    return _write(graph, graph.results[0], DEPTH)[0]


def _write(graph: Graph, place: int, depth: int) -> tuple[str, int]:
    """Return a node as text, and how strongly it binds."""
    node = graph.nodes[place]
    if node.kind != "operation":
        return node.name, 3 if node.name.startswith("-") else ATOM
    if not depth:
        return "...", ATOM
    parts = [_write(graph, each, depth - 1) for each in node.sources]
    if node.name in INFIX:
        sign, strength = INFIX[node.name]
        return sign.join(
            _bind(part, strength, first=i == 0) for i, part in enumerate(parts)
        ), strength
    if node.name in PREFIX:
        sign, strength = PREFIX[node.name]
        return sign + _bind(parts[0], strength, first=False), strength
    return f"{node.name}({', '.join(text for text, _ in parts)})", ATOM


def _bind(part: tuple[str, int], strength: int, *, first: bool) -> str:
    """Return an operand, in brackets where it binds less than the sign before or behind it."""
    text, own = part
    return text if own > strength or (first and own == strength and strength < 3) else f"({text})"
