"""How floats evaluate the functions of powers, as PyTensor graphs."""

from functools import reduce
from typing import Any

import numpy as np
import pytensor.tensor as pt
import sympy as sp
from pytensor.graph.basic import Variable

from symlab.algebra.stable_powers import real_root

SAFE = (1e-30, 1e30)
"""Sums within are added up as they stand; single precision has these bounds as well."""


def logpower(x: Variable, a: Variable) -> Variable:
    """Return log(x^a), for a negative x where a is even."""
    size = pt.abs(x)
    ordinary = a * pt.log(pt.switch(pt.gt(size, 0), size, 1.0))
    at_0 = pt.switch(pt.eq(a, 0), 0.0, pt.switch(pt.gt(a, 0), -np.inf, np.inf))
    real = pt.ge(x, 0) + pt.eq(pt.mod(a, 2.0), 0)
    return pt.switch(real, pt.switch(pt.eq(x, 0), at_0, ordinary), np.nan)


def _is_ordinary(total: Variable) -> Variable:
    least, most = (pt.constant(bound, dtype="float64") for bound in SAFE)
    return pt.gt(total, least) * pt.lt(total, most)


def _two_squares(expr: sp.Expr) -> tuple[int, sp.Expr, sp.Expr] | None:
    """Return 1, b and c for b² - c², with -1 for c² - b²; c is a whole number, b is linear."""
    constant, rest = expr.as_coeff_Add()
    sign = -1 if constant > 0 else 1
    root = sp.sqrt(-sign * constant)
    number, power = (sign * rest).as_coeff_Mul()
    b, many = power.as_base_exp()
    scale = sp.sqrt(number)
    if many != 2 or not constant or not (root.is_Integer and scale.is_Rational):
        return None
    if len(expr.args) != 2 or not (b.is_Symbol or (b.is_Add and len(b.args) == 2)):
        return None
    return sign, scale * b, root


class PowerPrinting:
    """What a printer needs to print them: the bases and exponents of their terms."""

    def _double(self: Any, expr: sp.Expr, **kwargs: Any) -> Variable:
        return pt.cast(pt.as_tensor(self._print(expr, **kwargs)), "float64")

    def _print_Add(self: Any, expr: sp.Expr, **kwargs: Any) -> Variable:
        """Print b² - c² as (b - c)(b + c): a rounded square has lost what b is beside c."""
        sides = _two_squares(expr)
        if sides is None:
            return self._print_Basic(expr, **kwargs)
        sign, b, c = sides
        less, more = (self._double(sp.expand(each), **kwargs) for each in (b - c, b + c))
        return less * more * float(sign)

    def _print_logpower(self: Any, expr: Any, **kwargs: Any) -> Variable:
        return logpower(*(self._double(part, **kwargs) for part in expr.args))

    def _print_logpowers(self: Any, expr: Any, **kwargs: Any) -> Variable:
        """Print log1p of the sum less 1 where that is small, and by logarithms what overflows."""
        terms = [self._double(term, **kwargs) for term in expr.args]
        total = reduce(pt.add, terms)
        ordinary = _is_ordinary(total)
        near = pt.gt(total, 0.5) * pt.lt(total, 2.0)
        excess = pt.switch(near, self._less_one(expr, **kwargs), 0.0)
        direct = pt.switch(near, pt.log1p(excess), pt.log(pt.switch(ordinary, total, 1.0)))
        far = pt.switch(ordinary, 0.0, self._by_logarithms(expr, ordinary, **kwargs))
        return pt.switch(ordinary, direct, far)

    def _less_one(self: Any, expr: Any, **kwargs: Any) -> Variable:
        """Return the sum less 1, from the constant or from the largest root."""
        constant = sp.Add(*(term for term in expr.args if term.is_number))
        others = [term for term in expr.args if not term.is_number]
        if constant >= sp.S.Half or not others or None in map(real_root, others):
            return reduce(pt.add, [self._double(t, **kwargs) for t in (*others, constant - 1)])
        largest, rest = pt.abs(self._double(real_root(others[0]), **kwargs)), float(constant)
        for other in others[1:]:
            root = pt.abs(self._double(real_root(other), **kwargs))
            rest = rest + pt.minimum(largest, root) ** 2
            largest = pt.maximum(largest, root)
        return (largest - 1) * (largest + 1) + rest

    def _by_logarithms(self: Any, expr: Any, ordinary: Variable, **kwargs: Any) -> Variable:
        logarithms = []
        for term in expr.args:
            number, powers = term.as_coeff_Mul()
            found = pt.as_tensor(float(sp.log(number)))
            for factor in sp.Mul.make_args(powers) if powers != 1 else ():
                base, power = factor.as_base_exp()
                size = pt.switch(ordinary, 1.0, pt.abs(self._double(base, **kwargs)))
                found = found + float(power) * pt.log(size)
            logarithms.append(found)
        largest = reduce(pt.maximum, logarithms)
        finite = pt.switch(pt.isinf(largest), 0.0, largest)
        return finite + pt.log(reduce(pt.add, [pt.exp(each - finite) for each in logarithms]))

    def _print_powershare(self: Any, expr: Any, **kwargs: Any) -> Variable:
        """Print the quotient as it stands, and as 1/(x + 1/x) where its parts leave the range."""
        above = self._double(expr.args[0], **kwargs)
        total = reduce(pt.add, [self._double(term, **kwargs) for term in expr.args[1:]])
        ordinary = _is_ordinary(total)
        harmless = {}
        for symbol in expr.free_symbols:
            harmless[symbol] = sp.Dummy(symbol.name, real=True)
            value = self._double(symbol, **kwargs)
            self.tensors[harmless[symbol]] = pt.switch(ordinary, 1.0, value)
        terms = [term.xreplace(harmless) for term in expr.reciprocal_terms()]
        inverse = reduce(pt.add, [self._double(term, **kwargs) for term in terms])
        direct = pt.switch(ordinary, above, 1.0) / pt.switch(ordinary, total, 1.0)
        return pt.switch(ordinary, direct, 1 / inverse)
