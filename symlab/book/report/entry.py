"""The entries of the page: each holds what was found, or the reason why nothing was."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from symlab.book.report.sections import place

PLACE = re.compile(r"(?:[A-Za-z]:)?(?:[/\\][^/\\\s'\":;,()]+)+[/\\](?=[^/\\\s])")
"""The folders of a path: a reader on another machine can use its last name alone."""


@dataclass(frozen=True)
class Entry:
    """One thing of the page, in its place.

    Parameters
    ----------
    part : str
        Which part of the report it belongs to, such as "errata".
    name, title : str
    section : int
        One of `symlab.book.report.sections.SECTIONS`.
    found : object
        What was found; its type is that of the part. None if nothing could be.
    passed : bool
        Whether what was found is as it should be.
    error : str
        Why nothing could be found.
    """

    part: str
    name: str
    title: str
    section: int
    found: Any = None
    passed: bool = False
    error: str = ""

    @property
    def anchor(self) -> str:
        """Its address within the page.

        Examples
        --------
        >>> Entry("studies", "newton", "Newton's method", 10).anchor
        'studies-newton'
        """
        return f"{self.part}-{re.sub(r'[^A-Za-z0-9_-]+', '-', self.name)}"

    @property
    def summary(self) -> str:
        """Its name in one line, with its error if it has one."""
        which = " ".join(dict.fromkeys((self.part, self.name, self.title)))
        return f"{which}: {self.error}" if self.error else which


def make_entry(
    part: str, name: str, title: str, section: object, examine: Callable[[], tuple[Any, bool]]
) -> Entry:
    """Return the entry of an item, with its error if the examination fails.

    Parameters
    ----------
    part, name, title : str
    section : object
        As its registry has it.
    examine : callable
        Returns what was found, and whether it is as it should be.

    Examples
    --------
    >>> make_entry("studies", "newton", "Newton's method", "10", lambda: 1 / 0).error
    'ZeroDivisionError: division by zero'
    """
    found, passed, error = None, False, ""
    try:
        found, passed = examine()
    # One entry that fails must not take the page with it; its place says what happened.
    except Exception as failure:
        error = describe_error(failure)
    return Entry(part, name, title, place(section), found, passed, error)


def describe_error(failure: BaseException) -> str:
    """Return an exception in one line."""
    return without_places(f"{type(failure).__name__}: {' '.join(str(failure).split())}")


def without_places(text: str) -> str:
    """Return a message without the folders of the machine that wrote it.

    Examples
    --------
    >>> without_places("[Errno 2] No such file: '/tmp/somebody/figures/MLP.png'")
    "[Errno 2] No such file: 'MLP.png'"
    """
    return PLACE.sub("", text)
