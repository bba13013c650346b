"""The page of all exercises, by lesson: what each asks, and how an answer is given."""

from collections.abc import Iterator

from pages.kept import Kept
from pages.markdown import fill
from pages.page import Page
from pages.places import lesson_link
from symlab.book.exercises.register import EXERCISES
from symlab.book.lessons import lessons


def pages(kept: Kept) -> Iterator[Page]:
    """Yield the page; it has no answer, which `check` tells apart from a wrong one."""
    by_lesson = {
        (lesson.number, lesson_link(lesson.name)): those
        for lesson in lessons()
        if (those := [each for each in EXERCISES.values() if each.lesson == lesson.number])
    }
    yield Page("exercises.md", fill("exercises.jinja", by_lesson=by_lesson))
