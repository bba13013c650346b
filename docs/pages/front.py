"""The front page, and the chapter's overview: what each of its sections has on the site."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pages.documents import documents
from pages.kept import Kept
from pages.markdown import fill
from pages.page import Page
from pages.places import lesson_title
from symlab.book.derivations.register import DERIVATIONS
from symlab.book.errata.register import ERRATA
from symlab.book.exercises.register import EXERCISES
from symlab.book.experiments import STUDIES
from symlab.book.lessons import lessons
from symlab.book.report.figures import exhibits
from symlab.book.report.sections import SECTIONS, label, place

PICTURE = Path(__file__).resolve().parents[1] / "explorer.png"

SHOWN_FIRST = (
    "gradient_descent",
    "newton",
    "multilayer_perceptron",
    "step_size",
    "momentum",
    "cnn_trained",
)
"""The lessons whose pictures stand on the front page."""


def pages(kept: Kept) -> Iterator[Page]:
    """Yield the front page, with its picture, and the overview of the chapter."""
    yield Page("explorer.png", PICTURE.read_bytes())
    yield Page("index.md", fill("front.jinja", **_front()))
    yield Page("reference.md", fill("reference.jinja", documents=_reference()))
    yield Page("chapter.md", fill("chapter.jinja", sections=_sections(), counts=_counts()))


def _reference() -> list[str]:
    """Return the documents that are no guide and have no place of their own in the head."""
    apart = {"changelog.md", "lessons.md"}
    return [
        place.removesuffix(".md")
        for place in documents().values()
        if place not in apart and "/" not in place
    ]


def _front() -> dict[str, Any]:
    every = {lesson.name: lesson for lesson in lessons()}
    return {
        "counts": _counts(),
        "number_of_exercises": len(EXERCISES),
        "lessons": [(every[name].path.stem, lesson_title(every[name])) for name in SHOWN_FIRST],
        "number_of_lessons": len(every),
    }


def _counts() -> dict[str, int]:
    parts = {
        "figures": exhibits(),
        "errata": ERRATA,
        "derivations": DERIVATIONS,
        "studies": STUDIES,
    }
    return {name: len(part) for name, part in parts.items()}


def _sections() -> list[dict[str, Any]]:
    """Return each section of the chapter with links to what there is about it."""
    return [
        {"number": number, "label": label(number), "parts": parts}
        for number in SECTIONS
        if (parts := {name: links for name, links in _parts(number).items() if links})
    ]


def _parts(section: int) -> dict[str, list[tuple[str, str]]]:
    """Return the words and places of a section's items, by part."""
    return {
        "lessons": _lessons(section),
        "figures": [
            (name, f"/figures/{name}.md")
            for name, figures in exhibits().items()
            if place(figures[0].section) == section
        ],
        "derivations": [
            (plan.title, f"/derivations/{name}.md")
            for name, plan in DERIVATIONS.items()
            if place(plan.section) == section
        ],
        "errata": [
            (f"{id} {each.title}", f"/errata/{id}.md")
            for id, each in ERRATA.items()
            if place(each.section) == section
        ],
        "studies": [
            (name, f"/studies/{name}.md")
            for name, study in STUDIES.items()
            if place(study.section) == section
        ],
    }


def _lessons(section: int) -> list[tuple[str, str]]:
    """Return the lessons that draw a figure or show an erratum of a section."""
    named = {
        figure.lesson
        for those in exhibits().values()
        for figure in those
        if figure.section == section
    }
    named |= {erratum.lesson for erratum in ERRATA.values() if erratum.section == section}
    return [
        (lesson_title(each), f"/lessons/{each.path.stem}.rst")
        for each in lessons()
        if each.name in named
    ]
