"""One method, whatever runs it: the loop, written over a calculus that each runner supplies.

A calculus knows numbers of one kind (exact, n-digit or float64) and what to do with them; the loop
knows the method. It yields a row per iterate and may end early with a reason; who collects the rows
decides when to stop.
"""

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Protocol

import numpy as np
from sympy import Expr, S, Symbol

from symlab.engine.batches import Batches
from symlab.engine.domain import EVERYWHERE, Domain
from symlab.methods.method import Method
from symlab.methods.rule import Rule
from symlab.methods.searches import MAX_TRIALS, Search

Point = Any
Number = Any
State = Mapping[str, Any]


@dataclass(frozen=True)
class Plan:
    """Which steps a run takes, on which samples, and which iterates it records.

    Parameters
    ----------
    max_steps : int
    every : int
        Iterates recorded: each `every`-th, and the last.
    batches : Batches or array of int, shape (max_steps + 1, batch size), optional
        The samples of each step's gradient; all of them where there is none. The last row is for
        the gradient at the last iterate, from which no step is taken.
    domain : Domain
        Where iterates and trials may lie.
    """

    max_steps: int
    every: int = 1
    batches: Batches | np.ndarray | None = None
    domain: Domain = EVERYWHERE

    def records(self, k: int) -> bool:
        """Return whether the k-th iterate is recorded."""
        return k % self.every == 0 or k >= self.max_steps

    def batch(self, k: int) -> np.ndarray | None:
        """Return the samples of the gradient at the k-th iterate."""
        return None if self.batches is None else self.batches[min(k, self.max_steps)]


@dataclass(frozen=True)
class Row:
    """An iterate: where, the value and gradient there, and what led to it."""

    k: int
    point: Point
    value: Number
    gradient: Point
    step_size: Number
    evaluations: int
    state: State


@dataclass(frozen=True)
class Ending:
    """Why a run cannot go on: a status of `Trace` and a sentence.

    Parameters
    ----------
    status, message : str
    cause : str
        What the run ran into, where a look at the place can say more: see
        `symlab.engine.ending.ending`.
    error : Exception, optional
        What the callback raised.
    """

    status: str
    message: str
    cause: str = ""
    error: Exception | None = None


LEFT = "left"
"""The cause of an ending at an iterate that is no longer part of the run."""


@dataclass(frozen=True)
class Step:
    """A step along a direction, and its number of trials; no length where none was found."""

    length: Number | None
    trials: int
    ending: Ending | None = None


class Calculus(Protocol):
    """What a runner must be able to compute, in its own kind of number."""

    def number(self, exact: Expr) -> Number:
        """Turn an exact SymPy number into the runner's kind."""

    def look(self, point: Point) -> tuple[Number, Point]:
        """Return value and gradient at a point."""

    def value(self, point: Point) -> Number:
        """Return the objective at a point."""

    def batch_gradient(self, point: Point, batch: np.ndarray) -> Point:
        """Return the gradient of an empirical risk on some of its samples."""

    def hessian(self, point: Point) -> Any:
        """Return the matrix of second derivatives at a point."""

    def initial_state(self, letters: tuple[Symbol, ...]) -> State:
        """Return zeros for each letter of a rule's state."""

    def apply_rule(
        self, rule: Rule, point: Point, gradient: Point, k: int, state: State
    ) -> tuple[Point, State]:
        """Return the next iterate and state."""

    def initial_memory(self, method: Method) -> State:
        """Return the identity for each matrix that a direction remembers."""

    def direction(
        self, method: Method, gradient: Point, hessian: Any, memory: State
    ) -> Point | None:
        """Return the direction, or None where the matrix to invert is singular."""

    def remember(self, method: Method, memory: State, displacement: Point, change: Point) -> State:
        """Return the updated memory."""

    def move(self, point: Point, length: Number, direction: Point) -> Point:
        """Return point + length * direction."""

    def times(self, left: Number, right: Number) -> Number:
        """Return the product of two numbers."""

    def subtract(self, left: Point, right: Point) -> Point:
        """Return left - right."""

    def dot(self, left: Point, right: Point) -> Number:
        """Return the inner product."""

    def trial(
        self, search: Search, point: Point, direction: Point, length: Number, facts: tuple
    ) -> tuple[Number, bool]:
        """Return phi at a trial length, and whether the search accepts it."""

    def best_length(self, point: Point, direction: Point, domain: Domain) -> Step:
        """Return the step that minimises the objective on the ray, within the domain."""


def follow(
    calculus: Calculus, method: Rule | Method, start: Point, plan: Plan
) -> Generator[Row, None, Ending]:
    """Return the rows of a run from `start`, one per recorded iterate, without end."""
    if isinstance(method, Rule):
        return _follow_rule(calculus, method, start, plan)
    return _follow_method(calculus, method, start, plan)


def _follow_rule(
    calculus: Calculus, rule: Rule, point: Point, plan: Plan
) -> Generator[Row, None, Ending]:
    state = calculus.initial_state(rule.state)
    last: Row | None = None
    for k in count():
        batch = plan.batch(k)
        if batch is None:
            value, gradient = calculus.look(point)
        else:
            gradient = calculus.batch_gradient(point, batch)
            value = calculus.value(point) if plan.records(k) else None
        size = rule.step_size_at(k - 1) if k else None
        length = None if size is None else calculus.number(size)
        row = Row(k, point, value, gradient, length, k + 1, state)
        known = point if value is None else (*point, value)
        if plan.records(k):
            yield row
        elif last is not None and not _is_finite(known):
            # The run ends here, so that its last finite iterate is worth a row.
            yield replace(last, value=calculus.value(last.point))
            yield replace(row, value=calculus.value(point))
        last = None if plan.records(k) else row
        point, state = calculus.apply_rule(rule, point, gradient, k, state)
        if breach := plan.domain.breach(point):
            if last is not None:
                yield replace(last, value=calculus.value(last.point))
            return left_domain(breach)
    raise AssertionError("count() does not end")


def _is_finite(point: Point) -> bool:
    try:
        return all(math.isfinite(float(coordinate)) for coordinate in point)
    except (OverflowError, TypeError):
        return False


def _follow_method(
    calculus: Calculus, method: Method, point: Point, plan: Plan
) -> Generator[Row, None, Ending]:
    memory, length, evaluations = calculus.initial_memory(method), None, 1
    value, gradient = calculus.look(point)
    for k in count():
        if plan.records(k):
            yield Row(k, point, value, gradient, length, evaluations, memory)
        hessian = calculus.hessian(point) if method.direction.needs_hessian else None
        towards = calculus.direction(method, gradient, hessian, memory)
        step = _step(calculus, method, (point, value, gradient, towards), plan.domain)
        if step.ending is not None:
            return step.ending
        before, length = (point, gradient), step.length
        point = calculus.move(point, length, towards)
        if breach := plan.domain.breach(point):
            return left_domain(breach)
        value, gradient = calculus.look(point)
        evaluations += step.trials
        moved, changed = calculus.subtract(point, before[0]), calculus.subtract(gradient, before[1])
        # BFGS stays positive definite only where the curvature along the step is positive.
        if method.direction.memory and calculus.dot(moved, changed) > 0:
            memory = calculus.remember(method, memory, moved, changed)
    raise AssertionError("count() does not end")


def left_domain(breach: str) -> Ending:
    """Return the ending of a run whose next iterate breaks an assumption."""
    return Ending("diverged", f"the next iterate left the domain: {breach}", LEFT)


def _step(calculus: Calculus, method: Method, facts: tuple, domain: Domain) -> Step:
    """Return the step along a direction, or why there is none; facts are what is known there."""
    point, value, gradient, towards = facts
    if towards is None:
        return Step(None, 0, _singular(method))
    slope = calculus.dot(gradient, towards)
    if method.search.needs_descent and (ending := _no_descent(method, slope)):
        return Step(None, 0, ending)
    against = calculus.times(slope, calculus.number(S.NegativeOne))
    return _search(calculus, method.search, (point, towards), (value, slope, against), domain)


def _singular(method: Method) -> Ending:
    reason = f"the matrix that {method.direction.name} must invert is singular"
    return Ending("stalled", reason, "singular")


def _no_descent(method: Method, slope: Number) -> Ending | None:
    """Return why a search cannot go along a direction of this slope, or None where it can."""
    if slope < 0 and slope > -math.inf:
        return None
    if slope >= 0 and slope < math.inf:
        reason = f"{method.direction.name} gives no descent direction there"
        return Ending("stalled", reason, "climbs")
    return Ending("diverged", "the slope along the direction overflowed there")


def _search(
    calculus: Calculus, search: Search, ray: tuple[Point, Point], facts: tuple, domain: Domain
) -> Step:
    point, towards = ray
    if search.exact:
        return calculus.best_length(point, towards, domain)
    length = calculus.number(search.first_step)
    if search.accept is None:
        return Step(length, 1)
    shrink = calculus.number(search.shrink)
    for trials in range(1, MAX_TRIALS + 1):
        inside = domain.holds(calculus.move(point, length, towards))
        if inside and calculus.trial(search, point, towards, length, facts)[1]:
            return Step(length, trials)
        length = calculus.times(length, shrink)
    reason = f"{search.name} accepted none of {MAX_TRIALS} trial steps"
    return Step(None, MAX_TRIALS, Ending("stalled", reason, "search"))
