"""A report as one HTML file that needs nothing else: no network, no script, no other file.

What the page says stands in `templates/`; everything put into it is escaped, but for the MathML
that `symlab.book.report.mathml` wrote.
"""

from datetime import date
from errno import EISDIR
from os import strerror
from pathlib import Path
from typing import Any

from symlab.book.errata.erratum import format_number
from symlab.book.report.report import Report
from symlab.files import check_writable, replace_file
from symlab.lab.web.pages import render


def page(report: Report) -> str:
    """Return a report as HTML; the same report always gives the same text."""
    filters = {"amount": amount, "digits": digits, "day": day, "duration": duration}
    return render("symlab.book.report", "page.html", "page.css", filters=filters, report=report)


def prepare_path(path: Path) -> Path:
    """Return the path of a page that can be written, making its folder if need be.

    Raises
    ------
    OSError
        If it cannot be.
    """
    check_writable(path.parent)
    if path.is_dir():
        raise IsADirectoryError(EISDIR, strerror(EISDIR), str(path))
    return path


def save_page(report: Report, path: Path) -> int:
    """Write a report as a page, whole or not at all, and return its size in bytes."""
    content = page(report).encode("utf-8")
    replace_file(path, content)
    return len(content)


def digits(value: float | str) -> str:
    """Return a number of a passport to ten digits, with a minus that is one.

    Examples
    --------
    >>> digits(-0.40000000000000002), digits(1476.0000000000002), digits("inf")
    ('−0.4', '1476', 'inf')
    """
    return f"{float(value):.10g}".replace("-", "−")


def amount(number: Any) -> str:
    """Return a number that an erratum was decided by, in few digits; words stay as they are.

    Examples
    --------
    >>> amount(-13), amount(7.4e-16), amount("two-fold")
    ('−13', '7.4e−16', 'two-fold')
    """
    return number if isinstance(number, str) else format_number(number).replace("-", "−")


def day(when: date) -> str:
    """Return a date to read.

    Examples
    --------
    >>> day(date(2026, 3, 1))
    '1 March 2026'
    """
    return f"{when.day} {when:%B} {when.year}"


def duration(seconds: float) -> str:
    """Return how long something took, to read.

    Examples
    --------
    >>> duration(9.4), duration(201)
    ('9 s', '3 min 21 s')
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
