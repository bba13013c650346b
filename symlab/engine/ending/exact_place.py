"""Exact functions as an oracle, and whether a matrix is regular in all their digits."""

from typing import Any, Protocol

import mpmath
import numpy as np
from sympy import Expr, Matrix, nan, oo, zoo

from symlab.algebra.objective import Objective
from symlab.algebra.working_precision import working_digits
from symlab.engine.ending.curvature import Oracle
from symlab.engine.ending.place import oracle_of
from symlab.engine.recording import as_float, floats


class ExactCalculus(Protocol):
    """What the oracle calls, in mpmath's numbers."""

    @property
    def objective(self) -> Objective:
        """What is minimised."""

    @property
    def digits(self) -> int:
        """The digits that are right."""

    def number(self, exact: Expr) -> Any:
        """Turn an exact SymPy number into mpmath's kind."""

    def value_and_gradient(self, point: tuple) -> tuple[Any, tuple]:
        """Return value and gradient at a point."""

    def hessian(self, point: tuple) -> Matrix:
        """Return the matrix of second derivatives at a point."""


def exact_oracle(calculus: ExactCalculus, *, needs_hessian: bool) -> Oracle:
    """Return exact functions as an oracle, rounded to floats at the end alone."""

    def value_and_gradient(point: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = calculus.value_and_gradient(_numbers(point))
        return as_float(value), floats(gradient)

    def hessian(point: np.ndarray) -> np.ndarray:
        return floats(calculus.hessian(_numbers(point)).tolist())

    derived = hessian if needs_hessian else None
    return oracle_of(calculus.objective, value_and_gradient, derived, in_floats=False)


def _numbers(point: np.ndarray) -> tuple[Any, ...]:
    return tuple(map(mpmath.mpf, point.tolist()))


def is_regular(calculus: ExactCalculus, start: tuple[Expr, ...], damping: float) -> bool:
    """Return whether Newton's matrix can be inverted, judged after scaling in all digits."""
    hessian = calculus.hessian(tuple(map(calculus.number, start)))
    if hessian.has(nan, zoo, oo, -oo):
        return False
    with working_digits(calculus.digits):
        matrix = mpmath.matrix(hessian.rows)
        for i, j in np.ndindex(hessian.shape):
            matrix[i, j] = mpmath.mpf(hessian[i, j]._mpf_) + (damping if i == j else 0)
        scales = [mpmath.sqrt(abs(matrix[i, i])) or 1 for i in range(matrix.rows)]
        for i, j in np.ndindex(hessian.shape):
            matrix[i, j] /= scales[i] * scales[j]
        sizes = [abs(value) for value in mpmath.eigsy(matrix, eigvals_only=True)]
        return bool(min(sizes) > 10 * matrix.rows * mpmath.eps * max(sizes))
