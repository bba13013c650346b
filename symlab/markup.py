"""Text, tables and pictures as HTML, for what shows itself in a notebook."""

from base64 import b64encode
from collections.abc import Iterable
from html import escape


def paragraph(text: object) -> str:
    """Return a paragraph, whatever characters its text has.

    Examples
    --------
    >>> paragraph("x < 1")
    '<p>x &lt; 1</p>'
    """
    return f"<p>{escape(str(text), quote=False)}</p>"


def picture(png: bytes, words: str) -> str:
    """Return a picture that is part of the page, and what it shows for those who cannot see it.

    Examples
    --------
    >>> picture(b"png", "two graphs")
    '<img src="data:image/png;base64,cG5n" alt="two graphs" style="max-width: 100%">'
    """
    data = b64encode(png).decode()
    return f'<img src="data:image/png;base64,{data}" alt="{escape(words)}" style="max-width: 100%">'


def table(headings: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """Return a table with a row of headings.

    Examples
    --------
    >>> print(table(["x", "kind"], [(2, "minimum")]))
    <table><thead><tr><th>x</th><th>kind</th></tr></thead><tbody>
    <tr><td>2</td><td>minimum</td></tr>
    </tbody></table>
    """
    head = _row("th", headings)
    body = "\n".join(_row("td", row) for row in rows)
    return f"<table><thead>{head}</thead><tbody>\n{body}\n</tbody></table>"


def _row(tag: str, cells: Iterable[object]) -> str:
    marked = "".join(f"<{tag}>{escape(str(cell), quote=False)}</{tag}>" for cell in cells)
    return f"<tr>{marked}</tr>"
