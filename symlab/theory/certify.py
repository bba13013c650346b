"""A certificate: that there is exactly one stationary point in a box, and of what kind.

Newton's method in many digits finds the point, Krawczyk's test in ball arithmetic proves it, and
the signs of the Hessian's eigenvalues, proved too, say what it is.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_UP, Context, Decimal
from math import ceil, log2
from typing import Any

import mpmath
from sympy import Expr, Float, Integer, Rational, Symbol

from symlab.algebra.by_mpmath import NotComputable
from symlab.algebra.exactly import as_float, exact_point
from symlab.algebra.foreign_words import explain_words
from symlab.algebra.objective import Objective, check_objective
from symlab.algebra.working_precision import exclusive, working_bits
from symlab.checks import shown, whole
from symlab.theory.balls.arithmetic import Ball, Balls, Unbounded, make_balls
from symlab.theory.balls.jets import jet_of
from symlab.theory.balls.krawczyk import (
    Box,
    Contraction,
    Matrix,
    approximate_inverse,
    ball_of,
    contract,
    full,
    inertia,
    number_of,
)
from symlab.theory.domain import broken_assumption

GUARD_BITS = 64
"""Bits beyond those of the digits that are asked for."""
MOST_DIGITS = 10_000
MAX_NEWTON = 60
"""Newton's steps; near a regular point each doubles the digits, so that ten are many."""
GROWTH, LARGEST = 4, 2.0**40
"""The factor from one radius that is tried to the next, and where a box is called unlimited."""


@dataclass(frozen=True)
class Certificate:
    """What was proved of a stationary point.

    Parameters
    ----------
    variables : tuple of sympy.Symbol
    proved : bool
        Whether a stationary point was proved to exist.
    point : tuple of sympy.Float
        Its n coordinates, to the digits asked for.
    lower, upper : tuple of sympy.Float
        The ends of a small box that holds it, rounded outward.
    alone : tuple of sympy.Float
        Half of the widths of a larger box around it in which there is no other.
    kind : str
        "minimum", "maximum" or "saddle"; "undecided" where the signs could not be told.
    value : pair of sympy.Float, or None
        An interval that holds the objective's value there.
    arithmetic : str
        Which balls were used.
    reason : str
        Why nothing was proved; empty where it was.
    """

    variables: tuple[Symbol, ...]
    proved: bool
    point: tuple[Expr, ...] = ()
    lower: tuple[Expr, ...] = ()
    upper: tuple[Expr, ...] = ()
    alone: tuple[Expr, ...] = ()
    kind: str = "undecided"
    value: tuple[Expr, Expr] | None = None
    arithmetic: str = ""
    reason: str = ""

    def __bool__(self) -> bool:
        return self.proved

    def __repr__(self) -> str:
        if not self.proved:
            return f"Certificate(nothing proved: {self.reason})"
        places = ", ".join(
            f"{v} = {c} ± {_in_short(_farthest(c, low, high), 1, ROUND_UP)}"
            for v, c, low, high in zip(
                self.variables, self.point, self.lower, self.upper, strict=True
            )
        )
        room = ", ".join(_in_short(r, 2, ROUND_DOWN) for r in self.alone)
        return (
            f"Certificate({self.kind}: exactly one stationary point, {places}; none other within "
            f"± {room}; {self.arithmetic})"
        )


@explain_words()
@exclusive
def certify(
    objective: Objective, at: Any, *, digits: int = 30, within: float = 1e-6
) -> Certificate:
    """Prove that a stationary point exists near a point, is alone in a box, and of what kind it is.

    Parameters
    ----------
    objective : Objective
        A formula, or a sum over data; twice differentiable around the point.
    at : n numbers
        Where it is thought to be, such as `trace.x`.
    digits : int
        How many digits of the coordinates are asked for, 1 to 10000.
    within : float
        How far from `at` it may lie, relative to each coordinate or to 1; above 0.

    Returns
    -------
    Certificate
        True or false as a condition. What could not be proved is no error: `reason` says why.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.

    Notes
    -----
    Existence and uniqueness by Krawczyk's operator, the kind by Sylvester's law of inertia and
    Gershgorin's discs; every number is a ball of python-flint (`pip install 'symlab[flint]'`) or an
    interval of mpmath. A minimum with a singular Hessian has no such proof.

    Examples
    --------
    >>> from symlab.algebra.problems import PROBLEMS
    >>> proof = certify(PROBLEMS["quartic"].objective, at=[2.2500001], digits=20)
    >>> proof.kind, proof.point
    ('minimum', (2.2500000000000000000,))
    >>> bool(certify(PROBLEMS["quartic"].objective, at=[2.2]))
    False
    """
    check_objective(objective)
    asked = whole(digits, "digits", 1)
    if asked > MOST_DIGITS:
        raise ValueError(f"digits: expected at most {MOST_DIGITS}, got {shown(digits)}.")
    allowed = _check_within(within)
    here = exact_point(at, objective.dimension, "at", objective.variables)
    balls, bits = make_balls(), ceil(asked * log2(10)) + GUARD_BITS
    with working_bits(bits), balls.precision(bits):
        start = [mpmath.make_mpf(Float(each, asked + 20)._mpf_) for each in here]
        return certify_near(objective, balls, start, asked, allowed)


def _check_within(within: object) -> float:
    """Return the distance allowed, which may be without limit."""
    if isinstance(within, float) and within == math.inf:
        return within
    allowed = as_float(within, "within")
    if not allowed > 0:
        raise ValueError(f"within: expected a number above 0, got {shown(within)}.")
    return allowed


def certify_near(
    objective: Objective, balls: Balls, start: list[mpmath.mpf], digits: int, within: float
) -> Certificate:
    """Return the certificate of a point, in the precision that the balls and mpmath have."""

    def refuse(reason: str) -> Certificate:
        return Certificate(
            objective.variables, proved=False, arithmetic=balls.name, reason=f"{reason}."
        )

    try:
        middle, inverse = _newton(objective, balls, start)
        moved = _moved(start, middle, balls, within)
        if moved:
            return refuse(moved)
        found = _prove(objective, balls, middle, inverse, digits)
        if found is None:
            return refuse(
                "the Hessian changes too much around the point to tell one zero from more"
            )
        breach = _breach(objective, found)
        return refuse(f"the point is not sure to lie in the domain: {breach}") if breach else found
    except Singular:
        return refuse("the Hessian is singular there, so that no box tells one zero from more")
    except NotComputable as error:
        return refuse(str(error))
    except Unbounded:
        return refuse("the formula switches, or is not defined, near the point")


def _breach(objective: Objective, found: Certificate) -> str | None:
    """Return the assumption that an end of the box breaks, or None."""
    corners = (
        dict(zip(objective.variables, ends, strict=True)) for ends in (found.lower, found.upper)
    )
    return next((broken for broken in map(broken_assumption, corners) if broken), None)


class Singular(ArithmeticError):
    """The Hessian has no inverse to the digits at hand."""


def _newton(
    objective: Objective, balls: Balls, start: list[mpmath.mpf]
) -> tuple[list[Ball], Matrix]:
    """Return where Newton's method comes to rest, and the inverse of the Hessian there."""
    zero, n = balls.number(Integer(0)), len(start)
    middle = [ball_of(x, balls) for x in start]
    inverse: Matrix = []
    for _ in range(MAX_NEWTON):
        jet = jet_of(objective, balls, middle)
        found = approximate_inverse(full(jet, zero, n), balls)
        if found is None:
            raise Singular
        inverse = found
        steps = [
            sum((inverse[i][j] * jet.gradient.get(j, zero) for j in range(n)), zero)
            for i in range(n)
        ]
        middle = [balls.middle(x - step) for x, step in zip(middle, steps, strict=True)]
        if all(_is_noise(x, step, balls) for x, step in zip(middle, steps, strict=True)):
            break
    return middle, inverse


def _is_noise(coordinate: Ball, step: Ball, balls: Balls) -> bool:
    """Whether a step says no more than the rounding it was computed with."""
    rounding = balls.size(coordinate) * ball_of(mpmath.ldexp(1, 8 - mpmath.mp.prec), balls)
    return bool(balls.size(balls.middle(step)) <= balls.radius(step) * 2 + rounding)


def _moved(start: list[mpmath.mpf], middle: list[Ball], balls: Balls, within: float) -> str:
    """Return why the point found is not the point meant; empty if it is."""
    gaps = [
        abs(number_of(x, balls) - given) / max(abs(given), 1)
        for x, given in zip(middle, start, strict=True)
    ]
    farthest = max(gaps)
    if farthest <= within:
        return ""
    away = float(farthest)
    return f"no stationary point lies within {within:.1g}: Newton's method goes {away:.2g} away"


def _prove(
    objective: Objective,
    balls: Balls,
    middle: list[Ball],
    inverse: Matrix,
    digits: int,
) -> Certificate | None:
    """Return the certificate of a point, or None if no box around it passes the test."""
    zero, n = balls.number(Integer(0)), len(middle)
    scales = [mpmath.sqrt(abs(number_of(inverse[i][i], balls))) for i in range(n)]
    slope = jet_of(objective, balls, middle).gradient

    def attempt(size: mpmath.mpf) -> Contraction | None:
        box = Box(middle, [ball_of(size * scale, balls) for scale in scales])
        try:
            hessian = full(jet_of(objective, balls, box.whole(balls)), zero, n)
        except Unbounded:
            return None
        found = contract(box, slope, hessian, inverse, balls)
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
    return _certificate(objective, balls, smallest.image, [size * s for s in scales], digits)


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


def _certificate(
    objective: Objective, balls: Balls, box: list[Ball], alone: list[mpmath.mpf], digits: int
) -> Certificate:
    jet = jet_of(objective, balls, box)
    signs = inertia(full(jet, balls.number(Integer(0)), len(box)), balls)
    ends = [balls.ends(ball) for ball in box]
    low, high = balls.ends(jet.value)
    return Certificate(
        objective.variables,
        proved=True,
        point=tuple(Float(balls.ends(balls.middle(ball))[0], digits) for ball in box),
        lower=tuple(_in_full(low) for low, _ in ends),
        upper=tuple(_in_full(high) for _, high in ends),
        alone=tuple(_in_full(mpmath.fmul(radius, 1, prec=24, rounding="d")) for radius in alone),
        kind=_kind(signs),
        value=(_in_full(low), _in_full(high)),
        arithmetic=balls.name,
    )


def _farthest(point: Expr, low: Expr, high: Expr) -> Rational:
    """Return how far an end of the box lies from a coordinate as it is printed, rounded."""
    printed = Rational(str(point))
    return max(Rational(high) - printed, printed - Rational(low))


def _in_short(number: Expr, digits: int, rounding: str) -> str:
    """Return a number in few digits: a bound is rounded so that it stays one."""
    exact, context = Rational(number), Context(prec=digits, rounding=rounding)
    quotient = context.divide(Decimal(int(exact.p)), Decimal(int(exact.q)))
    return f"{quotient.normalize(context):g}"


def _in_full(number: mpmath.mpf) -> Expr:
    """Return mpmath's number as SymPy's, with all of its bits."""
    return Float._new(number._mpf_, mpmath.mp.prec)


def _kind(signs: tuple[int, int] | None) -> str:
    """Return what the signs of the eigenvalues say."""
    if signs is None:
        return "undecided"
    above, below = signs
    return "minimum" if not below else "maximum" if not above else "saddle"
