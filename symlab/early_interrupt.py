"""Ctrl-C while the command `symlab` is still importing its packages.

A library does not change hooks, so nothing is done where another program imports symlab.
"""

import sys
from pathlib import PurePath
from types import TracebackType

IS_COMMAND = PurePath(sys.argv[0]).stem == "symlab" or (
    sys.argv[0] == "-m" and "symlab" in sys.orig_argv
)
"""Python's own `-m` stands for the file's name while a package is imported to be run."""


def stop(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Print `stopped` for Ctrl-C, and the traceback of any other error, before Python exits."""
    if issubclass(kind, KeyboardInterrupt):
        sys.stderr.write("stopped\n")
    else:
        sys.__excepthook__(kind, error, traceback)


if IS_COMMAND:
    sys.excepthook = stop
