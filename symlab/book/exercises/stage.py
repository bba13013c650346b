"""An exercise on a page to play on: its function, a method, and what is asked, with the hints."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from symlab.algebra.objective import Objective
from symlab.markup import paragraph
from symlab.methods.method import Method
from symlab.methods.rule import Rule

if TYPE_CHECKING:
    from symlab.lab.explorer.explorer import Explorer

BODY = "<main>"
"""Before this the page has its heading, and after it what is played with."""


@dataclass(frozen=True)
class Stage:
    """What is played with: a function, the methods that run on it, and where they start."""

    objective: Objective
    methods: tuple[Rule | Method | str, ...]
    start: tuple[object, ...]


def stage_page(
    stage: Stage, heading: str, told: tuple[str, str, str], hints: Sequence[str]
) -> "Explorer":
    """Return the explorer's page of a stage, with a question and hints that fold out above it.

    Told are the question, what is expected as an answer, and the command that judges it.
    """
    from symlab.lab.explorer.explorer import explore  # late, because few exercises are played

    page = explore(stage.objective, list(stage.methods), list(stage.start))
    folded = "\n".join(_fold(f"Hint {number}", hint) for number, hint in enumerate(hints, 1))
    question, expected, command = told
    answered = f"<p>{escape(expected)} <code>{escape(command)}</code></p>"
    asked = f"<h2>{escape(heading)}</h2>\n{paragraph(question)}\n{answered}\n{folded}"
    panel = f'<section aria-label="Exercise">\n{asked}\n</section>\n'
    return replace(page, html=page.html.replace(BODY, f"{panel}{BODY}", 1))


def _fold(summary: str, text: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>{paragraph(text)}</details>"
