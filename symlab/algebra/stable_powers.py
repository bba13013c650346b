"""Functions of sums of even powers, which leave the range of floats before the whole does.

1 + x⁴ is infinite in floats for x = 1e100, where its logarithm is 921 and x³/(1 + x⁴) is 1e-100.
"""

from sympy import Add, Expr, Mul, S, default_sort_key, log, sqrt

from symlab.algebra.stable_functions import StableFunction


def real_root(term: Expr) -> Expr | None:
    """Return the real root of a term that is a positive multiple of even powers; None for others.

    Examples
    --------
    >>> from sympy.abc import x
    >>> from sympy import symbols
    >>> t = symbols("t", real=True)
    >>> real_root(4 * t**6), real_root(t**3), real_root(x**2)
    (2*t**3, None, None)
    """
    number, rest = term.as_coeff_Mul()
    if not number.is_positive:
        return None
    factors = []
    for factor in Mul.make_args(rest) if rest is not S.One else ():
        base, power = factor.as_base_exp()
        if not (power.is_Integer and power > 0 and power % 2 == 0 and base.is_extended_real):
            return None
        factors.append(base ** (power / 2))
    return sqrt(number) * Mul(*factors)


class logpowers(StableFunction):
    """The logarithm of a sum of positive multiples of even powers.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> logpowers(x**2, 1).definition(), logpowers(x**2, y**2).diff(x)
    (log(x**2 + 1), 2*x/(x**2 + y**2))
    """

    mathematics = r"\log"

    @classmethod
    def eval(cls, *terms: Expr) -> Expr | None:
        """Put the terms in order."""
        ordered = sorted(terms, key=default_sort_key)
        return cls(*ordered) if list(terms) != ordered else None

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return the derivative in one argument, which is that in every other."""
        return 1 / Add(*self.args)

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return log(Add(*self.args))


class powershare(StableFunction):
    """The quotient of a power of x by a sum of positive multiples of even powers of x.

    Examples
    --------
    >>> from sympy.abc import x
    >>> powershare(x, x**2, 1).definition(), powershare(x, x**2, 1).reciprocal_terms()
    (x/(x**2 + 1), [x, 1/x])
    """

    mathematics = r"\operatorname{share}"

    def fdiff(self, argindex: int = 1) -> Expr:
        """Return the derivative in one argument, counted from 1."""
        total = Add(*self.args[1:])
        return 1 / total if argindex == 1 else -self.args[0] / total**2

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return self.args[0] / Add(*self.args[1:])

    def reciprocal_terms(self) -> list[Expr]:
        """Return the terms of one over the quotient."""
        return [term / self.args[0] for term in self.args[1:]]


class logpower(StableFunction):
    """The logarithm of x to the a, where that power is real.

    Examples
    --------
    >>> from sympy.abc import a, x
    >>> logpower(x, a).diff(a), logpower(x, a).diff(x)
    (log(Abs(x)), a/x)
    """

    nargs = 2
    mathematics = r"\log"
    slopes = (lambda x, a: a / x, lambda x, a: log(abs(x)))

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return log(self.args[0] ** self.args[1])
