"""Rewrites of products and quotients whose factors overflow or vanish where the whole does not."""

from collections.abc import Iterator

from sympy import (
    Abs,
    Add,
    Expr,
    Float,
    Mul,
    Rational,
    S,
    cosh,
    csch,
    erfc,
    exp,
    expand,
    sech,
    sinh,
    tanh,
)
from sympy.codegen.cfunctions import expm1

from symlab.algebra.functions import sigmoid, softmax
from symlab.algebra.stable_functions import hypot, scaled, unit
from symlab.algebra.tails import hazard, tail
from symlab.engine.lowering.exponentials import exponentials, full_exponents
from symlab.engine.lowering.rewrite_roots import length
from symlab.engine.lowering.rewrite_tools import without_factors

HALF = Rational(1, 2)

RANGE = (Float("2.2250738585072014e-308"), Float("1.7976931348623157e308"))


def merge_exponentials(node: Expr) -> Expr | None:
    """Turn e^(u + v) e^(-u) into e^v, where the exponents have terms in common."""
    if not node.is_Mul:
        return None
    found = [factor for factor in node.args if isinstance(factor, exp)]
    if len(found) < 2:
        return None
    together = Add(*(factor.args[0] for factor in found))
    apart = sum(len(Add.make_args(factor.args[0])) for factor in found)
    if len(Add.make_args(together)) >= apart:
        return None
    return without_factors(node, *found) * exp(together)


def distribute_tail(node: Expr) -> Expr | None:
    """Distribute exp(-u²) or 1/erfc(u) over a sum, where each term becomes a hazard by that."""
    if not node.is_Mul:
        return None
    for total in [factor for factor in node.args if factor.is_Add]:
        for factor in node.args:
            base, power = factor.as_base_exp()
            is_tail = isinstance(base, (erfc, tail)) and power.is_Integer and power < 0
            if not (is_tail or isinstance(factor, exp)):
                continue
            part = 1 / base if is_tail else factor
            shares = [mills_ratio(term * part) for term in total.args]
            if None not in shares:
                return without_factors(node, total, factor) * Add(*shares) * (factor / part)
    return None


def reciprocal_hyperbolic(node: Expr) -> Expr | None:
    """Turn cosh(u)^-m into sech(u)^m, and sinh(u)^-m into csch(u)^m."""
    if not node.is_Pow or not node.exp.is_negative:
        return None
    partner = {cosh: sech, sinh: csch}.get(type(node.base))
    return partner(node.base.args[0]) ** -node.exp if partner else None


def hyperbolic_sum(node: Expr) -> Expr | None:
    """Turn c e^u + c e^-u beside csch(u) into 2 c cosh(u)."""
    if not node.is_Mul:
        return None
    for factor in node.args:
        base, power = factor.as_base_exp()
        if not (isinstance(base, csch) or (isinstance(base, sinh) and power.is_negative)):
            continue
        u = base.args[0]
        for other in node.args:
            total, many = other.as_base_exp()
            terms = exponentials(total) or []
            if len(terms) == 2 and {term.exponent for term in terms} == {u, -u}:
                number = terms[0].number
                if number == terms[1].number and many.is_Integer and many > 0:
                    rest = without_factors(node, other, factor) * (2 * number * cosh(u)) ** many
                    return rest * (csch(u) ** -power if isinstance(base, sinh) else factor)
    return None


def hyperbolic_quotient(node: Expr) -> Expr | None:
    """Turn sinh(u) sech(u) into tanh(u), and cosh(a) sech(b) and e^a sech(b) by e^(|a| - |b|)."""
    if not node.is_Mul:
        return None
    for factor, base, power in _powers(node, (sech, csch)):
        for other, partner, many in _powers(node, (sinh, cosh, exp)):
            if isinstance(partner, exp):
                value = _exponential_share(base, power, partner.args[0])
                if value is not None:
                    return without_factors(node, factor, other) * value
                continue
            count = min(power, many)
            value = _hyperbolic_share(base, partner)
            rest = base ** (power - count) * partner ** (many - count)
            return without_factors(node, factor, other) * rest * value**count
    return None


def _powers(node: Expr, kinds: tuple[type, ...]) -> Iterator[tuple[Expr, Expr, Expr]]:
    """Yield each factor that is a positive power of a kind, with base and exponent."""
    for factor in node.args:
        if isinstance(factor, exp):
            if exp in kinds:
                yield factor, factor, S.One
            continue
        base, power = factor.as_base_exp()
        if isinstance(base, kinds) and power.is_Rational and power > 0:
            yield factor, base, power


def _hyperbolic_share(below: Expr, above: Expr) -> Expr:
    """Return above times below: of one argument a tangent, of two what their growth leaves."""
    a, b = above.args[0], below.args[0]
    if a == b:
        same = (isinstance(above, sinh), isinstance(below, csch))
        return {
            (True, True): S.One,
            (False, False): S.One,
            (True, False): tanh(a),
            (False, True): 1 / tanh(a),
        }[same]
    growth = exp(Abs(a) - Abs(b)) * (1 + exp(-2 * Abs(a))) * sigmoid(2 * Abs(b))
    upper = tanh(a) if isinstance(above, sinh) else S.One
    return growth * upper / (tanh(b) if isinstance(below, csch) else S.One)


def _exponential_share(below: Expr, power: Expr, w: Expr) -> Expr | None:
    """Return e^w sech(b)^m, where e^w is e^(±k b) at least in part."""
    b = below.args[0]
    count = next(
        (k for k in (count_contained(w, b, power), -count_contained(w, -b, power)) if k), S.Zero
    )
    if not count:
        return None
    z = 2 * b if count > 0 else -2 * b
    share = 2 * sigmoid(z)
    if isinstance(below, csch):
        share = share / tanh(b)
    used = abs(count)
    if not used.is_Integer:
        return None
    return exp(w - count * b) * share**used * below ** (power - used)


def count_contained(w: Expr, z: Expr, most: Expr) -> Expr:
    """Return how often z is contained in w, term by term: a number from 0 to `most`."""
    parts, whole = expand(z).as_coefficients_dict(), expand(w).as_coefficients_dict()
    ratios = [whole[part] / number for part, number in parts.items() if number]
    if not ratios or not all(ratio.is_Rational and ratio > 0 for ratio in ratios):
        return S.Zero
    return min(*ratios, most)


def exponential_over_difference(node: Expr) -> Expr | None:
    """Turn e^u/(e^u - 1) into -1/(e^-u - 1)."""
    if not node.is_Mul:
        return None
    for factor in node.args:
        base, power = factor.as_base_exp()
        if not (isinstance(base, expm1) and power.is_Integer and power < 0):
            continue
        u = base.args[0]
        for growth in [other for other in node.args if isinstance(other, exp)]:
            count = count_contained(growth.args[0], u, -power)
            if count.is_Integer and count > 0:
                rest = exp(growth.args[0] - count * u) * base ** (power + count)
                return without_factors(node, factor, growth) * rest * (-1 / expm1(-u)) ** count
    return None


def mills_ratio(node: Expr) -> Expr | None:
    """Turn exp(-u²)/erfc(u) into the hazard of u, and exp(u²) erfc(u) into its inverse."""
    if not node.is_Mul:
        return None
    for factor in node.args:
        base, power = factor.as_base_exp()
        if not isinstance(base, (erfc, tail)) or not power.is_Integer:
            continue
        u, sign = base.args[0], 1 if power > 0 else -1
        for growth in [other for other in node.args if isinstance(other, exp)]:
            w = growth.args[0]
            count = count_contained(w, sign * u**2, abs(power))
            if count.is_Integer and count > 0:
                left = expand(w) - count * sign * expand(u**2)
                rest = exp(left) * base ** (power - sign * count)
                return without_factors(node, factor, growth) * rest * hazard(u) ** (-sign * count)
    return None


def inverse_share(node: Expr) -> Expr | None:
    """Turn e^-u (e^u + e^v + ...) into 1/softmax(u, v, ...), as slopes of logarithms have it."""
    if not node.is_Mul:
        return None
    for growth in [factor for factor in node.args if isinstance(factor, exp)]:
        for factor in node.args:
            total, power = factor.as_base_exp()
            terms = exponentials(total) if power.is_Integer and power > 0 else None
            for i, term in enumerate(terms or ()):
                count = (
                    count_contained(growth.args[0], -term.exponent, power)
                    if term.exponent
                    else S.Zero
                )
                if terms and count.is_Integer and count > 0:
                    share = (
                        softmax(*full_exponents([term, *terms[:i], *terms[i + 1 :]])) / term.number
                    )
                    rest = exp(growth.args[0] + count * term.exponent) * total ** (power - count)
                    return without_factors(node, growth, factor) * rest * share**-count
    return None


def cancel_weight(node: Expr) -> Expr | None:
    """Divide a sum by a weight that each of its terms has as a factor."""
    if not node.is_Mul:
        return None
    for factor in node.args:
        weight, power = factor.as_base_exp()
        if not isinstance(weight, (softmax, sigmoid)) or not power.is_negative:
            continue
        for total in [other for other in node.args if other.is_Add]:
            if all(_has_factor(term, weight) for term in total.args):
                quotient = Add(*(term / weight for term in total.args))
                return without_factors(node, factor, total) * quotient * weight ** (power + 1)
    return None


def _has_factor(term: Expr, weight: Expr) -> bool:
    for factor in Mul.make_args(term):
        base, power = factor.as_base_exp()
        if base == weight and power.is_number and power >= 1:
            return True
    return False


def share_of_length(node: Expr) -> Expr | None:
    """Turn x/hypot(x, y) into unit(x, y), and its powers likewise."""
    if not node.is_Mul:
        return None
    for factor in node.args:
        base, power = factor.as_base_exp()
        if not (power.is_Integer and power < 0):
            continue
        if base.is_Add:
            root = length(base**HALF)
            if root is not None and (node.has(hypot, unit) or _is_beside_a_side(node, root)):
                return without_factors(node, factor) * root ** (2 * power)
            continue
        value = _divide_by_length(node, base, power) if isinstance(base, hypot) else None
        if value is not None:
            return without_factors(node, factor) * value
    return None


def _is_beside_a_side(node: Expr, root: Expr) -> bool:
    """Whether a side of a length in several directions, or of a sum, is a factor as well."""
    plain = [side.as_coeff_Mul()[1].as_base_exp()[0] for side in root.args if not side.is_number]
    if len(set(plain)) == 1 and plain[0].is_Symbol:
        return False
    return _divide_by_length(node, root, S.NegativeOne) is not None


def _divide_by_length(node: Expr, root: Expr, power: Expr) -> Expr | None:
    """Return what a power of a length becomes beside a power of one of its sides."""
    for side in root.args:
        number, plain = side.as_coeff_Mul()
        root_base, degree = plain.as_base_exp()
        for other in node.args:
            x, many = other.as_base_exp()
            content, x = x.as_content_primitive() if x.is_Add else (S.One, x)
            if x == root_base and degree.is_Integer and many.is_Integer and many >= degree > 0:
                count = min(many // degree, -power)
                others = list(root.args)
                others.remove(side)
                share = unit(side, *others) / number
                rest = content**many * x ** (many - count * degree) / other
                return rest * root ** (power + count) * share**count
    return None


def beyond_range(node: Expr) -> Expr | None:
    """Turn c z, with c beyond the range of floats, into a product that is scaled in steps."""
    if not node.is_Mul:
        return None
    number, rest = node.as_coeff_Mul()
    if not number.is_finite or not number or RANGE[0] <= abs(number) <= RANGE[1]:
        return None
    for factor in Mul.make_args(rest):
        if isinstance(factor, exp):
            root = exp(factor.args[0] / 2)
            return (
                Mul(*(f for f in Mul.make_args(rest) if f != factor)) * scaled(number, root) * root
            )
    return scaled(number, rest)
