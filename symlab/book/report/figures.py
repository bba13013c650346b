"""The book's figures on the page: a figure, or what is printed beside what is right.

They are drawn anew, by their lessons, unless a folder is given in which they already are; and each
is compared with the committed one, numbers first and then pixels.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from symlab.book.figures.check import Check, compare_files, regenerate
from symlab.book.figures.figure import Figure
from symlab.book.figures.register import FIGURES
from symlab.book.figures.saving import Output
from symlab.book.places import folder
from symlab.book.report.entry import describe_error, without_places
from symlab.book.report.picture import Picture, picture_from

Say = Callable[[str], object]


@dataclass(frozen=True)
class Number:
    """A named number of a figure: its value as a float, and exactly where it is a fraction."""

    name: str
    value: float
    exact: str = ""


@dataclass(frozen=True)
class Panel:
    """One picture of the book with what is known of it.

    Parameters
    ----------
    figure : Figure
        Its row in the registry.
    picture : Picture
    numbers : tuple of Number
        What its passport names.
    seed : int, optional
        Of the random numbers in it, if it was drawn with one.
    check : Check
        How it compares with the committed one.
    """

    figure: Figure
    picture: Picture
    numbers: tuple[Number, ...]
    seed: int | None
    check: Check

    @property
    def label(self) -> str:
        """Which version of a figure that has two: "as printed", "corrected", else nothing."""
        return ", ".join(self.figure.variants)

    @property
    def origin(self) -> str:
        """The seed of its random numbers, if it has any."""
        if self.seed is not None:
            return f"seed {self.seed}"
        return "deterministic" if self.figure.deterministic else "random numbers without a seed"


@dataclass(frozen=True)
class DrawnFigures:
    """Where figures have been drawn, and the errors of lessons that failed."""

    directory: Path
    errors: Mapping[str, str]


def exhibits() -> dict[str, tuple[Figure, ...]]:
    """Return the figures of the book by name, each with its variants, in the order of the book.

    Examples
    --------
    >>> len(exhibits()), [figure.id for figure in exhibits()["gradient_descent_006"]]
    (36, ['gradient_descent_006', 'gradient_descent_006_corrected'])
    """
    together: dict[str, tuple[Figure, ...]] = {}
    for figure in FIGURES.values():
        name = figure.id.removesuffix("_corrected") if figure.variants else figure.id
        together[name] = (*together.get(name, ()), figure)
    return together


def mention_variants(names: Iterable[str]) -> str:
    """Return how many of these figures have a corrected variant, as the end of a sentence.

    Examples
    --------
    >>> mention_variants(exhibits()), mention_variants(["adder"])
    (', with 3 corrected variants', '')
    """
    known = exhibits()
    count = sum(len(known[name]) - 1 for name in names if name in known)
    return f", with {count} corrected variant{'s' * (count != 1)}" if count else ""


@contextmanager
def draw_figures(ids: Iterable[str], already: Path | None, say: Say) -> Iterator[DrawnFigures]:
    """Draw figures into a folder that lasts as long as the block, or use one that has them.

    Parameters
    ----------
    ids : iterable of str
        Which; none if empty.
    already : pathlib.Path, optional
        A folder with pictures and passports.
    say : callable
        Called with the name of each lesson when it has ended.
    """
    wanted = list(ids)
    if already is not None or not wanted:
        yield DrawnFigures(already or Path(), {})
        return
    with TemporaryDirectory(prefix="symlab-report-") as temporary:
        output = Output(Path(temporary), ("png", "svg"))
        yield DrawnFigures(output.directory, _errors(wanted, output, say))


def _errors(ids: Sequence[str], output: Output, say: Say) -> dict[str, str]:
    """Draw figures, and return why lessons failed, by name."""
    try:
        outcomes = regenerate(ids, output, lambda done: say(f"lesson {done.lesson.path.stem}"))
    # An error that stopped all lessons is shown at every figure; the other parts still follow.
    except Exception as failure:
        return {FIGURES[id].lesson: describe_error(failure) for id in ids}
    return {outcome.lesson.name: outcome.error for outcome in outcomes if outcome.error}


def exhibit(figures: Iterable[Figure], place: DrawnFigures) -> tuple[tuple[Panel, ...], bool]:
    """Return the panels of an exhibit, and whether each is as committed.

    Raises
    ------
    RuntimeError
        If the lesson that draws it failed.
    OSError, ValueError
        If a file is missing or is none of ours.
    """
    panels = tuple(panel(figure, place) for figure in figures)
    return panels, all(panel.check.passed for panel in panels)


def panel(figure: Figure, place: DrawnFigures) -> Panel:
    """Return a picture that was drawn into a folder, with what its passport says.

    Raises
    ------
    RuntimeError
        If the lesson that draws it failed.
    OSError, ValueError
        If a file is missing or is none of ours.
    """
    if error := place.errors.get(figure.lesson):
        reason = error.strip().splitlines()[-1]
        raise RuntimeError(f"lesson {figure.lesson} failed with {without_places(reason)}")
    passport = json.loads((place.directory / f"{figure.id}.json").read_text(encoding="utf-8"))
    numbers = tuple(
        Number(name, number["value"], number.get("exact", ""))
        for name, number in passport["numbers"].items()
    )
    picture = picture_from(place.directory, figure.id, passport["size"])
    return Panel(
        figure,
        picture,
        numbers,
        passport["seed"],
        compare_with_committed(figure.id, place.directory),
    )


def compare_with_committed(id: str, directory: Path) -> Check:
    """Return how a figure compares with the committed one, and leave no picture of it."""
    with TemporaryDirectory(prefix="symlab-report-") as evidence:
        return compare_files(id, folder("figures"), directory, Path(evidence))
