r"""The noise floor: how far from the minimum a run in batches keeps scattering.

Near the minimum a step acts linearly, :math:`s \leftarrow J s + B \xi`, on the distance and the
state s, with the batch's noise :math:`\xi` of covariance C. In the long run the covariance S of s
is what a step leaves as it is: :math:`S = J S J^T + B C B^T`, the discrete Lyapunov equation
(Mandt, Hoffman & Blei 2017 solve its continuous limit). The objective then exceeds its minimum by
:math:`\operatorname{tr}(H S)/2` on average, with H the Hessian.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_discrete_lyapunov
from sympy import lambdify

from symlab.algebra.exactly import float_point
from symlab.algebra.risk.per_sample import Samples
from symlab.algebra.risk.risk import BoundRisk
from symlab.checks import renamed_keyword, shown
from symlab.interrupts import pass_interrupts_on
from symlab.methods.method import as_method
from symlab.methods.rule import Rule
from symlab.theory.data_minimum import data_minimum
from symlab.theory.gradient_noise import check_batch_size, gradient_noise
from symlab.theory.linearization import NoLinearization, acts_linearly, curvature, linearize


@dataclass(frozen=True, eq=False)
class NoiseFloor:
    """The scatter that batches of a size keep up around a minimum.

    Parameters
    ----------
    minimum : array, shape (n,)
    covariance : array, shape (n, n)
        Of the iterates about the minimum, in the long run.
    value : float
        By how much the objective exceeds its minimum on average: tr(H S)/2.
    """

    minimum: np.ndarray
    covariance: np.ndarray
    value: float


@renamed_keyword("bound", "objective")
@renamed_keyword("rule", "method")
@renamed_keyword("minimum", "at")
@pass_interrupts_on()
def noise_floor(
    objective: BoundRisk,
    method: object,
    at: Sequence[object] | None = None,
    *,
    batch_size: int,
    replacement: bool = False,
) -> NoiseFloor:
    """Predict how iterates scatter about a minimum in a long run in batches.

    To first order in the noise: the curvature and the noise are taken as they are at the minimum,
    and batches as independent, `order="step"`. A run in epochs scatters less, because the batches
    of an epoch make up for one another.

    Parameters
    ----------
    objective : BoundRisk
        An `EmpiricalRisk` on data. A sum may have no penalty: in batches it would weigh more.
    method : Rule
        One that acts linearly, with a constant step size: gradient descent and the momentum rules.
    at : sequence of n numbers, optional
        The minimum; found by Newton's method from zeros when left out.
    batch_size, replacement
        As in `gradient_noise`.

    Raises
    ------
    TypeError, ValueError
        Naming the argument; also if there is no minimum, or the rule has no linear part or does
        not converge there without noise.

    Examples
    --------
    >>> from sympy import symbols
    >>> from symlab.algebra.risk.risk import EmpiricalRisk
    >>> from symlab.methods.rules import gradient_descent
    >>> y, w = symbols("y w", real=True)
    >>> bound = EmpiricalRisk((w - y)**2 / 2, parameters=(w,), data=(y,)).on({y: [-1, 1]})
    >>> floor = noise_floor(bound, gradient_descent(step_size=0.5), batch_size=1)
    >>> round(float(floor.covariance[0, 0]), 12), round(floor.value, 12)
    (0.333333333333, 0.166666666667)
    """
    size = check_batch_size(objective, batch_size, replacement=replacement)
    rule = _linear_rule(method)
    if objective.risk.reduction == "sum" and objective.risk.penalty:
        raise ValueError(
            "objective: a batch of a sum has fewer losses but the whole penalty, so runs settle "
            "elsewhere than at the minimum; state the risk as a mean."
        )
    here = _minimum(objective, at)
    noise = gradient_noise(objective, here, size, replacement=replacement)
    hessian, times = Samples(objective).hessian(here), size / objective.samples
    average = times * hessian if objective.risk.reduction == "sum" else hessian
    n = objective.dimension
    covariance = _stationary_covariance(rule, average, np.asarray(noise.covariance))[:n, :n]
    return NoiseFloor(here, covariance, float(np.trace(hessian @ covariance)) / 2)


def _linear_rule(method: object) -> Rule:
    chosen = as_method(method)
    if not isinstance(chosen, Rule):
        raise NoLinearization(f"method: only rules can be run in batches, got {shown(chosen)}.")
    linearize(chosen)
    if not acts_linearly(chosen):
        raise NoLinearization(
            f"{chosen.name} acts linearly only without noise: no floor is predicted."
        )
    return chosen


def _minimum(objective: BoundRisk, at: Sequence[object] | None) -> np.ndarray:
    if at is not None:
        return float_point(at, objective.dimension, "at", objective.variables)
    found = data_minimum(objective)
    if found.point is None:
        raise ValueError(f"at: no minimum was found. {found.note}")
    return found.point


def _stationary_covariance(rule: Rule, hessian: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return the covariance of distance and state, with one block of n for each letter."""
    linear = linearize(rule)
    # The gradient is the curvature times the distance, plus noise: both enter by the same column.
    driven = linear.jacobian.diff(curvature)
    free, enters = (
        np.array(lambdify((), matrix.subs(linear.values), "numpy")(), dtype=float)
        for matrix in (linear.jacobian.subs(curvature, 0), driven)
    )
    step = np.kron(free, np.eye(len(hessian))) + np.kron(enters, hessian)
    radius = np.abs(np.linalg.eigvals(step)).max()
    if radius >= 1:
        raise ValueError(
            f"method: {rule!r} does not converge to the minimum even without noise: its distance "
            f"grows by the factor {radius:.5g} per step, so there is no floor."
        )
    column = np.kron(enters[:, :1], np.eye(len(hessian)))
    return solve_discrete_lyapunov(step, column @ noise @ column.T)
