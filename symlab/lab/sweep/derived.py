"""What theory says of a sweep: step limits and best steps at the minimiser that it found."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy import lambdify

from symlab.algebra.objective import Objective
from symlab.lab.sweep.configured import configured
from symlab.methods.rule import Rule
from symlab.theory.linearization import NoLinearization
from symlab.theory.stability import best_step, step_limit

BEST_AT = 33
"""Values of the other quantity at which the best step is derived; between them it is a line."""


@dataclass(frozen=True)
class Derived:
    """Derived step sizes along another hyperparameter.

    Parameters
    ----------
    values : array, shape (q,)
        Of the other hyperparameter.
    limits, best : array, shape (q,)
        Below which step size the minimiser attracts, and which is the fastest; NaN where nothing is
        derived.
    """

    values: np.ndarray
    limits: np.ndarray
    best: np.ndarray


def derived_steps(
    objective: Objective, method: object, point: np.ndarray | None, word: str, values: np.ndarray
) -> Derived | None:
    """Return the derived step sizes of a rule, by the Schur-Cohn conditions of its linear part.

    Parameters
    ----------
    objective : Objective
    method : rule or method
        Nothing is derived for other methods than rules with a linear part.
    point : array, shape (n,), optional
        A minimiser.
    word : str
        The other hyperparameter; empty where there is none.
    values : array
        Its values.
    """
    if point is None or not isinstance(method, Rule):
        return None
    curvatures = _curvatures(objective, point)
    if curvatures is None:
        return None
    some = np.linspace(values.min(), values.max(), BEST_AT) if len(values) > BEST_AT else values
    pairs = [_steps(method, {word: float(v)} if word else {}, curvatures) for v in some]
    if all(pair is None for pair in pairs):
        return None
    found = np.array([(np.nan, np.nan) if pair is None else pair for pair in pairs])
    return Derived(some, found[:, 0], found[:, 1])


def _steps(
    rule: Rule, values: dict[str, float], curvatures: list[float]
) -> tuple[float, float] | None:
    """Return step limit and best step of a rule; None where it has none."""
    try:
        chosen: Any = configured(rule, values)
        limit = float(step_limit(chosen, max(curvatures)))
        return limit, float(best_step(chosen, [min(curvatures), max(curvatures)]))
    except (NoLinearization, ValueError, TypeError):
        return None


def _curvatures(objective: Objective, point: np.ndarray) -> list[float] | None:
    """Return the eigenvalues of the Hessian, if all are positive."""
    if objective.samples is not None:
        return None
    hessian = lambdify(objective.variables, objective.hessian, "numpy")(*point)
    values = np.linalg.eigvalsh(np.array(hessian, dtype=float))
    return values.tolist() if np.all(np.isfinite(values)) and values[0] > 0 else None
