"""What the page shows of an item of each part, and whether the item is as it should be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.figure import Figure as Canvas
from sympy import latex

from symlab.book.report.entry import describe_error
from symlab.book.report.mathml import mathml
from symlab.book.report.picture import Picture, picture

if TYPE_CHECKING:
    from symlab.book.errata.erratum import Erratum, Examination
    from symlab.book.experiments import Study
    from symlab.lab.accuracy.cases import UlpCase
    from symlab.lab.accuracy.ulp_error import UlpErrors
    from symlab.proofs.derivation import Derivation

BACKENDS = ("c", "numba", "interpreted")
"""What studies are run on, beside exact arithmetic: what every installation has."""

LONG = 42
"""Signs up to which a formula leaves room for a sentence beside it."""

SIDES = ("As printed", "Corrected")
"""The two pictures of an erratum."""

ERRORS, SIDE = (6, 7), (6, 4)
"""Width and height in inches: of the picture of a formula's errors, of a picture of an erratum."""


@dataclass(frozen=True)
class Table:
    """Headings and rows of words, ready to be read; the first cell of a row names it."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Formula:
    """A formula as LaTeX and, where that can be converted, as MathML."""

    latex: str
    mathml: str = ""

    @property
    def is_long(self) -> bool:
        """Whether it needs the whole width of the page, by its number of characters."""
        return len(re.sub("<[^>]*>", "", self.mathml)) > LONG


@dataclass(frozen=True)
class Line:
    """A step of a derivation: its formula, its reason, its origin, and how it was verified."""

    number: int
    formula: Formula
    why: str
    kind: str
    origin: str
    verified_by: str


@dataclass(frozen=True)
class Proof:
    """A derivation, and a sentence on its source."""

    remark: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Correction:
    """An erratum as it was examined, and its two pictures, or why there are none."""

    examination: "Examination"
    pictures: Mapping[str, Picture]
    trouble: str


@dataclass(frozen=True)
class StudyResult:
    """A study: what was run, how each backend did, and what became of its derivatives."""

    method: str
    steps: int
    table: Table
    derivatives: str


@dataclass(frozen=True)
class Measurement:
    """The errors of a formula in ulps, as a table and as pictures."""

    stated: Formula
    stabilized: Formula
    table: Table
    pictures: Mapping[str, Picture]


def formula(text: str) -> Formula:
    """Return a formula from LaTeX; what cannot be converted is shown as it was written."""
    try:
        return Formula(text, mathml(text))
    except ValueError:
        return Formula(text)


def present_derivation(derivation: "Derivation") -> tuple[Proof, bool]:
    """Return a derivation's lines, and whether each that is no premise was verified."""
    lines = tuple(
        Line(step.number, formula(step.latex), step.why, step.kind, step.origin, step.verified_by)
        for step in derivation.steps
    )
    verified = all(line.verified_by or line.kind == "given" for line in lines)
    return Proof(derivation.remark, lines), verified


def examine_erratum(erratum: "Erratum") -> tuple[Correction, bool]:
    """Return an erratum's examination and pictures, and whether the chapter is wrong there."""
    examination, pictures, trouble = erratum.examine(), {}, ""
    try:
        pictures = two_pictures(erratum)
    # The verdict does not depend on the picture, so an error in drawing is only reported beside it.
    except Exception as failure:
        trouble = describe_error(failure)
    return Correction(examination, pictures, trouble), examination.confirmed and not trouble


def two_pictures(erratum: "Erratum") -> dict[str, Picture]:
    """Return what an erratum draws as two pictures, which a narrow screen shows one below another.

    Parameters
    ----------
    erratum : Erratum
    """
    return {name: picture(side) for name, side in draw_sides(erratum).items()}


def draw_sides(erratum: "Erratum") -> dict[str, Canvas]:
    """Return what an erratum draws, as printed and corrected; nothing if it draws nothing."""
    if erratum.draw is None:
        return {}
    sides = {name: Canvas(figsize=SIDE, layout="constrained") for name in SIDES}
    erratum.draw(*(side.subplots() for side in sides.values()))
    return sides


def run_study(study: "Study", backends: tuple[str, ...] = BACKENDS) -> tuple[StudyResult, bool]:
    """Run a study on some backends; return how each did, and whether all agree."""
    from symlab.lab.compare.compare import summary

    comparison = study.run(backends)
    headings, rows = summary({study.name: comparison})
    # The study's name, which opens the first row, is the heading of the entry.
    table = Table(headings[1:], tuple(row[1:] for row in rows))
    tried, steps = comparison.derivatives, int(comparison.frame["steps"].max())
    found = StudyResult(comparison.method, steps, table, "" if tried is None else tried.verdict)
    return found, comparison.agrees


def measure_formula(case: "UlpCase") -> tuple[Measurement, bool]:
    """Measure a formula; nothing is expected of the result but that there is one."""
    measured = case.measure()
    stated, stabilized = (
        formula(latex(form)) for form in (measured.expression, measured.stabilized)
    )
    by_precision = measured.frame.groupby("precision", sort=False)
    pictures = {
        str(precision): _draw_errors(replace(measured, frame=rows))
        for precision, rows in by_precision
    }
    return Measurement(stated, stabilized, wide_table(measured.table(), "system"), pictures), True


def _draw_errors(measured: "UlpErrors") -> Picture:
    canvas = Canvas(figsize=ERRORS, layout="constrained")
    measured.draw(canvas)
    return picture(canvas)


def wide_table(frame: pd.DataFrame, corner: str) -> Table:
    """Return a data frame of words as a table whose first column is its index.

    Examples
    --------
    >>> wide_table(pd.DataFrame({("float32", "as stated"): {"c": "7.1"}}), "system")
    Table(headings=('system', 'float32, as stated'), rows=(('c', '7.1'),))
    """
    names: list[Any] = list(frame.columns)
    columns = [", ".join(name) if isinstance(name, tuple) else str(name) for name in names]
    rows = [(str(row), *map(str, frame.loc[row])) for row in frame.index]
    return Table((corner, *columns), tuple(rows))
