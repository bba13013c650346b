"""Functions that keep their digits where the formula they stand for loses them.

Each equals an elementary formula (`definition`), wherever that is real, and no more; each knows
derivatives that keep their digits too. `stabilize` puts them in; how floats evaluate them is in
`engine/lowering/stable_forms`, and mpmath evaluates the definition.
"""

from typing import Any

from sympy import (
    Add,
    Expr,
    S,
    cosh,
    default_sort_key,
    exp,
    expand,
    log,
    sinh,
    sqrt,
    tanh,
)
from sympy.codegen.cfunctions import expm1
from sympy.core.function import ArgumentIndexError

from symlab.algebra.functions import Evaluated


class StableFunction(Evaluated):
    """One that equals an elementary formula."""

    slopes: tuple[Any, ...] = ()
    """The derivative in each argument, as a function of the arguments."""

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        raise NotImplementedError

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return the derivative in one argument, counted from 1."""
        if not 1 <= argindex <= len(self.slopes):
            raise ArgumentIndexError(self, argindex)
        return self.slopes[argindex - 1](*self.args)

    def _eval_is_extended_real(self) -> bool | None:
        # Some are real on a part of the line only.
        return None


class logcosh(StableFunction):
    """The logarithm of the hyperbolic cosine, |z| - log 2 for large z, z²/2 for small.

    Examples
    --------
    >>> from sympy.abc import z
    >>> logcosh(0), logcosh(z).diff(z), logcosh(z).definition()
    (0, tanh(z), log(cosh(z)))
    """

    nargs = 1
    mathematics = r"\log\cosh"
    slopes = (tanh,)

    @classmethod
    def eval(cls, z: Expr) -> Expr | None:
        """Return the value at 0."""
        return S.Zero if z is S.Zero else None

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return log(cosh(self.args[0]))

    def _eval_is_extended_real(self) -> bool | None:
        return self.args[0].is_extended_real


class logsinh(StableFunction):
    """The logarithm of the hyperbolic sine of z > 0."""

    nargs = 1
    mathematics = r"\log\sinh"
    slopes = (lambda z: 1 / tanh(z),)

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return log(sinh(self.args[0]))


class log1mexp(StableFunction):
    """The logarithm of 1 - e^u for u < 0 (Mächler 2012).

    Examples
    --------
    >>> from sympy.abc import u
    >>> log1mexp(u).diff(u), log1mexp(u).definition()
    (-1/expm1(-u), log(1 - exp(u)))
    """

    nargs = 1
    mathematics = r"\operatorname{log1mexp}"
    slopes = (lambda u: -1 / expm1(-u),)

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return log(1 - exp(self.args[0]))


class logexpm1(StableFunction):
    """The logarithm of e^u - 1 for u > 0, the inverse of softplus."""

    nargs = 1
    mathematics = r"\operatorname{logexpm1}"
    slopes = (lambda u: -1 / expm1(-u),)

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return log(exp(self.args[0]) - 1)


class logit(StableFunction):
    """The log-odds log(p/(1 - p)) of a probability, the inverse of the sigmoid."""

    nargs = 1
    mathematics = r"\operatorname{logit}"
    slopes = (lambda p: 1 / (p * (1 - p)),)

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return log(self.args[0] / (1 - self.args[0]))


class logquotient(StableFunction):
    """The logarithm of x/y where the two have one sign, exact as well where they nearly agree.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> logquotient(x, y).diff(x), logquotient(x, y).diff(y)
    (1/x, -1/y)
    """

    nargs = 2
    mathematics = r"\operatorname{logquotient}"
    slopes = (lambda x, y: 1 / x, lambda x, y: -1 / y)

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return log(self.args[0] / self.args[1])

    def difference(self) -> Expr:
        """Return x - y, in which what both have in common is gone before floats see it."""
        return expand(self.args[0] - self.args[1])


class logdifference(logquotient):
    """The difference log(x) - log(y), for positive x and y only."""

    mathematics = r"\operatorname{logdifference}"

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return log(self.args[0]) - log(self.args[1])


class xlogquotient(StableFunction):
    """The term x log(x/y) of a relative entropy, continued by its limit 0 to x = 0."""

    nargs = 2
    mathematics = r"\operatorname{xlogquotient}"
    slopes = (lambda x, y: logquotient(x, y) + 1, lambda x, y: -x / y)

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return self.args[0] * log(self.args[0] / self.args[1])

    difference = logquotient.difference


class hypot(StableFunction):
    """The length sqrt(x² + y² + ...), whose squares may overflow or vanish.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> hypot(x, y).diff(x), hypot(y, x), hypot(x, y).definition()
    (unit(x, y), hypot(x, y), sqrt(x**2 + y**2))
    """

    mathematics = r"\operatorname{hypot}"

    @classmethod
    def eval(cls, *arguments: Expr) -> Expr | None:
        """Put the arguments in order."""
        ordered = sorted(arguments, key=default_sort_key)
        return cls(*ordered) if list(arguments) != ordered else None

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return the derivative in one argument, counted from 1."""
        if not 1 <= argindex <= len(self.args):
            raise ArgumentIndexError(self, argindex)
        return unit(*_first(argindex - 1, self.args))

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return sqrt(Add(*(argument**2 for argument in self.args)))

    def _eval_is_extended_real(self) -> bool | None:
        return Evaluated._eval_is_extended_real(self)

    def _eval_is_nonnegative(self) -> bool | None:
        return self._eval_is_extended_real()


class unit(StableFunction):
    """The first entry x/sqrt(x² + y² + ...) of a vector scaled to length 1, in [-1, 1].

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> unit(x, y).diff(x), unit(x, y).definition()
    (unit(y, x)**2/hypot(x, y), x/sqrt(x**2 + y**2))
    """

    mathematics = r"\operatorname{unit}"

    @classmethod
    def eval(cls, *arguments: Expr) -> Expr | None:
        """Put the arguments after the first in order."""
        ordered = [arguments[0], *sorted(arguments[1:], key=default_sort_key)]
        return cls(*ordered) if list(arguments) != ordered else None

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return the derivative in one argument, counted from 1."""
        if not 1 <= argindex <= len(self.args):
            raise ArgumentIndexError(self, argindex)
        others = [unit(*_first(i, self.args)) for i in range(1, len(self.args))]
        length = hypot(*self.args)
        if argindex == 1:
            return Add(*(other**2 for other in others)) / length
        return -self * others[argindex - 2] / length

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return self.args[0] / sqrt(Add(*(argument**2 for argument in self.args)))


def _first(place: int, arguments: tuple[Expr, ...]) -> list[Expr]:
    return [arguments[place], *arguments[:place], *arguments[place + 1 :]]


class lineless(StableFunction):
    """What p exceeds a root r by, where the two may nearly agree.

    Examples
    --------
    >>> from sympy import sqrt
    >>> from sympy.abc import x
    >>> f = lineless(x, sqrt(x**2 - 1))
    >>> f.square_difference(), f.definition()
    (1, x - sqrt(x**2 - 1))
    """

    nargs = 2
    mathematics = r"\operatorname{lineless}"
    slopes = (lambda p, r: S.One, lambda p, r: S.NegativeOne)

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return self.args[0] - self.args[1]

    def square_difference(self) -> Expr:
        """Return p² - r², in which what both have in common is gone before floats see it."""
        p, r = self.args
        return expand(p**2 - (r.definition() if isinstance(r, hypot) else r) ** 2)


class scaled(StableFunction):
    """A number beyond the range of floats, times what may bring the product back into it.

    Examples
    --------
    >>> from sympy import Float
    >>> from sympy.abc import x
    >>> scaled(Float("1e-400"), x).diff(x).subs(x, 3)
    scaled(1.0e-400, 1)
    """

    nargs = 2
    mathematics = r"\operatorname{scaled}"
    slopes = (lambda c, z: z, lambda c, z: scaled(c, S.One))

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return self.args[0] * self.args[1]

    def _eval_is_extended_real(self) -> bool | None:
        return Evaluated._eval_is_extended_real(self)
