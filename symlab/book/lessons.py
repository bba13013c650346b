"""The lessons: finding them, naming them, running one.

A lesson is a file `NN_name.py`. Its title is read from its docstring without running it.
"""

import ast
import gc
import runpy
import time
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from symlab.book.figures.figure import Figure
from symlab.book.figures.register import FIGURES
from symlab.book.places import folder
from symlab.checks import nearest, shown
from symlab.interrupts import pass_interrupts_on

FEWEST_NEW_OBJECTS = 200_000
"""New objects between two collections of garbage in a lesson; Python's default is 2000."""


@dataclass(frozen=True)
class Lesson:
    """A lesson script: its number in the chapter's order, its name and title, and its file."""

    number: int
    name: str
    title: str
    path: Path

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The figures of the book it draws."""
        return tuple(figure for figure in FIGURES.values() if figure.lesson == self.name)


@dataclass(frozen=True)
class Outcome:
    """How running a lesson went: the seconds it took, and the traceback if it failed.

    `remedy` says what to do if not the lesson is at fault but a full disk or, if `is_cache`, the
    compile cache; `stderr` is what was printed there, if it was not shown at once.
    """

    lesson: Lesson
    seconds: float
    error: str = ""
    remedy: str = ""
    is_cache: bool = False
    stderr: str = ""


def lessons() -> tuple[Lesson, ...]:
    """Return every lesson in the chapter's order.

    Examples
    --------
    >>> [lesson.name for lesson in lessons() if 9 <= lesson.number <= 11]
    ['gradient_descent', 'newton', 'step_size']
    """
    files = sorted(folder("lessons").glob("[0-9][0-9]_*.py"))
    return tuple(Lesson(int(file.stem[:2]), file.stem[3:], _title(file), file) for file in files)


def find(names: Iterable[str]) -> tuple[Lesson, ...]:
    """Return the lessons meant by numbers, names or unique prefixes of names, in that order.

    Raises
    ------
    ValueError
        If one is unknown, with the nearest name, or a prefix fits several, with all of them.

    Examples
    --------
    >>> [lesson.name for lesson in find(["10", "step"])]
    ['newton', 'step_size']
    """
    every = lessons()
    return tuple(dict.fromkeys(_find(name, every) for name in names))


def _find(given: str, every: tuple[Lesson, ...]) -> Lesson:
    name = given.strip().removesuffix(".py").lower()
    for lesson in every:
        number = name.isascii() and name.isdigit() and int(name) == lesson.number
        if number or name in {lesson.name, lesson.path.stem}:
            return lesson
    fitting = [each for each in every if name and each.name.startswith(name)]
    if len(fitting) > 1:
        names = ", ".join(lesson.name for lesson in fitting)
        raise ValueError(f"lesson: {given!r} fits several lessons: {names}.")
    if not fitting:
        hint = nearest(name, [lesson.name for lesson in every])
        hint = f"; they are numbered 1 to {len(every)}." if name.isdigit() else hint
        hint = f"{hint} `symlab list` shows them all."
        raise ValueError(f"lesson: unknown lesson {shown(given)}{hint}")
    return fitting[0]


@pass_interrupts_on()
def run(lesson: Lesson) -> Outcome:
    """Run a lesson in a namespace of its own, without windows.

    A lesson that fails ends with its traceback as a result; only Ctrl-C is passed on.
    """
    import matplotlib.pyplot as plt

    started, found = time.perf_counter(), ("", "", False)
    plt.switch_backend("Agg")
    with plt.rc_context(), _rare_garbage_collection():
        try:
            runpy.run_path(str(lesson.path), run_name="__main__")
        except BrokenPipeError:
            raise  # nobody reads what the lesson prints
        except (Exception, SystemExit) as failure:
            found = _traceback(failure, lesson), *_remedy(failure)
        finally:
            plt.close("all")
    return Outcome(lesson, time.perf_counter() - started, *found)


def _remedy(failure: BaseException) -> tuple[str, bool]:
    """Return what to do if the machine is at fault, and whether its compile cache is."""
    from symlab.engine.cache import FULL, remedy  # late, because it tries the cache

    if sentence := remedy(failure):
        return sentence, True
    if isinstance(failure, OSError) and failure.errno in FULL:
        place = Path(failure.filename).absolute() if failure.filename else "what it writes"
        return f"There is no space left for {place}.", False
    return "", False


@contextmanager
def _rare_garbage_collection() -> Iterator[None]:
    """Collect garbage rarely, because SymPy and PyTensor make many small objects that stay.

    At Python's default that takes up to a tenth of the time of all lessons.
    """
    usual = gc.get_threshold()
    gc.set_threshold(FEWEST_NEW_OBJECTS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _traceback(failure: BaseException, lesson: Lesson) -> str:
    """Return the traceback from the lesson's own first line on; exit code 0 is no failure."""
    if isinstance(failure, SystemExit) and not failure.code:
        return ""
    frames: TracebackType | None = failure.__traceback__
    while frames and frames.tb_frame.f_code.co_filename != str(lesson.path):
        frames = frames.tb_next
    return "".join(
        traceback.format_exception(type(failure), failure, frames or failure.__traceback__)
    )


def _title(file: Path) -> str:
    try:
        text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
    except SyntaxError:
        text = None  # it is still listed, and running it shows where the error is
    return (text or file.stem).strip().splitlines()[0]
