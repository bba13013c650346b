"""How floats evaluate the functions that keep their digits, as PyTensor graphs.

Each row has the domain of the formula it stands for: where that is not real, it is NaN. What is
not taken by a switch is computed all the same, so that it is fed a harmless number where its own
would make its slope infinite.
"""

from collections.abc import Callable
from functools import reduce
from typing import Any

import mpmath
import numpy as np
import pytensor.tensor as pt
import sympy as sp
from pytensor.graph.basic import Variable
from sympy.codegen import cfunctions

from symlab.algebra import stable_functions as stable
from symlab.algebra import stable_gammas as gammas
from symlab.algebra import tails
from symlab.algebra.continued import ARGUMENT, continued, evaluate_series, series_of
from symlab.engine.lowering.gamma_forms import (
    gammaquotient,
    loggammaquotient,
    polygammadifference,
)
from symlab.engine.lowering.tail_forms import TAILS

LOG_2 = float(np.log(2.0))
FAR = 20.0
"""The z above which 1 + e^(-2z) rounds to 1."""


def _where(
    condition: Variable,
    first: Callable[..., Variable],
    second: Callable[..., Variable],
    z: Variable,
    harmless: tuple[float, float],
) -> Variable:
    """Return one of two functions of z, each fed a harmless number where the other is taken."""
    chosen = first(pt.switch(condition, z, harmless[0]))
    return pt.switch(condition, chosen, second(pt.switch(condition, harmless[1], z)))


def _logcosh(z: Variable) -> Variable:
    size = pt.abs(z)
    return _where(
        pt.lt(size, FAR),
        lambda v: pt.log1p(2 * pt.sinh(v / 2) ** 2),
        lambda v: pt.abs(v) - LOG_2,
        z,
        (0.0, FAR),
    )


def _logsinh(z: Variable) -> Variable:
    return _where(pt.lt(z, FAR), lambda v: pt.log(pt.sinh(v)), lambda v: v - LOG_2, z, (1.0, FAR))


def _log1mexp(u: Variable) -> Variable:
    return _where(
        pt.gt(u, -LOG_2),
        lambda v: pt.log(-pt.expm1(v)),
        lambda v: pt.log1p(-pt.exp(v)),
        u,
        (-0.5, -1.0),
    )


def _logexpm1(u: Variable) -> Variable:
    return _where(
        pt.lt(u, 1.0),
        lambda v: pt.log(pt.expm1(v)),
        lambda v: v + pt.log1p(-pt.exp(-v)),
        u,
        (0.5, 1.0),
    )


def _logit(p: Variable) -> Variable:
    middle = pt.lt(pt.abs(p - 0.5), 0.25)
    return _where(
        middle,
        lambda v: 2 * pt.arctanh(2 * v - 1),
        lambda v: pt.log(v) - pt.log1p(-v),
        p,
        (0.5, 0.1),
    )


def logquotient(x: Variable, y: Variable, difference: Variable) -> Variable:
    """Return log(x/y), from x - y where that is small."""
    near = pt.lt(pt.abs(difference), pt.abs(y) / 2)
    # Of a modulus PyTensor does not know that (x - y)/y is x/y - 1, which would be rounded.
    share = pt.switch(near, pt.sign(difference) * (pt.abs(difference) / y), 0.0)
    quotient = x / y
    # The quotient may leave the range of floats, in which its logarithm lies.
    ordinary = pt.gt(quotient, 0) * pt.lt(quotient, np.inf)
    split = pt.log(pt.abs(x)) - pt.log(pt.abs(y))
    far = pt.switch(ordinary + pt.lt(quotient, 0), pt.log(quotient), split)
    return pt.switch(near, pt.log1p(share), far)


def logdifference(x: Variable, y: Variable, difference: Variable) -> Variable:
    """Return log(x) - log(y), which is real for positive numbers only."""
    return pt.switch(pt.gt(y, 0), logquotient(x, y, difference), np.nan)


def xlogquotient(x: Variable, y: Variable, difference: Variable) -> Variable:
    """Return x log(x/y), and 0 at x = 0."""
    return pt.switch(pt.eq(x, 0), 0.0, x * logquotient(x, y, difference))


def _realloggamma(a: Variable) -> Variable:
    positive = pt.gt(a, 0) + pt.eq(pt.mod(pt.floor(a), 2), 0)
    return pt.switch(positive, pt.gammaln(a), np.nan)


def _hypot(*arguments: Variable) -> Variable:
    size, root, _ = _scale_sides(arguments)
    return size * root


def _unit(*arguments: Variable) -> Variable:
    size, root, sides = _scale_sides(arguments)
    return pt.switch(pt.gt(size, 0), sides[0] / root, np.nan)


def _scale_sides(arguments: tuple[Variable, ...]) -> tuple[Variable, Variable, list[Variable]]:
    """Return the largest side, the length over that, and each side over that."""
    size = reduce(pt.maximum, map(pt.abs, map(pt.as_tensor, arguments)))
    some = pt.gt(size, 0) * pt.lt(size, np.inf)
    scale = pt.switch(some, size, 1.0)
    sides = [pt.switch(some, argument, 1.0) / scale for argument in arguments]
    return size, pt.sqrt(pt.add(*(side**2 for side in sides))), sides


def scaled(number: sp.Expr, z: Variable) -> Variable:
    """Return c z for a c beyond the range of floats: its significand, then powers of two."""
    mantissa, exponent = mpmath.frexp(number._to_mpmath(80))
    sign, result = pt.sign(z), pt.abs(z) * abs(float(mantissa))
    while exponent:
        step = int(max(-100, min(100, exponent)))
        # The maximum keeps PyTensor from multiplying the constants first.
        result, exponent = pt.maximum(result, 0.0) * 2.0**step, exponent - step
    return result * sign * float(np.sign(float(mantissa)))


def _sech(z: Variable) -> Variable:
    decay = pt.exp(-pt.abs(z))
    return 2 * decay / (1 + decay**2)


def _csch(z: Variable) -> Variable:
    size = pt.abs(z)
    return -2 * pt.sign(z) * pt.exp(-size) / pt.expm1(-2 * size)


STABLE = {
    stable.logcosh: _logcosh,
    stable.logsinh: _logsinh,
    stable.log1mexp: _log1mexp,
    stable.logexpm1: _logexpm1,
    stable.logit: _logit,
    gammas.realloggamma: _realloggamma,
    stable.hypot: _hypot,
    stable.unit: _unit,
    tails.tail: pt.erfc,
    sp.sech: _sech,
    sp.csch: _csch,
}
"""Those that need no more than their arguments, by class."""

QUOTIENTS = {
    stable.logquotient: logquotient,
    stable.logdifference: logdifference,
    stable.xlogquotient: xlogquotient,
}


class StablePrinting:
    """What a printer needs to print the functions that need more than their arguments."""

    def _print_logquotient(self: Any, expr: Any, **kwargs: Any) -> Variable:
        parts = (*expr.args, expr.difference())
        printed = (pt.as_tensor(self._print(each, **kwargs)) for each in parts)
        # Of an 8-bit integer PyTensor would take the logarithm in single precision.
        return QUOTIENTS[type(expr)](*(pt.cast(each, "float64") for each in printed))

    _print_logdifference = _print_xlogquotient = _print_logquotient

    def _print_lineless(self: Any, expr: Any, **kwargs: Any) -> Variable:
        """Print p - r by its conjugate (p² - r²)/(p + r), where p and r nearly agree."""
        parts = (*expr.args, expr.square_difference())
        p, root, squares = (pt.cast(self._print(each, **kwargs), "float64") for each in parts)
        near = pt.gt(p, root / 2)
        return pt.switch(near, squares / pt.switch(near, p + root, 1.0), p - root)

    def _print_gammaquotient(
        self: Any, expr: Any, of: Callable[..., Variable] = gammaquotient, **kwargs: Any
    ) -> Variable:
        def double(argument: sp.Expr) -> Variable:
            return pt.cast(pt.as_tensor(self._print(argument, **kwargs)), "float64")

        pairs, rest = expr.pairs()
        printed = [(double(a), double(b), double(sp.expand(a - b))) for a, b in pairs]
        return of(printed, [(sign, double(a)) for sign, a in rest])

    def _print_loggammaquotient(self: Any, expr: Any, **kwargs: Any) -> Variable:
        return self._print_gammaquotient(expr, of=loggammaquotient, **kwargs)

    def _print_polygammadifference(self: Any, expr: Any, **kwargs: Any) -> Variable:
        """Print the difference by its series, and as it stands for negative arguments."""
        n, a, b = expr.args
        if sp.expand(a - b).is_negative:
            return -self._rising_polygammas(n, b, a, **kwargs)
        return self._rising_polygammas(n, a, b, **kwargs)

    def _rising_polygammas(
        self: Any, n: sp.Expr, a: sp.Expr, b: sp.Expr, **kwargs: Any
    ) -> Variable:
        """Print psi_n(a) - psi_n(b) for a > b."""
        parts = (self._print(each, **kwargs) for each in (a, b, sp.expand(a - b)))
        above, below, difference = (pt.cast(pt.as_tensor(part), "float64") for part in parts)
        positive = pt.gt(pt.minimum(above, below), 0)
        plain = self._print(sp.polygamma(n, a) - sp.polygamma(n, b), **kwargs)
        harmless = pt.switch(positive, below, 1.0 + pt.abs(difference))
        found = polygammadifference(int(n), above, harmless, difference)
        return pt.switch(positive, found, plain)

    def _print_hazard(self: Any, expr: Any, **kwargs: Any) -> Variable:
        """Print x and, beside it, k and v of x = sqrt(k) v."""
        (x,) = expr.args
        root, v = x.as_independent(*x.free_symbols, as_Add=False)
        k, v = (sp.S.One, x) if root.is_Rational else (root**2, v)
        at, beside = (pt.as_tensor(self._print(each, **kwargs)) for each in (x, v))
        return TAILS[type(expr)](at, beside, float(k))

    _print_excess = _print_remainder = _print_logtail = _print_loghalftail = _print_hazard

    def _print_Pow(self: Any, expr: sp.Expr, **kwargs: Any) -> Variable:
        """Print 1/(e^u - 1) by e^-u, which does not overflow where the quotient is a number."""
        base, power = expr.as_base_exp()
        if not (isinstance(base, cfunctions.expm1) and power.is_number and power.is_negative):
            return super()._print_Pow(expr, **kwargs)  # type: ignore[misc]
        u = pt.as_tensor(self._print(base.args[0], **kwargs))
        decay = pt.switch(pt.gt(u, 0), pt.exp(-pt.maximum(u, 0.0)), 1.0)
        inverse = decay * pt.sign(u) / -pt.expm1(-pt.abs(u))
        inverse = pt.switch(pt.eq(u, 0), np.inf, inverse)
        return inverse ** self._print(-power, **kwargs)

    def _print_scaled(self: Any, expr: Any, **kwargs: Any) -> Variable:
        number, z = expr.args
        return scaled(number, pt.as_tensor(self._print(z, **kwargs)))

    def _print_continued(self: Any, expr: continued, **kwargs: Any) -> Variable:
        """Print the series near the center and the formula elsewhere."""
        form, u = expr.args
        series = series_of(form)
        at = pt.as_tensor(self._print(u, **kwargs))
        s = at - series.center
        near = pt.lt(pt.abs(s), series.radius)
        argument = sp.Dummy("t", real=True)
        self.tensors[argument] = pt.switch(near, series.center + series.radius, at)
        formula = self._print(form.expression.xreplace({ARGUMENT: argument}), **kwargs)
        return pt.switch(near, evaluate_series(series, pt.switch(near, s, 0.0)), formula)
