"""A page for each figure of the book: picture, caption, the numbers of its passport, its lesson."""

from collections.abc import Iterator

from pages.kept import Kept
from pages.markdown import fill
from pages.page import Page
from pages.places import lesson_link, section_link
from symlab.book.figures.figure import Figure
from symlab.book.places import folder
from symlab.book.report.figures import DrawnFigures, Panel, exhibits, panel


def pages(kept: Kept) -> Iterator[Page]:
    """Yield the pages of all figures, and the pictures; those kept in the repository are shown."""
    drawn = DrawnFigures(folder("figures"), {})
    together = exhibits()
    for name, figures in together.items():
        panels = tuple(panel(figure, drawn) for figure in figures)
        yield from (_picture(figure) for figure in figures)
        yield Page(f"figures/{name}.md", _text(name, panels))
    yield Page("figures/index.md", fill("figures.jinja", exhibits=together))


def _picture(figure: Figure) -> Page:
    return Page(f"figures/{figure.id}.png", (folder("figures") / f"{figure.id}.png").read_bytes())


def _text(name: str, panels: tuple[Panel, ...]) -> str:
    first = panels[0].figure
    return fill(
        "figure.jinja",
        name=name,
        panels=panels,
        lesson=lesson_link(first.lesson),
        section=section_link(first.section),
    )
