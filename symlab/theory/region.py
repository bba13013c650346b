"""Where a numerical search looks: a box and, if none was given, also far beyond it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from sympy import Symbol

from symlab.algebra.exactly import as_float
from symlab.algebra.gate import entries
from symlab.checks import shown

WINDOW = (-10, 10)
SMALLEST, LARGEST, SCALES = -9, 8, 400
"""Powers of ten between which a search of other scales looks, and how many of them."""
SIDES = 2
"""How many different sides of a box a sentence shows."""


@dataclass(frozen=True)
class Region:
    """A box, a start to be searched from as well, and whether other scales are searched too.

    Parameters
    ----------
    box : tuple of n pairs (low, high)
    start : tuple of n floats, or none
    wide : bool
        Whether points outside the box are looked for, on a logarithmic scale.
    """

    box: tuple[tuple[float, float], ...]
    start: tuple[float, ...] = ()
    wide: bool = False

    def __str__(self) -> str:
        sides = list(dict.fromkeys(self.box))
        if len(sides) == 1:
            power = f"^{len(self.box)}" if len(self.box) > 1 else ""
            return f"{_interval(sides[0])}{power}"
        shown = " x ".join(_interval(side) for side in self.box[: SIDES + 1])
        return shown + (" x ..." if len(self.box) > SIDES + 1 else "")

    def holds(self, point: np.ndarray) -> bool:
        """Whether a point is in the box, or within rounding of it."""
        low, high = np.array(self.box, dtype=float).T
        return bool(np.all((low - 1e-6 <= point) & (point <= high + 1e-6)))

    def only(self, places: Sequence[int]) -> "Region":
        """Return the same region in some of the coordinates."""
        start = tuple(self.start[i] for i in places) if self.start else ()
        return Region(tuple(self.box[i] for i in places), start, self.wide)


def _interval(side: tuple[float, float]) -> str:
    return f"[{side[0]:g}, {side[1]:g}]"


def region_of(box: object, variables: Sequence[Symbol], start: Sequence[float] = ()) -> Region:
    """Return the region to search: the box widened to hold the start, or the usual window.

    Raises
    ------
    ValueError
        If the box is not one or n pairs of numbers low < high.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, s = symbols("x", real=True), symbols("s", positive=True)
    >>> print(region_of(None, (x, s)), region_of((-1, 2), (x, s)))
    [-10, 10] x [0, 10] [-1, 2]^2
    """
    sides = check_box(WINDOW if box is None else box, len(variables))
    if box is None:
        sides = [_allowed(side, variable) for side, variable in zip(sides, variables, strict=True)]
    if start:
        both = zip(sides, start, strict=True)
        sides = [(min(low, at), max(high, at)) for (low, high), at in both]
    return Region(tuple(sides), tuple(start), wide=box is None)


def check_box(box: object, dimension: int) -> list[tuple[float, float]]:
    """Return (low, high) of each variable; one pair stands for all of them."""
    pairs = _pairs(box, dimension)
    exact = [tuple(as_float(bound, f"box[{i}]") for bound in pair) for i, pair in enumerate(pairs)]
    if any(low >= high for low, high in exact):
        raise ValueError(f"box: expected low < high in every pair, got {shown(box)}.")
    return [(low, high) for low, high in exact]


def _allowed(side: tuple[float, float], variable: Symbol) -> tuple[float, float]:
    """Return the half of an interval that a symbol's sign leaves."""
    low, high = side
    return (0.0 if variable.is_nonnegative else low, 0.0 if variable.is_nonpositive else high)


def _pairs(box: object, dimension: int) -> list[tuple[object, object]]:
    sides = entries(box, "box")
    nested = [entries(side, "box") for side in sides if isinstance(side, Iterable)]
    if len(sides) == 2 and not nested:
        return [(sides[0], sides[1])] * dimension
    if len(sides) == len(nested) == dimension and all(len(side) == 2 for side in nested):
        return [(low, high) for low, high in nested]
    raise ValueError(f"box: expected (low, high) or {dimension} such pairs, got {shown(box)}.")
