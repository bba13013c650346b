"""Trust regions, whatever runs them: the loop over quadratic models.

A run ends where the gradient is small and no curvature negative, or where Newton's step changes no
variable by more than the tolerance of itself. Near the end, where a value no longer shows what a
step gains, a step is judged by the next one.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass, replace

from sympy import Integer

from symlab.algebra.alphabet import (
    curvature,
    damping,
    decrease,
    foreseen,
    largest,
    phi_0,
    phi_q,
    radius,
    ratio,
    reach,
    square,
)
from symlab.engine.calculus import Calculus, Number, Point, Row
from symlab.engine.damped_step import DampedStep
from symlab.engine.quadratic_model import Quadratic
from symlab.engine.recorded_rows import is_finite
from symlab.engine.recording import floats, length
from symlab.engine.run import Run
from symlab.engine.squares_iteration import BLURRED, CONTRACTED
from symlab.engine.stopping import Ending, small_gradient
from symlab.engine.trust_region_steps import ROOT, RegionStep, bounded_step
from symlab.methods.searches import MAX_TRIALS
from symlab.methods.squares import RATIO
from symlab.methods.trust_regions import RADIUS, SHORTER, UNIT

NO_MODEL = Ending("diverged", "the gradient or the Hessian was not finite there")
IRRATIONAL = Ending("stopped", "the step that is needed is made of roots; run with digits=50")
UNSEEN = Ending(
    "precision",
    "nothing smaller can be told apart: what a step might gain is within rounding, and the Hessian "
    "is singular, so that other points are as good",
    "small squares",
)
BLUR = Ending("stalled", "neither the value nor the steps get any smaller", "unchanged")


@dataclass(frozen=True)
class Led:
    """A step that was taken: its damping, length, gain ratio, and whether it ended at the edge."""

    damping: Number
    reach: Number
    ratio: Number
    is_at_edge: bool = False


@dataclass(frozen=True)
class Place:
    """Where a run is, and how it came there.

    Parameters
    ----------
    point : n numbers
    value : number
    gradient : n numbers
    model : Quadratic
    radius : number
        Of the region for the next step.
    led : Led
        The step that led here.
    evaluations : int
    """

    point: Point
    value: Number
    gradient: Point
    model: Quadratic
    radius: Number
    led: Led
    evaluations: int

    def row(self, k: int, calculus: Calculus) -> Row:
        """Return the row of a trace."""
        state = {
            damping.name: (self.led.damping,),
            "ratio": (self.led.ratio,),
            "radius": (self.radius,),
            "reach": (self.led.reach,),
            "edge": (calculus.number(Integer(self.led.is_at_edge)),),
            "indefinite": (calculus.number(Integer(self.model.is_indefinite)),),
            "E": self.model.sizes,
        }
        size = calculus.number(Integer(1)) if k else None
        return Row(k, self.point, self.value, self.gradient, size, self.evaluations, state)


def follow_trust_region(calculus: Calculus, point: Point, run: Run) -> Generator[Row, None, Ending]:
    """Yield the rows of a run of a trust region; return why it ended."""
    found, k = _first_place(calculus, point, run), 0
    if found is None:
        yield Row(k, point, *calculus.value_and_gradient(point), None, 1, {})
        return NO_MODEL
    here, most = found
    while True:
        yield here.row(k, calculus)
        if ending := _settled(calculus, here, run):
            return ending
        after = _next(calculus, here, most, run)
        if isinstance(after, Ending):
            return after
        here, k = after, k + 1


def _first_place(calculus: Calculus, point: Point, run: Run) -> tuple[Place, Number] | None:
    """Return the start and the largest radius, or None where there is no model."""
    value, gradient = calculus.value_and_gradient(point)
    model = _model(calculus, (point, gradient), None, run)
    if model is None:
        return None
    unit, settings = _unit(calculus, model, point), run.trust_region.hyperparameters
    first = calculus.times(unit, calculus.number(settings[radius]))
    most = calculus.times(unit, calculus.number(settings[largest]))
    zero, one = (calculus.number(Integer(number)) for number in (0, 1))
    return Place(point, value, gradient, model, first, Led(zero, zero, one), 1), most


def _model(
    calculus: Calculus, at: tuple[Point, Point], earlier: Point | None, run: Run
) -> Quadratic | None:
    """Return the model at a point with its gradient; None where it is not finite."""
    point, gradient = at
    found = calculus.quadratic(gradient, calculus.hessian(point), earlier)
    return found if found is None or run.trust_region.is_scaled else found.unscaled


def _unit(calculus: Calculus, model: Quadratic, point: Point) -> Number:
    """Return the unit of the radii; where the gradient is zero, the size of the start, or 1."""
    if model.steepness > 0:
        bent = model.curved(model.steepest, model.steepest)
        return calculus.evaluate(UNIT, {square: model.steepness, curvature: bent})
    size = calculus.evaluate(ROOT, {square: model.inner(point, point)})
    return size if size > 0 else calculus.number(Integer(1))


def _settled(calculus: Calculus, here: Place, run: Run) -> Ending | None:
    """Return the ending where nothing is left to gain, or None."""
    norm = length(floats(here.gradient))
    if not (here.model.is_indefinite and run.trust_region.leaves_saddles) and norm <= run.tolerance:
        return small_gradient(norm, run.tolerance)
    if not here.model.is_definite:
        return None
    step = here.model.step(calculus.number(Integer(0)))
    if step is None:
        return None
    pairs = zip(step.direction, here.point, strict=True)
    if all(abs(change) <= run.tolerance * abs(size) for change, size in pairs):
        reason = f"Newton's step changes no variable by more than {run.tolerance:g} of itself"
        return Ending("converged", reason, "small squares")
    return None


def _next(calculus: Calculus, here: Place, most: Number, run: Run) -> Place | Ending:
    """Return the place after the next step that is taken, or why there is none."""
    spacing = calculus.spacing(here.value)
    longest = _longest(here.model)
    if longest is not None and longest.foreseen <= BLURRED * spacing:
        return _contracted(calculus, here, longest, run) or _ended_by_rounding(here)
    for _ in range(MAX_TRIALS):
        step = bounded_step(calculus, here.model, here.radius, run.trust_region.among)
        if step is None:
            return IRRATIONAL
        tried = _tried(calculus, (here, step), most, run)
        if tried.model is not here.model:
            return tried
        if step.foreseen <= spacing:  # which in a region made too short says nothing of the place
            return BLUR if step.is_at_edge else _ended_by_rounding(here)
        here = tried
    return Ending("stalled", f"no step was taken in {MAX_TRIALS} trials", "search")


def _ended_by_rounding(here: Place) -> Ending:
    """Return the ending where no step gains what can be told from rounding."""
    return BLUR if here.model.is_definite or here.model.is_indefinite else UNSEEN


def _longest(model: Quadratic) -> DampedStep | None:
    """Return Newton's step, with the least damping; None where the Hessian is indefinite."""
    return None if model.is_indefinite else model.step(model.least_damping)


def _tried(calculus: Calculus, at: tuple[Place, RegionStep], most: Number, run: Run) -> Place:
    """Return the end of a step where it gains enough; else the same place with another radius."""
    here, step = at
    point = calculus.move(here.point, calculus.number(Integer(1)), step.direction)
    value = calculus.value(point) if run.domain.holds(point) else math.inf
    known = {
        phi_0: here.value,
        phi_q: value,
        foreseen: step.foreseen,
        reach: step.reach,
        radius: here.radius,
        damping: step.damping if step.is_at_edge else calculus.number(Integer(0)),
        largest: most,
    }
    counted, shorter = here.evaluations + 1, calculus.evaluate(SHORTER, known)
    stays = replace(here, evaluations=counted, radius=shorter)
    if not is_finite((value,)):
        return stays
    gained = calculus.evaluate(RATIO, known)
    if not gained > calculus.number(run.trust_region.hyperparameters[decrease]):
        return stays
    size = calculus.evaluate(RADIUS, {**known, ratio: gained})
    led = Led(step.damping, step.reach, gained, step.is_at_edge)
    return _arrived(calculus, replace(stays, radius=size), (point, led), run) or stays


def _arrived(calculus: Calculus, here: Place, to: tuple[Point, Led], run: Run) -> Place | None:
    """Return the place at a point that a step led to; None where there is no model."""
    point, led = to
    value, gradient = calculus.value_and_gradient(point)
    model = _model(calculus, (point, gradient), here.model.sizes, run)
    if model is None:
        return None
    return Place(point, value, gradient, model, here.radius, led, here.evaluations)


def _contracted(calculus: Calculus, here: Place, step: DampedStep, run: Run) -> Place | None:
    """Return the place at the end of a whole step, if the next step is a shorter one."""
    zero, one = (calculus.number(Integer(number)) for number in (0, 1))
    point = calculus.move(here.point, one, step.direction)
    if not run.domain.holds(point):
        return None
    counted = replace(here, evaluations=here.evaluations + 1)
    after = _arrived(calculus, counted, (point, Led(zero, step.reach, one)), run)
    following = None if after is None else _longest(after.model)
    if following is None or not following.reach <= CONTRACTED * step.reach:
        return None
    return after
