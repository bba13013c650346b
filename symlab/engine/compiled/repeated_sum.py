"""A sum of many like terms, compiled once for each shape of a term and not for each term.

One compiled kernel takes the coordinates that the terms hold, a vector for each letter of a
template, and gives values and derivatives of all terms. They are gathered before and added up
behind it, by index, in a fixed order. So what is derived and compiled does not grow with the
number of variables, and a Hessian costs as many numbers as it has that are not zero.

With totals within terms, f(x) = F(x, u(x)), derivatives follow from the chain rule: backwards for
the gradient (Griewank & Walther 2008, chapter 3), and with J = (1; du/dx) for the Hessian,
J' (F'' + sum_j dF/du_j u_j'') J.
"""

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from sympy import preorder_traversal

from symlab.algebra.objective import Objective
from symlab.algebra.repeated_terms import RepeatedSum, repeated_sum
from symlab.engine.compiled.c_text import no_source
from symlab.engine.compiled.points import check_point
from symlab.engine.compiled.term_levels import (
    CompiledLevel,
    Rows,
    chain,
    compiled_levels,
    forward,
)
from symlab.engine.domain import EVERYWHERE, Domain

if TYPE_CHECKING:
    from scipy.sparse import csr_array

MANY = 150
"""Nodes of an expression from which on it is compiled by its templates.

Measured with chained Rosenbrock in 20 variables, 350 nodes: one function for all takes g++ 4 s for
value and gradient and 6 s for the Hessian, the templates 1.4 s and 0.6 s; in 10 variables, 2 s and
3 s against as little.
"""

FEWEST = 16
"""Terms, below which they are long ones and few, that gain nothing."""

MOST_TOGETHER = 8
"""Variables up to which all derivatives together cost less than one more function would."""

MANY_WIDE, FEWEST_WIDE = 100, 10
"""Nodes and terms for more variables than that, where three functions are compiled.

The variably dimensioned function of 10 variables, 115 nodes: 9 s of processor time to a first
result of a method that reads the Hessian, by its templates 3 s.
"""

MOST_IN_A_RUN = 3000
"""Nodes up to which a rule's whole run is one program in C all the same.

Chained Rosenbrock in 150 variables takes 3 s to compile, and a step 1 us instead of 60 us.
"""

BY_TERMS = "it is compiled term by term"


@dataclass(frozen=True)
class CompiledSum:
    """An objective of many like terms as fast functions of NumPy arrays of shape (n,).

    It has the functions of a `CompiledObjective`; a point outside the domain is a ValueError.

    Examples
    --------
    >>> from sympy import symbols
    >>> x = symbols("x1:101", real=True)
    >>> chain = Objective(sum((x[i + 1] - x[i]) ** 2 for i in range(99)), x)
    >>> f = compiled_sum(chain, "interpreted")
    >>> f.value(range(100)), f.gradient(range(100))[[0, 1, -1]].tolist()
    (99.0, [-2.0, 0.0, 2.0])
    """

    objective: Objective
    terms: RepeatedSum
    backend: str
    derived_by: str = "sympy"
    domain: Domain = field(default=EVERYWHERE, repr=False)

    def __repr__(self) -> str:
        return f"compile({self.objective!r}, backend={self.backend!r})"

    @cached_property
    def _levels(self) -> tuple[CompiledLevel, ...]:
        return compiled_levels(self.terms, self.backend, self.derived_by)

    @property
    def compile_seconds(self) -> float:
        """Seconds spent compiling the functions used so far."""
        return sum(level.compile_seconds for level in self._levels)

    @property
    def source(self) -> NoReturn:
        """Raise a ValueError, because there is a text for each kind of term."""
        raise no_source(BY_TERMS)

    @property
    def preamble(self) -> NoReturn:
        """Raise a ValueError: see `source`."""
        raise no_source(BY_TERMS)

    def value(self, x: Any) -> float:
        """Return f(x) at a point of shape (n,)."""
        return self._forward(self._point(x))[0]

    def gradient(self, x: Any) -> np.ndarray:
        """Return the gradient at a point of shape (n,), shape (n,)."""
        return self.value_and_gradient(x)[1]

    def value_and_gradient(self, x: Any) -> tuple[float, np.ndarray]:
        """Return value and gradient at a point of shape (n,), from one call."""
        value, _, slopes = self._forward(self._point(x))
        return value, self._adjoints(slopes)[: self.objective.dimension].copy()

    def batch_gradient(self, x: Any, batch: np.ndarray) -> np.ndarray:
        """Raise a ValueError, because a formula has no samples: see `CompiledRisk`."""
        return self.batch_value_and_gradient(x, batch)[1]

    def batch_value_and_gradient(self, x: Any, batch: np.ndarray) -> tuple[float, np.ndarray]:
        """Raise a ValueError, because a formula has no samples: see `CompiledRisk`."""
        raise AssertionError(self.objective.part(batch))

    def hessian(self, x: Any) -> np.ndarray:
        """Return the Hessian at a point of shape (n,), shape (n, n)."""
        point = self._point(x)
        if len(self._levels) > 1:
            return self._hessian_through_totals(point)
        rows, columns, entries = self._entries(point)
        hessian = np.zeros((self.objective.dimension,) * 2)
        hessian[rows, columns] = hessian[columns, rows] = entries
        return hessian

    def sparse_hessian(self, x: Any) -> "csr_array":
        """Return the Hessian at a point of shape (n,) as a SciPy array of its nonzero entries."""
        from scipy.sparse import coo_array, csr_array

        if len(self._levels) > 1:
            return csr_array(self.hessian(x))
        rows, columns, entries = self._entries(self._point(x))
        off = rows != columns
        places = np.concatenate([rows, columns[off]]), np.concatenate([columns, rows[off]])
        shape = (self.objective.dimension,) * 2
        return coo_array((np.concatenate([entries, entries[off]]), places), shape=shape).tocsr()

    def _point(self, x: Any) -> np.ndarray:
        return check_point(x, self.objective.dimension, self.domain)

    def _entries(self, point: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return rows, columns and entries of the upper triangle, where there are no totals."""
        (level,) = self._levels
        return *level.pattern, level.second_derivatives(point, np.ones(1))

    def _forward(self, point: np.ndarray) -> tuple[float, np.ndarray, list[list[Rows]]]:
        """Return the value, the variables with the totals behind them, and the slopes of terms."""
        z, slopes = forward(self._levels, point)
        return float(z[-1] + self.terms.constants[0]), z, slopes

    def _adjoints(self, slopes: list[list[Rows]]) -> np.ndarray:
        """Return the slope of the value in each variable and total."""
        adjoints = np.zeros(self._levels[-1].first + 1)
        adjoints[-1] = 1.0
        for level, found in zip(self._levels[::-1], slopes[::-1], strict=True):
            level.pull_back(found, adjoints)
        return adjoints

    def _hessian_through_totals(self, point: np.ndarray) -> np.ndarray:
        _, z, slopes = self._forward(point)
        adjoints, size = self._adjoints(slopes), len(z)
        inner, jacobian = np.zeros((size, size)), chain(self._levels, slopes)
        for level in self._levels:
            weights = adjoints[level.first : level.first + level.level.totals]
            rows, columns = level.pattern
            inner[rows, columns] += level.second_derivatives(z[: level.first], weights)
        inner += np.triu(inner, 1).T
        hessian = jacobian.T @ inner @ jacobian
        return (hessian + hessian.T) / 2


def compiled_sum(
    objective: Objective, backend: str, derived_by: str = "sympy"
) -> CompiledSum | None:
    """Return a formula's functions by its templates; None where it has too few terms or no such.

    Small formulas keep a function of their own, which is faster by call.
    """
    terms = terms_of(objective)
    return None if terms is None else CompiledSum(objective, terms, backend, derived_by)


@lru_cache(maxsize=64)
def terms_of(objective: Objective) -> RepeatedSum | None:
    """Return the templates of a formula that is large enough to be compiled by them."""
    wide = objective.dimension > MOST_TOGETHER
    many, fewest = (MANY_WIDE, FEWEST_WIDE) if wide else (MANY, FEWEST)
    if objective.samples is not None or not _has_nodes(objective, many):
        return None
    found = repeated_sum(objective.expression, objective.variables)
    if found is None:
        return None
    return found if found.terms >= fewest else None


def is_run_by_terms(objective: Objective, backend: str) -> bool:
    """Whether a rule takes its steps one by one, because the whole run is too much to compile."""
    terms = terms_of(objective)
    if terms is None or backend != "c":
        return terms is not None
    # With totals in terms a gradient that is written out is as long as the square of the formula.
    return len(terms.levels) > 1 or _has_nodes(objective, MOST_IN_A_RUN)


def _has_nodes(objective: Objective, count: int) -> bool:
    nodes = islice(preorder_traversal(objective.expression), count)
    return sum(1 for _ in nodes) == count
