"""`explore`: a page on which a reader plays with an objective and methods."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sympy import Expr

from symlab.algebra.exactly import exact_point
from symlab.algebra.gate import entries
from symlab.algebra.objective import Objective
from symlab.algebra.problems import PROBLEMS
from symlab.checks import check_type, shown
from symlab.files import path_of
from symlab.lab.explorer.facts import objective_source
from symlab.lab.explorer.formula_tables import formula_tables
from symlab.lab.explorer.methods import as_json, method_name, method_source, object_source
from symlab.lab.explorer.page import Page, formula_page
from symlab.methods.method import Method, as_method
from symlab.methods.rule import Rule
from symlab.methods.rules import RULES
from symlab.theory.effort import SECONDS

MOST_VARIABLES = 6
"""Variables at most: with more than two a page draws how runs converge, and no place."""

MOST_SHOWN = 6
"""Methods shown at once at most: as many as can be told apart by colour and marker."""

OTHERS = ("newton", "bfgs", "backtracking", "armijo", "exact_line_search")
"""What every page offers besides the rules."""


@dataclass(frozen=True, repr=False)
class Explorer(Page):
    """A page about an objective.

    Parameters
    ----------
    html : str
        The page.
    objective : Objective
    methods : tuple of Rule or Method
        Those shown when the page opens.
    """

    objective: Objective
    methods: tuple[Rule | Method, ...]

    def __repr__(self) -> str:
        names = ", ".join(map(method_name, self.methods))
        return f"Explorer({self.objective!r}, {names}, {len(self.html) // 1000} kB)"


def explore(
    objective: Objective,
    rules: object = ("gradient_descent",),
    start: Sequence[object] | None = None,
    out: str | Path | None = None,
    *,
    seconds: float = SECONDS,
) -> Explorer:
    """Return a page on which methods run on an objective, to be read in a browser.

    The page is one file that loads nothing, from nowhere. It draws the runs, and says what will
    happen from what is derived: the step limit, the best step, the rate, the 2-cycles. Its start,
    its hyperparameters, its methods and even its formula can be changed in it.

    Parameters
    ----------
    objective : Objective
        A formula in up to 6 variables. The place of a run is drawn for one and two.
    rules : rule, method or name, or up to 6 of them
        What is shown at first: `sl.momentum(step_size=0.1)`, `sl.newton`, `"adam"`. Hyperparameters
        that were set stay as they are; a step size that was not is brought below the step limit.
    start : n numbers, optional
        The first iterate; that of the problem with this formula, or ones, when left out.
    out : path, optional
        A file to write the page into.
    seconds : float
        What the search for stationary points may take, above 0.

    Raises
    ------
    TypeError
        If the objective, a method or the path is something else.
    ValueError
        If the objective is a sum over data, has too many variables, a part of it has no counterpart
        in JavaScript, a method is unknown, or `start` is no point.

    Examples
    --------
    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> page = explore(Objective(2 - 3*x**3 + x**4), rules=["momentum", "newton"], start=[0.1])
    >>> page.html.startswith("<!doctype html>")
    True
    """
    _check_objective(objective)
    chosen = _methods(rules)
    here = _start(objective, start)
    path = None if out is None else path_of(out, "out")
    page = Explorer(formula_page(_program(objective, chosen, here, seconds)), objective, chosen)
    if path is not None:
        page.save(path)
    return page


def _check_objective(objective: Objective) -> None:
    check_type(objective, Objective, "objective", "an Objective")
    if objective.samples is not None:
        raise ValueError("objective: expected a formula; a risk on data has no page.")
    if objective.dimension > MOST_VARIABLES:
        raise ValueError(
            f"objective: a page takes at most {MOST_VARIABLES} variables, got "
            f"{objective.dimension}."
        )


def _methods(rules: object) -> tuple[Rule | Method, ...]:
    single = isinstance(rules, str) or not isinstance(rules, (list, tuple))
    chosen = tuple(_method(each) for each in ([rules] if single else entries(rules, "rules")))
    if not 1 <= len(chosen) <= MOST_SHOWN:
        raise ValueError(f"rules: expected 1 to {MOST_SHOWN} methods, got {len(chosen)}.")
    return chosen


def _method(given: object) -> Rule | Method:
    try:
        return as_method(given)
    except (TypeError, ValueError) as error:
        raise type(error)(str(error).replace("method: ", "rules: ", 1)) from None


def _start(objective: Objective, start: Sequence[object] | None) -> tuple[Expr, ...]:
    """Return the start as exact numbers; where none is given the problem's own, or ones."""
    if start is None:
        known = (p.start for p in PROBLEMS.taught.values() if p.objective == objective)
        start = next(known, (1,) * objective.dimension)
    here = exact_point(start, objective.dimension, "start", objective.variables)
    try:
        objective.at(here)
    except ValueError:
        raise ValueError(f"start: the objective has no real value at {shown(here)}.") from None
    if any(abs(float(coordinate)) > 1e12 for coordinate in here):
        raise ValueError(f"start: {shown(here)} is too far out to be drawn.")
    return here


def _program(
    objective: Objective, chosen: tuple[Rule | Method, ...], start: Sequence[Expr], seconds: float
) -> str:
    """Return the part of the page's program that SymPy writes."""
    named = {method_name(method): method for method in chosen}
    usual = {method_name(method): method for method in map(as_method, (*RULES, *OTHERS))}
    sources = {as_json(name): method_source(method) for name, method in (usual | named).items()}
    first = [_shown(method) for method in chosen]
    return (
        f"{formula_tables()}"
        f"const GIVEN = {objective_source(objective, start, seconds)};\n"
        f"const METHODS = {object_source(sources)};\n"
        f"const SHOWN = {as_json(first)};\n"
    )


def _shown(method: Rule | Method) -> dict[str, object]:
    """Return a method's name, its numbers, and the letters of those that were set."""
    parts = _parts(method)
    return {
        "name": method_name(method),
        "h": method_numbers(method),
        "set": [letter.name for part in parts for letter in part.values],
    }


def method_numbers(method: Rule | Method) -> dict[str, float]:
    """Return a method's hyperparameters by letter, but for those that change with k."""
    numbers = {a: value for part in _parts(method) for a, value in part.hyperparameters.items()}
    return {a.name: float(value) for a, value in numbers.items() if not value.free_symbols}


def _parts(method: Rule | Method) -> list[Any]:
    return [method] if isinstance(method, Rule) else [method.direction, method.search]
