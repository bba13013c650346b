"""A page of a formula, methods and a start that were typed; all is parsed, nothing evaluated."""

from collections.abc import Sequence

from symlab.algebra.formula.parse import parse
from symlab.algebra.objective import Objective
from symlab.algebra.problems import PROBLEMS
from symlab.lab.explorer.explorer import Explorer, explore
from symlab.lab.typed_formula import parse_number
from symlab.theory.effort import SECONDS


def explore_text(
    formula: str | None, rules: Sequence[str], start: str | None, *, seconds: float = SECONDS
) -> Explorer:
    """Return the page of what was typed.

    Parameters
    ----------
    formula : str or None
        Its free names are the variables; the quartic of `sl.problems` if None.
    rules : sequence of str
        Names of methods.
    start : str or None
        Numbers separated by commas.
    seconds : float
        As for `explore`.

    Raises
    ------
    ValueError
        If a part cannot be read, or `explore` refuses it.

    Examples
    --------
    >>> explore_text("x^2/20 + y^2", ["momentum"], "-5, -2").methods
    (momentum(step_size=0.1, momentum=0.9),)
    """
    objective = PROBLEMS["quartic"].objective if formula is None else Objective(parse(formula))
    point = None if start is None else [parse_number(part, "start") for part in start.split(",")]
    return explore(objective, list(rules), point, seconds=seconds)
