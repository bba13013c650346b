"""Minima at kinks in several variables, each a stationary point of the formula on its own kinks.

Where a formula switches (u = 0 in |u|) one variable is eliminated by u = 0, and what remains is a
formula of one variable less: its stationary points and its own kinks are the candidates. The root
of a sum of squares switches where the sum is least. Values around a candidate decide what it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sympy import Expr, Float, N, Pow, S, Symbol

from symlab.algebra.functions import define
from symlab.algebra.objective import Objective
from symlab.theory.domain import outside
from symlab.theory.effort import Effort
from symlab.theory.evaluation import floats
from symlab.theory.kinks import Kink, line_kinks, switches
from symlab.theory.region import Region
from symlab.theory.zeros import zeros

MAX_VARIABLES, MAX_CANDIDATES = 6, 60
DIRECTIONS = 200
DISTANCES = (1e-2, 1e-3, 1e-4, 1e-5)
EXTREMES, LEVELS_OFF = (1e-2, 1e-6), 0.1
"""Where slopes are compared, and by what they shrink in between if the gradient is zero."""
ROUNDING, PLATEAU = 1e-13, 0.25
"""What rounding may change a value by; the part of unchanged values that makes a plateau."""
SEED = 0
JUDGED = f"The kinks were judged by values in {DIRECTIONS} directions around each."

Values = dict[Symbol, Expr]


@dataclass(frozen=True)
class _Search:
    """What every level of the elimination shares."""

    region: Region
    effort: Effort
    variables: tuple[Symbol, ...]


def space_kinks(objective: Objective, region: Region, effort: Effort) -> list[Kink]:
    """Return the extrema at kinks of several variables that elimination finds.

    Parameters
    ----------
    objective : Objective
        Of at least two variables; with more than 6 nothing is looked for.
    region : Region
    effort : Effort

    Examples
    --------
    >>> from sympy import sqrt, symbols
    >>> x, y = symbols("x y", real=True)
    >>> f = Objective(sqrt(x**2 + y**2) + (x - y)**2)
    >>> for kink in space_kinks(f, Region(((-10.0, 10.0),) * 2), Effort()):
    ...     print(kink.description)
    x = 0, y = 0: kink, a minimum, f = 0, no gradient there
    """
    if objective.dimension > MAX_VARIABLES or not switches(objective.expression):
        return []
    search = _Search(region, effort, objective.variables)
    seen: dict[tuple[Expr, ...], None] = {}
    for values in _candidates(objective.expression, objective.variables, search):
        point = tuple(values[v] for v in objective.variables)
        if not any(c.free_symbols for c in point):
            seen[point] = None
        if len(seen) >= MAX_CANDIDATES or effort.over:
            break
    judged = [
        effort.attempt(
            "What the formula does at a kink",
            lambda point=point: _judge(objective, point),  # type: ignore[misc]
            None,
            share=0.3,
        )
        for point in seen
    ]
    return [kink for kink in judged if kink is not None]


def _candidates(
    expression: Expr, variables: tuple[Symbol, ...], search: _Search
) -> Iterator[Values]:
    """Yield points at kinks of an expression in some of the variables."""
    for source in switches(expression):
        if search.effort.over:
            return
        yield from _least(source, expression, variables, search)
        for variable, value in _eliminations(source, variables):
            rest = tuple(v for v in variables if v != variable)
            on_kink = expression.xreplace({variable: value})
            for values in _points(on_kink, rest, search):
                yield {**values, variable: value.xreplace(values)}


def _eliminations(source: Expr, variables: tuple[Symbol, ...]) -> Iterator[tuple[Symbol, Expr]]:
    """Yield the first variable in which u is linear with a constant factor, and its value."""
    for variable in variables:
        factor = source.diff(variable)
        if factor.is_number and factor != 0:
            yield variable, (variable - source / factor).expand()
            return


def _points(expression: Expr, variables: tuple[Symbol, ...], search: _Search) -> Iterator[Values]:
    """Yield stationary points and kinks of an expression."""
    if not variables:
        yield {}
        return
    present = tuple(v for v in variables if expression.has(v))
    if not present:
        yield dict.fromkeys(variables, S.Zero)
        return
    absent = {v: S.Zero for v in variables if v not in present}
    part = Objective(expression, present)
    region = search.region.only([search.variables.index(v) for v in present])
    found = zeros(part, region, search.effort)
    for zero in found.points:
        yield {**dict(zip(present, zero.coordinates, strict=True)), **absent}
    if len(present) == 1:
        for kink in line_kinks(part, region, search.effort)[0]:
            yield {present[0]: kink.point[0], **absent}
    else:
        for values in _candidates(expression, present, search):
            yield {**values, **absent}


def _least(
    source: Expr, expression: Expr, variables: tuple[Symbol, ...], search: _Search
) -> Iterator[Values]:
    """Yield where the base of a root is zero and stationary: sqrt(x^2 + y^2) at the origin."""
    bases = {power.base for power in define(expression).atoms(Pow) if not power.exp.is_integer}
    inside = tuple(v for v in variables if source.has(v))
    if source not in bases or source.is_Symbol or len(inside) < 2:
        return
    region = search.region.only([search.variables.index(v) for v in inside])
    for zero in zeros(Objective(source, inside), region, search.effort).points:
        at = dict(zip(inside, zero.coordinates, strict=True))
        if source.xreplace(at).equals(0):
            rest = tuple(v for v in variables if v not in inside)
            for values in _points(expression.xreplace(at), rest, search):
                yield {**values, **at}


def _judge(objective: Objective, point: Sequence[Expr]) -> Kink | None:
    """Say whether a point is an extremum, by values on small spheres around it."""
    at = dict(zip(objective.variables, point, strict=True))
    if outside(objective.expression, objective.variables, point):
        return None
    value = objective.expression.xreplace(at)
    here = np.array([float(c) for c in point])
    function = floats(objective.variables, [objective.expression])
    directions = np.random.Generator(np.random.PCG64(SEED)).normal(size=(DIRECTIONS, len(here)))
    directions = np.vstack(
        [directions / np.linalg.norm(directions, axis=1)[:, None], np.eye(len(here))]
    )
    steps = [distance * sign * directions for distance in DISTANCES for sign in (-1, 1)]
    around = function(here + np.vstack(steps))[:, 0]
    level = float(function(here[None])[0, 0])
    if not np.isfinite(level):
        level = float(N(value))
    change = around[np.isfinite(around)] - level
    slack = ROUNDING * max(1.0, abs(level))
    steepest = [
        np.nanmax(np.abs(function(here + d * directions)[:, 0] - level)) / d for d in EXTREMES
    ]
    flat = (S.Zero, S.Zero) if steepest[1] < LEVELS_OFF * steepest[0] else None
    kinds = {"minimum": np.all(change > -slack), "maximum": np.all(change < slack)}
    kind = next((name for name, holds in kinds.items() if holds), None)
    if kind is None or np.mean(np.abs(change) <= slack) > PLATEAU:
        return None
    exact = not any(c.has(Float) for c in point)
    return Kink(objective.variables, tuple(point), value, kind, flat, exact)
