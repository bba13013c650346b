"""The step of each trust region: the lowest point of the model among those that it looks at.

Written over a calculus, so that an exact run and a compiled one step alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Integer, Rational, Symbol, sqrt

from symlab.algebra.alphabet import (
    curvature,
    damping,
    radius,
    reach,
    slope,
    square,
    ss,
    sy,
    yy,
)
from symlab.engine.calculus import Calculus, Number, Point
from symlab.engine.damped_step import DampedStep
from symlab.engine.quadratic_model import Quadratic
from symlab.engine.region_edge import damped_within
from symlab.methods.trust_regions import ALL, BENT, DOGLEG, FITTING, SHARE

ROOT = sqrt(square)
"""A length, from its square."""

PARALLEL = Rational(1, 2**40)
"""The squared part of a vector across another one, below which both have one direction."""


@dataclass(frozen=True)
class RegionStep:
    """A step within a region.

    Parameters
    ----------
    direction : n numbers
        The step P.
    reach, foreseen : number
        Its length in the sizes of E, and by how much the model falls.
    damping : number
        With which the step is the lowest point of the model; 0 inside the region. On a dogleg it is
        what fits best: the model's slope along P, for each unit of its squared length.
    is_at_edge : bool
        Whether the region keeps the step from being longer.
    """

    direction: Point
    reach: Number
    foreseen: Number
    damping: Number
    is_at_edge: bool


def bounded_step(
    calculus: Calculus, model: Quadratic, size: Number, among: str
) -> RegionStep | None:
    """Return the lowest point of a model within a radius; None where it takes a root too many.

    Parameters
    ----------
    calculus : Calculus
    model : Quadratic
    size : number
        The radius.
    among : str
        Where it is sought: see `symlab.methods.trust_regions`.
    """
    if among == ALL or model.is_definite:
        inside = _lowest(calculus, model, size, may_bend=among == ALL)
        if inside is not None or among == ALL:
            return inside
    if not model.takes_roots:
        return None
    if among == DOGLEG:
        return _on_dogleg(calculus, model, size)
    return in_plane(calculus, model, size)


def _lowest(
    calculus: Calculus, model: Quadratic, size: Number, *, may_bend: bool
) -> RegionStep | None:
    """Return the lowest point in the region, or None where it takes a root that is no number.

    Without `may_bend` it is only looked for inside, where it is Newton's.
    """
    first = model.least_damping
    found = damped_within(
        calculus, model.step, first, size, takes_roots=model.takes_roots and may_bend
    )
    return None if found is None else on_lowest(calculus, model, found[0], size)


def on_lowest(
    calculus: Calculus, model: Quadratic, chosen: Number, size: Number
) -> RegionStep | None:
    """Return the step with a damping, or in the hard case that goes on to the edge; or None."""
    step, first = model.step(chosen), model.least_damping
    if step is None:
        return None
    if chosen == first and model.is_indefinite and step.reach < size:
        return _along_lowest(calculus, model, (chosen, step), size)
    edge = model.is_indefinite or bool(chosen > first)
    return RegionStep(step.direction, step.reach, step.foreseen, chosen, edge)


def _along_lowest(
    calculus: Calculus, model: Quadratic, found: tuple[Number, DampedStep], size: Number
) -> RegionStep:
    """Return the step of the hard case, which goes on along the lowest curvature to the edge.

    There the gradient has no part in that direction, so that no damping leads to the edge
    (Moré & Sorensen 1983).
    """
    chosen, step = found
    aside = model.downward
    facts = {ss: (step.direction,) * 2, sy: (step.direction, aside), yy: (aside, aside)}
    direction = _to_edge(calculus, model, facts, size)
    return RegionStep(direction, size, model.foreseen(direction), chosen, is_at_edge=True)


def _to_edge(
    calculus: Calculus,
    model: Quadratic,
    ends: dict[Symbol, tuple[Point, Point]],
    size: Number,
) -> Point:
    """Return the point where the way from S along Y crosses the edge: `ends` are of S and Y."""
    known = {letter: model.inner(*pair) for letter, pair in ends.items()}
    share = calculus.evaluate(SHARE, {**known, radius: size})
    return calculus.move(ends[sy][0], share, ends[sy][1])


def _on_dogleg(calculus: Calculus, model: Quadratic, size: Number) -> RegionStep:
    """Return the point of the dogleg on the edge: between origin and U, or between U and W.

    An indefinite Hessian is replaced by H + damping E, or the dogleg's corners would be no minima.
    """
    steepest, steepness, shift = model.steepest, model.steepness, model.shift
    known = {curvature: model.curved(steepest, steepest), damping: shift, square: steepness}
    bent = calculus.evaluate(BENT, known)
    length = calculus.evaluate(ROOT, {square: steepness})
    low = calculus.scale(calculus.divide(steepness, bent), steepest)
    newton = model.step(shift)
    if newton is None or calculus.times(steepness, length) >= calculus.times(size, bent):
        cut = calculus.scale(calculus.divide(size, length), steepest)
        return _ended(calculus, model, cut, size)
    if newton.reach <= size:
        return _ended(calculus, model, newton.direction, newton.reach)
    rest = calculus.subtract(newton.direction, low)
    ends = {ss: (low, low), sy: (low, rest), yy: (rest, rest)}
    return _ended(calculus, model, _to_edge(calculus, model, ends, size), size)


def _ended(calculus: Calculus, model: Quadratic, direction: Point, size: Number) -> RegionStep:
    """Return the step to a point, with the damping that fits best."""
    bent, down = model.curved(direction, direction), model.inner(model.steepest, direction)
    fits = calculus.evaluate(FITTING, {slope: down, curvature: bent, reach: size})
    return RegionStep(direction, size, model.foreseen(direction), fits, is_at_edge=True)


def in_plane(
    calculus: Calculus, model: Quadratic, size: Number, chosen: Number | None = None
) -> RegionStep | None:
    """Return the lowest point in a plane through the steepest descent, for a damping if chosen.

    Beside it lies Newton's step; where a curvature is negative, the direction in which it is most
    so, without which a run could end at a saddle.
    """
    newton = None if model.is_indefinite else model.step(model.least_damping)
    other = model.downward if newton is None else newton.direction
    basis = _orthonormal(calculus, model, (model.steepest, other)) or [model.downward]
    flat = model.spanned(basis)
    if chosen is None:
        step = _lowest(calculus, flat, size, may_bend=True)
    else:
        step = on_lowest(calculus, flat, chosen, size)
    if step is None:
        return None
    direction = calculus.scale(step.direction[0], basis[0])
    for weight, vector in zip(step.direction[1:], basis[1:], strict=True):
        direction = calculus.move(direction, weight, vector)
    return RegionStep(direction, step.reach, step.foreseen, step.damping, step.is_at_edge)


def _orthonormal(calculus: Calculus, model: Quadratic, vectors: Sequence[Point]) -> list[Point]:
    """Return vectors of length 1 that span the same, by Gram and Schmidt, twice for rounding."""
    basis: list[Point] = []
    least, minus = calculus.number(PARALLEL), calculus.number(Integer(-1))
    for vector in vectors:
        rest = vector
        for known in (*basis, *basis):
            along = calculus.times(minus, model.inner(known, rest))
            rest = calculus.move(rest, along, known)
        squared = model.inner(rest, rest)
        if squared > calculus.times(least, model.inner(vector, vector)):
            one = calculus.number(Integer(1))
            length = calculus.evaluate(ROOT, {square: squared})
            basis.append(calculus.scale(calculus.divide(one, length), rest))
    return basis
