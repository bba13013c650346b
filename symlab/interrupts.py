"""What Ctrl-C ends: a single run, which keeps its iterates, or the whole task that makes many runs.

A comparison, a lesson or a report makes many runs. If one of them were cut short and taken for
complete, the results would be wrong, so inside such a task the interrupt is passed on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_within_task: ContextVar[bool] = ContextVar("within_task", default=False)


@contextmanager
def pass_interrupts_on() -> Iterator[None]:
    """Let Ctrl-C end the whole block, and not one run in it; also usable as a decorator.

    Examples
    --------
    >>> runs_keep_what_they_have()
    True
    >>> with pass_interrupts_on():
    ...     runs_keep_what_they_have()
    False
    """
    before = _within_task.set(True)
    try:
        yield
    finally:
        _within_task.reset(before)


def runs_keep_what_they_have() -> bool:
    """Return whether a run that is interrupted ends with what it has, and not with the error."""
    return not _within_task.get()
