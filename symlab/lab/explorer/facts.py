"""What a page is told of an objective: its functions, and what SymPy derived of it."""

from collections.abc import Sequence
from typing import Any

from sympy import Expr, Symbol

from symlab.algebra.numbers import DIGITS, spell_number
from symlab.algebra.objective import Objective
from symlab.engine.domain import domain_of
from symlab.lab.explorer.javascript import stable_source
from symlab.lab.explorer.methods import as_json, object_source
from symlab.lab.explorer.text import as_unicode, letter_text, with_letters
from symlab.methods.rules import gradient_descent
from symlab.theory.analysis import Analysis
from symlab.theory.analyze import analyze
from symlab.theory.effort import SECONDS
from symlab.theory.stationary_point import StationaryPoint


def objective_source(objective: Objective, start: Sequence[Expr], seconds: float = SECONDS) -> str:
    """Return an objective, its derivatives and its stationary points as the source of an object.

    Parameters
    ----------
    objective : Objective
        A formula.
    start : n numbers
        Where runs begin.
    seconds : float
        What the search for stationary points may take.

    Raises
    ------
    ValueError
        If a part of the formula or of a derivative has no counterpart in JavaScript.
    """
    places = {variable: f"x[{i}]" for i, variable in enumerate(objective.variables)}
    hessian = stable_source("x", list(objective.hessian), places)
    analysis = analyze(objective, gradient_descent, start=start, seconds=seconds)
    return object_source(
        {
            "formula": as_json(as_unicode(objective.expression)),
            "python": as_json(str(objective.expression)),
            "names": as_json([variable.name for variable in objective.variables]),
            "symbols": as_json([letter_text(variable) for variable in objective.variables]),
            "start": as_json([float(coordinate) for coordinate in start]),
            "conditions": as_json(_conditions(objective.variables)),
            "value": stable_source("x", [objective.expression], places, single=True),
            "gradient": stable_source("x", list(objective.gradient), places),
            "hessian": f"asSquare({hessian})",
            **_found(analysis),
        }
    )


def _found(analysis: Analysis) -> dict[str, str]:
    """Return the stationary points, and whether they are known to be all."""
    isolated = [point for point in analysis.points if not point.freedom]
    continua = [f"{point.kind} {point}, one of many" for point in analysis.points if point.freedom]
    return {
        "derived": "true",
        "points": as_json([_point(point) for point in isolated]),
        "continua": as_json(continua),
        "kinks": as_json([kink.description.replace("-", "−") for kink in analysis.kinks]),
        "complete": as_json(analysis.complete),
        "searched": as_json(analysis.searched.replace("-", "−")),
    }


def _point(point: StationaryPoint) -> dict[str, Any]:
    return {
        "point": [_number(coordinate) for coordinate in point.point],
        "text": with_letters(str(point), point.variables).replace("-", "−"),
        "value": _number(point.value),
        "valueText": spell_number(point.value).replace("-", "−"),
        "kind": point.kind,
        "curvatures": [_number(curvature) for curvature in point.eigenvalues],
        "exactCurvatures": [_rational(curvature) for curvature in point.eigenvalues],
        "order": point.order,
    }


def _number(exact: Expr) -> float | None:
    """Return the float next to an exact number; None for one that is not finite."""
    value = exact.evalf(DIGITS)
    return float(value) if value.is_finite else None


def _rational(exact: Expr) -> list[int] | None:
    """Return numerator and denominator of a number that is a quotient of moderate integers."""
    if not exact.is_Rational or max(abs(int(exact.p)), int(exact.q)) > 10**6:
        return None
    return [int(exact.p), int(exact.q)]


def _conditions(variables: Sequence[Symbol]) -> list[list[str]]:
    """Return what each variable's symbol assumes, as a list of words for each."""
    found = domain_of(variables).conditions
    return [[each.word for each in found if each.index == i] for i in range(len(variables))]
