"""Sums over samples by matrix products, block by block: where C has no single loop for them.

A Hessian always is such a sum. The products of a block are made by one thread of BLAS, whose way of
adding up would otherwise depend on the machine's cores; blocks are small enough to stay in the
caches, so that this costs no time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from threadpoolctl import ThreadpoolController

from symlab.algebra.risk.bound import BoundRisk
from symlab.algebra.risk.risk import EmpiricalRisk
from symlab.engine.compiled.block_source import BLOCK
from symlab.engine.compiled.function import Compiled, once
from symlab.engine.compiled.points import compiled_function
from symlab.engine.compiled.risk_graph import DataSum, data_sum


@dataclass(frozen=True)
class BlockGraphs:
    """Parts of a risk as sums over blocks, compiled for a backend.

    Parameters
    ----------
    sums : DataSum
    names : tuple of str
        Of `"value"`, `"gradient"` and `"hessian"`.
    backend : str
    """

    sums: DataSum
    names: tuple[str, ...]
    backend: str

    @cached_property
    def losses(self) -> DataSum:
        """The sum of the losses alone: not divided by their number, and without the penalty."""
        risk = self.sums.risk
        bare = EmpiricalRisk(risk.loss, risk.parameters, risk.data, "sum")
        return data_sum(bare, self.sums.derived_by)

    @property
    def seconds(self) -> float:
        """What compiling them has cost."""
        return self._of_block.seconds

    @property
    def _of_block(self) -> Compiled:
        return risk_function(self.losses, self.names, self.backend)

    def lay_out(self, bound: BoundRisk) -> tuple[np.ndarray, ...]:
        """Return the data of some samples as the graphs take them."""
        arrays = self.losses.arrays(bound, self.backend)
        return tuple(np.require(array, requirements=["C", "A"]) for array in arrays)

    def parts(self, arrays: Sequence[np.ndarray], point: np.ndarray) -> np.ndarray:
        """Return the sums of every block of samples at a point, a row for each block."""
        with _controller().limit(limits=1, user_api="blas"):
            rows = [
                self._of_block.call(point, *(array[first : first + BLOCK] for array in arrays))
                for first in range(0, len(arrays[0]), BLOCK)
            ]
            return np.array([np.concatenate([np.ravel(each) for each in row]) for row in rows])

    def whole(self, total: np.ndarray, point: np.ndarray, samples: int) -> list[np.ndarray]:
        """Return the parts of the risk, each by itself, from the sums over all samples."""
        risk, size = self.sums.risk, self.sums.risk.dimension
        shapes = {"value": (), "gradient": (size,), "hessian": (size, size)}
        weighted = total / samples if risk.reduction == "mean" else total
        sizes = [int(np.prod(shapes[name], dtype=int)) for name in self.names]
        split = np.split(weighted, np.cumsum(sizes)[:-1])
        found = [each.reshape(shapes[name]) for each, name in zip(split, self.names, strict=True)]
        if risk.penalty == 0:
            return found
        penalties = penalty_function(self.sums, self.names, self.backend).call(point)
        return [a + b for a, b in zip(found, penalties, strict=True)]


@cache
def _controller() -> ThreadpoolController:
    """The libraries that have been loaded: to look for them takes a millisecond."""
    return ThreadpoolController()


@once(128)
def risk_function(graphs: DataSum, parts: tuple[str, ...], backend: str) -> Compiled:
    """Compile parts of a risk (`"value"`, `"gradient"`, `"hessian"`) as functions of w and data."""
    w, arrays = graphs.weights(), graphs.inputs()
    outputs = [getattr(graphs, part)(w, arrays) for part in parts]
    return compiled_function([w, *arrays], outputs, backend)


@once(128)
def penalty_function(graphs: DataSum, parts: tuple[str, ...], backend: str) -> Compiled:
    """Compile the same parts of a risk's penalty as functions of w."""
    w = graphs.weights()
    return compiled_function([w], [graphs.penalty_of(part, w) for part in parts], backend)
