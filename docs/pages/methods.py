"""A page for each rule, direction, search and the like: equation, source, limit, variants."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from sympy import Basic, latex

import symlab as sl
from pages.explorers import explorer_page, explorer_place
from pages.kept import Kept
from pages.markdown import fill, prose, table
from pages.page import Page
from pages.places import lesson_title, link
from symlab.algebra.alphabet import HYPERPARAMETERS
from symlab.book.lessons import lessons
from symlab.lab.explorer.explorer import OTHERS, explore
from symlab.methods.configurable import Configurable, interval
from symlab.methods.directions import Direction
from symlab.methods.rule import Rule
from symlab.methods.rule_variants import rule_variants
from symlab.methods.schedules import Schedule
from symlab.methods.searches import Search
from symlab.methods.squares import SquaresMethod

KINDS: dict[type[Configurable], tuple[str, str]] = {
    Rule: ("Rules", "One recurrence for each letter, the same for every coordinate."),
    Direction: ("Directions", "Where to go, from gradient and Hessian; paired with a search."),
    Search: ("Searches", "How far to go along a direction; paired with one."),
    SquaresMethod: (
        "Methods for sums of squares",
        "Residuals and their Jacobian in place of value and gradient; runs alone.",
    ),
    Schedule: ("Schedules", "A step size that changes from step to step; for any rule."),
}
"""What each kind of method is called, and what it is."""

EXAMPLE = sl.problems["quartic"]
"""The objective on which the limits of rules are stated and their explorers open."""


def is_method(value: Any) -> bool:
    """Whether a value is a rule, a direction, a search, a method on squares or a schedule."""
    return isinstance(value, tuple(KINDS))


def methods() -> dict[str, Configurable]:
    """Return every public method by the name it is used by, in reading order.

    Examples
    --------
    >>> [name for name in methods() if name.startswith("sl.adam")]
    ['sl.adam', 'sl.adamax', 'sl.adamw']
    """
    found: dict[str, Any] = {f"sl.{name}": getattr(sl, name) for name in sl.__all__}
    found |= {f"sl.schedules.{name}": value for name, value in vars(sl.schedules).items()}
    return {name: value for name, value in found.items() if is_method(value)}


def pages(kept: Kept) -> Iterator[Page]:
    """Yield the pages of all methods, and their explorers."""
    every = methods()
    for name, each in every.items():
        playing = isinstance(each, Rule) or each.name in OTHERS
        if playing:
            yield explorer_page(kept, each.name, partial(_explore, each))
        yield Page(f"methods/{page_name(name)}.md", _text(name, each, kept, playing=playing))
    by_kind = {
        words: [(page_name(name), each) for name, each in every.items() if type(each) is kind]
        for kind, words in KINDS.items()
    }
    yield Page("methods/index.md", fill("methods.jinja", by_kind=by_kind))


def page_name(name: str) -> str:
    """Return the name of a method's page.

    Examples
    --------
    >>> page_name("sl.adam"), page_name("sl.schedules.step")
    ('adam', 'schedules-step')
    """
    return name.removeprefix("sl.").replace(".", "-")


def _explore(method: Configurable) -> str:
    return explore(EXAMPLE.objective, [method], EXAMPLE.start).html


def _text(name: str, method: Configurable, kept: Kept, *, playing: bool) -> str:
    analysis = {}
    if isinstance(method, Rule):
        analysis = kept.result(f"analysis-{name}", partial(_analyze, method))
    return fill(
        "method.jinja",
        name=name,
        full=name.replace("sl.", "symlab.", 1),
        method=method,
        kind="method" if isinstance(method, SquaresMethod) else type(method).__name__.lower(),
        hyperparameters=_hyperparameters(method),
        objective=latex(EXAMPLE.objective.expression),
        analysis=analysis,
        variants=_variants(method),
        side_by_side=_side_by_side(method),
        lessons=_lessons_with(name),
        explorer=explorer_place(method.name) if playing else "",
    )


def _hyperparameters(method: Configurable) -> str:
    """Return letters, words, defaults and domains as a table; empty if there are none."""
    rows = [
        [
            f"${latex(letter)}$",
            f"`{HYPERPARAMETERS[letter].word}`",
            prose(str(value)),
            prose(interval(HYPERPARAMETERS[letter].domain)),
        ]
        for letter, value in method.defaults.items()
    ]
    return table(["letter", "name", "default", "allowed"], rows) if rows else ""


def _analyze(rule: Rule) -> dict[str, Any]:
    """Return what is derived of a rule on the example, in words."""
    found = sl.analyze(EXAMPLE.objective, rule, start=EXAMPLE.start)
    return {
        "minimum": str(found.minimum),
        "numbers": found.numbers(),
        "verdict": found.verdict,
        "notes": found.notes,
    }


def _variants(method: Configurable) -> Mapping[str, Mapping[str, str]]:
    """Return what each variant of a method is, and the formula of a search's."""
    if isinstance(method, Search):
        forms = {name: method(variant=name) for name in method.variants}
        return {
            name: {"source": "", "latex": form.latex(), "call": repr(form)}
            for name, form in forms.items()
        }
    if not isinstance(method, Rule):
        return {}
    return {
        name: {"source": variant.source, "latex": "", "call": repr(method(variant=name))}
        for name, variant in method.variants.items()
    }


def _side_by_side(method: Configurable) -> str:
    """Return the forms of a rule as a table, a column each; a dot is as in the first column."""
    if not isinstance(method, Rule) or not method.variants:
        return ""
    forms = rule_variants(method)
    rows = [
        [
            f"${latex(row.letter)}$",
            *(
                _cell(cell) if mark or column == 0 else "·"
                for column, (cell, mark) in enumerate(zip(row.cells, row.differs, strict=True))
            ),
        ]
        for row in (*forms.rows, *forms.defaults)
    ]
    return table(["letter", *forms.names], rows)


def _cell(cell: object) -> str:
    if cell is None:
        return ""
    # A bar would end the cell of the table.
    return f"${_tex(cell)}$" if isinstance(cell, Basic) else prose(str(cell))


def _tex(formula: Basic) -> str:
    return latex(formula).replace("|", r"\vert ")


def _lessons_with(name: str) -> list[str]:
    """Return links to the lessons whose program names a method."""
    used = re.compile(rf"\b{re.escape(name)}\b")
    return [
        link(lesson_title(lesson), f"lessons/{lesson.path.stem}.rst")
        for lesson in lessons()
        if used.search(lesson.path.read_text(encoding="utf-8"))
    ]
