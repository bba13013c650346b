"""Quotients of gamma functions and differences of polygammas that keep their digits.

The gamma function of 172 is no float, though a quotient of two such may be an ordinary number; and
where two arguments nearly agree, the difference of their logarithms cancels.
"""

from functools import partial

from sympy import (
    Expr,
    Mul,
    S,
    default_sort_key,
    expand,
    gamma,
    log,
    polygamma,
)
from sympy.core.function import ArgumentIndexError

from symlab.algebra.stable_functions import StableFunction


class realloggamma(StableFunction):
    """The logarithm of the gamma function where that is positive; no number elsewhere."""

    nargs = 1
    mathematics = r"\log\Gamma"
    slopes = (partial(polygamma, 0),)

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return log(gamma(self.args[0]))


class gammaquotient(StableFunction):
    """The quotient of products of gamma functions of positive numbers.

    Its first argument is how many of the others are above; the rest are below.

    Examples
    --------
    >>> from sympy.abc import a, b
    >>> gammaquotient(1, a, b).definition(), gammaquotient(1, a, b).diff(a)
    (gamma(a)/gamma(b), gammaquotient(1, a, b)*polygamma(0, a))
    """

    mathematics = r"\Gamma"

    def pairs(self) -> tuple[list[tuple[Expr, Expr]], list[tuple[int, Expr]]]:
        """Return those above and below that differ by a number in pairs, and the rest signed."""
        count = int(self.args[0])
        above, below = list(self.args[1 : count + 1]), list(self.args[count + 1 :])
        found = []
        for a in list(above):
            partner = next((b for b in below if expand(a - b).is_number), None)
            if partner is not None and not a.is_number:
                found.append((a, partner))
                above.remove(a)
                below.remove(partner)
        return found, [*((1, a) for a in above), *((-1, b) for b in below)]

    def signed(self) -> list[tuple[int, Expr]]:
        """Return each argument, with 1 if it is above and -1 if it is below."""
        count = int(self.args[0])
        return [(1 if i < count else -1, a) for i, a in enumerate(self.args[1:])]

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return the derivative in one argument, counted from 1."""
        if not 2 <= argindex <= len(self.args):
            raise ArgumentIndexError(self, argindex)
        sign, a = self.signed()[argindex - 2]
        return sign * self * polygamma(0, a)

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return Mul(*(gamma(a) ** sign for sign, a in self.signed()))


class loggammaquotient(gammaquotient):
    """The logarithm of a quotient of products of gamma functions, where that is positive."""

    mathematics = r"\log\Gamma"

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return the derivative in one argument, counted from 1."""
        if not 2 <= argindex <= len(self.args):
            raise ArgumentIndexError(self, argindex)
        sign, a = self.signed()[argindex - 2]
        return sign * polygamma(0, a)

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return log(super().definition())


class polygammadifference(StableFunction):
    """The difference of a polygamma function at two points, exact where these lie close."""

    nargs = 3
    mathematics = r"\Delta\psi"

    @classmethod
    def eval(cls, n: Expr, a: Expr, b: Expr) -> Expr | None:
        """Put the points in order."""
        if a == b:
            return S.Zero
        return -cls(n, b, a) if default_sort_key(b) < default_sort_key(a) else None

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return the derivative in one argument, counted from 1; the first is a whole number."""
        if argindex not in (2, 3):
            raise ArgumentIndexError(self, argindex)
        n = self.args[0]
        sign = 1 if argindex == 2 else -1
        return sign * polygamma(n + 1, self.args[argindex - 1])

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        n, a, b = self.args
        return polygamma(n, a) - polygamma(n, b)
