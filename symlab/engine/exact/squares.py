"""Sums of squares in exact arithmetic: the linear model solved by its normal equations.

Their condition is the square of J's, so that numbers of n digits are kept with 2 n digits on the
way; rational ones lose nothing.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import mpmath
from sympy import Expr, Rational, nan, oo, sqrt, zoo

from symlab.algebra.by_mpmath import mpmath_function
from symlab.algebra.risk.risk import BoundRisk
from symlab.algebra.squares import Residuals, SumOfSquares, separable
from symlab.algebra.working_precision import working_digits
from symlab.engine.damped_step import DampedStep
from symlab.engine.exact.functions import or_nan
from symlab.engine.lowering.stabilize import stabilize
from symlab.engine.projected_squares import ProjectedSquares

Rows = list[list[Any]]


@dataclass(frozen=True)
class ExactModel:
    """The linear model at a point: J'J, J'R and R'R, in exact numbers or many digits.

    Parameters
    ----------
    point : tuple of n numbers
    normal : n rows of n numbers
        J'J.
    slopes : n numbers
        J'R.
    total : number
    sizes : tuple of n numbers
        The diagonal of E.
    resolution, floor, blur : number
        What rounding does to the sum, to one that is zero, and to a steepness that is.
    squares : ExactSquares
        What knows how to work with such numbers.
    """

    point: tuple
    normal: Rows
    slopes: list[Any]
    total: Any
    sizes: tuple
    resolution: Any
    floor: Any
    blur: Any
    squares: "ExactSquares"

    @cached_property
    def gradient(self) -> tuple:
        """The gradient of the objective."""
        with self.squares.working():
            return tuple(2 * self.squares.factor * slope for slope in self.slopes)

    @cached_property
    def _weights(self) -> list[Any]:
        """The diagonal of E; a column of J that has always been zero has the size 1."""
        return [size if size > 0 else self.squares.one for size in self.sizes]

    @cached_property
    def steepness(self) -> Any:
        """The squared length of J'R in the sizes of E."""
        with self.squares.working():
            pairs = zip(self.slopes, self._weights, strict=True)
            return sum(slope**2 / size for slope, size in pairs)

    @cached_property
    def first_radius(self) -> Any:
        """The length of the point in the sizes of E; that of the residuals for a point of zero."""
        with self.squares.working():
            pairs = zip(self._weights, self.point, strict=True)
            squared = sum(size * x**2 for size, x in pairs)
            return self.squares.root(squared if squared > 0 else self.total)

    def step(self, damping: Any) -> DampedStep | None:
        """Return the step with a damping; None where the matrix to invert is singular."""
        with self.squares.working():
            shifts = [damping * size for size in self._weights]
            solve = _factorised(self.normal, shifts, self.squares.least_pivot)
            if solve is None:
                return None
            towards = [-entry for entry in solve(self.slopes)]
            weighted = [size * p for size, p in zip(self._weights, towards, strict=True)]
            squared = _dot(weighted, towards)
            along = _dot(towards, [_dot(row, towards) for row in self.normal])
            return DampedStep(
                tuple(towards),
                self.squares.root(squared),
                _dot(weighted, solve(weighted)),
                along + 2 * damping * squared,
            )

    def best_linear(self, linear: tuple[int, ...]) -> tuple | None:
        """Return the point with the best linear parameters; None where they are not determined."""
        with self.squares.working():
            solve = self._solver(linear)
            if solve is None:
                return None
            point = list(self.point)
            for i, change in zip(linear, solve([self.slopes[i] for i in linear]), strict=True):
                point[i] -= change
            return tuple(point)

    def _solver(self, chosen: tuple[int, ...]) -> Callable[[Sequence[Any]], list[Any]] | None:
        """Return what solves with the part of J'J that belongs to some parameters."""
        rows = [[self.normal[i][j] for j in chosen] for i in chosen]
        return _factorised(rows, [0 * self.squares.one] * len(rows), self.squares.least_pivot)

    def eliminate(
        self, linear: tuple[int, ...], others: tuple[int, ...], sizes: tuple | None
    ) -> "tuple[ExactModel, Callable[[tuple], tuple]] | None":
        """Return the model in the other parameters, and how a step of them becomes one of all.

        K'K is the Schur complement of the linear parameters' part of J'J.
        """
        with self.squares.working():
            solve = self._solver(linear)
            if solve is None:
                return None
            mixed = [[self.normal[i][j] for i in linear] for j in others]
            through = [solve(column) for column in mixed]
            normal = [
                [self.normal[i][j] - _dot(mixed[a], through[b]) for b, j in enumerate(others)]
                for a, i in enumerate(others)
            ]
            slopes = [
                self.slopes[i] - _dot([self.slopes[j] for j in linear], through[a])
                for a, i in enumerate(others)
            ]
        squares = tuple(normal[a][a] for a in range(len(others)))

        def follow(step: tuple) -> tuple:
            whole = list(self.point)
            with self.squares.working():
                for i, change in zip(others, step, strict=True):
                    whole[i] = change
                for place, i in enumerate(linear):
                    whole[i] = -_dot([row[place] for row in through], step)
            return tuple(whole)

        reduced = replace(
            self,
            point=tuple(self.point[i] for i in others),
            normal=normal,
            slopes=slopes,
            sizes=tuple(map(max, squares, sizes or squares)),
        )
        return reduced, follow


@dataclass(frozen=True)
class ExactSquares:
    """An objective that is a sum of squares, in rational numbers or numbers of some digits.

    Parameters
    ----------
    stated : SumOfSquares
    digits : int or None
        The digits that are right; None for rational arithmetic.
    """

    stated: SumOfSquares
    digits: int | None

    @property
    def takes_roots(self) -> bool:
        """Whether a root is a number of this kind."""
        return self.digits is not None

    def working(self) -> AbstractContextManager[Any]:
        """Twice the digits, and guard digits; rational numbers need none."""
        return working_digits(2 * (self.digits or 0) + 40)

    def number(self, exact: Expr) -> Any:
        """Return an exact number as one of this kind."""
        if self.digits is None:
            return exact
        with self.working():
            return mpmath.mpf(exact.evalf(mpmath.mp.dps)._mpf_)

    @cached_property
    def one(self) -> Any:
        """The number 1."""
        return self.number(Rational(1))

    @cached_property
    def factor(self) -> Any:
        """The factor in front of the sum."""
        return self.number(self.stated.factor)

    @cached_property
    def projected(self) -> ProjectedSquares:
        """The same without its linear parameters."""
        return ProjectedSquares(self, *separable(self.stated))

    @property
    def least_pivot(self) -> Any:
        """Pivots up to which a matrix counts as singular, relative to its diagonal."""
        return Rational(0) if self.digits is None else mpmath.mpf(10) ** (-2 * self.digits)

    def root(self, number: Any) -> Any:
        """Return a square root."""
        return sqrt(number) if self.digits is None else mpmath.sqrt(number)

    def total(self, point: tuple) -> Any:
        """Return the sum of squares at a point; NaN where a residual has no value."""
        with self.working():
            return sum((row[0] ** 2 for row in self._table(point, 0)), 0 * self.one)

    def model(self, point: tuple, sizes: tuple | None) -> ExactModel | None:
        """Return the linear model at a point; None where residuals or slopes are not finite."""
        with self.working():
            table = self._table(point, 1)
            if not all(_is_finite(entry) for row in table for entry in row):
                return None
            residuals, *columns = (list(column) for column in zip(*table, strict=True))
            normal = [[_dot(one, other) for other in columns] for one in columns]
            squares = tuple(normal[i][i] for i in range(len(point)))
            largest = tuple(map(max, squares, sizes or squares))
            return ExactModel(
                point,
                normal,
                [_dot(column, residuals) for column in columns],
                _dot(residuals, residuals),
                largest,
                *self._rounding(point, residuals, columns, largest),
                self,
            )

    def _rounding(
        self, point: tuple, residuals: list[Any], columns: Rows, sizes: tuple
    ) -> tuple[Any, Any, Any]:
        """Return what the last of the digits does: to the sum, and to a zero sum or steepness."""
        if self.digits is None:
            return (Rational(0),) * 3
        last, away = mpmath.mpf(10) ** -self.digits, list(map(abs, residuals))
        moved = [sum(map(abs, row)) for row in zip(*_scaled(columns, point), strict=True)]
        parts = [a + b for a, b in zip(away, moved, strict=True)]
        added = [_dot(list(map(abs, column)), parts) for column in columns]
        steep = sum(entry**2 / (size or 1) for entry, size in zip(added, sizes, strict=True))
        shaken = 2 * _dot(away, moved) + _dot(away, away)
        return last * shaken, last**2 * _dot(moved, moved), last**2 * len(residuals) ** 2 * steep

    def _table(self, point: tuple, order: int) -> Rows:
        """Return the residuals alone, or with their slopes beside them: a row for each."""
        width, table = 1 + order * len(point), []
        for residuals, rows in ((self.stated.of_sample, self._samples), (self.stated.once, [()])):
            entries = _entries(residuals, order)
            for row in rows if entries else []:
                found = self._evaluate(entries, residuals, point, row)
                table += [found[i : i + width] for i in range(0, len(found), width)]
        return table

    def _evaluate(
        self, entries: tuple[Expr, ...], residuals: Residuals, point: tuple, row: tuple
    ) -> list[Any]:
        data = self._data if row else ()
        if self.digits is None:
            here = dict(zip((*residuals.parameters, *data), (*point, *row), strict=True))
            return [entry.subs(here) for entry in entries]
        function = mpmath_function(entries, (*residuals.parameters, *data))
        return or_nan(function, (*point, *row), len(entries))

    @cached_property
    def _data(self) -> tuple:
        return self.stated.objective.dispatch(formula=lambda _: (), data=lambda b: b.risk.data)

    @cached_property
    def _samples(self) -> list[tuple]:
        """The data, a row for each sample: floats are exact numbers."""

        def rows(bound: BoundRisk) -> list[tuple]:
            kind = Rational if self.digits is None else mpmath.mpf
            columns = ([kind(number) for number in array.tolist()] for array in bound.arrays)
            return list(zip(*columns, strict=True))

        return self.stated.objective.dispatch(formula=lambda _: [], data=rows)


def _entries(residuals: Residuals, order: int) -> tuple[Expr, ...]:
    """Return the residuals, or each with its slopes behind it, as they are evaluated best."""
    if order:
        return tuple(stabilize(entry) for row in residuals.rows for entry in row)
    return tuple(map(stabilize, residuals.entries))


def _factorised(
    normal: Rows, shifts: list[Any], least: Any
) -> Callable[[Sequence[Any]], list[Any]] | None:
    """Return what solves with a positive definite matrix, or None where it is singular: L D L'."""
    size = len(shifts)
    rest = [[normal[i][j] + (shifts[i] if i == j else 0) for j in range(size)] for i in range(size)]
    whole = [rest[i][i] for i in range(size)]
    for i in range(size):
        if not rest[i][i] > least * whole[i]:
            return None
        for j in range(i + 1, size):
            share = rest[j][i] / rest[i][i]
            rest[j][i] = share
            for k in range(i + 1, j + 1):
                rest[j][k] -= share * rest[k][i] * rest[i][i] if k < j else share**2 * rest[i][i]
    return lambda right: _solved(rest, right)


def _solved(factors: Rows, right: Sequence[Any]) -> list[Any]:
    """Return the solution of L D L' x = b; D is the diagonal of the factors, L is below it."""
    found = list(right)
    size = len(found)
    for i in range(size):
        found[i] -= sum(factors[i][j] * found[j] for j in range(i))
    found = [entry / factors[i][i] for i, entry in enumerate(found)]
    for i in reversed(range(size)):
        found[i] -= sum(factors[j][i] * found[j] for j in range(i + 1, size))
    return found


def _dot(left: Sequence[Any], right: Sequence[Any]) -> Any:
    return sum(a * b for a, b in zip(left, right, strict=True))


def _scaled(columns: Rows, point: tuple) -> Rows:
    return [[entry * x for entry in column] for column, x in zip(columns, point, strict=True)]


def _is_finite(number: Any) -> bool:
    if isinstance(number, Expr):
        return not number.has(nan, zoo, oo, -oo)
    return bool(mpmath.isfinite(number))
