"""Graphs of tensors for one sample as C loops, in which lanes of a vector are samples.

A tensor is an array of places in a `LaneMemory`. What only moves numbers about (slices, padding,
reshaping, the sum of arrays that are zero where others are not) moves places when the text is made,
and costs nothing when it runs. Elementwise operations of one shape share a loop.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.graph.traversal import toposort
from pytensor.tensor.elemwise import Elemwise

from symlab.engine.compiled.c_program import simplify
from symlab.engine.compiled.c_text import NoProgramError
from symlab.engine.compiled.loop_operations import WRITTEN
from symlab.engine.compiled.loop_writer import LoopWriter
from symlab.engine.compiled.tensor_views import MOVES, Moved, known_shape


@dataclass(frozen=True)
class Loops:
    """A graph of tensors as loops.

    Parameters
    ----------
    tables : list of str
        C declarations of places that follow no rule.
    copies : dict of int to int
        Rows that hold the same in all lanes, by the entry of `w` they hold.
    lines : list of str
        The loops.
    rows : int
        How many rows there are.
    constants : list of float
        What `w` holds behind the weights.
    sums : list of str
        For each output the row in which its i-th entry is added up, as a C expression.
    sizes : list of int
        The number of entries of each output.
    support : tuple of str
        C functions that are called.
    """

    tables: list[str]
    copies: dict[int, int]
    lines: list[str]
    rows: int
    constants: list[float]
    sums: list[str]
    sizes: list[int]
    support: tuple[str, ...]


def write_loops(
    samples: Sequence[Variable],
    weights: Sequence[Variable],
    outputs: Sequence[Variable],
    instead: Mapping[str, Callable[..., Any]],
    most: int,
) -> Loops:
    """Return graphs as loops, after PyTensor's rewrites.

    Parameters
    ----------
    samples, weights : sequence of tensor variables
        What differs between samples, in the first rows, and what does not, in the first entries of
        `w`; their shapes are known.
    outputs : sequence of tensor variables
    instead : mapping of str to function
        By the name of a scalar operation, what computes the same in other operations.
    most : int
        Rows at most.

    Raises
    ------
    NoProgramError
        If there are more, or an operation is none of those known here.
    """
    if sum(prod(known_shape(each)) for each in (*samples, *weights)) > most:
        raise NoProgramError(f"more than {most} numbers are too many for lanes")
    given, wanted = simplify([*samples, *weights], outputs)
    writer = LoopWriter(instead, wanted)
    known = {v: writer.memory.take_rows(known_shape(v)) for v in given[: len(samples)]}
    known |= {v: writer.memory.take_weights(known_shape(v)) for v in given[len(samples) :]}
    return _Graph(writer, known, most).write()


@dataclass(frozen=True)
class _Graph:
    """A graph of tensors, of which the places are known up to some operation."""

    writer: LoopWriter
    known: dict[Variable, np.ndarray]
    most: int

    def write(self) -> Loops:
        """Return all loops."""
        nodes = list(toposort(self.writer.outputs, blockers=list(self.known)))
        for node in nodes:
            for each in set(node.inputs):
                self.writer.clients.setdefault(each, []).append(node)
        missing = {node: {v for v in node.inputs if not self._is_known(v)} for node in nodes}
        ready = [node for node in nodes if not missing[node]]
        while ready:
            node = self._next(ready)
            ready.remove(node)
            self._write(node)
            for output in node.outputs:
                for client in self.writer.clients.get(output, []):
                    missing[client].discard(output)
                    ready += [] if missing[client] else [client]
        return self._end()

    def _end(self) -> Loops:
        """Close the last loop, add the outputs up, and return all."""
        writer, memory = self.writer, self.writer.memory
        writer.close()
        ends = [writer.add_up(self._places(each).ravel()) for each in writer.outputs]
        sums = list(map(memory.write_index, ends))
        return Loops(
            tables=memory.declared,
            copies=memory.copies,
            lines=writer.lines,
            rows=memory.rows,
            constants=list(memory.constants),
            sums=sums,
            sizes=[len(each) for each in ends],
            support=tuple(sorted(writer.support)),
        )

    def _next(self, ready: list[Apply]) -> Apply:
        """Return the operation to go on with: one that costs nothing, or one for the open loop."""
        for node in ready:
            if isinstance(node.op, tuple(MOVES)):
                return node
        shape = self.writer.group.shape if self.writer.group is not None else None
        like = (node for node in ready if node.outputs[0].type.shape == shape)
        return next((node for node in like if isinstance(node.op, Elemwise)), ready[0])

    def _is_known(self, variable: Variable) -> bool:
        return isinstance(variable, Constant) or variable in self.known

    def _places(self, variable: Variable) -> np.ndarray:
        if variable in self.known:
            return self.known[variable]
        if not hasattr(variable.data, "dtype"):
            return np.empty(0, dtype=np.int64)  # a bound of a slice, read where it is used
        numbers = np.asarray(variable.data, dtype=float)
        places = [self.writer.memory.place_constant(each) for each in numbers.ravel()]
        return np.array(places).reshape(numbers.shape)

    def _write(self, node: Apply) -> None:
        """Write an operation, and note the places of its results."""
        made = self._places_of_results(node, [self._places(each) for each in node.inputs])
        results = made if isinstance(made, list) else [made]
        self.known.update(zip(node.outputs, results, strict=True))
        if self.writer.memory.rows > self.most:
            raise NoProgramError(f"more than {self.most} numbers are too many for lanes")

    def _places_of_results(self, node: Apply, given: list[np.ndarray]) -> Moved:
        for op, move in MOVES.items():
            if isinstance(node.op, op):
                return move(node, given)
        for kind, write in WRITTEN.items():
            if isinstance(node.op, kind):
                return write(self.writer, node, given)
        raise NoProgramError(f"{node.op} is no operation that can be looped over")
