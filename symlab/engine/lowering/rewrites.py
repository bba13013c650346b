"""The table of rewrites that keep the digits: each an identity of real numbers.

A rewrite takes one node of an expression, whose arguments are stable already, and returns what
to put in its place, or None. How they are applied, and shown, is in `stabilize`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Expr, Piecewise, Rational, S, exp, log, sinh
from sympy.codegen.cfunctions import expm1, log1p
from sympy.core.relational import Relational

from symlab.algebra.functions import hinge, logsumexp, relu, sigmoid, softplus, xlogx
from symlab.engine.lowering import removable
from symlab.engine.lowering import rewrite_angles as angles
from symlab.engine.lowering import rewrite_gammas as gammas
from symlab.engine.lowering import rewrite_labels as labels
from symlab.engine.lowering import rewrite_logs as logs
from symlab.engine.lowering import rewrite_powers as powers
from symlab.engine.lowering import rewrite_quotients as quotients
from symlab.engine.lowering import rewrite_roots as roots
from symlab.engine.lowering import rewrite_sums as sums
from symlab.engine.lowering import rewrite_weights as weights
from symlab.engine.lowering.exponentials import exponentials, full_exponents
from symlab.engine.lowering.rewrite_tools import Change, terms_with, without_factor, without_factors
from symlab.engine.lowering.saturation import curve_polynomial, variance_of_weights


@dataclass(frozen=True)
class Rewrite:
    """An identity: its name, why floats need it, and what it makes of a node (None: nothing)."""

    name: str
    reason: str
    apply: Callable[[Expr], Expr | None]


def _log_of_sum(node: Expr) -> Expr | None:
    """Turn log(1 + e^z) into softplus(z), and log(e^u + e^v + ...) into logsumexp(u, v, ...)."""
    terms = exponentials(node.args[0]) if isinstance(node, log) else None
    if terms is None:
        return None
    constants = [term.number for term in terms if term.exponent == 0]
    if len(terms) == 2 and constants:
        (other,) = (term for term in terms if term.exponent != 0)
        return log(constants[0]) + _weighted(other.number / constants[0], other.exponent)
    return logsumexp(*full_exponents(terms))


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
                return without_factors(node, factor, other) * base ** (power - 1) * xlogx(x)
    return None


def _difference_of_exponentials(node: Expr) -> Expr | None:
    """Turn c e^u - c into c expm1(u), and c e^u - c e^-u into 2 c sinh(u)."""
    if not node.is_Add:
        return None
    change = Change(node)
    for term, factor in terms_with(node, exp):
        u, c = factor.args[0], without_factor(term, factor)
        for partner, value in ((-c, expm1(u)), (-c * exp(-u), 2 * sinh(u))):
            if change.has(term, partner):
                change.replace((term, partner), c * value)
    return change.result


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
    Rewrite("product of exponentials", NOT_A_NUMBER, quotients.merge_exponentials),
    Rewrite("sigmoid", OVERFLOW, weights.power_of_one_plus_exponential),
    Rewrite("sigmoid share", NOT_A_NUMBER, weights.share_of_curve),
    Rewrite("softmax", NOT_A_NUMBER, weights.share_of_many),
    Rewrite("weights of a sum", NOT_A_NUMBER, weights.share_of_sum),
    Rewrite("hyperbolic tangent", NOT_A_NUMBER, weights.hyperbolic_tangent),
    Rewrite("log-sum-exp", OVERFLOW, _log_of_sum),
    Rewrite("log of product", RANGE, logs.log_of_product),
    Rewrite("log of root", CANCELLATION, logs.log_of_root),
    Rewrite("log of quotient", CANCELLATION, logs.log_of_quotient),
    Rewrite("log of powers", RANGE, powers.log_of_powers),
    Rewrite("log of power", RANGE, powers.log_of_power),
    Rewrite("log1p", ABSORPTION, _log1p),
    Rewrite("x log x", "0 times the infinite log(0) is NaN; the limit is 0", _xlogx),
    Rewrite("expm1", CANCELLATION, _difference_of_exponentials),
    Rewrite("softplus and line", CANCELLATION, labels.softplus_and_line),
    Rewrite("complement", CANCELLATION, curve_polynomial),
    Rewrite("variance of weights", CANCELLATION, variance_of_weights),
    Rewrite("sigmoid and label", CANCELLATION, labels.sigmoid_and_label),
    Rewrite("difference of logarithms", CANCELLATION, logs.difference_of_logarithms),
    Rewrite("relative entropy", "0 times the infinite log(0) is NaN", logs.relative_entropy),
    Rewrite("difference of softplus", CANCELLATION, logs.softplus_difference),
    Rewrite("right angle", CANCELLATION, angles.right_angle),
    Rewrite("end of the range", CANCELLATION, angles.near_the_end),
    Rewrite("cancelled fraction", CANCELLATION, angles.cancel_fraction),
    Rewrite("nested exponential", SERIES, angles.nested_exponential),
    Rewrite("half angle", CANCELLATION, sums.half_angle),
    Rewrite("erfc", CANCELLATION, sums.complement_of_error_function),
    Rewrite("hyperbolic square", CANCELLATION, sums.hyperbolic_square),
    Rewrite("excess over a line", CANCELLATION, sums.hazard_and_line),
    Rewrite("remainder of a parabola", CANCELLATION, sums.hazard_and_parabola),
    Rewrite("inverse of expm1", CANCELLATION, sums.inverse_difference),
    Rewrite("square of polygammas", CANCELLATION, gammas.square_of_polygammas),
    Rewrite("difference of polygammas", CANCELLATION, gammas.difference_of_polygammas),
    Rewrite("difference of weights", CANCELLATION, sums.difference_of_weights),
    Rewrite("common weight", CANCELLATION, sums.common_weight),
    Rewrite("difference of roots", CANCELLATION, roots.difference_of_roots),
    Rewrite("root and line", CANCELLATION, roots.root_and_line),
    Rewrite("share of root", CANCELLATION, roots.share_of_root),
    Rewrite("share and one", CANCELLATION, roots.share_of_length_and_one),
    Rewrite("common denominator", CANCELLATION, sums.common_power),
    Rewrite("length", "a square leaves the range of floats before its root does", roots.length),
    Rewrite("share of length", LEAVES, quotients.share_of_length),
    Rewrite("complement of share", CANCELLATION, powers.complement_of_share),
    Rewrite("share of powers", LEAVES, powers.share_of_powers),
    Rewrite("sech", LEAVES, quotients.reciprocal_hyperbolic),
    Rewrite("hyperbolic sum", NOT_A_NUMBER, quotients.hyperbolic_sum),
    Rewrite("hyperbolic quotient", NOT_A_NUMBER, quotients.hyperbolic_quotient),
    Rewrite("expm1 share", NOT_A_NUMBER, quotients.exponential_over_difference),
    Rewrite("hazard", NOT_A_NUMBER, quotients.mills_ratio),
    Rewrite("hazards of a sum", NOT_A_NUMBER, quotients.distribute_tail),
    Rewrite("inverse share", NOT_A_NUMBER, quotients.inverse_share),
    Rewrite("cancelled weight", NOT_A_NUMBER, quotients.cancel_weight),
    Rewrite("gamma quotient", NOT_A_NUMBER, gammas.gamma_quotient),
    Rewrite("gammas of a sum", NOT_A_NUMBER, gammas.distribute_gamma),
    Rewrite("scaled", "the constant is no float, though the product is", quotients.beyond_range),
    Rewrite("series of a quotient", SERIES, removable.continue_product),
    Rewrite("series of a sum", SERIES, removable.continue_sum),
    Rewrite("series of a logarithm", SERIES, removable.continue_logarithm),
    Rewrite("ramp", "one function with one kink, in place of a choice between branches", _ramp),
)
"""In the order in which they are tried."""
