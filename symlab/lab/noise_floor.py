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
from symlab.checks import shown
from symlab.interrupts import pass_interrupts_on
from symlab.methods.method import as_method
from symlab.methods.rule import Rule
from symlab.theory.data_minimum import data_minimum
from symlab.theory.gradient_noise import checked_batch, gradient_noise
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


@pass_interrupts_on()
def noise_floor(
    bound: BoundRisk,
    rule: object,
    minimum: Sequence[object] | None = None,
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
    bound : BoundRisk
        An `EmpiricalRisk` on data. A sum may have no penalty: in batches it would weigh more.
    rule : Rule
        One that acts linearly, with a constant step size: gradient descent and the momentum rules.
    minimum : sequence of n numbers, optional
        Found by Newton's method from zeros when left out.
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
    size = checked_batch(bound, batch_size, replacement=replacement)
    chosen = _linear_rule(rule)
    if bound.risk.reduction == "sum" and bound.risk.penalty:
        raise ValueError(
            "bound: a batch of a sum has fewer losses but the whole penalty, so runs settle "
            "elsewhere than at the minimum; state the risk as a mean."
        )
    here = _minimum(bound, minimum)
    noise = gradient_noise(bound, here, size, replacement=replacement)
    seen = Samples(bound)
    hessian, times = seen.hessian(here), size / bound.samples
    average = times * hessian if bound.risk.reduction == "sum" else hessian
    n = bound.dimension
    covariance = _stationary(chosen, average, np.asarray(noise.covariance))[:n, :n]
    return NoiseFloor(here, covariance, float(np.trace(hessian @ covariance)) / 2)


def _linear_rule(rule: object) -> Rule:
    chosen = as_method(rule)
    if not isinstance(chosen, Rule):
        raise NoLinearization(f"rule: only rules can be run in batches, got {shown(chosen)}.")
    linearize(chosen)
    if not acts_linearly(chosen):
        raise NoLinearization(
            f"{chosen.name} acts linearly only without noise: no floor is predicted."
        )
    return chosen


def _minimum(bound: BoundRisk, given: Sequence[object] | None) -> np.ndarray:
    if given is not None:
        return float_point(given, bound.dimension, "minimum", bound.variables)
    found = data_minimum(bound)
    if found.point is None:
        raise ValueError(f"minimum: none was found. {found.note}")
    return found.point


def _stationary(rule: Rule, hessian: np.ndarray, noise: np.ndarray) -> np.ndarray:
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
            f"rule: {rule!r} does not converge to the minimum even without noise: its distance "
            f"grows by the factor {radius:.5g} per step, so there is no floor."
        )
    column = np.kron(enters[:, :1], np.eye(len(hessian)))
    return solve_discrete_lyapunov(step, column @ noise @ column.T)
