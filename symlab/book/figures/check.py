"""The book's figures as a whole: drawing them all again, and checking them against those committed.

A check compares numbers first, by their passports, and pixels second. Pixels alone are a failure
only under the Matplotlib that drew the committed picture, because another one sets type otherwise;
and another backend only where the committed one can run, because its place is taken elsewhere.
"""

import io
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from matplotlib import image
from matplotlib.figure import Figure as Canvas

from symlab.book.figures.fingerprint import differences
from symlab.book.figures.register import FIGURES, find_figure
from symlab.book.figures.saving import Output
from symlab.book.figures.worker_pool import draw, usable_cores
from symlab.book.figures.writing import PIXELS, pixel_difference, pixels, write_changed
from symlab.book.lessons import Lesson, Outcome, find
from symlab.book.places import folder
from symlab.engine.backends import BACKENDS
from symlab.files import check_writable, remove_leftovers, replace_file
from symlab.lab.plots.style import DPI, pixel_digest, render

Progress = Callable[[Outcome], object]
"""Called with the outcome of each lesson when it has ended."""


@dataclass(frozen=True)
class Check:
    """What became of one figure: the failures in words, and notes that are none."""

    id: str
    failures: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    evidence: Path | None = None

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return not self.failures


def regenerate(
    ids: Iterable[str],
    output: Output,
    progress: Progress | None = None,
    *,
    jobs: int | None = None,
) -> tuple[Outcome, ...]:
    """Run the lessons that draw these figures, all if there are no ids, and keep only the figures.

    Each lesson runs in a process of its own; a figure is written when its lesson has ended, whole
    or not at all. What killed runs left in the folder is removed.

    Parameters
    ----------
    ids : iterable of str
    output : Output
        Its `written` is filled.
    progress : callable, optional
        Called with the outcome of each lesson, as it ends.
    jobs : int, optional
        How many lessons run at a time; as many as there are cores if not given.

    Returns
    -------
    tuple of Outcome
        In the order of the lessons.

    Raises
    ------
    ValueError
        If an id is unknown or `jobs` is not positive, before anything runs.
    OSError
        If the folder cannot be written to, likewise; later if a disk is full.
    """
    chosen, names = lessons_for(ids), frozenset(_check_ids(ids))
    jobs = _check_jobs(jobs)
    check_writable(output.directory)
    remove_leftovers(output.directory)
    outcomes: list[Outcome] = []
    written: dict[str, tuple[Path, ...]] = {}
    with closing(draw(chosen, Output(formats=output.formats, only=names), jobs)) as drawn:
        for outcome, files in drawn:
            if outcome.remedy:
                raise OSError(outcome.remedy)
            written |= {id: _take(id, paths, output.directory) for id, paths in files.items()}
            outcomes.append(outcome)
            if progress:
                progress(outcome)
    output.written.update({id: written[id] for id in FIGURES if id in written})
    return tuple(sorted(outcomes, key=lambda outcome: outcome.lesson.number))


def lessons_for(ids: Iterable[str]) -> tuple[Lesson, ...]:
    """Return the lessons that draw these figures, all if there are no ids; the longest first.

    Random numbers mostly come with training, so a lesson takes longer the more figures have them.

    Examples
    --------
    >>> [lesson.name for lesson in lessons_for(["MLP", "adder", "multiplier"])]
    ['multilayer_perceptron', 'computation_graphs']
    """
    names = dict.fromkeys(FIGURES[id].lesson for id in _check_ids(ids))
    return tuple(sorted(find(names), key=_length, reverse=True))


def _length(lesson: Lesson) -> tuple[int, int]:
    seeded = [figure for figure in lesson.figures if not figure.deterministic]
    return len(seeded), len(lesson.figures)


def _check_ids(ids: Iterable[str]) -> list[str]:
    return [find_figure(id).id for id in ids] or list(FIGURES)


def _check_jobs(jobs: int | None) -> int:
    if jobs is not None and jobs < 1:
        raise ValueError(f"jobs: expected a whole number of at least 1, got {jobs}.")
    return usable_cores() if jobs is None else jobs


def _take(id: str, files: Iterable[Path], directory: Path) -> tuple[Path, ...]:
    """Put files that a lesson drew into their folder; return where they are."""
    return write_changed(directory, id, {file.name: file.read_bytes() for file in files})


def check(
    ids: Iterable[str],
    evidence: Path,
    baseline: Path | None = None,
    progress: Progress | None = None,
    *,
    jobs: int | None = None,
) -> tuple[Check, ...]:
    """Draw figures again and compare each with its committed passport and picture.

    Parameters
    ----------
    ids : iterable of str
        All figures if empty.
    evidence : pathlib.Path
        Where `ID-difference.png` is left for each figure that fails: committed, drawn, difference.
    baseline : pathlib.Path, optional
        The committed figures; those of the checkout, or installed with symlab, if not given.
    progress, jobs : optional
        As for `regenerate`.

    Raises
    ------
    ValueError, OSError
        As `regenerate`, also for `evidence`.
    """
    wanted = _check_ids(ids)
    committed = folder("figures") if baseline is None else baseline
    with _place_for(evidence), TemporaryDirectory(prefix="symlab-figures-") as temporary:
        output = Output(Path(temporary))
        outcomes = regenerate(wanted, output, progress, jobs=jobs)
        errors = {outcome.lesson.name: outcome.error for outcome in outcomes}
        return tuple(
            compare_files(id, committed, output.directory, evidence)
            if id in output.written
            else _report_missing(id, errors[FIGURES[id].lesson])
            for id in wanted
        )


@contextmanager
def _place_for(evidence: Path) -> Iterator[None]:
    """Check before the work that evidence can be written; remove its folder if it stays empty."""
    is_new = not evidence.exists()
    check_writable(evidence)
    remove_leftovers(evidence)
    try:
        yield
    finally:
        if is_new:
            with suppress(OSError):  # it is not empty, or another check was quicker
                evidence.rmdir()


def _report_missing(id: str, error: str) -> Check:
    lesson = FIGURES[id].lesson
    reason = f"failed: {error.strip().splitlines()[-1]}" if error else "ran but did not draw it"
    return Check(id, (f"lesson {lesson} {reason}",))


def compare_files(id: str, committed: Path, drawn: Path, evidence: Path) -> Check:
    """Compare one figure in two folders, and leave a picture of the difference if it fails."""
    try:
        before, now = _passport(committed, id), _passport(drawn, id)
        failures = [str(difference) for difference in differences(before, now)]
        failures += _of_another_drawing(id, committed, before)
        gap = pixel_difference(committed / f"{id}.png", drawn / f"{id}.png")
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Check(id, (_unreadable(id, error),))
    notes: list[str] = []
    ran_on = [document["backend"] for document in (before, now)]
    if ran_on[0] != ran_on[1]:
        lists = notes if _lacks(ran_on[0]) else failures
        lists.append(f"backend: committed {ran_on[0]}, drawn {ran_on[1]}")
    versions = [document["versions"]["matplotlib"] for document in (before, now)]
    if gap > PIXELS:
        words = f"pixels differ by {gap:.3g} of 255 (tolerance {PIXELS:g})"
        if versions[0] == versions[1] or failures:
            failures.append(words)
        else:
            by = f"drawn by Matplotlib {versions[1]}, committed by {versions[0]}"
            notes.append(f"{words}: {by}")
    shown = _leave_evidence(id, committed, drawn, evidence, failures)
    return Check(id, tuple(failures), tuple(notes), shown)


def _lacks(backends: str) -> bool:
    """Return whether this machine lacks one of the backends that a passport names."""
    named = [BACKENDS[name] for name in backends.split(", ") if name in BACKENDS]
    return any(backend.lacks() for backend in named)


def _of_another_drawing(id: str, committed: Path, passport: dict[str, Any]) -> list[str]:
    """Return a failure if picture and passport are of two drawings, as a killed run leaves them."""
    if pixel_digest((committed / f"{id}.png").read_bytes()) == passport["pixels"]:
        return []
    return [f"{id}.png is not the picture of {id}.json; `symlab figures {id}` draws both"]


def _unreadable(id: str, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        name = Path(str(error.filename)).name
        return f"{name} is missing; `symlab figures {id}` makes it"
    return f"cannot be compared: {type(error).__name__}: {error}"


def _passport(directory: Path, id: str) -> dict[str, Any]:
    return json.loads((directory / f"{id}.json").read_text(encoding="utf-8"))


def _leave_evidence(
    id: str, committed: Path, drawn: Path, evidence: Path, failures: list[str]
) -> Path | None:
    path = evidence / f"{id}-difference.png"
    if not failures:
        path.unlink(missing_ok=True)  # one left by an earlier check would accuse a sound figure
        return None
    one, other = pixels(committed / f"{id}.png"), pixels(drawn / f"{id}.png")
    panels = [one, other]
    if one.shape == other.shape:
        panels.append(255 - np.abs(one - other))
    height = max(len(panel) for panel in panels)
    named = [
        _label_panel(
            name, np.pad(panel, ((0, height - len(panel)), (0, 0), (0, 0)), constant_values=255)
        )
        for name, panel in zip(("committed", "drawn", "difference"), panels, strict=False)
    ]
    buffer = io.BytesIO()
    image.imsave(buffer, np.hstack(named).astype(np.uint8), format="png")
    replace_file(path, buffer.getvalue())
    return path


def _label_panel(name: str, panel: np.ndarray) -> np.ndarray:
    """Return a panel under a strip that names it."""
    strip = Canvas(figsize=((panel.shape[1] + 1) / DPI, 24 / DPI))
    strip.text(0.5, 0.5, name, ha="center", va="center", fontsize=14)
    return np.vstack([pixels(render(strip))[:, : panel.shape[1]], panel])


def summary(checks: Iterable[Check]) -> Iterator[tuple[str, str, str]]:
    """Yield a row for each finding: the figure, the verdict, and what was found."""
    for each in checks:
        verdict = "passed" if each.passed else "FAILED"
        shown = f"see {each.evidence}" if each.evidence else ""
        for words in (*each.failures, *each.notes, *filter(None, [shown])) or ("",):
            yield each.id, verdict, words
