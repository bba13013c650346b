"""The worker pool of `symlab figures`: lessons in processes of their own, several at a time.

Each process runs lessons one after another, on one thread, so that a figure does not depend on how
many cores there are. They draw into a scratch folder, and the caller takes the files from there. A
process that dies fails only the lesson that it was running.
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

from symlab.book.figures.saving import Output
from symlab.book.lessons import Lesson, Outcome

_log = logging.getLogger("symlab")

ONE_THREAD = {
    f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMBA")
}
"""With more threads, NumPy's and Numba's libraries would add sums in another order."""

CACHE_SIGNALS = {"SIGSEGV", "SIGBUS", "SIGILL", "SIGABRT", "SIGFPE"}
"""Signals that suggest a corrupt compile cache."""

Files = dict[str, tuple[Path, ...]]
Results = Generator[tuple[Outcome, Files], None, None]


@dataclass(frozen=True)
class Worker:
    """A process that runs lessons, and whether it compiles into a spare cache."""

    process: subprocess.Popen[str]
    spare: bool


@dataclass(frozen=True)
class WorkerPool:
    """Worker processes, and what the threads that give them tasks share."""

    scratch: Path
    formats: tuple[str, ...]
    only: tuple[str, ...]
    idle: "SimpleQueue[Worker]" = field(default_factory=SimpleQueue)
    started: list[subprocess.Popen[str]] = field(default_factory=list)
    warned: Event = field(default_factory=Event)
    closing: Event = field(default_factory=Event)


def usable_cores() -> int:
    """Return how many cores this process may use."""
    count = getattr(os, "process_cpu_count", os.cpu_count)  # the former from Python 3.13 on
    return count() or 1


def draw(lessons: Sequence[Lesson], output: Output, jobs: int) -> Results:
    """Run lessons in at most `jobs` processes; yield each outcome with the files it drew.

    The files are in a scratch folder. When the iteration ends, also early, by an error or Ctrl-C,
    the folder is removed and the processes are killed, with whatever they have started.
    """
    with TemporaryDirectory(prefix="symlab-figures-", ignore_cleanup_errors=True) as scratch:
        pool = WorkerPool(Path(scratch), output.formats, tuple(sorted(output.only or ())))
        threads = ThreadPoolExecutor(max(1, min(jobs, len(lessons))))
        try:
            for _ in lessons[:jobs]:
                pool.idle.put(_start(pool, spare=False))
            futures = [threads.submit(_run, pool, lesson) for lesson in lessons]
            yield from (each.result() for each in as_completed(futures))
        finally:
            pool.closing.set()
            _kill(pool.started)
            threads.shutdown(cancel_futures=True)
            _kill(pool.started)  # one may have been started while the others were killed
            _close(pool.started)


def _start(pool: WorkerPool, *, spare: bool) -> Worker:
    """Start a worker, in a session of its own, so that it can be killed with all that it starts."""
    process = subprocess.Popen(
        [sys.executable, "-m", "symlab.book.figures.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=pool.scratch,
        env=_environment(pool.scratch / "cache" if spare else None),
        start_new_session=True,
    )
    pool.started.append(process)
    return Worker(process, spare)


def _environment(cache: Path | None) -> dict[str, str]:
    """Return the environment of a worker: one thread, the same modules, perhaps a new cache."""
    from symlab.engine.cache import flags  # late, because it tries the cache

    places = os.pathsep.join(place or str(Path.cwd()) for place in sys.path)
    moved = {} if cache is None else {"PYTENSOR_FLAGS": flags(cache)}
    return {**ONE_THREAD, **os.environ, "PYTHONPATH": places, **moved}


def _run(pool: WorkerPool, lesson: Lesson) -> tuple[Outcome, Files]:
    """Run a lesson in an idle worker; if the cache is at fault, again in one with a new cache."""
    worker = pool.idle.get()
    try:
        outcome, files = _send(pool, worker, lesson)
        if outcome.is_cache and not worker.spare and not pool.closing.is_set():
            _warn_once(pool, f"{outcome.remedy} Meanwhile a new one is used.")
            _kill([worker.process])
            worker = _start(pool, spare=True)
            outcome, files = _send(pool, worker, lesson)
        if worker.process.returncode is not None and not pool.closing.is_set():
            worker = _start(pool, spare=worker.spare)
        return outcome, files
    finally:
        pool.idle.put(worker)


def _warn_once(pool: WorkerPool, sentence: str) -> None:
    """Log a problem with the cache once, though several lessons meet it."""
    if not pool.warned.is_set():
        pool.warned.set()
        _log.warning("%s", sentence)


def _send(pool: WorkerPool, worker: Worker, lesson: Lesson) -> tuple[Outcome, Files]:
    """Have a worker run a lesson, and wait for its answer."""
    started = perf_counter()
    directory = pool.scratch / "figures"
    task = {
        "lesson": {**asdict(lesson), "path": str(lesson.path)},
        "output": {"directory": str(directory), "formats": pool.formats, "only": pool.only},
    }
    line = "" if pool.closing.is_set() else _answer(worker.process, json.dumps(task))
    if not line:
        return _describe_death(worker, lesson, perf_counter() - started), {}
    answer = json.loads(line)
    written = answer.pop("written")
    files = {id: tuple(directory / name for name in names) for id, names in written.items()}
    return Outcome(lesson, **answer), files


def _answer(process: "subprocess.Popen[str]", task: str) -> str:
    """Return the line that a worker answers, or nothing if it dies."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):
        process.stdin.write(task + "\n")
        process.stdin.flush()
        return process.stdout.readline()
    return ""


def _describe_death(worker: Worker, lesson: Lesson, seconds: float) -> Outcome:
    """Return the outcome of a lesson whose process died while running it."""
    from symlab.engine.cache import location

    _kill([worker.process])
    code = worker.process.returncode
    how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    error = f"the process that ran it ended with {how}"
    if how in CACHE_SIGNALS and not worker.spare:
        cause = f"{lesson.path.stem} ended with {how}, as with a damaged compile cache"
        return Outcome(
            lesson, seconds, f"{error}\n", f"{cause}: delete {location()}.", is_cache=True
        )
    return Outcome(lesson, seconds, f"{error}; if memory is short, try --jobs 1\n")


def _kill(processes: Sequence["subprocess.Popen[str]"]) -> None:
    """Kill processes and all that they started."""
    # The id of a process that has been waited for may belong to another one by now.
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
