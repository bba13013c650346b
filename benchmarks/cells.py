"""A number from a process of its own, with a time limit: its memory and imports are its own.

`python -m benchmarks.cells MODULE:FUNCTION '{"keyword": value}'` calls the function, which is a
generator of dictionaries, and prints each as a line of JSON: what was found before the time was up
is kept.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """What a cell found, and why it ended early, if it did."""

    found: Mapping[str, Any]
    trouble: str = ""


def run_cell(
    target: str, arguments: Mapping[str, object], seconds: float, *, empty_cache: bool = False
) -> Outcome:
    """Call a function in a process of its own.

    Parameters
    ----------
    target : str
        `"module:function"`.
    arguments : mapping
        Its keywords; what JSON can hold.
    seconds : float
        The time limit.
    empty_cache : bool
        Whether nothing that was compiled before is found.
    """
    command = [sys.executable, "-m", "benchmarks.cells", target, json.dumps(arguments)]
    with tempfile.TemporaryDirectory() as folder:
        ended = run_command(command, seconds, with_cache(folder) if empty_cache else None)
    found: dict[str, Any] = {}
    for line in ended.out.splitlines():
        if line.startswith("{"):
            found |= json.loads(line)
    return Outcome(found, ended.trouble)


@dataclass(frozen=True)
class Ended:
    """A command that has ended: what it printed, and what went wrong, if anything."""

    out: str
    trouble: str = ""


def run_command(
    command: list[str], seconds: float, environment: Mapping[str, str] | None = None
) -> Ended:
    """Run a command, and end it with all its children when its time is up."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=None if environment is None else dict(environment),
        start_new_session=True,  # a group of its own, with the compilers it starts
    )
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return Ended(process.communicate()[0], f"not within {seconds:g} s")
    if process.returncode:
        last = (err.strip().splitlines() or [f"ended with {process.returncode}"])[-1]
        return Ended(out, last[:200])
    return Ended(out)


def with_cache(folder: str) -> dict[str, str]:
    """Return the environment of a process that keeps what it compiles in this folder alone."""
    kept = {
        name: value for name, value in os.environ.items() if name != "JAX_COMPILATION_CACHE_DIR"
    }
    return {**kept, "PYTENSOR_FLAGS": f"base_compiledir={folder}", "NUMBA_CACHE_DIR": folder}


def _answers(target: str, arguments: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    module, _, function = target.partition(":")
    yield from getattr(import_module(module), function)(**arguments)


if __name__ == "__main__":
    for each in _answers(sys.argv[1], json.loads(sys.argv[2])):
        print(json.dumps(each), flush=True)
