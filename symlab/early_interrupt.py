"""Ctrl-C where Python would lose it: while the command `symlab` imports, and in a callback.

A library does not change hooks, so nothing is done where another program imports symlab.
"""

import _thread
import signal
import sys
import threading
from pathlib import PurePath
from types import TracebackType

IS_COMMAND = PurePath(sys.argv[0]).stem == "symlab" or (
    sys.argv[0] == "-m" and "symlab" in sys.orig_argv
)
"""Python's own `-m` stands for the file's name while a package is imported to be run."""

SOON = 0.05
"""Seconds after which a key that was lost is pressed once more."""


def stop(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Print `stopped` for Ctrl-C, and the traceback of any other error, before Python exits."""
    if issubclass(kind, KeyboardInterrupt):
        sys.stderr.write("stopped\n")
    else:
        sys.__excepthook__(kind, error, traceback)


def press_again(ignored: "sys.UnraisableHookArgs") -> None:
    """Repeat a Ctrl-C that Python ignores, and report any other error that it ignores.

    An error raised while an object is collected has no one to go to, so that Python only prints
    it; if it is Ctrl-C, the command would run on to its end.
    """
    if issubclass(ignored.exc_type, KeyboardInterrupt):
        # Later, because a key pressed within this function would be ignored as well.
        timer = threading.Timer(SOON, _press)
        timer.daemon = True
        timer.start()
    else:
        sys.__unraisablehook__(ignored)


def _press() -> None:
    """Press Ctrl-C for the main thread, and wake it where the system can."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()


if IS_COMMAND:
    sys.excepthook = stop
    sys.unraisablehook = press_again
