"""The report: all results of one run, in the order of the chapter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

from symlab.book.report.entry import Entry, describe_error
from symlab.book.report.figures import DrawnFigures, Say, draw_figures
from symlab.book.report.parts import PARTS, Part
from symlab.book.report.sections import SECTIONS, WHOLE, label
from symlab.checks import nearest, shown
from symlab.interrupts import pass_interrupts_on
from symlab.lab.doctor import Finding, environment

APART = ("accuracy",)
"""Parts that follow the sections instead of being spread over them."""


@dataclass(frozen=True)
class Tally:
    """How many entries of a part are as they should be."""

    part: Part
    passed: int
    total: int
    deed: str

    @property
    def complete(self) -> bool:
        """Whether all entries passed, and there is at least one."""
        return 0 < self.total == self.passed


@dataclass(frozen=True)
class Section:
    """A section of the page with its entries, by part."""

    number: int
    label: str
    entries: Mapping[str, tuple[Entry, ...]]


@dataclass(frozen=True)
class Report:
    """What was found in one run.

    Parameters
    ----------
    entries : tuple of Entry
    environment : tuple of Finding
        Versions and machine.
    made : datetime.date
    seconds : float
        How long it took.
    redrawn : bool
        Whether the figures were drawn in this run, and not taken from a folder.
    """

    entries: tuple[Entry, ...]
    environment: tuple[Finding, ...]
    made: date
    seconds: float
    redrawn: bool = True

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts that have entries."""
        return tuple(part for part in PARTS.values() if self.of(part.name))

    def of(self, part: str) -> tuple[Entry, ...]:
        """Return the entries of one part."""
        return tuple(entry for entry in self.entries if entry.part == part)

    @property
    def tallies(self) -> tuple[Tally, ...]:
        """How many entries of each part passed."""
        return tuple(_tally(part, self.of(part.name)) for part in self.parts)

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections that have entries, in order."""
        every = (_section(number, self.entries) for number in SECTIONS)
        return tuple(section for section in every if section.entries)

    @property
    def troubles(self) -> tuple[Entry, ...]:
        """The entries that did not pass."""
        return tuple(entry for entry in self.entries if not entry.passed)

    @property
    def sound(self) -> bool:
        """Whether every entry passed."""
        return bool(self.entries) and not self.troubles


def _tally(part: Part, entries: Sequence[Entry]) -> Tally:
    deed = part.deed + part.remark(entry.name for entry in entries)
    return Tally(part, sum(entry.passed for entry in entries), len(entries), deed)


def _section(number: int, entries: Sequence[Entry]) -> Section:
    here = [entry for entry in entries if entry.section == number]
    by_part = {
        name: tuple(entry for entry in here if entry.part == name)
        for name in PARTS
        if name not in APART
    }
    return Section(number, label(number), {name: those for name, those in by_part.items() if those})


@pass_interrupts_on()
def report(
    wanted: Mapping[str, Sequence[str]] | None = None,
    *,
    figures: Path | None = None,
    say: Say = lambda _: None,
) -> Report:
    """Run all or some parts of the report, and return what was found.

    Parameters
    ----------
    wanted : mapping of part to names, optional
        What to include: for each part the names of its entries, or nothing for all there are.
        Every part if not given.
    figures : pathlib.Path, optional
        A folder with pictures and passports of the figures; drawn anew if not given.
    say : callable
        Called with what is being made.

    Raises
    ------
    ValueError
        If a part or a name is unknown, with the nearest, or `figures` is no folder; before
        anything runs.

    Examples
    --------
    >>> report({"erata": ()})
    Traceback (most recent call last):
        ...
    ValueError: only: unknown part 'erata'; did you mean 'errata'? Known: figures, derivations, \
errata, studies, accuracy.
    """
    started = perf_counter()
    asked = dict.fromkeys(PARTS, ()) if wanted is None else wanted
    for name in asked:
        _check_part(name)
    if figures is not None and not figures.is_dir():
        raise ValueError(f"figures: {str(figures)!r} is no folder.")
    plans = [_plan(part, asked[name]) for name, part in PARTS.items() if name in asked]
    with draw_figures(_figure_ids(plans), figures, say) as place:
        entries = tuple(entry for plan in plans for entry in _entries(plan, place, say))
    seconds = perf_counter() - started
    return Report(entries, tuple(environment()), date.today(), seconds, figures is None)


def parse_parts(names: str) -> dict[str, tuple[str, ...]]:
    """Return the parts in a comma-separated text, each whole.

    Raises
    ------
    ValueError
        If one is unknown; the message gives the nearest.

    Examples
    --------
    >>> parse_parts("errata, studies")
    {'errata': (), 'studies': ()}
    """
    wanted = [name.strip() for name in names.split(",")]
    return {_check_part(name): () for name in wanted}


def _check_part(name: str) -> str:
    if name not in PARTS:
        raise ValueError(
            f"only: unknown part {shown(name)}{nearest(name, PARTS)} Known: {', '.join(PARTS)}."
        )
    return name


@dataclass(frozen=True)
class _Plan:
    """The items of a part that are to be examined, or why there are none."""

    part: Part
    items: Mapping[str, Any]
    error: str = ""


def _plan(part: Part, names: Sequence[str]) -> _Plan:
    try:
        known = part.registry()
    # A registry that cannot be loaded is reported in its place, like an entry that fails.
    except Exception as failure:
        return _Plan(part, {}, describe_error(failure))
    for name in names:
        if name not in known:
            raise ValueError(f"{part.name}: unknown name {shown(name)}{nearest(name, known)}")
    return _Plan(part, {name: known[name] for name in names or known})


def _entries(plan: _Plan, place: DrawnFigures, say: Say) -> Iterator[Entry]:
    if plan.error:
        title = f"No {plan.part.title}"
        yield Entry(plan.part.name, "all", title, WHOLE, error=plan.error)
    yield from plan.part.gather(plan.items, place, say)


def _figure_ids(plans: Sequence[_Plan]) -> list[str]:
    shown = [plan.items for plan in plans if plan.part.name == "figures"]
    return [figure.id for items in shown for figures in items.values() for figure in figures]
