"""One method, whatever runs it: the loop, written over a calculus that each runner supplies.

A calculus does arithmetic in one kind of number (exact, n-digit or float64); the loop knows the
method. It yields a row per recorded iterate and may end early with a reason; `recording.collect`
decides when to stop.
"""

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from sympy import Expr, S, Symbol

from symlab.engine.domain import Domain
from symlab.engine.run import Run
from symlab.engine.stopping import Ending, left_domain
from symlab.methods.method import Method
from symlab.methods.rule import Rule
from symlab.methods.searches import MAX_TRIALS, Search

Point = Any
Number = Any
State = Mapping[str, Any]


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
class Line:
    """The line from a point along a direction, and what is known of the objective at its start.

    Parameters
    ----------
    point, direction : n numbers
    value, slope : number
        Of the objective along the line, at the point.
    square : number
        Minus the slope: along steepest descent the squared length of the gradient.
    """

    point: Point
    direction: Point
    value: Number
    slope: Number
    square: Number


@dataclass(frozen=True)
class LineStep:
    """The length of a step along a line, and how many trials it took; None where none was found."""

    length: Number | None
    trials: int
    ending: Ending | None = None


class Calculus(Protocol):
    """What a runner must be able to compute, in its own kind of number."""

    def number(self, exact: Expr) -> Number:
        """Turn an exact SymPy number into the runner's kind."""

    def value_and_gradient(self, point: Point) -> tuple[Number, Point]:
        """Return value and gradient at a point."""

    def value(self, point: Point) -> Number:
        """Return the objective at a point."""

    def batch_value_and_gradient(self, point: Point, batch: np.ndarray) -> tuple[Number, Point]:
        """Return value and gradient of an empirical risk on some of its samples."""

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

    def trial(self, search: Search, line: Line, length: Number) -> tuple[Number, bool]:
        """Return the objective at a trial length, and whether the search accepts it."""

    def best_length(self, point: Point, direction: Point, domain: Domain) -> LineStep:
        """Return the step that minimises the objective along a line, within the domain."""


def follow(calculus: Calculus, start: Point, run: Run) -> Generator[Row, None, Ending]:
    """Yield the rows of a run, one per recorded iterate, without end; return why it cannot go on.

    Parameters
    ----------
    calculus : Calculus
    start : n numbers
        The first iterate, in the calculus's own numbers.
    run : Run
    """
    if isinstance(run.method, Rule):
        return _follow_rule(calculus, run.method, start, run)
    return _follow_method(calculus, run.method, start, run)


def _follow_rule(
    calculus: Calculus, rule: Rule, point: Point, run: Run
) -> Generator[Row, None, Ending]:
    k, state = 0, calculus.initial_state(rule.state)
    last: Row | None = None
    while True:
        value, gradient = _value_and_gradient(calculus, point, k, run)
        size = rule.step_size_at(k - 1) if k else None
        length = None if size is None else calculus.number(size)
        row = Row(k, point, value, gradient, length, k + 1, state)
        known = point if value is None else (*point, value)
        is_recorded = run.records(k)
        if not (is_recorded and last is None) and not _is_finite(known):
            # The run ends here, so that its last finite iterate is worth a row.
            if last is not None:
                yield replace(last, value=_value(calculus, last.point, last.k, run))
            yield replace(row, value=_value(calculus, point, k, run))
        elif is_recorded:
            yield row
        last = None if is_recorded else row
        point, state = calculus.apply_rule(rule, point, gradient, k, state)
        if breach := run.domain.breach(point):
            if last is not None:
                yield replace(last, value=_value(calculus, last.point, last.k, run))
            return left_domain(breach)
        k += 1


def _value_and_gradient(
    calculus: Calculus, point: Point, k: int, run: Run
) -> tuple[Number | None, Point]:
    """Return the value to be recorded, if it is, and the gradient that the step takes."""
    batch = run.batch(k)
    if batch is None:
        return calculus.value_and_gradient(point)
    value, gradient = calculus.batch_value_and_gradient(point, batch)
    if not run.records(k):
        return None, gradient
    return value if run.record == "batch" else calculus.value(point), gradient


def _value(calculus: Calculus, point: Point, k: int, run: Run) -> Number:
    """Return what is recorded as the value of the k-th iterate."""
    batch = run.batch(k) if run.record == "batch" else None
    if batch is None:
        return calculus.value(point)
    return calculus.batch_value_and_gradient(point, batch)[0]


def _is_finite(point: Point) -> bool:
    try:
        return all(math.isfinite(float(coordinate)) for coordinate in point)
    except (OverflowError, TypeError):
        return False


def _follow_method(
    calculus: Calculus, method: Method, point: Point, run: Run
) -> Generator[Row, None, Ending]:
    """Yield the rows that are to be recorded, and the last finite one whichever it is."""
    rows, last = _rows_of_method(calculus, method, point, run), None
    while True:
        try:
            row = next(rows)
        except StopIteration as stop:
            if last is not None:
                yield last
            return stop.value
        recorded = run.records(row.k)
        ends = not (recorded and last is None) and not _is_finite((*row.point, row.value))
        if ends and last is not None:
            yield last
        if ends or recorded:
            yield row
        last = None if recorded else row


def _rows_of_method(
    calculus: Calculus, method: Method, point: Point, run: Run
) -> Generator[Row, None, Ending]:
    """Yield a row for each iterate; return why there is no next one."""
    k, memory, length, evaluations = 0, calculus.initial_memory(method), None, 1
    value, gradient = calculus.value_and_gradient(point)
    while True:
        yield Row(k, point, value, gradient, length, evaluations, memory)
        hessian = calculus.hessian(point) if method.direction.needs_hessian else None
        towards = calculus.direction(method, gradient, hessian, memory)
        if towards is None:
            return _singular(method)
        slope = calculus.dot(gradient, towards)
        line = Line(point, towards, value, slope, calculus.times(slope, calculus.number(-S.One)))
        step = _step(calculus, method, line, run.domain)
        if step.ending is not None:
            return step.ending
        before, length = (point, gradient), step.length
        point = calculus.move(point, length, towards)
        if breach := run.domain.breach(point):
            return left_domain(breach)
        value, gradient = calculus.value_and_gradient(point)
        evaluations += step.trials
        moved, changed = calculus.subtract(point, before[0]), calculus.subtract(gradient, before[1])
        # BFGS stays positive definite only where the curvature along the step is positive.
        if method.direction.memory and calculus.dot(moved, changed) > 0:
            memory = calculus.remember(method, memory, moved, changed)
        k += 1


def _step(calculus: Calculus, method: Method, line: Line, domain: Domain) -> LineStep:
    """Return the step along a line, or why there is none."""
    if method.search.needs_descent and (ending := _no_descent(method, line.slope)):
        return LineStep(None, 0, ending)
    if method.search.exact:
        return calculus.best_length(line.point, line.direction, domain)
    return _search(calculus, method.search, line, domain)


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


def _search(calculus: Calculus, search: Search, line: Line, domain: Domain) -> LineStep:
    """Return the first length that a search accepts, from its longest downwards."""
    length = calculus.number(search.first_step)
    if search.accept is None:
        return LineStep(length, 1)
    shrink = calculus.number(search.shrink)
    for trials in range(1, MAX_TRIALS + 1):
        is_inside = domain.holds(calculus.move(line.point, length, line.direction))
        if is_inside and calculus.trial(search, line, length)[1]:
            return LineStep(length, trials)
        length = calculus.times(length, shrink)
    reason = f"{search.name} accepted none of {MAX_TRIALS} trial steps"
    return LineStep(None, MAX_TRIALS, Ending("stalled", reason, "search"))
