"""Lessons for the gallery: copies that it may run, and what each page says besides the lesson."""

from collections.abc import Iterator

from pages.explorers import VIEWS, explorer_place
from pages.markdown import fill
from pages.page import Page
from symlab.book.errata.register import ERRATA
from symlab.book.lessons import Lesson, lessons


def scripts() -> Iterator[Page]:
    """Yield the lessons as files, unedited, and the text that heads their gallery.

    The gallery runs a script in its own folder; in a copy of it, pictures stain no repository.
    """
    for lesson in lessons():
        yield Page(lesson.path.name, lesson.path.read_bytes())
    yield Page("GALLERY_HEADER.rst", fill("lessons.jinja"))


def related() -> dict[str, str]:
    """Return what stands on a lesson's page after its heading, by the name of its file."""
    return {lesson.path.stem: _related(lesson) for lesson in lessons()}


def _related(lesson: Lesson) -> str:
    """Return links to a lesson's figures and errata, and its explorer, as reStructuredText."""
    figures = [figure.id for figure in lesson.figures if not figure.id.endswith("_corrected")]
    errata = [id for id, each in ERRATA.items() if each.lesson == lesson.name]
    views = [(view, explorer_place(view.name)) for view in VIEWS if view.lesson == lesson.name]
    return fill("related.jinja", lesson=lesson, figures=figures, errata=errata, views=views)
