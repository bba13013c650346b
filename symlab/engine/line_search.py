"""How a search finds its step: trials along a line, until its relations hold.

Written over a calculus, so that an exact run and a compiled one try the same lengths. In floats a
value that differs from the one at the start by rounding alone decides nothing: there the slopes do
(Hager & Zhang 2005, section 4), and a step that even they find too short ends the search, since
shorter ones would be told apart still less.
"""

import math
from dataclasses import dataclass, field, replace

from sympy import S, Symbol

from symlab.algebra.alphabet import (
    phi_0,
    phi_high,
    phi_low,
    phi_max,
    phi_q,
    q,
    q_high,
    q_low,
    slope,
    slope_low,
    slope_q,
    square,
)
from symlab.engine.calculus import Calculus, Line, LineStep, Number, Point
from symlab.engine.domain import Domain
from symlab.engine.line_minimum import BOTTOMLESS
from symlab.engine.stopping import Ending
from symlab.methods.searches import HALFWAY, INTERPOLATION, Search

MOST_LENGTHENED = 100
"""Trials that lengthen a step before the objective is taken to have no lowest point there."""

MOST_BETWEEN = 200
"""Trials between two ends: halved so often, a step of 1 is down to 1e-60."""

MOST_FLATTER = 30
"""Trials between two ends for a flatter step, where one that falls enough is known."""


@dataclass(frozen=True)
class Trial:
    """A trial step.

    Parameters
    ----------
    length, value : number
        Its length and the value there.
    slope : number or None
        The slope there; None if no search reads it.
    accepted : bool
        Whether it is not too long.
    by_slopes : bool or None
        Of a trial that only slopes can judge, whether it is not too short; None of any other.
    """

    length: Number
    value: Number
    slope: Number
    accepted: bool
    by_slopes: bool | None = None


@dataclass(frozen=True)
class Ray:
    """A search at work on a line, and the length, value and point of each trial so far."""

    calculus: Calculus
    search: Search
    line: Line
    domain: Domain
    tried: list[tuple[Number, Number, Point]] = field(default_factory=list)

    @property
    def start(self) -> Trial:
        """The step of length zero."""
        return Trial(self.calculus.number(S.Zero), self.line.value, self.line.slope, accepted=True)

    @property
    def first(self) -> Number:
        """The first length to try."""
        return self.calculus.number(self.search.first_step)

    def shorter(self, length: Number) -> Number:
        """Return the length to try after one that was too long."""
        return self.calculus.times(length, self.calculus.number(self.search.shrink))

    def longer(self, length: Number) -> Number:
        """Return the length to try after one that was too short."""
        return self.calculus.divide(length, self.calculus.number(self.search.shrink))

    def at(self, length: Number) -> Trial:
        """Return a trial; outside the domain, or where there is no value, it is not accepted."""
        point = self._place(length)
        trial = self._judged(length, point)
        self.tried.append((length, trial.value, point))
        return trial

    def _judged(self, length: Number, point: Point) -> Trial:
        calculus = self.calculus
        refused = Trial(length, math.inf, None, accepted=False)
        if not self.domain.holds(point):
            return refused
        value = calculus.value(point)
        if _is_nan(value):
            return refused
        known = {**self._known, q: length, phi_q: value}
        holds = calculus.evaluate(self.search.condition, known)
        if self.search.by_slopes and self._says_nothing(value, holds=bool(holds)):
            return self._by_slopes(length, value, point)
        if not holds:
            return Trial(length, value, None, accepted=False)
        slope_there = self._slope(point) if self.search.reads_slope else None
        if slope_there is not None and _is_nan(slope_there):
            return refused
        return Trial(length, value, slope_there, accepted=True)

    def _says_nothing(self, value: Number, *, holds: bool) -> bool:
        """Return whether a value differs from the one at the start by rounding alone.

        One that fell as it was asked to says something, unless it did not fall at all.
        """
        start, resolution = self.line.value, self.calculus.resolution
        if not resolution or (holds and value != start):
            return False
        return bool(abs(value - start) <= resolution * abs(start))

    def _by_slopes(self, length: Number, value: Number, point: Point) -> Trial:
        """Return a trial that is judged by the slopes at both ends of the step."""
        slope_there = self._slope(point)
        known = {**self._known, slope_q: slope_there}
        not_long, not_short = (
            bool(self.calculus.evaluate(relation, known)) for relation in self.search.by_slopes
        )
        if _is_nan(slope_there) or not not_long:
            return Trial(length, value, None, accepted=False)
        return Trial(length, value, slope_there, accepted=True, by_slopes=not_short)

    def is_enough(self, trial: Trial) -> bool:
        """Return whether an accepted trial is not too short."""
        if trial.by_slopes is not None:
            return trial.by_slopes
        known = {**self._known, q: trial.length, phi_q: trial.value}
        known |= {} if trial.slope is None else {slope_q: trial.slope}
        return bool(self.calculus.evaluate(self.search.second_condition, known))

    def between(self, low: Trial, high: Trial) -> Number:
        """Return where the parabola through two trials is lowest, away from both ends.

        Halfway, where it has no lowest point in this arithmetic.
        """
        known = {q_low: low.length, phi_low: low.value, slope_low: low.slope}
        known |= {q_high: high.length, phi_high: high.value}
        found = self.calculus.evaluate(INTERPOLATION, known)
        return self.halfway(low, high) if _is_nan(found) else found

    def halfway(self, low: Trial, high: Trial) -> Number:
        """Return the middle of a stretch."""
        ends = {q_low: low.length, q_high: high.length}
        return self.calculus.evaluate(HALFWAY, ends)

    def _place(self, length: Number) -> Point:
        return self.calculus.move(self.line.point, length, self.line.direction)

    def _slope(self, point: Point) -> Number:
        return self.calculus.dot(self.calculus.value_and_gradient(point)[1], self.line.direction)

    @property
    def _known(self) -> dict[Symbol, Number]:
        line = self.line
        return {phi_0: line.value, slope: line.slope, square: line.square, phi_max: line.highest}


def _is_nan(value: Number) -> bool:
    """Return whether a value is no real number."""
    try:
        return math.isnan(float(value))
    except OverflowError:
        return False
    except TypeError:
        return True


def search_along(
    calculus: Calculus, search: Search, line: Line, domain: Domain, most: int
) -> LineStep:
    """Return the step that a search takes along a line, or which of its relations fails there.

    Parameters
    ----------
    calculus : Calculus
    search : Search
        Any but the exact one.
    line : Line
        Along which the objective goes down, if the search tries steps at all.
    domain : Domain
        Outside which no trial is accepted.
    most : int
        Trials of a search that only shortens its steps.
    """
    ray = Ray(calculus, search, line, domain)
    if search.accept is None:
        return LineStep(ray.first, 1)
    return replace(_found(ray, most), tried=tuple(ray.tried))


def _found(ray: Ray, most: int) -> LineStep:
    if ray.search.also is None:
        return _backtrack(ray, most)
    return _bracket(ray) if ray.search.reads_slope else _bisect(ray)


def _backtrack(ray: Ray, most: int) -> LineStep:
    """Return the first length that is accepted, from the longest downwards."""
    length = ray.first
    for trials in range(1, most + 1):
        trial = ray.at(length)
        if trial.by_slopes is False:
            return _failed(ray, trials, trial)
        if trial.accepted:
            return LineStep(length, trials)
        length = ray.shorter(length)
    return _failed(ray, most, trial)


def _bisect(ray: Ray) -> LineStep:
    """Return a length between one that is too short and one that is too long."""
    low, high, length = ray.start, None, ray.first
    for trials in range(1, MOST_LENGTHENED + 1):
        trial = ray.at(length)
        if not trial.accepted:
            high = trial
        elif ray.is_enough(trial):
            return LineStep(length, trials)
        else:
            low = trial
        length = ray.longer(length) if high is None else ray.halfway(low, high)
    if high is None:
        return LineStep(None, MOST_LENGTHENED, BOTTOMLESS)
    return _failed(ray, MOST_LENGTHENED, low if low.length > 0 else trial)


def _bracket(ray: Ray) -> LineStep:
    """Nocedal & Wright 2006, algorithm 3.5: lengthen until two trials hold a good step between."""
    before, length = ray.start, ray.first
    for trials in range(1, MOST_LENGTHENED + 1):
        trial = ray.at(length)
        if not trial.accepted or (trials > 1 and _is_higher(trial, before)):
            return _zoom(ray, before, trial, trials)
        if ray.is_enough(trial):
            return LineStep(length, trials)
        if trial.slope >= 0:
            return _zoom(ray, trial, before, trials)
        before, length = trial, ray.longer(length)
    return LineStep(None, MOST_LENGTHENED, BOTTOMLESS)


def _is_higher(trial: Trial, other: Trial) -> bool:
    """Return whether a trial lies no lower than another one, where that can be told."""
    return trial.by_slopes is None and bool(trial.value >= other.value)


def _zoom(ray: Ray, low: Trial, high: Trial, made: int) -> LineStep:
    """Nocedal & Wright 2006, algorithm 3.6: narrow the stretch, keeping the lowest accepted end.

    Beside a pole, or where rounding hides the slope, none may be flat enough: then the lowest trial
    that has fallen enough is taken.
    """
    trial, trials = high, made
    while trials < made + (MOST_BETWEEN if low.length == 0 else MOST_FLATTER):
        trial = ray.at(ray.between(low, high))
        trials += 1
        if not trial.accepted or _is_higher(trial, low):
            high = trial
        elif ray.is_enough(trial):
            return LineStep(trial.length, trials)
        else:
            if (trial.slope >= 0) == (high.length > low.length):
                high = low
            low = trial
    return LineStep(low.length, trials) if low.length > 0 else _failed(ray, trials, trial)


def _failed(ray: Ray, trials: int, last: Trial) -> LineStep:
    """Return that no step was found, with the relation that failed at the last trial, and why."""
    search, start = ray.search, ray.line.value
    enough = last.accepted and last.by_slopes is None
    relation = search.second_condition if enough else search.condition
    if last.by_slopes is False:
        why = "at q = {}, where the value changes by rounding alone and the slope hardly at all"
    elif last.accepted:
        why = "up to q = {}, and beyond it the value no longer falls enough"
    elif last.value == math.inf:
        why = "down to q = {}, where the objective has no finite value"
    elif last.value == start:
        why = "down to q = {}, where the value no longer changes"
    elif last.value > start:
        why = "down to q = {}, where the value is no lower than at the start"
    else:
        why = "down to q = {}, where the value falls by less than is asked"
    where = why.format(f"{float(last.length):.3g}")
    count = f"none of {trials} trial steps" if trials > 1 else "no step"
    reason = f"{search.name} accepted {count}: {relation} fails {where}"
    return LineStep(None, trials, Ending("stalled", reason, "search"))
