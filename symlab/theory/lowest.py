"""Global minima, proved from the formula: a convex quadratic, or squares that are all zero.

Two facts of algebra say what no box can. A quadratic whose Hessian has no negative eigenvalue is
lowest exactly where its linear gradient is zero. And a constant and squares added up are lowest
where every square is zero, if there is such a point: also where the Hessian is singular, as the
residuals without their powers, u of u^4, may have a regular zero there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, log2

import mpmath
from sympy import Expr, Integer, Matrix, Rational, expand

from symlab.algebra.by_mpmath import NotComputable
from symlab.algebra.objective import Objective
from symlab.algebra.squares import squares_of
from symlab.theory.balls.arithmetic import Balls, Unbounded
from symlab.theory.balls.jets import jets_of
from symlab.theory.balls.krawczyk import ball_of, in_full, number_of
from symlab.theory.balls.regular_zero import RegularZero, Singular, farthest, land, prove
from symlab.theory.balls.systems import Vanishing
from symlab.theory.certificate import LOWEST, Certificate, sides_of
from symlab.theory.flat_sets import FlatSet, flat_zeros, simple, solve_linear
from symlab.theory.zeros import degree_bound

MANY_VARIABLES = 40
"""Of a quadratic, beyond which exact linear algebra takes too long."""
FIRST_STEPS = 4
"""Of Gauss and Newton's method, before it doubles the digits."""
EXACT = "exact arithmetic"


@dataclass(frozen=True)
class Place:
    """An objective, and where its minimum is thought to be.

    Parameters
    ----------
    objective : Objective
    balls : Balls
    start : list of n numbers
    digits : int
        How many are asked for.
    within : float
        How far from the start a regular minimum may lie, relative to each coordinate or to 1.
    """

    objective: Objective
    balls: Balls
    start: list[mpmath.mpf]
    digits: int
    within: float

    @property
    def reach(self) -> float:
        """How far a singular minimum may lie: the value hardly changes, so that runs end early."""
        return max(self.within, self.within**0.5)

    @cached_property
    def quadratic(self) -> tuple[Matrix, Matrix] | None:
        """Hessian and gradient at 0 of a quadratic of rational coefficients that is convex."""
        stated = self.objective.dispatch(
            formula=lambda formula: formula.expression, data=lambda bound: None
        )
        if stated is None or len(self.start) > MANY_VARIABLES:
            return None
        degree = degree_bound(stated, self.objective.variables)
        if degree is None or degree > 2:
            return None
        origin = dict.fromkeys(self.objective.variables, Integer(0))
        hessian = self.objective.hessian.applyfunc(expand)
        slope = self.objective.gradient.xreplace(origin)
        if not all(entry.is_Rational for entry in (*hessian, *slope)):
            return None
        return (hessian, slope) if hessian.is_positive_semidefinite else None

    @cached_property
    def squares(self) -> tuple[Expr, tuple[Expr, ...]] | None:
        """A constant and residuals without powers: the objective is the constant where they are 0.

        And larger elsewhere.
        """
        return self.objective.dispatch(formula=_constant_and_squares, data=lambda bound: None)

    @property
    def system(self) -> Vanishing:
        """That these residuals are zero; none of them where the objective is no sum of squares."""
        residuals = self.squares[1] if self.squares else ()
        return Vanishing(residuals, self.objective.variables, self.balls)


def _constant_and_squares(formula: Objective) -> tuple[Expr, tuple[Expr, ...]] | None:
    constant, rest = formula.expression.as_independent(*formula.variables, as_Add=True)
    if not rest.free_symbols:
        return None
    try:
        squares = squares_of(Objective(rest, formula.variables))
    except ValueError:
        return None
    bases = (_without_power(residual) for residual in squares.once.entries)
    return constant, tuple(dict.fromkeys(bases))


def _without_power(residual: Expr) -> Expr:
    """Return what is zero just where a residual is."""
    base = residual.as_coeff_Mul()[1] if not residual.is_Add else residual
    constant, factor = base.as_independent(*residual.free_symbols, as_Add=False)
    if factor.is_Pow and factor.exp.is_Integer and factor.exp > 0 and constant.is_nonzero:
        return factor.base
    return residual


def with_lowest(place: Place, found: Certificate) -> Certificate:
    """Return the certificate of a regular point, saying that it is a global minimum if that holds.

    Parameters
    ----------
    place : Place
    found : Certificate
        Of a point that is the only stationary one in a box.
    """
    if found.kind != "minimum" or found.value is None:
        return found
    if place.quadratic is not None:
        return replace(found, is_global=True)
    if place.squares is None:
        return found
    middle = [number_of(place.balls.number(each), place.balls) for each in found.point]
    constant = _value(place.squares[0], place.balls)
    low, high = found.value
    if constant is None or not low <= constant[1] or not constant[0] <= high:
        return found
    ends = zip(map(Rational, found.lower), map(Rational, found.upper), strict=True)
    if not _has_exact_zero(place, list(ends), middle):
        zero = _zero(replace(place, start=middle))
        # The zero is a stationary point, so that one in the box is the point.
        if zero is None or not _is_inside(zero, found, place.balls):
            return found
    return replace(found, is_global=True, value=constant)


def _is_inside(zero: RegularZero, found: Certificate, balls: Balls) -> bool:
    """Whether a zero lies where a certificate excludes all stationary points but its own."""
    return all(
        c - room <= low and high <= c + room
        for ball, c, room in zip(zero.image, found.point, found.alone, strict=True)
        for low, high in [map(in_full, balls.ends(ball))]
    )


def lowest_near(place: Place) -> Certificate | None:
    """Return the certificate of a minimum with a singular Hessian; None if none is proved."""
    if place.quadratic is not None:
        return _on_flat_set(place, solve_linear(*place.quadratic, place.objective.variables))
    if place.squares is None or not _may_vanish(place):
        return None
    zero, value = _zero(place), _value(place.squares[0], place.balls)
    if zero is None or value is None:
        return _on_flat_set(place, flat_zeros(place.system, place.start, place.reach))
    return Certificate(
        place.objective.variables,
        proved=True,
        **sides_of(zero.image, zero.alone, place.balls, place.digits),
        kind="minimum",
        value=value,
        arithmetic=place.balls.name,
        no_other=LOWEST,
        is_global=True,
    )


def _may_vanish(place: Place) -> bool:
    """Whether all residuals may be zero near the start: soon said, where it is not so."""
    try:
        start = [ball_of(x, place.balls) for x in place.start]
        return place.system.may_vanish(start, place.reach)
    except (Unbounded, NotComputable):
        return False


def _on_flat_set(place: Place, flat: FlatSet | None) -> Certificate | None:
    """Return the certificate of the point of a flat set that is near the start."""
    if flat is None:
        return None
    point = flat.nearest(list(map(_rational, place.start)))
    balls = [place.balls.number(each) for each in point]
    if farthest(balls, place.start, place.balls) > place.reach:
        return None
    at = dict(zip(place.objective.variables, point, strict=True))
    value = _value(place.objective.expression.xreplace(at), place.balls)
    if value is None:
        return None
    return Certificate(
        place.objective.variables,
        proved=True,
        **sides_of(balls, [], place.balls, place.digits),
        kind="minimum",
        value=value,
        arithmetic=EXACT,
        is_global=True,
        minimisers=flat.equations,
    )


def _zero(place: Place) -> RegularZero | None:
    """Return the point where all residuals are zero, proved to be the only one in a box."""
    try:
        landing = land(place.system, place.balls, place.start, place.reach, _quadratic_steps())
        if farthest(landing.middle, place.start, place.balls) > place.reach:
            return None
        found = prove(landing, place.balls)
    except (Singular, Unbounded, NotComputable):
        return None
    if found is None or len(place.system.residuals) == len(place.start):
        return found
    ends = [tuple(map(_rational, place.balls.ends(ball))) for ball in found.image]
    middle = [number_of(ball, place.balls) for ball in found.image]
    return found if _has_exact_zero(place, ends, middle) else None


def _quadratic_steps() -> int:
    """Return after how many steps a method has all digits that doubles them with each."""
    return FIRST_STEPS + ceil(log2(mpmath.mp.prec))


def _has_exact_zero(
    place: Place, ends: Sequence[tuple[Rational, Rational]], middle: Sequence[mpmath.mpf]
) -> bool:
    """Whether a box holds a rational point at which every residual is zero, to the last digit.

    More residuals than variables are zero together at such a point only; no ball can tell.
    """
    point = list(map(simple, middle))
    inside = all(low <= c <= high for (low, high), c in zip(ends, point, strict=True))
    at = dict(zip(place.objective.variables, point, strict=True))
    return inside and all(residual.xreplace(at) == 0 for residual in place.system.residuals)


def _rational(number: mpmath.mpf) -> Rational:
    return Rational(in_full(number))


def _value(constant: Expr, balls: Balls) -> tuple[Expr, Expr] | None:
    """Return an interval that holds a constant; None where no enclosure is known."""
    try:
        (jet,) = jets_of([constant], (), balls, ())
    except (Unbounded, NotComputable):
        return None
    low, high = balls.ends(jet.value)
    return in_full(low), in_full(high)
