"""Arrays of numbers with many digits, each with a bound on its rounding error in float64.

A network evaluated in these gives two things at once: every number, and how far from it a compiled
evaluation may be by rounding alone. The bound is the running error bound of `algebra/error_bound`
for whole arrays: to first order in the unit roundoff u, and for sums in any order.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np
from sympy import Expr, Symbol

from symlab.algebra.alphabet import x
from symlab.algebra.by_mpmath import mpmath_function
from symlab.algebra.error_bound import UNIT, rounding_bound


@dataclass(frozen=True, eq=False)
class Numbers:
    """An array of numbers and their error bounds.

    Parameters
    ----------
    value : array of mpmath.mpf
    error : array of float, of the same shape
        Bounds on the absolute errors of evaluating them in float64, in units of roundoff.

    Examples
    --------
    >>> tenth = numbers([0.1])
    >>> total(plus(tenth, tenth), 0).error.item()
    0.2
    """

    value: np.ndarray
    error: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of both arrays."""
        return self.value.shape

    @property
    def sizes(self) -> np.ndarray:
        """The absolute values, as floats."""
        return absolute(self.value)

    @property
    def bound(self) -> np.ndarray:
        """Bounds on the absolute errors."""
        return np.asarray(self.error * UNIT)

    def __getitem__(self, index: Any) -> "Numbers":
        return Numbers(self.value[index], self.error[index])

    def reshape(self, *shape: Any) -> "Numbers":
        """Return the same numbers in another shape."""
        return Numbers(self.value.reshape(*shape), self.error.reshape(*shape))

    def transpose(self, *axes: int) -> "Numbers":
        """Return the same numbers with their axes in another order."""
        return Numbers(self.value.transpose(axes), self.error.transpose(axes))

    @property
    def T(self) -> "Numbers":
        """The transpose of a matrix."""
        return self.transpose(1, 0)


def absolute(value: Any) -> np.ndarray:
    """Return absolute values as floats."""
    return np.abs(np.asarray(value, dtype=object).astype(float))


def numbers(floats: Any) -> Numbers:
    """Return floats as numbers, which are exact and so have no error."""
    array = np.asarray(floats, dtype=float)
    value = np.empty(array.shape, dtype=object)
    value.flat = [mpmath.mpf(each) for each in array.ravel().tolist()]
    return Numbers(value, np.zeros(array.shape))


def product(a: Numbers, b: Numbers) -> Numbers:
    """Return the product of two matrices; each entry is a sum of as many products as they share."""
    sizes = (a.sizes, b.sizes)
    passed = sizes[0] @ b.error + a.error @ sizes[1]
    return Numbers(a.value @ b.value, passed + a.shape[1] * (sizes[0] @ sizes[1]))


def times(a: Numbers, b: Numbers) -> Numbers:
    """Return the product entry by entry."""
    value = a.value * b.value
    passed = a.sizes * b.error + a.error * b.sizes
    return Numbers(value, passed + absolute(value))


def plus(a: Numbers, b: Numbers) -> Numbers:
    """Return the sum entry by entry."""
    value = a.value + b.value
    return Numbers(value, a.error + b.error + absolute(value))


def total(a: Numbers, axis: int) -> Numbers:
    """Return the sums along an axis."""
    rounding = (a.shape[axis] - 1) * a.sizes.sum(axis=axis)
    value = np.asarray(a.value.sum(axis=axis), dtype=object)
    return Numbers(value, np.asarray(a.error.sum(axis=axis) + rounding))


def apply(expression: Expr, at: Mapping[Symbol, Numbers]) -> Numbers:
    """Return an expression of each entry, with its own rounding and that of what it is applied to.

    Parameters
    ----------
    expression : sympy.Expr
    at : mapping of Symbol to Numbers
        All of one shape.
    """
    symbols, given = tuple(at), list(at.values())
    value = _evaluate_entrywise(expression, symbols, given)
    floats = {symbol: each.value.astype(float) for symbol, each in at.items()}
    error = np.broadcast_to(rounding_bound(expression, floats) / UNIT, value.shape)
    for symbol, each in at.items():
        if each.error.any():
            slope = _evaluate_entrywise(expression.diff(symbol), symbols, given)
            error = error + absolute(slope) * each.error
    return Numbers(value, error)


def _evaluate_entrywise(
    expression: Expr, symbols: tuple[Symbol, ...], given: list[Numbers]
) -> np.ndarray:
    evaluate = _compile(expression, symbols)
    return np.asarray(evaluate(*(each.value for each in given)), dtype=object)


@lru_cache(maxsize=64)
def _compile(expression: Expr, symbols: tuple[Symbol, ...]) -> Callable[..., Any]:
    of_numbers = mpmath_function((expression,), symbols)
    return np.frompyfunc(lambda *each: mpmath.mpf(of_numbers(*each)[0]), len(symbols), 1)


def gather(a: Numbers, places: np.ndarray) -> Numbers:
    """Return the entries of the last axis at places, one axis for each of `places`."""
    return a[..., places]


def scatter(a: Numbers, places: np.ndarray, size: int) -> Numbers:
    """Return sums of entries at the places that `gather` took them from: its transpose."""
    kept = a.shape[: len(a.shape) - places.ndim]
    value = np.full((*kept, size), mpmath.mpf(0), dtype=object)
    error, sizes = np.zeros((2, *kept, size))
    index: Any = (..., places)
    np.add.at(value, index, a.value)
    np.add.at(error, index, a.error)
    np.add.at(sizes, index, a.sizes)
    terms = np.bincount(places.ravel(), minlength=size)
    return Numbers(value, error + np.maximum(terms - 1, 0) * sizes)


def join(parts: Sequence[Numbers]) -> Numbers:
    """Return all numbers of some arrays as one vector."""
    return Numbers(
        np.concatenate([each.value.ravel() for each in parts]),
        np.concatenate([each.error.ravel() for each in parts]),
    )


def subtract_largest(a: Numbers) -> Numbers:
    """Return numbers less the largest of each row.

    The rounding error of the largest is not counted, because in a softmax the largest cancels.
    """
    largest = a.value.max(axis=-1, keepdims=True)
    value = a.value - largest
    return Numbers(value, a.error + absolute(value))


def divide(a: Numbers, divisors: Numbers) -> Numbers:
    """Return each row of numbers divided by a number of its own."""
    return times(a, apply(1 / x, {x: repeat_columns(divisors, a.shape[-1])}))


def repeat_columns(column: Numbers, count: int) -> Numbers:
    """Return a column of numbers repeated `count` times."""
    return Numbers(
        np.repeat(column.value[..., None], count, -1), np.repeat(column.error[..., None], count, -1)
    )


def scale(a: Numbers, share: mpmath.mpf) -> Numbers:
    """Return numbers times a factor that is itself rounded."""
    value = np.asarray(a.value * share, dtype=object)
    return Numbers(value, float(share) * a.error + 2 * absolute(value))
