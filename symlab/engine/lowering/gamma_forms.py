"""How floats evaluate quotients of gamma functions, as PyTensor graphs.

`stable_forms` prints them; the functions themselves are in `symlab.algebra.stable_gammas`.
"""

import math
from functools import reduce

import mpmath
import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Variable

Pair = tuple[Variable, Variable, Variable]
"""Arguments a and b of gamma functions, one above and one below, and a - b."""


def gammaquotient(pairs: list[Pair], rest: list[tuple[int, Variable]]) -> Variable:
    """Return a product of gamma functions and their inverses, by logarithms where they overflow."""
    signed = [each for a, b, _ in pairs for each in ((1, a), (-1, b))] + rest
    small = pt.lt(reduce(pt.maximum, [a for _, a in signed]), LARGEST_GAMMA)
    if not rest:
        # A rounded argument would cost as many units as it is large.
        small = small * pt.lt(reduce(pt.minimum, [a for _, a in signed]), LEAST_STIRLING)
    direct = reduce(pt.mul, [pt.gamma(pt.switch(small, a, 1.0)) ** sign for sign, a in signed])
    logarithms = [_loggamma_difference(*pair) for pair in pairs]
    logarithms += [sign * pt.gammaln(a) for sign, a in rest]
    sign = reduce(pt.mul, [_sign_of_gamma(a) for _, a in signed])
    return pt.switch(small, direct, sign * pt.exp(reduce(pt.add, logarithms)))


def loggammaquotient(pairs: list[Pair], rest: list[tuple[int, Variable]]) -> Variable:
    """Return the logarithm of the same product, NaN where that is negative."""
    logarithms = [_loggamma_difference(*pair) for pair in pairs]
    logarithms += [sign * pt.gammaln(a) for sign, a in rest]
    signs = [_sign_of_gamma(a) for a, b, _ in pairs] + [_sign_of_gamma(b) for _, b, _ in pairs]
    sign = reduce(pt.mul, signs + [_sign_of_gamma(a) for _, a in rest])
    return pt.switch(pt.gt(sign, 0), reduce(pt.add, logarithms), np.nan)


def _sign_of_gamma(a: Variable) -> Variable:
    return pt.switch(pt.gt(a, 0), 1.0, 1.0 - 2.0 * pt.mod(pt.floor(a), 2))


STEPS = 16
"""Steps up the recurrence, after which the asymptotic series has its digits."""


def polygammadifference(n: int, a: Variable, b: Variable, difference: Variable) -> Variable:
    """Return psi_n(a) - psi_n(b) for positive a and b (DLMF 5.5.2, 5.11.2, 5.15.8 and 5.15.9).

    Each term is the difference of two inverse powers, by expm1, so that nothing cancels.
    """

    def gap(power: int, shift: int) -> Variable:
        low = b + float(shift)
        return low**-power * pt.expm1(-power * pt.log1p(difference / low))

    sign = (-1) ** (n + 1)
    terms = [sign * math.factorial(n) * gap(n + 1, j) for j in range(STEPS)]
    lead = sign * math.factorial(n - 1) * gap(n, STEPS) if n else 0.0
    terms += [lead if n else pt.log1p(difference / (b + float(STEPS)))]
    terms += [sign * math.factorial(n) / 2 * gap(n + 1, STEPS)]
    for k in range(1, 9):
        weight = mpmath.bernoulli(2 * k) * mpmath.fac(2 * k + n - 1) / mpmath.fac(2 * k)
        terms.append(sign * float(weight) * gap(2 * k + n, STEPS))
    return reduce(pt.add, terms)


def _loggamma_difference(a: Variable, b: Variable, difference: Variable) -> Variable:
    """Return log gamma(a) - log gamma(b), for large both by Stirling's series (DLMF 5.11.1)."""
    large = pt.ge(pt.minimum(a, b), LEAST_STIRLING)
    p, q = (pt.switch(large, v, LARGEST_GAMMA) for v in (a, b))
    growth = (q - 0.5) * pt.log1p(difference / q) + difference * (pt.log(p) - 1)
    stirling = growth + _stirling(p) - _stirling(q)
    return pt.switch(large, stirling, pt.gammaln(a) - pt.gammaln(b))


def _stirling(a: Variable) -> Variable:
    terms = [float(mpmath.bernoulli(2 * k)) / (2 * k * (2 * k - 1)) for k in range(1, 7)]
    return pt.add(*(c / a ** (2 * k + 1) for k, c in enumerate(terms)))


LEAST_STIRLING = 16.0
"""From here on the series has its digits."""


LARGEST_GAMMA = 85.0
"""The product of two gamma functions of less is a float."""
