"""Rewrites of logarithms: of products whose factors overflow though the logarithm is small.

A logarithm is split only where every factor split off is known to be positive, so that it is
defined where it was.
"""

from collections.abc import Callable

from sympy import (
    Add,
    Expr,
    Mul,
    S,
    asinh,
    cosh,
    csch,
    erfc,
    exp,
    expand,
    factorial,
    gamma,
    log,
    loggamma,
    sech,
    sinh,
    sqrt,
)
from sympy.codegen.cfunctions import expm1, log1p

from symlab.algebra.functions import logsumexp, sigmoid, softmax, softplus
from symlab.algebra.stable_functions import (
    hypot,
    lineless,
    log1mexp,
    logcosh,
    logdifference,
    logexpm1,
    logit,
    logquotient,
    logsinh,
    xlogquotient,
)
from symlab.algebra.stable_gammas import gammaquotient, loggammaquotient, realloggamma
from symlab.algebra.tails import loghalftail, logtail, tail
from symlab.engine.lowering.rewrite_tools import (
    MOST_PAIRED,
    Change,
    without_factor,
    without_factors,
)


def log_of_product(node: Expr) -> Expr | None:
    """Turn log(c f g ...) into the logarithms of its factors, where one of them gains by that."""
    if not isinstance(node, log):
        return None
    factors = Mul.make_args(node.args[0])
    known = {factor: _log_of_positive(factor) for factor in factors}
    rest = [factor for factor, value in known.items() if value is None and not _is_plain(factor)]
    numbers = Mul(*(factor for factor in factors if _is_plain(factor)))
    found = [value for value in known.values() if value is not None]
    if len(rest) == 1 and numbers.is_positive:
        # The others are positive, so this one is wherever the logarithm is real.
        value = _log_of_unknown(rest[0])
        if value is not None:
            return _add_logarithms(numbers, [*found, value])
    if len(rest) == 1 and numbers.is_negative and isinstance(rest[0], expm1):
        return _add_logarithms(-numbers, [*found, log1mexp(rest[0].args[0])])
    if not found:
        return None
    return _add_logarithms(numbers * Mul(*rest), found)


def _add_logarithms(other: Expr, logarithms: list[Expr]) -> Expr:
    """Add logarithms up; log(erfc(x)/2) is a function of its own, because it vanishes."""
    halves = [value for value in logarithms if isinstance(value, logtail)]
    if other is S.Half and halves:
        others = [value for value in logarithms if value is not halves[0]]
        return Add(loghalftail(halves[0].args[0]), *others)
    return log(other) + Add(*logarithms)


def _is_plain(factor: Expr) -> bool:
    return bool(factor.is_number and (factor.is_positive or factor.is_negative))


def _log_of_positive(factor: Expr) -> Expr | None:
    """Return the logarithm of a factor that is positive wherever it is real; None if not known."""
    base, power = factor.as_base_exp()
    if isinstance(factor, exp):
        # SymPy takes e^u for a power as well.
        return factor.args[0] if factor.args[0].is_extended_real else None
    if not power.is_extended_real:
        return None
    rule = POSITIVE.get(type(base))
    value = rule(*base.args) if rule else None
    if value is not None:
        return power * value
    return power * log(base) if power != 1 and _is_sum_of_exponentials(base) else None


def _is_sum_of_exponentials(base: Expr) -> bool:
    return base.is_Add and base.is_positive is True and base.has(exp)


def _log_of_gamma(a: Expr) -> Expr | None:
    return loggamma(a) if a.is_positive else None


def _log_of_factorial(n: Expr) -> Expr | None:
    return loggamma(n + 1) if n.is_nonnegative else None


POSITIVE: dict[type, Callable[..., Expr | None]] = {
    sigmoid: lambda z: -softplus(-z),
    softmax: lambda first, *others: -logsumexp(0, *(other - first for other in others)),
    cosh: logcosh,
    sech: lambda z: -logcosh(z),
    erfc: logtail,
    tail: logtail,
    gamma: _log_of_gamma,
    factorial: _log_of_factorial,
}
"""The logarithm of what is positive, in a form that stays in the range of floats."""

UNKNOWN: dict[type, Callable[..., Expr]] = {
    gamma: realloggamma,
    factorial: lambda n: realloggamma(n + 1),
    gammaquotient: loggammaquotient,
    sinh: logsinh,
    csch: lambda z: -logsinh(z),
    expm1: logexpm1,
}
"""The logarithm of what is positive only if that logarithm is real."""


def _log_of_unknown(factor: Expr) -> Expr | None:
    base, power = factor.as_base_exp()
    rule = UNKNOWN.get(type(base))
    odd = power.is_Integer and power % 2 == 1
    if rule is None or not odd:
        return None
    return power * rule(*base.args)


def log_of_quotient(node: Expr) -> Expr | None:
    """Turn log(p/(1 - p)) into logit(p), and log(x/y) into a function exact near x = y."""
    if not isinstance(node, log) or not node.args[0].is_Mul:
        return None
    number, product = node.args[0].as_coeff_Mul()
    above, below = product.as_numer_denom()
    if below.is_number or above.is_number or not number.is_positive:
        return None
    if number == 1 and expand(above + below) == 1:
        return logit(above)
    return logquotient(number * above, below)


def difference_of_logarithms(node: Expr) -> Expr | None:
    """Turn c log(x) - c log(y) into c logdifference(x, y), where x - y is simpler than both."""
    logarithms = _logarithms(node) if node.is_Add else []
    if len(logarithms) < 2:
        return None
    change = Change(node)
    for i, (term, c, x) in enumerate(logarithms):
        for other, d, y in logarithms[i + 1 :]:
            if c == -d and change.has(term, other) and _is_gain(x, y):
                change.replace((term, other), _log_odds(c, x, y))
    return change.result


def _logarithms(node: Expr) -> list[tuple[Expr, Expr, Expr]]:
    """Return each term that is c log(x), with c and x; too many are not compared in pairs."""
    found = []
    for term in node.args:
        for factor in Mul.make_args(term):
            if isinstance(factor, (log, log1p)):
                x = factor.args[0] + (1 if isinstance(factor, log1p) else 0)
                found.append((term, without_factor(term, factor), x))
                break
    return found if len(found) <= MOST_PAIRED else []


def _is_gain(x: Expr, y: Expr) -> bool:
    if not x.free_symbols & y.free_symbols or x.is_number or y.is_number:
        return False
    if expand(x + y) == 1:
        return True
    return len(Add.make_args(expand(x - y))) < max(map(len, map(Add.make_args, (x, y))))


def _log_odds(c: Expr, x: Expr, y: Expr) -> Expr:
    if expand(x + y) == 1:
        return c * logit(x) if len(str(x)) <= len(str(y)) else -c * logit(y)
    return c * logdifference(x, y)


def relative_entropy(node: Expr) -> Expr | None:
    """Turn x log(x/y) into a function that is 0 at x = 0."""
    if not node.is_Mul:
        return None
    for factor in node.args:
        for x, y, sign in _quotient_inside(factor):
            number, plain = x.as_coeff_Mul()
            if plain in node.args:
                return sign * without_factors(node, factor, plain) * xlogquotient(x, y) / number
    return None


def _quotient_inside(factor: Expr) -> list[tuple[Expr, Expr, int]]:
    """Return x, y and 1 for log(x/y), and y, x and -1 as well."""
    if type(factor) is logquotient:
        x, y = factor.args
        return [(x, y, 1), (y, x, -1)]
    if isinstance(factor, log):
        number, plain = factor.args[0].as_coeff_Mul()
        if number.is_positive and number != 1:
            return [(plain, 1 / number, 1)]
    return []


def log_of_root(node: Expr) -> Expr | None:
    """Turn log(x + sqrt(x² + 1)) into asinh(x), and log(hypot(1, x)) into log cosh asinh(x)."""
    if not isinstance(node, log):
        return None
    argument = node.args[0]
    if isinstance(argument, hypot) and S.One in argument.args:
        (x,) = [a for a in argument.args if a != 1] if len(argument.args) == 2 else (None,)
        # Where x² overflows, the logarithm of the length still holds.
        return None if x is None else logcosh(asinh(x))
    number, inner = argument.as_coeff_Mul()
    if number is S.NegativeOne and isinstance(inner, lineless):
        x = -inner.args[0]
        return asinh(x) if inner.args[1] in (hypot(x, S.One), sqrt(x**2 + 1)) else None
    return None


def softplus_difference(node: Expr) -> Expr | None:
    """Turn c softplus(z) - c softplus(-z) into c z."""
    if not node.is_Add:
        return None
    change = Change(node)
    for term in node.args:
        for factor in Mul.make_args(term):
            if isinstance(factor, softplus):
                c, z = without_factor(term, factor), factor.args[0]
                partner = -c * softplus(-z)
                if change.has(term, partner):
                    change.replace((term, partner), c * z)
    return change.result
