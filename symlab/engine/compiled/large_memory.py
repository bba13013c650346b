"""Where large arrays lie: data that is read in place, and room for what a run records.

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

LINE = 64
"""Bytes of a line of the caches. JAX reads in place what begins with one; whatever does not it
copies at every call: a million samples in three columns for two milliseconds."""

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


def on_a_line(array: np.ndarray) -> np.ndarray:
    """Return an array that begins with a line of the caches: itself, or a copy.

    Examples
    --------
    >>> moved = on_a_line(np.arange(100.0)[1:])
    >>> moved.__array_interface__["data"][0] % LINE, moved[:3]
    (0, array([1., 2., 3.]))
    """
    if array.flags.c_contiguous and array.__array_interface__["data"][0] % LINE == 0:
        return array
    room = np.empty(array.nbytes + LINE, dtype=np.uint8)
    start = -room.__array_interface__["data"][0] % LINE
    moved = room[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    moved[...] = array
    return moved
