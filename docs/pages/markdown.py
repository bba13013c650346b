"""Words of the registries as Markdown: between backticks is code, and nothing else is markup."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from symlab.book.report.page import amount, digits

SIGNS = re.compile(r"([\\`*_{}\[\]<>()#+.!|~$&^:\"'-])")
"""What may have a meaning in Markdown; a backslash before it takes the meaning away."""


def prose(text: str) -> str:
    r"""Return a sentence as Markdown.

    Examples
    --------
    >>> prose("x_0 * 2 is `x_0`")
    'x\\_0 \\* 2 is `x_0`'
    """
    pieces = " ".join(text.split()).split("`")
    return "".join(
        f"`{piece}`" if is_code else SIGNS.sub(r"\\\1", piece)
        for piece, is_code in zip(pieces, [False, True] * len(pieces), strict=False)
    )


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table whose cells are Markdown already.

    Examples
    --------
    >>> print(table(["a", "b"], [["1", "2"]]))
    | a | b |
    | --- | --- |
    | 1 | 2 |
    """
    names = list(headings)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    """Return a cell in one line, in which a bar that is no border is escaped."""
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))


def toctree(entries: Iterable[str]) -> str:
    """Return a hidden list of the pages below one."""
    return "\n".join(["```{toctree}", ":hidden:", "", *entries, "```", ""])


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"prose": prose, "digits": digits, "amount": amount}
    environment.globals |= {"table": table, "toctree": toctree}
    return environment


def fill(template: str, **values: Any) -> str:
    """Return a template of `templates/` with values put in."""
    return _environment().get_template(template).render(**values)
