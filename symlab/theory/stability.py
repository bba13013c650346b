"""For which step sizes a method converges, and which is best, derived from its linear part.

The multipliers lie inside the unit circle just when the Schur-Cohn expressions of the
characteristic polynomial are positive. Their first zero in the step size is the step limit; the
best step is where the extreme curvatures balance.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from sympy import (
    Expr,
    Float,
    Min,
    Poly,
    S,
    Symbol,
    factor,
    factor_list,
    fraction,
    lambdify,
    oo,
    prod,
    resultant,
    sqrt,
    symbols,
    together,
)

from symlab.algebra.alphabet import FRACTION, HYPERPARAMETERS, alpha, epsilon
from symlab.algebra.exactly import exactly
from symlab.algebra.numbers import sign_of
from symlab.checks import shown
from symlab.methods.method import Method
from symlab.methods.rule import Rule
from symlab.theory.linearization import (
    Linearization,
    NoLinearization,
    curvature,
    linearize,
    multiplier,
)

smallest, largest = symbols("mu L", positive=True)
root_of_epsilon = Symbol("sqrt_epsilon", positive=True)

GOLDEN = (5**0.5 - 1) / 2
SLACK = 1e-9
"""By how much an exact step may be worse than a searched one and still be taken for the best."""


def schur_cohn(polynomial: Expr, variable: Symbol) -> tuple[Expr, ...]:
    """Return expressions that are all positive just when every root lies inside the unit circle.

    Schur 1917 and Cohn 1922; in the recursion of Jury 1964, table 1. The leading coefficient must
    be positive.

    Examples
    --------
    >>> from sympy.abc import a, z
    >>> schur_cohn(z - a, z)
    (a + 1, 1 - a)
    """
    coefficients = Poly(polynomial, variable).all_coeffs()
    conditions: list[Expr] = []
    while len(coefficients) > 1:
        lead, last, degree = coefficients[0], coefficients[-1], len(coefficients) - 1
        conditions += [factor(lead - last), factor(lead + last)]
        coefficients = [
            lead * coefficients[j] - last * coefficients[degree - j] for j in range(degree)
        ]
    return tuple(conditions)


def step_limit(method: Rule | Method, value: object = None) -> Expr:
    """Return the step size below which every multiplier lies inside the unit circle.

    Parameters
    ----------
    method : Rule or Method
    value : number, optional
        The curvature, positive; with it the method's own hyperparameters are put in. Without it
        the answer keeps all letters, `lambda` for the curvature.

    Raises
    ------
    NoLinearization
        If the method has no linear part, or its conditions are not linear in the step size.

    Examples
    --------
    >>> from symlab.methods.rules import gradient_descent, momentum
    >>> step_limit(gradient_descent), step_limit(momentum)
    (2/lambda, 2*(eta + 1)/lambda)
    """
    linear = linearize(method)
    limit = _first_boundary(_without_roots(linear.characteristic), linear.name)
    limit = limit.subs(root_of_epsilon, sqrt(epsilon))
    if value is None:
        return limit
    return limit.subs({**linear.others, curvature: _positive(value, "curvature")})


def _positive(value: object, name: str) -> Expr:
    number = exactly(value, name)
    if sign_of(number) <= 0:
        raise ValueError(f"{name}: expected a positive number, got {shown(value)}.")
    return number


@lru_cache(maxsize=64)
def _first_boundary(characteristic: Expr, name: str) -> Expr:
    """Return the smallest positive step size at which a condition stops being positive."""
    bounds: set[Expr] = set()
    for condition in _conditions(characteristic):
        over, under = fraction(together(condition))
        bounds |= {
            bound
            for part in (over, under)
            for bound in _linear_roots(part, name)
            if _is_positive(bound)
        }
        if not _is_positive(_at_small_steps(over) / _at_small_steps(under)):
            return S.Zero
    return _least(bounds)


def _conditions(characteristic: Expr) -> list[Expr]:
    """Return the Schur-Cohn expressions of each factor: state that only fades makes its own."""
    found: list[Expr] = []
    for part, _ in factor_list(fraction(together(characteristic))[0])[1]:
        if part.has(multiplier):
            upwards = _is_positive(Poly(part, multiplier).LC())
            found += schur_cohn(part if upwards else -part, multiplier)
    return found


def _linear_roots(expression: Expr, name: str = "") -> list[Expr]:
    """Return where the factors of an expression, each linear in the step size, are zero."""
    roots = []
    for part, _ in factor_list(expression)[1]:
        poly = Poly(part, alpha)
        if poly.degree() > 1 and name:
            raise NoLinearization(
                f"{name} has stability conditions of degree {poly.degree()} in the step."
            )
        if poly.degree() == 1:
            roots.append(factor(-poly.nth(0) / poly.nth(1)))
    return roots


def _at_small_steps(expression: Expr) -> Expr:
    """Return the coefficient that gives an expression its sign at small positive steps."""
    return Poly(expression, alpha).terms()[-1][1]


def _is_positive(expression: Expr) -> bool:
    """Whether an expression is positive for every value of its letters inside their domains."""
    # With u > 0 a letter of the unit interval is u/(1 + u), and signs can be read off coefficients.
    letters = [s for s in expression.free_symbols if s in HYPERPARAMETERS]
    fractions = [s for s in letters if HYPERPARAMETERS[s].domain == FRACTION]
    u = {s: Symbol(f"u_{s.name}", positive=True) for s in fractions}
    return bool(factor(together(expression.subs({s: u[s] / (1 + u[s]) for s in u}))).is_positive)


def _least(bounds: set[Expr]) -> Expr:
    for bound in bounds:
        if all(other == bound or _is_positive(other - bound) for other in bounds):
            return bound
    return Min(*bounds) if bounds else oo


def balanced_steps(method: Rule | Method, low: Expr = smallest, high: Expr = largest) -> list[Expr]:
    """Return the steps at which the extreme curvatures have opposite multipliers.

    There p(z) on the smallest curvature and p(-z) on the largest share a root, so their resultant
    is zero. Of those, only steps from factors linear in the step size are returned.

    Examples
    --------
    >>> from symlab.methods.rules import gradient_descent
    >>> balanced_steps(gradient_descent)
    [2/(L + mu)]
    """
    other = smallest if low == high else largest
    roots = _balances(_without_roots(linearize(method).characteristic), other)
    given = {smallest: low, largest: high, root_of_epsilon: sqrt(epsilon)}
    return [root.subs(given) for root in roots]


def _without_roots(characteristic: Expr) -> Expr:
    """Return a polynomial in whose coefficients the root of epsilon is a letter of its own."""
    return characteristic.subs(epsilon, root_of_epsilon**2)


@lru_cache(maxsize=64)
def _balances(characteristic: Expr, other: Symbol) -> tuple[Expr, ...]:
    # A factor without the step size belongs to state that only fades, whatever the curvature.
    factors = factor_list(fraction(together(characteristic))[0])[1]
    moving = prod(part**times for part, times in factors if part.has(alpha))
    opposite = moving.subs({curvature: other, multiplier: -multiplier}, simultaneous=True)
    shared = resultant(moving.subs(curvature, smallest), opposite, multiplier)
    roots = _linear_roots(fraction(together(shared))[0])
    return tuple(root for root in roots if _is_positive(root))


def best_step(method: Rule | Method, curvatures: Sequence[object]) -> Expr:
    """Return the step size with the smallest spectral radius over all curvatures.

    It is exact where the extreme curvatures balance at it, as for gradient descent and heavy-ball
    momentum; else a number of about 8 digits. Where several are equally good it is one of them.

    Parameters
    ----------
    method : Rule or Method
    curvatures : sequence of numbers, all positive

    Examples
    --------
    >>> from symlab.methods.rules import gradient_descent
    >>> best_step(gradient_descent, [1, 3])
    1/2
    """
    values = [_positive(value, "curvatures") for value in curvatures]
    low, high = (f(values, key=lambda v: float(v)) for f in (min, max))
    linear = linearize(method)
    radius = _radius(linear, (float(low), float(high)))
    searched = _golden(radius, float(step_limit(method, high)))
    balanced = [step.subs(linear.others) for step in balanced_steps(method, low, high)]
    as_good = [step for step in balanced if radius(float(step)) <= radius(searched) + SLACK]
    return as_good[0] if as_good else Float(searched).n(9)


def _radius(linear: Linearization, extremes: tuple[float, float]) -> Callable[[float], float]:
    """Return the spectral radius over the extreme curvatures, as a function of the step size."""
    coefficients = Poly(linear.characteristic.subs(linear.others), multiplier).all_coeffs()
    at = lambdify((alpha, curvature), coefficients)
    return lambda step: max(float(np.abs(np.roots(at(step, value))).max()) for value in extremes)


def _golden(radius: Callable[[float], float], limit: float) -> float:
    """Minimise by golden section: the radius falls, and then rises, up to the step limit."""
    left, right = 0.0, min(limit, 1e12)
    while right - left > 1e-10 * limit:
        inner, outer = right - GOLDEN * (right - left), left + GOLDEN * (right - left)
        left, right = (left, outer) if radius(inner) <= radius(outer) else (inner, right)
    return (left + right) / 2
