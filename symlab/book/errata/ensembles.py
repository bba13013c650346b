"""One descent from many starts on as many data sets at once, where a claim is about most of them.

A run is a row of NumPy arrays, so a hundred of a thousand steps take less time than to compile one.
The derivatives are those that SymPy finds of a risk, in their stable form.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import Expr, Symbol, hessian, lambdify

from symlab.algebra.numeric import NUMPY
from symlab.algebra.risk.risk import EmpiricalRisk
from symlab.engine.batches import draw_batches
from symlab.engine.lowering.stabilize import stabilize

NEWTON_STEPS, REST = 50, 1e-10
"""The most steps that Newton's method may take, and how short the step is that ends it."""


@lru_cache(maxsize=64)
def numeric(expressions: tuple[Expr, ...], symbols: tuple[Symbol, ...]) -> Callable[..., Any]:
    """Return expressions, made stable, as one function of arrays that gives a list."""
    return lambdify(symbols, [stabilize(each) for each in expressions], [NUMPY, "numpy"], cse=True)


def draw_samples(
    samples: int, steps: int, runs: int, size: int, *, replacement: bool
) -> np.ndarray:
    """Return the samples of each step, shape (steps, runs, size); a run's number is its seed."""
    options: dict[str, Any] = {"order": "step", "replacement": replacement}
    return np.stack([draw_batches(samples, size, steps, run, **options) for run in range(runs)], 1)


def totals(risk: EmpiricalRisk, weights: np.ndarray, data: np.ndarray) -> np.ndarray:
    """Return the losses of each run, summed over its samples, without penalty, shape (runs,)."""
    (losses,) = numeric((risk.loss,), (*risk.parameters, *risk.data))(*weights[..., None], *data)
    return np.sum(losses, axis=-1)


def descend(
    risk: EmpiricalRisk,
    starts: np.ndarray,
    data: np.ndarray,
    step_size: float,
    steps: int,
    batches: np.ndarray | None = None,
) -> np.ndarray:
    """Return the iterates of gradient descent from every start, the starts among them.

    Parameters
    ----------
    risk : EmpiricalRisk
        Its reduction says whether slopes are summed or averaged.
    starts : array, shape (parameters, runs)
    data : array, shape (data symbols, runs, samples)
    step_size : float
    steps : int
    batches : array of int, shape (steps, runs, size), optional
        The samples of each step; all of them when left out.

    Returns
    -------
    array, shape (steps + 1, parameters, runs)
    """
    gradient = _derivatives(risk)[0]
    iterates = np.empty((steps + 1, *starts.shape))
    iterates[0] = starts
    for k, here in enumerate(iterates[:-1]):
        seen = data if batches is None else np.take_along_axis(data, batches[k][None], axis=-1)
        iterates[k + 1] = here - step_size * gradient(here, seen)
    return iterates


def find_minima(risk: EmpiricalRisk, starts: np.ndarray, data: np.ndarray) -> np.ndarray:
    """Return the minima that Newton's method finds from every start, shape (parameters, runs).

    Raises
    ------
    ArithmeticError
        If a run has not come to rest.
    """
    gradient, curvature = _derivatives(risk)
    here, size = starts, len(risk.parameters)
    for _ in range(NEWTON_STEPS):
        matrices = curvature(here, data).T.reshape(-1, size, size)
        step = np.linalg.solve(matrices, gradient(here, data).T[..., None])[..., 0].T
        here = here - step
        if np.abs(step).max() < REST:
            return here
    raise ArithmeticError(f"Newton's method: not at rest after {NEWTON_STEPS} steps.")


Derivative = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From weights (parameters, runs) and data (data symbols, runs, samples) to (entries, runs)."""


@lru_cache(maxsize=16)
def _derivatives(risk: EmpiricalRisk) -> tuple[Derivative, Derivative]:
    """Return gradient and Hessian of the whole risk, its penalty among it."""
    slopes = [risk.penalty.diff(each) for each in risk.parameters]
    bends = hessian(risk.penalty, risk.parameters)
    return _whole(risk, risk.gradient, slopes), _whole(risk, risk.hessian, bends)


def _whole(risk: EmpiricalRisk, per_sample: Any, once: Any) -> Derivative:
    of_samples = numeric(tuple(per_sample), (*risk.parameters, *risk.data))
    of_penalty = numeric(tuple(once), risk.parameters)
    reduce = np.sum if risk.reduction == "sum" else np.mean

    def derivative(weights: np.ndarray, data: np.ndarray) -> np.ndarray:
        parts = of_samples(*weights[..., None], *data)
        added = of_penalty(*weights)
        return np.array(
            [reduce(part, axis=-1) + more for part, more in zip(parts, added, strict=True)]
        )

    return derivative
