"""The quadratic model in exact numbers: by eigenvalues in many digits, by elimination in rationals.

Eigenvalues are roots, so that rational arithmetic knows Newton's step alone, and only where the
Hessian is positive definite.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import mpmath
from sympy import Expr, Integer, Matrix, Rational, nan, oo, sqrt, zoo

from symlab.algebra.working_precision import working_digits
from symlab.engine.damped_step import DampedStep
from symlab.methods.trust_regions import BEYOND_LOWEST, FORGETTING, LEAST_EIGENVALUE

Rows = list[list[Any]]


@dataclass(frozen=True)
class ExactQuadratic:
    """The quadratic model at a point, in rational numbers or in numbers of some digits.

    Parameters
    ----------
    gradient : tuple of n numbers
    hessian : n rows of n numbers
    sizes : tuple of n numbers
        The diagonal of E.
    digits : int or None
        The digits worked with; None for rational arithmetic.
    """

    gradient: tuple
    hessian: Rows
    sizes: tuple
    digits: int | None

    def _working(self) -> AbstractContextManager[Any]:
        return working_digits(self.digits or 1)

    @property
    def takes_roots(self) -> bool:
        """Whether a root is a number of this kind."""
        return self.digits is not None

    def _number(self, exact: Rational) -> Any:
        return exact if self.digits is None else mpmath.mpf(exact.p) / exact.q

    @cached_property
    def _spectrum(self) -> tuple[list[Any], list[list[Any]], list[Any]]:
        """The eigenvalues in rising order, the eigenvectors, and the gradient along each."""
        with self._working():
            roots = self._roots
            scaled = [
                [entry / (left * right) for entry, right in zip(row, roots, strict=True)]
                for row, left in zip(self.hessian, roots, strict=True)
            ]
            values, vectors = mpmath.eigsy(mpmath.matrix(scaled))
            slopes = [g / root for g, root in zip(self.gradient, roots, strict=True)]
            order = sorted(range(len(roots)), key=lambda i: values[i])
            columns = [[vectors[i, j] for i in range(len(roots))] for j in order]
            return [values[j] for j in order], columns, [_dot(c, slopes) for c in columns]

    @cached_property
    def _roots(self) -> list[Any]:
        return [mpmath.sqrt(size) for size in self.sizes]

    @cached_property
    def _least(self) -> Any:
        """The least eigenvalue that counts as positive."""
        largest = max(abs(value) for value in self._spectrum[0])
        return self._number(LEAST_EIGENVALUE) * (largest or 1)

    @cached_property
    def is_definite(self) -> bool:
        """Whether every eigenvalue is certainly positive, or in rationals every pivot."""
        if self.digits is None:
            return _has_pivots(self.hessian, LEAST_EIGENVALUE)
        with self._working():
            return bool(self._spectrum[0][0] >= self._least)

    @cached_property
    def is_indefinite(self) -> bool:
        """Whether an eigenvalue is certainly negative; never in rational arithmetic."""
        with self._working():
            return self.takes_roots and bool(self._spectrum[0][0] <= -self._least)

    @cached_property
    def least_damping(self) -> Any:
        """The damping with which the lowest eigenvalue is just large enough; 0 if it is so."""
        if self.digits is None:
            return Integer(0)
        with self._working():
            return max(mpmath.mpf(0), self._least - self._spectrum[0][0])

    @cached_property
    def shift(self) -> Any:
        """The damping that makes a Hessian amply positive definite; 0 if it is definite."""
        if self.digits is None:
            return Integer(0)
        with self._working():
            return max(self.least_damping, -self._number(BEYOND_LOWEST) * self._spectrum[0][0])

    @cached_property
    def downward(self) -> tuple:
        """A step of length 1 along the lowest curvature, on the side that does not climb."""
        _, columns, along = self._spectrum
        side = -1 if along[0] > 0 else 1
        with self._working():
            return tuple(side * v / root for v, root in zip(columns[0], self._roots, strict=True))

    @cached_property
    def steepest(self) -> tuple:
        """The direction of the steepest descent in the sizes of E."""
        with self._working():
            return tuple(-g / size for g, size in zip(self.gradient, self.sizes, strict=True))

    @cached_property
    def steepness(self) -> Any:
        """Its squared length, which is minus the slope along it."""
        with self._working():
            return -_dot(self.gradient, self.steepest)

    @property
    def unscaled(self) -> "ExactQuadratic":
        """The same model with lengths as Euclid has them."""
        return replace(self, sizes=self._ones(len(self.sizes)))

    def _ones(self, count: int) -> tuple:
        return (self._number(Integer(1)),) * count

    def step(self, damping: Any) -> DampedStep | None:
        """Return the step with a damping; None where H + damping E is not positive definite."""
        if self.digits is None:
            return self._newton_step() if self.is_definite else None
        values, columns, along = self._spectrum
        with self._working():
            damped = [value + damping for value in values]
            if not damped[0] > 0:
                return None
            weights = [-slope / value for slope, value in zip(along, damped, strict=True)]
            scaled = [_dot(weights, row) for row in zip(*columns, strict=True)]
            squares = [weight**2 for weight in weights]
            return DampedStep(
                tuple(p / root for p, root in zip(scaled, self._roots, strict=True)),
                mpmath.sqrt(sum(squares)),
                sum(square / value for square, value in zip(squares, damped, strict=True)),
                sum(square * (v / 2 + damping) for square, v in zip(squares, values, strict=True)),
            )

    def _newton_step(self) -> DampedStep:
        """Return the undamped step in rational numbers; only its length is a root."""
        towards = tuple(-Matrix(self.hessian).LUsolve(Matrix(self.gradient)))
        weighted = [size * p for size, p in zip(self.sizes, towards, strict=True)]
        bent = Matrix(self.hessian).LUsolve(Matrix(weighted))
        reach = sqrt(_dot(weighted, towards))
        return DampedStep(towards, reach, _dot(weighted, bent), self.foreseen(towards))

    def inner(self, left: tuple, right: tuple) -> Any:
        """Return the inner product in the sizes of E."""
        with self._working():
            return sum(a * e * b for a, e, b in zip(left, self.sizes, right, strict=True))

    def curved(self, left: tuple, right: tuple) -> Any:
        """Return left' H right."""
        with self._working():
            return _dot(left, [_dot(row, right) for row in self.hessian])

    def foreseen(self, direction: tuple) -> Any:
        """Return by how much the model falls along a step."""
        with self._working():
            return -(_dot(self.gradient, direction) + self.curved(direction, direction) / 2)

    def spanned(self, basis: Sequence[tuple]) -> "ExactQuadratic":
        """Return the model of the weights of vectors whose inner products are 0 and 1."""
        with self._working():
            along = tuple(_dot(self.gradient, vector) for vector in basis)
        bent = [[self.curved(left, right) for right in basis] for left in basis]
        return replace(self, gradient=along, hessian=bent, sizes=self._ones(len(basis)))


def quadratic_of(
    gradient: tuple, hessian: Rows, found: Sequence[Any], earlier: tuple | None, digits: int | None
) -> ExactQuadratic | None:
    """Return the model at a point, its sizes after earlier ones; None where it is not finite."""
    if not all(_is_finite(entry) for row in (gradient, *hessian) for entry in row):
        return None
    with working_digits(digits or 1):
        kept = [] if earlier is None else [size * FORGETTING.p / FORGETTING.q for size in earlier]
        sizes = tuple(map(max, found, kept)) if kept else tuple(found)
    return ExactQuadratic(gradient, hessian, sizes, digits)


def _has_pivots(hessian: Rows, least: Rational) -> bool:
    """Return whether every pivot of Gauss's elimination is large enough beside its diagonal."""
    rest = [list(row) for row in hessian]
    for i, row in enumerate(hessian):
        if not rest[i][i] > least * abs(row[i]):
            return False
        for j in range(i + 1, len(rest)):
            factor = rest[j][i] / rest[i][i]
            rest[j] = [a - factor * b for a, b in zip(rest[j], rest[i], strict=True)]
    return True


def _dot(left: Sequence[Any], right: Sequence[Any]) -> Any:
    return sum(a * b for a, b in zip(left, right, strict=True))


def _is_finite(number: Any) -> bool:
    if isinstance(number, Expr):
        return not number.has(nan, zoo, oo, -oo)
    return bool(mpmath.isfinite(number))
