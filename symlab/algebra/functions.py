"""The functions of the field, as SymPy functions.

Each knows its derivative, its values at the points where they are exact, its definition in
elementary functions (`rewrite(exp)`, `rewrite(Piecewise)`), its LaTeX and how mpmath evaluates it.
A kink takes the derivative of its left side, the usual choice (relu'(0) = 0).
"""

from typing import Any, ClassVar

import mpmath
from sympy import Abs, Expr, Float, Heaviside, Max, Piecewise, S, exp, log, oo, sign, sympify
from sympy.core.function import ArgumentIndexError, Function


class _RealFunction(Function):
    """A real function of one real argument with a known mpmath evaluation."""

    nargs = 1
    mathematics: ClassVar[str]

    def _eval_is_extended_real(self) -> bool | None:
        return self.args[0].is_extended_real

    def _eval_evalf(self, prec: int) -> Expr | None:
        value = self.args[0]._eval_evalf(prec)
        # The float 0.0 evaluates to the integer 0, so any finite number must do.
        if value is None or not value.is_Number or not value.is_finite:
            return None
        with mpmath.workprec(prec + 10):
            number = mpmath.make_mpf(value._as_mpf_val(prec + 10))
            return Float._new(MPMATH[type(self).__name__](number)._mpf_, prec)

    def _eval_is_finite(self) -> bool | None:
        # Each of them is continuous on the whole line.
        return self.args[0].is_real or None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        # The printer passes the exponent of a power under this name.
        inside = printer._print(self.args[0])
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"{self.mathematics}{power}\left({inside}\right)"


class sigmoid(_RealFunction):
    r"""The logistic function 1/(1 + e^-z) of a real argument, with values in (0, 1).

    Examples
    --------
    >>> from sympy.abc import z
    >>> sigmoid(0), sigmoid(z).diff(z)
    (1/2, (1 - sigmoid(z))*sigmoid(z))
    """

    mathematics = r"\sigma"

    @classmethod
    def eval(cls, z: Expr) -> Expr | None:
        return {S.Zero: S.Half, oo: S.One, -oo: S.Zero}.get(z)

    def fdiff(self, argindex: int = 1) -> Expr:
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return self * (1 - self)

    def _eval_rewrite_as_exp(self, z: Expr, **_: Any) -> Expr:
        return 1 / (1 + exp(-z))

    def _eval_is_positive(self) -> bool | None:
        return self.args[0].is_real


class softplus(_RealFunction):
    r"""The smooth ramp log(1 + e^z) of a real argument; its derivative is the sigmoid.

    Examples
    --------
    >>> from sympy.abc import z
    >>> softplus(0), softplus(z).diff(z)
    (log(2), sigmoid(z))
    """

    mathematics = r"\operatorname{softplus}"

    @classmethod
    def eval(cls, z: Expr) -> Expr | None:
        return {S.Zero: log(2), oo: oo, -oo: S.Zero}.get(z)

    def fdiff(self, argindex: int = 1) -> Expr:
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return sigmoid(self.args[0])

    def _eval_rewrite_as_log(self, z: Expr, **_: Any) -> Expr:
        return log(1 + exp(z))

    _eval_rewrite_as_exp = _eval_rewrite_as_log

    def _eval_is_positive(self) -> bool | None:
        return self.args[0].is_real


class relu(_RealFunction):
    """The ramp max(z, 0); its derivative at the kink is taken as 0.

    Examples
    --------
    >>> from sympy.abc import z
    >>> relu(-3), relu(2), relu(z).diff(z)
    (0, 2, Heaviside(z, 0))
    """

    mathematics = r"\operatorname{relu}"

    @classmethod
    def eval(cls, z: Expr) -> Expr | None:
        if z.is_extended_nonpositive:
            return S.Zero
        return z if z.is_extended_nonnegative else None

    def fdiff(self, argindex: int = 1) -> Expr:
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return Heaviside(self.args[0], 0)

    def _eval_rewrite_as_Piecewise(self, z: Expr, **_: Any) -> Expr:
        return Piecewise((z, z > 0), (0, True))

    def _eval_rewrite_as_Max(self, z: Expr, **_: Any) -> Expr:
        return Max(z, 0)

    def _eval_is_nonnegative(self) -> bool | None:
        return self.args[0].is_real


class softsign(_RealFunction):
    """The bounded ramp z/(1 + |z|), with values in (-1, 1); smooth once (chapter, section 2).

    Examples
    --------
    >>> from sympy.abc import z
    >>> softsign(10), softsign(z).diff(z)
    (10/11, (Abs(z) + 1)**(-2))
    """

    mathematics = r"\operatorname{softsign}"

    @classmethod
    def eval(cls, z: Expr) -> Expr | None:
        if z in (oo, -oo):
            return sign(z)
        return z / (1 + Abs(z)) if z.is_Rational else None

    def fdiff(self, argindex: int = 1) -> Expr:
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return 1 / (1 + Abs(self.args[0])) ** 2

    def _eval_rewrite_as_Abs(self, z: Expr, **_: Any) -> Expr:
        return z / (1 + Abs(z))


class hinge(_RealFunction):
    """The margin loss max(1 - z, 0); its derivative at the kink z = 1 is taken as 0.

    Examples
    --------
    >>> from sympy.abc import z
    >>> hinge(-1), hinge(3), hinge(z).diff(z)
    (2, 0, -Heaviside(1 - z, 0))
    """

    mathematics = r"\operatorname{hinge}"

    @classmethod
    def eval(cls, z: Expr) -> Expr | None:
        value = relu(1 - z)
        return value if not value.has(relu) else None

    def fdiff(self, argindex: int = 1) -> Expr:
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return -Heaviside(1 - self.args[0], 0)

    def _eval_rewrite_as_Piecewise(self, z: Expr, **_: Any) -> Expr:
        return Piecewise((1 - z, z < 1), (0, True))

    def _eval_rewrite_as_Max(self, z: Expr, **_: Any) -> Expr:
        return Max(1 - z, 0)

    def _eval_is_nonnegative(self) -> bool | None:
        return self.args[0].is_real


def define(expression: object) -> Expr:
    """Return an expression with the field's functions replaced by their elementary definitions.

    Examples
    --------
    >>> from sympy.abc import z
    >>> define(softplus(z) + relu(z))
    log(exp(z) + 1) + Max(0, z)
    """
    stated = sympify(expression)
    smooth = stated.replace(
        lambda node: isinstance(node, (sigmoid, softplus)), lambda node: node.rewrite(exp)
    )
    ramps = smooth.replace(
        lambda node: isinstance(node, (relu, hinge)), lambda node: node.rewrite(Max)
    )
    return ramps.replace(lambda node: isinstance(node, softsign), lambda node: node.rewrite(Abs))


def _mp_sigmoid(z: mpmath.mpf) -> mpmath.mpf:
    return 1 / (1 + mpmath.exp(-z))


def _mp_softplus(z: mpmath.mpf) -> mpmath.mpf:
    # log1p keeps its digits however small exp(z) is, which log(1 + exp(z)) does not.
    return mpmath.log1p(mpmath.exp(z))


def _mp_heaviside(z: mpmath.mpf, at_zero: float = 0.5) -> mpmath.mpf:
    return mpmath.mpf(z > 0) if z else mpmath.mpf(at_zero)


MPMATH = {
    "sigmoid": _mp_sigmoid,
    "softplus": _mp_softplus,
    "relu": lambda z: max(z, mpmath.mpf(0)),
    "softsign": lambda z: z / (1 + abs(z)),
    "hinge": lambda z: max(1 - z, mpmath.mpf(0)),
    "Heaviside": _mp_heaviside,
    # The slope of a jump: nothing beside it, and no finite number on it.
    "DiracDelta": lambda z, *_: mpmath.inf if z == 0 else mpmath.mpf(0),
}
"""How mpmath evaluates what its own printer does not know, by function name."""

FUNCTIONS = {function.__name__: function for function in (sigmoid, softplus, relu, softsign, hinge)}
