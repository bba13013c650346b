"""Rewrites of weights: products that are a sigmoid, a softmax or a hyperbolic tangent."""

from collections.abc import Callable, Iterator

from sympy import Add, Expr, Mul, S, cosh, exp, sinh, tanh
from sympy.codegen.cfunctions import expm1

from symlab.algebra.functions import sigmoid, softmax
from symlab.engine.lowering.exponentials import exponentials, full_exponents
from symlab.engine.lowering.rewrite_tools import without_factors


def power_of_one_plus_exponential(node: Expr) -> Expr | None:
    """Turn (c + c e^z)^-m into c^-m sigmoid(-z)^m, and of more exponentials into a softmax."""
    if not node.is_Pow or not node.exp.is_negative:
        return None
    terms = exponentials(node.base)
    constant = next((term for term in terms or () if term.exponent == 0), None)
    if terms is None or constant is None:
        return None
    others = [term for term in terms if term is not constant]
    if len(others) == 1 and others[0].number != constant.number:
        # As it stands it is finite and exact; a shift of z by a logarithm would be rounded.
        return None
    weight = softmax(*full_exponents([constant, *others]))
    return constant.number**node.exp * weight**-node.exp


def share_of_curve(node: Expr) -> Expr | None:
    """Turn e^w sigmoid(-z)^m into e^(w - jz) sigmoid(z)^j sigmoid(-z)^(m - j), j up to m."""
    for w, factors, power in _quotients(node, lambda base: isinstance(base, (sigmoid, softmax))):
        curve, most = power.as_base_exp()
        for z, partner in _partners(curve):
            count = _contained(w, z, most)
            if count:
                shares = partner**count * curve ** (most - count)
                return without_factors(node, *factors, power) * exp(w - count * z) * shares
    return None


def _partners(curve: Expr) -> list[tuple[Expr, Expr]]:
    """Return each z and weight for which e^z times the curve is that weight."""
    if isinstance(curve, sigmoid):
        return [(-curve.args[0], sigmoid(-curve.args[0]))]
    differences = [other - curve.args[0] for other in curve.args[1:]]
    return list(zip(differences, curve.weights_of_others(), strict=True))


def share_of_many(node: Expr) -> Expr | None:
    """Turn e^u (e^u + e^v + ...)^-m into softmax(u, v, ...) (e^u + e^v + ...)^(1 - m)."""
    for w, factors, power in _quotients(node, lambda base: exponentials(base) is not None):
        total, exponent = power.as_base_exp()
        most = -exponent
        if not most.is_positive:
            continue
        terms = exponentials(total) or []
        for i, term in enumerate(terms):
            count = _contained(w, term.exponent, most)
            if count:
                share = softmax(*full_exponents([term, *terms[:i], *terms[i + 1 :]])) / term.number
                rest = exp(w - count * term.exponent) * total ** (count - most)
                return without_factors(node, *factors, power) * rest * share**count
    return None


def _quotients(
    node: Expr, is_total: Callable[[Expr], bool]
) -> Iterator[tuple[Expr, tuple[Expr, ...], Expr]]:
    """Yield each e^w among the factors, and their product, with each power of a total.

    It is given as w and as the factors that make it up.
    """
    if not node.is_Mul:
        return
    exponentials = tuple(factor for factor in node.args if isinstance(factor, exp))
    if not exponentials:
        return
    parts = [(factor.args[0], (factor,)) for factor in exponentials]
    if len(exponentials) > 1:
        parts.append((Add(*(factor.args[0] for factor in exponentials)), exponentials))
    powers = [factor for factor in node.args if is_total(factor.as_base_exp()[0])]
    yield from ((w, factors, power) for w, factors in parts for power in powers)


def share_of_sum(node: Expr) -> Expr | None:
    """Distribute a sum of exponentials over a weight, where each becomes a weight by that."""
    if not node.is_Mul:
        return None
    totals = [factor for factor in node.args if _is_sum(factor)]
    powers = [factor for factor in node.args if _is_weight(factor)]
    for factor in totals:
        total, many = factor.as_base_exp()
        for power in powers:
            weight, most = power.as_base_exp()
            if many != 1 and (most - many).is_nonnegative is not True:
                continue
            unit = power if many == 1 else weight
            shares = [_share(term * unit) for term in total.args]
            if None not in shares:
                rest = S.One if many == 1 else weight ** (most - many)
                return without_factors(node, factor, power) * Add(*shares) ** many * rest
    return None


def _is_sum(factor: Expr) -> bool:
    """Whether a factor is a sum of exponentials among others, or a whole power of one."""
    base, power = factor.as_base_exp()
    return bool(base.is_Add and power.is_Integer and power > 0 and base.has(exp))


def _is_weight(factor: Expr) -> bool:
    base, power = factor.as_base_exp()
    return isinstance(base, (sigmoid, softmax)) or (
        power.is_negative is True and exponentials(base) is not None
    )


def _share(product: Expr) -> Expr | None:
    if not any(isinstance(factor, exp) for factor in Mul.make_args(product)):
        return product
    return share_of_curve(product) or share_of_many(product)


def _contained(w: Expr, z: Expr, most: Expr) -> Expr:
    """Return how often z, up to its constant, is contained in w: a number from 0 to `most`."""
    if not most.is_Rational or not most.is_positive:
        return S.Zero
    parts, whole = (z - z.as_coeff_Add()[0]).as_coefficients_dict(), w.as_coefficients_dict()
    ratios = [whole[part] / number for part, number in parts.items() if number]
    if not ratios or not all(ratio.is_Rational and ratio > 0 for ratio in ratios):
        return S.Zero
    count = min(*ratios, most)
    # Half a time would make a root of a weight, of which nothing may be left.
    return count - count % 1 if most.is_Integer else count


def hyperbolic_tangent(node: Expr) -> Expr | None:
    """Turn (e^z - e^-z)/(e^z + e^-z) into tanh(z), and (e^z - 1)/(e^z + 1) into tanh(z/2)."""
    for odd, other in _odd_quotients(node):
        base, power = other.as_base_exp()
        quotient = _over(odd, base, power)
        if quotient is not None:
            unit = base**-1 if power.is_negative else base
            odd_power = next(f for f in node.args if f.as_base_exp()[0] == odd)
            rest = without_factors(node, odd_power, other) * (odd_power / odd) * (other / unit)
            return rest * quotient
    return None


def _odd_quotients(node: Expr) -> Iterator[tuple[Expr, Expr]]:
    """Yield each sinh(u) or expm1(u) that is a factor, with each other factor."""
    if not node.is_Mul:
        return
    for factor in node.args:
        base, power = factor.as_base_exp()
        if isinstance(base, (sinh, expm1)) and power.is_Integer and power > 0:
            yield from ((base, other) for other in node.args if other is not factor)


def _over(odd: Expr, base: Expr, power: Expr) -> Expr | None:
    """Return sinh(u)/(c e^u + c e^-u), or either times a weight, by a hyperbolic tangent."""
    u = odd.args[0]
    if isinstance(base, (sigmoid, softmax)) and power.is_positive:
        # The difference of two weights is their sum times a hyperbolic tangent.
        weights = {S.Zero: base, **dict(_partners(base))}
        first, second = (u, -u) if isinstance(odd, sinh) else (u, S.Zero)
        if first not in weights or second not in weights:
            return None
        total = _sum_of_weights(weights[first], weights[second])
        return total * (tanh(u) / 2 if isinstance(odd, sinh) else tanh(u / 2))
    if not isinstance(odd, sinh) or not power.is_negative:
        return None
    if isinstance(base, cosh):
        return tanh(u) if base.args[0] == u else None
    terms = exponentials(base) or []
    if {term.exponent for term in terms} != {u, -u} or terms[0].number != terms[1].number:
        return None
    return tanh(u) / (2 * terms[0].number)


def _sum_of_weights(first: Expr, second: Expr) -> Expr:
    return S.One if isinstance(first, sigmoid) else first + second
