"""Sums over data that are read in pieces: the sums of all blocks, added in their order.

A piece is added up where it is read, here or by a worker of Dask; what comes back is a row of sums
for each of its blocks. So neither the pieces nor who adds them up changes a digit.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from symlab.algebra.blocks.blocks import Rows, inner_rows
from symlab.algebra.objective import Objective
from symlab.algebra.risk.blocked import BlockedRisk
from symlab.algebra.risk.bound import BoundRisk
from symlab.algebra.risk.risk import EmpiricalRisk
from symlab.engine.compiled.block_graphs import BlockGraphs
from symlab.engine.compiled.block_source import BLOCK
from symlab.engine.compiled.risk_graph import data_sum
from symlab.engine.compiled.run_op import compile_run
from symlab.engine.compiled.run_program import (
    CompiledRun,
    Demand,
    compiled_run,
    run_operation,
)
from symlab.engine.compiled.sum_parts import added, sum_parts
from symlab.methods.rule import Rule


class BlockSums(Protocol):
    """What adds up each block of some samples."""

    def lay_out(self, bound: BoundRisk) -> Any:
        """Return the data of the samples as `parts` reads them."""

    def parts(self, laid_out: Any, point: np.ndarray) -> np.ndarray:
        """Return the sums of each block at a point, a row for each."""


LOOPS = ("loss_and_slopes", "loss", "slopes")
"""Sums that are loops in C; others are names of graphs."""


@dataclass(frozen=True)
class Sum:
    """What is added up over samples, stated so that any process can compile it.

    Parameters
    ----------
    risk : EmpiricalRisk
    names : tuple of str
        One of `LOOPS`, or parts for `BlockGraphs`.
    demand : Demand
    backend : str
    """

    risk: EmpiricalRisk
    names: tuple[str, ...]
    demand: Demand
    backend: str = "c"

    @property
    def compiled(self) -> BlockSums:
        """What computes the sums of blocks; compiled once in a process."""
        sums = data_sum(self.risk, self.demand.derived_by)
        if self.names[0] in LOOPS:
            return sum_parts(sums, self.names[0], self.demand)
        return BlockGraphs(sums, self.names, self.backend)


@dataclass(frozen=True)
class SumAt:
    """A sum at a point, as it is done with each piece.

    Parameters
    ----------
    sum : Sum
    point : array, shape (n,)
    samples : int
        How many there are in all pieces.
    """

    sum: Sum
    point: np.ndarray
    samples: int
    finite: bool = field(default=False, init=False)

    def prepare(self, columns: tuple[np.ndarray, ...], first: int) -> Any:
        """Return the data of the piece's whole blocks, laid out; None if it has none."""
        begin, end = inner_rows(first, first + len(columns[0]), self.samples)
        if begin == end:
            return None
        inner = tuple(column[begin - first : end - first] for column in columns)
        return begin // BLOCK, self.sum.compiled.lay_out(BoundRisk(self.sum.risk, inner))

    def work(self, prepared: Any) -> tuple[int, np.ndarray] | None:
        """Return the number of the first block, and a row of sums for each."""
        if prepared is None:
            return None
        first, laid_out = prepared
        # What has come over a wire may not be aligned as C expects it.
        return first, self.sum.compiled.parts(laid_out, self.point.copy())


def sum_over(objective: BlockedRisk, wanted: Sum, point: np.ndarray) -> np.ndarray:
    """Return a sum over all samples at a point, shape (sums,)."""
    blocks = objective.blocks
    task = SumAt(wanted, np.array(point, dtype=float), blocks.samples)
    compiled = wanted.compiled  # here and now, not in the thread that reads
    found = [each for each in blocks.run(task) if each is not None]
    if len(blocks.loose[0]):
        loose = BoundRisk(objective.risk, blocks.loose)
        rows = compiled.parts(compiled.lay_out(loose), task.point)
        found += [(int(b), row[None]) for b, row in zip(blocks.loose_blocks, rows, strict=True)]
    found.sort(key=lambda each: each[0])
    return added(np.concatenate([rows for _, rows in found]))


class RunSums:
    """The sums that a rule's run in C asks for at each step.

    Parameters
    ----------
    objective : BlockedRisk
    demand : Demand
    """

    def __init__(self, objective: BlockedRisk, demand: Demand) -> None:
        self._objective, self._demand = objective, demand
        self._rows = Rows(objective.blocks)

    def __call__(self, point: np.ndarray, batch: np.ndarray | None, due: bool) -> np.ndarray:  # noqa: FBT001
        """Return the sums at a point: that of the losses, then those of the slopes."""
        if batch is None:
            return self._of_all("loss_and_slopes", point)
        if not self._demand.apart:
            return self._of_batch("loss_and_slopes", point, batch)
        loss = self._losses(point, batch) if due else np.zeros(1)
        return np.concatenate([loss, self._of_batch("slopes", point, batch)])

    def _losses(self, point: np.ndarray, batch: np.ndarray) -> np.ndarray:
        of_batch = self._demand.only_batches
        return self._of_batch("loss", point, batch) if of_batch else self._of_all("loss", point)

    def _sum(self, name: str) -> Sum:
        return Sum(self._objective.risk, (name,), self._demand)

    def _of_all(self, name: str, point: np.ndarray) -> np.ndarray:
        return sum_over(self._objective, self._sum(name), point)

    def _of_batch(self, name: str, point: np.ndarray, batch: np.ndarray) -> np.ndarray:
        compiled = self._sum(name).compiled
        rows = BoundRisk(self._objective.risk, self._rows.take(batch))
        return added(compiled.parts(compiled.lay_out(rows), np.array(point)))


def run_of(objective: Objective, rule: Rule, demand: Demand) -> CompiledRun:
    """Return the compiled run of a rule on an objective, wherever its samples are.

    Raises
    ------
    NoProgramError
        If a part has no C code, or the whole is too large to be compiled as one piece.
    """

    def at_once(given: Objective) -> CompiledRun:
        return compiled_run(given, rule, demand)

    def in_pieces(bound: BlockedRisk) -> CompiledRun:
        op, _ = run_operation(bound, rule, replace(demand, handed=True))
        sums = RunSums(bound, replace(demand, blocks=bound.samples > BLOCK))
        return CompiledRun(
            compile_run(op), op.text, op.dimension, op.width, samples=bound.samples, sums=sums
        )

    return objective.dispatch(formula=at_once, data=at_once, blocks=in_pieces)
