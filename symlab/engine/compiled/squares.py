"""Sums of squares in floats: residuals and Jacobian compiled, linear models solved by QR.

A factorisation of J itself keeps the digits that its normal equations, whose condition is the
square of J's, would lose (Golub & Van Loan 2013, section 5.3).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pytensor.tensor as pt
from sympy import Expr, Symbol

from symlab.algebra.objective import Objective
from symlab.algebra.risk.risk import BoundRisk
from symlab.algebra.squares import Residuals, SumOfSquares, separable
from symlab.engine.compiled.function import Compiled, once
from symlab.engine.compiled.functions import scalar_function
from symlab.engine.compiled.points import compiled_function
from symlab.engine.compiled.repeated_system import CompiledSystem, compiled_system
from symlab.engine.damped_step import DampedStep
from symlab.engine.lowering.lower import lower_elementwise
from symlab.engine.lowering.stabilize import stabilize
from symlab.engine.projected_squares import ProjectedSquares

EPS = float(np.finfo(float).eps)
SINGULAR = 10 * EPS
"""Pivots up to which a J counts as one of lower rank, for each row, relative to the largest."""


@dataclass(frozen=True)
class CompiledModel:
    """The linear model of residuals R at a point, shapes (m,) and (m, n).

    Parameters
    ----------
    point : array, shape (n,)
    residuals : array, shape (m,)
    jacobian : array, shape (m, n)
    sizes : array, shape (n,)
        The diagonal of E.
    factor : float
        In front of the sum of squares.
    """

    point: np.ndarray
    residuals: np.ndarray
    jacobian: np.ndarray
    sizes: np.ndarray
    factor: float

    @cached_property
    def total(self) -> float:
        """The sum of squares."""
        return float(self.residuals @ self.residuals)

    @cached_property
    def gradient(self) -> np.ndarray:
        """The gradient of the objective, shape (n,)."""
        return 2 * self.factor * self._slopes

    @cached_property
    def _slopes(self) -> np.ndarray:
        return self.jacobian.T @ self.residuals

    @cached_property
    def steepness(self) -> float:
        """The squared length of J'R in the sizes of E."""
        return float(np.sum((self._slopes / self._roots) ** 2))

    @cached_property
    def _roots(self) -> np.ndarray:
        """E^(1/2); a column of J that has always been zero has the size 1."""
        return np.where(self.sizes > 0, np.sqrt(self.sizes), 1.0)

    @cached_property
    def resolution(self) -> float:
        """What the sum of squares changes by from one float to the next."""
        return EPS * (2 * float(np.abs(self.residuals) @ self._moved) + self.total)

    @cached_property
    def blur(self) -> float:
        """The steepness that rounding alone may leave of a zero."""
        added = np.abs(self.jacobian).T @ (np.abs(self.residuals) + self._moved)
        return float(np.sum((EPS * len(self.residuals) * added / self._roots) ** 2))

    @cached_property
    def floor(self) -> float:
        """The sum of squares that the rounding of the point alone may leave of a zero."""
        return float(np.sum((EPS * self._moved) ** 2))

    @cached_property
    def _moved(self) -> np.ndarray:
        """What each residual changes by, to first order, if the point changes by all of itself."""
        return np.abs(self.jacobian) @ np.abs(self.point)

    @cached_property
    def first_radius(self) -> float:
        """The length of the point in the sizes of E; that of the residuals for a point of zero."""
        return float(np.linalg.norm(self._roots * self.point)) or self.total**0.5

    @cached_property
    def _factors(self) -> tuple[np.ndarray, np.ndarray]:
        """The triangle of J's QR factorisation, columns scaled by E, and the part of R it sees."""
        orthogonal, triangle = np.linalg.qr(self.jacobian / self._roots)
        return triangle, orthogonal.T @ self.residuals

    def step(self, damping: float) -> DampedStep | None:
        """Return the step with a damping, from the factors of J with the damping's rows below."""
        from scipy.linalg import solve_triangular  # which runs of other methods do without

        triangle, seen = self._factors
        size = len(self.point)
        below = np.sqrt(damping) * np.eye(size)
        orthogonal, root = np.linalg.qr(np.vstack([triangle, below]))
        pivots = np.abs(np.diag(root))
        if not pivots.min() > SINGULAR * max(self.jacobian.shape) * pivots.max():
            return None
        scaled = -solve_triangular(root, orthogonal[: len(seen)].T @ seen)
        bent = solve_triangular(root, scaled, trans="T")
        reach = float(np.linalg.norm(scaled))
        along = triangle @ scaled
        return DampedStep(
            scaled / self._roots,
            reach,
            float(bent @ bent),
            float(along @ along) + 2 * damping * reach**2,
        )

    def best_linear(self, linear: tuple[int, ...]) -> np.ndarray | None:
        """Return the point with the best linear parameters, those of least size if not unique."""
        point, chosen = self.point.copy(), list(linear)
        point[chosen] -= self._seen_by(chosen, self.residuals)
        return point if np.all(np.isfinite(point)) else None

    def _seen_by(self, chosen: list[int], right: np.ndarray) -> np.ndarray:
        """Return the least squares solution of some columns of J for a right-hand side."""
        roots = self._roots[chosen]
        columns = self.jacobian[:, chosen] / roots
        found: np.ndarray = np.linalg.lstsq(columns, right)[0] / roots
        return found

    def eliminate(
        self, linear: tuple[int, ...], others: tuple[int, ...], sizes: np.ndarray | None
    ) -> "tuple[CompiledModel, Callable[[np.ndarray], np.ndarray]]":
        """Return the model in the other parameters, and how a step of them becomes one of all."""
        chosen, left = list(linear), list(others)
        columns = self.jacobian[:, left]
        slopes = np.stack([self._seen_by(chosen, column) for column in columns.T], axis=1)
        kept = columns - self.jacobian[:, chosen] @ slopes
        squares = np.sum(kept**2, axis=0)
        largest = squares if sizes is None else np.maximum(sizes, squares)

        def follow(step: np.ndarray) -> np.ndarray:
            whole = np.empty(len(self.point))
            whole[left], whole[chosen] = step, -slopes @ step
            return whole

        reduced = CompiledModel(self.point[left], self.residuals, kept, largest, self.factor)
        return reduced, follow


@dataclass(frozen=True)
class CompiledSquares:
    """An objective that is a sum of squares, as compiled residuals and their Jacobian."""

    stated: SumOfSquares
    backend: str

    @property
    def takes_roots(self) -> bool:
        """Whether a root is a number of this kind."""
        return True

    @cached_property
    def factor(self) -> float:
        """The factor in front of the sum."""
        return float(self.stated.factor)

    @cached_property
    def projected(self) -> ProjectedSquares:
        """The same without its linear parameters."""
        return ProjectedSquares(self, *separable(self.stated))

    @property
    def compile_seconds(self) -> float:
        """Seconds spent on compiling."""
        of_system = 0.0 if self._system is None else self._system.compile_seconds
        return of_system + sum(each.seconds for each in (*self._of_sample, *self._once))

    @cached_property
    def _of_sample(self) -> tuple[Compiled, ...]:
        def none(_: Objective) -> tuple[Symbol, ...]:
            return ()

        def read(bound: BoundRisk) -> tuple[Symbol, ...]:
            return bound.risk.data

        data = self.stated.objective.dispatch(formula=none, data=read)
        return _functions(self.stated.of_sample, data, self.backend)

    @cached_property
    def _system(self) -> CompiledSystem | None:
        """The residuals that stand once, by their templates, where they are many."""
        once = self.stated.once
        if not once.entries:
            return None
        return compiled_system(once.entries, once.parameters, self.backend)

    @cached_property
    def _once(self) -> tuple[Compiled, ...]:
        """The residuals that stand once, where they are few."""
        return () if self._system else _functions(self.stated.once, (), self.backend)

    @cached_property
    def _arrays(self) -> tuple[np.ndarray, ...]:
        def none(_: Objective) -> tuple[np.ndarray, ...]:
            return ()

        def own(bound: BoundRisk) -> tuple[np.ndarray, ...]:
            return bound.arrays

        return self.stated.objective.dispatch(formula=none, data=own)

    def total(self, point: np.ndarray) -> float:
        """Return the sum of squares at a point."""
        residuals = self._table(point, 0)[:, 0]
        return float(residuals @ residuals)

    def model(self, point: np.ndarray, sizes: np.ndarray | None) -> CompiledModel | None:
        """Return the linear model at a point; None where residuals or slopes are not finite."""
        table = self._table(point, 1)
        if not np.all(np.isfinite(table)):
            return None
        residuals, jacobian = table[:, 0], table[:, 1:]
        squares = np.sum(jacobian**2, axis=0)
        largest = squares if sizes is None else np.maximum(sizes, squares)
        return CompiledModel(point, residuals, jacobian, largest, self.factor)

    def _table(self, point: np.ndarray, order: int) -> np.ndarray:
        """Return the residuals alone, or with their slopes beside them: a row for each."""
        width = 1 + order * len(point)
        parts = [np.empty((0, width))]
        coordinates = [np.asarray(coordinate) for coordinate in point]
        if self._of_sample:
            samples = len(self._arrays[0])
            found = self._of_sample[order].call(*coordinates, *self._arrays)
            columns = [np.broadcast_to(column, samples) for column in found]
            parts += [np.stack(columns, axis=1).reshape(-1, width)]
        if self._system is not None:
            parts += [self._system.table(point, order)]
        if self._once:
            parts += [np.array(self._once[order].call(*coordinates), float).reshape(-1, width)]
        return np.concatenate(parts)


def _functions(
    residuals: Residuals, data: tuple[Symbol, ...], backend: str
) -> tuple[Compiled, ...]:
    """Return the functions of the residuals, and of residuals and slopes; none for no residual."""
    if not residuals.entries:
        return ()
    whole = tuple(entry for row in residuals.rows for entry in row)
    make = _of_samples if data else _of_numbers
    return tuple(
        make(entries, residuals.parameters, data, backend) for entries in (residuals.entries, whole)
    )


def _of_numbers(
    entries: tuple[Expr, ...], parameters: tuple[Symbol, ...], _: object, backend: str
) -> Compiled:
    return scalar_function(entries, parameters, backend)


@once(64)
def _of_samples(
    entries: tuple[Expr, ...],
    parameters: tuple[Symbol, ...],
    data: Sequence[Symbol],
    backend: str,
) -> Compiled:
    """Compile expressions of one sample as functions of parameters and columns of data."""
    tensors = {symbol: pt.dscalar(f"p{i}") for i, symbol in enumerate(parameters)}
    tensors |= {symbol: pt.dvector(f"d{i}") for i, symbol in enumerate(data)}
    outputs = lower_elementwise([stabilize(entry) for entry in entries], tensors)
    return compiled_function(list(tensors.values()), outputs, backend)
