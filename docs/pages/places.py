"""Where a thing of the chapter has its page, and how another page links to it."""

from symlab.book.lessons import Lesson, lessons
from symlab.book.report.sections import label, place


def link(words: str, place: str) -> str:
    """Return a link to a page by its place in the sources, from wherever it is written."""
    return f"[{words}](/{place})"


def lesson_link(name: str) -> str:
    """Return a link to the page of a lesson, by its name."""
    lesson = next(each for each in lessons() if each.name == name)
    return link(lesson_title(lesson), f"lessons/{lesson.path.stem}.rst")


def lesson_title(lesson: Lesson) -> str:
    """Return the number and the title of a lesson.

    Examples
    --------
    >>> from symlab.book.lessons import find
    >>> lesson_title(find(["newton"])[0])
    "10 Newton's method: curvature buys speed, not a minimum"
    """
    return f"{lesson.number} {lesson.title}"


def section_link(section: object) -> str:
    """Return a link to where the chapter's overview has a section."""
    number = place(section)
    return f"[{label(number)}](#section-{number})"
