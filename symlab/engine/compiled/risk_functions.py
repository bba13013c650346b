"""Compiled functions of a sum over data: value and derivatives, and those on some samples."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from symlab.algebra.objective import Objective
from symlab.algebra.risk.blocked import BlockedRisk
from symlab.algebra.risk.bound import BoundRisk
from symlab.engine.compiled.block_graphs import BlockGraphs, risk_function
from symlab.engine.compiled.block_source import BLOCK
from symlab.engine.compiled.c_source import WithSource
from symlab.engine.compiled.c_text import NoProgramError
from symlab.engine.compiled.course import seen_from
from symlab.engine.compiled.function import Compiled
from symlab.engine.compiled.piece_sums import Sum, run_of, sum_over
from symlab.engine.compiled.points import check_point
from symlab.engine.compiled.risk_graph import data_sum
from symlab.engine.compiled.run_program import CompiledRun, Demand
from symlab.engine.compiled.sum_parts import added
from symlab.engine.domain import EVERYWHERE, Domain
from symlab.methods.rules import gradient_descent


@dataclass(frozen=True)
class CompiledRisk(WithSource):
    """An empirical risk's value and derivatives as fast functions of arrays of shape (n,).

    In C, value and gradient over many samples are those of a run that takes no step: one loop that
    reads the data once, and is shared among threads.

    A point that breaks an assumption of a parameter is a ValueError.
    """

    objective: BoundRisk
    backend: str
    derived_by: str = "sympy"
    domain: Domain = field(default=EVERYWHERE, repr=False)

    def __repr__(self) -> str:
        return f"compile({self.objective!r}, backend={self.backend!r})"

    @cached_property
    def _arrays(self) -> tuple[np.ndarray, ...]:
        return data_sum(self.objective.risk).arrays(self.objective, self.backend)

    @property
    def _is_one_block(self) -> bool:
        return self.objective.samples <= BLOCK

    @cached_property
    def _run(self) -> CompiledRun | None:
        """A run for its value and gradient; None where another road is shorter."""
        if self.backend != "c" or self._is_one_block:
            return None
        try:
            return run_of(self.objective, gradient_descent, Demand(self.derived_by))
        except NoProgramError:
            return None

    def _compile(self, *parts: str) -> Compiled:
        return risk_function(data_sum(self.objective.risk, self.derived_by), parts, self.backend)

    @property
    def compile_seconds(self) -> float:
        """Seconds that compiling value and gradient has cost."""
        if self._run is not None:
            return self._run.compiled.seconds
        if self._adds_blocks:
            return self._blocks("value", "gradient").seconds
        return self._compile("value", "gradient").seconds

    def value(self, x: Any) -> float:
        """Return the objective at a point of shape (n,)."""
        if self._run is not None:
            return self.value_and_gradient(x)[0]
        return float(self._parts(x, "value")[0])

    def gradient(self, x: Any) -> np.ndarray:
        """Return the gradient at a point of shape (n,), shape (n,)."""
        return self.value_and_gradient(x)[1]

    def value_and_gradient(self, x: Any) -> tuple[float, np.ndarray]:
        """Return value and gradient at a point of shape (n,), from one call."""
        if self._run is not None:
            seen = seen_from(self._run, self._point(x))
            return float(seen[0]), seen[1:]
        value, gradient = self._parts(x, "value", "gradient")
        return float(value), np.array(gradient, dtype=float)

    def _parts(self, x: Any, *names: str) -> list[np.ndarray]:
        """Return parts of the risk on all samples."""
        point = self._point(x)
        if not self._adds_blocks:
            return self._compile(*names).call(point, *self._arrays)
        blocks = self._blocks(*names)
        total = self.objective.dispatch(
            formula=_no_formula,
            data=lambda bound: added(blocks.parts(self._laid_out, point)),
            blocks=lambda bound: sum_over(
                bound, Sum(bound.risk, names, Demand(self.derived_by), self.backend), point
            ),
        )
        return blocks.whole(total, point, self.objective.samples)

    @property
    def _adds_blocks(self) -> bool:
        """Whether samples are added up block by block: in C, and where they are read in pieces."""
        if self._is_one_block:
            return False
        return self.backend == "c" or isinstance(self.objective, BlockedRisk)

    def _blocks(self, *names: str) -> BlockGraphs:
        return BlockGraphs(data_sum(self.objective.risk, self.derived_by), names, self.backend)

    @cached_property
    def _laid_out(self) -> tuple[np.ndarray, ...]:
        return self._blocks("value").lay_out(self.objective)

    def batch_gradient(self, x: Any, batch: np.ndarray) -> np.ndarray:
        """Return the gradient on some samples, given by their indices, shape (n,)."""
        return self.batch_value_and_gradient(x, batch)[1]

    def batch_value_and_gradient(self, x: Any, batch: np.ndarray) -> tuple[float, np.ndarray]:
        """Return value and gradient on some samples, given by their indices, from one call."""
        arrays = self.objective.dispatch(
            formula=_no_formula,
            data=lambda _: [array[batch] for array in self._arrays],
            blocks=lambda bound: list(data_sum(bound.risk).arrays(bound.part(batch), self.backend)),
        )
        value, gradient = self._compile("value", "gradient").call(self._point(x), *arrays)
        return float(value), np.array(gradient, dtype=float)

    def hessian(self, x: Any) -> np.ndarray:
        """Return the Hessian at a point of shape (n,), shape (n, n)."""
        return np.array(self._parts(x, "hessian")[0], dtype=float)

    def _point(self, x: Any) -> np.ndarray:
        return check_point(x, self.objective.dimension, self.domain)


def _no_formula(formula: Objective) -> Any:
    raise AssertionError(f"{formula} adds up no samples")
