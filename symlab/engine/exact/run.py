"""Exact runs: the method in SymPy's numbers, rational or to any number of digits.

Rational runs never round, and their numbers grow: fine for a few steps. Runs to n digits evaluate
the derived expressions through mpmath with guard digits, so that the digits asked for are right.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from time import perf_counter
from typing import Any

import mpmath
import numpy as np
from sympy import (
    Expr,
    Float,
    ImmutableMatrix,
    Integer,
    Matrix,
    MatrixExpr,
    Poly,
    Rational,
    Symbol,
    eye,
    nan,
    oo,
    real_roots,
    zoo,
)
from sympy.matrices.exceptions import NonInvertibleMatrixError

from symlab.algebra.alphabet import G, H, S, Y, g, k, n, phi_0, phi_q, q, slope, square, x
from symlab.algebra.by_mpmath import mpmath_function
from symlab.algebra.digits import exclusive, working_digits
from symlab.algebra.objective import Objective
from symlab.algebra.risk.risk import BoundRisk
from symlab.checks import shown, whole
from symlab.engine.domain import Domain
from symlab.engine.ending.ending import judged
from symlab.engine.ending.exact_place import exact_sight, is_regular
from symlab.engine.ending.place import check_newton
from symlab.engine.exact.functions import (
    DataFunctions,
    FormulaFunctions,
    or_nan,
    part,
)
from symlab.engine.iteration import Ending, Plan, State, Step, follow
from symlab.engine.line_restriction import ray_polynomial
from symlab.engine.line_search import (
    BOTTOMLESS,
    UNBOUNDED,
    line_minimum,
    polynomial_minimum,
)
from symlab.engine.recording import Limits, as_float, as_trace, collect, floats, trail_of
from symlab.engine.trace import Trace
from symlab.methods.method import Method
from symlab.methods.rule import Rule
from symlab.methods.searches import Search

GUARD_DIGITS = 20
MOST_DIGITS = 100_000
"""A step with so many takes seconds; with a billion none would ever end."""


class _Vectors:
    """What both kinds of exact number share: tuples as vectors, SymPy for matrices."""

    objective: Objective

    def move(self, point: tuple, length: Any, direction: tuple) -> tuple:
        return tuple(a + length * p for a, p in zip(point, direction, strict=True))

    def times(self, left: Any, right: Any) -> Any:
        return left * right

    def subtract(self, left: tuple, right: tuple) -> tuple:
        return tuple(a - b for a, b in zip(left, right, strict=True))

    def dot(self, left: tuple, right: tuple) -> Any:
        return sum(a * b for a, b in zip(left, right, strict=True))

    def initial_memory(self, method: Method) -> State:
        return {letter.name: eye(self.objective.dimension) for letter in method.direction.memory}

    def matrices(
        self, expressions: list[MatrixExpr], letters: Mapping[Any, Any]
    ) -> list[ImmutableMatrix]:
        """Return matrix expressions of symbolic dimension with explicit matrices put in."""
        sized = {
            letter.subs(n, self.objective.dimension): ImmutableMatrix(value)
            for letter, value in letters.items()
        }
        explicit = [
            expression.subs(n, self.objective.dimension).xreplace(sized)
            for expression in expressions
        ]
        return [ImmutableMatrix(expression.doit().as_explicit()) for expression in explicit]

    def solve_direction(self, method: Method, letters: Mapping[Any, Any]) -> ImmutableMatrix | None:
        """Return the direction, or None where the matrix to invert is singular."""
        if any(matrix.has(nan, zoo, oo, -oo) for matrix in map(Matrix, letters.values())):
            return None
        expression = method.direction.expression.xreplace(method.direction.hyperparameters)
        try:
            return self.matrices([expression], letters)[0]
        except (NonInvertibleMatrixError, ZeroDivisionError):
            return None

    def update_memory(self, method: Method, letters: Mapping[Any, Any]) -> State:
        """Return each remembered matrix, updated."""
        names = [letter.name for letter in method.direction.memory]
        return dict(
            zip(names, self.matrices(list(method.direction.memory.values()), letters), strict=True)
        )


@dataclass(frozen=True)
class RationalCalculus(_Vectors):
    """Numbers without rounding; transcendental values stay expressions."""

    objective: Objective

    def number(self, exact: Expr) -> Expr:
        return exact

    def export(self, number: Expr) -> Expr:
        """Return a number as a trace keeps it."""
        return number

    def _put(self, expression: Expr, point: tuple) -> Expr:
        return expression.subs(dict(zip(self.objective.variables, point, strict=True)))

    def look(self, point: tuple) -> tuple[Expr, tuple]:
        gradient = tuple(self._put(entry, point) for entry in self.objective.gradient)
        return self._put(self.objective.expression, point), gradient

    def value(self, point: tuple) -> Expr:
        return self._put(self.objective.expression, point)

    def batch_gradient(self, point: tuple, batch: np.ndarray) -> tuple:
        return RationalCalculus(part(self.objective, batch)).look(point)[1]

    def hessian(self, point: tuple) -> Matrix:
        return self._put(self.objective.hessian, point)

    def initial_state(self, letters: tuple[Symbol, ...]) -> State:
        return {letter.name: (Integer(0),) * self.objective.dimension for letter in letters}

    def apply_rule(
        self, rule: Rule, point: tuple, gradient: tuple, step: int, state: State
    ) -> tuple[tuple, State]:
        def updated(letter: Symbol) -> tuple:
            return tuple(
                rule.step[letter].subs({x: a, g: d, k: step, **_coordinate(rule, state, i)})
                for i, (a, d) in enumerate(zip(point, gradient, strict=True))
            )

        return updated(x), {letter.name: updated(letter) for letter in rule.state}

    def direction(
        self, method: Method, gradient: tuple, hessian: Any, memory: State
    ) -> tuple | None:
        solved = self.solve_direction(method, _letters(method, gradient, hessian, memory))
        return None if solved is None else tuple(solved)

    def remember(self, method: Method, memory: State, displacement: tuple, change: tuple) -> State:
        known = {letter: memory[letter.name] for letter in method.direction.memory}
        return self.update_memory(method, {**known, S: displacement, Y: change})

    def trial(
        self, search: Search, point: tuple, direction: tuple, length: Expr, facts: tuple
    ) -> tuple[Expr, bool]:
        value = self._put(self.objective.expression, self.move(point, length, direction))
        return value, bool(search.condition.subs(_facts(facts, value, length)))

    def best_length(self, point: tuple, direction: tuple, domain: Domain) -> Step:
        ray = ray_polynomial(self.objective)
        if ray is None:
            reason = "the slice is no polynomial, so its minimum is not exact; run with digits=50"
            return Step(None, 0, Ending("stopped", reason))
        numbers = dict(zip(ray.symbols, (*point, *direction), strict=True))
        phi = Poly([coefficient.subs(numbers) for coefficient in ray.coefficients], q)
        if phi.degree() < 1 or phi.LC() < 0:
            return Step(None, 1, UNBOUNDED)
        roots = [root for root in real_roots(phi.diff(q)) if root > 0]
        if not roots:
            return Step(None, 1, UNBOUNDED)
        best = min(roots, key=phi.eval)
        if not domain.holds(self.move(point, best, direction)):
            reason = "the best step leaves the domain of the variables; run with digits=50"
            return Step(None, 1, Ending("stopped", reason))
        if not best.is_Rational:
            return Step(
                None, 1, Ending("stopped", "the best step is irrational; run with digits=50")
            )
        return Step(best, 1)


@dataclass(frozen=True)
class DigitsCalculus(_Vectors):
    """mpmath's floats of `digits` digits, and guard digits behind them."""

    objective: Objective
    digits: int

    @property
    def _working(self) -> Any:
        return working_digits(self.digits + GUARD_DIGITS)

    @cached_property
    def _evaluate(self) -> "FormulaFunctions | DataFunctions":
        if isinstance(self.objective, BoundRisk):
            return DataFunctions(self.objective)
        return FormulaFunctions(self.objective)

    def number(self, exact: Expr) -> mpmath.mpf:
        with self._working:
            return self._mpf(exact)

    def export(self, number: Any) -> Expr:
        """Return a number as a trace keeps it, without the guard digits."""
        with self._working:
            return Float(number, self.digits)

    def look(self, point: tuple) -> tuple[Any, tuple]:
        with self._working:
            value, *gradient = or_nan(self._evaluate.look, point, 1 + self.objective.dimension)
        # At a kink only the gradient has no value.
        return self.value(point) if mpmath.isnan(value) else value, tuple(gradient)

    def value(self, point: tuple) -> Any:
        with self._working:
            return or_nan(self._evaluate.value, point, 1)[0]

    def batch_gradient(self, point: tuple, batch: np.ndarray) -> tuple:
        return DigitsCalculus(part(self.objective, batch), self.digits).look(point)[1]

    def hessian(self, point: tuple) -> Matrix:
        with self._working:
            numbers = or_nan(self._evaluate.hessian, point, self.objective.dimension**2)
            entries = [self._float(number) for number in numbers]
        return Matrix(self.objective.dimension, self.objective.dimension, entries)

    def _float(self, number: Any) -> Float:
        return Float(mpmath.mpf(number), self.digits + GUARD_DIGITS)

    def _mpf(self, number: Expr) -> mpmath.mpf:
        return mpmath.mpf(Float(number, self.digits + GUARD_DIGITS)._mpf_)

    def initial_state(self, letters: tuple[Symbol, ...]) -> State:
        return {letter.name: (mpmath.mpf(0),) * self.objective.dimension for letter in letters}

    def apply_rule(
        self, rule: Rule, point: tuple, gradient: tuple, step: int, state: State
    ) -> tuple[tuple, State]:
        with self._working:
            return rule_step(rule, point, gradient, step, state)

    def move(self, point: tuple, length: Any, direction: tuple) -> tuple:
        with self._working:
            return super().move(point, length, direction)

    def times(self, left: Any, right: Any) -> Any:
        with self._working:
            return super().times(left, right)

    def subtract(self, left: tuple, right: tuple) -> tuple:
        with self._working:
            return super().subtract(left, right)

    def dot(self, left: tuple, right: tuple) -> Any:
        with self._working:
            return super().dot(left, right)

    def direction(
        self, method: Method, gradient: tuple, hessian: Any, memory: State
    ) -> tuple | None:
        with self._working:
            column = tuple(self._float(entry) for entry in gradient)
            solved = self.solve_direction(method, _letters(method, column, hessian, memory))
            return None if solved is None else tuple(self._mpf(entry) for entry in solved)

    def remember(self, method: Method, memory: State, displacement: tuple, change: tuple) -> State:
        with self._working:
            known = {letter: memory[letter.name] for letter in method.direction.memory}
            moved = tuple(map(self._float, displacement))
            return self.update_memory(
                method, {**known, S: moved, Y: tuple(map(self._float, change))}
            )

    def trial(
        self, search: Search, point: tuple, direction: tuple, length: Any, facts: tuple
    ) -> tuple[Any, bool]:
        with self._working:
            value = self.value(self.move(point, length, direction))
            letters = _facts(facts, value, length)
            (accepted,) = mpmath_function((search.condition,), tuple(letters))(*letters.values())
            return value, bool(accepted)

    def best_length(self, point: tuple, direction: tuple, domain: Domain) -> Step:
        with self._working:
            near = self._near_best(point, direction, domain)
            if isinstance(near, Ending):
                return Step(None, 1, near)
            polished = self._polished(point, direction, near)
            if not domain.holds(self.move(point, polished, direction)):
                return Step(mpmath.mpf(near), 1)
            return Step(polished, 1)

    def _near_best(self, point: tuple, direction: tuple, domain: Domain) -> float | Ending:
        """Return the length that minimises the objective on the ray, to float accuracy."""

        def phi(length: float) -> float:
            tried = self.move(point, mpmath.mpf(length), direction)
            return as_float(self.value(tried)) if domain.holds(tried) else math.inf

        ray = ray_polynomial(self.objective)
        if ray is not None:
            coefficients = mpmath_function(ray.coefficients, ray.symbols)(*point, *direction)
            near = polynomial_minimum(floats(coefficients), phi)
            if math.isnan(near):
                return UNBOUNDED
            if near < math.inf and domain.holds(self.move(point, mpmath.mpf(near), direction)):
                return near
        near = line_minimum(phi, lambda length: as_float(self._slope(point, direction, length)))
        return BOTTOMLESS if math.isnan(near) else near

    def _polished(self, point: tuple, direction: tuple, near: float) -> Any:
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
        """Return the derivative along the ray."""
        gradient = self.look(self.move(point, mpmath.mpf(length), direction))[1]
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


def _coordinate(rule: Rule, state: State, i: int) -> dict[Symbol, Expr]:
    return {letter: state[letter.name][i] for letter in rule.state}


def _letters(method: Method, gradient: tuple, hessian: Any, memory: State) -> dict[Any, Any]:
    letters = {G: gradient, **{letter: memory[letter.name] for letter in method.direction.memory}}
    return letters if hessian is None else {**letters, H: hessian}


def _facts(facts: tuple, value: Any, length: Any) -> dict[Symbol, Any]:
    return dict(zip((phi_0, slope, square, phi_q, q), (*facts, value, length), strict=True))


def calculus(objective: Objective, digits: int | str) -> RationalCalculus | DigitsCalculus:
    """Return the arithmetic for a run: `digits` a number of digits, or `"exact"`.

    Raises
    ------
    ValueError
        If `digits` is neither.
    """
    if isinstance(digits, str) and digits == "exact":
        return RationalCalculus(objective)
    if not isinstance(digits, int) or isinstance(digits, bool) or digits < 1:
        raise ValueError(f"digits: expected a positive integer or 'exact', got {shown(digits)}.")
    return DigitsCalculus(objective, kept_digits(digits, 1))


def kept_digits(digits: object, least: int) -> int:
    """Return a number of digits, or say that they are too few or too many."""
    number = whole(digits, "digits", least)
    if number > MOST_DIGITS:
        raise ValueError(f"digits: at most {MOST_DIGITS} can be kept, got {shown(digits)}.")
    return number


@exclusive
def run(
    objective: Objective,
    start: tuple[Rational, ...],
    method: Rule | Method,
    plan: Plan,
    limits: Limits,
    digits: int | str,
) -> Trace:
    """Run a method in exact numbers and return its trace, with the exact rows kept."""
    arithmetic = calculus(objective, digits)
    point = tuple(arithmetic.number(coordinate) for coordinate in start)
    seeing = DigitsCalculus(objective, 50 if digits == "exact" else int(digits))
    sight = exact_sight(seeing, method)
    with np.errstate(all="ignore"):
        regular = partial(is_regular, seeing, start)
        check_newton(sight, floats(point), method, regular)
    started = perf_counter()
    rehearsal = replace(limits, max_steps=1, callback=None, report=None)
    collect(follow(arithmetic, method, point, plan), rehearsal)
    prepared = perf_counter() - started
    record, ending, seconds = collect(follow(arithmetic, method, point, plan), limits, keep=True)
    ending = judged(ending, trail_of(record, limits), sight)
    rows = tuple(
        tuple(arithmetic.export(number) for number in (*row.point, row.value))
        for row in record.kept
    )
    return as_trace(
        record,
        ending,
        variables=tuple(variable.name for variable in objective.variables),
        backend="sympy",
        method=repr(method),
        seconds=seconds,
        compile_seconds=prepared,
        exact=rows,
    )
