"""W11b: the figures and lessons of the book, from an empty compile cache and with a full one."""

import sys
import tempfile
from collections.abc import Iterator

from benchmarks.effort import Effort
from benchmarks.records import Rates, Reading
from benchmarks.studies.first_result import QUANTITY, as_installed, timed

ID, TITLE = "W11b", "the whole book, from an empty compile cache and again"
COMMANDS = ("symlab figures", "symlab run --all")
SECONDS = 600.0
"""The time limit of a command."""


def readings(effort: Effort, _: Rates | None = None) -> Iterator[Reading]:
    """Time every command twice, unless in a hurry: there is no shorter book."""
    as_installed()
    for command in COMMANDS if effort.share == 1 else ():
        yield from _twice(command)


def _twice(command: str) -> Iterator[Reading]:
    """Run a command from an empty cache, and with what the first time left in it."""
    words = [sys.executable, "-m", *command.split()]
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as out:
        more = ["--out", out] if "figures" in command else []
        for state in ("cold", "warm"):
            seconds, _, trouble = timed([*words, *more], SECONDS, folder)
            yield Reading(ID, "symlab", f"{command}, {state}", QUANTITY, seconds, note=trouble)
