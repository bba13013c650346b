"""Proving that there is exactly one stationary point in a box, and of what kind.

Newton's method in many digits finds the point, Krawczyk's test in ball arithmetic proves it, and
the signs of the Hessian's eigenvalues, proved too, say what it is. What these cannot see, a minimum
with a singular Hessian and that a value is the lowest of all, `lowest` proves from the formula.
"""

import math
from math import ceil, log2
from typing import Any

import mpmath
from sympy import Float, Integer

from symlab.algebra.by_mpmath import NotComputable
from symlab.algebra.exactly import as_float, exact_point
from symlab.algebra.foreign_words import explain_words
from symlab.algebra.objective import Objective, check_objective
from symlab.algebra.working_precision import exclusive, working_bits
from symlab.checks import shown, whole
from symlab.theory.balls.arithmetic import Balls, Unbounded, make_balls
from symlab.theory.balls.jets import jet_of
from symlab.theory.balls.krawczyk import full, in_full, inertia
from symlab.theory.balls.regular_zero import (
    MAX_NEWTON,
    RegularZero,
    Singular,
    farthest,
    land,
    prove,
)
from symlab.theory.balls.systems import Stationarity
from symlab.theory.certificate import Certificate, sides_of
from symlab.theory.domain import broken_assumption
from symlab.theory.lowest import Place, lowest_near, with_lowest

GUARD_BITS = 64
"""Bits beyond those of the digits that are asked for."""
MOST_DIGITS = 10_000


@explain_words()
@exclusive
def certify(
    objective: Objective, at: Any, *, digits: int = 30, within: float = 1e-6
) -> Certificate:
    """Prove that a stationary point exists near a point, is alone in a box, and what kind it is.

    Parameters
    ----------
    objective : Objective
        A formula, or a sum over data; twice differentiable around the point.
    at : n numbers
        Where it is thought to be, such as `trace.x`.
    digits : int
        How many digits of the coordinates are asked for, 1 to 10000.
    within : float
        How far from `at` it may lie, relative to each coordinate or to 1; above 0. Where the
        Hessian is singular its root, if that is more: values are flat there, and runs end early.

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
    interval of mpmath. A minimum with a singular Hessian has no such proof, but another where every
    square of a sum is zero there, or where the objective is a convex quadratic: then the value is
    the lowest of all (`is_global`), and no other point near by has it, or a whole flat set has
    (`minimisers`).

    Examples
    --------
    >>> from symlab.algebra.problems import PROBLEMS
    >>> proof = certify(PROBLEMS["quartic"].objective, at=[2.2500001], digits=20)
    >>> proof.kind, proof.point
    ('minimum', (2.2500000000000000000,))
    >>> bool(certify(PROBLEMS["quartic"].objective, at=[2.2]))
    False
    >>> from sympy.abc import x, y
    >>> proof = certify(Objective((x + 2*y - 1)**2 + 3), at=[1, 0])
    >>> proof.kind, proof.is_global, proof.is_strict, proof.minimisers
    ('minimum', True, False, (x + 2*y - 1,))
    """
    check_objective(objective)
    asked = whole(digits, "digits", 1)
    if asked > MOST_DIGITS:
        raise ValueError(f"digits: expected at most {MOST_DIGITS}, got {shown(digits)}.")
    allowed = _check_within(within)
    here = exact_point(at, objective.dimension, "at", objective.variables)
    balls, bits = make_balls(), ceil(asked * log2(10)) + GUARD_BITS
    with working_bits(bits), balls.precision(bits):
        start = [mpmath.make_mpf(Float(each.evalf(asked + 20))._mpf_) for each in here]
        place = Place(objective, balls, start, asked, allowed)
        found = certify_near(objective, balls, start, asked, allowed)
        better = with_lowest(place, found) if found.proved else lowest_near(place)
        return _in_domain(better or found)


def _check_within(within: object) -> float:
    """Return the distance allowed, which may be without limit."""
    if isinstance(within, float) and within == math.inf:
        return within
    allowed = as_float(within, "within")
    if not allowed > 0:
        raise ValueError(f"within: expected a number above 0, got {shown(within)}.")
    return allowed


def certify_near(
    objective: Objective,
    balls: Balls,
    start: list[mpmath.mpf],
    digits: int,
    within: float,
    most: int = MAX_NEWTON,
) -> Certificate:
    """Return the certificate of a regular stationary point, in the precision of the balls.

    Parameters
    ----------
    objective, balls, start, digits, within
        As of `certify`.
    most : int
        How many steps Newton's method may take.
    """

    def refuse(reason: str) -> Certificate:
        return refusal(objective, balls, reason)

    try:
        landing = land(Stationarity(objective, balls), balls, start, within, most)
        away = farthest(landing.middle, start, balls)
        if away > within:
            return refuse(
                f"no stationary point lies within {within:.1g}: "
                f"Newton's method goes {float(away):.2g} away"
            )
        zero = prove(landing, balls)
        if zero is None:
            return refuse(
                "the Hessian changes too much around the point to tell one zero from more"
            )
        return _in_domain(_certificate(objective, balls, zero, digits))
    except Singular as singular:
        return refuse(
            f"the Hessian is singular there, along {_rounded(singular.direction)}, "
            "so that no box tells one zero from more"
        )
    except NotComputable as error:
        return refuse(str(error))
    except Unbounded:
        return refuse("the formula switches, or is not defined, near the point")


def refusal(objective: Objective, balls: Balls, reason: str) -> Certificate:
    """Return the certificate that proves nothing."""
    return Certificate(
        objective.variables, proved=False, arithmetic=balls.name, reason=f"{reason}."
    )


def _rounded(direction: list[float]) -> str:
    """Return a direction in two digits."""
    return "(" + ", ".join(f"{round(each, 2) + 0.0:g}" for each in direction) + ")"


def _in_domain(found: Certificate) -> Certificate:
    """Return a certificate, refused if an end of its box breaks an assumption of a variable."""
    corners = (
        dict(zip(found.variables, ends, strict=True))
        for ends in (found.lower, found.upper)
        if found.proved
    )
    breach = next((broken for broken in map(broken_assumption, corners) if broken), None)
    if breach is None:
        return found
    reason = f"the point is not sure to lie in the domain: {breach}."
    return Certificate(found.variables, proved=False, arithmetic=found.arithmetic, reason=reason)


def _certificate(objective: Objective, balls: Balls, zero: RegularZero, digits: int) -> Certificate:
    jet = jet_of(objective, balls, zero.image)
    signs = inertia(full(jet, balls.number(Integer(0)), len(zero.image)), balls)
    low, high = balls.ends(jet.value)
    return Certificate(
        objective.variables,
        proved=True,
        **sides_of(zero.image, zero.alone, balls, digits),
        kind=_kind(signs),
        value=(in_full(low), in_full(high)),
        arithmetic=balls.name,
    )


def _kind(signs: tuple[int, int] | None) -> str:
    """Return what the signs of the eigenvalues say."""
    if signs is None:
        return "undecided"
    above, below = signs
    return "minimum" if not below else "maximum" if not above else "saddle"
