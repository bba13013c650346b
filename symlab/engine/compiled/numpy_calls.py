"""Small formulas as calls of NumPy, one after the other, without a compiler.

A direction, the update of its memory and the question whether a step is accepted are a handful of
operations on a few numbers or small matrices. NumPy carries each out as fast as code made for it
would, and no call of g++ is waited for.
"""

from collections.abc import Callable, Sequence
from functools import partial, reduce
from time import perf_counter
from typing import Any

import numpy as np
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.graph.fg import FunctionGraph
from pytensor.graph.rewriting.utils import rewrite_graph
from pytensor.tensor.elemwise import DimShuffle, Elemwise
from pytensor.tensor.linalg.inverse import MatrixInverse
from pytensor.tensor.linalg.solvers.general import Solve
from pytensor.tensor.math import Dot, Sum

from symlab.algebra.working_precision import EXACT_WORK
from symlab.engine.backends import LEFT_OUT
from symlab.engine.compiled.function import Compiled
from symlab.engine.stand_ins import without_unused_imports

Call = Callable[..., Any]


def numpy_function(inputs: Sequence[Variable], outputs: Sequence[Variable]) -> Compiled | None:
    """Return graphs as a function of arrays; None where NumPy does not know one of the operations.

    Parameters
    ----------
    inputs, outputs : sequence of PyTensor variables

    Examples
    --------
    >>> import pytensor.tensor as pt
    >>> a, b = pt.dmatrix("a"), pt.dmatrix("b")
    >>> numpy_function([a, b], [-(a @ b)]).call(np.eye(2), np.ones((2, 1)))[0].T
    array([[-1., -1.]])
    """
    started = perf_counter()
    with EXACT_WORK, without_unused_imports():
        graph = FunctionGraph(list(inputs), list(outputs), clone=True)
        left_out = ("fusion", "inplace", "BlasOpt", *LEFT_OUT)
        rewrite_graph(graph, include=("fast_run",), exclude=left_out, clone=False)
    nodes = graph.toposort()
    calls = [_call_of(node) for node in nodes]
    if None in calls:
        return None
    return Compiled(_in_turn(graph, nodes, calls), perf_counter() - started)


def _in_turn(graph: FunctionGraph, nodes: list[Apply], calls: list[Any]) -> Call:
    """Return a function that makes the calls in their order, each on results of those before."""
    constants = {v: v.data for node in nodes for v in node.inputs if isinstance(v, Constant)}
    constants |= {v: v.data for v in graph.outputs if isinstance(v, Constant)}
    made = [node.outputs[0] for node in nodes]
    places = {v: i for i, v in enumerate([*graph.inputs, *constants, *made])}
    program = [
        (call, [places[v] for v in node.inputs]) for call, node in zip(calls, nodes, strict=True)
    ]
    results = [places[v] for v in graph.outputs]
    fixed = list(constants.values())

    def run(*given: np.ndarray) -> list[np.ndarray]:
        values = [*given, *fixed]
        for call, sources in program:
            values.append(call(*[values[i] for i in sources]))
        return [np.asarray(values[i]) for i in results]

    return run


def _call_of(node: Apply) -> Call | None:
    """Return what carries out an operation; None where nothing here does."""
    op = node.op
    if isinstance(op, Elemwise):
        return _elementwise(op.scalar_op, len(node.inputs))
    if isinstance(op, DimShuffle):
        return _shuffled(op)
    if isinstance(op, Sum):
        return partial(np.add.reduce, axis=op.axis)
    known: dict[type, Call] = {
        Dot: np.dot, Solve: np.linalg.solve, MatrixInverse: np.linalg.inv,
    }  # fmt: skip
    return known.get(type(op))


def _elementwise(op: Any, count: int) -> Any:
    """Return NumPy's function of the same name, in turn where that takes only two arguments."""
    name, takes, _ = op.nfunc_spec or ("", 0, 0)
    function: Any = getattr(np, name, None)
    if takes == 2 < count:
        return lambda *arrays: reduce(function, arrays)
    return function


def _shuffled(op: DimShuffle) -> Call:
    """Return what moves, drops and adds axes, each of length one where it is dropped or added."""
    axes, dropped = [*op.shuffle, *op.drop], (0,) * len(op.drop)
    if not (op.drop or op.augment):
        return lambda array: array.transpose(axes)
    place = tuple(np.newaxis if i == "x" else slice(None) for i in op.new_order) + dropped
    return lambda array: array.transpose(axes)[place]
