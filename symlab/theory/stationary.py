"""The stationary points of an objective: where its gradient vanishes, and what kind each one is.

`zeros` finds them, by algebra or by search, and `classification` says what they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sympy import (
    Abs,
    Expr,
    Float,
    Heaviside,
    ImmutableDenseMatrix,
    Max,
    Min,
    Piecewise,
    S,
    Symbol,
    sign,
)

from symlab.algebra.exactly import exact_point
from symlab.algebra.functions import hinge, relu, softsign
from symlab.algebra.numbers import as_plain_number, join_texts, sign_of, spell_number
from symlab.algebra.objective import Objective
from symlab.algebra.risk.risk import BoundRisk
from symlab.theory.classification import UNDEFINED, eigenvalues, first_order, kind_of
from symlab.theory.data_minimum import DataMinimum, data_minimum
from symlab.theory.domain import outside
from symlab.theory.effort import Effort
from symlab.theory.kinks import Kink, Smooth, line_kinks
from symlab.theory.kinks_space import JUDGED, MAX_VARIABLES, space_kinks
from symlab.theory.region import Region, region_of
from symlab.theory.search_space import MANY_VARIABLES, hessian_floats
from symlab.theory.zeros import zeros
from symlab.theory.zeros_numerical import KEPT_DIGITS, SEARCHING, Zero, Zeros

DOUBLE = 17
"""Digits that tell every float64 from every other."""
MAX_LOOSE = 3
SINGULAR, SAME = 1e-9, 1e-9
"""A smallest curvature relative to the largest, and a distance, that are none."""
MAX_ASIDE = 3
"""How many points outside the domain are named."""
NAMED = 3
"""Up to how many variables a point is written with their names."""
KINKED = (Abs, Max, Min, sign, Heaviside, Piecewise, relu, hinge, softsign)
KINKS = "The objective has kinks, where no gradient vanishes; {extent}."
NUMERICAL = (
    "In so many variables curvatures, rates and limits are numerical: NumPy's eigenvalues, "
    "right to about 13 digits."
)


@dataclass(frozen=True)
class StationaryPoint:
    """A point where the gradient vanishes.

    Parameters
    ----------
    variables : tuple of sympy.Symbol
    point : tuple of sympy.Expr
        The n coordinates. In a continuum a free coordinate stands as its own symbol.
    value : sympy.Expr
    hessian : sympy.ImmutableDenseMatrix
        Shape (n, n).
    eigenvalues : tuple of sympy.Expr
        The curvatures, n of them, ascending.
    kind : str
        "minimum", "maximum", "saddle", "inflection" or "undecided".
    order : int or None
        The order of the first derivative after the gradient that does not vanish: 2 at a regular
        point; found beyond that in one variable only.
    exact : bool
        Whether the point is an exact zero of the gradient, or one found numerically.
    freedom : int
        The dimension of the continuum it belongs to; 0 if it stands alone.
    """

    variables: tuple[Symbol, ...]
    point: tuple[Expr, ...]
    value: Expr
    hessian: ImmutableDenseMatrix
    eigenvalues: tuple[Expr, ...]
    kind: str
    order: int | None = None
    exact: bool = True
    freedom: int = 0

    def __str__(self) -> str:
        if len(self.variables) > NAMED:
            return f"({join_texts([spell_number(c) for c in self.point])})"
        stated = (f"{v} free" if v == c else f"{v} = {spell_number(c)}" for v, c in self._named())
        return ", ".join(stated).replace("= ≈", "≈")

    def __repr__(self) -> str:
        return f"StationaryPoint({self}: {self.kind}, value {spell_number(self.value)})"

    def _named(self) -> list[tuple[Symbol, Expr]]:
        return list(zip(self.variables, self.point, strict=True))

    @property
    def curvatures(self) -> tuple[Expr, ...]:
        """The eigenvalues across the continuum; all of them at an isolated point."""
        return tuple(e for e in self.eigenvalues if not self.freedom or sign_of(e))

    @property
    def regular(self) -> bool:
        """Whether the Hessian is invertible."""
        return all(sign_of(eigenvalue) for eigenvalue in self.eigenvalues)

    def distance(self, start: Sequence[Expr]) -> float:
        """Return the Euclidean distance to a point; a free coordinate counts as equal."""
        here = dict(zip(self.variables, start, strict=True))
        gaps = [coordinate.subs(here) - here[v] for v, coordinate in self._named()]
        return sum(float(gap) ** 2 for gap in gaps) ** 0.5


@dataclass(frozen=True)
class StationaryPoints:
    """The points found, whether they are known to be all, and what else to know about them.

    `kinks` are extrema without a gradient, `searched` says where a search by numbers looked; it is
    empty where algebra looked everywhere.
    """

    points: tuple[StationaryPoint, ...]
    complete: bool
    notes: tuple[str, ...] = ()
    kinks: tuple[Kink, ...] = ()
    searched: str = ""


def stationary_points(
    objective: Objective,
    box: object = None,
    start: Sequence[object] | None = None,
    effort: Effort | None = None,
) -> StationaryPoints:
    """Find and classify the points where the gradient is zero.

    Parameters
    ----------
    objective : Objective
    box : pair (low, high), or n such pairs, optional
        Where to search when algebra gives up; [-10, 10] in every variable when left out.
    start : n numbers, optional
        One more start for such a search; the box is widened to hold it.
    effort : Effort, optional
        The time that may be spent; 20 seconds when left out.

    Raises
    ------
    ValueError
        If the box is not one or n pairs of numbers low < high, or `start` is no point.

    Examples
    --------
    >>> from symlab.algebra.problems import PROBLEMS
    >>> for point in stationary_points(PROBLEMS["quartic"].objective).points:
    ...     print(repr(point))
    StationaryPoint(x = 0: inflection, value 2)
    StationaryPoint(x = 9/4: minimum, value -1675/256)
    """
    effort = Effort() if effort is None else effort
    variables = objective.variables
    exact = () if start is None else exact_point(start, len(variables), "start", variables)
    here = [float(c) for c in exact]
    region = region_of(box, objective.variables, here)
    if isinstance(objective, BoundRisk):
        nothing = StationaryPoints((), complete=False)
        return effort.attempt("The minimum", lambda: _on_data(objective, here), nothing)
    found = zeros(objective, region, effort)
    extrema, smooth = _kinks(objective, region, effort)
    inside, aside = _in_domain(objective, _off_kinks(found, extrema), effort)
    few, more = _thinned(objective, inside, effort)
    points = _joined(objective, _all_classified(objective, few, effort), smooth)
    kinks = _apart(extrema, points)
    alone = objective.dimension == len(points) == 1 and objective.hessian[0].is_nonzero
    if alone and not found.complete:
        return StationaryPoints(tuple(points), complete=True, notes=aside, kinks=kinks)
    notes = (*aside, *found.notes, *more, *_told(objective, points, kinks, smooth))
    return StationaryPoints(tuple(points), found.complete, notes, kinks, found.searched)


def _off_kinks(found: Zeros, kinks: Sequence[Kink]) -> Sequence[Zero]:
    """Return the zeros that are not numbers next to a kink or an edge, where no gradient is."""
    places = [_place(kink) for kink in kinks]
    return [
        zero
        for zero in found.points
        if zero.exact or all(_apart_by(_place(zero), place) > SAME for place in places)
    ]


def _apart_by(one: Sequence[float], other: Sequence[float]) -> float:
    return max(abs(a - b) / (1 + abs(b)) for a, b in zip(one, other, strict=True))


def _in_domain(
    objective: Objective, found: Sequence[Zero], effort: Effort
) -> tuple[list[Zero], tuple[str, ...]]:
    """Return the zeros in the domain where second derivatives exist, and why others are not."""
    inside: list[Zero] = []
    reasons: list[str] = []
    for zero in found:
        reason = _set_aside(objective, zero, effort)
        if reason is None:
            inside.append(zero)
        elif reason:
            reasons.append(f"{_shown(objective, zero)} is outside the domain: {reason}.")
    more = len(reasons) - MAX_ASIDE
    hidden = (f"{more} more such points are outside the domain.",) if more > 0 else ()
    return inside, (*reasons[:MAX_ASIDE], *hidden)


def _set_aside(objective: Objective, zero: Zero, effort: Effort) -> str | None:
    """Return why a zero does not count, "" if it is at a kink or nothing is known; else None."""
    unknown: str | None = ""

    def judge() -> str | None:
        reason = outside(objective.expression, objective.variables, zero.coordinates)
        return reason or (None if _is_smooth(objective, zero) else "")

    return effort.attempt("Whether a point is in the domain", judge, unknown)


def _shown(objective: Objective, zero: Zero) -> str:
    """Return a point as (1, -2), and in one variable as x = 1."""
    if objective.dimension > 1:
        return _tuple(zero)
    return f"{objective.variables[0]} = {spell_number(zero.coordinates[0])}".replace("= ≈", "≈")


def _tuple(zero: Zero) -> str:
    return f"({join_texts([spell_number(c).removeprefix('≈ ') for c in zero.coordinates])})"


def _kinks(objective: Objective, region: Region, effort: Effort) -> tuple[list[Kink], list[Smooth]]:
    """Return the extrema at kinks, and the places of switching that are smooth."""
    nothing: tuple[list[Kink], list[Smooth]] = ([], [])

    def look() -> tuple[list[Kink], list[Smooth]]:
        if objective.dimension > 1:
            return space_kinks(objective, region, effort), []
        return line_kinks(objective, region, effort)

    return effort.attempt("The search for kinks", look, nothing, share=SEARCHING)


def _all_classified(
    objective: Objective, found: Sequence[Zero], effort: Effort
) -> list[StationaryPoint]:
    points = []
    for number, zero in enumerate(found):
        point = effort.attempt(
            f"The kind of {_shown(objective, zero)}",
            lambda zero=zero: _classified(objective, zero),  # type: ignore[misc]
            None,
            share=min(1.0, 2 / (len(found) - number + 1)),
        )
        points.append(_undecided(objective, zero, effort) if point is None else point)
    return sorted(points, key=_place)


def _undecided(objective: Objective, zero: Zero, effort: Effort) -> StationaryPoint:
    """Return a point of which nothing is known but where it is, and perhaps its value."""
    at = dict(zip(objective.variables, zero.coordinates, strict=True))
    number = effort.attempt(
        f"The value at {_shown(objective, zero)}",
        lambda: objective.expression.evalf(DOUBLE, subs=at),
        S.NaN,
    )
    nothing = ImmutableDenseMatrix.zeros(objective.dimension)
    return StationaryPoint(
        objective.variables, zero.coordinates, number, nothing, (), "undecided", None, zero.exact
    )


def _on_assumptions(objective: Objective) -> list[str]:
    """Return what a gradient cannot say of symbols that are declared integer or bounded by zero."""
    whole = [str(v) for v in objective.variables if v.is_integer]
    told = [f"{', '.join(whole)}: declared integer, of which a gradient says nothing."]
    ends = [v for v in objective.variables if v.is_zero is None and _is_halved(v)]
    edges = ", ".join(f"{v} = 0" for v in ends)
    more = [f"A minimum on the edge of the domain ({edges}) is not looked for."]
    return (told if whole else []) + (more if ends and objective.dimension > 1 else [])


def _is_halved(variable: Symbol) -> bool:
    return bool(variable.is_nonnegative or variable.is_nonpositive)


def _joined(
    objective: Objective, points: list[StationaryPoint], smooth: Sequence[Smooth]
) -> list[StationaryPoint]:
    """Add the points of switching that are stationary; they know more than the formula does."""
    joined = list(points)
    for seen in smooth:
        same = [p for p in joined if abs(_place(p)[0] - float(seen.place)) < 1e-9]
        if same and same[0].kind == seen.kind and not any(seen.curvatures):
            continue
        joined = [p for p in joined if p not in same] + [_of_smooth(objective, seen)]
    return sorted(joined, key=_place)


def _of_smooth(objective: Objective, seen: Smooth) -> StationaryPoint:
    """Return the stationary point; where the curvatures differ the larger one limits a step."""
    left, right = seen.curvatures
    curvature = left if abs(left) > abs(right) else right
    return StationaryPoint(
        variables=objective.variables,
        point=(seen.place,),
        value=seen.value,
        hessian=ImmutableDenseMatrix([[curvature]]),
        eigenvalues=(curvature,),
        kind=seen.kind,
        order=2 if left == right and curvature.is_finite and curvature != 0 else None,
        exact=seen.exact,
    )


def _apart(kinks: Sequence[Kink], points: Sequence[StationaryPoint]) -> tuple[Kink, ...]:
    """Return the kinks that are not among the stationary points."""
    places = [point.point for point in points]
    return tuple(kink for kink in kinks if kink.point not in places)


def _told(
    objective: Objective,
    points: Sequence[StationaryPoint],
    kinks: Sequence[Kink],
    smooth: Sequence[Smooth],
) -> tuple[str, ...]:
    """Return the notes on kinks and on large Hessians."""
    told = [
        f"The curvature at {objective.variables[0]} = {spell_number(seen.place)} is "
        f"{spell_number(seen.curvatures[0])} to the left and "
        f"{spell_number(seen.curvatures[1])} to the right."
        for seen in smooth
        if seen.kind != "inflection" and seen.curvatures[0] != seen.curvatures[1]
    ]
    if objective.expression.has(*KINKED) and (kinks or not smooth):
        if objective.dimension > MAX_VARIABLES:
            extent = f"in more than {MAX_VARIABLES} variables none is looked for"
        elif kinks:
            extent = "the extrema found there are listed as kinks"
        else:
            extent = "no extremum was found there"
        told.append(KINKS.format(extent=extent))
    told += _on_assumptions(objective)
    if kinks and objective.dimension > 1:
        told.append(JUDGED)
    if points and objective.dimension > MANY_VARIABLES:
        told.append(NUMERICAL)
    return tuple(told)


def _on_data(bound: BoundRisk, start: list[float]) -> StationaryPoints:
    """Return the minimum of a risk on data, in floats: its sum may be too long to write out."""
    found = data_minimum(bound, start)
    notes = (found.note,) if found.note else ()
    if found.point is None:
        return StationaryPoints((), found.alone, notes)
    point = StationaryPoint(
        variables=bound.variables,
        point=tuple(_float(coordinate) for coordinate in found.point),
        value=_float(found.value),
        hessian=ImmutableDenseMatrix(found.hessian.tolist()),
        eigenvalues=found.curvatures,
        kind=_kind_on_data(found),
        order=2 if all(found.curvatures) else None,
        exact=False,
        freedom=found.flat,
    )
    return StationaryPoints((point,), found.alone, notes)


def _float(number: float) -> Expr:
    return Float(float(number), DOUBLE)


def _kind_on_data(found: DataMinimum) -> str:
    """Say minimum only where no curvature is negative, and those that are zero are known flat."""
    signs = [sign_of(curvature) for curvature in found.curvatures]
    if min(signs) < 0:
        return "saddle" if max(signs) > 0 else "undecided"
    return "minimum" if signs.count(0) == found.flat else "undecided"


def _is_smooth(objective: Objective, zero: Zero) -> bool:
    """Whether second derivatives exist: at a kink SymPy's gradient may be zero all the same."""
    if objective.dimension > MANY_VARIABLES and not objective.expression.has(*KINKED):
        return True
    at = dict(zip(objective.variables, zero.coordinates, strict=True))
    return not objective.hessian.xreplace(at).has(*UNDEFINED)


def _thinned(
    objective: Objective, found: list[Zero], effort: Effort
) -> tuple[list[Zero], tuple[str, ...]]:
    """Keep a few of many numerical points with a singular Hessian: they look like a continuum."""
    numerical = [zero for zero in found if not zero.exact]
    if len(numerical) <= MAX_LOOSE or objective.dimension > MANY_VARIABLES:
        return found, ()
    flat = effort.attempt(
        "The curvatures", lambda: _singular(objective, found), [False] * len(found)
    )
    loose = [zero for zero, none in zip(found, flat, strict=True) if none and not zero.exact]
    if len(loose) <= MAX_LOOSE:
        return found, ()
    exact = sum(none and zero.exact for zero, none in zip(found, flat, strict=True))
    shown = max(1, MAX_LOOSE + 1 - max(1, exact))
    kept = [zero for zero in found if zero not in loose[shown:]]
    return kept, (
        f"{len(loose)} points with a singular Hessian were found, probably of a continuum; "
        f"{shown} are listed.",
    )


def _singular(objective: Objective, found: Sequence[Zero]) -> list[bool]:
    """Whether the smallest curvature at each point is none beside the largest, or all are none."""
    points = np.array([_place(zero) for zero in found])
    spectra = np.abs(np.linalg.eigvalsh(hessian_floats(objective)(points)))
    return [bool(row.min() <= SINGULAR * max(row.max(), SINGULAR)) for row in spectra]


def _place(point: StationaryPoint | Kink | Zero) -> tuple[float, ...]:
    coordinates = point.coordinates if isinstance(point, Zero) else point.point
    return tuple(float(c) if not c.free_symbols else 0.0 for c in coordinates)


def _classified(objective: Objective, zero: Zero) -> StationaryPoint:
    at = dict(zip(objective.variables, zero.coordinates, strict=True))
    hessian = ImmutableDenseMatrix(objective.hessian.xreplace(at))
    if not (zero.exact or zero.freedom):
        hessian = hessian.evalf(KEPT_DIGITS)
    spectrum = eigenvalues(hessian)
    order = 2 if all(map(sign_of, spectrum)) else first_order(objective, zero)
    return StationaryPoint(
        variables=objective.variables,
        point=zero.coordinates,
        value=_value(objective, at) if zero.exact else _value(objective, at).evalf(KEPT_DIGITS),
        hessian=hessian,
        eigenvalues=spectrum,
        kind=kind_of(objective, zero, spectrum, order),
        order=order,
        exact=zero.exact,
        freedom=zero.freedom,
    )


def _value(objective: Objective, at: dict[Symbol, Expr]) -> Expr:
    value = as_plain_number(objective.expression.xreplace(at))
    # A free coordinate does not change the value, so any number may stand for it.
    return value.subs(dict.fromkeys(value.free_symbols, 0)) if value.free_symbols else value
