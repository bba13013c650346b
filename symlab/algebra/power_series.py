"""Truncated Laurent series of a formula in one variable, in mpmath numbers.

Functions are composed by their differential equations: with y = e^u, y' = u' y, and so on (Knuth,
The Art of Computer Programming, volume 2, section 4.7). A coefficient that is 0 but for rounding
is taken as 0: the threshold is far above the rounding error of the many digits used.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
from sympy import (
    Expr,
    S,
    Symbol,
    acos,
    asin,
    asinh,
    atan,
    atanh,
    cos,
    cosh,
    cot,
    coth,
    csc,
    csch,
    erf,
    erfc,
    exp,
    log,
    sec,
    sech,
    sin,
    sinc,
    sinh,
    tan,
    tanh,
)
from sympy.codegen.cfunctions import expm1, log1p

from symlab.algebra.functions import sigmoid, softplus, xlogx
from symlab.algebra.stable_functions import StableFunction
from symlab.algebra.working_precision import working_digits

NEGLIGIBLE = mpmath.mpf(10) ** -40
"""The size, relative to the coefficients added up, below which a sum counts as zero."""


class NotAnalytic(ArithmeticError):
    """A formula has no Laurent series at a point, or none that is known here."""


@dataclass(frozen=True)
class Laurent:
    """The series s^valuation (c0 + c1 s + ...), c0 != 0; without coefficients it is 0."""

    valuation: int
    coefficients: tuple[Any, ...]


def laurent(body: Expr, variable: Symbol, center: Expr, terms: int) -> Laurent:
    """Return the series of a formula in s = variable - center.

    Parameters
    ----------
    body : sympy.Expr
        With no other free symbol.
    variable : sympy.Symbol
    center : sympy.Expr
        A real number.
    terms : int
        How many coefficients are worked with; where leading ones cancel, fewer come out.

    Raises
    ------
    NotAnalytic
        If there is none.

    Examples
    --------
    >>> from sympy import sin
    >>> from sympy.abc import x
    >>> [float(c) for c in laurent(sin(x) / x, x, 0, 4).coefficients]
    [1.0, 0.0, -0.16666666666666666]
    """
    with working_digits(60 + terms):
        start = _trim(0, [_number(S(center)), mpmath.mpf(1), *[mpmath.mpf(0)] * (terms - 2)])
        return _Expansion(terms, {variable: start}).of(body)


def _number(number: Expr) -> mpmath.mpf:
    if not number.is_number or number.is_finite is False:
        raise NotAnalytic(f"{number} is no finite number")
    value = mpmath.mpmathify(number._to_mpmath(mpmath.mp.prec))
    if not isinstance(value, mpmath.mpf) or not mpmath.isfinite(value):
        raise NotAnalytic(f"{number} is no real number")
    return value


class _Expansion:
    """The series of every part of a formula, to `terms` terms."""

    def __init__(self, terms: int, known: dict[Expr, Laurent]) -> None:
        self.terms = terms
        self.known = known

    def of(self, node: Expr) -> Laurent:
        if node not in self.known:
            self.known[node] = self._of(node)
        return self.known[node]

    def _of(self, node: Expr) -> Laurent:
        if node.is_number:
            return _trim(0, [_number(node), *[mpmath.mpf(0)] * (self.terms - 1)])
        if node.is_Add:
            return self._sum([self.of(term) for term in node.args])
        if node.is_Mul:
            return self._product([self.of(factor) for factor in node.args])
        if isinstance(node, exp):
            return self._apply_equation(EQUATIONS[exp], self.of(node.args[0]))
        if node.is_Pow:
            return self._power(self.of(node.base), node.exp)
        return self._function(node)

    def _function(self, node: Expr) -> Laurent:
        if hasattr(node, "formula"):
            # A continued formula is that formula, of the series of its argument.
            return self.of(node.formula())
        if isinstance(node, StableFunction):
            return self.of(node.definition())
        if type(node) in REWRITTEN:
            return self.of(REWRITTEN[type(node)](*node.args))
        if type(node) not in EQUATIONS:
            raise NotAnalytic(f"no series of {type(node).__name__} is known")
        return self._apply_equation(EQUATIONS[type(node)], self.of(node.args[0]))

    def _apply_equation(self, equation: Callable[..., list[Any]], inside: Laurent) -> Laurent:
        """Return f(u), for u that is finite."""
        first, *others = equation(self._dense(inside))
        return _trim(0, [mpmath.mpf(0) if abs(first) <= NEGLIGIBLE else first, *others])

    def _dense(self, series: Laurent) -> list[Any]:
        if series.valuation < 0:
            raise NotAnalytic("a pole inside a function")
        zeros = [mpmath.mpf(0)] * self.terms
        return [*zeros[: series.valuation], *series.coefficients, *zeros][: self.terms]

    def _sum(self, terms: list[Laurent]) -> Laurent:
        terms = [term for term in terms if term.coefficients]
        if not terms:
            return Laurent(0, ())
        lowest = min(term.valuation for term in terms)
        last = min(term.valuation + len(term.coefficients) for term in terms)
        total, scale = [], []
        for power in range(lowest, last):
            found = [
                term.coefficients[power - term.valuation]
                for term in terms
                if power >= term.valuation
            ]
            total.append(mpmath.fsum(found))
            scale.append(mpmath.fsum(map(abs, found)))
        return _trim(lowest, total, scale)

    def _product(self, factors: list[Laurent]) -> Laurent:
        result = factors[0]
        for factor in factors[1:]:
            length = min(len(result.coefficients), len(factor.coefficients))
            result = Laurent(
                result.valuation + factor.valuation,
                tuple(_multiply(result.coefficients[:length], factor.coefficients[:length])),
            )
        return result if result.coefficients else Laurent(0, ())

    def _power(self, base: Laurent, exponent: Expr) -> Laurent:
        if not exponent.is_Rational or not base.coefficients:
            raise NotAnalytic("a power that is no rational number")
        valuation = base.valuation * exponent
        if not valuation.is_Integer or (not exponent.is_Integer and base.coefficients[0] < 0):
            raise NotAnalytic("a root at its branch point")
        power = mpmath.mpf(exponent.p) / exponent.q
        return Laurent(int(valuation), tuple(_raise_to(list(base.coefficients), power)))


def _trim(valuation: int, values: list[Any], scale: list[Any] | None = None) -> Laurent:
    """Return a series without leading zeros, and with what is 0 but for rounding made 0."""
    scales = scale or [mpmath.mpf(1)] * len(values)
    clean = (
        [
            mpmath.mpf(0) if abs(value) <= NEGLIGIBLE * size else value
            for value, size in zip(values, scales, strict=True)
        ]
        if scale
        else values
    )
    first = next((i for i, value in enumerate(clean) if value), len(clean))
    return Laurent(valuation + first if first < len(clean) else 0, tuple(clean[first:]))


def _multiply(u: Any, v: Any) -> list[Any]:
    return [_dot(u[: k + 1], v[k::-1]) for k in range(len(u))]


def _dot(u: Any, v: Any) -> Any:
    """Return the sum of products, 0 if it is that but for rounding."""
    products = [a * b for a, b in zip(u, v, strict=True)]
    total = mpmath.fsum(products)
    return total if abs(total) > NEGLIGIBLE * max(map(abs, products)) else mpmath.mpf(0)


def _slope(u: list[Any]) -> list[Any]:
    return [k * u[k] for k in range(1, len(u))]


def _integral(slope: list[Any], start: Any) -> list[Any]:
    return [start, *(value / (k + 1) for k, value in enumerate(slope))]


def _raise_to(u: list[Any], power: Any) -> list[Any]:
    """Return u^power, u[0] != 0: y' u = power u' y."""
    y = [u[0] ** power]
    for k in range(1, len(u)):
        total = mpmath.fsum((power * j - (k - j)) * u[j] * y[k - j] for j in range(1, k + 1))
        y.append(total / (k * u[0]))
    return y


def _quotient(u: list[Any], v: list[Any]) -> list[Any]:
    if not v[0]:
        raise NotAnalytic("a pole")
    return _multiply(u, _raise_to(v, -1))


def _exp(u: list[Any]) -> list[Any]:
    y = [mpmath.exp(u[0])]
    for k in range(1, len(u)):
        y.append(mpmath.fsum(j * u[j] * y[k - j] for j in range(1, k + 1)) / k)
    return y


def _pair(u: list[Any], sine: Any, cosine: Any, sign: int) -> tuple[list[Any], list[Any]]:
    """Return s and c of u, for s' = u' c, c' = sign u' s."""
    s, c = [sine], [cosine]
    for k in range(1, len(u)):
        s.append(mpmath.fsum(j * u[j] * c[k - j] for j in range(1, k + 1)) / k)
        c.append(sign * mpmath.fsum(j * u[j] * s[k - j] for j in range(1, k + 1)) / k)
    return s, c


def _circular(u: list[Any]) -> tuple[list[Any], list[Any]]:
    return _pair(u, mpmath.sin(u[0]), mpmath.cos(u[0]), -1)


def _hyperbolic(u: list[Any]) -> tuple[list[Any], list[Any]]:
    return _pair(u, mpmath.sinh(u[0]), mpmath.cosh(u[0]), 1)


def _log(u: list[Any], start: Any = None) -> list[Any]:
    if u[0] <= 0:
        raise NotAnalytic("a logarithm of no positive number")
    first = mpmath.log(u[0]) if start is None else start
    return _integral(_quotient(_slope(u), u[:-1]), first)


def _add_constant(number: int, u: list[Any]) -> list[Any]:
    return [number + u[0], *u[1:]]


def _add_square(u: list[Any], number: int, sign: int) -> list[Any]:
    """Return number + sign u²."""
    return _add_constant(number, [sign * value for value in _multiply(u, u)])


def _by_slope(function: Callable[..., Any], slope: Callable[..., Any]) -> Callable[..., list[Any]]:
    """Return f(u) by the derivative of f, which is a power series in u."""

    def compose(u: list[Any]) -> list[Any]:
        start = function(u[0])
        if not isinstance(start, mpmath.mpf) or not mpmath.isfinite(start):
            raise NotAnalytic("beyond the domain")
        return _integral(_multiply(_slope(u), slope(u)[:-1]), start)

    return compose


def _root(u: list[Any], power: float) -> list[Any]:
    if u[0] <= 0:
        raise NotAnalytic("a root of no positive number")
    return _raise_to(u, mpmath.mpf(power))


def _bell(u: list[Any]) -> list[Any]:
    two = 2 / mpmath.sqrt(mpmath.pi)
    return [two * value for value in _exp([-value for value in _multiply(u, u)])]


EQUATIONS: dict[type, Callable[..., list[Any]]] = {
    exp: _exp,
    expm1: lambda u: [mpmath.expm1(u[0]), *_exp(u)[1:]],
    log: _log,
    log1p: lambda u: _log(_add_constant(1, u), mpmath.log1p(u[0])),
    sin: lambda u: _circular(u)[0],
    cos: lambda u: _circular(u)[1],
    tan: lambda u: _quotient(*_circular(u)),
    sinh: lambda u: _hyperbolic(u)[0],
    cosh: lambda u: _hyperbolic(u)[1],
    tanh: lambda u: _quotient(*_hyperbolic(u)),
    atan: _by_slope(mpmath.atan, lambda u: _raise_to(_add_square(u, 1, 1), -1)),
    asin: _by_slope(mpmath.asin, lambda u: _root(_add_square(u, 1, -1), -0.5)),
    acos: _by_slope(mpmath.acos, lambda u: [-v for v in _root(_add_square(u, 1, -1), -0.5)]),
    asinh: _by_slope(mpmath.asinh, lambda u: _root(_add_square(u, 1, 1), -0.5)),
    atanh: _by_slope(mpmath.atanh, lambda u: _raise_to(_add_square(u, 1, -1), -1)),
    erf: _by_slope(mpmath.erf, _bell),
    erfc: _by_slope(mpmath.erfc, lambda u: [-value for value in _bell(u)]),
}
"""How a power series goes through a function."""

REWRITTEN: dict[type, Callable[..., Expr]] = {
    sinc: lambda u: sin(u) / u,
    sec: lambda u: 1 / cos(u),
    csc: lambda u: 1 / sin(u),
    cot: lambda u: cos(u) / sin(u),
    sech: lambda u: 1 / cosh(u),
    csch: lambda u: 1 / sinh(u),
    coth: lambda u: cosh(u) / sinh(u),
    sigmoid: lambda u: 1 / (1 + exp(-u)),
    softplus: lambda u: log(1 + exp(u)),
    xlogx: lambda u: u * log(u),
}
"""Those that are made of others."""
