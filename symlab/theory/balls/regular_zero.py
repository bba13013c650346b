"""The zero of a system near a point: Newton's method in many digits, then Krawczyk's test."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

import mpmath
from sympy import Integer

from symlab.theory.balls.arithmetic import Ball, Balls, Unbounded
from symlab.theory.balls.krawczyk import (
    Box,
    Contraction,
    Matrix,
    approximate_inverse,
    ball_of,
    contract,
    flattest,
    number_of,
)
from symlab.theory.balls.systems import System

MAX_NEWTON = 60
"""Newton's steps; near a regular point each doubles the digits, so that ten are many."""
ASTRAY = 100
"""How many times farther away than a zero is looked for Newton's method may lead."""
GROWTH, LARGEST = 4, 2.0**40
"""The factor from one radius that is tried to the next, and where a box is called unlimited."""


class Singular(ArithmeticError):
    """The derivatives have no inverse to the digits at hand.

    Parameters
    ----------
    direction : list of n floats
        Along which they are about zero.
    """

    def __init__(self, direction: list[float]) -> None:
        super().__init__(direction)
        self.direction = direction


@dataclass(frozen=True)
class Landing:
    """Where Newton's method comes to rest.

    Parameters
    ----------
    system : System
        As it is stated there.
    middle : list of n balls of radius zero
    inverse : n by n balls
        About the inverse of the derivatives there.
    """

    system: System
    middle: list[Ball]
    inverse: Matrix


@dataclass(frozen=True)
class RegularZero:
    """A zero that was proved.

    Parameters
    ----------
    image : list of n balls
        A box that holds it.
    alone : list of n numbers
        Half of the widths of a larger box that holds no other.
    """

    image: list[Ball]
    alone: list[mpmath.mpf]


def land(
    system: System,
    balls: Balls,
    start: Sequence[mpmath.mpf],
    within: float,
    most: int = MAX_NEWTON,
) -> Landing:
    """Return where Newton's method comes to rest, or is so far away that it will not come back.

    Parameters
    ----------
    system : System
    balls : Balls
    start : n numbers
    within : float
        How far from the start a zero is looked for, relative to each coordinate or to 1.
    most : int
        How many steps are taken.

    Raises
    ------
    Singular
        If it cannot go on.
    """
    zero, n = balls.number(Integer(0)), len(start)
    middle = [ball_of(x, balls) for x in start]
    inverse: Matrix = []
    for _ in range(most):
        system = system.fitted(middle)
        values, derivatives = system.at(middle)
        found = approximate_inverse(derivatives, balls)
        if found is None:
            raise Singular(flattest(derivatives, balls))
        inverse = found
        steps = [sum((inverse[i][j] * values[j] for j in range(n)), zero) for i in range(n)]
        middle = [balls.middle(x - step) for x, step in zip(middle, steps, strict=True)]
        rests = all(_is_noise(x, step, balls) for x, step in zip(middle, steps, strict=True))
        if rests or farthest(middle, start, balls) > ASTRAY * within:
            break
    return Landing(system, middle, inverse)


def _is_noise(coordinate: Ball, step: Ball, balls: Balls) -> bool:
    """Whether a step says no more than the rounding it was computed with."""
    rounding = balls.size(coordinate) * ball_of(mpmath.ldexp(1, 8 - mpmath.mp.prec), balls)
    return bool(balls.size(balls.middle(step)) <= balls.radius(step) * 2 + rounding)


def farthest(middle: Sequence[Ball], start: Sequence[mpmath.mpf], balls: Balls) -> mpmath.mpf:
    """Return the largest distance of two coordinates, relative to the second or to 1."""
    return max(
        abs(number_of(x, balls) - given) / max(abs(given), 1)
        for x, given in zip(middle, start, strict=True)
    )


def prove(landing: Landing, balls: Balls) -> RegularZero | None:
    """Prove that a zero is where Newton's method came to rest; None if no box passes the test."""
    middle, inverse = landing.middle, landing.inverse
    scales = [_scale(i, row, balls) for i, row in enumerate(inverse)]
    values = dict(enumerate(landing.system.at(middle)[0]))

    def attempt(size: mpmath.mpf) -> Contraction | None:
        box = Box(middle, [ball_of(size * scale, balls) for scale in scales])
        try:
            _, derivatives = landing.system.at(box.whole(balls))
        except Unbounded:
            return None
        found = contract(box, values, derivatives, inverse, balls)
        return found if found.inside else None

    size = mpmath.ldexp(1, 24 - mpmath.mp.prec)
    smallest = attempt(size)
    while smallest is None and size < 1:
        size *= GROWTH**4
        smallest = attempt(size)
    if smallest is None:
        return None
    growths = _most_growths(lambda k: attempt(size * mpmath.mpf(GROWTH) ** k) is not None, size)
    size *= mpmath.mpf(GROWTH) ** growths
    return RegularZero(smallest.image, [size * scale for scale in scales])


def _scale(i: int, row: Sequence[Ball], balls: Balls) -> mpmath.mpf:
    """Return how wide a box is in one coordinate, beside the others: a root of the inverse's size.

    That on the diagonal follows every change of units, but is zero for x y.
    """
    sizes = [abs(number_of(each, balls)) for each in row]
    is_zero = sizes[i] <= mpmath.ldexp(max(sizes), -mpmath.mp.prec // 2)
    return mpmath.sqrt(max(sizes) if is_zero else sizes[i])


def _most_growths(passes: Callable[[int], bool], size: mpmath.mpf) -> int:
    """Return how often a box may grow, where a larger one passes only if all smaller ones do.

    In strides that double and then halve: one by one, thousands of digits take thousands of trials.
    """
    limit, count, stride = max(0, ceil(mpmath.log(LARGEST / size, GROWTH))), 0, 1
    while count + stride <= limit and passes(count + stride):
        count, stride = count + stride, 2 * stride
    while stride > 1:
        stride //= 2
        if count + stride <= limit and passes(count + stride):
            count += stride
    return count
