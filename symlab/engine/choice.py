r"""Which method `minimize` takes where none is named, and why.

Nothing is tried: the choice is made from what the objective states. What derivatives cost is
counted over the terms of a sum: one with o operations in v of the variables gives v entries to the
gradient and v (v + 1) / 2 to the Hessian, each of about o operations.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import comb
from typing import Any

from sympy import Abs, Add, Expr, Heaviside, Integer, Max, Min, Symbol, sign

from symlab.algebra.functions import hinge, relu
from symlab.algebra.objective import Objective
from symlab.algebra.risk.risk import BoundRisk
from symlab.algebra.squares import squares_of
from symlab.methods.directions import bfgs, l_bfgs, modified_newton
from symlab.methods.method import as_method, method
from symlab.methods.rules import adam
from symlab.methods.searches import strong_wolfe
from symlab.methods.squares import levenberg_marquardt
from symlab.methods.trust_regions import trust_region

MOST_VARIABLES = 200
"""Variables up to which a system of equations in each step takes milliseconds."""

MOST_OPERATIONS = 1_000_000
"""Operations up to which derivatives are derived and compiled in seconds, not minutes."""

MOST_OVER_DATA = 1_000_000_000
"""Operations over all samples up to which a Hessian takes about a second."""

MOST_SLOPES = 10_000_000
"""Entries of a Jacobian up to which it takes less than 100 megabytes."""

UNSCALED = method(bfgs, strong_wolfe)
"""What is tried next: it begins along the gradient, and measures steps as they are.

Where a region is scaled by curvature, a variable that has none yet may go far in the first steps,
into a valley that leads to infinity.
"""

KINKED = (Max, Min, Heaviside, sign, relu, hinge)
"""Functions with a kink or a jump, which no second derivative shows; |x| too, but in a power."""


@dataclass(frozen=True)
class Choice:
    """A method, and a clause that says why it was chosen.

    Parameters
    ----------
    method : what `minimize` runs
    reason : str
    others : tuple of what `minimize` runs
        What is tried in turn where the first ends without a minimum.
    """

    method: Any
    reason: str
    others: tuple[Any, ...] = ()


def choose_method(objective: Objective, *, in_batches: bool = False, exact: bool = False) -> Choice:
    """Return the method that suits an objective.

    Parameters
    ----------
    objective : Objective
    in_batches : bool
        Whether gradients are taken on batches.
    exact : bool
        Whether numbers are to stay rational.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> choose_method(Objective((1 - x)**2 + 100*(y - x**2)**2)).reason
    'trust_region, because the Hessian of 2 variables takes about 14 operations'
    >>> choose_method(Objective(abs(x) + y**2)).reason
    'l_bfgs, because the formula has kinks, which no Hessian shows'
    """
    if in_batches:
        return _choice(adam, "only rules run in batches, and this one finds its scale itself")
    if exact:
        return _choice(as_method(modified_newton), "its numbers stay rational")
    if _is_kinked(objective.dispatch(formula=lambda formula: formula.expression, data=_loss)):
        return _choice(as_method(l_bfgs), "the formula has kinks, which no Hessian shows")
    if objective.dimension > MOST_VARIABLES:
        return _choice(as_method(l_bfgs), f"{objective.dimension} variables are many")
    ways = objective.dispatch(
        formula=lambda _: (_by_hessian, _by_squares),
        data=lambda _: (_by_squares, _by_hessian),
        blocks=lambda bound: (_by_squares,) * bound.can_be_held + (_by_hessian,),
    )
    found = (way(objective) for way in ways)
    return next(filter(None, found), None) or _choice(as_method(l_bfgs), _too_much(objective))


def _choice(method: Any, because: str, *others: Any) -> Choice:
    return Choice(method, f"{name_of(method)}, because {because}", others)


def name_of(method: Any) -> str:
    """Return what to call a method in a sentence."""
    return str(getattr(method, "name", None) or method.direction.name)


def _is_kinked(expression: Expr) -> bool:
    if expression.has(*KINKED):
        return True
    if not expression.has(Abs):
        return False
    return bool(expression.replace(_is_power, lambda *_: Integer(1)).has(Abs))


def _is_power(part: Expr) -> bool:
    return bool(part.is_Pow and isinstance(part.base, Abs))


def _loss(bound: BoundRisk) -> Expr:
    return bound.risk.loss + bound.risk.penalty


def _by_squares(objective: Objective) -> Choice | None:
    """Return Levenberg-Marquardt for a sum of squares whose Jacobian is affordable."""
    if _operations(objective, 1) > MOST_OPERATIONS:
        return None
    try:
        residuals = squares_of(objective).count
    except ValueError:
        return None
    if residuals * objective.dimension > MOST_SLOPES:
        return None
    because = f"the objective is a sum of {_count(residuals, 'square')}"
    return _choice(levenberg_marquardt, because, UNSCALED)


def _by_hessian(objective: Objective) -> Choice | None:
    """Return Newton's method in a trust region, where the Hessian is affordable."""
    operations = _operations(objective, 2)
    over_data = operations * (objective.samples or 1)
    if operations > MOST_OPERATIONS or over_data > MOST_OVER_DATA:
        return None
    variables = _count(objective.dimension, "variable")
    because = f"the Hessian of {variables} takes about {_count(over_data, 'operation')}"
    squares = _by_squares(objective) if objective.samples is None else None
    return _choice(trust_region, because, UNSCALED, *([squares.method] if squares else []))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _too_much(objective: Objective) -> str:
    over_data = _operations(objective, 2) * (objective.samples or 1)
    return f"a Hessian of about {over_data:.1g} operations is too much"


def _operations(objective: Objective, order: int) -> int:
    """Return about how many operations derivatives take: of the formula, or of one sample."""
    terms = objective.dispatch(
        formula=lambda formula: Add.make_args(formula.expression),
        data=lambda bound: (bound.risk.loss, *Add.make_args(bound.risk.penalty)),
    )
    return _of_terms(terms, frozenset(objective.variables), order)


@lru_cache(maxsize=256)
def _of_terms(terms: tuple[Expr, ...], variables: frozenset[Symbol], order: int) -> int:
    """Return the sum over the terms of operations times entries; C(v + order - 1, order) each."""
    return sum(
        int(term.count_ops()) * comb(len(term.free_symbols & variables) + order - 1, order)
        for term in terms
    )
