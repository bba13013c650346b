"""The table of rewrites that keep the digits: each an identity of real numbers.

A rewrite looks at one node of an expression, whose arguments are stable already, and returns what
to put in its place, or None. How they are applied, and shown, is in `stable`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sympy import Add, Expr, Mul, Piecewise, Rational, S, cosh, exp, log, sinh, tanh
from sympy.codegen.cfunctions import expm1, log1p
from sympy.core.relational import Relational

from symlab.algebra.functions import hinge, logsumexp, relu, sigmoid, softmax, softplus, xlogx
from symlab.engine.lowering import removable
from symlab.engine.lowering import stable_angles as angles
from symlab.engine.lowering import stable_logs as logs
from symlab.engine.lowering import stable_powers as powers
from symlab.engine.lowering import stable_quotients as quotients
from symlab.engine.lowering import stable_sums as sums
from symlab.engine.lowering.exponentials import exponentials, shifted
from symlab.engine.lowering.rewriting import Change, terms_with, without, without_one
from symlab.engine.lowering.saturation import curve_polynomial, variance_of_weights


@dataclass(frozen=True)
class Rewrite:
    """An identity: its name, why floats need it, and what it makes of a node (None: nothing)."""

    name: str
    reason: str
    apply: Callable[[Expr], Expr | None]


def _power_of_one_plus_exponential(node: Expr) -> Expr | None:
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
    weight = softmax(*shifted([constant, *others]))
    return constant.number**node.exp * weight**-node.exp


def _share_of_curve(node: Expr) -> Expr | None:
    """Turn e^w sigmoid(-z)^m into e^(w - jz) sigmoid(z)^j sigmoid(-z)^(m - j), j up to m."""
    for w, factors, power in _quotients(node, lambda base: isinstance(base, (sigmoid, softmax))):
        curve, most = power.as_base_exp()
        for z, partner in _partners(curve):
            count = _contained(w, z, most)
            if count:
                shares = partner**count * curve ** (most - count)
                return without(node, *factors, power) * exp(w - count * z) * shares
    return None


def _partners(curve: Expr) -> list[tuple[Expr, Expr]]:
    """Return each z and weight for which e^z times the curve is that weight."""
    if isinstance(curve, sigmoid):
        return [(-curve.args[0], sigmoid(-curve.args[0]))]
    differences = [other - curve.args[0] for other in curve.args[1:]]
    return list(zip(differences, curve.weights_of_others(), strict=True))


def _share_of_many(node: Expr) -> Expr | None:
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
                share = softmax(*shifted([term, *terms[:i], *terms[i + 1 :]])) / term.number
                rest = exp(w - count * term.exponent) * total ** (count - most)
                return without(node, *factors, power) * rest * share**count
    return None


def _quotients(
    node: Expr, is_total: Callable[[Expr], bool]
) -> Iterator[tuple[Expr, tuple[Expr, ...], Expr]]:
    """Yield each e^w among the factors, and their product, with each power of a base asked for.

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


def _share_of_sum(node: Expr) -> Expr | None:
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
                return without(node, factor, power) * Add(*shares) ** many * rest
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
    return _share_of_curve(product) or _share_of_many(product)


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


def _log_of_sum(node: Expr) -> Expr | None:
    """Turn log(1 + e^z) into softplus(z), and log(e^u + e^v + ...) into logsumexp(u, v, ...)."""
    terms = exponentials(node.args[0]) if isinstance(node, log) else None
    if terms is None:
        return None
    constants = [term.number for term in terms if term.exponent == 0]
    if len(terms) == 2 and constants:
        (other,) = (term for term in terms if term.exponent != 0)
        return log(constants[0]) + _weighted(other.number / constants[0], other.exponent)
    return logsumexp(*shifted(terms))


def _weighted(c: Expr, z: Expr) -> Expr:
    """Return log(1 + c e^z) without the rounding error of z + log(c) where e^z is small."""
    if c < Rational(1, 2):
        # Here the two terms would cancel.
        return softplus(z + log(c))
    return softplus(z) + log1p((c - 1) * sigmoid(z)) if c != 1 else softplus(z)


def _log1p(node: Expr) -> Expr | None:
    """Turn log(1 + u) into log1p(u)."""
    if not isinstance(node, log) or not node.args[0].is_Add:
        return None
    constant, rest = node.args[0].as_coeff_Add()
    return log1p(rest) if constant == 1 else None


def _xlogx(node: Expr) -> Expr | None:
    """Turn x^m log(x), for m >= 1, into x^(m - 1) xlogx(x)."""
    if not node.is_Mul:
        return None
    for factor in node.args:
        if not isinstance(factor, (log, log1p)):
            continue
        x = factor.args[0] + (1 if isinstance(factor, log1p) else 0)
        if x.is_Add and x.is_positive:
            continue
        for other in node.args:
            base, power = other.as_base_exp()
            if base == x and power.is_number and power >= 1:
                return without(node, factor, other) * base ** (power - 1) * xlogx(x)
    return None


def _difference_of_exponentials(node: Expr) -> Expr | None:
    """Turn c e^u - c into c expm1(u), and c e^u - c e^-u into 2 c sinh(u)."""
    if not node.is_Add:
        return None
    change = Change(node)
    for term, factor in terms_with(node, exp):
        u, c = factor.args[0], without_one(term, factor)
        for partner, value in ((-c, expm1(u)), (-c * exp(-u), 2 * sinh(u))):
            if change.has(term, partner):
                change.replace((term, partner), c * value)
    return change.result


def _tanh(node: Expr) -> Expr | None:
    """Turn (e^z - e^-z)/(e^z + e^-z) into tanh(z), and (e^z - 1)/(e^z + 1) into tanh(z/2)."""
    for odd, other in _odd_quotients(node):
        base, power = other.as_base_exp()
        quotient = _over(odd, base, power)
        if quotient is not None:
            unit = base**-1 if power.is_negative else base
            odd_power = next(f for f in node.args if f.as_base_exp()[0] == odd)
            rest = without(node, odd_power, other) * (odd_power / odd) * (other / unit)
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


def _softplus_and_line(node: Expr) -> Expr | None:
    """Turn A (softplus(z) - y z) into A (y softplus(-z) + (1 - y) softplus(z))."""
    return _curve_and_line(node, softplus, lambda z: (softplus(z), softplus(-z), z))


def _sigmoid_and_label(node: Expr) -> Expr | None:
    """Turn A (sigmoid(z) - y) into A ((1 - y) sigmoid(z) - y sigmoid(-z))."""
    return _curve_and_line(node, sigmoid, lambda z: (sigmoid(z), -sigmoid(-z), S.One))


def _curve_and_line(
    node: Expr, kind: type, parts: Callable[[Expr], tuple[Expr, Expr, Expr]]
) -> Expr | None:
    """Turn A (f - y l) into A ((1 - y) f + y (f - l)), where f and f - l have one sign."""
    pairs = list(terms_with(node, kind)) if node.is_Add else []
    if not pairs:
        return None
    change, labels = Change(node), _labels(node)
    for term, factor in pairs:
        scale = without_one(term, factor)
        above, below, line = parts(factor.args[0])
        found = _label(change, labels, term, [-scale * piece for piece in Add.make_args(line)])
        found = found or _label(change, labels, term, [-scale * line])
        if found is not None and not factor.has(found[0]):
            label, used = found
            change.replace((term, *used), scale * ((1 - label) * above + label * below))
    return change.result


Labels = Mapping[Expr, Mapping[Expr, Expr]]


def _labels(total: Expr) -> Labels:
    """Return, for what y multiplies in the terms of a sum, each name y and the term; y may be 1."""
    labels: dict[Expr, dict[Expr, Expr]] = defaultdict(dict)
    for term in total.args:
        labels[term][S.One] = term
        for factor in Mul.make_args(term):
            if factor.is_Symbol or factor.is_Indexed:
                labels[without_one(term, factor)][factor] = term
    return labels


def _label(
    change: Change, labels: Labels, term: Expr, pieces: list[Expr]
) -> tuple[Expr, tuple[Expr, ...]] | None:
    """Return a y for which y times each piece is still among the terms, and those terms."""
    found = [labels.get(piece, {}) for piece in pieces]
    for label in found[0]:
        used = [names.get(label) for names in found]
        if None not in used and term not in used and change.has(term, *used):
            return label, tuple(used)
    return None


def _ramp(node: Expr) -> Expr | None:
    """Turn a Piecewise that is w where w > 0, and 0 elsewhere, into relu(w) or hinge(1 - w)."""
    if not isinstance(node, Piecewise) or len(node.args) != 2:
        return None
    (first, condition), (second, otherwise) = node.args
    if otherwise != True or not isinstance(condition, Relational):  # noqa: E712
        return None
    w, upward = (first, True) if second == 0 else (second, False)
    if (first, second).count(S.Zero) != 1 or not _is_sign_of(condition, w, upward=upward):
        return None
    constant, rest = w.as_coeff_Add()
    return hinge(-rest) if constant == 1 else relu(w)


def _is_sign_of(condition: Relational, w: Expr, *, upward: bool) -> bool:
    """Whether a condition says w > 0 (upward) or w < 0; at 0 both branches are 0."""
    if condition.rel_op not in (">", ">=", "<", "<="):
        return False
    above = condition.gts - condition.lts
    wanted = w if upward else -w
    return above.expand().as_content_primitive()[1] == wanted.expand().as_content_primitive()[1]


OVERFLOW = "the exponential overflows where the result is an ordinary number"
RANGE = "a factor leaves the range of floats, in which the logarithm lies"
LEAVES = "a factor leaves the range of floats, in which the product lies"
SERIES = "terms that cancel near a point lose their digits there, which a series keeps"
NOT_A_NUMBER = "the quotient of two overflowing numbers is NaN"
CANCELLATION = "a difference of nearly equal numbers has lost their leading digits"
ABSORPTION = "a small number added to 1 is rounded away before the logarithm sees it"

REWRITES = (
    Rewrite("product of exponentials", NOT_A_NUMBER, quotients.merged_exponentials),
    Rewrite("sigmoid", OVERFLOW, _power_of_one_plus_exponential),
    Rewrite("sigmoid share", NOT_A_NUMBER, _share_of_curve),
    Rewrite("softmax", NOT_A_NUMBER, _share_of_many),
    Rewrite("weights of a sum", NOT_A_NUMBER, _share_of_sum),
    Rewrite("hyperbolic tangent", NOT_A_NUMBER, _tanh),
    Rewrite("log-sum-exp", OVERFLOW, _log_of_sum),
    Rewrite("log of product", RANGE, logs.log_of_product),
    Rewrite("log of root", CANCELLATION, logs.log_of_root),
    Rewrite("log of quotient", CANCELLATION, logs.log_of_quotient),
    Rewrite("log of powers", RANGE, powers.log_of_powers),
    Rewrite("log of power", RANGE, powers.log_of_power),
    Rewrite("log1p", ABSORPTION, _log1p),
    Rewrite("x log x", "0 times the infinite log(0) is NaN; the limit is 0", _xlogx),
    Rewrite("expm1", CANCELLATION, _difference_of_exponentials),
    Rewrite("softplus and line", CANCELLATION, _softplus_and_line),
    Rewrite("complement", CANCELLATION, curve_polynomial),
    Rewrite("variance of weights", CANCELLATION, variance_of_weights),
    Rewrite("sigmoid and label", CANCELLATION, _sigmoid_and_label),
    Rewrite("difference of logarithms", CANCELLATION, logs.difference_of_logarithms),
    Rewrite("relative entropy", "0 times the infinite log(0) is NaN", logs.relative_entropy),
    Rewrite("difference of softplus", CANCELLATION, logs.softplus_difference),
    Rewrite("right angle", CANCELLATION, angles.right_angle),
    Rewrite("end of the range", CANCELLATION, angles.near_the_end),
    Rewrite("cancelled fraction", CANCELLATION, angles.cancelled_fraction),
    Rewrite("nested exponential", SERIES, angles.nested_exponential),
    Rewrite("half angle", CANCELLATION, sums.half_angle),
    Rewrite("erfc", CANCELLATION, sums.complement_of_error_function),
    Rewrite("hyperbolic square", CANCELLATION, sums.hyperbolic_square),
    Rewrite("excess over a line", CANCELLATION, sums.hazard_and_line),
    Rewrite("remainder of a parabola", CANCELLATION, sums.hazard_and_parabola),
    Rewrite("inverse of expm1", CANCELLATION, sums.inverse_difference),
    Rewrite("square of polygammas", CANCELLATION, sums.square_of_polygammas),
    Rewrite("difference of polygammas", CANCELLATION, sums.difference_of_polygammas),
    Rewrite("difference of weights", CANCELLATION, sums.difference_of_weights),
    Rewrite("common weight", CANCELLATION, sums.common_weight),
    Rewrite("difference of roots", CANCELLATION, sums.difference_of_roots),
    Rewrite("root and line", CANCELLATION, sums.root_and_line),
    Rewrite("share of root", CANCELLATION, sums.share_of_root),
    Rewrite("share and one", CANCELLATION, sums.share_of_length_and_one),
    Rewrite("common denominator", CANCELLATION, sums.common_power),
    Rewrite("length", "a square leaves the range of floats before its root does", sums.length),
    Rewrite("share of length", LEAVES, quotients.share_of_length),
    Rewrite("complement of share", CANCELLATION, powers.complement_of_share),
    Rewrite("share of powers", LEAVES, powers.share_of_powers),
    Rewrite("sech", LEAVES, quotients.reciprocal_hyperbolic),
    Rewrite("hyperbolic sum", NOT_A_NUMBER, quotients.hyperbolic_sum),
    Rewrite("hyperbolic quotient", NOT_A_NUMBER, quotients.hyperbolic_quotient),
    Rewrite("expm1 share", NOT_A_NUMBER, quotients.exponential_over_difference),
    Rewrite("hazard", NOT_A_NUMBER, quotients.mills_ratio),
    Rewrite("hazards of a sum", NOT_A_NUMBER, quotients.distributed_tail),
    Rewrite("inverse share", NOT_A_NUMBER, quotients.inverse_share),
    Rewrite("cancelled weight", NOT_A_NUMBER, quotients.cancelled_weight),
    Rewrite("gamma quotient", NOT_A_NUMBER, quotients.gamma_quotient),
    Rewrite("gammas of a sum", NOT_A_NUMBER, quotients.distributed_gamma),
    Rewrite("scaled", "the constant is no float, though the product is", quotients.beyond_range),
    Rewrite("series of a quotient", SERIES, removable.continue_product),
    Rewrite("series of a sum", SERIES, removable.continue_sum),
    Rewrite("series of a logarithm", SERIES, removable.continue_logarithm),
    Rewrite("ramp", "one function with one kink, in place of a choice between branches", _ramp),
)
"""In the order in which they are tried."""
