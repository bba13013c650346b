"""Stages of a graph: what it is between two rewrites, to be counted, drawn, run and timed.

A stage is compiled as it stands, with no further rewrite, so that its digits and its time are its
own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.compile.mode import Mode
from pytensor.graph.basic import Apply, Variable
from pytensor.graph.replace import vectorize_graph
from pytensor.graph.traversal import toposort

from symlab.engine.compiled.c_program import program_of
from symlab.engine.compiled.c_text import NoProgramError
from symlab.engine.compiled.function import Compiled, compile_graph
from symlab.engine.computation_graph import Graph, describe
from symlab.engine.lowering.wide import cut_wide
from symlab.engine.one_module import OneModule

LARGEST = 500
"""Operations up to which a graph is written out; beyond, what is shared stays shared."""

LINKERS = {"c": OneModule, "interpreted": lambda: "py"}
"""What runs a stage as it stands, by backend."""


@dataclass(frozen=True, eq=False)
class Stage:
    """A graph: its inputs and its outputs."""

    inputs: tuple[Variable, ...]
    outputs: tuple[Variable, ...]

    @cached_property
    def graph(self) -> Graph:
        """The graph as plain data; what is fused is shown by its parts."""
        return describe(self.outputs)

    @property
    def nodes(self) -> int:
        """How many loops run one after the other: what is fused is one."""
        return len({node.loop for node in self.graph.nodes if node.kind == "operation"})

    def over_columns(self) -> "Stage":
        """Return the same graph of scalars on columns of numbers, one entry a point."""
        columns = tuple(pt.vector(each.name) for each in self.inputs)
        # An output that is the bare input, or a constant, is no graph that could be vectorised.
        graphs = [pt.identity(each) if each.owner is None else each for each in self.outputs]
        over = vectorize_graph(graphs, dict(zip(self.inputs, columns, strict=True)))
        return Stage(columns, tuple(over))

    @property
    def in_a_run(self) -> tuple[int, int] | None:
        """Operations of the C that a run repeats, with nothing shared and as it is; None without.

        There what is equal becomes one variable, also where PyTensor keeps it apart.
        """
        try:
            program = program_of(self.inputs, self.outputs)
        except NoProgramError:
            return None
        return written_size(program.outputs), program.operations

    def compile(self, backend: str, sample: Sequence[np.ndarray]) -> Compiled:
        """Compile the graph as it stands for one of `LINKERS`, and call it once on a sample."""
        return compile_graph(
            self.inputs,
            self.outputs,
            backend,
            sample,
            trust_input=True,
            mode=_without_rewrites(backend),
        )


@cache
def _without_rewrites(backend: str) -> Any:
    # NumPy's functions take no more than 32 operands.
    return Mode(LINKERS[backend](), cut_wide() if backend == "interpreted" else None)


def written_out(outputs: Sequence[Variable]) -> list[Variable]:
    """Return graphs in which nothing is computed once and read twice, as a formula is written.

    Examples
    --------
    >>> x = pt.dscalar("x")
    >>> root = pt.sqrt(x)
    >>> len(list(toposort([root + root]))), len(list(toposort(written_out([root + root]))))
    (2, 3)
    """
    return list(outputs) if written_size(outputs) > LARGEST else [_copy(each) for each in outputs]


def written_size(outputs: Sequence[Variable]) -> int:
    """Return how many operations graphs would have if nothing were shared.

    Examples
    --------
    >>> x = pt.dscalar("x")
    >>> root = pt.sqrt(x)
    >>> written_size([root + root])
    3
    """
    sizes: dict[Apply, int] = {}
    for node in toposort(outputs):
        sizes[node] = 1 + sum(sizes[each.owner] for each in node.inputs if each.owner is not None)
    return sum(sizes[each.owner] for each in outputs if each.owner is not None)


def _copy(variable: Variable) -> Variable:
    node = variable.owner
    if node is None:
        return variable
    new = node.clone_with_new_inputs([_copy(each) for each in node.inputs])
    return new.outputs[node.outputs.index(variable)]
