"""Rewrites of sums whose terms cancel: 1 - cos x, 1 + erf x, roots that differ by little."""

from collections.abc import Iterator

from sympy import (
    Add,
    Expr,
    Mul,
    Pow,
    S,
    cos,
    cosh,
    coth,
    csch,
    erf,
    erfc,
    expand,
    pi,
    sech,
    sin,
    sinh,
    sqrt,
    tanh,
)
from sympy.codegen.cfunctions import expm1

from symlab.algebra.functions import softmax
from symlab.algebra.tails import excess, hazard, remainder, tail
from symlab.engine.lowering.rewrite_tools import MOST_PAIRED, Change, terms_with, without_factor


def half_angle(node: Expr) -> Expr | None:
    """Turn c - c cos(u) into 2 c sin(u/2)², and c cosh(u) - c into 2 c sinh(u/2)²."""
    if not node.is_Add:
        return None
    change = Change(node)
    for term, factor in terms_with(node, (cos, cosh)):
        c, u = without_factor(term, factor), factor.args[0]
        if change.has(term, -c):
            square = -(sin(u / 2) ** 2) if isinstance(factor, cos) else sinh(u / 2) ** 2
            change.replace((term, -c), 2 * c * square)
    return change.result


def complement_of_error_function(node: Expr) -> Expr | None:
    """Turn c + c erf(u) into c erfc(-u), c - c erf(u) into c erfc(u), 2 c - c erfc(u) likewise."""
    if not node.is_Add:
        return None
    change = Change(node)
    for term, factor in terms_with(node, (erf, erfc, tail)):
        c, u = without_factor(term, factor), factor.args[0]
        for partner, value in _complements(factor, c, u):
            if change.has(term, partner):
                change.replace((term, partner), value)
    return change.result


def _complements(factor: Expr, c: Expr, u: Expr) -> tuple[tuple[Expr, Expr], ...]:
    if isinstance(factor, erf):
        return ((c, c * tail(-u)), (-c, -c * tail(u)))
    return ((-c, -c * erf(u)), (-2 * c, -c * tail(-u)))


def hyperbolic_square(node: Expr) -> Expr | None:
    """Turn c/tanh(u)² - c into c csch(u)², c coth(u)² - c too, and c - c sech(u)² into c tanh²."""
    if not node.is_Add:
        return None
    change = Change(node)
    for term, factor in terms_with(node, Pow):
        c, (base, power) = without_factor(term, factor), factor.as_base_exp()
        u = base.args[0] if base.args else base
        square = {
            (tanh, -2): c * csch(u) ** 2,
            (coth, 2): c * csch(u) ** 2,
            (sech, 2): -c * tanh(u) ** 2,
            (cosh, 2): c * sinh(u) ** 2,
        }.get((type(base), power))
        if square is not None and change.has(term, -c):
            change.replace((term, -c), square)
    return change.result


def hazard_and_line(node: Expr) -> Expr | None:
    """Turn c h^k (h/sqrt(pi) - u) into c h^k e, with the hazard h and the excess e at u."""
    if not node.is_Add or not node.has(hazard):
        return None
    change = Change(node)
    for term, h, _ in _hazards(node):
        for other in node.args:
            if other is term or not change.has(term, other):
                continue
            # The other term is -u times this one, over h/sqrt(pi).
            quotient = -other * h / (term * sqrt(pi))
            if not quotient.has(hazard) and expand(quotient - h.args[0]) == 0:
                change.replace((term, other), term * sqrt(pi) / h * excess(h.args[0]))
    return change.result


def _hazards(node: Expr) -> Iterator[tuple[Expr, Expr, Expr]]:
    """Yield each term with each hazard that is a factor, and its power; 0 beside 1/h."""
    for term in node.args[: 4 * MOST_PAIRED]:
        if term.has(hazard):
            yield from ((term, h, power) for h, power in _hazards_of(term))
            continue
        inverse = [
            h for other in node.args[:MOST_PAIRED] for h, power in _hazards_of(other) if power == -1
        ]
        yield from ((term, h, S.Zero) for h in inverse)


def _hazards_of(term: Expr) -> list[tuple[Expr, Expr]]:
    powers = [factor.as_base_exp() for factor in Mul.make_args(term)]
    return [(base, power) for base, power in powers if isinstance(base, hazard)]


def hazard_and_parabola(node: Expr) -> Expr | None:
    """Turn c (2 u² + 1)/h - 2 c u/sqrt(pi), the curvature of 1/h, into c r/h, r the remainder."""
    if not node.is_Add or not node.has(hazard):
        return None
    change = Change(node)
    for term, h, power in _hazards(node):
        u = h.args[0]
        for above in [factor for factor in Mul.make_args(term) if factor.is_Add and power == -1]:
            ratio = (expand(above) / expand(2 * u**2 + 1)).cancel()
            c = without_factor(term, above) * h * ratio
            for other in node.args if ratio.is_number else ():
                if change.has(term, other) and expand(other + 2 * c * u / sqrt(pi)) == 0:
                    change.replace((term, other), c * remainder(u) / h)
    return change.result


def inverse_difference(node: Expr) -> Expr | None:
    """Turn c + c/(e^u - 1) into -c/(e^-u - 1)."""
    if not node.is_Add:
        return None
    change = Change(node)
    for term, factor in terms_with(node, Pow):
        if isinstance(factor.base, expm1) and factor.exp == -1:
            c = without_factor(term, factor)
            if change.has(term, c):
                change.replace((term, c), -c / expm1(-factor.base.args[0]))
    return change.result


def difference_of_weights(node: Expr) -> Expr | None:
    """Turn c w - c v, two weights of one softmax, into c (w + v) times a hyperbolic tangent."""
    found = list(terms_with(node, softmax)) if node.is_Add else []
    if not 2 <= len(found) <= MOST_PAIRED:
        return None
    change = Change(node)
    for term, w in found:
        c = without_factor(term, w)
        for v in w.weights_of_others():
            partner = -c * v
            if not c.has(softmax) and change.has(term, partner):
                half = (w.args[0] - v.args[0]) / 2
                change.replace((term, partner), c * (w + v) * tanh(half))
    return change.result


def common_weight(node: Expr) -> Expr | None:
    """Turn c w + c w A, with a sum A of weights, into c w (1 + A), in which 1 and A cancel."""
    if not node.is_Add or len(node.args) > MOST_PAIRED:
        return None
    change = Change(node)
    for term in node.args:
        for total in Mul.make_args(term):
            if not total.is_Add or not total.has(softmax):
                continue
            rest = without_factor(term, total)
            for sign in (1, -1):
                if rest.has(softmax) and change.has(term, sign * rest):
                    change.replace((term, sign * rest), rest * (total + sign))
    return change.result


def common_power(node: Expr) -> Expr | None:
    """Turn c A/q - c into c (A - q)/q, for any power of q, if A - q is simpler than both."""
    if not node.is_Add or len(node.args) > MOST_PAIRED:
        return None
    change = Change(node)
    for term in node.args:
        for factor in Mul.make_args(term):
            q, power = factor.as_base_exp()
            if not (q.is_Add and power.is_Rational and power < 0):
                continue
            rest = without_factor(term, factor)
            for other in node.args:
                if other is not term and change.has(term, other):
                    _combine(change, (term, other), rest, (q, power))
    return change.result


def _combine(
    change: Change, terms: tuple[Expr, Expr], rest: Expr, power: tuple[Expr, Expr]
) -> None:
    """Put two terms over one power of q, if what is above cancels."""
    q, exponent = power
    c = -terms[1] * q ** (-exponent - 1)
    above = rest / c
    if not c.has(q) and _is_polynomial(above) and _is_shorter(above, q):
        change.replace(terms, c * expand(above - q) * q**exponent)


def _is_shorter(a: Expr, b: Expr) -> bool:
    terms = [len(Add.make_args(expand(each))) for each in (a, b)]
    return len(Add.make_args(expand(a - b))) < max(terms)


def _is_polynomial(above: Expr) -> bool:
    return bool(above.free_symbols) and above.is_polynomial(*above.free_symbols)
