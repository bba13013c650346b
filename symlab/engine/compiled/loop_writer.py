"""Loops over places as they are written, line by line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pytensor.graph.basic import Apply, Variable

from symlab.engine.compiled.c_text import indent
from symlab.engine.compiled.elementwise_group import ElementwiseGroup
from symlab.engine.compiled.lane_memory import LaneMemory
from symlab.engine.compiled.tensor_views import MOVES


@dataclass
class LoopWriter:
    """The loops of a graph as they are written.

    Parameters
    ----------
    instead : mapping of str to function
        By the name of a scalar operation, what computes the same in other operations.
    outputs : sequence of tensor variables
    clients : dict of tensor variable to list of Apply
        The operations that read each variable.
    memory : LaneMemory
    lines : list of str
        The loops.
    support : set of str
        C functions that they call.
    sums : set of int
        Rows to which samples have been added already.
    group : ElementwiseGroup, optional
        The loop that is still open.
    """

    instead: Mapping[str, Callable[..., Any]]
    outputs: Sequence[Variable]
    clients: dict[Variable, list[Apply]] = field(default_factory=dict)
    memory: LaneMemory = field(default_factory=LaneMemory)
    lines: list[str] = field(default_factory=list)
    support: set[str] = field(default_factory=set)
    sums: set[int] = field(default_factory=set)
    group: ElementwiseGroup | None = None

    def close(self) -> None:
        """Write the open loop, if there is one, and what of it is read outside."""
        group, self.group = self.group, None
        if group is None:
            return
        results = [variable for variable in group.made if self._is_read(variable, group)]
        program = group.program(results)
        self.support.update(program.support)
        names = [self.memory.write_lane(places.ravel()) for _, places in group.inputs.values()]
        ends = []
        for variable in results:
            rows = group.made[variable][1].ravel()
            ends.append(self.ending(variable, rows).format(self.memory.write_index(rows), "{}"))
        self.write_loop(group.count, program.lines(names, ends))

    def write_loop(self, count: int, body: list[str]) -> None:
        """Write a loop over some places, the lanes of each in a loop of its own."""
        lanes = ["#pragma omp simd", "for (int lane = 0; lane < LANES; lane++) {"]
        lines = [*lanes, *indent(body), "}"]
        if count == 1:
            self.lines += ["{", "    const int i = 0;", *indent(lines), "}"]
        else:
            self.lines += [f"for (int i = 0; i < {count}; i++) {{", *indent(lines), "}"]

    def ending(self, variable: Variable, rows: np.ndarray) -> str:
        """Return what a line does with a result: set its row, or add to it."""
        if self.clients.get(variable) and variable in self.outputs:
            return "v[{0}][lane] = {1};"
        if not self._is_sum(variable):
            return "v[{0}][lane] = {1};"
        self.sums.update(map(int, rows.ravel()))
        return "v[{0}][lane] += share[lane] * ({1});"

    def add_up(self, places: np.ndarray) -> np.ndarray:
        """Return the rows in which an output is added up, having written what is not yet."""
        rows = self.memory.copy_to_rows(places)
        left = ~np.isin(rows, list(self.sums))
        made = rows.copy()
        made[left] = self.memory.take_rows((int(left.sum()),))
        if left.any():
            ours, theirs = map(self.memory.write_index, (made[left], rows[left]))
            line = f"v[{ours}][lane] += share[lane] * v[{theirs}][lane];"
            self.write_loop(int(left.sum()), [line])
        return made

    def _is_sum(self, variable: Variable) -> bool:
        """Return whether a result is only added up, whatever shape it takes before."""
        clients = self.clients.get(variable, [])
        moves = all(isinstance(node.op, tuple(MOVES)) for node in clients)
        return variable in self.outputs or (
            bool(clients) and moves and all(self._is_sum(each.outputs[0]) for each in clients)
        )

    def _is_read(self, variable: Variable, group: ElementwiseGroup) -> bool:
        inside = {each.owner for each in group.made if each.owner}
        clients = self.clients.get(variable, [])
        return variable in self.outputs or any(node not in inside for node in clients)
