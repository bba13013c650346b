"""One exact step along a direction, and whether the search might take its length."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import mpmath
from sympy import Abs, Expr, Matrix, Symbol

from symlab.algebra.alphabet import (
    G,
    P,
    S,
    Y,
    damping,
    phi_0,
    phi_max,
    phi_q,
    q,
    slope,
    slope_q,
    square,
)
from symlab.algebra.error_bound import UNIT
from symlab.algebra.objective import Objective
from symlab.engine.calculus import Line
from symlab.engine.descent import Course, downhill, initial_memory, known_pairs, remember
from symlab.engine.domain import domain_of
from symlab.engine.exact.digits import DigitsCalculus
from symlab.engine.line_search import search_along
from symlab.engine.rounding import RESOLUTION, Rounding, Vector, rounding_of
from symlab.lab.compare.direction_bounds import loops_bound, product_bound, solve_bound
from symlab.methods.method import Method
from symlab.methods.searches import MAX_TRIALS

State = Mapping[str, Any]


@dataclass(frozen=True)
class Tried:
    """What a search measures at a trial step, and what rounding may add.

    Parameters
    ----------
    facts : mapping of symbol to number
    of_value : number
        Rounding of what is compared, where the values are.
    between_slopes : callable
        Returns that where slopes are compared, which few steps ask for.
    line : Line
        Along which the step is taken.
    """

    facts: Mapping[Symbol, Any]
    of_value: Any
    between_slopes: Callable[[], Any]
    line: Line

    @cached_property
    def of_slope(self) -> Any:
        """Rounding of what is compared, where the slopes are."""
        return self.between_slopes()

    def excess(self, relation: Any) -> Any:
        """Return by how much a relation is missed; it holds where this is at most zero."""
        gap: Expr = relation.gts - relation.lts
        return -mpmath.mpf(gap.subs(self.facts))

    def slack(self, relation: Any) -> Any:
        """Return what rounding may add to the two sides of a relation."""
        return self.of_slope if relation.has(slope_q) else self.of_value


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
        """Return what the direction remembers before the first step."""
        return initial_memory(self.calculus, self.method)

    def course(self, point: Vector, state: State) -> Course | None:
        """Return the exact direction with the memory that gave it; None for a singular matrix."""
        gradient = self.calculus.value_and_gradient(point)[1]
        memory = {name: state[name] for name in self.first_state()}
        return downhill(self.calculus, self.method, gradient, self._hessian(point), memory)

    def _hessian(self, point: Vector) -> Matrix | None:
        """Return the Hessian that the direction reads, shifted where it shifts it."""
        if not self.method.direction.needs_hessian:
            return None
        hessian = self.calculus.hessian(point)
        if not self.method.direction.shifts:
            return hessian
        shifted = self.calculus.shifted(hessian)
        return hessian if shifted is None else shifted[0]

    def towards(self, point: Vector, state: State) -> Vector:
        """Return the exact direction; NaN where the matrix to invert is singular."""
        course = self.course(point, state)
        return (mpmath.mpf("nan"),) * len(point) if course is None else course.direction

    def step(self, point: Vector, state: State, at: int, length: Any) -> Vector:
        """Return the exact next iterate, with the length that the run chose."""
        return self.calculus.move(point, length, self.towards(point, state))

    def advance(self, point: Vector, state: State, at: int, length: Any) -> tuple[Vector, State]:
        """Return the exact next iterate, with the length that the run chose, and memory."""
        course = self.course(point, state)
        if course is None:
            return self.step(point, state, at, length), state
        calculus, moved = self.calculus, self.calculus.move(point, length, course.direction)
        if not course.memory:
            return moved, course.memory
        before, after = (calculus.value_and_gradient(each)[1] for each in (point, moved))
        steps = {S: calculus.subtract(moved, point), Y: calculus.subtract(after, before)}
        taken = {**steps, G: after, P: course.direction}
        return moved, remember(calculus, self.method, course.memory, taken)

    def bound(self, point: Vector, state: State, at: int, length: Any) -> Vector:
        """Return the rounding of the direction, of its product with the length, and of the sum."""
        course = self.course(point, state)
        if course is None:
            return (mpmath.mpf("nan"),) * len(point)
        return tuple(
            abs(length) * (mpmath.mpf(passed) + 2 * UNIT * abs(entry))
            + UNIT * abs(coordinate + length * entry)
            for coordinate, entry, passed in zip(
                point, course.direction, self._direction_bound(point, course), strict=True
            )
        )

    def _direction_bound(self, point: Vector, course: Course) -> list[Any]:
        direction, passed = self.method.direction, self._rounding.gradient(point)
        gradient = self.calculus.value_and_gradient(point)[1]
        if direction.needs_hessian:
            return solve_bound(
                self._matrix(point), self._rounding.hessian(point), course.direction, passed
            )
        if direction.recent:
            return loops_bound(known_pairs(self.calculus, course.memory), gradient, passed)
        if not course.memory:
            return passed
        (known,) = course.memory.values()
        if isinstance(known, tuple):  # P = -G + D: a vector is added
            return [p + UNIT * abs(e) for p, e in zip(passed, course.direction, strict=True)]
        return product_bound(known, gradient, passed)

    def _matrix(self, point: Vector) -> Matrix:
        """Return the matrix that the direction inverts."""
        added = self.method.direction.hyperparameters.get(damping, 0)
        hessian: Any = self._hessian(point)
        return hessian + added * Matrix.eye(len(point))

    def allows(self, point: Vector, state: State, at: int, length: Any) -> bool:
        """Check a search's choice exactly: its length passes every test.

        Where a search only shortens its steps, the length before must not have passed. Where the
        two sides of a test differ by less than their rounding, either choice is right.
        """
        search = self.method.search
        if length == 0:
            return bool(self.method.direction.memory)  # it was forgotten, and no step taken
        if search.exact:
            return self._is_lowest(point, state, length)
        first = mpmath.mpf(float(search.first_step))
        if search.accept is None:
            return bool(length == first)
        both = (search.condition, search.second_condition)
        relations = [relation for relation in both if relation is not None]
        tried = self._tried(point, state, at, length)
        if missed := [each for each in relations if tried.excess(each) > tried.slack(each)]:
            last = missed == relations[1:] and search.reads_slope and self._is_last(tried, state)
            return last or self._is_by_slopes(tried)
        shrink = mpmath.mpf(float(search.shrink))
        if search.also is not None or length > first * (1 + shrink) / 2:
            return True
        before = self._tried(point, state, at, length / shrink)
        return bool(before.excess(search.condition) > -before.slack(search.condition))

    def _is_by_slopes(self, tried: Tried) -> bool:
        """Return whether the values differ by rounding alone, and the slopes pass in their place.

        Floats are rounded twice more than the exact values whose difference is seen here.
        """
        facts, relations = tried.facts, self.method.search.by_slopes
        unseen = abs(facts[phi_q] - facts[phi_0]) <= 2 * RESOLUTION * abs(facts[phi_0])
        return bool(relations and unseen) and all(
            tried.excess(each) <= tried.slack(each) for each in relations
        )

    def _is_last(self, tried: Tried, state: State) -> bool:
        """Return whether a step that is not flat enough is the best that the search can find.

        The exact search finds no flat one either, or none that is lower by more than rounding.
        """
        domain = domain_of(self.objective.variables)
        found = search_along(self.calculus, self.method.search, tried.line, domain, MAX_TRIALS)
        if found.length is None:
            return False
        exact = self._tried(tried.line.point, state, 0, found.length)
        if exact.excess(self.method.search.second_condition) > 0:
            return True
        return bool(tried.facts[phi_q] - exact.facts[phi_q] <= tried.of_value)

    def _tried(self, point: Vector, state: State, at: int, length: Any) -> Tried:
        """Return what the search measures at a length."""
        calculus = self.calculus
        value, gradient = calculus.value_and_gradient(point)
        towards = self.towards(point, state)
        tried = calculus.move(point, length, towards)
        reached, gradient_there = calculus.value_and_gradient(tried)
        facts = {
            phi_0: value,
            phi_max: max(state.get("F", (value,))),
            slope: calculus.dot(gradient, towards),
            square: -calculus.dot(gradient, towards),
            phi_q: reached,
            q: length,
            slope_q: calculus.dot(gradient_there, towards),
        }
        # The trial point is itself rounded, which moves phi by its slope there times that rounding.
        apart = self.bound(point, state, at, length)
        moved = calculus.dot(tuple(map(abs, gradient_there)), apart)
        slack = self._rounding.value(point) + self._rounding.value(tried) + moved
        slack += 8 * UNIT * (abs(reached) + abs(facts[phi_max]) + abs(length * facts[slope]))
        known = (value, facts[slope], facts[square], facts[phi_max])
        line = Line(point, towards, *known)
        between = partial(self._slope_slack, point, tried, towards, apart)
        return Tried(facts, slack, between, line)

    def _slope_slack(self, point: Vector, tried: Vector, towards: Vector, apart: Vector) -> Any:
        """Return what rounding may add to the slopes at both ends of a step.

        That of the gradients, of the products, and the curvature times how far off the point is.
        """
        calculus, sizes = self.calculus, tuple(map(abs, towards))
        ends = (point, tried)
        passed = sum(calculus.dot(tuple(self._rounding.gradient(each)), sizes) for each in ends)
        sums = sum(
            calculus.dot(tuple(map(abs, calculus.value_and_gradient(each)[1])), sizes)
            for each in ends
        )
        bent = calculus.hessian(tried).applyfunc(Abs) * Matrix(calculus.column(apart))
        curved = calculus.dot(tuple(map(mpmath.mpf, bent)), sizes)
        return passed + 4 * len(point) * UNIT * sums + curved

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
