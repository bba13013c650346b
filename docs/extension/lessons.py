"""Lessons in the gallery: formulas that cells end with, and links to what a lesson shows."""

import ast
from functools import cache
from textwrap import indent
from typing import Any

from pages.lessons import Addition, additions
from sphinx.application import Sphinx

CELL = "\n.. GENERATED FROM PYTHON SOURCE LINES"
"""What the gallery writes before each cell of a lesson."""


def show_formula(block: Any, variables: dict[str, Any], _: dict[str, Any]) -> str:
    """Return what a cell ends with as a formula, if in a notebook it would be one.

    The gallery itself shows what has HTML; as one of its scrapers this adds what has LaTeX.
    """
    statements = ast.parse(block.content).body
    if not statements or not isinstance(statements[-1], ast.Expr):
        return ""
    value = variables["example_globals"].get("___")  # nothing, if the cell failed
    if hasattr(value, "_repr_html_") or not hasattr(value, "_repr_latex_"):
        return ""
    latex = value._repr_latex_().strip("$").strip()
    return f"\n.. math::\n\n{indent(latex, '   ')}\n\n"


def relate(app: Sphinx, name: str, source: list[str]) -> None:
    """Add to a lesson what it has on the site: links before its first cell, explorer at its end."""
    folder, _, stem = name.rpartition("/")
    added = _additions().get(stem) if folder == "lessons" else None
    if added is None:
        return
    head, mark, rest = source[0].partition(CELL)
    before, last, end = rest.rpartition(CELL)
    source[0] = f"{head}\n{added.head}{mark}{before}\n{added.end}{last}{end}"


def find_outdated(app: Sphinx, env: Any, *known: set[str]) -> list[str]:
    """Return the lessons, to be read again, if what is added to them has changed."""
    last, env.lesson_additions = getattr(env, "lesson_additions", None), _additions()
    if last == env.lesson_additions:
        return []
    return [name for name in env.found_docs if name.startswith("lessons/")]


@cache
def _additions() -> dict[str, Addition]:
    return additions()
