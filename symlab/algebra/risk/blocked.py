"""An empirical risk on data that are read in pieces: an objective over the parameters."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from symlab.algebra.blocks.blocks import Blocks, Rows
from symlab.algebra.objective import Objective
from symlab.algebra.risk.bound import BoundRisk

if TYPE_CHECKING:
    from symlab.algebra.risk.risk import EmpiricalRisk

MOST_HELD = 2**23
"""Numbers that are read into memory where something needs them all at once."""


class BlockedRisk(BoundRisk):
    """An empirical risk on data in pieces, of which one at a time is in memory.

    Runs add it up piece by piece. What needs all samples at once, such as an exact run, reads them
    if they are few, and refuses them otherwise: `part` takes some.

    Parameters
    ----------
    risk : EmpiricalRisk
    blocks : Blocks
    """

    blocks: Blocks

    def __init__(self, risk: "EmpiricalRisk", blocks: Blocks) -> None:
        object.__setattr__(self, "risk", risk)
        object.__setattr__(self, "blocks", blocks)
        object.__setattr__(self, "variables", risk.parameters)

    def __repr__(self) -> str:
        return f"{self.risk!r}.on({self.blocks})"

    @property
    def samples(self) -> int:
        """The number of samples, m."""
        return self.blocks.samples

    @cached_property
    def arrays(self) -> tuple[np.ndarray, ...]:  # type: ignore[override]  # read when asked for
        """All columns, read into memory.

        Raises
        ------
        ValueError
            If they are too many.
        """
        self.check_held()
        return self.part(range(self.samples)).arrays

    @property
    def can_be_held(self) -> bool:
        """Whether all samples are so few numbers that they may be read into memory."""
        return self.samples * len(self.risk.data) <= MOST_HELD

    def check_held(self) -> None:
        """Refuse what needs all samples in memory at once, where they are too many."""
        if not self.can_be_held:
            raise ValueError(
                f"data: {self.samples} samples are too many to be held in memory at once, as this "
                "needs; objective.part(range(1000)) takes the first thousand."
            )

    def part(self, batch: Any) -> BoundRisk:
        """Return the risk on some of its samples, in memory, given by their indices.

        Only the pieces that they lie in are read.
        """
        return BoundRisk(self.risk, Rows(self.blocks).take(_indices(batch, self.samples)))

    def dispatch[Answer](
        self,
        *,
        formula: Callable[[Objective], Answer],
        data: Callable[[BoundRisk], Answer],
        blocks: Callable[["BlockedRisk"], Answer] | None = None,
    ) -> Answer:
        """Return what the third of the functions makes of the objective, or else the second."""
        return data(self) if blocks is None else blocks(self)


def _indices(batch: Any, samples: int) -> np.ndarray:
    """Return indices from 0 on; negative ones count from the end."""
    if isinstance(batch, slice):
        return np.arange(*batch.indices(samples))
    rows = np.asarray(batch, dtype=np.int64).reshape(-1)
    if len(rows) and not (-samples <= rows.min() and rows.max() < samples):
        raise ValueError(f"batch: expected indices below {samples}, got up to {rows.max()}.")
    return rows % samples
