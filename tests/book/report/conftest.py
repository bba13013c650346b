"""A small report that is quick to make, and a page taken apart into its elements."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from symlab.book.lessons import folder
from symlab.book.report.page import page
from symlab.book.report.report import Report, report

SMALL = {
    "figures": ("gradient_descent_004", "gradient_descent_006", "LS_cost"),
    "errata": ("E05",),
    "studies": ("newton",),
}

VOID = {"meta", "link", "img", "br", "hr", "input"}


@dataclass
class Element:
    """An element of a page: its tag, its attributes, and all the text in it."""

    tag: str
    attributes: dict[str, str | None]
    parents: tuple[str, ...]
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its text, spaces being spaces."""
        return " ".join("".join(self.texts).split())


class Tree(HTMLParser):
    """The elements of a page in order; a tag that is not closed, or not in order, is refused."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        assert [element.tag for element in self._open] == []

    def handle_starttag(self, tag, attrs):
        """An element begins."""
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice: {attrs}"
        element = Element(tag, dict(attrs), tuple(outer.tag for outer in self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag):
        """The innermost element ends, and no other."""
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop().tag == tag

    def handle_data(self, data):
        """Text belongs to every element it is in."""
        for element in self._open:
            element.texts.append(data)

    def all(self, *tags: str, **attributes: str) -> list[Element]:
        """The elements of these tags, with these attributes."""
        return [
            element
            for element in self.elements
            if element.tag in tags and attributes.items() <= element.attributes.items()
        ]

    def at(self, id: str) -> Element:
        """The one element of this id."""
        (found,) = [element for element in self.elements if element.attributes.get("id") == id]
        return found


@pytest.fixture(scope="session")
def small() -> Report:
    """Three figures, one of them in two versions, an erratum and a study."""
    return report(SMALL, figures=folder("figures"))


@pytest.fixture(scope="session")
def html(small) -> str:
    """The page of it."""
    return page(small)


@pytest.fixture(scope="session")
def tree(html) -> Tree:
    """Taken apart."""
    return Tree(html)


@pytest.fixture
def parsed() -> Callable[[Report], Tree]:
    """How any other report is taken apart."""
    return lambda found: Tree(page(found))
