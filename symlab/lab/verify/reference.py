"""Reference values of an objective at a point to 50 digits: its value, slopes and rounding.

A slope is computed from the value alone, by a difference so short that its truncation is beyond 50
digits. It does not use SymPy's derivative, and can therefore verify it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import mpmath
import numpy as np
from sympy import Derivative, Expr, Integral, count_ops, preorder_traversal

from symlab.algebra.by_mpmath import NotComputable, evaluator
from symlab.algebra.continued import Form
from symlab.algebra.objective import Objective
from symlab.algebra.working_precision import working_digits
from symlab.engine.lowering.stabilize import stabilize

DIGITS = 50
GUARD_DIGITS = 30
EPSILON = float(np.finfo(float).eps)

WORKING_DIGITS = (DIGITS + GUARD_DIGITS, 350, 460, 490, 1000)
"""Digits worked with in turn, until two results agree: in 1 - erf(28), 347 cancel. The second is
enough to tell the difference of any two floats from 0."""

CHANGE = mpmath.mpf(10) ** -(DIGITS + 20)
"""How far two may differ and agree, as a part of the value."""

BY_QUADRATURE = (Derivative, Integral)
"""mpmath computes these to a few digits less than its precision, and much more slowly."""

# The difference cancels half of the digits; the other half are left.
SHORT = mpmath.mpf(10) ** (-DIGITS // 2)

MAX_DRAWS = 60
"""Draws for each point wanted, after which a domain counts as not found."""

SPREADS = (1.0, 4.0, 1 / 4, 16.0, 1 / 16)

Point = Sequence[Any] | np.ndarray


def working() -> Any:
    """Return the context of all sums here: 50 digits and some more."""
    return working_digits(DIGITS + GUARD_DIGITS)


def exact_function(
    expressions: Sequence[Expr], variables: Sequence[Expr]
) -> Callable[[Point], list]:
    """Return a function of a point that gives mpmath numbers, NaN where one is not a finite real.

    Examples
    --------
    >>> from sympy import log
    >>> from sympy.abc import x
    >>> exact_function([x**2, log(x)], [x])([mpmath.mpf(-2)])
    [mpf('4.0'), mpf('nan')]
    """
    try:
        together = evaluator(list(expressions), variables)
    except NotComputable as error:
        raise ValueError(f"objective: {error}") from None

    @cache
    def apart() -> list[Callable[..., Any]]:
        return [evaluator(expression, variables) for expression in expressions]

    is_integrated = any(expression.has(*BY_QUADRATURE) for expression in expressions)
    precisions = WORKING_DIGITS[:1] if is_integrated else WORKING_DIGITS

    first = [0]

    def evaluate(point: Point) -> list:
        with working():
            numbers = [mpmath.mpf(coordinate) for coordinate in point]
        found = before = _evaluate(together, apart, numbers, precisions[first[0]])
        for index, digits in enumerate(precisions[first[0] + 1 :], first[0]):
            found = _evaluate(together, apart, numbers, digits)
            if all(map(_agree, before, found)):
                first[0] = index  # where so many digits were needed, the next point needs them too
                break
            before = found
        return list(map(_real_or_nan, found))

    return evaluate


def _evaluate(
    together: Callable[..., Any],
    apart: Callable[[], list[Callable[..., Any]]],
    numbers: list,
    digits: int,
) -> list:
    with working_digits(digits):
        try:
            return list(together(*numbers))
        except NameError as error:
            raise ValueError(f"objective: mpmath cannot evaluate it: {error}.") from None
        except (ArithmeticError, ValueError, TypeError):
            return [_evaluate_one(function, numbers) for function in apart()]


def _evaluate_one(function: Callable[..., Any], numbers: list) -> Any:
    """Return one value by itself, because a pole of one expression must not hide the others."""
    try:
        return function(*numbers)
    except (ArithmeticError, ValueError, TypeError):
        return mpmath.nan


def _agree(one: Any, other: Any) -> bool:
    """Whether more digits gave the same: not so where digits cancel, or rounding made a 0."""
    with working():
        size = max(abs(one), abs(other))
        return bool(mpmath.isfinite(size) and abs(one - other) <= CHANGE * size)


def _real_or_nan(value: Any) -> Any:
    if isinstance(value, mpmath.mpc):
        return mpmath.nan
    number = mpmath.mpf(value)
    return number if mpmath.isfinite(number) else mpmath.nan


def shift(point: Point, i: int, length: Any) -> list:
    """Return the point with `length` added to coordinate i, to all digits."""
    with working():
        moved = [mpmath.mpf(coordinate) for coordinate in point]
        moved[i] += length
        return moved


@dataclass(frozen=True, eq=False)
class Reference:
    """An objective's value, and derivatives, as 50-digit numbers at points of n coordinates."""

    objective: Objective

    @cached_property
    def _value(self) -> Callable[[Point], list]:
        return exact_function([self.objective.expression], self.objective.variables)

    @cached_property
    def gradient(self) -> Callable[[Point], list]:
        """The derived gradient at a point, n numbers."""
        return exact_function(list(self.objective.gradient), self.objective.variables)

    def value(self, point: Point) -> Any:
        """Return f at a point; NaN where it is not a finite real number."""
        return self._value(point)[0]

    def is_real(self, point: Point) -> bool:
        """Return whether f and its derivatives are real there and within the range of floats."""
        return all(np.isfinite(float(number)) for number in self._all(point))

    def slope(self, point: Point, i: int, length: Any = SHORT) -> Any:
        """Return the central difference of f along coordinate i over +-length."""
        with working():
            ahead, behind = (self.value(shift(point, i, sign * length)) for sign in (1, -1))
            return (ahead - behind) / (2 * length)

    def obstacle(self, point: Point, i: int) -> str:
        """Return why f has no derivative along coordinate i there; empty where it has one."""
        beside = [self.value(shift(point, i, sign * SHORT)) for sign in (1, -1)]
        if any(map(mpmath.isnan, beside)):
            return "f is not real on both sides of the point"
        if not self._has_kink(point, i):
            return ""
        here = self.value(point)
        left, right = (float(s * (v - here) / SHORT) for s, v in zip((1, -1), beside, strict=True))
        return f"f has a kink there: slopes {right:.6g} and {left:.6g}"

    def _has_kink(self, point: Point, i: int) -> bool:
        """Whether the slopes left and right differ by a jump, however near they are taken."""
        with working():
            wide, narrow = (
                self._second_difference(point, i, length) for length in (SHORT, SHORT / 2)
            )
            noise = (1 + abs(self.value(point))) * mpmath.mpf(10) ** 5 * SHORT**2
            return bool(wide > noise and narrow > wide * mpmath.mpf(9) / 10)

    def _second_difference(self, point: Point, i: int, length: Any) -> Any:
        ahead, behind = (self.value(shift(point, i, sign * length)) for sign in (1, -1))
        return abs(ahead + behind - 2 * self.value(point)) / length

    def third(self, point: Point, i: int) -> float:
        """Return the third derivative along coordinate i, by differences to a few digits."""
        with working():
            length = SHORT ** (mpmath.mpf(1) / 2)
            two, one, back, far = (self.value(shift(point, i, j * length)) for j in (2, 1, -1, -2))
            return abs(float((two - 2 * one + 2 * back - far) / (2 * length**3)))

    @cached_property
    def _sizes(self) -> list[tuple[Callable[[Point], list], int]]:
        # The stable forms are what floats evaluate; the others' parts may be huge without harm.
        expressions = map(stabilize, [self.objective.expression, *self.objective.gradient])
        return [
            (_parts(expression, self.objective), count_ops(expression))
            for expression in expressions
        ]

    def rounding(self, point: Point) -> list[float]:
        """Return bounds for what float64 loses in f and in each derivative: n + 1 numbers.

        Each operation may lose half a spacing of the largest part of the formula, and every
        coordinate may be off by a spacing, whose effect on the result is measured.
        """
        moved = [self._all(shift(point, i, EPSILON * mpmath.mpf(a))) for i, a in enumerate(point)]
        here, bounds = self._all(point), []
        for j, (parts, operations) in enumerate(self._sizes):
            largest = max(
                (abs(float(part)) for part in parts(point) if not mpmath.isnan(part)), default=0
            )
            effect = float(np.nansum([abs(float(there[j] - here[j])) for there in moved]))
            bounds.append((operations + self._sizes[0][1] + 1) * (EPSILON * largest + effect))
        return bounds

    def _all(self, point: Point) -> list:
        return [self.value(point), *self.gradient(point)]


def _parts(expression: Expr, objective: Objective) -> Callable[[Point], list]:
    known = set(objective.variables)
    parts = {
        part
        for part in preorder_traversal(expression)
        # A Form names a function; what reads other symbols stands under an integral or a sum.
        if isinstance(part, Expr) and not isinstance(part, Form) and part.free_symbols <= known
    }
    return exact_function(sorted(parts, key=str), objective.variables)


def draw_points(
    reference: Reference,
    count: int,
    generator: np.random.Generator,
    centre: np.ndarray | None = None,
) -> list[np.ndarray]:
    """Return up to `count` random points where f and its derivatives are finite real numbers.

    They are normally distributed about `centre`, the origin if it is None; the spread changes from
    one batch of draws to the next, because a domain may be small or far.
    """
    found: list[np.ndarray] = []
    for attempt in range(MAX_DRAWS * count):
        if len(found) == count:
            break
        spread = SPREADS[attempt // (2 * count) % len(SPREADS)]
        point = _in_domain(
            spread * generator.standard_normal(reference.objective.dimension), reference
        )
        point = point if centre is None else centre + point / 8
        if reference.is_real(point):
            found.append(point)
    return found


def _in_domain(point: np.ndarray, reference: Reference) -> np.ndarray:
    """Return the point with the signs that the symbols' assumptions ask for."""
    for i, variable in enumerate(reference.objective.variables):
        if variable.is_nonnegative or variable.is_nonpositive:
            point[i] = abs(point[i]) if variable.is_nonnegative else -abs(point[i])
    return point
