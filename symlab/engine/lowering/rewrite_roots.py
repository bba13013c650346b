"""Rewrites of square roots: differences of them that cancel, and squares that overflow."""

from sympy import (
    Add,
    Expr,
    Mul,
    S,
    expand,
    sqrt,
)

from symlab.algebra.stable_functions import (
    hypot,
    lineless,
    unit,
)
from symlab.algebra.stable_powers import real_root
from symlab.engine.lowering.rewrite_tools import MOST_PAIRED, Change, terms_with, without_factor


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
                found.append((term, without_factor(term, factor), base, k))
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
            number = without_factor(c, p)
            if change and change.has(term, -number) and _is_simpler(p**2, q):
                change.replace((term, -number), number * lineless(p, sqrt(q)) / sqrt(q))
    return change.result if change else None


def share_of_length_and_one(node: Expr) -> Expr | None:
    """Turn c - c x/hypot(x, y) into -c (x - hypot(x, y))/hypot(x, y), which loses no digits."""
    if not node.is_Add:
        return None
    change = Change(node)
    for term, share in terms_with(node, unit):
        c = without_factor(term, share)
        for sign in (1, -1):
            if change.has(term, sign * c):
                p = -sign * share.args[0]
                root = hypot(*share.args)
                change.replace((term, sign * c), -sign * c * lineless(p, root) / root)
    return change.result


def length(node: Expr) -> Expr | None:
    """Turn sqrt(x² + y² + ...) into hypot(x, y, ...), and its powers likewise."""
    if not node.is_Pow or not node.exp.is_Rational or node.exp.q != 2 or not node.base.is_Add:
        return None
    sides = [real_root(term) for term in node.base.args]
    if any(side is None for side in sides) or len(sides) > MOST_SIDES:
        return None
    return hypot(*sides) ** node.exp.p


MOST_SIDES = 16
"""Squares beyond which a sum of them is left as it is."""
