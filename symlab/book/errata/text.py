"""An erratum in full: where, what, why it matters, what this run observed, and a picture."""

from collections.abc import Sequence
from textwrap import fill
from typing import Any

from matplotlib.figure import Figure

from symlab.book.errata.erratum import Erratum, Examination, Observation, format_number

WIDTH = 92
MARGIN = 11

KEY_NUMBERS = 2
"""How many numbers of an examination stand in the table; a check yields the most telling first."""


def overview(
    examinations: Sequence[Examination],
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return headings and rows of a table: an erratum a row, with the numbers it was decided by."""
    rows: list[tuple[str, ...]] = [
        (
            each.erratum.id,
            str(each.erratum.section),
            each.erratum.title,
            each.verdict,
            "\n".join(f"{name}: {format_number(n)}" for name, n in key_numbers(each).items()),
        )
        for each in examinations
    ]
    return ("", "section", "erratum", "verdict", "decided by"), rows


def key_numbers(examination: Examination) -> dict[str, Any]:
    """Return the first numbers of an examination, or why there are none."""
    if examination.error:
        return {"error": examination.error}
    return dict(list(examination.numbers.items())[:KEY_NUMBERS])


def as_text(examination: Examination) -> str:
    """Return what an examination found as text, a line for each claim."""
    erratum = examination.erratum
    heading = f"{erratum.id}  {erratum.title}"
    parts = [
        ("where", f"section {erratum.section}, {erratum.place}"),
        ("printed", erratum.printed),
        ("right", erratum.right),
        ("matters", erratum.matters),
        ("shown in", f"symlab run {erratum.lesson}"),
        *(("holds" if each.holds else "FAILS", _claim(each)) for each in examination.observations),
        ("verdict", f"{examination.verdict}, in {examination.seconds:.1f} s"),
        *([("error", examination.error)] if examination.error else []),
    ]
    return "\n".join([heading, *(_paragraph(name, words) for name, words in parts)])


def _claim(observation: Observation) -> str:
    numbers = "; ".join(f"{name}: {format_number(n)}" for name, n in observation.numbers.items())
    return f"{observation.claim}{f' ({numbers})' if numbers else ''}"


def _paragraph(name: str, words: str) -> str:
    return fill(
        words,
        WIDTH,
        initial_indent=f"  {name:<{MARGIN - 2}}",
        subsequent_indent=" " * MARGIN,
        break_on_hyphens=False,
    )


def two_sides(erratum: Erratum) -> Figure | None:
    """Return the picture of an erratum, as printed beside corrected; None if it has none."""
    if erratum.draw is None:
        return None
    figure = Figure(figsize=(10, 4), layout="constrained")
    printed, right = figure.subplots(1, 2)
    erratum.draw(printed, right)
    printed.set_title("as printed")
    right.set_title("corrected")
    return figure
