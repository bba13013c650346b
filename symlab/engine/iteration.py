"""One method, whatever runs it: the loop, written over a calculus that each runner supplies.

The loop knows the method, the calculus its kind of number. It yields a row per recorded iterate
and may end early with a reason; `recording.collect` decides when to stop.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass, replace

from sympy import Integer

from symlab.algebra.alphabet import G, P, S, Y, damping
from symlab.engine.calculus import Calculus, Line, LineStep, Number, Point, Row, State
from symlab.engine.descent import downhill, initial_memory, remember
from symlab.engine.domain import Domain
from symlab.engine.idle_rows import until_idle
from symlab.engine.line_search import search_along
from symlab.engine.recorded_rows import is_finite, recorded
from symlab.engine.run import Run
from symlab.engine.squares_iteration import follow_squares
from symlab.engine.stopping import Ending, left_domain
from symlab.engine.trust_region_iteration import follow_trust_region
from symlab.methods.method import Method
from symlab.methods.rule import Rule
from symlab.methods.searches import MAX_TRIALS
from symlab.methods.squares import SquaresMethod
from symlab.methods.trust_regions import TrustRegion


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
    if isinstance(run.method, SquaresMethod):
        return recorded(follow_squares(calculus, start, run), run)
    if isinstance(run.method, TrustRegion):
        return recorded(follow_trust_region(calculus, start, run), run)
    rows = _rows_of_method(calculus, run.method, start, run)
    if calculus.resolution and run.tolerance > 0:
        rows = until_idle(rows, calculus.resolution)
    return recorded(rows, run)


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
        if not (is_recorded and last is None) and not is_finite(known):
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


@dataclass(frozen=True)
class Place:
    """Where a run along directions is: value and gradient there, and what is remembered.

    Parameters
    ----------
    point : n numbers
    value : number
    gradient : n numbers
    memory : mapping of str to matrix or vector
        Of the direction.
    values : tuple of numbers
        The last values, the newest first, as many as the search remembers.
    shift : number, optional
        What was added to the Hessian in the step that led here; None if the direction never does.
    learnt : bool
        Whether the memory may have learnt anything.
    """

    point: Point
    value: Number
    gradient: Point
    memory: State
    values: tuple[Number, ...]
    shift: Number | None
    learnt: bool = False

    @property
    def state(self) -> State:
        """All that the run remembers, by letter."""
        shift = {} if self.shift is None else {damping.name: (self.shift,)}
        return {**self.memory, **({"F": self.values} if self.values else {}), **shift}


def _rows_of_method(
    calculus: Calculus, method: Method, point: Point, run: Run
) -> Generator[Row, None, Ending]:
    """Yield a row for each iterate; return why there is no next one."""
    k, evaluations, step = 0, 1, LineStep(None, 0)
    place = _first_place(calculus, method, point)
    while True:
        given = (place.point, place.value, place.gradient, step.length, evaluations, place.state)
        yield Row(k, *given, step.tried)
        found = _line(calculus, method, place)
        if isinstance(found, Ending):
            return found
        place, line = found
        step = _step(calculus, method, line, run.domain)
        evaluations += step.trials
        if step.ending is not None:
            if step.ending.cause != "search" or not place.learnt:
                return step.ending
            # A memory along which no step is found is forgotten, in a step of length zero.
            step, k = replace(step, length=calculus.number(Integer(0))), k + 1
            place = replace(place, memory=initial_memory(calculus, method), learnt=False)
            continue
        point = calculus.move(place.point, step.length, line.direction)
        if breach := run.domain.breach(point):
            return left_domain(breach)
        place = _next_place(calculus, method, place, point, line.direction)
        k += 1


def _first_place(calculus: Calculus, method: Method, point: Point) -> Place:
    value, gradient = calculus.value_and_gradient(point)
    values = (value,) * method.search.remembered
    shift = calculus.number(Integer(0)) if method.direction.shifts else None
    return Place(point, value, gradient, initial_memory(calculus, method), values, shift)


def _line(calculus: Calculus, method: Method, place: Place) -> tuple[Place, Line] | Ending:
    """Return the line to search, with the place as its direction leaves it; or why there is none.

    A memory that gave no way down has been forgotten, and a Hessian may have been shifted.
    """
    hessian = calculus.hessian(place.point) if method.direction.needs_hessian else None
    shift = place.shift
    if method.direction.shifts:
        shifted = calculus.shifted(hessian)
        if shifted is None:
            return _singular(method)
        hessian, shift = shifted
    course = downhill(calculus, method, place.gradient, hessian, place.memory)
    if course is None:
        return _singular(method)
    square = calculus.times(course.slope, calculus.number(Integer(-1)))
    highest = max(place.values, default=place.value)
    line = Line(place.point, course.direction, place.value, course.slope, square, highest)
    return replace(place, memory=course.memory, shift=shift), line


def _next_place(
    calculus: Calculus, method: Method, place: Place, point: Point, direction: Point
) -> Place:
    """Return the place at the end of a step along a direction."""
    value, gradient = calculus.value_and_gradient(point)
    memory = place.memory
    if method.direction.memory:
        moved = calculus.subtract(point, place.point)
        changed = calculus.subtract(gradient, place.gradient)
        step = {S: moved, Y: changed, G: gradient, P: direction}
        memory = remember(calculus, method, memory, step)
    values = (value, *place.values)[: method.search.remembered]
    return Place(point, value, gradient, memory, values, place.shift, bool(memory))


def _step(calculus: Calculus, method: Method, line: Line, domain: Domain) -> LineStep:
    """Return the step along a line, or why there is none."""
    if method.search.needs_descent and (ending := _no_descent(method, line.slope)):
        return LineStep(None, 0, ending)
    if method.search.exact:
        return calculus.best_length(line.point, line.direction, domain)
    return search_along(calculus, method.search, line, domain, MAX_TRIALS)


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
