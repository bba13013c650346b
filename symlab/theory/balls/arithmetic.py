"""Arithmetic on intervals of real numbers that always hold the exact result.

Arb's midpoint-radius balls where python-flint is installed (Johansson 2017, "Arb: efficient
arbitrary-precision midpoint-radius interval arithmetic"), else mpmath's intervals, which know fewer
functions. Both kinds of number take `+ - *` with each other and with whole numbers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import mpmath
from mpmath.libmp import from_man_exp
from sympy import Expr, Float, Integer, Rational

from symlab.algebra.by_mpmath import NotComputable

Ball = Any
"""A number of either kind."""


class Unbounded(ArithmeticError):
    """An enclosure holds no finite bound: a pole, an edge of the domain or a kink is near."""


class Balls(Protocol):
    """What the proofs ask of an arithmetic."""

    @property
    def name(self) -> str:
        """What it is called."""

    def precision(self, bits: int) -> Any:
        """Return a context in which results carry so many bits."""

    def number(self, value: Expr) -> Ball:
        """Return the ball of an exact number."""

    def around(self, middle: Ball, radius: Ball) -> Ball:
        """Return the ball of all numbers within a radius of a middle."""

    def call(self, name: str, argument: Ball) -> Ball:
        """Return a function of a ball, by SymPy's name for it."""

    def power(self, ball: Ball, exponent: int) -> Ball:
        """Return a power of a ball with a whole exponent of at least 0."""

    def ends(self, ball: Ball) -> tuple[mpmath.mpf, mpmath.mpf]:
        """Return lower and upper end, rounded outward at the last bit."""

    def middle(self, ball: Ball) -> Ball:
        """Return the middle as a ball of radius zero."""

    def size(self, ball: Ball) -> Ball:
        """Return an upper bound of the absolute value, as a ball of radius zero."""

    def radius(self, ball: Ball) -> Ball:
        """Return an upper bound of the distance from the middle, as a ball of radius zero."""

    def is_finite(self, ball: Ball) -> bool:
        """Whether both ends are finite."""


FLINT_NAMES = {
    "exp": "exp", "log": "log", "sqrt": "sqrt", "sin": "sin", "cos": "cos", "tan": "tan",
    "cot": "cot", "sec": "sec", "csc": "csc", "asin": "asin", "acos": "acos", "atan": "atan",
    "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "coth": "coth", "asinh": "asinh",
    "acosh": "acosh", "atanh": "atanh", "erf": "erf", "erfc": "erfc", "erfi": "erfi",
    "Si": "si", "Ci": "ci",
    "LambertW": "lambertw", "sinc": "sinc", "sech": "sech", "csch": "csch",
}  # fmt: skip
"""SymPy's names of functions, and Arb's."""

INTERVAL_NAMES = ("exp", "log", "sqrt", "sin", "cos", "tan")
"""The functions that mpmath's intervals know."""


@dataclass(frozen=True)
class Arb:
    """Arb's balls, by python-flint."""

    name: str = "Arb"

    @contextmanager
    def precision(self, bits: int) -> Iterator[None]:
        """Set the bits of every result, and set them back."""
        from flint import ctx

        before, ctx.prec = ctx.prec, bits
        try:
            yield
        finally:
            ctx.prec = before

    def number(self, value: Expr) -> Ball:
        """Return the ball of an exact number."""
        from flint import arb, fmpq

        if isinstance(value, Float):
            sign, mantissa, exponent, _ = value._mpf_
            return arb(int(-mantissa if sign else mantissa)) * arb(2) ** int(exponent)
        if isinstance(value, Rational):
            return arb(fmpq(int(value.p), int(value.q)))
        constants = {"Pi": arb.pi, "Exp1": arb.const_e, "EulerGamma": arb.const_euler}
        return constants[type(value).__name__]()

    def around(self, middle: Ball, radius: Ball) -> Ball:
        """Return the ball of all numbers within a radius of a middle."""
        from flint import arb

        return middle + arb(0, radius)

    def call(self, name: str, argument: Ball) -> Ball:
        """Return a function of a ball, by SymPy's name for it."""
        if name not in FLINT_NAMES:
            raise NotComputable(f"no enclosure of {name} is known")
        return getattr(argument, FLINT_NAMES[name])()

    def power(self, ball: Ball, exponent: int) -> Ball:
        """Return a power; Arb's own, by a logarithm, fails where the ball holds zero."""
        if exponent < 2:
            return ball if exponent else self.number(Integer(1))
        half = self.power(ball, exponent // 2)
        return half * half * ball if exponent % 2 else half * half

    def ends(self, ball: Ball) -> tuple[mpmath.mpf, mpmath.mpf]:
        """Return lower and upper end, rounded outward."""
        return _number_of(ball.lower()), _number_of(ball.upper())

    def middle(self, ball: Ball) -> Ball:
        """Return the middle as a ball of radius zero."""
        return ball.mid()

    def size(self, ball: Ball) -> Ball:
        """Return an upper bound of the absolute value."""
        return ball.abs_upper()

    def radius(self, ball: Ball) -> Ball:
        """Return an upper bound of the distance from the middle."""
        return ball.rad()

    def is_finite(self, ball: Ball) -> bool:
        """Whether both ends are finite."""
        return bool(ball.is_finite())


def _number_of(ball: Ball) -> mpmath.mpf:
    """Return the middle of a ball, with all of its bits."""
    mantissa, exponent = ball.mid().man_exp()
    return mpmath.make_mpf(from_man_exp(int(mantissa), int(exponent)))


@dataclass(frozen=True)
class Intervals:
    """mpmath's intervals, in a context of their own."""

    context: Any
    name: str = "mpmath's intervals"

    @contextmanager
    def precision(self, bits: int) -> Iterator[None]:
        """Set the bits of every result, and set them back."""
        before, self.context.prec = self.context.prec, bits
        try:
            yield
        finally:
            self.context.prec = before

    def number(self, value: Expr) -> Ball:
        """Return the interval of an exact number."""
        if isinstance(value, Float):
            return self.context.mpf(mpmath.make_mpf(value._mpf_))
        if isinstance(value, Rational):
            return self.context.mpf(int(value.p)) / int(value.q)
        constants = {"Pi": "pi", "Exp1": "e", "EulerGamma": "euler"}
        return +getattr(self.context, constants[type(value).__name__])

    def around(self, middle: Ball, radius: Ball) -> Ball:
        """Return the interval of all numbers within a radius of a middle."""
        return middle + radius * self.context.mpf([-1, 1])

    def call(self, name: str, argument: Ball) -> Ball:
        """Return a function of an interval, by SymPy's name for it."""
        if name not in INTERVAL_NAMES:
            raise NotComputable(
                f"mpmath has no interval of {name}; `pip install 'symlab[flint]'` brings one"
            )
        if name in ("log", "sqrt") and argument.a < 0:
            raise Unbounded
        return getattr(self.context, name)(argument)

    def power(self, ball: Ball, exponent: int) -> Ball:
        """Return a power with a whole exponent of at least 0."""
        return ball**exponent

    def ends(self, ball: Ball) -> tuple[mpmath.mpf, mpmath.mpf]:
        """Return lower and upper end."""
        low, high = ball._mpi_
        return mpmath.make_mpf(low), mpmath.make_mpf(high)

    def middle(self, ball: Ball) -> Ball:
        """Return the middle as an interval of no width."""
        middle = ball.mid
        return self.context.mpf(middle.a)

    def size(self, ball: Ball) -> Ball:
        """Return an upper bound of the absolute value."""
        return self.context.mpf(abs(ball).b)

    def radius(self, ball: Ball) -> Ball:
        """Return an upper bound of the distance from the middle."""
        return self.size(ball - self.middle(ball))

    def is_finite(self, ball: Ball) -> bool:
        """Whether both ends are finite."""
        return all(end._mpi_[0][1] or end._mpi_[0] == (0, 0, 0, 0) for end in (ball.a, ball.b))


def make_balls() -> Balls:
    """Return the better arithmetic that is installed."""
    try:
        import flint  # noqa: F401 (whether it is there is the question)
    except ImportError:
        from mpmath.ctx_iv import MPIntervalContext

        return Intervals(MPIntervalContext())
    return Arb()
