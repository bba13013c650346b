"""The book's figures as a whole: drawing them all again, and checking them against those committed.

A check compares numbers first, by their passports, and pixels second. Pixels alone are a failure
only under the Matplotlib that drew the committed picture, because another one sets type otherwise.
"""

import io
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import chdir, contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from matplotlib import image

from symlab.study.figures import FIGURES, Output, known, saving
from symlab.study.lessons import Lesson, Outcome, find, folder, run
from symlab.study.passports import differences
from symlab.study.pictures import replace_file

PIXELS = 2.0
"""Root-mean-square difference of pixels, of 255, that two pictures of the same numbers may have."""

Progress = Callable[[Lesson], object]


@dataclass(frozen=True)
class Check:
    """What became of one figure: the failures in words, and a note that is not one."""

    id: str
    failures: tuple[str, ...] = ()
    note: str = ""
    evidence: Path | None = None

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return not self.failures


def regenerate(
    ids: Iterable[str], output: Output, progress: Progress | None = None
) -> tuple[Outcome, ...]:
    """Run the lessons that draw these figures, all if there are no ids, and keep only the figures.

    Raises
    ------
    ValueError
        If an id is unknown, before anything runs.
    OSError
        If the folder cannot be written to, likewise.
    """
    wanted = [known(id) for id in ids] or list(FIGURES.values())
    names = frozenset(figure.id for figure in wanted)
    check_writable(output.directory)
    place = Output(output.directory.resolve(), output.formats, names, output.written)
    # Elsewhere, because a lesson may leave other pictures in the current folder.
    with saving(place), TemporaryDirectory(prefix="symlab-") as scratch, chdir(scratch):
        return tuple(_draw(find([figure.lesson])[0], progress) for figure in _one_a_lesson(wanted))


def _one_a_lesson(figures: Iterable[Any]) -> Iterable[Any]:
    return {figure.lesson: figure for figure in figures}.values()


def _draw(lesson: Lesson, progress: Progress | None) -> Outcome:
    if progress:
        progress(lesson)
    # What a lesson prints is for its readers; here only the figures are asked for.
    with redirect_stdout(io.StringIO()):
        return run(lesson)


def check_writable(directory: Path) -> None:
    """Make a folder, and raise OSError if files cannot be made in it."""
    directory.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=directory, prefix=".writable"):
        pass


def check(
    ids: Iterable[str],
    evidence: Path,
    baseline: Path | None = None,
    progress: Progress | None = None,
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
    progress : callable, optional
        Told each lesson before it runs.

    Raises
    ------
    ValueError, OSError
        As `regenerate`, also for `evidence`.
    """
    wanted = [known(id).id for id in ids] or list(FIGURES)
    committed = folder("figures") if baseline is None else baseline
    with _place_for(evidence), TemporaryDirectory(prefix="symlab-figures-") as temporary:
        output = Output(Path(temporary))
        outcomes = regenerate(wanted, output, progress)
        errors = {outcome.lesson.name: outcome.error for outcome in outcomes}
        return tuple(
            compare_files(id, committed, output.directory, evidence)
            if id in output.written
            else _undrawn(id, errors[FIGURES[id].lesson])
            for id in wanted
        )


@contextmanager
def _place_for(evidence: Path) -> Iterator[None]:
    """Find out before the work that evidence can be left, and leave no empty folder after it."""
    is_new = not evidence.exists()
    check_writable(evidence)
    try:
        yield
    finally:
        if is_new and not any(evidence.iterdir()):
            evidence.rmdir()


def _undrawn(id: str, error: str) -> Check:
    lesson = FIGURES[id].lesson
    reason = f"failed: {error.strip().splitlines()[-1]}" if error else "ran but did not draw it"
    return Check(id, (f"lesson {lesson} {reason}",))


def compare_files(id: str, committed: Path, drawn: Path, evidence: Path) -> Check:
    """Compare one figure in two folders, and leave a picture of the difference if it fails."""
    try:
        before, now = _passport(committed, id), _passport(drawn, id)
        failures = [str(difference) for difference in differences(before, now)]
        gap = pixel_difference(committed / f"{id}.png", drawn / f"{id}.png")
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Check(id, (_unreadable(id, error),))
    versions = [document["versions"]["matplotlib"] for document in (before, now)]
    note = ""
    if gap > PIXELS:
        words = f"pixels differ by {gap:.3g} of 255 (tolerance {PIXELS:g})"
        if versions[0] == versions[1] or failures:
            failures.append(words)
        else:
            note = f"{words}: drawn by Matplotlib {versions[1]}, committed by {versions[0]}"
    return Check(
        id, tuple(failures), note, _leave_evidence(id, committed, drawn, evidence, failures)
    )


def _unreadable(id: str, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        name = Path(str(error.filename)).name
        return f"{name} is missing; `symlab figures {id}` makes it"
    return f"cannot be compared: {type(error).__name__}: {error}"


def _passport(directory: Path, id: str) -> dict[str, Any]:
    return json.loads((directory / f"{id}.json").read_text(encoding="utf-8"))


def pixel_difference(first: Path, second: Path) -> float:
    """Return the root-mean-square difference of two pictures, of 255; infinite if sizes differ."""
    one, other = _pixels(first), _pixels(second)
    if one.shape != other.shape:
        return float("inf")
    return float(np.sqrt(np.mean((one - other) ** 2)))


def _pixels(path: Path) -> np.ndarray:
    return 255.0 * image.imread(path)[..., :3]


def _leave_evidence(
    id: str, committed: Path, drawn: Path, evidence: Path, failures: list[str]
) -> Path | None:
    path = evidence / f"{id}-difference.png"
    if not failures:
        path.unlink(missing_ok=True)  # one left by an earlier check would accuse a sound figure
        return None
    one, other = _pixels(committed / f"{id}.png"), _pixels(drawn / f"{id}.png")
    panels = [one, other]
    if one.shape == other.shape:
        panels.append(255 - np.abs(one - other))
    height = max(len(panel) for panel in panels)
    padded = [
        np.pad(panel, ((0, height - len(panel)), (0, 0), (0, 0)), constant_values=255)
        for panel in panels
    ]
    buffer = io.BytesIO()
    image.imsave(buffer, np.hstack(padded).astype(np.uint8), format="png")
    replace_file(path, buffer.getvalue())
    return path


def summary(checks: Iterable[Check]) -> Iterator[tuple[str, str, str]]:
    """Yield a row for each finding: the figure, the verdict, and what was found."""
    for each in checks:
        verdict = "passed" if each.passed else "FAILED"
        shown = f"see {each.evidence}" if each.evidence else ""
        for words in (*each.failures, *filter(None, (each.note, shown))) or ("",):
            yield each.id, verdict, words
