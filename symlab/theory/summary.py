"""The words of an analysis: its verdict in one or two sentences, and its notes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr, oo

from symlab.algebra.numbers import as_decimal, sign_of, spell_number, spell_number_and_decimal
from symlab.algebra.objective import Objective
from symlab.methods.method import Method, Runnable, as_method
from symlab.methods.rule import Rule
from symlab.methods.searches import fixed
from symlab.methods.squares import SquaresMethod
from symlab.methods.trust_regions import TrustRegion
from symlab.theory.cycles import Cycle
from symlab.theory.kinks import Kink
from symlab.theory.linearization import acts_linearly
from symlab.theory.prediction import (
    Prediction,
    inverts_hessian,
    largest_accepted_step,
    newton_map,
)
from symlab.theory.stability import best_step
from symlab.theory.stationary_point import StationaryPoint, StationaryPoints


@dataclass(frozen=True)
class Subject:
    """What a verdict is about: the chosen minimum, if there is one, and the cycles around it."""

    minimum: StationaryPoint | None
    cycles: tuple[Cycle, ...] = ()
    kink: Kink | None = None
    """A minimum without a gradient, if it is lower than the chosen one or there is no other."""


def verdict(
    found: StationaryPoints, prediction: Prediction | None, step_size: Expr | None, about: Subject
) -> str:
    """Return what happens near a minimum, in one or two sentences."""
    parts = [] if about.kink is None else [_at_kink(about.kink)]
    if about.minimum is not None or not parts:
        parts.append(_at_minimum(found, prediction, step_size, about))
    return " ".join(parts)


def _at_kink(kink: Kink) -> str:
    place = f"The lowest point found is the {kink.word} {kink}"
    value = spell_number(kink.value).removeprefix("≈ ")
    sign = "≈" if "≈" in spell_number(kink.value) else "="
    if kink.edge:
        reason = "no gradient need vanish there, and a run can step out of the domain"
    elif kink.flat:
        reason = "second derivatives do not exist there, so no rate is predicted"
    else:
        reason = (
            "the gradient does not shrink towards it, so no rate is predicted and steps of a "
            "constant size do not settle there"
        )
    return f"{place} (f {sign} {value}): {reason}."


def _at_minimum(
    found: StationaryPoints, prediction: Prediction | None, step_size: Expr | None, about: Subject
) -> str:
    minimum = about.minimum
    if minimum is None:
        return _without_minimum(found)
    attracting = [cycle for cycle in about.cycles if cycle.attracting]
    if oo in minimum.eigenvalues:
        return _infinitely_curved(minimum, step_size, attracting)
    if not minimum.curvatures:
        return f"The minimum {minimum} is one of a flat continuum: a run that reaches it stays."
    if prediction is None:
        return f"Near the minimum {minimum} no rate is predicted; the notes say why."
    given = "The" if step_size is None else f"With step_size {spell_number(step_size)} the"
    return f"{given} minimum {minimum} {_fate(prediction, attracting)}.{_advice(prediction)}"


def _infinitely_curved(
    minimum: StationaryPoint, step_size: Expr | None, attracting: Sequence[Cycle]
) -> str:
    constant = "no rate is predicted" if step_size is None else "no constant step converges to it"
    return f"The curvature at the minimum {minimum} is infinite: {constant}{_settles(attracting)}."


def _without_minimum(found: StationaryPoints) -> str:
    where = f" in {found.searched}" if found.searched else ""
    if found.complete and not found.points:
        return f"The gradient is never zero{where}: there is nothing to converge to."
    if found.complete:
        return f"No stationary point{where} is known to be a minimum, so no rate is predicted."
    what = "minimum" if found.points else "stationary point"
    return f"No {what} was found{where}, so no rate is predicted; that there is none is not proved."


def _fate(prediction: Prediction, attracting: Sequence[Cycle]) -> str:
    side = sign_of(prediction.rate - 1)
    if side < 0:
        return _approach(prediction)
    if side == 0:
        return _border(prediction)
    return f"repels ({_factor(prediction)}{_limit(prediction)}){_settles(attracting)}"


def _approach(prediction: Prediction) -> str:
    if prediction.order == 2:
        return "attracts faster than any fixed factor per step: the order is 2"
    if prediction.rate == 0:
        return "attracts: its multipliers are all zero, so a small distance is gone in a few steps"
    return (
        f"attracts: a small distance shrinks by the factor {spell_number(prediction.rate)} per step"
    )


def _border(prediction: Prediction) -> str:
    if prediction.point.regular:
        return f"is on the border of stability (multiplier {spell_number(prediction.multiplier)})"
    return "is flat in some direction: no run approaches it there by a fixed factor per step"


def _factor(prediction: Prediction) -> str:
    if prediction.multiplier.is_real:
        return f"multiplier {spell_number(prediction.multiplier)}"
    return f"multipliers of modulus {spell_number(prediction.rate)}"


def _limit(prediction: Prediction) -> str:
    limit = prediction.step_limit
    return "" if limit is None else f"; the limit is {spell_number_and_decimal(limit)}"


def _settles(attracting: Sequence[Cycle]) -> str:
    if not attracting:
        return ""
    cycle = attracting[0]
    return f": iterates settle into the 2-cycle {cycle} (multiplier {as_decimal(cycle.multiplier)})"


def _advice(prediction: Prediction) -> str:
    if prediction.best_step is None or prediction.order == 2:
        return ""
    return f" The best step there is {spell_number_and_decimal(prediction.best_step)}."


def notes(
    objective: Objective,
    method: Runnable,
    minimum: StationaryPoint | None,
    predictions: Sequence[Prediction],
) -> tuple[str, ...]:
    """Return what a reader should know besides the verdict."""
    if isinstance(method, (SquaresMethod, TrustRegion)):
        return tuple(_traps(minimum, predictions))
    found = [*_traps(minimum, predictions), *_newton_notes(objective, method, minimum)]
    if isinstance(method, Method) and minimum is not None:
        found += _search_notes(method, minimum)
    if isinstance(method, Rule) and predictions and not acts_linearly(method):
        found.append(
            f"{method.name} acts by these factors only where the gradient's square is far below "
            "epsilon; further out its step is another."
        )
    return tuple(found)


def _traps(minimum: StationaryPoint | None, predictions: Sequence[Prediction]) -> list[str]:
    """Name the stationary points other than minima where a run may end."""
    others = [p for p in predictions if p.point is not minimum and p.point.kind != "minimum"]
    drawn = [p for p in others if p.attracting]
    sentences = [f"The {p.point.kind} {p.point} attracts too ({_factor(p)})." for p in drawn]
    stuck = [p for p in others if p.point.kind == "inflection" and p not in drawn]
    return sentences + [
        f"The inflection {p.point} slows runs down and can hold them: the gradient vanishes there."
        for p in stuck
    ]


def _newton_notes(
    objective: Objective, method: Rule | Method, minimum: StationaryPoint | None
) -> list[str]:
    if not inverts_hessian(method):
        return []
    found = []
    formula = objective.dimension == 1 and objective.samples is None
    if formula and _takes_full_steps(method) and (mapped := newton_map(objective)):
        poles = ", ".join(spell_number(pole) for pole in mapped[1])
        found.append(
            f"Newton's map is {mapped[0]}" + (f", with a pole at {poles}." if poles else ".")
        )
    if minimum is not None and not minimum.regular and objective.dimension > 1:
        found.append(
            "The Hessian is singular at the minimum: Newton's method is not of order 2 there."
        )
    return found


def _takes_full_steps(method: Rule | Method) -> bool:
    if isinstance(method, Rule):
        return False
    return method.search.name == fixed.name and method.search.first_step == 1


def _search_notes(method: Method, minimum: StationaryPoint) -> list[str]:
    search, positive = method.search, [e for e in minimum.eigenvalues if sign_of(e) > 0]
    if search.exact:
        return _exact_search_notes(positive)
    if not search.only_shortens:
        return []
    found = [
        f"{search.name} never accepts more than its first trial, {spell_number(search.first_step)}."
    ]
    if len(positive) == 1 and len(minimum.eigenvalues) == 1 and not method.direction.memory:
        found += _acceptance(method, positive[0])
    return found


def _exact_search_notes(positive: Sequence[Expr]) -> list[str]:
    if len(positive) < 2:
        return [
            "In one variable an exact line search ends at once on a stationary point of the line."
        ]
    # The exact step is at least as good as any fixed one along the same line, so also as the best.
    best = best_step(as_method("gradient_descent"), positive)
    worst = max(abs(1 - best * value) for value in (positive[0], positive[-1]))
    return [
        "An exact line search along the gradient multiplies the excess of the value by at most "
        f"{as_decimal(worst**2)} per step near the minimum."
    ]


def _acceptance(method: Method, value: Expr) -> list[str]:
    bound = largest_accepted_step(method, value)
    if bound is None:
        return [
            "What its test accepts near the minimum depends on the value there, not on curvature."
        ]
    parabola = f"On a parabola of curvature {spell_number(value)}"
    if sign_of(bound) <= 0:
        return [f"{parabola} its test refuses every step: near the minimum it cannot be met."]
    return [f"{parabola} its test accepts a step up to {spell_number_and_decimal(bound)}."]
