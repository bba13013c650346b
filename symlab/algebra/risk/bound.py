"""An empirical risk on data in memory: an objective over the parameters."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from sympy import Expr, Float, Integer

from symlab.algebra.objective import Objective

if TYPE_CHECKING:
    from symlab.algebra.risk.blocked import BlockedRisk
    from symlab.algebra.risk.risk import EmpiricalRisk


class BoundRisk(Objective):
    """An empirical risk on data: an `Objective` over the parameters.

    It inherits because it is one: whatever asks for value, gradient, Taylor approximant or slice
    gets it from the sum written out, exactly. That expression is made only when it is asked for;
    runs work on the arrays.

    Parameters
    ----------
    risk : EmpiricalRisk
    arrays : tuple of arrays, shape (m,)
        One for each of the risk's data symbols, float64.
    """

    risk: "EmpiricalRisk"
    arrays: tuple[np.ndarray, ...]

    def __init__(self, risk: "EmpiricalRisk", arrays: tuple[np.ndarray, ...]) -> None:
        object.__setattr__(self, "risk", risk)
        object.__setattr__(self, "arrays", arrays)
        object.__setattr__(self, "variables", risk.parameters)

    # Two bound risks are the same only if they are the same object: arrays are not compared.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"{self.risk!r}.on({self.samples} samples)"

    def _repr_latex_(self) -> str:
        from sympy import latex

        return rf"$\displaystyle {self.risk.reduction}\ {latex(self.risk.loss)}$"

    @property
    def samples(self) -> int:
        """The number of samples, m."""
        return len(self.arrays[0])

    def part(self, batch: np.ndarray) -> "BoundRisk":
        """Return the risk on some of its samples, given by their indices."""
        return BoundRisk(self.risk, tuple(array[batch] for array in self.arrays))

    def dispatch[Answer](
        self,
        *,
        formula: Callable[[Objective], Answer],
        data: Callable[["BoundRisk"], Answer],
        blocks: Callable[["BlockedRisk"], Answer] | None = None,
    ) -> Answer:
        """Return what the second of the functions makes of the objective."""
        return data(self)

    @property
    def weight(self) -> Expr:
        """What the sum of the losses is multiplied with: 1/m for a mean, 1 for a sum."""
        return Integer(1) / self.samples if self.risk.reduction == "mean" else Integer(1)

    @cached_property
    def expression(self) -> Expr:
        """The whole objective written out; with many samples this takes its time."""
        rows = zip(*(array.tolist() for array in self.arrays), strict=True)
        terms = [
            self.risk.loss.xreplace(dict(zip(self.risk.data, map(Float, row), strict=True)))
            for row in rows
        ]
        return self.weight * sum(terms, Integer(0)) + self.risk.penalty
