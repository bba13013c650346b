"""What the linear part of a method predicts at a stationary point."""

from dataclasses import dataclass

from sympy import Expr, Poly, S, Symbol, factor, fraction, nan, oo, real_roots, together, zoo

from symlab.algebra.alphabet import H, n, phi_0, phi_q, q, slope, square
from symlab.algebra.numbers import sign_of
from symlab.algebra.objective import Objective
from symlab.methods.method import Method
from symlab.methods.rule import Rule
from symlab.theory.linearization import (
    curvature,
    direction_slope,
    dominant,
    linearize,
    multipliers,
)
from symlab.theory.stability import best_step, step_limit
from symlab.theory.stationary_point import StationaryPoint


@dataclass(frozen=True)
class Prediction:
    """What a run does that comes close to a stationary point.

    Parameters
    ----------
    point : StationaryPoint
    multiplier : sympy.Expr
        The eigenvalue of largest modulus of one linearised step, over all curvatures.
    rate : sympy.Expr
        Its modulus: the factor by which the distance changes per step in the long run.
    order : int or None
        2 if every multiplier is zero, 1 if the rate is below one, else None.
    step_limit : sympy.Expr or None
        The step size below which the rate is below one on every positive curvature.
    best_step : sympy.Expr or None
        The step size with the smallest rate.
    """

    point: StationaryPoint
    multiplier: Expr
    rate: Expr
    order: int | None
    step_limit: Expr | None = None
    best_step: Expr | None = None

    @property
    def attracting(self) -> bool:
        """Whether runs that come close converge to the point."""
        return sign_of(1 - self.rate) > 0


def predict(method: Rule | Method, point: StationaryPoint) -> Prediction | None:
    """Return what the linear part of a method says of a point; None where it says nothing.

    Raises
    ------
    NoLinearization
        If the method has no linear part anywhere.

    Examples
    --------
    >>> from symlab.algebra.problems import PROBLEMS
    >>> from symlab.methods.rules import gradient_descent
    >>> from symlab.theory.stationary import stationary_points
    >>> trap, minimum = stationary_points(PROBLEMS["quartic"].objective).points
    >>> predict(gradient_descent(step_size=0.1), minimum).multiplier
    -41/40
    """
    linear = linearize(method)
    if oo in point.eigenvalues:
        return None
    if inverts_hessian(method) and not point.regular:
        return _newton_at_singular(point, linear.step_size)
    found = [dominant(multipliers(method, value)) for value in point.curvatures]
    if not found:
        return None
    multiplier = dominant(found)
    rate = abs(multiplier)
    order = _order(rate, len(linear.letters))
    steps = (None, None) if linear.step_size is None else _steps(method, point)
    return Prediction(point, multiplier, rate, order, *steps)


def _order(rate: Expr, letters: int) -> int | None:
    if letters == 1 and rate == 0:
        return 2
    return 1 if sign_of(1 - rate) > 0 else None


def _steps(method: Rule | Method, point: StationaryPoint) -> tuple[Expr | None, Expr | None]:
    positive = [value for value in point.eigenvalues if sign_of(value) > 0]
    if not positive or any(sign_of(value) < 0 for value in point.eigenvalues):
        return None, None
    limits = [step_limit(method, value) for value in (positive[0], positive[-1])]
    limit = min(limits, key=float)
    return limit, best_step(method, positive) if 0 < limit < oo else None


def inverts_hessian(method: Rule | Method) -> bool:
    """Whether the direction has no value where the Hessian is singular: undamped Newton."""
    if isinstance(method, Rule) or not method.direction.needs_hessian:
        return False
    entry = method.direction.expression.subs(n, 1).as_explicit()[0]
    flat = {H.subs(n, 1)[0, 0]: S.Zero, **method.direction.hyperparameters}
    return entry.xreplace(flat).has(zoo, nan)


def _newton_at_singular(point: StationaryPoint, step_size: Expr) -> Prediction | None:
    """Where f' vanishes like x^m, Newton's correction f'/f'' is x/m to leading order."""
    if point.order is None:
        return None
    multiplier = 1 - step_size / (point.order - 1)
    return Prediction(point, multiplier, abs(multiplier), _order(abs(multiplier), 1))


def newton_map(objective: Objective) -> tuple[Expr, tuple[Expr, ...]] | None:
    """Return Newton's map x - f'/f'' in one variable and its real poles, for a rational f.

    Examples
    --------
    >>> from symlab.algebra.problems import PROBLEMS
    >>> newton_map(PROBLEMS["quartic"].objective)
    (x*(8*x - 9)/(6*(2*x - 3)), (3/2,))
    """
    x, *others = objective.variables
    bent = objective.hessian[0]
    rational = objective.expression.is_rational_function(x)
    if others or not rational or bent == 0 or bent.count_ops() > 200:
        return None
    mapped = factor(together(x - objective.gradient[0] / bent))
    under = Poly(fraction(mapped)[1], x)
    exact = under.domain.is_ZZ or under.domain.is_QQ
    return mapped, tuple(dict.fromkeys(real_roots(under))) if exact and under.degree() > 0 else ()


def largest_accepted_step(method: Method, value: Expr) -> Expr | None:
    """Return up to which step a search accepts on a parabola of this curvature.

    None if the search accepts by no relation or by values of the past, the direction has a memory,
    or the answer depends on where on the parabola the search stands.

    Examples
    --------
    >>> from symlab.methods.method import as_method
    >>> largest_accepted_step(as_method("backtracking"), 4)
    1/4
    """
    relation = method.search.condition
    if relation is None or method.direction.memory or method.search.remembered:
        return None
    a = Symbol("a", positive=True)
    along = direction_slope(method).xreplace(method.direction.hyperparameters)
    parabola = {
        phi_0: curvature * a**2 / 2,
        phi_q: curvature * (a + q * a * along) ** 2 / 2,
        slope: curvature * a * along * a,
        square: (curvature * a) ** 2,
    }
    gap = factor((relation.lhs - relation.rhs).xreplace(parabola) / (q * a**2))
    if gap.has(a):
        return None
    line = Poly(fraction(gap.subs(curvature, value))[0], q)
    return -line.nth(0) / line.nth(1)
