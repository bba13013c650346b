"""Notes on stationary points: kinks, jumps of the curvature, what is declared of the symbols."""

from collections.abc import Sequence

from sympy import Symbol

from symlab.algebra.numbers import spell_number
from symlab.algebra.objective import Objective
from symlab.theory.kinks import KINKED, Kink, Smooth
from symlab.theory.kinks_space import JUDGED, MAX_VARIABLES
from symlab.theory.stationary_point import StationaryPoint
from symlab.theory.zeros_in_space import MANY_VARIABLES

KINKS = "The objective has kinks, where no gradient vanishes; {extent}."
NUMERICAL = (
    "In so many variables curvatures, rates and limits are numerical: NumPy's eigenvalues, "
    "right to about 13 digits."
)


def notes_on(
    objective: Objective,
    points: Sequence[StationaryPoint],
    kinks: Sequence[Kink],
    smooth: Sequence[Smooth],
) -> tuple[str, ...]:
    """Return the notes on an objective, one sentence each.

    Parameters
    ----------
    objective : Objective
    points : sequence of StationaryPoint
        Those that were found.
    kinks : sequence of Kink
        The extrema without a gradient that were found.
    smooth : sequence of Smooth
        The places where the formula switches and the gradient is zero all the same.
    """
    notes = [
        f"The curvature at {objective.variables[0]} = {spell_number(each.place)} is "
        f"{spell_number(each.curvatures[0])} to the left and "
        f"{spell_number(each.curvatures[1])} to the right."
        for each in smooth
        if each.kind != "inflection" and each.curvatures[0] != each.curvatures[1]
    ]
    if objective.expression.has(*KINKED) and (kinks or not smooth):
        notes.append(KINKS.format(extent=_extent(objective, kinks)))
    notes += _on_assumptions(objective)
    if kinks and objective.dimension > 1:
        notes.append(JUDGED)
    if points and objective.dimension > MANY_VARIABLES:
        notes.append(NUMERICAL)
    return tuple(notes)


def _extent(objective: Objective, kinks: Sequence[Kink]) -> str:
    """Return how far extrema at kinks were looked for."""
    if objective.dimension > MAX_VARIABLES:
        return f"in more than {MAX_VARIABLES} variables none is looked for"
    if kinks:
        return "the extrema found there are listed as kinks"
    return "no extremum was found there"


def _on_assumptions(objective: Objective) -> list[str]:
    """Return the notes on variables that are declared integer, or bounded by zero."""
    integers = [str(v) for v in objective.variables if v.is_integer]
    notes = [f"{', '.join(integers)}: declared integer, of which a gradient says nothing."]
    bounded = [v for v in objective.variables if v.is_zero is None and _is_half_line(v)]
    edges = ", ".join(f"{v} = 0" for v in bounded)
    more = [f"A minimum on the edge of the domain ({edges}) is not looked for."]
    return (notes if integers else []) + (more if bounded and objective.dimension > 1 else [])


def _is_half_line(variable: Symbol) -> bool:
    return bool(variable.is_nonnegative or variable.is_nonpositive)
