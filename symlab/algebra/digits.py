"""Work in many digits, which one thread does at a time.

mpmath, and with it SymPy, keeps its precision in one setting for the whole process. A thread that
returns to its own precision would take the digits from under another's sum. So whatever is worked
out exactly, or to many digits, holds one lock; compiled functions run beside it. It costs nothing,
because Python runs one thread at a time in any case.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import RLock

import mpmath

EXACT_WORK = RLock()
"""Held by the thread that works with SymPy or mpmath, or makes a compiled function from it."""


def exclusive[**Given, Result](work: Callable[Given, Result]) -> Callable[Given, Result]:
    """Let one thread at a time do this work, the others wait.

    Examples
    --------
    >>> @exclusive
    ... def third():
    ...     return mpmath.mpf(1) / 3
    >>> third()
    mpf('0.33333333333333331')
    """

    @wraps(work)
    def alone(*given: Given.args, **named: Given.kwargs) -> Result:
        with EXACT_WORK:
            return work(*given, **named)

    return alone


@contextmanager
def working_digits(digits: int) -> Iterator[None]:
    """Let mpmath work in so many decimal digits inside the block, which other threads wait for.

    Examples
    --------
    >>> with working_digits(30):
    ...     print(mpmath.mpf(1) / 3)
    0.333333333333333333333333333333
    """
    with EXACT_WORK, mpmath.workdps(digits):
        yield


@contextmanager
def working_bits(bits: int) -> Iterator[None]:
    """Let mpmath work in so many binary digits inside the block, which other threads wait for."""
    with EXACT_WORK, mpmath.workprec(bits):
        yield
