"""How mpmath and NumPy evaluate the functions that they lack, or have wrong: one table for each.

The keys are the names of SymPy's functions and of the library's own (`functions`,
`stable_functions`, `stable_powers`, `tails`). mpmath's entries are right to the precision at work;
NumPy's are meant for bounds and samples, not for the last digit, which `engine/lowering` keeps.
"""

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np

from symlab.algebra.working_precision import working_bits


def _mp_sigmoid(z: mpmath.mpf) -> mpmath.mpf:
    return 1 / (1 + mpmath.exp(-z))


def _mp_softplus(z: mpmath.mpf) -> mpmath.mpf:
    # log1p keeps its digits however small exp(z) is, which log(1 + exp(z)) does not.
    return mpmath.log1p(mpmath.exp(z))


def _mp_logsumexp(*arguments: mpmath.mpf) -> mpmath.mpf:
    # The largest stands before the logarithm, which sees only what the others add to it.
    *others, largest = sorted(arguments)
    return largest + mpmath.log1p(mpmath.fsum(mpmath.exp(other - largest) for other in others))


def _mp_softmax(first: mpmath.mpf, *others: mpmath.mpf) -> mpmath.mpf:
    return 1 / (1 + mpmath.fsum(mpmath.exp(other - first) for other in others))


def _mp_heaviside(z: mpmath.mpf, at_zero: float = 0.5) -> mpmath.mpf:
    return mpmath.mpf(z > 0) if z else mpmath.mpf(at_zero)


def _mp_marcumq(m: mpmath.mpf, a: mpmath.mpf, b: mpmath.mpf) -> mpmath.mpf:
    def density(t: mpmath.mpf) -> mpmath.mpf:
        return t**m * mpmath.exp(-(a**2 + t**2) / 2) * mpmath.besseli(m - 1, a * t)

    return mpmath.quad(density, [b, a + b + 5, a + b + 20, mpmath.inf]) / a ** (m - 1)


def _mp_erfcinv(y: mpmath.mpf) -> mpmath.mpf:
    # 1 - y loses as many digits as y is small, so they are there twice.
    with working_bits(2 * mpmath.mp.prec - min(0, mpmath.mag(y)) if y else mpmath.mp.prec):
        return mpmath.erfinv(1 - y)


def _mp_log_of_cosh(z: mpmath.mpf) -> mpmath.mpf:
    # Near 0 the logarithm is of 1 and a little; twice the half angle's sine is that little.
    return mpmath.log1p(2 * mpmath.sinh(z / 2) ** 2)


def _mp_log(x: mpmath.mpf) -> mpmath.mpf:
    """Return the real logarithm, NaN for a negative number and minus infinity at 0."""
    if x == 0:
        return -mpmath.inf
    return mpmath.log(x) if x > 0 else mpmath.nan


def _mp_logquotient(x: mpmath.mpf, y: mpmath.mpf) -> mpmath.mpf:
    if x == 0 or y == 0:
        return _mp_log(x) - _mp_log(y)
    return mpmath.log1p((x - y) / y) if x / y > 0 else mpmath.nan


def _mp_logdifference(x: mpmath.mpf, y: mpmath.mpf) -> mpmath.mpf:
    return _mp_logquotient(x, y) if y > 0 else mpmath.nan


def _mp_hypot(*arguments: mpmath.mpf) -> mpmath.mpf:
    return mpmath.sqrt(mpmath.fsum(argument**2 for argument in arguments))


def _mp_logit(p: mpmath.mpf) -> mpmath.mpf:
    return _mp_log(p) - (mpmath.log1p(-p) if p < 1 else _mp_log(1 - p))


def _mp_gammaquotient(count: Any, *arguments: mpmath.mpf) -> mpmath.mpf:
    return mpmath.gammaprod(arguments[: int(count)], arguments[int(count) :])


def _mp_logpower(x: Any, a: Any) -> Any:
    if x > 0:
        return a * mpmath.log(x)
    power = x**a
    real = isinstance(power, mpmath.mpf) and power >= 0
    return mpmath.nan if not real else (mpmath.log(power) if power else -mpmath.inf)


def _mp_logpowers(*terms: Any) -> Any:
    total = mpmath.fsum(terms)
    return mpmath.log(total) if total else -mpmath.inf


def _mp_logtail(x: mpmath.mpf, share: Any = 1) -> mpmath.mpf:
    """Return log(share erfc(x)), right as well where that is nearly 1."""
    if x < 0.5 and share == 1:
        return mpmath.log1p(-mpmath.erf(x))
    if x < 0:
        return mpmath.log1p(-mpmath.erfc(-x) * share)
    return mpmath.log(mpmath.erfc(x) * share)


def _mp_hazard(x: mpmath.mpf) -> mpmath.mpf:
    # A rounded square would cost as many units as it is large.
    lost = 2 * max(0, int(mpmath.mag(x))) if x else 0
    with working_bits(mpmath.mp.prec + lost + 20):
        return mpmath.exp(-(x**2)) / mpmath.erfc(x)


def _mp_excess(x: mpmath.mpf) -> mpmath.mpf:
    # The difference cancels as often as x² is 1, twice over.
    lost = 4 * max(0, int(mpmath.mag(x))) if x else 0
    with working_bits(mpmath.mp.prec + lost + 20):
        return _mp_hazard(x) / mpmath.sqrt(mpmath.pi) - x


def _mp_remainder(x: mpmath.mpf) -> mpmath.mpf:
    lost = 4 * max(0, int(mpmath.mag(x))) if x else 0
    with working_bits(mpmath.mp.prec + lost + 20):
        return 1 - 2 * x * _mp_excess(x)


TAILS: dict[str, Callable[..., Any]] = {
    "tail": mpmath.erfc,
    "logtail": _mp_logtail,
    "loghalftail": lambda x: _mp_logtail(x, mpmath.mpf(0.5)),
    "hazard": _mp_hazard,
    "excess": _mp_excess,
    "remainder": _mp_remainder,
}
"""How mpmath evaluates the functions of the normal distribution's tail, which NumPy has not."""

GAMMAS: dict[str, Callable[..., Any]] = {
    "realloggamma": lambda a: _mp_log(mpmath.gamma(a)),
    "gammaquotient": _mp_gammaquotient,
    "loggammaquotient": lambda *arguments: _mp_log(_mp_gammaquotient(*arguments)),
    "polygammadifference": lambda n, a, b: mpmath.psi(int(n), a) - mpmath.psi(int(n), b),
}
"""How mpmath evaluates those that are made of gamma functions, which NumPy has not."""

MPMATH: dict[str, Callable[..., Any]] = {
    "sigmoid": _mp_sigmoid,
    "softplus": _mp_softplus,
    "relu": lambda z: max(z, mpmath.mpf(0)),
    "softsign": lambda z: z / (1 + abs(z)),
    "hinge": lambda z: max(1 - z, mpmath.mpf(0)),
    "xlogx": lambda x: x * mpmath.log(x) if x else mpmath.mpf(0),
    "logsumexp": _mp_logsumexp,
    "softmax": _mp_softmax,
    "logcosh": _mp_log_of_cosh,
    "logsinh": lambda z: _mp_log(mpmath.sinh(z)),
    "log1mexp": lambda u: _mp_log(-mpmath.expm1(u)),
    "logexpm1": lambda u: _mp_log(mpmath.expm1(u)),
    "logit": _mp_logit,
    "logquotient": _mp_logquotient,
    "logdifference": _mp_logdifference,
    "xlogquotient": lambda x, y: x * _mp_logquotient(x, y) if x else mpmath.mpf(0),
    "hypot": _mp_hypot,
    "unit": lambda first, *others: first / _mp_hypot(first, *others),
    "scaled": lambda c, z: c * z,
    "lineless": lambda p, r: p - r,
    "logpower": _mp_logpower,
    "logpowers": _mp_logpowers,
    "powershare": lambda above, *terms: above / mpmath.fsum(terms),
    **GAMMAS,
    **TAILS,
    "Heaviside": _mp_heaviside,
    # The slope of a jump: nothing beside it, and no finite number on it.
    "DiracDelta": lambda z, *_: mpmath.inf if z == 0 else mpmath.mpf(0),
    "exp2": lambda z: mpmath.mpf(2) ** z,
    "LambertW": lambda z, k=0: mpmath.lambertw(z, int(k)),
    "binomial": mpmath.binomial,
    "betainc_regularized": lambda a, b, x, y: mpmath.betainc(a, b, x, y, regularized=True),
    "erfcinv": _mp_erfcinv,
    "marcumq": _mp_marcumq,
    "airyaiprime": lambda z: mpmath.airyai(z, derivative=1),
    "airybiprime": lambda z: mpmath.airybi(z, derivative=1),
}
"""How mpmath evaluates what SymPy's printer for it does not know, or has wrong, by name."""


def _np_logit(p: Any) -> Any:
    middle = np.abs(p - 0.5) < 0.25
    return np.where(middle, 2 * np.arctanh(2 * np.where(middle, p, 0.5) - 1), np.log(p / (1 - p)))


def _np_hypot(*arguments: Any) -> Any:
    return np.hypot.reduce(np.broadcast_arrays(*arguments, 0.0))


NUMPY: dict[str, Callable[..., Any]] = {
    "sigmoid": lambda z: np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z))),
    "softplus": lambda z: np.logaddexp(0, z),
    "relu": lambda z: np.maximum(z, 0),
    "softsign": lambda z: z / (1 + np.abs(z)),
    "hinge": lambda z: np.maximum(1 - z, 0),
    "xlogx": lambda z: z * np.log(np.where(z > 0, z, 1)),
    "logsumexp": lambda *z: np.logaddexp.reduce(np.broadcast_arrays(*z)),
    "softmax": lambda *z: np.exp(z[0] - np.logaddexp.reduce(np.broadcast_arrays(*z))),
    "logcosh": lambda z: np.where(
        np.abs(z) < 20,
        np.log1p(2 * np.sinh(np.clip(z, -20, 20) / 2) ** 2),
        np.abs(z) - np.log(2),
    ),
    "logsinh": lambda z: np.where(z < 20, np.log(np.sinh(np.minimum(z, 20))), z - np.log(2)),
    "log1mexp": lambda u: np.where(u > -0.7, np.log(-np.expm1(u)), np.log1p(-np.exp(u))),
    "logexpm1": lambda u: np.where(
        u < 20, np.log(np.expm1(np.minimum(u, 20))), u + np.log1p(-np.exp(-u))
    ),
    "logit": _np_logit,
    "logquotient": lambda x, y: np.log(x / y),
    "logdifference": lambda x, y: np.log(x) - np.log(y),
    "xlogquotient": lambda x, y: x * np.log(np.where(x == 0, 1, x / y)),
    "hypot": _np_hypot,
    "unit": lambda first, *others: first / _np_hypot(first, *others),
    "scaled": lambda c, z: c * z,
    "lineless": lambda p, r: p - r,
    "Heaviside": lambda z, at_zero=0.5: np.heaviside(z, at_zero),
    "DiracDelta": lambda z, order=0: np.zeros_like(z),
}
"""How NumPy evaluates what SymPy's printer for it does not know, by name."""

NUMPY_POWERS: dict[str, Callable[..., Any]] = {
    "logpower": lambda x, a: np.where(x > 0, a * np.log(np.abs(x)), np.log(x**a)),
    "logpowers": lambda *terms: np.log(sum(terms)),
    "powershare": lambda above, *terms: above / sum(terms),
}
"""How NumPy evaluates sums of powers as they stand: with overflow, so not for a bound."""
