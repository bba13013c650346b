"""Rewrites of inverse functions near the ends of their range, and of fractions that cancel."""

from sympy import (
    Add,
    Expr,
    Mul,
    acos,
    acosh,
    asin,
    atan,
    atan2,
    expand,
    fraction,
    pi,
    sqrt,
    together,
)
from sympy.codegen.cfunctions import expm1, log1p

from symlab.algebra.continued import ARGUMENT, Form, continued
from symlab.engine.lowering.removable import center_of_sum
from symlab.engine.lowering.rewrite_tools import Change, terms_with, without_factor


def right_angle(node: Expr) -> Expr | None:
    """Turn c pi/2 - c atan(u) into c times the angle of (u, 1), and c pi/2 + c atan(u) too."""
    if not node.is_Add:
        return None
    change = Change(node)
    for term, angle in terms_with(node, atan):
        c, u = without_factor(term, angle), angle.args[0]
        for sign in (1, -1):
            if u.is_extended_real and change.has(term, sign * c * pi / 2):
                change.replace((term, sign * c * pi / 2), sign * c * atan2(1, -sign * u))
    return change.result


def near_the_end(node: Expr) -> Expr | None:
    """Turn acosh(1 + u), asin(1 - u) and acos(1 - u) into functions exact for small u."""
    if not isinstance(node, (acosh, asin, acos)) or not node.args[0].is_Add:
        return None
    end, rest = node.args[0].as_coeff_Add()
    if abs(end) != 1 or not rest.is_extended_real:
        return None
    if isinstance(node, acosh):
        return None if end < 0 else log1p(rest + sqrt(rest) * sqrt(rest + 2))
    other = sqrt(-end * rest) * sqrt(2 + end * rest)
    return atan2(node.args[0], other) if isinstance(node, asin) else atan2(other, node.args[0])


def cancel_fraction(node: Expr) -> Expr | None:
    """Put a few fractions over one denominator, where powers of the symbol cancel above."""
    if not node.is_Add or len(node.args) > MOST_FRACTIONS or len(node.free_symbols) != 1:
        return None
    if not all(map(_is_small_fraction, node.args)):
        return None
    (x,) = node.free_symbols
    above, below = fraction(together(node))
    if not below.has(x):
        return None
    found, parts = set(), [expand((term * below).cancel()) for term in node.args]
    for part in parts:
        found |= {each.as_coeff_Mul()[1] for each in Add.make_args(part)}
    left = expand(above)
    if len(Add.make_args(left)) >= len(found):
        return None
    return left / below


MOST_FRACTIONS = 4
"""Terms up to which fractions are put over one denominator."""

MOST_FACTORS = 4
"""Factors of one fraction, likewise."""


def _is_small_fraction(term: Expr) -> bool:
    """Whether a term consists of a few powers of x and of linear sums, with exact numbers."""
    factors = Mul.make_args(term)
    if len(factors) > MOST_FACTORS:
        return False
    for factor in factors:
        base, power = factor.as_base_exp()
        if factor.is_Rational:
            continue
        linear = base.is_Symbol or (base.is_Add and all(map(_is_linear, base.args)))
        if not (linear and power.is_Integer and abs(power) <= MOST_FACTORS):
            return False
    return True


def _is_linear(term: Expr) -> bool:
    number, rest = term.as_coeff_Mul()
    return number.is_Rational and (rest.is_Symbol or rest == 1)


def nested_exponential(node: Expr) -> Expr | None:
    """Continue what cancels in a sum of functions of e^g, where that is small."""
    if not node.is_Add or len(node.args) > MOST_FRACTIONS:
        return None
    for inner in [each.args[0] for each in node.atoms(expm1)]:
        number, growth = inner.as_coeff_Mul()
        if not growth.is_Pow and growth.func.__name__ != "exp":
            continue
        g = growth.args[0]
        body = node.xreplace({growth: ARGUMENT, expm1(g): ARGUMENT - 1})
        if number and body.free_symbols == {ARGUMENT}:
            body = Add(*body.args)
            center = center_of_sum(body)
            if center is not None:
                return continued(Form(body, center), growth)
    return None
