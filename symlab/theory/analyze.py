"""What can be said of a method on an objective before any run: `analyze`.

Stationary points, the step limit and the best step at a minimum, the predicted rate, the 2-cycles
of gradient descent, and a verdict in words; each derived from the formula and the rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from sympy import Expr, S

from symlab.algebra.digits import exclusive
from symlab.algebra.exactly import exact_point
from symlab.algebra.neighbours import explain_words
from symlab.algebra.numbers import (
    DIGITS,
    as_decimal,
    join_texts,
    spell_number,
    spell_number_and_decimal,
)
from symlab.algebra.objective import Objective
from symlab.algebra.printing import spell
from symlab.algebra.risk.risk import BoundRisk
from symlab.checks import shown
from symlab.methods.method import Method, as_method
from symlab.methods.rule import Rule
from symlab.methods.rules import gradient_descent
from symlab.theory.cycles import Cycle, two_cycles
from symlab.theory.cycles_numerical import cycles_around
from symlab.theory.domain import outside
from symlab.theory.effort import SECONDS, Effort, Report
from symlab.theory.kinks import Kink
from symlab.theory.linearization import NoLinearization, linearize
from symlab.theory.prediction import Prediction, predict
from symlab.theory.stationary import (
    StationaryPoint,
    StationaryPoints,
    stationary_points,
)
from symlab.theory.summary import Subject
from symlab.theory.summary import notes as notes_of
from symlab.theory.summary import verdict as verdict_of

MAX_SECONDS = 1e6


@dataclass(frozen=True, repr=False)
class Analysis:
    """An objective and a method, analysed. Numbers are exact SymPy wherever they can be.

    Parameters
    ----------
    objective : Objective
    method : Rule or Method
    points : tuple of StationaryPoint
    complete : bool
        Whether those are known to be all the stationary points.
    kinks : tuple of Kink
        Minima and maxima without a gradient, as far as they were found.
    searched : str
        Where a search by numbers looked; empty where algebra looked everywhere.
    minimum : StationaryPoint or None
        The minimum the next five fields are about: the one nearest to `start`, else the lowest.
    step_size, step_limit, best_step : sympy.Expr or None
        The method's own step size, the one below which the minimum attracts, and the fastest.
    multiplier, rate : sympy.Expr or None
        The dominant eigenvalue of the linearised step, and its modulus.
    order : int or None
        The predicted order of convergence.
    cycles : tuple of Cycle
        The 2-cycles in one variable of a rule without state: all by algebra for a polynomial, else
        those that a scan finds around a minimum that does not attract.
    predictions : tuple of Prediction
        The same for every stationary point of which the linear part says something.
    verdict : str
    notes : tuple of str
    """

    objective: Objective
    method: Rule | Method
    points: tuple[StationaryPoint, ...]
    complete: bool
    minimum: StationaryPoint | None = None
    step_size: Expr | None = None
    step_limit: Expr | None = None
    best_step: Expr | None = None
    multiplier: Expr | None = None
    rate: Expr | None = None
    order: int | None = None
    cycles: tuple[Cycle, ...] = ()
    predictions: tuple[Prediction, ...] = ()
    verdict: str = ""
    notes: tuple[str, ...] = field(default_factory=tuple)
    kinks: tuple[Kink, ...] = ()
    searched: str = ""

    @property
    def minima(self) -> tuple[StationaryPoint, ...]:
        """The stationary points that are minima."""
        return tuple(point for point in self.points if point.kind == "minimum")

    def __repr__(self) -> str:
        lines = [f"{_stated(self.objective)}  under  {self.method!r}", self._extent()]
        lines += [f"  {_described(point)}" for point in self.points]
        lines += [f"  {kink.description}" for kink in self.kinks]
        if self.rate is not None:
            lines += [
                f"at {self.minimum}:",
                *(f"  {name:<11}{text}" for name, text in self._numbers()),
            ]
        lines += [f"2-cycle: {_described_cycle(cycle)}" for cycle in self.cycles]
        return "\n".join([*lines, self.verdict, *(f"Note: {note}" for note in self.notes)])

    def _extent(self) -> str:
        """Return the line above the points: whether they are all, and where they were sought."""
        if self.complete:
            return f"stationary points{'' if self.points else ': none'} (all of them)" + (
                ":" if self.points or self.kinks else ""
            )
        where = f" in {self.searched}" if self.searched else ""
        if self.points:
            return f"stationary points (those found{where}; not proved to be all):"
        return f"no stationary point found{where}; not proved" + (":" if self.kinks else "")

    def _numbers(self) -> list[tuple[str, str]]:
        named = {
            "step size": self.step_size,
            "step limit": self.step_limit,
            "best step": self.best_step,
            "multiplier": self.multiplier,
            "rate": self.rate,
        }
        return [
            (name, spell_number_and_decimal(number))
            for name, number in named.items()
            if number is not None
        ]

    def to_dict(self) -> dict[str, object]:
        """Return plain data for JSON: each number as its exact text and its value as float."""
        return {
            "objective": _stated(self.objective),
            "variables": [variable.name for variable in self.objective.variables],
            "method": repr(self.method),
            "points": [_point_data(point) for point in self.points],
            "complete": self.complete,
            "searched": self.searched,
            "kinks": [_kink_data(kink) for kink in self.kinks],
            "minimum": None if self.minimum is None else self.points.index(self.minimum),
            "step_size": _number_data(self.step_size),
            "step_limit": _number_data(self.step_limit),
            "best_step": _number_data(self.best_step),
            "multiplier": _number_data(self.multiplier),
            "rate": _number_data(self.rate),
            "order": self.order,
            "cycles": [_cycle_data(cycle) for cycle in self.cycles],
            "verdict": self.verdict,
            "notes": list(self.notes),
        }


@explain_words()
@exclusive
def analyze(
    objective: Objective,
    method: object = gradient_descent,
    *,
    start: Sequence[object] | None = None,
    box: object = None,
    seconds: float = SECONDS,
    report: Report | None = None,
) -> Analysis:
    """Say what a method will do on an objective, from the formulas alone.

    Parameters
    ----------
    objective : Objective
    method : Rule, Method, Direction, Search or name
        Anything `minimize` takes.
    start : n numbers, optional
        Picks the minimum nearest to it as the one described.
    box : pair (low, high), or n such pairs, optional
        Where to search for stationary points when algebra gives up. When left out it is [-10, 10],
        and other scales are searched as well, more coarsely.
    seconds : float
        What the analysis may take, above 0. Whatever is not done in time is left out, and a note
        says so.
    report : callable taking a sentence, optional
        Called as each part of the analysis begins.

    Raises
    ------
    TypeError
        If the objective or the method is something else.
    ValueError
        If a name is unknown, `start` is no point, the box is no box, or `seconds` not positive.

    Examples
    --------
    >>> from symlab.algebra.problems import PROBLEMS
    >>> a = analyze(PROBLEMS["quartic"].objective, gradient_descent(step_size=0.1))
    >>> a.step_limit, a.best_step, a.multiplier
    (8/81, 4/81, -41/40)
    >>> print(a.verdict)
    With step_size 1/10 the minimum x = 9/4 repels (multiplier -41/40; the limit is \
8/81 ≈ 0.098765): iterates settle into the 2-cycle {2.1475, 2.3366} (multiplier 0.89975). \
The best step there is 4/81 ≈ 0.049383.
    """
    if not isinstance(objective, Objective):
        raise TypeError(f"objective: expected an Objective, got {shown(objective)}.")
    chosen = as_method(method)
    variables = objective.variables
    here = None if start is None else exact_point(start, len(variables), "start", variables)
    effort = Effort(_checked_seconds(seconds), report or (lambda part: None))
    found = stationary_points(objective, box, here, effort)
    minima = [point for point in found.points if point.kind == "minimum"]
    minimum = _reference(minima, here)
    predictions, step_size, reason = _predictions(chosen, found.points, effort)
    told = next((p for p in predictions if p.point is minimum), None)
    attracts = told is not None and told.attracting
    cycles = _cycles(objective, chosen, None if attracts else minimum, effort)
    several = _several(found, minima, minimum, nearest=here is not None)
    about = Subject(minimum, cycles, _lower_kink(found.kinks, minimum))
    unsaid: tuple[str, ...] = ()
    said = effort.attempt(
        "The notes on the method",
        lambda: notes_of(objective, chosen, minimum, predictions),
        unsaid,
    )
    return Analysis(
        objective=objective,
        method=chosen,
        points=found.points,
        complete=found.complete,
        minimum=minimum,
        step_size=step_size,
        **_foretold(told),
        cycles=cycles,
        predictions=predictions,
        verdict=verdict_of(found, told, step_size, about),
        notes=(*reason, *several, *said, *found.notes, *effort.notes),
        kinks=found.kinks,
        searched=found.searched,
    )


def _checked_seconds(seconds: object) -> float:
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise TypeError(f"seconds: expected a number above 0, got {shown(seconds)}.")
    if not 0 < seconds < MAX_SECONDS:
        raise ValueError(f"seconds: expected a number above 0, got {shown(seconds)}.")
    return float(seconds)


def _reference(
    minima: Sequence[StationaryPoint], start: Sequence[Expr] | None
) -> StationaryPoint | None:
    """Return the minimum nearest to the start; without one the lowest, of equals the innermost."""
    if start is not None:
        return min(minima, key=lambda point: point.distance(start), default=None)
    return min(minima, key=_depth, default=None)


def _from_zero(point: Sequence[Expr]) -> float:
    return float(sum(float(c) ** 2 for c in point))


def _depth(point: StationaryPoint) -> tuple[float, float]:
    value = point.value.evalf(DIGITS)
    return float(value.round(DIGITS // 2)), point.distance([S.Zero] * len(point.variables))


def _lower_kink(kinks: Sequence[Kink], minimum: StationaryPoint | None) -> Kink | None:
    """Return the lowest minimum at a kink, if it is lower than the minimum described."""
    minima = [kink for kink in kinks if kink.kind == "minimum"]
    low = min(minima, key=lambda k: (float(k.value), _from_zero(k.point)), default=None)
    if low is None or minimum is None:
        return low
    return low if float(low.value) < float(minimum.value.evalf(DIGITS)) else None


def _cycles(
    objective: Objective,
    method: Rule | Method,
    leaving: StationaryPoint | None,
    effort: Effort,
) -> tuple[Cycle, ...]:
    """Return the 2-cycles: by algebra, else by a scan around a minimum that does not attract."""
    if isinstance(objective, BoundRisk) or not isinstance(method, Rule):
        return ()
    found = effort.attempt(
        "The 2-cycles by algebra", lambda: two_cycles(objective, method), None, share=0.5
    )
    if found is None and leaving is not None:
        none: tuple[Cycle, ...] = ()
        found = effort.attempt(
            "The 2-cycles by a scan", lambda: cycles_around(objective, method, leaving.point), none
        )
    return tuple(cycle for cycle in found or () if _is_inside(objective, cycle))


def _is_inside(objective: Objective, cycle: Cycle) -> bool:
    """Whether both points of a cycle are in the domain."""
    return all(
        outside(objective.expression, objective.variables, (point,)) is None
        for point in cycle.points
    )


def _stated(objective: Objective) -> str:
    """Return the formula; for a risk on data the loss, for the sum may be too long to write out."""
    on_data = isinstance(objective, BoundRisk)
    return repr(objective) if on_data else spell(objective.expression)


def _several(
    found: StationaryPoints,
    minima: Sequence[StationaryPoint],
    minimum: StationaryPoint | None,
    *,
    nearest: bool,
) -> tuple[str, ...]:
    if len(minima) < 2:
        return ()
    where = f" found in {found.searched}" if found.searched else ""
    which = "the nearest to the start" if nearest else "the lowest, of equals the innermost"
    if where and not nearest:
        which += "; that no other is lower is not proved"
    return (f"Of {len(minima)} minima{where} the one described, {minimum}, is {which}.",)


def _predictions(
    method: Rule | Method, points: Sequence[StationaryPoint], effort: Effort
) -> tuple[tuple[Prediction, ...], Expr | None, tuple[str, ...]]:
    """Return the predictions, the step size they use, and the reason where there are none."""
    try:
        step_size = linearize(method).step_size
    except NoLinearization as reason:
        return (), None, (str(reason),)
    told = [
        effort.attempt(
            f"The rate at {point}",
            lambda point=point: predict(method, point),  # type: ignore[misc]
            None,
            share=0.5,
        )
        for point in points
    ]
    return tuple(prediction for prediction in told if prediction is not None), step_size, ()


def _foretold(told: Prediction | None) -> dict[str, Any]:
    names = ("step_limit", "best_step", "multiplier", "rate", "order")
    return {} if told is None else {name: getattr(told, name) for name in names}


def _described(point: StationaryPoint) -> str:
    curved = join_texts([as_decimal(e).replace("oo", "infinite") for e in point.eigenvalues])
    extras = ("" if point.exact else ", numerical") + (
        ", one of a continuum" if point.freedom else ""
    )
    value, bent = spell_number(point.value), curved or "unknown"
    told = f"{point}: {point.kind}, f = {value}, curvature {bent}{extras}"
    return told.replace("= ≈", "≈")


def _described_cycle(cycle: Cycle) -> str:
    nature = "attracts" if cycle.attracting else "repels"
    return f"{cycle} {nature} (multiplier {as_decimal(cycle.multiplier)})"


def _number_data(number: Expr | None) -> dict[str, object] | None:
    if number is None:
        return None
    real, imaginary = map(float, number.evalf(DIGITS).as_real_imag())
    value = [real, imaginary] if imaginary else real
    return {"exact": str(number), "value": value if isfinite(real) else None}


def _point_data(point: StationaryPoint) -> dict[str, object]:
    return {
        "point": [_number_data(None if c.free_symbols else c) for c in point.point],
        "value": _number_data(point.value),
        "kind": point.kind,
        "eigenvalues": [_number_data(eigenvalue) for eigenvalue in point.eigenvalues],
        "exact": point.exact,
        "freedom": point.freedom,
    }


def _kink_data(kink: Kink) -> dict[str, object]:
    return {
        "point": [_number_data(c) for c in kink.point],
        "value": _number_data(kink.value),
        "kind": kink.kind,
        "slopes": None
        if kink.slopes is None
        else [None if slope is S.NaN else _number_data(slope) for slope in kink.slopes],
        "exact": kink.exact,
        "edge": kink.edge,
    }


def _cycle_data(cycle: Cycle) -> dict[str, object]:
    return {
        "points": [_number_data(point) for point in cycle.points],
        "multiplier": _number_data(cycle.multiplier),
        "attracting": cycle.attracting,
    }
