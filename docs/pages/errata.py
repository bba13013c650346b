"""A page for each erratum, with the verdict of this build, and the table of all."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from pages.kept import Kept
from pages.markdown import fill
from pages.page import Page
from pages.places import lesson_link, section_link
from symlab.book.errata.erratum import Erratum, Examination
from symlab.book.errata.register import ERRATA
from symlab.book.report.results import draw_sides
from symlab.lab.plots.style import render


def pages(kept: Kept) -> Iterator[Page]:
    """Yield the pages of all errata, and their pictures."""
    examinations = {erratum.id: _examine(erratum, kept) for erratum in ERRATA.values()}
    for each in examinations.values():
        yield from _pages_of(each, kept)
    yield Page("errata/index.md", fill("errata.jinja", examinations=examinations.values()))


def _examine(erratum: Erratum, kept: Kept) -> Examination:
    """Return what its check finds; what does not hold, or cannot be found, ends the build."""
    found = Examination(erratum, *kept.result(f"erratum-{erratum.id}", partial(_look, erratum)))
    if not found.confirmed:
        raise RuntimeError(f"erratum {erratum.id} is {found.verdict}: {found.error or 'see above'}")
    return found


def _look(erratum: Erratum) -> tuple[Any, float, str]:
    found = erratum.examine()
    return found.observations, found.seconds, found.error


def _pages_of(examination: Examination, kept: Kept) -> Iterator[Page]:
    erratum = examination.erratum
    drawn = kept.result(f"sides-{erratum.id}", partial(_draw, erratum))
    names = {side: f"{erratum.id}-{side.split()[-1].lower()}.svg" for side in drawn}
    for side, drawing in drawn.items():
        yield Page(f"errata/{names[side]}", drawing)
    text = fill(
        "erratum.jinja",
        examination=examination,
        erratum=erratum,
        pictures=names,
        lesson=lesson_link(erratum.lesson),
        section=section_link(erratum.section),
    )
    yield Page(f"errata/{erratum.id}.md", text)


def _draw(erratum: Erratum) -> dict[str, bytes]:
    return {side: render(canvas, "svg") for side, canvas in draw_sides(erratum).items()}
