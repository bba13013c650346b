"""What rounding may add to a direction: of a product, of a solution, and of L-BFGS's two loops.

Each takes `passed`, the error of the gradient that the direction is made of.
"""

from collections.abc import Sequence
from typing import Any

import mpmath
import numpy as np
from sympy import Matrix

from symlab.algebra.error_bound import UNIT
from symlab.engine.rounding import Vector


def product_bound(matrix: Matrix, gradient: Vector, passed: Sequence[Any]) -> list[Any]:
    """Bound the error of B g: |B| (|dg| + n u |g|)."""
    size = len(gradient)
    residual = [p + size * UNIT * abs(d) for p, d in zip(passed, gradient, strict=True)]
    return [sum(abs(matrix[i, j]) * residual[j] for j in range(size)) for i in range(size)]


def solve_bound(
    matrix: Matrix, inexact: np.ndarray, towards: Vector, passed: Sequence[Any]
) -> list[Any]:
    """Bound the error of solving H p = -g: |H^-1| (|dg| + (|dH| + 3n u |H|) |p|).

    Higham 2002, theorem 7.4 and section 9.3, with the growth factor of a small matrix taken
    as one.
    """
    size, residual = len(towards), list(passed)
    exact = mpmath.matrix(size, size)
    for i in range(size):
        for j in range(size):
            exact[i, j] = mpmath.mpf(matrix[i, j]._to_mpmath(mpmath.mp.prec))
            rounded = inexact[i, j] + 3 * size * UNIT * abs(exact[i, j])
            residual[i] += rounded * abs(towards[j])
    inverse = exact**-1
    return [sum(abs(inverse[i, j]) * residual[j] for j in range(size)) for i in range(size)]


def loops_bound(
    known: Sequence[tuple[Vector, Vector]], gradient: Vector, passed: Sequence[Any]
) -> list[Any]:
    """Bound the error of Nocedal's two loops over pairs, the newest first.

    A running bound to first order in u, as the loops go: the error of the vector passes into each
    weight by an inner product, and by the weight back into the vector.
    """
    towards = [-entry for entry in gradient]
    errors, weights = [mpmath.mpf(p) for p in passed], []
    for moved, changed in known:
        weight, off = _weight(moved, towards, errors, (moved, changed))
        towards, errors = _add(towards, errors, (-weight, off), changed)
        weights.append((weight, off))
    if known:
        moved, changed = known[0]
        top, under = _dot(moved, changed), _dot(changed, changed)
        scale = top / under
        own = _dot_error(moved, changed) / abs(top) + _dot_error(changed, changed) / under
        factor = own + 2 * UNIT
        errors = [scale * (e + abs(t) * factor) for t, e in zip(towards, errors, strict=True)]
        towards = [scale * entry for entry in towards]
    for (moved, changed), (weight, off) in reversed(list(zip(known, weights, strict=True))):
        back, also = _weight(changed, towards, errors, (moved, changed))
        towards, errors = _add(towards, errors, (weight, off), moved)
        towards, errors = _add(towards, errors, (-back, also), moved)
    return errors


def _dot(left: Sequence[Any], right: Sequence[Any]) -> Any:
    return sum(a * b for a, b in zip(left, right, strict=True))


def _dot_error(left: Sequence[Any], right: Sequence[Any]) -> Any:
    """Bound the rounding of an inner product of exact vectors: n u |a| |b|."""
    return len(left) * UNIT * _dot(list(map(abs, left)), list(map(abs, right)))


def _weight(
    left: Vector, towards: Sequence[Any], errors: Sequence[Any], pair: tuple[Vector, Vector]
) -> tuple[Any, Any]:
    """Return left.t / S.Y, and a bound on its error."""
    top, under = _dot(left, towards), _dot(*pair)
    of_top = _dot_error(left, towards) + _dot(list(map(abs, left)), errors)
    weight = top / under
    return weight, (of_top + abs(weight) * _dot_error(*pair)) / abs(under) + UNIT * abs(weight)


def _add(
    towards: Sequence[Any], errors: Sequence[Any], weight: tuple[Any, Any], vector: Vector
) -> tuple[list[Any], list[Any]]:
    """Return t + w v, and a bound on its error."""
    number, off = weight
    found = [t + number * v for t, v in zip(towards, vector, strict=True)]
    bounds = [
        e + off * abs(v) + UNIT * (abs(number * v) + abs(f))
        for e, v, f in zip(errors, vector, found, strict=True)
    ]
    return found, bounds
