"""The stationary points of an objective: where its gradient vanishes, and what kind each one is.

`zeros` finds them, by algebra or by search, `classification` says what they are, and `kinks` adds
the extrema at which there is no gradient. For a risk on data `data_minimum` finds the minimum.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sympy import Expr, ImmutableDenseMatrix

from symlab.algebra.exactly import exact_point
from symlab.algebra.foreign_words import explain_words
from symlab.algebra.objective import Objective, check_objective
from symlab.algebra.risk.risk import BoundRisk
from symlab.algebra.working_precision import exclusive
from symlab.theory.box_search import BoxSearch, search_box
from symlab.theory.certificate import Certificate
from symlab.theory.classification import UNDEFINED, classify, zero_text
from symlab.theory.data_minimum import stationary_on_data
from symlab.theory.domain import outside
from symlab.theory.effort import SECONDS, Effort, Report, make_effort
from symlab.theory.kinks import KINKED, Kink, Smooth, line_kinks
from symlab.theory.kinks_space import space_kinks
from symlab.theory.region import Region, region_of
from symlab.theory.stationary_notes import notes_on
from symlab.theory.stationary_point import StationaryPoint, StationaryPoints, in_floats
from symlab.theory.zeros import zeros
from symlab.theory.zeros_in_space import MANY_VARIABLES, hessian_floats
from symlab.theory.zeros_numerical import SEARCHING, Zero, Zeros

MAX_LOOSE = 3
"""How many numerical points with a singular Hessian are listed."""
MAX_OUTSIDE = 3
"""How many points outside the domain are named."""
SINGULAR, SAME = 1e-9, 1e-9
"""A smallest curvature relative to the largest, and a distance, that are none."""


PROVING = 0.6
"""The part of the remaining time that a proof of completeness may take."""


@explain_words()
@exclusive
def stationary_points(
    objective: Objective,
    *,
    start: Sequence[object] | None = None,
    box: object = None,
    seconds: float = SECONDS,
    report: Report | None = None,
) -> StationaryPoints:
    """Find and classify the points where the gradient of an objective is zero.

    Parameters
    ----------
    objective : Objective
        For a risk on data its minimum is found, in floats.
    start : n numbers, optional
        One more start for a numerical search; the box is widened to hold it.
    box : pair (low, high), or n such pairs, optional
        Where to search when algebra gives up, and to prove that no point is missing: `complete` is
        then of the box. When left out it is [-10, 10] in every variable, other scales are searched
        as well, more coarsely, and nothing is proved.
    seconds : float
        What the search may take, above 0. Whatever is not done in time is left out, and a note
        says so.
    report : callable taking a sentence, optional
        Called as each part of the search begins.

    Returns
    -------
    StationaryPoints
        The `points`, each with its `kind`; whether they are known to be all (`complete`); the
        `kinks`, which are extrema without a gradient; and `notes`.

    Raises
    ------
    TypeError
        If the objective is something else.
    ValueError
        If the box is not one or n pairs of numbers low < high, `start` is no point, or `seconds`
        is not positive.

    Examples
    --------
    >>> from symlab.algebra.problems import PROBLEMS
    >>> for point in stationary_points(PROBLEMS["quartic"].objective).points:
    ...     print(repr(point))
    StationaryPoint(x = 0: inflection, value 2)
    StationaryPoint(x = 9/4: minimum, value -1675/256)
    >>> from sympy import cos
    >>> from sympy.abc import x
    >>> found = stationary_points(Objective(cos(x) + x/3), box=(-4, 4))
    >>> len(found.points), found.complete
    (3, True)
    """
    check_objective(objective)
    variables = objective.variables
    exact = None if start is None else exact_point(start, len(variables), "start", variables)
    effort = make_effort(seconds, report)
    found = find_stationary_points(objective, exact, box, effort)
    return replace(found, notes=(*found.notes, *effort.notes))


def find_stationary_points(
    objective: Objective, start: Sequence[Expr] | None, box: object, effort: Effort
) -> StationaryPoints:
    """Find and classify the stationary points with an effort that is shared with other work.

    Parameters
    ----------
    objective : Objective
    start : n exact numbers, or None
    box : pair (low, high), or n such pairs, or None
    effort : Effort
        What was not done stands in its notes.
    """
    here = [float(c) for c in start or ()]
    region = region_of(box, objective.variables, here)
    return objective.dispatch(
        formula=lambda stated: _of_formula(stated, region, effort),
        data=lambda bound: _of_data(bound, here, effort),
    )


def _of_data(bound: BoundRisk, here: Sequence[float], effort: Effort) -> StationaryPoints:
    nothing = StationaryPoints((), complete=False)
    return effort.attempt("The minimum", lambda: stationary_on_data(bound, here), nothing)


def _of_formula(objective: Objective, region: Region, effort: Effort) -> StationaryPoints:
    found = _all_in_box(objective, region, zeros(objective, region, effort), effort)
    extrema, smooth = _kinks(objective, region, effort)
    inside, reasons = _in_domain(objective, _off_kinks(found, extrema), effort)
    few, more = _without_continuum(objective, inside, effort)
    points = _with_smooth(objective, classify(objective, few, effort), smooth)
    places = [point.point for point in points]
    kinks = tuple(kink for kink in extrema if kink.point not in places)
    alone = objective.dimension == len(points) == 1 and objective.hessian[0].is_nonzero
    if alone and not found.complete:
        return StationaryPoints(tuple(points), complete=True, notes=reasons, kinks=kinks)
    notes = (*reasons, *found.notes, *more, *notes_on(objective, points, kinks, smooth))
    return StationaryPoints(tuple(points), found.complete, notes, kinks, found.searched)


def _all_in_box(objective: Objective, region: Region, found: Zeros, effort: Effort) -> Zeros:
    """Return the zeros in a box that a caller gave, proved to be all if that can be done in time.

    What algebra or a search had found keeps its form, which may be exact.
    """
    if found.complete or region.wide:
        return found
    proved = effort.attempt(
        "The proof that no stationary point is missing",
        lambda: search_box(objective, region.box, effort.left * PROVING / 2),
        BoxSearch((), complete=False, undecided=1),
        share=PROVING,
    )
    points = [_known_or_new(certificate, found.points) for certificate in proved.points]
    if not proved.complete:
        left = (proved.verdict,) if proved.verdict else ()
        new = [each for each in points if each not in found.points]
        return replace(found, points=(*found.points, *new), notes=(*found.notes, *left))
    return Zeros(tuple(points), complete=True, notes=(proved.verdict,), searched=str(region))


def _known_or_new(certificate: Certificate, known: Sequence[Zero]) -> Zero:
    """Return the zero that was found where one is certified, else the certified one."""
    place = in_floats(certificate.point)
    near = (zero for zero in known if _distance(in_floats(zero.coordinates), place) < SAME)
    return next(near, Zero(certificate.point, exact=False))


def _kinks(objective: Objective, region: Region, effort: Effort) -> tuple[list[Kink], list[Smooth]]:
    """Return the extrema at kinks, and the points where the formula switches smoothly."""
    nothing: tuple[list[Kink], list[Smooth]] = ([], [])

    def search() -> tuple[list[Kink], list[Smooth]]:
        if objective.dimension > 1:
            return space_kinks(objective, region, effort), []
        return line_kinks(objective, region, effort)

    return effort.attempt("The search for kinks", search, nothing, share=SEARCHING)


def _off_kinks(found: Zeros, kinks: Sequence[Kink]) -> Sequence[Zero]:
    """Return the zeros that are not numbers next to a kink or an edge, where no gradient is."""
    places = [in_floats(kink.point) for kink in kinks]
    return [
        zero
        for zero in found.points
        if zero.exact or all(_distance(in_floats(zero.coordinates), p) > SAME for p in places)
    ]


def _distance(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the largest relative difference of two coordinates."""
    return max(abs(a - b) / (1 + abs(b)) for a, b in zip(one, other, strict=True))


def _in_domain(
    objective: Objective, found: Sequence[Zero], effort: Effort
) -> tuple[list[Zero], tuple[str, ...]]:
    """Return the zeros in the domain where second derivatives exist, and why others are not."""
    inside: list[Zero] = []
    reasons: list[str] = []
    for zero in found:
        reason = _reason_against(objective, zero, effort)
        if reason is None:
            inside.append(zero)
        elif reason:
            reasons.append(f"{zero_text(objective, zero)} is outside the domain: {reason}.")
    more = len(reasons) - MAX_OUTSIDE
    hidden = (f"{more} more such points are outside the domain.",) if more > 0 else ()
    return inside, (*reasons[:MAX_OUTSIDE], *hidden)


def _reason_against(objective: Objective, zero: Zero, effort: Effort) -> str | None:
    """Return why a zero does not count, "" if it is at a kink or nothing is known; else None."""
    unknown: str | None = ""

    def reason() -> str | None:
        why = outside(objective.expression, objective.variables, zero.coordinates)
        return why or (None if _is_smooth(objective, zero) else "")

    return effort.attempt("Whether a point is in the domain", reason, unknown)


def _is_smooth(objective: Objective, zero: Zero) -> bool:
    """Whether second derivatives exist: at a kink SymPy's gradient may be zero all the same."""
    if objective.dimension > MANY_VARIABLES and not objective.expression.has(*KINKED):
        return True
    at = dict(zip(objective.variables, zero.coordinates, strict=True))
    return not objective.hessian.xreplace(at).has(*UNDEFINED)


def _without_continuum(
    objective: Objective, found: list[Zero], effort: Effort
) -> tuple[list[Zero], tuple[str, ...]]:
    """Keep a few of many numerical points with a singular Hessian: they look like a continuum."""
    numerical = [zero for zero in found if not zero.exact]
    if len(numerical) <= MAX_LOOSE or objective.dimension > MANY_VARIABLES:
        return found, ()
    flat = effort.attempt(
        "The curvatures", lambda: _are_singular(objective, found), [False] * len(found)
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


def _are_singular(objective: Objective, found: Sequence[Zero]) -> list[bool]:
    """Whether the smallest curvature at each point is none beside the largest, or all are none."""
    points = np.array([in_floats(zero.coordinates) for zero in found])
    spectra = np.abs(np.linalg.eigvalsh(hessian_floats(objective)(points)))
    return [bool(row.min() <= SINGULAR * max(row.max(), SINGULAR)) for row in spectra]


def _with_smooth(
    objective: Objective, points: list[StationaryPoint], smooth: Sequence[Smooth]
) -> list[StationaryPoint]:
    """Add the points of switching that are stationary; they know more than the formula does."""
    joined = list(points)
    for each in smooth:
        same = [p for p in joined if abs(in_floats(p.point)[0] - float(each.place)) < SAME]
        if same and same[0].kind == each.kind and not any(each.curvatures):
            continue
        joined = [p for p in joined if p not in same] + [_from_smooth(objective, each)]
    return sorted(joined, key=lambda point: in_floats(point.point))


def _from_smooth(objective: Objective, found: Smooth) -> StationaryPoint:
    """Return the stationary point; where the curvatures differ the larger one limits a step."""
    left, right = found.curvatures
    curvature = left if abs(left) > abs(right) else right
    return StationaryPoint(
        variables=objective.variables,
        point=(found.place,),
        value=found.value,
        hessian=ImmutableDenseMatrix([[curvature]]),
        eigenvalues=(curvature,),
        kind=found.kind,
        order=2 if left == right and curvature.is_finite and curvature != 0 else None,
        exact=found.exact,
    )
