"""Lessons in the gallery: formulas that cells end with, and links to what a lesson shows."""

import ast
from functools import cache
from textwrap import indent
from typing import Any

from pages.lessons import related
from sphinx.application import Sphinx


def show_formula(block: Any, variables: dict[str, Any], _: dict[str, Any]) -> str:
    """Return what a cell ends with as a formula, if in a notebook it would be one.

    The gallery itself shows what has HTML; as one of its scrapers this adds what has LaTeX.
    """
    statements = ast.parse(block.content).body
    if not statements or not isinstance(statements[-1], ast.Expr):
        return ""
    value = variables["example_globals"]["___"]
    if hasattr(value, "_repr_html_") or not hasattr(value, "_repr_latex_"):
        return ""
    latex = value._repr_latex_().strip("$").strip()
    return f"\n.. math::\n\n{indent(latex, '   ')}\n\n"


def relate(app: Sphinx, name: str, source: list[str]) -> None:
    """Put figures, errata and the explorer of a lesson after its introduction."""
    added = _related().get(name.removeprefix("lessons/")) if name.startswith("lessons/") else None
    if added:
        source[0] = source[0].replace(FIRST_CELL, f"\n{added}\n{FIRST_CELL}", 1)


FIRST_CELL = "\n.. GENERATED FROM PYTHON SOURCE LINES"


@cache
def _related() -> dict[str, str]:
    return related()
