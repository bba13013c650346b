"""Rewrites of powers that leave the range of floats before their logarithm or quotient does."""

from sympy import Abs, Add, Expr, S, exp, log

from symlab.algebra.stable_powers import logpower, logpowers, powershare, real_root
from symlab.engine.lowering.rewrite_tools import Change, terms_with, without_factor, without_factors

MOST_TERMS = 16
"""Terms of a sum of powers, beyond which it is left as it is."""


def _has_even_powers(total: Expr) -> bool:
    """Whether a sum consists of positive multiples of even powers, so that nothing cancels."""
    return (
        total.is_Add
        and len(total.args) <= MOST_TERMS
        and not total.has(exp)
        and all(real_root(term) is not None for term in total.args)
    )


def log_of_powers(node: Expr) -> Expr | None:
    """Turn log(c + x² + y⁴ + ...) into one function; every term is positive or 0."""
    if not isinstance(node, log) or not _has_even_powers(node.args[0]):
        return None
    return logpowers(*node.args[0].args)


def log_of_power(node: Expr) -> Expr | None:
    """Turn log(c x^a) into log(c) + a log(x), with |x| if a is even, where it is real just there.

    The power of a negative x is real and positive only where a is an even whole number; a that is
    no number is left to a function that looks.
    """
    if not isinstance(node, log):
        return None
    number, power = node.args[0].as_coeff_Mul()
    x, a = power.as_base_exp()
    if not number.is_positive or a == 1 or x.is_number or isinstance(power, exp):
        return None
    if not (a.is_extended_real and x.is_extended_real):
        return None
    return log(number) + _log_of_power(x, a)


def _log_of_power(x: Expr, a: Expr) -> Expr:
    if a.is_even and not x.is_nonnegative:
        return a * log(Abs(x))
    if a.is_Rational or x.is_positive:
        return a * log(x)
    return logpower(x, a)


def share_of_powers(node: Expr) -> Expr | None:
    """Turn x^p (c + x^k)^-m into shares x^q/(c + x^k), each in range where its parts are not."""
    for factor in node.args if node.is_Mul else ():
        total, power = factor.as_base_exp()
        if not (power.is_Integer and power < 0 and _has_even_powers(total)):
            continue
        symbols = total.free_symbols
        if len(symbols) == 1 and total.is_polynomial(*symbols):
            value = _take_powers(node, factor, *symbols)
            if value is not None:
                return value
    return None


def _take_powers(node: Expr, factor: Expr, x: Expr) -> Expr | None:
    """Return a product with the first power of x in it, or sum of odd ones, taken into shares."""
    total, power = factor.as_base_exp()
    for other in node.args:
        if other.is_Add and power == -1 and _is_of_one_sign(other, x):
            return without_factors(node, factor, other) * Add(
                *(each / total for each in other.args)
            )
        base, many = other.as_base_exp()
        if base == x and many.is_Integer and many > 0:
            return without_factors(node, factor, other) * _spread_shares(
                x, int(many), total, -int(power)
            )
    return None


def _is_of_one_sign(total: Expr, x: Expr) -> bool:
    """Whether a sum consists of odd powers of x whose coefficients have one sign."""
    coefficients = [term.as_coeff_exponent(x) for term in total.args]
    odd = all(c.is_number and p.is_odd and p.is_positive for c, p in coefficients)
    return odd and len({c.is_positive for c, _ in coefficients}) == 1


def _spread_shares(x: Expr, many: int, total: Expr, count: int) -> Expr:
    """Spread x^many over the quotients, none of which grows at infinity."""
    degree = max(int(term.as_coeff_exponent(x)[1]) for term in Add.make_args(total))
    used = min(many, degree * count)
    each, over = divmod(used, count)
    low = powershare(x**each, *total.args) if each else 1 / total
    high = powershare(x ** (each + 1), *total.args) if over else S.One
    return x ** (many - used) * low ** (count - over) * high**over


def complement_of_share(node: Expr) -> Expr | None:
    """Turn c - c x²/(x² + b) into c b/(x² + b)."""
    if not node.is_Add:
        return None
    change = Change(node)
    for term, share in terms_with(node, powershare):
        c, above, terms = without_factor(term, share), share.args[0], share.args[1:]
        for part in terms:
            ratio = part / above
            if ratio.is_number and change.has(term, -c / ratio):
                others = Add(*(each / Add(*terms) for each in terms if each != part))
                change.replace((term, -c / ratio), -c / ratio * others)
    return change.result
