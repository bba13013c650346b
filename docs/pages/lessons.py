"""Lessons for the gallery: copies that it may run, and what each page says besides the lesson."""

from collections.abc import Iterator
from dataclasses import dataclass

from matplotlib.figure import Figure as Canvas

from pages.explorers import VIEWS, explorer_place
from pages.markdown import fill
from pages.page import Page
from symlab.book.errata.register import ERRATA
from symlab.book.lessons import Lesson, lessons
from symlab.book.report.figures import exhibits
from symlab.lab.plots.style import render

THUMBNAIL = "thumbnail.png"


def scripts() -> Iterator[Page]:
    """Yield the lessons as files, unedited, and the text that heads their gallery.

    The gallery runs a script in its own folder; in a copy of it, pictures stain no repository.
    """
    for lesson in lessons():
        yield Page(lesson.path.name, lesson.path.read_bytes())
    yield Page("GALLERY_HEADER.rst", fill("lessons.jinja"))
    yield Page(THUMBNAIL, _draw_thumbnail())


def _draw_thumbnail() -> bytes:
    """Return the picture of lessons that draw none: the formula that most of them are about."""
    canvas = Canvas(figsize=(4, 3))
    canvas.text(
        0.5, 0.5, r"$x \leftarrow x - \alpha\,\nabla f(x)$", ha="center", va="center", size=26
    )
    return render(canvas)


@dataclass(frozen=True)
class Addition:
    """What a lesson's page says besides the lesson, at its head and at its end, for Sphinx."""

    head: str
    end: str


def additions() -> dict[str, Addition]:
    """Return what is added to each lesson, by the name of its file."""
    return {lesson.path.stem: _addition(lesson) for lesson in lessons()}


def _addition(lesson: Lesson) -> Addition:
    """Return links to a lesson's files, figures and errata, and the explorer that it shows."""
    figures = [name for name, those in exhibits().items() if those[0].lesson == lesson.name]
    errata = [id for id, each in ERRATA.items() if each.lesson == lesson.name]
    views = [(view, explorer_place(view.name)) for view in VIEWS if view.lesson == lesson.name]
    head = fill("related.jinja", lesson=lesson, figures=figures, errata=errata, views=views)
    return Addition(head, fill("playing.jinja", lesson=lesson, views=views) if views else "")
