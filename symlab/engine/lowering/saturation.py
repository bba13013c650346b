r"""Polynomials in a saturating curve, freed of the factors that cancel where it saturates.

With :math:`s = \sigma(z)`, :math:`1 - s` has no correct digit left for large z, but is
:math:`\sigma(-z)`, which has all of them. So each factor of a polynomial in s that vanishes at the
end of the curve is divided out and written as the function it is; likewise for tanh and softmax.
"""

from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations

from sympy import Add, Expr, Mul, S, tanh

from symlab.algebra.functions import sigmoid, softmax

Polynomial = dict[int, Expr]
"""Coefficients by power."""


def curve_polynomial(node: Expr) -> Expr | None:
    """Turn c - c sigmoid(z) into c sigmoid(-z), s - s^2 into s sigmoid(-z), 1 - tanh^2 likewise.

    Examples
    --------
    >>> from sympy.abc import z
    >>> s = sigmoid(z)
    >>> curve_polynomial(s - s**2), curve_polynomial(1 - tanh(z) ** 2)
    (sigmoid(-z)*sigmoid(z), 4*sigmoid(-2*z)*sigmoid(2*z))
    """
    if not node.is_Add:
        return None
    left, added = dict.fromkeys(node.args), []
    for (curve, cofactor), terms in _group_terms(node).items():
        if all(term in left for term in terms):
            freed = _factorize(curve, dict(terms.values()))
            if freed is not None:
                left = {term: None for term in left if term not in terms}
                added.append(freed * cofactor)
    return Add(*left, *added) if added else None


Group = dict[Expr, tuple[int, Expr]]
"""Terms of a sum that differ in one curve's power only: each term's power and coefficient."""


def _group_terms(node: Expr) -> dict[tuple[Expr, Expr], Group]:
    """Return the groups of at least two terms, by curve and the product of other factors."""
    plain = {rest: (term, number) for term in node.args for number, rest in [term.as_coeff_Mul()]}
    groups: dict[tuple[Expr, Expr], Group] = defaultdict(dict)
    for rest, (term, number) in plain.items():
        for factor in Mul.make_args(rest):
            curve, power = factor.as_base_exp()
            if isinstance(curve, (sigmoid, softmax, tanh)) and power.is_Integer and power > 0:
                cofactor = Mul(*(other for other in Mul.make_args(rest) if other != factor))
                groups[curve, cofactor][term] = (int(power), number)
                if cofactor in plain:
                    constant, coefficient = plain[cofactor]
                    groups[curve, cofactor][constant] = (0, coefficient)
    return {key: group for key, group in groups.items() if len(group) > 1}


def _factorize(curve: Expr, polynomial: Polynomial) -> Expr | None:
    """Return a polynomial as a product of stable factors, None where it has none to divide out."""
    found = S.One
    rest: Mapping[int, Expr] = polynomial
    for root in ROOTS[type(curve)]:
        while (quotient := _divide(rest, root)) is not None:
            rest, found = quotient, found * _factor_at(curve, root)
    return found * _as_polynomial_sum(rest, curve) if found is not S.One else None


ROOTS = {
    sigmoid: (S.One, S.Half),
    softmax: (S.One,),
    tanh: (S.One, S.NegativeOne),
}
"""The values near which a curve less that value cancels; at S.Half the sigmoid is in its middle."""


def _factor_at(curve: Expr, root: Expr) -> Expr:
    """Return what curve - root is, without the difference."""
    z = curve.args[0]
    if isinstance(curve, tanh):
        return -2 * root * sigmoid(-2 * root * z)
    if isinstance(curve, softmax):
        return -Add(*curve.weights_of_others())
    return tanh(z / 2) / 2 if root is S.Half else -sigmoid(-z)


def _divide(polynomial: Mapping[int, Expr], root: Expr) -> Polynomial | None:
    """Divide by (s - root) after Horner; None where a remainder is left or nothing to divide."""
    degree = max(polynomial)
    if degree == 0:
        return None
    quotient: Polynomial = {}
    carried = S.Zero
    for power in range(degree, 0, -1):
        carried = carried * root + polynomial.get(power, S.Zero)
        quotient[power - 1] = carried
    remainder = carried * root + polynomial.get(0, S.Zero)
    return quotient if remainder == 0 and carried.is_finite and any(quotient.values()) else None


def _as_polynomial_sum(polynomial: Mapping[int, Expr], curve: Expr) -> Expr:
    return Add(*(number * curve**power for power, number in polynomial.items()))


def variance_of_weights(node: Expr) -> Expr | None:
    """Turn the sum of c n² w less c (sum of n w)² into c times that of (n - m)² w v over pairs.

    The weights w, v, ... are of one softmax and add up to 1; the numbers are n, m, ...
    """
    if not node.is_Add or not node.has(softmax):
        return None
    for term in node.args:
        number, square = term.as_coeff_Mul()
        mean, power = square.as_base_exp()
        weights = _numbers_of_weights(mean) if power == 2 and number.is_negative else None
        if weights is None:
            continue
        c, used = -number, [-number * n**2 * w for w, n in weights.items() if n]
        if all(each in node.args for each in used):
            rest = Add(*(each for each in node.args if each != term and each not in used))
            pairs = combinations(weights.items(), 2)
            return rest + c * Add(*((n - m) ** 2 * w * v for (w, n), (v, m) in pairs))
    return None


def _numbers_of_weights(mean: Expr) -> dict[Expr, Expr] | None:
    """Return the number before each weight of a softmax in a sum of some, 0 for the others."""
    parts = [term.as_coeff_Mul() for term in mean.args] if mean.is_Add else []
    if not parts or not all(isinstance(weight, softmax) for _, weight in parts):
        return None
    first = parts[0][1]
    numbers = dict.fromkeys([first, *first.weights_of_others()], S.Zero)
    if len(numbers) > MOST_WEIGHTS or any(weight not in numbers for _, weight in parts):
        return None
    return numbers | {weight: number for number, weight in parts}


MOST_WEIGHTS = 8
"""Weights of a softmax, up to which the pairs are written out."""
