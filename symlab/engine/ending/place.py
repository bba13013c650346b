"""A run's own functions as an oracle, and whether Newton's method can start at a point."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

from symlab.algebra.objective import Objective
from symlab.algebra.risk.blocked import BlockedRisk
from symlab.algebra.risk.bound import BoundRisk
from symlab.algebra.working_precision import working_digits
from symlab.engine.domain import domain_of
from symlab.engine.ending.advice import has_flat, singular_words
from symlab.engine.ending.curvature import MOST_VARIABLES, Oracle, ValueAndGradient
from symlab.engine.exact.functions import exact_functions, or_nan
from symlab.engine.rounding import rounding_of
from symlab.methods.directions import newton
from symlab.methods.method import Method, Runnable

if TYPE_CHECKING:
    from symlab.theory.separation import Separation

CLOSE_DIGITS = 30
MOST_SAMPLES = 2000
"""Data up to which a gradient to many digits takes no noticeable time."""


MOST_ENTRIES = 50_000
"""Second derivatives, over all samples, that are evaluated to many digits without noticing."""


MOST_OPERATIONS = 5_000
"""Operations of a formula, times its second derivatives, that take no noticeable time either."""


def oracle_of(
    objective: Objective,
    value_and_gradient: ValueAndGradient,
    hessian: Callable[[np.ndarray], np.ndarray] | None = None,
    *,
    in_floats: bool = True,
) -> Oracle:
    """Return an objective as an oracle, from functions that are compiled already.

    Where these work in floats, a bound on their rounding comes with them.
    """
    samples, size = objective.samples or 1, objective.dimension
    is_held = not isinstance(objective, BlockedRisk) or objective.can_be_held
    is_small = is_held and samples * size**2 <= MOST_ENTRIES and size <= MOST_VARIABLES

    def exact_gradient(point: np.ndarray) -> Sequence[Any]:
        both = exact_functions(objective).value_and_gradient
        with working_digits(CLOSE_DIGITS):
            numbers = tuple(map(mpmath.mpf, point.tolist()))
            return or_nan(both, numbers, 1 + objective.dimension)[1:]

    def exact_hessian(point: np.ndarray) -> np.ndarray:
        formula = objective.samples is None
        if formula and objective.expression.count_ops() * size**2 > MOST_OPERATIONS:
            return np.full((size, size), np.nan)
        with working_digits(CLOSE_DIGITS):
            numbers = tuple(map(mpmath.mpf, point.tolist()))
            entries = or_nan(exact_functions(objective).hessian, numbers, size**2)
            return np.array([float(entry) for entry in entries]).reshape(size, size)

    def rounding(point: np.ndarray) -> Sequence[float]:
        return rounding_of(objective).gradient(tuple(point))

    return Oracle(
        names=tuple(variable.name for variable in objective.variables),
        value_and_gradient=value_and_gradient,
        hessian=hessian,
        exact_gradient=exact_gradient if is_held and samples <= MOST_SAMPLES else None,
        exact_hessian=exact_hessian if is_small else None,
        rounding=rounding if is_small and in_floats else None,
        domain=domain_of(objective.variables),
        samples=samples,
        separation=objective.dispatch(
            formula=lambda _: None, data=lambda bound: partial(_separation, bound)
        ),
    )


def _separation(bound: BoundRisk) -> "Separation | None":
    """Return how classes can be separated; imported here, because few runs ask."""
    from symlab.theory.separation import separation

    return separation(bound)


def check_newton(
    oracle: Oracle,
    point: np.ndarray,
    method: Runnable,
    is_regular: Callable[[float], bool] | None = None,
) -> None:
    """Refuse a start where Newton's matrix is singular, unless the gradient is zero there.

    Parameters
    ----------
    oracle, point, method
    is_regular : callable, optional
        Takes the damping; says whether more digits than floats have tell the matrix from a
        singular one.

    Raises
    ------
    ValueError
        If it is, with the direction that is flat and a damping that works.
    """
    if not isinstance(method, Method) or method.direction.name != newton.name:
        return
    (exact,) = method.direction.hyperparameters.values()
    damping = float(exact)
    value, gradient = oracle.value_and_gradient(point)
    if not np.isfinite(value) or not gradient.any() or not has_flat(oracle, point, damping):
        return
    if is_regular is None or not is_regular(damping):
        raise ValueError(f"start: {singular_words(oracle, point)}.")
