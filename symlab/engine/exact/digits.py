"""Exact arithmetic to any number of digits: mpmath's floats with guard digits behind them."""

import math
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import mpmath
import numpy as np
from sympy import Expr, Float, Matrix, Symbol

from symlab.algebra.alphabet import g, k, x
from symlab.algebra.by_mpmath import mpmath_function
from symlab.algebra.objective import Objective
from symlab.algebra.squares import squares_of
from symlab.algebra.working_precision import working_digits
from symlab.checks import shown, whole
from symlab.engine.calculus import LineStep, State
from symlab.engine.domain import Domain
from symlab.engine.exact.functions import ExactFunctions, exact_functions, or_nan
from symlab.engine.exact.squares import ExactSquares
from symlab.engine.exact.vectors import ExactVectors
from symlab.engine.line_minimum import BOTTOMLESS, UNBOUNDED, line_minimum, polynomial_minimum
from symlab.engine.line_restriction import line_polynomial
from symlab.engine.recording import as_float, floats
from symlab.engine.stopping import Ending
from symlab.methods.method import Method
from symlab.methods.rule import Rule

GUARD_DIGITS = 20
MOST_DIGITS = 100_000
"""Digits at most: a step with this many takes seconds."""


@dataclass(frozen=True)
class DigitsCalculus(ExactVectors):
    """mpmath's floats of `digits` digits, and guard digits behind them."""

    objective: Objective
    digits: int

    @property
    def working(self) -> AbstractContextManager[Any]:
        """So many digits, and guard digits."""
        return working_digits(self.working_digits)

    @property
    def working_digits(self) -> int:
        """The digits, and guard digits."""
        return self.digits + GUARD_DIGITS

    @cached_property
    def _functions(self) -> ExactFunctions:
        return exact_functions(self.objective)

    @cached_property
    def squares(self) -> ExactSquares:
        """The objective as a sum of squares."""
        return ExactSquares(squares_of(self.objective), self.digits)

    def number(self, exact: Expr) -> mpmath.mpf:
        with self.working:
            return self._mpf(exact)

    def export(self, number: Any) -> Expr:
        """Return a number as a trace keeps it, without the guard digits."""
        with self.working:
            return Float(number, self.digits)

    def value_and_gradient(self, point: tuple) -> tuple[Any, tuple]:
        both, size = self._functions.value_and_gradient, 1 + self.objective.dimension
        with self.working:
            value, *gradient = or_nan(both, point, size)
        # At a kink only the gradient has no value.
        return self.value(point) if mpmath.isnan(value) else value, tuple(gradient)

    def value(self, point: tuple) -> Any:
        with self.working:
            return or_nan(self._functions.value, point, 1)[0]

    def spacing(self, value: Any) -> Any:
        with self.working:
            return abs(value) * mpmath.mpf(10) ** -self.digits

    def batch_value_and_gradient(self, point: tuple, batch: np.ndarray) -> tuple[Any, tuple]:
        return DigitsCalculus(self.objective.part(batch), self.digits).value_and_gradient(point)

    def hessian(self, point: tuple) -> Matrix:
        with self.working:
            numbers = or_nan(self._functions.hessian, point, self.objective.dimension**2)
            entries = [self.symbolic(number) for number in numbers]
        return Matrix(self.objective.dimension, self.objective.dimension, entries)

    def symbolic(self, number: Any) -> Float:
        """Return a number as SymPy's, with all of its digits."""
        return Float(mpmath.mpf(number), self.digits + GUARD_DIGITS)

    def _mpf(self, number: Expr) -> mpmath.mpf:
        return mpmath.mpf(Float(number, self.digits + GUARD_DIGITS)._mpf_)

    def initial_state(self, letters: tuple[Symbol, ...]) -> State:
        return {letter.name: (mpmath.mpf(0),) * self.objective.dimension for letter in letters}

    def apply_rule(
        self, rule: Rule, point: tuple, gradient: tuple, step: int, state: State
    ) -> tuple[tuple, State]:
        with self.working:
            return rule_step(rule, point, gradient, step, state)

    def direction(
        self, method: Method, gradient: tuple, hessian: Any, memory: State
    ) -> tuple | None:
        with self.working:
            solved = self.direction_of(method, gradient, hessian, memory)
            return None if solved is None else tuple(self._mpf(entry) for entry in solved)

    def evaluate(self, formula: Expr, known: Mapping[Symbol, Any]) -> Any:
        with self.working:
            (found,) = mpmath_function((formula,), tuple(known))(*known.values())
            return found

    def best_length(self, point: tuple, direction: tuple, domain: Domain) -> LineStep:
        with self.working:
            near = self._near_best(point, direction, domain)
            if isinstance(near, Ending):
                return LineStep(None, 1, near)
            polished = self._polish(point, direction, near)
            if not domain.holds(self.move(point, polished, direction)):
                return LineStep(mpmath.mpf(near), 1)
            return LineStep(polished, 1)

    def _near_best(self, point: tuple, direction: tuple, domain: Domain) -> float | Ending:
        """Return the length that minimises the objective along a line, to float accuracy."""

        def phi(length: float) -> float:
            tried = self.move(point, mpmath.mpf(length), direction)
            return as_float(self.value(tried)) if domain.holds(tried) else math.inf

        restriction = line_polynomial(self.objective)
        if restriction is not None:
            coefficients = mpmath_function(restriction.coefficients, restriction.symbols)
            near = polynomial_minimum(floats(coefficients(*point, *direction)), phi)
            if math.isnan(near):
                return UNBOUNDED
            if near < math.inf and domain.holds(self.move(point, mpmath.mpf(near), direction)):
                return near
        near = line_minimum(phi, lambda length: as_float(self._slope(point, direction, length)))
        return BOTTOMLESS if math.isnan(near) else near

    def _polish(self, point: tuple, direction: tuple, near: float) -> Any:
        """Return the length to all digits: a root of the slope, or where it changes its sign.

        The secant finds a root in a few steps. At a kink there is none, so that the stretch around
        `near` is halved, and `near` itself kept where that is lower: a kink may lie on a float.
        """
        start = mpmath.mpf(near)
        try:
            found = mpmath.findroot(
                lambda length: self._slope(point, direction, length), start, tol=0, verify=False
            )
        except (ValueError, ZeroDivisionError, TypeError):
            found = start
        left, right = start * (1 - mpmath.mpf(2) ** -30), start * (1 + mpmath.mpf(2) ** -30)
        if left <= found <= right and self._is_smooth(point, direction, found):
            return found
        if not self._slope(point, direction, left) < 0 < self._slope(point, direction, right):
            # Where the slope is flat the secant may leave the valley; then floats are best.
            return found if abs(found - start) <= start / 1000 else start
        for _ in range(mpmath.mp.prec):
            middle = (left + right) / 2
            if self._slope(point, direction, middle) < 0:
                left = middle
            else:
                right = middle
        return min((start, left, right), key=lambda q: self.value(self.move(point, q, direction)))

    def _is_smooth(self, point: tuple, direction: tuple, length: Any) -> bool:
        """Return whether the slope at a length is no larger than at float distance from it."""
        aside = abs(self._slope(point, direction, length * (1 - mpmath.mpf(2) ** -40)))
        return bool(abs(self._slope(point, direction, length)) <= aside / 2)

    def _slope(self, point: tuple, direction: tuple, length: Any) -> Any:
        """Return the derivative along the line."""
        gradient = self.value_and_gradient(self.move(point, mpmath.mpf(length), direction))[1]
        return self.dot(gradient, direction)


def rule_step(
    rule: Rule, point: tuple, gradient: tuple, step: int, state: State
) -> tuple[tuple, State]:
    """Return iterate and state after a step, to the precision that mpmath works with.

    Parameters
    ----------
    rule : Rule
    point, gradient : tuple of n numbers
    step : int
        The rule's k.
    state : mapping of str to tuple of n numbers
        What it remembers, by letter.
    """
    letters = (x, *rule.state)
    update = mpmath_function(tuple(rule.step[letter] for letter in letters), (x, g, k, *rule.state))
    columns = [
        update(a, d, step, *(state[letter.name][i] for letter in rule.state))
        for i, (a, d) in enumerate(zip(point, gradient, strict=True))
    ]
    position, *rest = (tuple(row) for row in zip(*columns, strict=True))
    return position, dict(zip((letter.name for letter in rule.state), rest, strict=True))


def kept_digits(digits: object, least: int) -> int:
    """Return a number of digits, or say that they are too few or too many."""
    number = whole(digits, "digits", least)
    if number > MOST_DIGITS:
        raise ValueError(f"digits: at most {MOST_DIGITS} can be kept, got {shown(digits)}.")
    return number
