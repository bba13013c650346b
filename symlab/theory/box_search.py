"""All stationary points in a box, proved: branch and prune in ball arithmetic.

A box in which a component of the gradient is nowhere zero is dropped; one that passes Krawczyk's
test holds exactly one zero; one inside the surroundings of a point already certified holds that one
alone; any other is cut in two (Moore, Kearfott & Cloud 2009, "Introduction to Interval Analysis",
chapter 8; Hansen & Walster 2004, chapter 11).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR
from itertools import compress
from math import ceil, log2
from time import perf_counter

import mpmath
import numpy as np
from sympy import Integer, Rational

from symlab.algebra.objective import Objective
from symlab.algebra.working_precision import working_bits
from symlab.theory.balls.arithmetic import Ball, Balls, Unbounded, make_balls
from symlab.theory.balls.jets import jet_of
from symlab.theory.balls.krawczyk import (
    Box,
    Matrix,
    approximate_inverse,
    ball_of,
    contract,
    full,
    number_of,
)
from symlab.theory.certificate import Certificate, in_short
from symlab.theory.certify import GUARD_BITS, certify_near

BITS = 64
"""Of the balls that decide about boxes; few are enough, and fast."""
DIGITS = 30
"""To which points are certified."""
NARROWEST = 1e-7
"""Boxes narrower than this part of the whole are left undecided."""
CUT = 0.4921875
"""Where a box is cut: not in the middle, where symmetric formulas have their zeros."""
SOON = 12
"""Newton's steps to a zero for which a box is small enough; more are needed if it is none."""
SEARCHED_AROUND = 0.1
"""How far outside of a box Newton's step may lead for a zero to be sought from it, in widths."""


MOST_SHOWN = 3
"""Boxes that a sentence names."""
TOUCHING = 1e-6
"""How far apart boxes may lie to be shown as one, as a part of the whole."""

Sides = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class BoxSearch:
    """The stationary points of a box.

    Parameters
    ----------
    points : tuple of Certificate
        Those proved, each alone in its surroundings, sorted by their coordinates.
    complete : bool
        Whether it is proved that there are no others in the box.
    undecided : int
        The number of small boxes of which neither was proved.
    left : tuple of pairs of array
        Lower and upper ends of boxes that hold all of these, those that touch in one.
    """

    points: tuple[Certificate, ...]
    complete: bool
    undecided: int
    left: tuple[Sides, ...] = ()

    @property
    def verdict(self) -> str:
        """What was proved, in a sentence; empty where nothing was."""
        if self.complete:
            return "That these are all in the box is proved by ball arithmetic."
        if not self.left:
            return ""
        shown = " or ".join(map(_spell, self.left[:MOST_SHOWN]))
        more = len(self.left) - MOST_SHOWN
        others = f", or in {more} more boxes" if more > 0 else ""
        return (
            f"Ball arithmetic proved {len(self.points)} points in the box, and that any other lies "
            f"in {shown}{others}."
        )


def _spell(sides: Sides) -> str:
    """Return a box in few digits, rounded outward."""
    return " x ".join(
        f"[{in_short(Rational(low), 3, ROUND_FLOOR)}, {in_short(Rational(high), 3, ROUND_CEILING)}]"
        for low, high in zip(*(side.tolist() for side in sides), strict=True)
    )


def search_box(
    objective: Objective, sides: Sequence[tuple[float, float]], seconds: float
) -> BoxSearch:
    """Find the stationary points in a box, and prove that there are no others.

    Parameters
    ----------
    objective : Objective
    sides : n pairs (low, high)
    seconds : float
        After which what is left counts as undecided.

    Raises
    ------
    NotComputable
        If the objective has a function of which no enclosure is known.

    Examples
    --------
    >>> from sympy import cos
    >>> from sympy.abc import x
    >>> found = search_box(Objective(cos(x) + x/2), [(-4.0, 4.0)], seconds=10)
    >>> [(str(each.point[0])[:8], each.kind) for each in found.points], found.complete
    ([('-3.66519', 'minimum'), ('0.523598', 'maximum'), ('2.617993', 'minimum')], True)
    """
    low, high = np.array(sides, dtype=float).T
    search = _Search(objective, make_balls(), high - low)
    ending = perf_counter() + seconds
    waiting: list[Sides] = [(low, high)]
    while waiting and perf_counter() < ending:
        waiting += search.visit(*waiting.pop())
    undecided = [*search.undecided, *waiting]
    inside = [each for each in search.points if _is_in(each, low, high)]
    ordered = sorted(inside, key=lambda each: [float(c) for c in each.point])
    left = tuple(_joined(undecided, TOUCHING * (high - low)))
    return BoxSearch(tuple(ordered), not undecided, len(undecided), left)


def _joined(boxes: Sequence[Sides], apart: np.ndarray) -> list[Sides]:
    """Return boxes that hold all of some boxes, one for those that touch."""
    joined: list[Sides] = []
    for low, high in boxes:
        near = [
            bool(np.all((low - apart <= top) & (bottom <= high + apart))) for bottom, top in joined
        ]
        held = [(low, high), *compress(joined, near)]
        joined = [each for each, is_near in zip(joined, near, strict=True) if not is_near]
        bottoms, tops = zip(*held, strict=True)
        joined.append((np.min(bottoms, axis=0), np.max(tops, axis=0)))
    return joined


def _is_in(certificate: Certificate, low: np.ndarray, high: np.ndarray) -> bool:
    """Whether a point lies in the box, or so near to its edge that it cannot be told."""
    lower = np.array(certificate.lower, dtype=float)
    upper = np.array(certificate.upper, dtype=float)
    return bool(np.all((upper >= low) & (lower <= high)))


class _Search:
    """What is known while boxes are visited."""

    def __init__(self, objective: Objective, balls: Balls, widths: np.ndarray) -> None:
        self.objective, self.balls, self.widths = objective, balls, widths
        self.points: list[Certificate] = []
        self.undecided: list[Sides] = []

    def visit(self, low: np.ndarray, high: np.ndarray) -> list[Sides]:
        """Decide about a box, or return the boxes that are left to visit."""
        if self._is_known(low, high):
            return []
        if np.all(high - low < NARROWEST * self.widths):
            self.undecided.append((low, high))
            return []
        try:
            with working_bits(BITS), self.balls.precision(BITS):
                smaller, near = self._contract(low, high)
        except Unbounded:
            return _cut(low, high, self.widths)
        if smaller is None:
            return []
        if near is not None and self._certify(near) and self._is_known(low, high):
            return []
        shrunk = np.max((smaller[1] - smaller[0]) / (high - low)) < CUT
        return [smaller] if shrunk else _cut(*smaller, self.widths)

    def _contract(
        self, low: np.ndarray, high: np.ndarray
    ) -> tuple[Sides | None, list[mpmath.mpf] | None]:
        """Return what is left of a box, and where Newton's step from its middle leads."""
        balls, n = self.balls, len(low)
        zero = balls.number(Integer(0))
        box = _as_box(low, high, balls)
        jet = jet_of(self.objective, balls, box.whole(balls))
        if any(slope > 0 or slope < 0 for slope in jet.gradient.values()):
            return None, None
        middle = jet_of(self.objective, balls, box.middle)
        hessian = full(jet, zero, n)
        if _is_never_zero(middle.gradient, hessian, box, balls):
            return None, None
        inverse = approximate_inverse(full(middle, zero, n), balls)
        if inverse is None:
            return (low, high), None
        image = contract(box, middle.gradient, hessian, inverse, balls).image
        ends = [balls.ends(ball) for ball in image]
        lower = np.maximum(low, [_below(end) for end, _ in ends])
        upper = np.minimum(high, [_above(end) for _, end in ends])
        if np.any(lower > upper):
            return None, None
        return (lower, upper), _near([number_of(ball, balls) for ball in image], low, high)

    def _certify(self, near: list[mpmath.mpf]) -> bool:
        """Add the stationary point near a point, if it can be certified and is not known."""
        bits = ceil(DIGITS * log2(10)) + GUARD_BITS
        with working_bits(bits), self.balls.precision(bits):
            found = certify_near(
                self.objective, self.balls, near, DIGITS, within=mpmath.inf, most=SOON
            )
        if found.proved and not any(_is_same(found, other) for other in self.points):
            self.points.append(found)
        return found.proved

    def _is_known(self, low: np.ndarray, high: np.ndarray) -> bool:
        """Whether a box lies in the surroundings of a point that is certified to be alone there."""
        return any(
            np.all((low >= here - around) & (high <= here + around))
            for here, around in map(_surroundings, self.points)
        )


def _surroundings(point: Certificate) -> tuple[np.ndarray, np.ndarray]:
    """Return a point and half of the widths of a box around it without another, both in floats.

    The box is a little smaller than what was proved, by more than floats round.
    """
    here = _floats(point.point)
    return here, _floats(point.alone) * 0.99 - 1e-14 * abs(here)


def _is_same(one: Certificate, other: Certificate) -> bool:
    """Whether two certificates are of the same point: one lies where the other is alone."""
    here, around = _surroundings(other)
    return bool(np.all(abs(_floats(one.point) - here) < around))


def _floats(numbers: Sequence[object]) -> np.ndarray:
    return np.array(numbers, dtype=float)


def _as_box(low: np.ndarray, high: np.ndarray, balls: Balls) -> Box:
    """Return a box in balls that holds all of a box in floats."""
    middle = low + (high - low) / 2
    radii = np.nextafter(np.maximum(high - middle, middle - low), np.inf)
    return Box(*([ball_of(mpmath.mpf(float(x)), balls) for x in row] for row in (middle, radii)))


def _below(end: mpmath.mpf) -> float:
    return float(np.nextafter(float(end), -np.inf))


def _above(end: mpmath.mpf) -> float:
    return float(np.nextafter(float(end), np.inf))


def _is_never_zero(slope: Mapping[int, Ball], hessian: Matrix, box: Box, balls: Balls) -> bool:
    """Whether a component of the gradient has one sign in a box, by the mean value theorem."""
    for i, row in enumerate(hessian):
        here = slope.get(i, balls.number(Integer(0)))
        change = [balls.size(ball) * radius for ball, radius in zip(row, box.radii, strict=True)]
        reach = sum(change, balls.number(Integer(0)))
        if here > reach or here < -reach:
            return True
    return False


def _near(target: list[mpmath.mpf], low: np.ndarray, high: np.ndarray) -> list[mpmath.mpf] | None:
    """Return where a step leads if that is in the box or close to it."""
    there, room = np.array(target, dtype=float), SEARCHED_AROUND * (high - low)
    return target if np.all((there >= low - room) & (there <= high + room)) else None


def _cut(low: np.ndarray, high: np.ndarray, widths: np.ndarray) -> list[Sides]:
    """Return two boxes that make up a box, cut across its longest side."""
    side = int(np.argmax((high - low) / widths))
    where = low[side] + CUT * (high[side] - low[side])
    left, right = high.copy(), low.copy()
    left[side] = right[side] = where
    return [(low, left), (right, high)]
