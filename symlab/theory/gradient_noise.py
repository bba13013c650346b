r"""The noise of a mini-batch gradient: its mean and covariance over the draw of the batch.

The samples' gradients :math:`g_1, \dots, g_m` are a finite population with mean :math:`\mu` and
covariance :math:`\Sigma = \frac1m \sum (g_i - \mu)(g_i - \mu)^T`. The sum of b of them has
covariance :math:`b \Sigma + b (b-1) C`, with C the covariance of two draws. With replacement C is
zero. Without, the sum of all m never varies, :math:`m \Sigma + m (m-1) C = 0`, which settles C
(Cochran 1977, theorem 2.2).
"""

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, MatrixSymbol, Symbol, factor, solve, symbols

from symlab.algebra.exactly import float_point
from symlab.algebra.risk.per_sample import Samples
from symlab.algebra.risk.risk import REDUCTIONS, BoundRisk
from symlab.checks import choice, flag, renamed_keyword, shown, whole

samples, batch = symbols("m b", integer=True, positive=True)
parameters = Symbol("n", integer=True, positive=True)
sample_mean = MatrixSymbol("mu", parameters, 1)
sample_covariance = MatrixSymbol("Sigma", parameters, parameters)


@dataclass(frozen=True, eq=False)
class GradientNoise:
    """What the gradient of a batch is on average, and how it scatters.

    Parameters
    ----------
    mean : array, shape (n,), or matrix expression
    covariance : array, shape (n, n), or matrix expression
    """

    mean: Any
    covariance: Any


def noise_formula(*, reduction: str = "mean", replacement: bool = False) -> GradientNoise:
    """Return mean and covariance of a batch's gradient as formulas.

    Parameters
    ----------
    reduction : str
        `"mean"` or `"sum"` over the batch.
    replacement : bool
        Whether a sample may come twice in one batch. The batches of an epoch are, each by itself,
        drawn without; between them they are not independent.

    Returns
    -------
    GradientNoise
        In m samples, batch size b, and the mean mu and covariance Sigma of the samples' gradients.

    Raises
    ------
    ValueError
        If the reduction is unknown.

    Examples
    --------
    >>> noise_formula(replacement=True).covariance, noise_formula().covariance
    (1/b*Sigma, (-(b - m)/(b*(m - 1)))*Sigma)
    """
    times = _times(reduction)
    return GradientNoise(
        times * sample_mean,
        covariance_factor(reduction=reduction, replacement=replacement) * sample_covariance,
    )


def covariance_factor(*, reduction: str = "mean", replacement: bool = False) -> Expr:
    """Return what Sigma is multiplied with, in m and b; the arguments are `noise_formula`'s.

    Examples
    --------
    >>> covariance_factor(reduction="sum", replacement=True)
    b
    """
    pair = Symbol("C")
    never_varies = samples + samples * (samples - 1) * pair
    between = Integer(0) if flag(replacement, "replacement") else solve(never_varies, pair)[0]
    of_sum = batch + batch * (batch - 1) * between
    return factor(of_sum * (_times(reduction) / batch) ** 2)


def _times(reduction: str) -> Expr:
    """Return what the mean over a batch is multiplied with."""
    choice(reduction, REDUCTIONS, "reduction")
    return Integer(1) if reduction == "mean" else batch


@renamed_keyword("bound", "objective")
@renamed_keyword("point", "at")
def gradient_noise(
    objective: BoundRisk, at: object, batch_size: int, *, replacement: bool = False
) -> GradientNoise:
    """Return mean and covariance of a batch's gradient at a point, over all draws of the batch.

    Parameters
    ----------
    objective : BoundRisk
        An `EmpiricalRisk` on data. Its penalty adds to the mean and does not scatter.
    at : sequence of n numbers
    batch_size : int
        Samples in a batch, from 1 to m, or any number with replacement.
    replacement : bool
        Whether a sample may come twice in one batch; False also for a step of `order="epoch"`.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.

    Examples
    --------
    >>> from symlab.algebra.risk.risk import EmpiricalRisk
    >>> x, y, w = symbols("x y w", real=True)
    >>> risk = EmpiricalRisk((w*x - y)**2 / 2, parameters=(w,), data=(x, y))
    >>> bound = risk.on({x: [1, 1, 1], y: [0, 1, 2]})
    >>> gradient_noise(bound, [1], batch_size=2).covariance.round(4).tolist()
    [[0.1667]]
    """
    size = check_batch_size(objective, batch_size, replacement=replacement)
    here = float_point(at, objective.dimension, "at", objective.variables)
    per_sample = Samples(objective)
    gradients = per_sample.gradients(here)
    known = {batch: size, samples: objective.samples}
    times = float(_times(objective.risk.reduction).subs(known))
    spread = gradients - gradients.mean(axis=0)
    factor_of_sum = _factor_at(objective, size, replacement=replacement)
    return GradientNoise(
        times * gradients.mean(axis=0) + per_sample.penalty_gradient(here),
        factor_of_sum * (spread.T @ spread) / objective.samples,
    )


def _factor_at(objective: BoundRisk, size: int, *, replacement: bool) -> float:
    if size == objective.samples == 1:
        return 0.0  # One sample does not scatter; the formula would divide 0 by 0.
    formula = covariance_factor(reduction=objective.risk.reduction, replacement=replacement)
    return float(formula.subs({batch: size, samples: objective.samples}))


def check_batch_size(objective: object, batch_size: object, *, replacement: bool) -> int:
    """Return a batch size that can be drawn from a risk on data, or name what is wrong."""
    if not isinstance(objective, BoundRisk):
        raise TypeError(f"objective: expected an EmpiricalRisk on data, got {shown(objective)}.")
    size = whole(batch_size, "batch_size", 1)
    if size > objective.samples and not flag(replacement, "replacement"):
        raise ValueError(
            f"batch_size: {shown(size)} is larger than the {objective.samples} samples; "
            "use replacement=True."
        )
    return size
