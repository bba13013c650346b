"""A limit on the time that a piece of work may take.

The cost of some questions to SymPy is not known beforehand: whether a tower of powers is real, or
where a composed function has zeros. Such work runs under a time limit (`run_within`), in any
thread. Only Python code can be interrupted, between two instructions; a single operation on
enormous integers cannot, so those are refused by size beforehand.
"""

import ctypes
import threading
from collections.abc import Callable

AGAIN = 1.0
"""Seconds until an interrupt is repeated: in a collector's or a weak reference's callback Python
ignores every error, so that one can be lost."""


class OutOfTime(TimeoutError):
    """The work was not done in time."""


def run_within[Result](seconds: float, work: Callable[[], Result]) -> Result:
    """Return what `work()` returns, or raise an error when the seconds are over.

    Limits may be nested: each gives up its own work, and an outer one the inner ones too.

    Parameters
    ----------
    seconds : float
        Of wall-clock time, at least 0.
    work : callable without arguments
        Given up between two instructions wherever it is, as by Ctrl-C: it must leave nothing half
        done that others see.

    Raises
    ------
    OutOfTime
        When the time is over.

    Examples
    --------
    >>> run_within(10, lambda: 2 + 2)
    4
    >>> run_within(0.01, lambda: sum(1 for _ in iter(int, 1)))
    Traceback (most recent call last):
        ...
    symlab.budget.OutOfTime: not done within 0.01 seconds.
    """

    # Each call has its own class, so that no limit catches the interrupt of another; it is not an
    # Exception, so that no library in between catches it.
    class Interrupt(BaseException):
        pass

    worker, lock, ended = threading.get_ident(), threading.Lock(), threading.Event()
    interrupted = False

    def watch() -> None:
        nonlocal interrupted
        pause = seconds
        while not ended.wait(pause):
            with lock:
                if ended.is_set():
                    return
                interrupted = True
                _raise_in(worker, Interrupt)
            pause = AGAIN

    def end() -> None:
        with lock:
            ended.set()
            if interrupted:
                _raise_in(worker, None)  # taken back, if it has not been delivered

    try:
        try:
            # Started in here, because on a busy machine the limit can be over before it has begun.
            threading.Thread(target=watch, name="symlab-time-limit", daemon=True).start()
            return work()
        finally:
            end()
    except Interrupt:
        end()  # once more, in case it was itself interrupted
        raise OutOfTime(f"not done within {seconds:g} seconds.") from None


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Let a thread raise an error at its next instruction; None takes back what is pending."""
    given = ctypes.py_object() if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), given)
