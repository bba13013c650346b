"""The process in which `symlab figures` runs lessons: `python -m symlab.book.figures.worker`.

It reads tasks from stdin and answers on stdout, a line of JSON each; `workers` is at the other end.
When stdin closes it ends, and with it whatever it has started, such as a compiler.
"""

import io
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, TextIO

from symlab.book.figures.saving import Output, saving
from symlab.book.lessons import Lesson, Outcome, run

GRACE = 2.0
"""Seconds that an idle worker has to end by itself, once stdin is closed."""


def main() -> None:
    """Run lessons, in the order they come in, until stdin closes."""
    tasks: SimpleQueue[str] = SimpleQueue()
    answers = _answers()
    Thread(target=_listen, args=(tasks, Path.cwd()), daemon=True).start()
    for task in iter(tasks.get, ""):
        answers.write(json.dumps(answer(**json.loads(task))) + "\n")
        answers.flush()


def _answers() -> TextIO:
    """Return stdout, kept for answers alone; whatever else is printed goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _listen(tasks: "SimpleQueue[str]", scratch: Path) -> None:
    """Queue tasks from stdin; when it closes, end this process even in the middle of a task."""
    for task in sys.stdin:
        tasks.put(task)
    tasks.put("")
    time.sleep(GRACE)
    shutil.rmtree(scratch, ignore_errors=True)
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def answer(lesson: dict[str, Any], output: dict[str, Any]) -> dict[str, Any]:
    """Run a lesson in a folder of its own; return its outcome and the files that it drew."""
    directory, formats, only = Path(output["directory"]), output["formats"], output["only"]
    place = Output(directory, tuple(formats), frozenset(only))
    with saving(place), _isolate() as stderr:
        outcome = run(Lesson(**{**lesson, "path": Path(lesson["path"])}))
    names = {id: [path.name for path in paths] for id, paths in place.written.items()}
    return {**_plain(outcome), "stderr": stderr.getvalue(), "written": names}


def _plain(outcome: Outcome) -> dict[str, Any]:
    return {name: getattr(outcome, name) for name in ("seconds", "error", "remedy", "is_cache")}


@contextmanager
def _isolate() -> Iterator[io.StringIO]:
    """Run in a temporary folder, discard what is printed, and yield what goes to stderr."""
    stderr = io.StringIO()
    with (
        TemporaryDirectory(dir=Path.cwd()) as place,
        chdir(place),
        redirect_stdout(io.StringIO()),
        redirect_stderr(stderr),
    ):
        yield stderr


if __name__ == "__main__":
    main()
