r"""The tail of the normal distribution and functions of it, accurate also where it underflows.

:math:`\operatorname{erfc}(x)` is 0 in floats beyond x = 27, and its logarithm, slope and curvature
are then infinite or NaN, though they are :math:`-x^2`, :math:`-2x` and -2 and a little. With the
hazard :math:`h(x) = e^{-x^2}/\operatorname{erfc}(x)` and the excess
:math:`e(x) = h(x)/\sqrt\pi - x > 0`,

.. math:: (\log\operatorname{erfc})' = -\frac{2}{\sqrt\pi}\,h, \qquad h' = 2\,h\,e

(NIST Digital Library of Mathematical Functions, sections 7.2 and 7.8).
"""

from sympy import Expr, S, erfc, exp, log, pi, sqrt

from symlab.algebra.stable_functions import StableFunction


class _Tail(StableFunction):
    """One that is real on the whole line."""

    nargs = 1

    def _eval_is_extended_real(self) -> bool | None:
        return self.args[0].is_extended_real


class tail(_Tail):
    """The complementary error function erfc(x); erfc(-x) stays that, and is not 2 - erfc(x).

    Examples
    --------
    >>> from sympy.abc import x
    >>> tail(-x), tail(0), tail(x).diff(x)
    (tail(-x), 1, -2*exp(-x**2)/sqrt(pi))
    """

    mathematics = r"\operatorname{erfc}"
    slopes = (lambda x: -2 * exp(-(x**2)) / sqrt(pi),)

    @classmethod
    def eval(cls, x: Expr) -> Expr | None:
        """Return the value at 0."""
        return S.One if x is S.Zero else None

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return erfc(self.args[0])

    def _eval_is_positive(self) -> bool | None:
        return self.args[0].is_real


class logtail(_Tail):
    """The logarithm of erfc(x)."""

    mathematics = r"\log\operatorname{erfc}"
    slopes = (lambda x: -2 * hazard(x) / sqrt(pi),)

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return log(erfc(self.args[0]))


class loghalftail(_Tail):
    r"""The logarithm of erfc(x)/2, which is that of the normal distribution at -sqrt(2) x."""

    mathematics = r"\log\tfrac12\operatorname{erfc}"
    slopes = (lambda x: -2 * hazard(x) / sqrt(pi),)

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return log(erfc(self.args[0]) / 2)


class hazard(_Tail):
    """The quotient exp(-x²)/erfc(x), up to a factor the inverse of Mills' ratio.

    Examples
    --------
    >>> from sympy.abc import x
    >>> hazard(x).diff(x), logtail(x).diff(x)
    (2*excess(x)*hazard(x), -2*hazard(x)/sqrt(pi))
    """

    mathematics = r"\operatorname{h}"
    slopes = (lambda x: 2 * hazard(x) * excess(x),)

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return exp(-(self.args[0] ** 2)) / erfc(self.args[0])

    def _eval_is_positive(self) -> bool | None:
        return self.args[0].is_real


class excess(_Tail):
    """What exp(-x²)/(sqrt(pi) erfc(x)) exceeds x by: about 1/(2x) for large x."""

    mathematics = r"\operatorname{e}"
    slopes = (lambda x: 2 * excess(x) ** 2 - remainder(x),)

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return exp(-(self.args[0] ** 2)) / (sqrt(pi) * erfc(self.args[0])) - self.args[0]

    def _eval_is_positive(self) -> bool | None:
        return self.args[0].is_real


class remainder(_Tail):
    """What 2 x excess(x) falls short of 1 by: about 1/x² for large x."""

    mathematics = r"\operatorname{r}"
    slopes = (lambda x: 2 * x * remainder(x) - 2 * excess(x) * (1 + 2 * x * excess(x)),)

    def definition(self) -> Expr:
        """Return the formula that it equals."""
        return 1 - 2 * self.args[0] * excess(self.args[0]).definition()

    def _eval_is_positive(self) -> bool | None:
        return self.args[0].is_real
