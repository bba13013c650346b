"""A graph in another precision: every float64 in it becomes a float32.

Giving a float64 graph float32 inputs would not do: a constant such as 0.1, a count of 64 bits and
the accumulator of a sum would each bring float64 back. So the graph is built anew from its leaves.
"""

from collections.abc import Sequence

import pytensor.tensor as pt
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.graph.op import Op
from pytensor.graph.traversal import ancestors, toposort
from pytensor.scalar import Cast, float32
from pytensor.tensor.basic import MakeVector
from pytensor.tensor.elemwise import CAReduce, Elemwise

from symlab.checks import choice

PRECISIONS = ("float64", "float32")
"""The formats of floats that a graph can be in, by NumPy's names."""


def check_precision(name: str) -> str:
    """Return the name of a precision.

    Raises
    ------
    ValueError
        If it is none; the message gives the nearest.

    Examples
    --------
    >>> check_precision("float16")
    Traceback (most recent call last):
        ...
    ValueError: precision: unknown name 'float16'; did you mean 'float64'? Known: float64, float32.
    """
    return choice(name, PRECISIONS, "precision")


def in_single_precision(
    inputs: Sequence[Variable], outputs: Sequence[Variable]
) -> tuple[list[Variable], list[Variable]]:
    """Return the inputs and outputs of a graph in float64 as those of the same in float32.

    Examples
    --------
    >>> x = pt.dscalar("x")
    >>> (x32,), (tenth,) = in_single_precision([x], [0.1 * x])
    >>> tenth.type.dtype, float(tenth.eval({x32: 1}))
    ('float32', 0.10000000149011612)
    """
    parts = ancestors([*inputs, *outputs])
    new = {part: _convert_leaf(part) for part in parts if part.owner is None}
    for node in toposort(outputs):
        rebuilt = _rebuild(node, [new[part] for part in node.inputs])
        new.update(zip(node.outputs, rebuilt, strict=True))
    return [new[entry] for entry in inputs], [new[entry] for entry in outputs]


def _convert_leaf(leaf: Variable) -> Variable:
    if not _is_double(leaf):
        return leaf
    if isinstance(leaf, Constant):
        return pt.constant(leaf.data.astype("float32"))
    return leaf.type.clone(dtype="float32")(leaf.name)


def _rebuild(node: Apply, parts: list[Variable]) -> list[Variable]:
    """Apply a node's operation to parts that are float32 where its own are float64."""
    op = _convert_op(node.op) if any(map(_is_double, node.outputs)) else node.op
    outputs = op.make_node(*parts).outputs
    if any(map(_is_double, outputs)):
        # Beside a long integer a float32 becomes a float64.
        outputs = op.make_node(*map(_undo_cast, parts)).outputs
    return [pt.cast(output, "float32") if _is_double(output) else output for output in outputs]


def _convert_op(op: Op) -> Op:
    """Return an operation that makes float64, with float32 where it names what it makes."""
    if isinstance(op, Elemwise) and isinstance(op.scalar_op, Cast):
        return Elemwise(Cast(float32))
    if isinstance(op, CAReduce):
        return op.clone(dtype="float32", acc_dtype="float32")
    return MakeVector("float32") if isinstance(op, MakeVector) else op


def _is_double(variable: Variable) -> bool:
    return bool(variable.type.dtype == "float64")


def _undo_cast(part: Variable) -> Variable:
    return pt.cast(part, "float32") if part.type.dtype.startswith(("int", "uint")) else part
