"""Rewrites of gamma functions: quotients of them that overflow, polygammas that cancel."""

from sympy import (
    Add,
    Expr,
    Mul,
    Pow,
    S,
    beta,
    binomial,
    expand,
    factorial,
    gamma,
    log,
    loggamma,
    polygamma,
)

from symlab.algebra.stable_gammas import gammaquotient, loggammaquotient, polygammadifference
from symlab.engine.lowering.rewrite_tools import (
    MOST_PAIRED,
    Change,
    terms_with,
    without_factor,
    without_factors,
)


def gamma_quotient(node: Expr) -> Expr | None:
    """Turn a quotient of gamma functions of real numbers into one function."""
    if not node.is_Mul:
        return _expand_beta(node)
    above: list[Expr] = []
    below: list[Expr] = []
    used: list[Expr] = []
    for factor in node.args:
        base, power = factor.as_base_exp()
        for sign, argument in _gamma_arguments(base):
            if power.is_Integer and abs(power) <= MOST_GAMMAS:
                used.append(factor)
                count = sign * int(power)
                (above if count > 0 else below).extend([argument] * abs(count))
    if not above or not below or len(set(used)) < 2:
        return None
    return without_factors(node, *used) * _quotient_of_gammas(above, below)


def distribute_gamma(node: Expr) -> Expr | None:
    """Distribute 1/gamma(b) over a sum, each term of which becomes a quotient by that."""
    if not node.is_Mul:
        return None
    for factor in node.args:
        base, power = factor.as_base_exp()
        if _gamma_argument(base) is None or not (power.is_Integer and power < 0):
            continue
        for total in [other for other in node.args if other.is_Add]:
            shares = [gamma_quotient(term * factor) for term in total.args]
            if None not in shares:
                return without_factors(node, total, factor) * Add(*shares)
    return None


def _quotient_of_gammas(above: list[Expr], below: list[Expr]) -> Expr:
    """Return the quotient; those that differ by a small whole number make a rational function."""
    above, below, rational = list(above), list(below), S.One
    for a in list(above):
        for b in below:
            steps = expand(a - b)
            if steps.is_Integer and abs(steps) <= MOST_STEPS:
                above.remove(a)
                below.remove(b)
                rational *= Mul(*(b + j for j in range(int(steps))))
                rational /= Mul(*(a + j for j in range(int(-steps))))
                break
    if above and below:
        return rational * gammaquotient(S(len(above)), *above, *below)
    return rational * Mul(*map(gamma, above)) / Mul(*map(gamma, below))


MOST_STEPS = 16
"""Between two arguments, up to which the recurrence is written out (DLMF 5.5.1, 5.15.5)."""


MOST_GAMMAS = 4
"""The largest power of a gamma function that is taken into a quotient."""


def _gamma_argument(base: Expr) -> Expr | None:
    """Return a, if the base is the gamma function of a real number a."""
    shift = {gamma: 0, factorial: 1}.get(type(base))
    argument = None if shift is None else base.args[0] + shift
    return argument if argument is not None and argument.is_extended_real else None


def _gamma_arguments(base: Expr) -> list[tuple[int, Expr]]:
    """Return the arguments of a gamma function or quotient of some, with 1 above and -1 below."""
    if type(base) is gammaquotient:
        return base.signed()
    argument = _gamma_argument(base)
    return [] if argument is None else [(1, argument)]


def _expand_beta(node: Expr) -> Expr | None:
    if not isinstance(node, (beta, binomial)):
        return None
    a, b = node.args
    if isinstance(node, beta):
        above, below = [a, b], [a + b]
    else:
        above, below = [a + 1], [b + 1, a - b + 1]
    if not all(argument.is_positive for argument in (*above, *below)):
        return None
    return _quotient_of_gammas(above, below)


def difference_of_polygammas(node: Expr) -> Expr | None:
    """Turn c psi(a) - c psi(a + k), k a small whole number, into a rational function of a."""
    found = list(terms_with(node, (polygamma, loggamma))) if node.is_Add else []
    if not 2 <= len(found) <= MOST_PAIRED:
        return None
    change = Change(node)
    for i, (term, f) in enumerate(found):
        for other, g in found[i + 1 :]:
            alike = f.func is g.func and f.args[:-1] == g.args[:-1]
            c, gap = without_factor(term, f), expand(g.args[-1] - f.args[-1])
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
            c = without_factor(term, f)
            mixed = -2 * c * f.base * g.base
            if other == c * g and change.has(term, other, mixed):
                change.replace((term, other, mixed), c * (f.base - g.base) ** 2)
    return change.result


def _difference_of(f: Expr, g: Expr, gap: Expr) -> Expr | None:
    """Return f - g, two functions whose arguments differ by a number."""
    if gap.is_Integer and abs(gap) <= MOST_STEPS:
        return -_sum_recurrence(f, int(gap)) if gap > 0 else _sum_recurrence(g, -int(gap))
    a, b = f.args[-1], g.args[-1]
    if isinstance(f, loggamma):
        both = a.is_positive and b.is_positive
        return loggammaquotient(S.One, a, b) if both else None
    whole = f.args[0].is_Integer and a.is_extended_real
    return polygammadifference(f.args[0], a, b) if whole else None


def _sum_recurrence(function: Expr, steps: int) -> Expr:
    """Return f(a + steps) - f(a)."""
    a = function.args[-1]
    if isinstance(function, loggamma):
        return Add(*(log(a + j) for j in range(steps)))
    n = function.args[0]
    return Add(*((-1) ** n * factorial(n) / (a + j) ** (n + 1) for j in range(steps)))
