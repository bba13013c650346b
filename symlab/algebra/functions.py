"""The functions of the field, as SymPy functions.

Each knows its derivative, its values at the points where they are exact, its definition in
elementary functions (`rewrite(exp)`, `rewrite(Piecewise)`), its LaTeX and how mpmath evaluates it.
A kink takes the derivative of its left side, the usual choice (relu'(0) = 0).
"""

from typing import Any, ClassVar

import mpmath
from sympy import (
    Abs,
    Add,
    Expr,
    Float,
    Heaviside,
    Max,
    Piecewise,
    S,
    default_sort_key,
    exp,
    log,
    oo,
    sign,
)
from sympy.core.function import ArgumentIndexError, Function

from symlab.algebra.gate import as_scalar, as_symbolic
from symlab.algebra.numeric import MPMATH
from symlab.algebra.working_precision import working_bits


class Evaluated(Function):
    """A real function of real arguments with a known mpmath evaluation."""

    mathematics: ClassVar[str]

    def __new__(cls, *arguments: object, **options: Any) -> Expr:
        # SymPy would evaluate an argument that is text.
        _check_count(cls.__name__, len(arguments), cls._nargs)
        stated = [
            each if isinstance(each, Expr) else as_scalar(each, f"{cls.__name__}: argument {i}")
            for i, each in enumerate(arguments, start=1)
        ]
        # A comparison with NaN would raise in SymPy, from wherever it is made.
        return S.NaN if S.NaN in stated else super().__new__(cls, *stated, **options)

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(argument.is_extended_real for argument in self.args) else None

    def _eval_is_finite(self) -> bool | None:
        # Each of them is continuous wherever it is real.
        return True if all(argument.is_real for argument in self.args) else None

    def _eval_evalf(self, prec: int) -> Expr | None:
        values = [argument._eval_evalf(prec) for argument in self.args]
        # The float 0.0 evaluates to the integer 0, so any finite number must do.
        if any(value is None or not value.is_Number or not value.is_finite for value in values):
            return None
        with working_bits(prec + 10):
            numbers = [mpmath.make_mpf(value._as_mpf_val(prec + 10)) for value in values]
            result = MPMATH[type(self).__name__](*numbers)
            return Float._new(result._mpf_, prec) if isinstance(result, mpmath.mpf) else None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        # The printer passes the exponent of a power under this name.
        inside = ", ".join(map(printer._print, self.args))
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"{self.mathematics}{power}\left({inside}\right)"


def _check_count(name: str, count: int, allowed: Any) -> None:
    """Refuse a call with no argument, or with another number of them than the function has."""
    if not count:
        raise TypeError(f"{name} takes at least 1 argument, got none.")
    if allowed and count not in allowed:
        raise TypeError(f"{name} takes exactly {allowed[0]} argument, got {count}.")


class _RealFunction(Evaluated):
    """One of a single argument, defined on the whole line."""

    nargs = 1

    def _eval_is_extended_real(self) -> bool | None:
        return self.args[0].is_extended_real


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
    """The bounded ramp `z/(1 + |z|)`, with values in (-1, 1); smooth once (chapter, section 2).

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


class xlogx(Evaluated):
    """The entropy term x log(x), continued by its limit 0 to x = 0; real for x >= 0.

    Examples
    --------
    >>> from sympy.abc import x
    >>> xlogx(0), xlogx(1), xlogx(x).diff(x)
    (0, 0, log(x) + 1)
    """

    nargs = 1
    mathematics = r"\operatorname{xlogx}"

    @classmethod
    def eval(cls, x: Expr) -> Expr | None:
        return {S.Zero: S.Zero, S.One: S.Zero, oo: oo}.get(x)

    def fdiff(self, argindex: int = 1) -> Expr:
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return log(self.args[0]) + 1

    def _eval_rewrite_as_log(self, x: Expr, **_: Any) -> Expr:
        return x * log(x)

    def _eval_is_extended_real(self) -> bool | None:
        return self.args[0].is_extended_nonnegative or None

    def _eval_is_finite(self) -> bool | None:
        return self.args[0].is_nonnegative or None


class logsumexp(Evaluated):
    """The smooth maximum log(e^a + e^b + ...); its derivatives are the softmax weights.

    Its arguments may come in any order, so they are sorted.

    Examples
    --------
    >>> from sympy.abc import a, b
    >>> logsumexp(b, a), logsumexp(a, 0), logsumexp(a, b).diff(a)
    (logsumexp(a, b), softplus(a), sigmoid(a - b))
    """

    mathematics = r"\operatorname{logsumexp}"

    @classmethod
    def eval(cls, *arguments: Expr) -> Expr | None:
        if len(arguments) == 1:
            return arguments[0]
        if len(arguments) == 2 and S.Zero in arguments:
            return softplus(Add(*arguments))
        ordered = sorted(arguments, key=default_sort_key)
        return cls(*ordered) if list(arguments) != ordered else None

    def fdiff(self, argindex: int = 1) -> Expr:
        if not 1 <= argindex <= len(self.args):
            raise ArgumentIndexError(self, argindex)
        first = self.args[argindex - 1]
        return softmax(first, *self.args[: argindex - 1], *self.args[argindex:])

    def _eval_rewrite_as_log(self, *arguments: Expr, **_: Any) -> Expr:
        return log(Add(*map(exp, arguments)))

    _eval_rewrite_as_exp = _eval_rewrite_as_log


class softmax(Evaluated):
    """The weight e^a/(e^a + e^b + ...) of the first argument among all, in (0, 1).

    Examples
    --------
    >>> from sympy.abc import a, b, c
    >>> softmax(a, c, b), softmax(a, b), softmax(a, b, c).diff(b)
    (softmax(a, b, c), sigmoid(a - b), -softmax(a, b, c)*softmax(b, a, c))
    """

    mathematics = r"\operatorname{softmax}"

    @classmethod
    def eval(cls, *arguments: Expr) -> Expr | None:
        if len(arguments) == 1:
            return S.One
        if len(arguments) == 2:
            return sigmoid(arguments[0] - arguments[1])
        ordered = [arguments[0], *sorted(arguments[1:], key=default_sort_key)]
        return cls(*ordered) if list(arguments) != ordered else None

    def weights_of_others(self) -> list[Expr]:
        """Return the weights of the arguments after the first; with it they sum to 1."""
        return [
            softmax(other, *self.args[:i], *self.args[i + 1 :])
            for i, other in enumerate(self.args)
            if i
        ]

    def fdiff(self, argindex: int = 1) -> Expr:
        if not 1 <= argindex <= len(self.args):
            raise ArgumentIndexError(self, argindex)
        others = self.weights_of_others()
        return self * Add(*others) if argindex == 1 else -self * others[argindex - 2]

    def _eval_rewrite_as_exp(self, *arguments: Expr, **_: Any) -> Expr:
        return exp(arguments[0]) / Add(*map(exp, arguments))

    def _eval_is_positive(self) -> bool | None:
        return True if all(argument.is_real for argument in self.args) else None


def define(expression: object) -> Expr:
    """Return an expression with the field's functions replaced by their elementary definitions.

    Examples
    --------
    >>> from sympy.abc import z
    >>> define(softplus(z) + relu(z))
    log(exp(z) + 1) + Max(0, z)
    """
    stated = as_symbolic(expression, "expression").replace(
        lambda node: hasattr(node, "definition"), lambda node: node.definition()
    )
    smooth = stated.replace(
        lambda node: isinstance(node, (sigmoid, softplus, logsumexp, softmax)),
        lambda node: node.rewrite(exp),
    )
    entropies = smooth.replace(xlogx, lambda x: x * log(x))
    ramps = entropies.replace(
        lambda node: isinstance(node, (relu, hinge)), lambda node: node.rewrite(Max)
    )
    return ramps.replace(lambda node: isinstance(node, softsign), lambda node: node.rewrite(Abs))


FUNCTIONS = {function.__name__: function for function in (sigmoid, softplus, relu, softsign, hinge)}
"""Those of one argument that are defined on the whole line, by name."""
