"""The levels of repeated sums, compiled: sums that are computed at once, and their derivatives."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from symlab.algebra.repeated_terms import Level, RepeatedSum, Template
from symlab.engine.compiled.term_kernels import (
    Kernel,
    Kind,
    nonzero_pairs,
    second_kernel,
    slopes_kernel,
)

Rows = list[np.ndarray]
"""What a kernel gives for one template: an array for each output, a number for each term."""


@dataclass(frozen=True)
class CompiledLevel:
    """Sums that are computed at once, and their derivatives.

    Parameters
    ----------
    level : Level
    first : int
        How many variables and totals stand before its own totals.
    backend, derived_by : str
    """

    level: Level
    first: int
    backend: str
    derived_by: str

    @property
    def templates(self) -> tuple[Template, ...]:
        """What its terms look like."""
        return tuple(rows.template for rows in self.level.rows)

    @property
    def _kinds(self) -> tuple[Kind, ...]:
        """Its templates, and whether there is one term only of it."""
        return tuple((rows.template, len(rows.totals) == 1) for rows in self.level.rows)

    @cached_property
    def _slopes(self) -> Kernel:
        return slopes_kernel(self._kinds, self.derived_by, self.backend)

    @cached_property
    def _second(self) -> Kernel:
        return second_kernel(self._kinds, self.backend)

    @property
    def compile_seconds(self) -> float:
        """Seconds spent compiling what has been used so far."""
        return sum(
            self.__dict__[name].seconds for name in ("_slopes", "_second") if name in self.__dict__
        )

    @cached_property
    def _places(self) -> np.ndarray:
        """For each slope the place of what it is a slope in."""
        return np.concatenate([rows.places.ravel() for rows in self.level.rows])

    @cached_property
    def _upper(self) -> tuple[np.ndarray, np.ndarray]:
        """Each upper entry of the Hessian once, and for each second derivative which it is."""
        flat = [
            np.minimum(*pair) * self.first + np.maximum(*pair)
            for rows in self.level.rows
            for i, j in nonzero_pairs(rows.template)
            for pair in [(rows.places[i], rows.places[j])]
        ]
        joined = np.concatenate(flat) if flat else np.empty(0, dtype=np.int64)
        return np.unique(joined, return_inverse=True)

    @cached_property
    def pattern(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns of the upper entries of the Hessian that are not zero everywhere."""
        return np.divmod(self._upper[0], self.first)

    def totals_and_slopes(self, z: np.ndarray) -> tuple[np.ndarray, list[Rows]]:
        """Return the sums, and for each template the slopes of its terms."""
        found = self._found(self._slopes, z, self._counts)
        if self.level.totals == 1:
            total = sum(values.sum() for values, *_ in found)
            return np.array([total]), [slopes for _, *slopes in found]
        totals = np.zeros(self.level.totals)
        for rows, (values, *_) in zip(self.level.rows, found, strict=True):
            totals += np.bincount(rows.totals, values, self.level.totals)
        return totals, [slopes for _, *slopes in found]

    @property
    def _counts(self) -> list[int]:
        return [1 + len(template.variables) for template in self.templates]

    def pull_back(self, slopes: list[Rows], adjoints: np.ndarray) -> None:
        """Add to the adjoints what the sums of this level pass on to what they read."""
        weights = adjoints[self.first : self.first + self.level.totals]
        passed = [
            slope if self.level.totals == 1 and weights[0] == 1 else slope * weights[rows.totals]
            for rows, found in zip(self.level.rows, slopes, strict=True)
            for slope in found
        ]
        adjoints[: self.first] += np.bincount(self._places, np.concatenate(passed), self.first)

    def jacobian(self, slopes: list[Rows]) -> np.ndarray:
        """Return the slopes of the sums in all that stands before them, shape (totals, first)."""
        size = self.level.totals * self.first
        total = np.zeros(size)
        for rows, found in zip(self.level.rows, slopes, strict=True):
            for places, slope in zip(rows.places, found, strict=True):
                total += np.bincount(rows.totals * self.first + places, slope, size)
        return total.reshape(self.level.totals, self.first)

    def second_derivatives(self, z: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Return the entries at the places of `pattern`, each sum weighted."""
        entries, where = self._upper
        if not len(entries):
            return np.empty(0)
        counts = [len(nonzero_pairs(template)) for template in self.templates]
        found = self._found(self._second, z, counts)
        weighted = [
            each * weights[rows.totals]
            for rows, entries in zip(self.level.rows, found, strict=True)
            for each in entries
        ]
        return np.bincount(where, np.concatenate(weighted), len(entries))

    def _found(self, kernel: Kernel, z: np.ndarray, counts: Sequence[int]) -> list[Rows]:
        """Return what a kernel computes, by template."""
        if not kernel.in_tables:
            return self._split(kernel.call(*self._inputs(z)), counts)
        tables = (np.concatenate([z[rows.places], rows.numbers]) for rows in self.level.rows)
        return [list(made) for made in kernel.call(*tables)]

    def _inputs(self, z: np.ndarray) -> Iterator[np.ndarray]:
        for rows in self.level.rows:
            shape = () if len(rows.totals) == 1 else rows.totals.shape
            yield from (z[places].reshape(shape) for places in rows.places)
            yield from rows.numbers

    def _split(self, outputs: Sequence[np.ndarray], counts: Sequence[int]) -> list[Rows]:
        """Return the outputs of a kernel by template; a constant is repeated for each term."""
        given = iter(outputs)
        return [
            [np.broadcast_to(next(given), rows.totals.shape) for _ in range(count)]
            for rows, count in zip(self.level.rows, counts, strict=True)
        ]


def compiled_levels(
    terms: RepeatedSum, backend: str, derived_by: str = "sympy"
) -> tuple[CompiledLevel, ...]:
    """Return the levels of repeated sums, compiled when they are first called.

    Parameters
    ----------
    terms : RepeatedSum
    backend : str
    derived_by : str
        "sympy" or "autodiff".
    """
    first, levels = terms.dimension, []
    for level in terms.levels:
        levels.append(CompiledLevel(level, first, backend, derived_by))
        first += level.totals
    return tuple(levels)


def forward(
    levels: Sequence[CompiledLevel], point: np.ndarray
) -> tuple[np.ndarray, list[list[Rows]]]:
    """Return the variables with the totals of all levels behind them, and the slopes of terms."""
    z, slopes = point, []
    for level in levels:
        totals, found = level.totals_and_slopes(z)
        slopes.append(found)
        z = np.concatenate([z, totals])
    return z, slopes


def chain(levels: Sequence[CompiledLevel], slopes: Sequence[list[Rows]]) -> np.ndarray:
    """Return the derivatives of variables and totals in the variables, by the chain rule.

    Parameters
    ----------
    levels : sequence of CompiledLevel
    slopes : sequence
        Those of `forward`.

    Returns
    -------
    array, shape (n + totals, n)
    """
    jacobian = np.eye(levels[0].first)
    for level, found in zip(levels, slopes, strict=True):
        own = level.jacobian(found)
        behind = own if level is levels[0] else own @ jacobian
        jacobian = np.concatenate([jacobian, behind])
    return jacobian
