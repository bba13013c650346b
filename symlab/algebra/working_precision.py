"""The working precision of mpmath, which one thread uses at a time.

mpmath, and with it SymPy, keeps one precision for the whole process, so a thread that restores its
own would change another's in the middle of a sum. Whatever is computed exactly or to many digits
therefore holds one lock; compiled functions run beside it. The lock costs nothing, because Python
runs one thread at a time in any case.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import RLock

import mpmath

EXACT_WORK = RLock()
"""Held by the thread that works with SymPy or mpmath, or makes a compiled function from it."""


def exclusive[**Given, Result](work: Callable[Given, Result]) -> Callable[Given, Result]:
    """Let one thread at a time call a function; the others wait.

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
    """Let mpmath work in a number of decimal digits inside the block; other threads wait.

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
    """Let mpmath work in a number of binary digits inside the block; other threads wait."""
    with EXACT_WORK, mpmath.workprec(bits):
        yield
