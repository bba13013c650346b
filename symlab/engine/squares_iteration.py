"""Gauss-Newton and Levenberg-Marquardt, whatever runs them: the loops over a sum of squares.

A run ends where the undamped step, which leads to the minimiser of the linear model, changes no
parameter by more than the tolerance of itself. No unit of a parameter changes that test.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass, replace

from sympy import Integer

from symlab.algebra.alphabet import (
    damping,
    decrease,
    foreseen,
    phi_0,
    phi_q,
    radius,
    ratio,
    reach,
)
from symlab.engine.calculus import Calculus, Line, LineStep, Number, Point, Row
from symlab.engine.damped_step import DampedStep
from symlab.engine.line_search import search_along
from symlab.engine.recorded_rows import is_finite
from symlab.engine.region_edge import damped_within
from symlab.engine.run import Run
from symlab.engine.squares_model import LinearModel, Squares
from symlab.engine.stopping import Ending, left_domain
from symlab.methods.searches import MAX_TRIALS, fixed
from symlab.methods.squares import LEAST_DAMPING, RADIUS, RATIO, SHORTER

BLURRED = 16
"""Of the sum's resolution: gains below so many are judged by the next step, not by the value."""

CONTRACTED = 0.9
"""Of a step, what the next one may have as its length where values say nothing.

This is the natural monotonicity test of Deuflhard 2004, section 3.3; rounding enters the gradient
long before it enters the step, so that the last digits come from here.
"""

SINGULAR = Ending("stalled", "the Jacobian has no full rank, so no step is the best", "singular")
UNSEEN = Ending(
    "precision",
    "nothing smaller can be told apart: what a step might gain is within rounding, and the "
    "Jacobian has no full rank, so that other points are as good",
    "small squares",
)
NO_MODEL = Ending("diverged", "the residuals or their Jacobian were not finite there")
IRRATIONAL = Ending("stopped", "the damping that is needed is a root; run with digits=50")
BLUR = Ending("stalled", "neither the sum of squares nor the steps get any smaller", "unchanged")


@dataclass(frozen=True)
class Found:
    """Where a run is, and how it came there.

    Parameters
    ----------
    point : n numbers
    model : LinearModel
        Of the residuals there.
    radius, damping, ratio : number
        The radius of the region for the next step; damping and ratio of the step that led here.
    evaluations : int
    """

    point: Point
    model: LinearModel
    radius: Number
    damping: Number
    ratio: Number
    evaluations: int

    def row(self, k: int, calculus: Calculus, squares: Squares) -> Row:
        """Return the row of a trace."""
        state = {
            damping.name: (self.damping,),
            "ratio": (self.ratio,),
            "radius": (self.radius,),
            "E": self.model.sizes,
        }
        value = calculus.times(squares.factor, self.model.total)
        length = calculus.number(Integer(1)) if k else None
        return Row(k, self.point, value, self.model.gradient, length, self.evaluations, state)


def follow_squares(calculus: Calculus, point: Point, run: Run) -> Generator[Row, None, Ending]:
    """Yield the rows of a run on a sum of squares; return why it ended."""
    method = run.squares_method
    squares = calculus.squares.projected if method.eliminates else calculus.squares
    follow = follow_region if method.search is None else follow_search
    return follow(calculus, squares, point, run)


def follow_region(
    calculus: Calculus, squares: Squares, point: Point, run: Run
) -> Generator[Row, None, Ending]:
    """Yield the rows of a run of Levenberg-Marquardt; return why it ended."""
    model = squares.model(point, None)
    if model is None:
        return NO_MODEL
    settings, zero = run.squares_method.hyperparameters, calculus.number(Integer(0))
    first = calculus.times(calculus.number(settings[radius]), model.first_radius)
    here, k = Found(model.point, model, first, zero, calculus.number(Integer(1)), 1), 0
    while True:
        yield here.row(k, calculus, squares)
        if ending := _settled(calculus, here.point, here.model, model.total, run):
            return ending
        found = _next(calculus, squares, here, run)
        if isinstance(found, Ending):
            return found
        here, k = found, k + 1


def _settled(
    calculus: Calculus, point: Point, model: LinearModel, first: Number, run: Run
) -> Ending | None:
    """Return the ending where no parameter has far to go, or None."""
    if not model.steepness > 0:
        return Ending("converged", "the gradient is zero", "small squares")
    if model.total <= model.floor:
        return Ending("converged", "the residuals are nothing but rounding", "small squares")
    if run.tolerance > 0 and model.total <= run.tolerance**4 * first:
        reason = f"the residuals are {run.tolerance**2:g} of what they were at the start, or less"
        return Ending("converged", reason, "small squares")
    step = model.step(calculus.number(Integer(0)))
    if step is None:
        return UNSEEN if model.steepness <= model.blur else None
    pairs = zip(step.direction, point, strict=True)
    if all(abs(change) <= run.tolerance * abs(size) for change, size in pairs):
        reason = f"the linear model changes no variable by more than {run.tolerance:g} of itself"
        return Ending("converged", reason, "small squares")
    return None


def _longest(calculus: Calculus, model: LinearModel) -> DampedStep | None:
    """Return the step without damping, or with the least where J is of lower rank."""
    undamped = model.step(calculus.number(Integer(0)))
    return undamped or model.step(calculus.number(LEAST_DAMPING))


def _ended_by_rounding(calculus: Calculus, model: LinearModel) -> Ending:
    """Return the ending where no step gains what can be told from rounding."""
    return UNSEEN if model.step(calculus.number(Integer(0))) is None else BLUR


def _next(calculus: Calculus, squares: Squares, here: Found, run: Run) -> Found | Ending:
    """Return the place after the next step that is taken, or why there is none."""
    longest = _longest(calculus, here.model)
    if longest is not None and longest.foreseen <= BLURRED * here.model.resolution:
        found = _contracted(calculus, squares, (here.point, here.model, longest), run)
        if found is None:
            return _ended_by_rounding(calculus, here.model)
        zero, one = (calculus.number(Integer(number)) for number in (0, 1))
        return Found(*found, here.radius, zero, one, here.evaluations + 1)
    for _ in range(MAX_TRIALS):
        bounded = _bounded(calculus, squares, here)
        if isinstance(bounded, Ending):
            return bounded
        tried = _tried(calculus, squares, here, bounded, run)
        if tried.model is not here.model:
            return tried
        if bounded[1].foreseen <= here.model.resolution:
            return _ended_by_rounding(calculus, here.model)
        here = tried
    return Ending("stalled", f"no step was taken in {MAX_TRIALS} trials", "search")


def _tried(
    calculus: Calculus,
    squares: Squares,
    here: Found,
    bounded: tuple[Number, DampedStep],
    run: Run,
) -> Found:
    """Return the end of a step where it gains enough; else the same place with another radius."""
    chosen, step = bounded
    tried = calculus.move(here.point, calculus.number(Integer(1)), step.direction)
    total = squares.total(tried) if run.domain.holds(tried) else math.inf
    known = {
        phi_0: here.model.total,
        phi_q: total,
        foreseen: step.foreseen,
        reach: step.reach,
        radius: here.radius,
        damping: chosen,
    }
    stays = replace(here, evaluations=here.evaluations + 1)
    if not is_finite((total,)):
        return replace(stays, radius=calculus.evaluate(SHORTER, known))
    gained = calculus.evaluate(RATIO, known)
    size = calculus.evaluate(RADIUS, {**known, ratio: gained})
    least = calculus.number(run.squares_method.hyperparameters[decrease])
    model = squares.model(tried, here.model.sizes) if gained > least else None
    if model is None:
        return replace(stays, radius=size)
    return Found(model.point, model, size, chosen, gained, stays.evaluations)


def _contracted(
    calculus: Calculus, squares: Squares, at: tuple[Point, LinearModel, DampedStep], run: Run
) -> tuple[Point, LinearModel] | None:
    """Return the end of a whole step and the model there, if the next step is a shorter one."""
    point, before, step = at
    tried = calculus.move(point, calculus.number(Integer(1)), step.direction)
    model = squares.model(tried, before.sizes) if run.domain.holds(tried) else None
    following = None if model is None else _longest(calculus, model)
    if model is None or following is None or not following.reach <= CONTRACTED * step.reach:
        return None
    return model.point, model


def _bounded(
    calculus: Calculus, squares: Squares, here: Found
) -> tuple[Number, DampedStep] | Ending:
    """Return the least damping that keeps a step in the region, and that step."""
    first = calculus.number(Integer(0))
    if here.model.step(first) is None:
        first = calculus.number(LEAST_DAMPING)
    found = damped_within(
        calculus, here.model.step, first, here.radius, takes_roots=squares.takes_roots
    )
    if found is None:
        return IRRATIONAL
    chosen, step = found
    return SINGULAR if step is None else (chosen, step)


def follow_search(
    calculus: Calculus, squares: Squares, point: Point, run: Run
) -> Generator[Row, None, Ending]:
    """Yield the rows of a run of Gauss-Newton; return why it ended."""
    model = squares.model(point, None)
    if model is None:
        return NO_MODEL
    k, evaluations, first, taken = 0, 1, model.total, LineStep(None, 0)
    while True:
        value = calculus.times(squares.factor, model.total)
        yield Row(k, point, value, model.gradient, taken.length, evaluations, {}, taken.tried)
        if ending := _settled(calculus, point, model, first, run):
            return ending
        found = _searched(calculus, squares, (point, model), run)
        if isinstance(found, Ending):
            return found
        point, model, taken = found
        k, evaluations = k + 1, evaluations + taken.trials


def _searched(
    calculus: Calculus, squares: Squares, at: tuple[Point, LinearModel], run: Run
) -> tuple[Point, LinearModel, LineStep] | Ending:
    """Return the next point, the model there, and the step along the line; or why there is none."""
    point, model = at
    step = model.step(calculus.number(Integer(0)))
    if step is None:
        return SINGULAR
    taken = _length(calculus, squares, (point, model, step), run)
    if taken.ending is not None:
        return taken.ending
    moved = calculus.move(point, taken.length, step.direction)
    if breach := run.domain.breach(moved):
        return left_domain(breach)
    after = squares.model(moved, None)
    return NO_MODEL if after is None else (moved, after, taken)


def _length(
    calculus: Calculus, squares: Squares, at: tuple[Point, LinearModel, DampedStep], run: Run
) -> LineStep:
    """Return the length of a step: as the search has it, or full where values say nothing."""
    point, model, step = at
    one = calculus.number(Integer(1))
    if step.foreseen <= BLURRED * model.resolution:
        found = _contracted(calculus, squares, at, run)
        return LineStep(None, 1, BLUR) if found is None else LineStep(one, 1)
    slope = calculus.dot(model.gradient, step.direction)
    square = calculus.times(slope, calculus.number(Integer(-1)))
    value = calculus.value(point)
    line = Line(point, step.direction, value, slope, square, value)
    search = run.squares_method.search or fixed
    if search.exact:
        return calculus.best_length(point, step.direction, run.domain)
    return search_along(calculus, search, line, run.domain, MAX_TRIALS)
