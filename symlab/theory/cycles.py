"""2-cycles of gradient descent in one variable, by algebra.

A step is the map N(x) = x - alpha f'(x). Its 2-cycles are the zeros of N(N(x)) - x that are not
zeros of f', and a cycle attracts if the product of N' over its two points is smaller than 1 in
modulus.
"""

from dataclasses import dataclass
from itertools import combinations

from sympy import Expr, Poly, Rational, gcd, real_roots

from symlab.algebra.alphabet import g, k, x
from symlab.algebra.numbers import DIGITS, as_decimal, sign_of
from symlab.algebra.objective import Objective
from symlab.methods.rule import Rule

MAX_DEGREE = 6
"""The highest degree of f': two steps then have degree 36, and their cycles 30."""


@dataclass(frozen=True)
class Cycle:
    """Two points that a method takes to each other, the lower first.

    Parameters
    ----------
    points : pair of sympy.Expr
        Exact real algebraic numbers.
    multiplier : sympy.Expr
        The factor by which a small distance from the cycle grows over two steps.
    """

    points: tuple[Expr, Expr]
    multiplier: Expr

    @property
    def attracting(self) -> bool:
        """Whether runs that come close settle into it."""
        return sign_of(1 - abs(self.multiplier.evalf(DIGITS))) > 0

    def __str__(self) -> str:
        return "{" + ", ".join(as_decimal(point) for point in self.points) + "}"

    def __repr__(self) -> str:
        nature = "attracting" if self.attracting else "repelling"
        return f"Cycle({self}, multiplier {as_decimal(self.multiplier)}, {nature})"


def two_cycles(objective: Objective, rule: Rule) -> tuple[Cycle, ...] | None:
    """Return the isolated real 2-cycles of a rule without state, or None where algebra stops.

    Parameters
    ----------
    objective : Objective
        A polynomial with rational coefficients in one variable, of degree at most 7.
    rule : Rule
        A rule that keeps no state, such as `gradient_descent`.

    Examples
    --------
    >>> from symlab.algebra.problems import PROBLEMS
    >>> from symlab.methods.rules import gradient_descent
    >>> two_cycles(PROBLEMS["quartic"].objective, gradient_descent(step_size=0.1))
    (Cycle({-1.7888, 3.3808}, multiplier 40.177, repelling), \
Cycle({2.1475, 2.3366}, multiplier 0.89975, attracting))
    """
    step = step_map(objective, rule)
    if step is None:
        return None
    slope = Poly(objective.gradient[0], *objective.variables)
    two_steps = step.compose(step) - Poly(step.gen, step.gen)
    if two_steps.is_zero:
        # Every point is on a 2-cycle, as on a parabola at exactly the step limit.
        return ()
    while (shared := gcd(two_steps, slope)).degree() > 0:
        two_steps = two_steps.quo(shared)
    points = list(dict.fromkeys(real_roots(two_steps))) if two_steps.degree() > 0 else []
    pairs = [pair for pair in combinations(points, 2) if _is_two_cycle(step, *pair)]
    return tuple(Cycle(pair, _product_of_slopes(step, *pair)) for pair in pairs)


def step_map(objective: Objective, rule: Rule) -> Poly | None:
    """Return the polynomial N(x) of one step, or None if there is none of rational coefficients."""
    expression = objective.expression
    (variable, *others) = objective.variables
    if others or rule.state or not expression.is_polynomial(variable):
        return None
    slope = objective.gradient[0]
    step = rule.step[x].subs({x: variable, g: slope}, simultaneous=True)
    if step.has(k) or not step.is_polynomial(variable):
        return None
    poly = Poly(step, variable)
    known = poly.domain.is_ZZ or poly.domain.is_QQ
    return poly if known and 1 <= Poly(slope, variable).degree() <= MAX_DEGREE else None


def _is_two_cycle(step: Poly, left: Expr, right: Expr) -> bool:
    """Whether a step takes the left point to the right one, to 20 digits."""
    gap = step.as_expr().subs(step.gen, left.evalf(DIGITS)) - right.evalf(DIGITS)
    return abs(gap) < Rational(1, 10**20) * (1 + abs(right.evalf()))


def _product_of_slopes(step: Poly, left: Expr, right: Expr) -> Expr:
    slope = step.diff().as_expr()
    return slope.xreplace({step.gen: left}) * slope.xreplace({step.gen: right})
