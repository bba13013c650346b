"""Many residuals of few shapes, compiled once for each shape: values and Jacobian.

A hundred residuals in a hundred variables have ten thousand slopes, nearly all of them zero. Only
those of the templates are derived and compiled, and only those of the terms are computed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sympy import Expr, Symbol

from symlab.algebra.repeated_terms import RepeatedSum, repeated_sums
from symlab.engine.compiled.term_levels import CompiledLevel, chain, compiled_levels, forward

FEWEST = 16
"""Terms, below which functions that are written out are as soon compiled."""


@dataclass(frozen=True)
class CompiledSystem:
    """Expressions as fast functions of NumPy arrays of shape (n,)."""

    terms: RepeatedSum
    backend: str

    @cached_property
    def _levels(self) -> tuple[CompiledLevel, ...]:
        return compiled_levels(self.terms, self.backend)

    @property
    def compile_seconds(self) -> float:
        """Seconds spent compiling the functions used so far."""
        return sum(level.compile_seconds for level in self._levels)

    def table(self, point: np.ndarray, order: int) -> np.ndarray:
        """Return each value, of order 1 with its n slopes behind it: shape (m, 1 + order n)."""
        z, slopes = forward(self._levels, np.asarray(point, dtype=float))
        count = len(self.terms.constants)
        values = (z[-count:] + self.terms.constants)[:, None]
        if order == 0:
            return values
        return np.hstack([values, chain(self._levels, slopes)[-count:]])


def compiled_system(
    expressions: Sequence[Expr], variables: Sequence[Symbol], backend: str
) -> CompiledSystem | None:
    """Return expressions as a system of few templates; None where they have few terms or no such.

    Examples
    --------
    >>> from sympy import symbols
    >>> x = symbols("x1:21", real=True)
    >>> found = compiled_system([x[i] ** 2 - i for i in range(20)], x, "interpreted")
    >>> found.table([2.0] * 20, 1)[:2, :3]
    array([[4., 4., 0.],
           [3., 0., 4.]])
    """
    terms = repeated_sums(expressions, variables)
    if terms is None or terms.terms < FEWEST:
        return None
    return CompiledSystem(terms, backend)
