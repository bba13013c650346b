"""How floats evaluate the functions that keep their digits, as PyTensor graphs.

Each row has the domain of the formula it stands for: where that is not real, it is NaN. What is
not taken by a switch is computed all the same, so that it is fed a harmless number where its own
would make its slope infinite.
"""

from collections.abc import Callable
from functools import lru_cache, reduce
from typing import Any

import mpmath
import numpy as np
import pytensor.tensor as pt
import sympy as sp
from pytensor.graph.basic import Variable

from symlab.algebra import stable_functions as stable
from symlab.algebra import tails
from symlab.algebra.continued import ARGUMENT, continued, plan, series_value
from symlab.algebra.functions import MPMATH

LOG_2 = float(np.log(2.0))
FAR = 20.0
"""Beyond it e^(-2z) is nothing beside 1."""


def _where(
    condition: Variable, first: Callable[..., Variable], second: Callable[..., Variable],
    z: Variable, harmless: tuple[float, float],
) -> Variable:
    """Return one of two functions of z, each fed a harmless number where the other is taken."""
    chosen = first(pt.switch(condition, z, harmless[0]))
    return pt.switch(condition, chosen, second(pt.switch(condition, harmless[1], z)))


def _logcosh(z: Variable) -> Variable:
    size = pt.abs(z)
    return _where(
        pt.lt(size, FAR), lambda v: pt.log1p(2 * pt.sinh(v / 2) ** 2), lambda v: pt.abs(v) - LOG_2,
        z, (0.0, FAR),
    )


def _logsinh(z: Variable) -> Variable:
    return _where(
        pt.lt(z, FAR), lambda v: pt.log(pt.sinh(v)), lambda v: v - LOG_2, z, (1.0, FAR)
    )


def _log1mexp(u: Variable) -> Variable:
    return _where(
        pt.gt(u, -LOG_2), lambda v: pt.log(-pt.expm1(v)), lambda v: pt.log1p(-pt.exp(v)),
        u, (-0.5, -1.0),
    )


def _logexpm1(u: Variable) -> Variable:
    return _where(
        pt.lt(u, 1.0), lambda v: pt.log(pt.expm1(v)), lambda v: v + pt.log1p(-pt.exp(-v)),
        u, (0.5, 1.0),
    )


def _logit(p: Variable) -> Variable:
    middle = pt.lt(pt.abs(p - 0.5), 0.25)
    return _where(
        middle, lambda v: 2 * pt.arctanh(2 * v - 1), lambda v: pt.log(v) - pt.log1p(-v),
        p, (0.5, 0.1),
    )


def logquotient(x: Variable, y: Variable, difference: Variable) -> Variable:
    """Return log(x/y), from x - y where that is small."""
    share = difference / y
    near = pt.lt(pt.abs(share), 0.5)
    quotient = x / y
    # The quotient may leave the range of floats, in which its logarithm lies.
    ordinary = pt.gt(quotient, 1e-300) * pt.lt(quotient, 1e300)
    split = pt.log(pt.abs(x)) - pt.log(pt.abs(y))
    far = pt.switch(ordinary + pt.lt(quotient, 0), pt.log(pt.switch(pt.eq(ordinary, 0), quotient, quotient)), split)
    return pt.switch(near, pt.log1p(pt.switch(near, share, 0.0)), far)


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
    if len(arguments) == 1:
        return pt.abs(arguments[0])
    size = reduce(pt.maximum, map(pt.abs, map(pt.as_tensor, arguments)))
    # A power of two scales without rounding.
    unit = _power_of_two(size)
    return unit * pt.sqrt(pt.add(*((argument / unit) ** 2 for argument in arguments)))


def _power_of_two(size: Variable) -> Variable:
    """Return about the size of the largest, a power of two, for sizes whose square is no float."""
    return pt.switch(pt.gt(size, 1e150), 2.0**600, pt.switch(pt.lt(size, 1e-140), 2.0**-600, 1.0))


def _unit(first: Variable, *others: Variable) -> Variable:
    size = reduce(pt.maximum, map(pt.abs, map(pt.as_tensor, (first, *others))))
    unit = _power_of_two(size)
    shrunk = [argument / unit for argument in (first, *others)]
    return shrunk[0] / pt.sqrt(pt.add(*(argument**2 for argument in shrunk)))


def scaled(number: sp.Expr, z: Variable) -> Variable:
    """Return c z for a c beyond the range of floats: its significand, then powers of two."""
    mantissa, exponent = mpmath.frexp(number._to_mpmath(80))
    result = z * float(mantissa)
    while exponent:
        step = int(max(-900, min(900, exponent)))
        result, exponent = result * 2.0**step, exponent - step
    return result


SEGMENTS = 26
"""Chebyshev coefficients of the tail's functions on x >= 0, by which they are right to an ulp."""

BEND = 3.0
"""Where s = (x - BEND)/(x + BEND) is 0."""


@lru_cache(maxsize=4)
def _chebyshev(name: str) -> tuple[float, ...]:
    """Return the Chebyshev coefficients in s of f(x) (1 + x)^power, x >= 0.

    They are worked out from mpmath's error function (DLMF, section 3.11).
    """
    power = {"hazard": -1, "excess": 1}[name]
    count = 64
    with mpmath.workdps(40):
        angles = [mpmath.pi * (2 * k + 1) / (2 * count) for k in range(count)]
        xs = [BEND * (1 + mpmath.cos(a)) / (1 - mpmath.cos(a)) for a in angles]
        values = [MPMATH[name](x) * (1 + x) ** power for x in xs]
        found = [
            2 * mpmath.fdot(values, [mpmath.cos(j * a) for a in angles]) / count
            for j in range(count)
        ]
    kept = max(j for j, c in enumerate(found) if abs(c) > 1e-18 * abs(found[0])) + 1
    return (float(found[0] / 2), *(float(c) for c in found[1:kept]))


def _clenshaw(coefficients: tuple[float, ...], s: Variable) -> Variable:
    after = later = 0.0
    for c in reversed(coefficients[1:]):
        after, later = 2 * s * after - later + c, after
    return s * after - later + coefficients[0]


def _on_the_right(name: str, x: Variable) -> Variable:
    s = (x - BEND) / (x + BEND)
    return _clenshaw(_chebyshev(name), pt.switch(pt.isinf(x), 1.0, s))


def _bell(x: Variable) -> Variable:
    """Return exp(-x²), with the square in two parts: rounded, it would cost x² units."""
    coarse = pt.round(x * 16) / 16
    return pt.exp(-(coarse**2)) * pt.exp(-(x - coarse) * (x + coarse))


def _hazard(x: Variable) -> Variable:
    return _where(
        pt.ge(x, 0), lambda v: _on_the_right("hazard", v) * (1 + v),
        lambda v: _bell(v) / pt.erfc(v), x, (0.0, -1.0),
    )


def _excess(x: Variable) -> Variable:
    return _where(
        pt.ge(x, 0), lambda v: _on_the_right("excess", v) / (1 + v),
        lambda v: _hazard(v) / float(np.sqrt(np.pi)) - v, x, (0.0, -1.0),
    )


def _logtail(x: Variable) -> Variable:
    return _where(
        pt.ge(x, 0.5), lambda v: -(v**2) - pt.log(_hazard(v)), lambda v: pt.log1p(-pt.erf(v)),
        x, (1.0, 0.0),
    )


def _loghalftail(x: Variable) -> Variable:
    return _where(
        pt.ge(x, 0), lambda v: -(v**2) - pt.log(2 * _hazard(v)),
        lambda v: pt.log1p(-pt.erfc(-v) / 2), x, (1.0, -1.0),
    )


def _sech(z: Variable) -> Variable:
    decay = pt.exp(-pt.abs(z))
    return 2 * decay / (1 + decay**2)


def _csch(z: Variable) -> Variable:
    size = pt.abs(z)
    return -2 * pt.sgn(z) * pt.exp(-size) / pt.expm1(-2 * size)


STABLE = {
    stable.logcosh: _logcosh,
    stable.logsinh: _logsinh,
    stable.log1mexp: _log1mexp,
    stable.logexpm1: _logexpm1,
    stable.logit: _logit,
    stable.realloggamma: _realloggamma,
    stable.hypot: _hypot,
    stable.unit: _unit,
    tails.tail: pt.erfc,
    tails.logtail: _logtail,
    tails.loghalftail: _loghalftail,
    tails.hazard: _hazard,
    tails.excess: _excess,
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
        return QUOTIENTS[type(expr)](*(pt.as_tensor(self._print(e, **kwargs)) for e in parts))

    _print_logdifference = _print_xlogquotient = _print_logquotient

    def _print_scaled(self: Any, expr: Any, **kwargs: Any) -> Variable:
        number, z = expr.args
        return scaled(number, pt.as_tensor(self._print(z, **kwargs)))

    def _print_continued(self: Any, expr: continued, **kwargs: Any) -> Variable:
        """Print the series near the center and the formula elsewhere."""
        form, u = expr.args
        planned = plan(form)
        at = pt.as_tensor(self._print(u, **kwargs))
        s = at - planned.center
        near = pt.lt(pt.abs(s), planned.radius)
        argument = sp.Dummy("t", real=True)
        self.tensors[argument] = pt.switch(near, planned.center + planned.radius, at)
        formula = self._print(form.expression.xreplace({ARGUMENT: argument}), **kwargs)
        return pt.switch(near, series_value(planned, pt.switch(near, s, 0.0)), formula)
