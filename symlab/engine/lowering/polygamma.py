r"""The polygamma functions in elementary operations, right to a few units in the last place.

PyTensor's C code for them is wrong in the ninth digit. For :math:`n \ge 1` and :math:`x > 0`,

.. math:: \psi_n(x) = (-1)^{n+1} n! \sum_{k=0}^\infty (x + k)^{-n-1},

of which the first terms are added up and the rest is the formula of Euler and Maclaurin (NIST DLMF
25.11.43 and 5.15). For :math:`x < 0` the reflection formula 5.15.6 leads back to it.
"""

from functools import lru_cache
from math import factorial, pi
from typing import Any

import pytensor.tensor as pt
import sympy as sp
from numpy.polynomial import Polynomial
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.graph.fg import FunctionGraph
from pytensor.graph.rewriting.basic import NodeRewriter, in2out, node_rewriter
from pytensor.scalar.basic import upgrade_to_float
from pytensor.scalar.math import PolyGamma, Psi, TriGamma
from pytensor.tensor.elemwise import Elemwise

TERMS = 10
"""Terms added up one by one; the remainder formula then converges to 17 digits."""

EARLY = 3.5
"""A place in the order of PyTensor's rewrites before the fusion of operations."""

CORRECTIONS = 8
"""Bernoulli numbers in the remainder formula."""


def polygamma(n: int, x: Any) -> Variable:
    """Return a graph for the polygamma function of whole order n at any real x.

    Examples
    --------
    >>> x = pt.dscalar()
    >>> float(polygamma(1, x).eval({x: 1.0})) - pi**2 / 6
    0.0
    """
    x = pt.cast(pt.as_tensor(x), "float64")
    if n == 0:
        return _DIGAMMA(x)
    positive = pt.switch(pt.gt(x, 0), x, 1 - x)
    right = (-1) ** (n + 1) * factorial(n) * _tail_sum(n + 1, positive, TERMS + n)
    # Whole numbers change nothing in the cotangent, whose argument is kept small.
    around = x - pt.round(x)
    cotangent = pt.cos(pi * around) / pt.sin(pi * around)
    slopes = pi ** (n + 1) * _polynomial(_cotangent_slope(n), cotangent)
    return pt.switch(pt.gt(x, 0), right, (-1) ** n * right - slopes)


def _tail_sum(s: int, x: Variable, terms: int) -> Variable:
    """Return the sum of (x + k)^-s over k = 0, 1, 2, ... for whole s >= 2 and x > 0."""
    end = x + terms
    total: Any = 0.0
    for j in range(CORRECTIONS, 0, -1):
        rising = factorial(s + 2 * j - 2) // factorial(s - 1)
        weight = float(sp.bernoulli(2 * j) * rising / sp.factorial(2 * j))
        total = (total + weight) / (end**2 if j > 1 else end)
    rest = ((total + 0.5) / end + 1 / (s - 1)) * end ** (1 - s)
    # The smallest terms first, so that the largest are rounded once.
    for k in range(terms - 1, -1, -1):
        rest = rest + (x + k) ** -s
    return rest


@lru_cache
def _cotangent_slope(n: int) -> tuple[float, ...]:
    """Return the coefficients of the n-th derivative of cot as a polynomial in cot."""
    slope = Polynomial([0, 1])
    for _ in range(n):
        slope = -Polynomial([1, 0, 1]) * slope.deriv()
    return tuple(slope.coef)


def _polynomial(coefficients: tuple[float, ...], c: Variable) -> Variable:
    total: Any = 0.0
    for coefficient in reversed(coefficients):
        total = total * c + coefficient
    return total


class _Digamma(Psi):
    """PyTensor's digamma without its C code, which loses all digits near the root: SciPy's."""

    def c_code(self, *_: Any) -> str:
        """Refuse, so that the C backend calls SciPy."""
        raise NotImplementedError


_DIGAMMA = Elemwise(_Digamma(upgrade_to_float, name="psi"))


@node_rewriter([Elemwise])
def _replace_polygamma(_fgraph: FunctionGraph, node: Apply) -> list[Variable] | None:
    match node.op.scalar_op:
        case TriGamma():
            return [polygamma(1, node.inputs[0])]
        case PolyGamma() if isinstance(node.inputs[0], Constant):
            return [polygamma(int(node.inputs[0].data.flat[0]), node.inputs[1])]
        case Psi() if node.op != _DIGAMMA:
            return [_DIGAMMA(*node.inputs)]
    return None


def right_polygammas() -> NodeRewriter:
    """Return the rewrite of a whole graph that puts these functions for PyTensor's."""
    return in2out(_replace_polygamma, name="right_polygammas")
