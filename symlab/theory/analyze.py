"""What can be said of a method on an objective before any run: `analyze`.

Stationary points, the step limit and the best step at a minimum, the predicted rate, the 2-cycles
of gradient descent, and a verdict in words; each derived from the formula and the rule.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sympy import Expr, S

from symlab.algebra.exactly import exact_point
from symlab.algebra.foreign_words import explain_words
from symlab.algebra.numbers import DIGITS
from symlab.algebra.objective import Objective, check_objective
from symlab.algebra.squares import squares_of
from symlab.algebra.working_precision import exclusive
from symlab.methods.directions import newton
from symlab.methods.method import Method, Runnable, as_method, as_runnable
from symlab.methods.rule import Rule
from symlab.methods.rules import gradient_descent
from symlab.methods.squares import SquaresMethod
from symlab.methods.trust_regions import TrustRegion
from symlab.theory.analysis import Analysis
from symlab.theory.cycles import Cycle, two_cycles
from symlab.theory.cycles_numerical import cycles_around
from symlab.theory.domain import outside
from symlab.theory.effort import SECONDS, Effort, Report, make_effort
from symlab.theory.kinks import Kink
from symlab.theory.linearization import NoLinearization, linearize
from symlab.theory.prediction import Prediction, predict
from symlab.theory.squares_rate import of_lower_rank, predict_squares, restrain
from symlab.theory.stationary import find_stationary_points
from symlab.theory.stationary_point import StationaryPoint, StationaryPoints
from symlab.theory.summary import Subject
from symlab.theory.summary import notes as notes_of
from symlab.theory.summary import verdict as verdict_of


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
    check_objective(objective)
    chosen = as_runnable(method)
    if isinstance(chosen, SquaresMethod):
        _check_squares(objective, chosen)
    variables = objective.variables
    here = None if start is None else exact_point(start, len(variables), "start", variables)
    effort = make_effort(seconds, report)
    found = find_stationary_points(objective, here, box, effort)
    minima = [point for point in found.points if point.kind == "minimum"]
    minimum = _choose_minimum(minima, here)
    if isinstance(chosen, SquaresMethod):
        predictions, step_size, reason = _of_squares(objective, chosen, found.points, effort)
    elif isinstance(chosen, TrustRegion):
        predictions, step_size, reason = _of_region(chosen, minima, effort)
    else:
        predictions, step_size, reason = _predictions(chosen, found.points, effort)
    prediction = next((p for p in predictions if p.point is minimum), None)
    attracts = prediction is not None and prediction.attracting
    cycles = _cycles(objective, chosen, None if attracts else minimum, effort)
    which = _which_minimum(found, minima, minimum, nearest=here is not None)
    about = Subject(minimum, cycles, _lower_kink(found.kinks, minimum))
    none: tuple[str, ...] = ()
    on_method = effort.attempt(
        "The notes on the method",
        lambda: notes_of(objective, chosen, minimum, predictions),
        none,
    )
    return Analysis(
        objective=objective,
        method=chosen,
        points=found.points,
        complete=found.complete,
        minimum=minimum,
        step_size=step_size,
        **_predicted_numbers(prediction),
        cycles=cycles,
        predictions=predictions,
        verdict=verdict_of(found, prediction, step_size, about),
        notes=(*reason, *which, *on_method, *found.notes, *effort.notes),
        kinks=found.kinks,
        searched=found.searched,
    )


def _choose_minimum(
    minima: Sequence[StationaryPoint], start: Sequence[Expr] | None
) -> StationaryPoint | None:
    """Return the minimum nearest to the start; without one the lowest, of equals the innermost."""
    if start is not None:
        return min(minima, key=lambda point: point.distance(start), default=None)
    return min(minima, key=_depth, default=None)


def _squared_length(point: Sequence[Expr]) -> float:
    return float(sum(float(c) ** 2 for c in point))


def _depth(point: StationaryPoint) -> tuple[float, float]:
    value = point.value.evalf(DIGITS)
    return float(value.round(DIGITS // 2)), point.distance([S.Zero] * len(point.variables))


def _lower_kink(kinks: Sequence[Kink], minimum: StationaryPoint | None) -> Kink | None:
    """Return the lowest minimum at a kink, if it is lower than the minimum described."""
    minima = [kink for kink in kinks if kink.kind == "minimum"]
    low = min(minima, key=lambda k: (float(k.value), _squared_length(k.point)), default=None)
    if low is None or minimum is None:
        return low
    return low if float(low.value) < float(minimum.value.evalf(DIGITS)) else None


def _cycles(
    objective: Objective,
    method: Runnable,
    leaving: StationaryPoint | None,
    effort: Effort,
) -> tuple[Cycle, ...]:
    """Return the 2-cycles: by algebra, else by a scan around a minimum that does not attract."""
    if objective.samples is not None or not isinstance(method, Rule):
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


def _which_minimum(
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
    each = [
        effort.attempt(
            f"The rate at {point}",
            lambda point=point: predict(method, point),  # type: ignore[misc]
            None,
            share=0.5,
        )
        for point in points
    ]
    return tuple(prediction for prediction in each if prediction is not None), step_size, ()


def _check_squares(objective: Objective, method: SquaresMethod) -> None:
    """Refuse what is no formula that is a sum of squares."""
    if objective.samples is not None:
        raise TypeError(
            f"method: {method.name} is analysed on formulas; on data run it, and ask "
            "trace.standard_errors()."
        )
    squares_of(objective)


def _of_squares(
    objective: Objective, method: SquaresMethod, points: Sequence[StationaryPoint], effort: Effort
) -> tuple[tuple[Prediction, ...], None, tuple[str, ...]]:
    """Return the predictions of a method for sums of squares, no step size, and notes."""
    each = [
        effort.attempt(
            f"The rate at {point}",
            lambda point=point: predict_squares(objective, point),  # type: ignore[misc]
            None,
            share=0.5,
        )
        for point in points
    ]
    known = [prediction for prediction in each if prediction is not None]
    predictions, notes = restrain(method, known)
    return predictions, None, (*notes, *of_lower_rank(points, known))


def _of_region(
    method: TrustRegion, minima: Sequence[StationaryPoint], effort: Effort
) -> tuple[tuple[Prediction, ...], None, tuple[str, ...]]:
    """Return the predictions of a trust region near minima, no step size, and a note."""
    found, _, _ = _predictions(as_method(newton), minima, effort)
    predictions = tuple(replace(each, step_limit=None, best_step=None) for each in found)
    note = (
        f"Near a minimum with a positive definite Hessian no step of {method.name} reaches the "
        "edge of its region, so that each is Newton's."
    )
    return predictions, None, (note,)


def _predicted_numbers(prediction: Prediction | None) -> dict[str, Any]:
    names = ("step_limit", "best_step", "multiplier", "rate", "order")
    return {} if prediction is None else {name: getattr(prediction, name) for name in names}
