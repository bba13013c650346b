"""The parts of the report: what is asked of each registry, and what counts as a success there."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd
from matplotlib.figure import Figure as Canvas
from sympy import latex

from symlab.study.report.chapter import BEYOND
from symlab.study.report.entry import Entry, examined, told
from symlab.study.report.exhibits import Drawn, Say, exhibit, exhibits
from symlab.study.report.formulas import mathml
from symlab.study.report.picture import Picture, picture

BACKENDS = ("c", "numba", "interpreted")
"""What studies are run on, beside exact arithmetic: what every installation has."""

LONG = 42
"""Signs up to which a formula leaves room for a sentence beside it."""

METER, SIDE = (10, 7), (6, 4)
"""Width and height of a meter's picture, and of each of the two of an erratum, in inches."""

Registry = Callable[[], Mapping[str, Any]]
Gather = Callable[[Mapping[str, Any], Drawn, Say], Iterator[Entry]]


@dataclass(frozen=True)
class Part:
    """A kind of entry.

    Parameters
    ----------
    name : str
        As it is typed.
    title, deed : str
        A heading, and what a success is called: so many of the `title` are `deed`.
    registry : callable
        Returns everything there is, by name; what is heavy is loaded only then.
    gather : callable
        Yields the entry of each item, given items by name, where figures are, and whom to tell.
    """

    name: str
    title: str
    deed: str
    registry: Registry
    gather: Gather


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
        """Whether it needs the whole width of the page, going by its signs."""
        return len(re.sub("<[^>]*>", "", self.mathml)) > LONG


@dataclass(frozen=True)
class Line:
    """A step of a derivation: its formula and reason, whence it follows, how that was verified."""

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

    examination: Any
    pictures: Mapping[str, Picture]
    trouble: str


@dataclass(frozen=True)
class Contest:
    """A study: what was run, how each backend did, and what became of its derivatives."""

    method: str
    steps: int
    table: Table
    derivatives: str


@dataclass(frozen=True)
class Reading:
    """What the ulp meter showed of a formula."""

    stated: Formula
    stabilized: Formula
    table: Table
    picture: Picture


def formula(text: str) -> Formula:
    """Return a formula from LaTeX; what cannot be converted is shown as it was written."""
    try:
        return Formula(text, mathml(text))
    except ValueError:
        return Formula(text)


def proof(derivation: Any) -> tuple[Proof, bool]:
    """Return a derivation's lines, and whether each that is no premise was verified."""
    lines = tuple(
        Line(step.number, formula(step.latex), step.why, step.kind, step.origin, step.verified_by)
        for step in derivation.steps
    )
    verified = all(line.verified_by or line.kind == "given" for line in lines)
    return Proof(derivation.remark, lines), verified


def correction(erratum: Any) -> tuple[Correction, bool]:
    """Return an erratum's examination and pictures, and whether the chapter is wrong there."""
    examination, pictures, trouble = erratum.examine(), {}, ""
    try:
        pictures = two_pictures(erratum)
    # The verdict stands without its picture, so the picture's trouble is told beside it.
    except Exception as failure:
        trouble = told(failure)
    return Correction(examination, pictures, trouble), examination.confirmed and not trouble


def two_pictures(erratum: Any) -> dict[str, Picture]:
    """Return what an erratum draws as two pictures, which a narrow screen shows one below another.

    Parameters
    ----------
    erratum : Erratum
    """
    if erratum.draw is None:
        return {}
    sides = [Canvas(figsize=SIDE, layout="constrained") for _ in ("as printed", "corrected")]
    erratum.draw(*(side.subplots() for side in sides))
    return dict(zip(("as printed", "corrected"), map(picture, sides), strict=True))


def contest(study: Any) -> tuple[Contest, bool]:
    """Run a study on every backend; return how each did, and whether all agree."""
    from symlab.study.compare import summary

    comparison = study.run(BACKENDS)
    headings, rows = summary({study.name: comparison})
    first = comparison.records(study.name)[0]
    # The study's name, which opens the first row, is the heading of the entry.
    table = Table(headings[1:], tuple(row[1:] for row in rows))
    found = Contest(first["method"], study.max_steps, table, first.get("derivatives", ""))
    return found, comparison.agrees


def reading(meter: Any) -> tuple[Reading, bool]:
    """Measure a formula; nothing is expected of the result but that there is one."""
    measured = meter.measure()
    canvas = Canvas(figsize=METER, layout="constrained")
    measured.draw(canvas)
    stated, stabilized = (
        formula(latex(form)) for form in (measured.expression, measured.stabilized)
    )
    table = wide_table(measured.table(), "system")
    return Reading(stated, stabilized, table, picture(canvas)), True


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


def _figures(items: Mapping[str, Any], drawn: Drawn, say: Say) -> Iterator[Entry]:
    for name, figures in items.items():
        shown = partial(exhibit, figures, drawn)
        yield examined("figures", name, name, figures[0].section, shown)


def _derivations(items: Mapping[str, Any], drawn: Drawn, say: Say) -> Iterator[Entry]:
    for name, plan in items.items():
        say(f"derivation {name}")
        yield examined("derivations", name, plan.title, plan.section, partial(_proof_of, plan))


def _proof_of(plan: Callable[[], Any]) -> tuple[Proof, bool]:
    return proof(plan())


def _errata(items: Mapping[str, Any], drawn: Drawn, say: Say) -> Iterator[Entry]:
    for name, each in items.items():
        say(f"erratum {name} {each.title}")
        yield examined("errata", name, each.title, each.section, partial(correction, each))


def _studies(items: Mapping[str, Any], drawn: Drawn, say: Say) -> Iterator[Entry]:
    for name, each in items.items():
        say(f"study {name}")
        yield examined("studies", name, name, each.section, partial(contest, each))


def _meters(items: Mapping[str, Any], drawn: Drawn, say: Say) -> Iterator[Entry]:
    for name, each in items.items():
        say(f"ulp meter {name}")
        yield examined("accuracy", name, each.title, BEYOND, partial(reading, each))


def _known_derivations() -> Mapping[str, Any]:
    from symlab.algebra.derivations import DERIVATIONS

    return DERIVATIONS


def _known_errata() -> Mapping[str, Any]:
    from symlab.study.errata.register import ERRATA

    return ERRATA


def _known_studies() -> Mapping[str, Any]:
    from symlab.study.studies import STUDIES

    return STUDIES


def _known_meters() -> Mapping[str, Any]:
    from symlab.study.meter import METERS

    return METERS


PARTS = {
    part.name: part
    for part in (
        Part("figures", "figures", "drawn and as committed", exhibits, _figures),
        Part("derivations", "derivations", "verified", _known_derivations, _derivations),
        Part("errata", "errata", "confirmed", _known_errata, _errata),
        Part("studies", "studies", "in agreement", _known_studies, _studies),
        Part("accuracy", "formulas", "measured", _known_meters, _meters),
    )
}
"""Every part, in the order in which the page has them within a section."""
