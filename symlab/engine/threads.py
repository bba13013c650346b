"""How many threads a sum over many samples is shared among."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_alone: ContextVar[bool] = ContextVar("alone", default=False)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let sums take one thread in the whole block: other cores have blocks of their own.

    Examples
    --------
    >>> with one_thread():
    ...     thread_count()
    1
    """
    before = _alone.set(True)
    try:
        yield
    finally:
        _alone.reset(before)


def thread_count() -> int:
    """Return how many threads may work at once.

    As many as the environment variable OMP_NUM_THREADS says, which NumPy's BLAS obeys as well, or
    as many as this process has cores. Digits do not depend on it.

    Examples
    --------
    >>> thread_count() >= 1
    True
    """
    if _alone.get():
        return 1
    stated = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    if stated.isdecimal() and int(stated) > 0:
        return int(stated)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
