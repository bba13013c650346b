"""Room for what a run records, at the least cost of its first touch.

The first touch of memory costs a microsecond for each page that the machine hands out: in small
pages a quarter of all the time of a run with short steps, in huge ones of 2 MiB a twentieth of
that. NumPy asks Linux for huge pages where an array has 4 MiB or more; a huge page must lie in it
as a whole.
"""

import numpy as np

PAGE = 2**21
"""Bytes of a huge page; there is no harm in it where pages are of another size."""

ASKED = 2 * PAGE
"""Bytes from which on NumPy asks for huge pages."""

SMALL = 2**19
"""Bytes that small pages serve as well."""


def empty_rows(rows: int, width: int) -> np.ndarray:
    """Return an array of float64 of this shape, not filled; what is never written takes no memory.

    Examples
    --------
    >>> block = empty_rows(100_000, 4)
    >>> block.shape, block.__array_interface__["data"][0] % PAGE
    ((100000, 4), 0)
    """
    numbers = rows * width
    if 8 * numbers < SMALL:
        return np.empty((rows, width))
    taken = np.empty(max(8 * numbers + PAGE, ASKED) // 8)
    start = -taken.__array_interface__["data"][0] % PAGE // 8
    return taken[start : start + numbers].reshape(rows, width)
