"""What a method does close to a stationary point: its recurrence, made linear there.

Along an eigenvector of the Hessian with eigenvalue lambda the gradient is lambda times the
distance, so a step multiplies (distance, state) by a matrix in the hyperparameters and lambda.
Its eigenvalues, the multipliers, decide: the run converges if all lie inside the unit circle, and
its distance then shrinks by the modulus of the largest. `stability` derives step limits from them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import mpmath
from sympy import (
    Abs,
    Expr,
    Float,
    Heaviside,
    I,
    ImmutableDenseMatrix,
    Max,
    Min,
    N,
    Poly,
    S,
    Symbol,
    eye,
    factor,
    nan,
    oo,
    sign,
    sqrt,
    zoo,
)

from symlab.algebra.alphabet import G, H, alpha, g, k, n, x
from symlab.algebra.exactly import exactly
from symlab.algebra.numbers import sign_of
from symlab.methods.method import Method
from symlab.methods.rule import Rule
from symlab.methods.searches import fixed

curvature = Symbol("lambda", positive=True)
multiplier = Symbol("z")

DIGITS, WORKING = 30, 80
"""Of a root that has no formula, and while it is computed: a root counted twice takes half."""

KINKED = (Abs, Max, Min, Heaviside, sign)


class NoLinearization(ValueError):
    """A method that has no linear part at rest; the message says why, in one sentence."""


@dataclass(frozen=True)
class Linearization:
    """One step of a method near a stationary point, along one eigenvector of the Hessian.

    Parameters
    ----------
    name : str
    letters : tuple of sympy.Symbol
        The distance `x` and the state.
    jacobian : sympy.ImmutableDenseMatrix
        What a step multiplies them by, in the hyperparameters' letters and `curvature`.
    values : dict of symbol to sympy.Expr
        The exact hyperparameters.
    """

    name: str
    letters: tuple[Symbol, ...]
    jacobian: ImmutableDenseMatrix
    values: dict[Symbol, Expr]

    @cached_property
    def characteristic(self) -> Expr:
        """The characteristic polynomial, in the letter `multiplier`."""
        return (multiplier * eye(len(self.letters)) - self.jacobian).det().expand()

    @property
    def step_size(self) -> Expr | None:
        """The exact step size the method was given; None if it takes none."""
        return self.values.get(alpha)

    @property
    def others(self) -> dict[Symbol, Expr]:
        """The exact hyperparameters apart from the step size."""
        return {letter: value for letter, value in self.values.items() if letter != alpha}


def linearize(method: Rule | Method) -> Linearization:
    """Return the linear part of a method at rest: zero gradient, zero state.

    Parameters
    ----------
    method : Rule or Method
        A method with another search than `fixed`, or a direction with memory, has none.

    Raises
    ------
    NoLinearization
        With the reason in one sentence.

    Examples
    --------
    >>> from symlab.methods.rules import momentum
    >>> linearize(momentum).jacobian
    Matrix([
    [-alpha*lambda + 1, eta],
    [    -alpha*lambda, eta]])
    """
    return _of_method(method) if isinstance(method, Method) else _of_rule(method)


def _of_rule(rule: Rule) -> Linearization:
    letters = (x, *rule.state)
    if any(value.has(k) for value in rule.hyperparameters.values()):
        raise NoLinearization(f"{rule.name} changes its step with k: no constant factor per step.")
    rows = ImmutableDenseMatrix([rule.update[letter] for letter in letters])
    rows = rows.xreplace(rule.switches)
    if rows.has(*KINKED):
        raise NoLinearization(
            f"{rule.name} has a kink where the gradient is zero: no linear part there."
        )
    rest = dict.fromkeys((g, *rule.state), S.Zero)
    moved, *grown = rows.xreplace(rest)
    if moved != x:
        raise NoLinearization(f"{rule.name} does not rest where the gradient is zero.")
    if any(grown):
        raise NoLinearization(
            f"{rule.name} adds to its state where the gradient is zero: no constant factor."
        )
    slopes = rows.jacobian(letters)
    along = rows.diff(g) * curvature
    jacobian = slopes + ImmutableDenseMatrix.hstack(along, *[along * 0] * len(rule.state))
    at_rest = _at_rest(rule, jacobian.xreplace(rest))
    return Linearization(rule.name, letters, at_rest, dict(rule.hyperparameters))


def _at_rest(rule: Rule, jacobian: ImmutableDenseMatrix) -> ImmutableDenseMatrix:
    if jacobian.has(nan, zoo, oo, -oo):
        raise NoLinearization(
            f"{rule.name} divides by a root of its state, whose derivative has no value where the "
            "gradient is zero: no constant factor per step is predicted."
        )
    if jacobian.has(k, x):
        raise NoLinearization(f"{rule.name} changes its step with k: no constant factor per step.")
    forever = [
        s for i, s in enumerate(rule.state, 1) if jacobian.row(i) == eye(jacobian.rows).row(i)
    ]
    if forever:
        raise NoLinearization(
            f"{rule.name} never forgets {forever[0]}: its rest depends on the run."
        )
    return jacobian.applyfunc(factor)


def acts_linearly(rule: Rule) -> bool:
    """Whether a step is linear in gradient and state, not only where both are next to nothing.

    Examples
    --------
    >>> from symlab.methods.rules import adadelta, momentum
    >>> acts_linearly(momentum), acts_linearly(adadelta)
    (True, False)
    """
    letters = (g, *rule.state)
    rows = ImmutableDenseMatrix([rule.update[letter] for letter in (x, *rule.state)])
    return not rows.jacobian(letters).has(*letters)


def _of_method(method: Method) -> Linearization:
    if method.direction.memory:
        raise NoLinearization(
            f"{method.direction.name} changes its matrix at every step: no constant factor."
        )
    if method.search.name != fixed.name:
        raise NoLinearization(
            f"{method.search.name} chooses every step anew: no constant factor per step."
        )
    slope = factor(direction_slope(method).xreplace(method.direction.hyperparameters))
    jacobian = ImmutableDenseMatrix([[1 + alpha * slope]])
    return Linearization(method.direction.name, (x,), jacobian, {alpha: method.search.first_step})


def direction_slope(method: Method) -> Expr:
    """Return the direction at distance 1 along an eigenvector: -lambda for the steepest descent.

    Where the curvature is positive a Hessian needs no shift.

    Examples
    --------
    >>> from symlab.methods.method import as_method
    >>> direction_slope(as_method("steepest"))
    -lambda
    """
    # A direction is a matrix expression in n dimensions; an eigenvector is the case n = 1.
    direction = method.direction
    stated = direction.formula if direction.shifts else direction.expression
    entry = stated.subs(n, 1).as_explicit()[0]
    hessian, gradient = (matrix.subs(n, 1)[0, 0] for matrix in (H, G))
    return entry.xreplace({hessian: curvature, gradient: curvature})


def multipliers(method: Rule | Method, value: object) -> tuple[Expr, ...]:
    """Return the multipliers on one curvature, with the method's own hyperparameters.

    They are exact for an exact curvature and up to one letter of state, and else have 30 digits.

    Examples
    --------
    >>> from sympy import Rational
    >>> from symlab.methods.rules import gradient_descent
    >>> multipliers(gradient_descent(step_size=0.1), Rational(81, 4))
    (-41/40,)
    """
    linear = linearize(method)
    known = {**linear.values, curvature: exactly(value, "curvature")}
    poly = Poly(linear.characteristic.subs(known), multiplier)
    parts = [poly]
    if poly.domain.is_ZZ or poly.domain.is_QQ:
        parts = [part for part, times in poly.factor_list()[1] for _ in range(times)]
    return tuple(root for part in parts for root in quadratic_roots(part))


def quadratic_roots(poly: Poly) -> tuple[Expr, ...]:
    """Return the roots of a polynomial: exact up to degree two, and else to 30 digits."""
    coefficients = poly.all_coeffs()
    if len(coefficients) == 2:
        return (-coefficients[1] / coefficients[0],)
    if len(coefficients) == 3:
        lead, middle, last = coefficients
        root = _root(middle**2 - 4 * lead * last)
        return ((-middle - root) / (2 * lead), (-middle + root) / (2 * lead))
    return _numerical_roots([N(each, WORKING) for each in coefficients])


def _numerical_roots(coefficients: Sequence[Expr]) -> tuple[Expr, ...]:
    """Return the roots of a polynomial to 30 digits: real ones first, each pair of others together.

    They are the eigenvalues of its companion matrix, which are found also where roots lie close
    together; what searches for each root by itself gives up there.
    """
    with mpmath.workdps(WORKING):
        lead, *rest = [mpmath.mpmathify(each) for each in coefficients]
        companion = mpmath.zeros(len(rest))
        for i, each in enumerate(rest):
            companion[0, i] = -each / lead
        for i in range(1, len(rest)):
            companion[i, i - 1] = 1
        found = map(mpmath.mpc, mpmath.eig(companion, left=False, right=False))
        rounded = [(_part(root.real, root), _part(root.imag, root)) for root in found]
    rounded.sort(key=lambda pair: (bool(pair[1]), pair[0], abs(pair[1]), pair[1]))
    return tuple(a + I * b if b else a for a, b in rounded)


def _part(part: mpmath.mpf, root: mpmath.mpc) -> Expr:
    """Return the real or imaginary part of a root; zero where it is what rounding left of it."""
    return Float(part, DIGITS) if abs(part) > abs(root) * mpmath.mpf(10) ** -DIGITS else S.Zero


def _root(number: Expr) -> Expr:
    """Return a square root whose real and imaginary part can be told apart."""
    # SymPy leaves sqrt(2 - sqrt(5)) as it is, and computes the modulus of such a number with an
    # imaginary part of rounding errors, which cannot be compared.
    if number.is_number and number.is_extended_real and sign_of(number) < 0:
        return I * sqrt(-number)
    return sqrt(number)


def spectral_radius(method: Rule | Method, value: object) -> Expr:
    """Return the largest modulus of the multipliers on one curvature: the factor per step.

    Examples
    --------
    >>> from symlab.methods.rules import momentum
    >>> spectral_radius(momentum(step_size=0.1, momentum=0.25), 5)
    1/2
    """
    return dominant([abs(root) for root in multipliers(method, value)])


def dominant(numbers: Sequence[Expr]) -> Expr:
    """Return the number of largest modulus; the first of several."""
    chosen = numbers[0]
    for number in numbers[1:]:
        chosen = number if sign_of(abs(number) - abs(chosen)) > 0 else chosen
    return chosen
