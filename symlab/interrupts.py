"""What Ctrl-C ends: a run asked for by itself keeps what it has; within a larger work all ends.

A comparison, a lesson or a report asks for many runs. One of them cut short and taken for whole
would make the rest wrong, so inside such a work the interrupt is passed on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_within_larger_work: ContextVar[bool] = ContextVar("within_larger_work", default=False)


@contextmanager
def pass_interrupts_on() -> Iterator[None]:
    """Let Ctrl-C inside the block end the block; also usable as a decorator.

    Examples
    --------
    >>> runs_keep_what_they_have()
    True
    >>> with pass_interrupts_on():
    ...     runs_keep_what_they_have()
    False
    """
    before = _within_larger_work.set(True)
    try:
        yield
    finally:
        _within_larger_work.reset(before)


def runs_keep_what_they_have() -> bool:
    """Return whether a run that is interrupted ends with what it has, and not with the error."""
    return not _within_larger_work.get()
