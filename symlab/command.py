"""Whether this process is the command `symlab`, and Ctrl-C while its packages are imported.

A library leaves hooks alone, so nothing is done where symlab is imported by another program.
"""

import sys
from pathlib import PurePath
from types import TracebackType

IS_COMMAND = PurePath(sys.argv[0]).stem == "symlab" or (
    sys.argv[0] == "-m" and "symlab" in sys.orig_argv
)
"""Python's own `-m` stands for the file's name while a package is imported to be run."""


def stop(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Say one word for Ctrl-C, and all of any other error; Python then exits as interrupted."""
    if issubclass(kind, KeyboardInterrupt):
        sys.stderr.write("stopped\n")
    else:
        sys.__excepthook__(kind, error, traceback)


if IS_COMMAND:
    sys.excepthook = stop
