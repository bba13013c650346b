"""How floats evaluate the tail of the normal distribution, as PyTensor graphs.

For x >= 0 each function, times a power of 1 + x, is a Chebyshev series in (x - 3)/(x + 3), whose
coefficients mpmath works out; for x < 0 the error function of PyTensor has the digits.
"""

from collections.abc import Callable
from functools import lru_cache

import mpmath
import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Variable

from symlab.algebra import tails
from symlab.algebra.numeric import MPMATH
from symlab.algebra.working_precision import working_digits

BEND = 3.0
"""The x at which the variable of the Chebyshev series, (x - BEND)/(x + BEND), is 0."""


@lru_cache(maxsize=4)
def _chebyshev(name: str) -> tuple[float, ...]:
    """Return the Chebyshev coefficients in s of f(x) (1 + x)^power, x >= 0.

    They are worked out from mpmath's error function (DLMF, section 3.11).
    """
    power = {"hazard": -1, "excess": 1, "remainder": 2}[name]
    count = 64
    with working_digits(40):
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


def _evaluate_series(name: str, x: Variable) -> Variable:
    s = (x - BEND) / (x + BEND)
    return _clenshaw(_chebyshev(name), pt.switch(pt.isinf(x), 1.0, s))


def _gaussian(v: Variable, k: float) -> Variable:
    """Return exp(-k v²), with the square in two parts: rounded, it would cost k v² units."""
    coarse = pt.round(v * 16) / 16
    # The maximum keeps PyTensor from making one exponential of the two when it compiles.
    large = pt.maximum(pt.exp(-k * coarse**2), 0.0)
    return large * pt.exp(-k * (v - coarse) * (v + coarse))


def _hazard(x: Variable, v: Variable, k: float) -> Variable:
    right = _evaluate_series("hazard", pt.switch(pt.ge(x, 0), x, 0.0)) * (1 + pt.maximum(x, 0.0))
    left = _gaussian(v, k) / pt.erfc(pt.switch(pt.ge(x, 0), 0.0, x))
    return pt.switch(pt.ge(x, 0), right, left)


def _excess(x: Variable, v: Variable, k: float) -> Variable:
    right = _evaluate_series("excess", pt.switch(pt.ge(x, 0), x, 0.0)) / (1 + pt.maximum(x, 0.0))
    return pt.switch(pt.ge(x, 0), right, _hazard(x, v, k) / ROOT_PI - x)


def _remainder(x: Variable, v: Variable, k: float) -> Variable:
    right = _evaluate_series("remainder", pt.switch(pt.ge(x, 0), x, 0.0))
    return pt.switch(
        pt.ge(x, 0), right / (1 + pt.maximum(x, 0.0)) ** 2, 1 - 2 * x * _excess(x, v, k)
    )


def _logtail(x: Variable, v: Variable, k: float) -> Variable:
    far = -k * v**2 - pt.log(_hazard(x, v, k))
    return pt.switch(pt.ge(x, 0.5), far, pt.log1p(-pt.erf(pt.switch(pt.ge(x, 0.5), 0.0, x))))


def _loghalftail(x: Variable, v: Variable, k: float) -> Variable:
    right = -k * v**2 - pt.log(2 * _hazard(x, v, k))
    small = _gaussian(v, k) / _hazard(pt.abs(x), v, k)
    return pt.switch(pt.ge(x, 0), right, pt.log1p(-small / 2))


ROOT_PI = float(np.sqrt(np.pi))


TAILS: dict[type, Callable[[Variable, Variable, float], Variable]] = {
    tails.logtail: _logtail,
    tails.loghalftail: _loghalftail,
    tails.hazard: _hazard,
    tails.excess: _excess,
    tails.remainder: _remainder,
}
"""Functions of x = sqrt(k) v, whose square is k v² however the root of k is rounded."""
