"""Lessons in processes of their own, several at a time: what `symlab figures` runs.

Each process runs lessons one after another, on one thread, so that a figure does not depend on how
many cores there are. Nothing they do touches the folder of the figures: they draw into a scratch
folder, and who asked takes the files from there. A process that dies takes only its lesson with it.
"""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from threading import Event
from time import perf_counter

from symlab.book.figures.lessons import Lesson, Outcome
from symlab.book.figures.saving import Output

_log = logging.getLogger("symlab")

ONE_THREAD = {
    f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMBA")
}
"""Settings of NumPy's and Numba's libraries: with more threads a sum is added in another order."""

BAD_CODE = {"SIGSEGV", "SIGBUS", "SIGILL", "SIGABRT", "SIGFPE"}
"""What a process dies of that runs code from a damaged compile cache."""

Files = dict[str, tuple[Path, ...]]
Drawn = Generator[tuple[Outcome, Files], None, None]


@dataclass(frozen=True)
class Worker:
    """A process that runs lessons, and whether it compiles into the spare cache."""

    process: subprocess.Popen[str]
    spare: bool


@dataclass(frozen=True)
class Crew:
    """What the threads that ask the processes share."""

    scratch: Path
    formats: tuple[str, ...]
    only: tuple[str, ...]
    idle: "SimpleQueue[Worker]" = field(default_factory=SimpleQueue)
    started: list[subprocess.Popen[str]] = field(default_factory=list)
    told: Event = field(default_factory=Event)
    closing: Event = field(default_factory=Event)


def usable_cores() -> int:
    """Return how many cores this process may use."""
    count = getattr(os, "process_cpu_count", os.cpu_count)  # the former from Python 3.13 on
    return count() or 1


def draw(lessons: Sequence[Lesson], output: Output, jobs: int) -> Drawn:
    """Run lessons in at most `jobs` processes; yield each outcome with the files it drew.

    The files are in a scratch folder. It is gone when the iteration ends, be it early, by an error
    or Ctrl-C; and so are the processes, with whatever they have started.
    """
    with TemporaryDirectory(prefix="symlab-figures-", ignore_cleanup_errors=True) as scratch:
        crew = Crew(Path(scratch), output.formats, tuple(sorted(output.only or ())))
        threads = ThreadPoolExecutor(max(1, min(jobs, len(lessons))))
        try:
            for _ in lessons[:jobs]:
                crew.idle.put(_start(crew, spare=False))
            asked = [threads.submit(_run, crew, lesson) for lesson in lessons]
            yield from (each.result() for each in as_completed(asked))
        finally:
            crew.closing.set()
            _kill(crew.started)
            threads.shutdown(cancel_futures=True)
            _kill(crew.started)  # one may have been started while the others were killed
            _close(crew.started)


def _start(crew: Crew, *, spare: bool) -> Worker:
    """Start a process: in a session of its own, so that it and what it starts end together."""
    process = subprocess.Popen(
        [sys.executable, "-m", "symlab.book.figures.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=crew.scratch,
        env=_environment(crew.scratch / "cache" if spare else None),
        start_new_session=True,
    )
    crew.started.append(process)
    return Worker(process, spare)


def _environment(cache: Path | None) -> dict[str, str]:
    """What a process inherits: one thread, our modules wherever they are, perhaps another cache."""
    from symlab.engine.cache import flags  # late, because it tries the cache

    places = os.pathsep.join(place or str(Path.cwd()) for place in sys.path)
    moved = {} if cache is None else {"PYTENSOR_FLAGS": flags(cache)}
    return {**ONE_THREAD, **os.environ, "PYTHONPATH": places, **moved}


def _run(crew: Crew, lesson: Lesson) -> tuple[Outcome, Files]:
    """Run a lesson in an idle process; once more, and elsewhere, where the cache is to blame."""
    worker = crew.idle.get()
    try:
        outcome, files = _asked(crew, worker, lesson)
        if outcome.is_cache and not worker.spare and not crew.closing.is_set():
            _say_once(crew, f"{outcome.remedy} Meanwhile a new one is used.")
            _kill([worker.process])
            worker = _start(crew, spare=True)
            outcome, files = _asked(crew, worker, lesson)
        if worker.process.returncode is not None and not crew.closing.is_set():
            worker = _start(crew, spare=worker.spare)
        return outcome, files
    finally:
        crew.idle.put(worker)


def _say_once(crew: Crew, sentence: str) -> None:
    """Log the trouble that several lessons have with one cache."""
    if not crew.told.is_set():
        crew.told.set()
        _log.warning("%s", sentence)


def _asked(crew: Crew, worker: Worker, lesson: Lesson) -> tuple[Outcome, Files]:
    """Have a process run a lesson, and wait for its answer."""
    started = perf_counter()
    directory = crew.scratch / "figures"
    task = {
        "lesson": {**asdict(lesson), "path": str(lesson.path)},
        "output": {"directory": str(directory), "formats": crew.formats, "only": crew.only},
    }
    line = "" if crew.closing.is_set() else _answer(worker.process, json.dumps(task))
    if not line:
        return _dead(worker, lesson, perf_counter() - started), {}
    said = json.loads(line)
    written = said.pop("written")
    files = {id: tuple(directory / name for name in names) for id, names in written.items()}
    return Outcome(lesson, **said), files


def _answer(process: "subprocess.Popen[str]", task: str) -> str:
    """Return the line that a process answers, or nothing if it dies."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):
        process.stdin.write(task + "\n")
        process.stdin.flush()
        return process.stdout.readline()
    return ""


def _dead(worker: Worker, lesson: Lesson, seconds: float) -> Outcome:
    """What became of a lesson whose process died in it."""
    from symlab.engine.cache import location

    _kill([worker.process])
    code = worker.process.returncode
    how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    error = f"the process that ran it ended with {how}"
    if how in BAD_CODE and not worker.spare:
        cause = f"{lesson.path.stem} ended with {how}, as with a damaged compile cache"
        return Outcome(
            lesson, seconds, f"{error}\n", f"{cause}: delete {location()}.", is_cache=True
        )
    return Outcome(lesson, seconds, f"{error}; if memory is short, try --jobs 1\n")


def _kill(processes: Sequence["subprocess.Popen[str]"]) -> None:
    """End processes and what they started, at once: they hold nothing that is still wanted."""
    # Of one whose end has been asked for, the number may be a stranger's by now.
    for process in (each for each in processes if each.returncode is None):
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()


def _close(processes: Sequence["subprocess.Popen[str]"]) -> None:
    """Close the pipes of processes that have ended; left to be collected, they would warn."""
    for process in processes:
        for pipe in filter(None, (process.stdin, process.stdout)):
            with suppress(BrokenPipeError):
                pipe.close()
