"""One exact step of a method from any float point, and what rounding may add to it.

A rule and a method (direction and search) answer the same questions, each in its own way: where the
step leads, what is remembered, how far rounding alone may carry it, and whether a search chose
a length that it allows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import mpmath
import numpy as np

from symlab.algebra.alphabet import g, k, phi_0, phi_q, q, slope, square, x
from symlab.algebra.error_bound import UNIT, rounding_bound
from symlab.algebra.objective import Objective
from symlab.algebra.working_precision import working_digits
from symlab.engine.batches import Batches
from symlab.engine.domain import domain_of
from symlab.engine.exact.digits import GUARD_DIGITS, DigitsCalculus, rule_step
from symlab.lab.compare.rounding import Rounding, Vector, function_of_arrays, rounding_of
from symlab.methods.method import Method
from symlab.methods.rule import Rule

State = Mapping[str, Any]


class Steps(Protocol):
    """Exact steps of one method on one objective."""

    @property
    def digits(self) -> int:
        """The digits in which steps are taken."""

    def value(self, point: Vector, at: int) -> tuple[Any, float]:
        """Return the value recorded before step `at`, and what rounding may add to it."""

    def first_state(self) -> State:
        """Return what is remembered before the first step."""

    def step(self, point: Vector, state: State, at: int, length: Any) -> Vector:
        """Return the exact next iterate, with the length that the run chose."""

    def advance(self, point: Vector, state: State, at: int, length: Any) -> tuple[Vector, State]:
        """Return the exact next iterate, and what is remembered after the step."""

    def bound(self, point: Vector, state: State, at: int, length: Any) -> Vector:
        """Return what rounding may add to each coordinate of the next iterate."""

    def allows(self, point: Vector, state: State, at: int, length: Any) -> bool:
        """Return whether the length is one that the method allows."""


def exact_steps(
    objective: Objective,
    method: Rule | Method,
    digits: int,
    batches: Batches | None = None,
    record: str = "objective",
) -> Steps:
    """Return the exact steps of a rule or a method.

    Batches say which samples a step sees, and `record` whether the values are of these too.
    """
    calculus = DigitsCalculus(objective, digits)
    if isinstance(method, Rule):
        return RuleSteps(BatchedObjective(calculus, batches, record), method)
    return MethodSteps(calculus, method)


class StepObjective(Protocol):
    """What is minimised, as each step of a rule sees it."""

    @property
    def dimension(self) -> int:
        """The number of variables."""

    @property
    def digits(self) -> int:
        """The digits of value and gradient."""

    def value(self, point: Vector, at: int) -> tuple[Any, float]:
        """Return the value recorded before step `at`, and what rounding may add to it."""

    def gradient(self, point: Vector, at: int) -> Vector:
        """Return the gradient that step `at` sees."""

    def gradient_bound(self, point: Vector, at: int) -> list[float]:
        """Return what rounding may add to that gradient."""


@dataclass(frozen=True)
class BatchedObjective:
    """An objective, or the samples of it that batches show to each step."""

    calculus: DigitsCalculus
    batches: Batches | None
    record: str = "objective"

    @cached_property
    def _rounding(self) -> Rounding:
        return rounding_of(self.calculus.objective)

    def _part(self, at: int) -> tuple[DigitsCalculus, Rounding]:
        """Return what step `at` sees."""
        if self.batches is None:
            return self.calculus, self._rounding
        part = self.calculus.objective.part(self.batches.at(at))
        return replace(self.calculus, objective=part), rounding_of(part)

    @property
    def dimension(self) -> int:
        """The number of variables."""
        return self.calculus.objective.dimension

    @property
    def digits(self) -> int:
        """The digits of value and gradient."""
        return self.calculus.digits

    def value(self, point: Vector, at: int) -> tuple[Any, float]:
        """Return the objective, or what the step sees of it, and what rounding may add."""
        whole = (self.calculus, self._rounding)
        calculus, rounding = self._part(at) if self.record == "batch" else whole
        return calculus.value_and_gradient(point)[0], rounding.value(point)

    def gradient(self, point: Vector, at: int) -> Vector:
        """Return the gradient on the step's own samples."""
        return self._part(at)[0].value_and_gradient(point)[1]

    def gradient_bound(self, point: Vector, at: int) -> list[float]:
        """Return what rounding may add to that gradient."""
        return self._part(at)[1].gradient(point)


@dataclass(frozen=True)
class RuleSteps:
    """Exact steps of a rule on what it sees."""

    objective: StepObjective
    rule: Rule

    @property
    def digits(self) -> int:
        """The digits in which steps are taken."""
        return self.objective.digits

    def value(self, point: Vector, at: int) -> tuple[Any, float]:
        """Return the value recorded before step `at`, and what rounding may add to it."""
        return self.objective.value(point, at)

    def first_state(self) -> State:
        """Return zeros."""
        zeros = (mpmath.mpf(0),) * self.objective.dimension
        return {letter.name: zeros for letter in self.rule.state}

    def advance(self, point: Vector, state: State, at: int, length: Any) -> tuple[Vector, State]:
        """Return the exact next iterate and state; a rule's own step size stands for the length."""
        with working_digits(self.digits + GUARD_DIGITS):
            return rule_step(self.rule, point, self.objective.gradient(point, at), at, state)

    def step(self, point: Vector, state: State, at: int, length: Any) -> Vector:
        """Return the exact next iterate."""
        return self.advance(point, state, at, length)[0]

    def bound(self, point: Vector, state: State, at: int, length: Any) -> Vector:
        """Return the rule's own rounding, and what it makes of the gradient's."""
        row, gradient = self.rule.step[x], self.objective.gradient(point, at)
        of_gradient = function_of_arrays(row.diff(g), (x, g, k, *self.rule.state))
        here = {x: _floats(point), g: _floats(gradient), k: float(at)}
        here |= {letter: _floats(state[letter.name]) for letter in self.rule.state}
        with np.errstate(all="ignore"):
            passes = np.nan_to_num(abs(of_gradient(*here.values())))
            own = rounding_bound(row, here)
        return tuple(own + passes * np.array(self.objective.gradient_bound(point, at)))

    def allows(self, point: Vector, state: State, at: int, length: Any) -> bool:
        """Return whether the recorded length is the rule's step size."""
        expected = self.rule.step_size_at(at)
        return expected is None or bool(abs(length - expected) <= 4 * UNIT * abs(expected))


def _floats(numbers: Vector) -> np.ndarray:
    return np.array([float(number) for number in numbers])


@dataclass(frozen=True)
class MethodSteps:
    """Exact steps along a direction, as far as the run went."""

    calculus: DigitsCalculus
    method: Method

    @property
    def objective(self) -> Objective:
        """What is minimised."""
        return self.calculus.objective

    @cached_property
    def _rounding(self) -> Rounding:
        return rounding_of(self.objective)

    @property
    def digits(self) -> int:
        """The digits in which steps are taken."""
        return self.calculus.digits

    def value(self, point: Vector, at: int) -> tuple[Any, float]:
        """Return the objective's value, and what rounding may add to it."""
        return self.calculus.value_and_gradient(point)[0], self._rounding.value(point)

    def first_state(self) -> State:
        """Return the identity for each remembered matrix."""
        return self.calculus.initial_memory(self.method)

    def towards(self, point: Vector, state: State) -> Vector:
        """Return the exact direction; NaN where the matrix to invert is singular."""
        needs_hessian = self.method.direction.needs_hessian
        hessian = self.calculus.hessian(point) if needs_hessian else None
        gradient = self.calculus.value_and_gradient(point)[1]
        found = self.calculus.direction(self.method, gradient, hessian, state)
        return found or (mpmath.mpf("nan"),) * self.objective.dimension

    def step(self, point: Vector, state: State, at: int, length: Any) -> Vector:
        """Return the exact next iterate, with the length that the run chose."""
        return self.calculus.move(point, length, self.towards(point, state))

    def advance(self, point: Vector, state: State, at: int, length: Any) -> tuple[Vector, State]:
        """Return the exact next iterate, with the length that the run chose, and memory."""
        moved = self.step(point, state, at, length)
        return moved, self._remember(point, state, moved) if state else state

    def _remember(self, point: Vector, state: State, moved: Vector) -> State:
        calculus = self.calculus
        before, after = (calculus.value_and_gradient(each)[1] for each in (point, moved))
        change = calculus.subtract(after, before)
        displacement = calculus.subtract(moved, point)
        if not calculus.dot(displacement, change) > 0:
            return state
        return calculus.remember(self.method, state, displacement, change)

    def bound(self, point: Vector, state: State, at: int, length: Any) -> Vector:
        """Return the rounding of the direction, of its product with the length, and of the sum."""
        towards = self.towards(point, state)
        return tuple(
            abs(length) * (mpmath.mpf(passed) + 2 * UNIT * abs(entry))
            + UNIT * abs(coordinate + length * entry)
            for coordinate, entry, passed in zip(
                point, towards, self._direction_bound(point, state, towards), strict=True
            )
        )

    def _direction_bound(self, point: Vector, state: State, towards: Vector) -> list[Any]:
        passed = self._rounding.gradient(point)
        if self.method.direction.needs_hessian:
            return self._solve_bound(point, towards, passed)
        if not state:
            return passed
        (matrix,) = state.values()
        gradient, size = self.calculus.value_and_gradient(point)[1], len(point)
        residual = [p + size * UNIT * abs(d) for p, d in zip(passed, gradient, strict=True)]
        return [sum(abs(matrix[i, j]) * residual[j] for j in range(size)) for i in range(size)]

    def _solve_bound(self, point: Vector, towards: Vector, passed: list[Any]) -> list[Any]:
        """Bound the error of solving H p = -g: |H^-1| (|dg| + (|dH| + 3n u |H|) |p|).

        Higham 2002, theorem 7.4 and section 9.3, with the growth factor of a small matrix taken
        as one.
        """
        size, inexact = len(point), self._rounding.hessian(point)
        (damping,) = self.method.direction.hyperparameters.values()
        hessian = self.calculus.hessian(point)
        matrix = mpmath.matrix(size, size)
        residual = list(passed)
        for i in range(size):
            for j in range(size):
                entry = hessian[i, j] + (damping if i == j else 0)
                matrix[i, j] = mpmath.mpf(entry._to_mpmath(mpmath.mp.prec))
                rounded = inexact[i, j] + 3 * size * UNIT * abs(matrix[i, j])
                residual[i] += rounded * abs(towards[j])
        inverse = matrix**-1
        return [sum(abs(inverse[i, j]) * residual[j] for j in range(size)) for i in range(size)]

    def allows(self, point: Vector, state: State, at: int, length: Any) -> bool:
        """Check a search's choice exactly: its length passes the test, the one before did not.

        Where the two sides of the test differ by less than their rounding, either choice is right.
        """
        search = self.method.search
        if search.exact:
            return self._is_lowest(point, state, length)
        first = mpmath.mpf(float(search.first_step))
        if search.accept is None:
            return bool(length == first)
        shrink = mpmath.mpf(float(search.shrink))
        passes, slack = self._margin(point, state, at, length)
        if length > first * (1 + shrink) / 2:
            return bool(passes <= slack)
        before, slack_before = self._margin(point, state, at, length / shrink)
        return bool(passes <= slack and before > -slack_before)

    def _margin(self, point: Vector, state: State, at: int, length: Any) -> tuple[Any, Any]:
        """Return left minus right side of the search's test, and what rounding may add to it."""
        calculus, condition = self.calculus, self.condition
        value, gradient = calculus.value_and_gradient(point)
        towards = self.towards(point, state)
        tried = calculus.move(point, length, towards)
        reached, slope_there = calculus.value_and_gradient(tried)
        facts = {
            phi_0: value,
            slope: calculus.dot(gradient, towards),
            square: -calculus.dot(gradient, towards),
            phi_q: reached,
            q: length,
        }
        # The trial point is itself rounded, which moves phi by its slope there times that rounding.
        moved = calculus.dot(tuple(map(abs, slope_there)), self.bound(point, state, at, length))
        slack = self._rounding.value(point) + self._rounding.value(tried) + moved
        slack += 8 * UNIT * (abs(reached) + abs(value) + abs(length * facts[slope]))
        return mpmath.mpf(condition.subs(facts)), slack

    @cached_property
    def condition(self) -> Any:
        """Left minus right side of the search's accept relation."""
        relation: Any = self.method.search.condition
        return relation.lhs - relation.rhs

    def _is_lowest(self, point: Vector, state: State, length: Any) -> bool:
        """Return whether no other length along the line is lower by more than rounding explains."""
        towards = self.towards(point, state)
        domain = domain_of(self.objective.variables)
        best = self.calculus.best_length(point, towards, domain).length
        if best is None:
            return False
        found, lowest = (self.calculus.move(point, each, towards) for each in (length, best))
        slack = self._rounding.value(found) + self._rounding.value(lowest)
        reached, least = (self.calculus.value_and_gradient(each)[0] for each in (found, lowest))
        return bool(reached - least <= slack)
