"""A certificate: what was proved of a point, and how it is said."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_UP, Context, Decimal
from typing import TypedDict

import mpmath
from sympy import Expr, Float, Rational, Symbol

from symlab.theory.balls.arithmetic import Ball, Balls
from symlab.theory.balls.krawczyk import in_full, number_of

STATIONARY, LOWEST = "stationary point", "global minimiser"
"""What a certificate may say that there is no other of."""


@dataclass(frozen=True)
class Certificate:
    """What was proved of a point where a gradient vanishes.

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
        Half of the widths of a larger box around it in which there is no other; empty where that
        was not proved.
    no_other : str
        What there is no other of: "stationary point", or "global minimiser" where the Hessian is
        singular.
    kind : str
        "minimum", "maximum" or "saddle"; "undecided" where the signs could not be told.
    is_global : bool
        Whether it was proved that the objective is nowhere lower.
    minimisers : tuple of sympy.Expr
        What is zero on a whole flat set, all of whose points in the domain are minimisers, as this
        one is; empty where none was proved.
    value : pair of sympy.Float, or None
        An interval that holds the objective's value there.
    arithmetic : str
        Which numbers were used.
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
    no_other: str = STATIONARY
    is_global: bool = False
    minimisers: tuple[Expr, ...] = ()

    def __bool__(self) -> bool:
        return self.proved

    @property
    def is_strict(self) -> bool:
        """Whether it was proved that the objective is higher at all other points close by."""
        return self.kind == "minimum" and bool(self.alone)

    def __repr__(self) -> str:
        if not self.proved:
            return f"Certificate(nothing proved: {self.reason})"
        kind = f"global {self.kind}" if self.is_global else self.kind
        return f"Certificate({kind}: {self._places()}; {self._others()}; {self.arithmetic})"

    def _places(self) -> str:
        """Return the point in words."""
        rows = zip(self.variables, self.point, self.lower, self.upper, strict=True)
        places = ", ".join(
            f"{v} = {c} ± {in_short(_farthest(c, low, high), 1, ROUND_UP)}"
            for v, c, low, high in rows
        )
        is_only = bool(self.alone) and self.no_other == STATIONARY
        return f"exactly one stationary point, {places}" if is_only else places

    def _others(self) -> str:
        """Return in words which other points there are."""
        if self.minimisers:
            return "all points of the domain with " + ", ".join(
                f"{each} = 0" for each in self.minimisers
            )
        if not self.alone:
            return "others may be near"
        room = ", ".join(in_short(r, 2, ROUND_DOWN) for r in self.alone)
        none = "none other" if self.no_other == STATIONARY else f"no other {self.no_other}"
        return f"{none} within ± {room}"


class Sides(TypedDict):
    """Where a certificate says that a point is."""

    point: tuple[Expr, ...]
    lower: tuple[Expr, ...]
    upper: tuple[Expr, ...]
    alone: tuple[Expr, ...]


def sides_of(
    image: Sequence[Ball], alone: Sequence[mpmath.mpf], balls: Balls, digits: int
) -> Sides:
    """Return a box in SymPy's numbers, rounded so that all of it stays true.

    Parameters
    ----------
    image : n balls
        Which hold the point.
    alone : n numbers, or none
        Half of the widths of a box that holds no other.
    balls : Balls
    digits : int
        Of the coordinates.
    """
    ends = [balls.ends(ball) for ball in image]
    return Sides(
        point=tuple(Float(_printed(ball, balls), digits) for ball in image),
        lower=tuple(in_full(low) for low, _ in ends),
        upper=tuple(in_full(high) for _, high in ends),
        alone=tuple(in_full(mpmath.fmul(radius, 1, prec=24, rounding="d")) for radius in alone),
    )


def _printed(ball: Ball, balls: Balls) -> mpmath.mpf:
    """Return the number that is printed for a ball: zero where that is in it, else the middle."""
    low, high = balls.ends(ball)
    return mpmath.mpf(0) if low <= 0 <= high else number_of(ball, balls)


def _farthest(point: Expr, low: Expr, high: Expr) -> Rational:
    """Return how far an end of the box lies from a coordinate as it is printed, rounded."""
    printed = Rational(str(point))
    return max(Rational(high) - printed, printed - Rational(low))


def in_short(number: Expr, digits: int, rounding: str) -> str:
    """Return a number in few digits: a bound is rounded so that it stays one.

    Parameters
    ----------
    number : sympy.Expr
        A rational number or a float.
    digits : int
        How many digits.
    rounding : str
        One of the roundings of `decimal`.
    """
    exact, context = Rational(number), Context(prec=digits, rounding=rounding)
    quotient = context.divide(Decimal(int(exact.p)), Decimal(int(exact.q)))
    return f"{quotient.normalize(context):g}"
