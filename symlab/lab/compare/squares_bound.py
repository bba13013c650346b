r"""What rounding may add to a step on a sum of squares: of its residuals, their slopes, and QR.

With :math:`A = (J E^{-1/2}; \sqrt{\mu} I)` a step in the sizes of E minimises :math:`|A y + b|`. To
first order an error of A and b moves it by at most
:math:`|A^+| (|\delta b| + |\delta A| |y|) + |(A^\top A)^{-1}| |\delta A|^\top |A y + b|`
(Higham 2002, section 20.1), where QR by Householder adds to each column an error of a few
:math:`m n u` of its length (theorem 19.4).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np
from sympy import Symbol

from symlab.algebra.error_bound import UNIT, rounding_bound
from symlab.algebra.objective import Objective
from symlab.algebra.risk.risk import BoundRisk
from symlab.algebra.squares import Residuals, SumOfSquares
from symlab.engine.lowering.stabilize import stabilize
from symlab.engine.rounding import Vector, function_of_arrays

FACTORISATIONS = 2
"""J itself, and its triangle with the damping below."""

_stable = lru_cache(maxsize=256)(stabilize)


@dataclass(frozen=True)
class Bounds:
    """What bounds a step.

    Parameters
    ----------
    damping : number
    sizes : tuple of n numbers
        The diagonal of E; none of them for that of J'J.
    """

    damping: Any
    sizes: Vector

    @property
    def floats(self) -> np.ndarray:
        """The sizes in floats, shape (n,)."""
        return np.array([float(size) for size in self.sizes])


UNBOUNDED = Bounds(mpmath.mpf(0), ())


def step_bound(squares: SumOfSquares, point: Vector, chosen: Bounds) -> np.ndarray:
    """Return what rounding may add to each coordinate of a step, shape (n,).

    Parameters
    ----------
    squares : SumOfSquares
    point : n numbers
    chosen : Bounds
    """
    table, errors = _rows(squares, point)
    jacobian, size = table[:, 1:], len(point)
    squared = chosen.floats if chosen.sizes else np.sum(jacobian**2, axis=0)
    roots = np.where(squared > 0, np.sqrt(squared), 1.0)
    matrix = np.vstack([jacobian / roots, float(chosen.damping) ** 0.5 * np.eye(size)])
    off = np.vstack([errors[:, 1:] / roots, np.zeros((size, size))]) + 2 * UNIT * np.abs(matrix)
    right = np.concatenate([table[:, 0], np.zeros(size)])
    off_right = np.concatenate([errors[:, 0], np.zeros(size)])
    inverse = np.linalg.pinv(matrix)
    step = -inverse @ right
    left, factored = matrix @ step + right, FACTORISATIONS * matrix.size * UNIT
    lengths = np.linalg.norm(matrix, axis=0)
    by_rows = np.linalg.norm(inverse, axis=1)
    through = np.abs(inverse) @ (off_right + off @ np.abs(step))
    through += factored * by_rows * (np.linalg.norm(right) + lengths @ np.abs(step))
    turned = off.T @ np.abs(left) + factored * lengths * np.linalg.norm(left)
    found: np.ndarray = (through + np.abs(inverse @ inverse.T) @ turned) / roots
    return found


def _rows(squares: SumOfSquares, point: Vector) -> tuple[np.ndarray, np.ndarray]:
    """Return residuals with their slopes beside them, and what rounding may add: (m, 1 + n)."""
    here = dict(zip(squares.objective.variables, map(float, point), strict=True))

    def none(_: Objective) -> dict[Symbol, np.ndarray]:
        return {}

    def columns(bound: BoundRisk) -> dict[Symbol, np.ndarray]:
        return dict(zip(bound.risk.data, bound.arrays, strict=True))

    data = squares.objective.dispatch(formula=none, data=columns)
    parts = [(squares.of_sample, {**here, **data}), (squares.once, here)]
    found = [_block(each, at, squares.objective.samples) for each, at in parts if each.entries]
    tables, errors = zip(*found, strict=True)
    return np.concatenate(tables), np.concatenate(errors)


def _block(
    residuals: Residuals, at: dict[Symbol, float | np.ndarray], samples: int | None
) -> tuple[np.ndarray, np.ndarray]:
    rows = (samples or 1) if len(at) > len(residuals.parameters) else 1
    tables, errors = [], []
    for row in residuals.rows:
        entries = [_stable(entry) for entry in row]
        values = [function_of_arrays(entry, tuple(at))(*at.values()) for entry in entries]
        bounds = [rounding_bound(entry, at) for entry in entries]
        tables.append(np.stack([np.broadcast_to(value, rows) for value in values], axis=1))
        errors.append(np.stack([np.broadcast_to(bound, rows) for bound in bounds], axis=1))
    return np.concatenate(tables).astype(float), np.concatenate(errors)
