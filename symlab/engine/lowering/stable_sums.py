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
    factorial,
    log,
    loggamma,
    pi,
    polygamma,
    sech,
    sin,
    sinh,
    sqrt,
    tanh,
)
from sympy.codegen.cfunctions import expm1

from symlab.algebra.functions import softmax
from symlab.algebra.stable_functions import (
    hypot,
    lineless,
    loggammaquotient,
    polygammadifference,
    unit,
)
from symlab.algebra.stable_powers import side
from symlab.algebra.tails import excess, hazard, remainder, tail
from symlab.engine.lowering.rewriting import Change, terms_with, without_one

MOST_PAIRED = 24
"""Terms with roots up to which all pairs are compared."""


def half_angle(node: Expr) -> Expr | None:
    """Turn c - c cos(u) into 2 c sin(u/2)², and c cosh(u) - c into 2 c sinh(u/2)²."""
    if not node.is_Add:
        return None
    change = Change(node)
    for term, factor in terms_with(node, (cos, cosh)):
        c, u = without_one(term, factor), factor.args[0]
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
        c, u = without_one(term, factor), factor.args[0]
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
        c, (base, power) = without_one(term, factor), factor.as_base_exp()
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
            c = without_one(term, above) * h * ratio
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
            c = without_one(term, factor)
            if change.has(term, c):
                change.replace((term, c), -c / expm1(-factor.base.args[0]))
    return change.result


def difference_of_polygammas(node: Expr) -> Expr | None:
    """Turn c psi(a) - c psi(a + k), k a small whole number, into a rational function of a."""
    found = list(terms_with(node, (polygamma, loggamma))) if node.is_Add else []
    if not 2 <= len(found) <= MOST_PAIRED:
        return None
    change = Change(node)
    for i, (term, f) in enumerate(found):
        for other, g in found[i + 1 :]:
            alike = f.func is g.func and f.args[:-1] == g.args[:-1]
            c, gap = without_one(term, f), expand(g.args[-1] - f.args[-1])
            if alike and gap.is_number and change.has(term, other) and other == -c * g:
                value = _difference_of(f, g, gap)
                if value is not None:
                    change.replace((term, other), c * value)
    return change.result


def square_of_polygammas(node: Expr) -> Expr | None:
    """Turn c psi(a)² - 2 c psi(a) psi(b) + c psi(b)² into c (psi(a) - psi(b))²."""
    found = list(terms_with(node, Pow)) if node.is_Add and node.has(polygamma) else []
    squares = [(t, f) for t, f in found if f.exp == 2 and isinstance(f.base, polygamma)]
    change = Change(node)
    for i, (term, f) in enumerate(squares[:MOST_PAIRED]):
        for other, g in squares[i + 1 : MOST_PAIRED]:
            c = without_one(term, f)
            mixed = -2 * c * f.base * g.base
            if other == c * g and change.has(term, other, mixed):
                change.replace((term, other, mixed), c * (f.base - g.base) ** 2)
    return change.result


def _difference_of(f: Expr, g: Expr, gap: Expr) -> Expr | None:
    """Return f - g, two functions whose arguments differ by a number."""
    if gap.is_Integer and abs(gap) <= MOST_STEPS:
        return -_climb(f, int(gap)) if gap > 0 else _climb(g, -int(gap))
    a, b = f.args[-1], g.args[-1]
    if isinstance(f, loggamma):
        both = a.is_positive and b.is_positive
        return loggammaquotient(S.One, a, b) if both else None
    whole = f.args[0].is_Integer and a.is_extended_real
    return polygammadifference(f.args[0], a, b) if whole else None


MOST_STEPS = 16
"""Between two arguments, up to which the recurrence is written out (DLMF 5.5.1, 5.15.5)."""


def _climb(function: Expr, steps: int) -> Expr:
    """Return f(a + steps) - f(a)."""
    a = function.args[-1]
    if isinstance(function, loggamma):
        return Add(*(log(a + j) for j in range(steps)))
    n = function.args[0]
    return Add(*((-1) ** n * factorial(n) / (a + j) ** (n + 1) for j in range(steps)))


def difference_of_weights(node: Expr) -> Expr | None:
    """Turn c w - c v, two weights of one softmax, into c (w + v) times a hyperbolic tangent."""
    found = list(terms_with(node, softmax)) if node.is_Add else []
    if not 2 <= len(found) <= MOST_PAIRED:
        return None
    change = Change(node)
    for term, w in found:
        c = without_one(term, w)
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
            rest = without_one(term, total)
            for sign in (1, -1):
                if rest.has(softmax) and change.has(term, sign * rest):
                    change.replace((term, sign * rest), rest * (total + sign))
    return change.result


def difference_of_roots(node: Expr) -> Expr | None:
    """Turn sqrt(a) - sqrt(b), and other odd powers of the two, into (a - b) over a sum of roots."""
    roots = _roots(node) if node.is_Add else []
    if not roots:
        return None
    change = Change(node)
    for i, (term, c, a, k) in enumerate(roots):
        for other, d, b, m in [*roots[i + 1 :], (-c, -c, S.One, k)]:
            if c == -d and k == m and change.has(term, other) and _is_simpler(a, b):
                change.replace((term, other), c * _root_difference(a, b, k))
    return change.result


def _roots(node: Expr) -> list[tuple[Expr, Expr, Expr, int]]:
    """Return each term that is c a^(k/2), k odd, with c, a and k."""
    found = []
    for term in node.args:
        for factor in Mul.make_args(term):
            base, k = squared_root(factor)
            if k and not base.is_number:
                found.append((term, without_one(term, factor), base, k))
                break
    return found if len(found) <= MOST_PAIRED else []


def squared_root(factor: Expr) -> tuple[Expr, int]:
    """Return a and k for a factor a^(k/2), k odd or negative; k = 0 for any other."""
    base, power = factor.as_base_exp()
    if isinstance(base, hypot) and power.is_Integer and power % 2:
        return Add(*(argument**2 for argument in base.args)), int(power)
    doubled = 2 * power
    if power.is_Rational and doubled.is_Integer and (power < 0 or not power.is_Integer):
        return base, int(doubled)
    return base, 0


def _is_simpler(a: Expr, b: Expr) -> bool:
    """Whether a - b loses terms that a and b have in common."""
    terms = [len(Add.make_args(expand(each))) for each in (a, b)]
    return len(Add.make_args(expand(a - b))) < (sum(terms) if b != 1 else terms[0])


def _root_difference(a: Expr, b: Expr, k: int) -> Expr:
    """Return a^(k/2) - b^(k/2) by p^n - q^n = (p - q) (p^(n-1) + ... + q^(n-1))."""
    if b is S.One and k == 1:
        return -lineless(S.One, sqrt(a))
    if k % 2 == 0:
        p, q, n, gap = a, b, abs(k) // 2, expand(a - b)
    else:
        p, q, n = sqrt(a), sqrt(b), abs(k)
        gap = expand(a - b) / (p + q)
    if k > 0:
        return gap * Add(*(p ** (n - 1 - j) * q**j for j in range(n)))
    # Each power is divided by p^n q^n on its own: their product may be no float.
    return -gap * Add(*(p ** (-1 - j) * q ** (j - n) for j in range(n)))


def root_and_line(node: Expr) -> Expr | None:
    """Turn p - sqrt(q) into (p² - q)/(p + sqrt(q)) where p > 0, if p² - q is simpler."""
    roots = _roots(node) if node.is_Add else []
    if not roots:
        return None
    change = Change(node)
    for term, c, q, k in roots:
        for other in node.args:
            if other is term or k not in (1, -1) or not change.has(term, other):
                continue
            p = -other / c if k == 1 else None
            if p is not None and _is_line(p) and _is_simpler(p**2, q):
                change.replace((term, other), -c * lineless(p, sqrt(q)))
    return change.result


def _is_line(p: Expr) -> bool:
    return bool(p.free_symbols) and p.is_polynomial(*p.free_symbols)


def share_of_root(node: Expr) -> Expr | None:
    """Turn c - c p/sqrt(q) into c (q - p²)/(sqrt(q) (sqrt(q) + p)), p > 0, if q - p² is simpler."""
    roots = [entry for entry in _roots(node) if entry[3] == -1] if node.is_Add else []
    change = Change(node) if roots else None
    for term, c, q, _ in roots:
        for p in [factor for factor in Mul.make_args(c) if _is_line(factor)]:
            number = without_one(c, p)
            if change and change.has(term, -number) and _is_simpler(p**2, q):
                change.replace((term, -number), number * lineless(p, sqrt(q)) / sqrt(q))
    return change.result if change else None


def share_of_length_and_one(node: Expr) -> Expr | None:
    """Turn c - c x/hypot(x, y) into -c (x - hypot(x, y))/hypot(x, y), which loses no digits."""
    if not node.is_Add:
        return None
    change = Change(node)
    for term, share in terms_with(node, unit):
        c = without_one(term, share)
        for sign in (1, -1):
            if change.has(term, sign * c):
                p = -sign * share.args[0]
                root = hypot(*share.args)
                change.replace((term, sign * c), -sign * c * lineless(p, root) / root)
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
            rest = without_one(term, factor)
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


def length(node: Expr) -> Expr | None:
    """Turn sqrt(x² + y² + ...) into hypot(x, y, ...), and its powers likewise."""
    if not node.is_Pow or not node.exp.is_Rational or node.exp.q != 2 or not node.base.is_Add:
        return None
    sides = [side(term) for term in node.base.args]
    if any(side is None for side in sides) or len(sides) > MOST_SIDES:
        return None
    return hypot(*sides) ** node.exp.p


MOST_SIDES = 16
"""Squares beyond which a sum of them is left as it is."""
