"""Wide sums and products, in pieces that a Python ufunc can take.

PyTensor gathers the terms of nested sums into one operation of as many operands as there are, and
its Python implementation refuses more than 32 of them. After all other rewrites they are cut into a
tree, in which the rounding errors of a long sum grow slower besides (Higham 2002, section 4.2).
"""

from itertools import batched

from pytensor.graph.basic import Apply, Variable
from pytensor.graph.fg import FunctionGraph
from pytensor.graph.rewriting.basic import NodeRewriter, in2out, node_rewriter
from pytensor.scalar.basic import Add, Mul
from pytensor.tensor.elemwise import Elemwise

WIDEST = 16
"""Operands of one operation; PyTensor's Python implementation takes 31 and gives one."""

LATE = 200.0
"""A place in the order of PyTensor's rewrites behind all others."""


@node_rewriter([Elemwise])
def _split_node(_fgraph: FunctionGraph, node: Apply) -> list[Variable] | None:
    if not isinstance(node.op.scalar_op, Add | Mul) or len(node.inputs) <= WIDEST:
        return None
    operation = Elemwise(node.op.scalar_op)
    terms = list(node.inputs)
    while len(terms) > 1:
        terms = [operation(*some) if len(some) > 1 else some[0] for some in batched(terms, WIDEST)]
    return terms


def cut_wide() -> NodeRewriter:
    """Return the rewrite of a whole graph that leaves no sum or product of too many operands."""
    return in2out(_split_node, name="cut_wide")
