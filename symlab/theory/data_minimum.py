"""The minimum of a risk on data, by Newton's method in NumPy: the written-out sum is never made.

A logistic loss on separable data has no minimum: some direction lowers the loss of every sample,
however far one goes. Where the search meets such a direction, it reports that, and no point.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sympy import Expr, Float, ImmutableDenseMatrix, Poly, S, Symbol

from symlab.algebra.numbers import sign_of
from symlab.algebra.risk.per_sample import Samples
from symlab.algebra.risk.risk import BoundRisk
from symlab.theory.separation import is_logistic, separation
from symlab.theory.stationary_point import StationaryPoint, StationaryPoints

MAX_STEPS = 100
HALVINGS = 40
FLOAT_DIGITS = 17
"""Digits that tell every float64 from every other."""
SETTLED = 1e-9
"""How short a step, and how small a gradient against the samples' own, end the search."""
FLAT = 1e-11
"""Curvatures below this part of the largest are taken for zero."""
VANISHING = 1e-6
"""Curvatures below this part of the largest may be on the way to nothing."""

SEPARABLE = (
    "The classes are separable: one direction has every sample on its right side, and along it "
    "every loss falls for ever. The risk has no minimum; parameters grow without bound, so compare "
    "their direction, or add a penalty."
)
TIED = (
    "The classes are separable up to ties: along one direction no loss rises, and some fall for "
    "ever. The risk has no minimum; parameters grow without bound, so add a penalty."
)
LOST = (
    "Newton's method came to no minimum in {steps} steps: there may be none, or none that is "
    "smooth. Another start may help."
)
ONE_OF = "The minimum was found by Newton's method; there may be other stationary points."
ANOTHER = "Newton's method came to this point; there may be other stationary points."


@dataclass(frozen=True, eq=False)
class DataMinimum:
    """What Newton's method found: a minimum in floats, or none and the reason.

    Parameters
    ----------
    point : array of shape (n,) or None
    value : float
    hessian : array, shape (n, n)
    curvatures : tuple of sympy.Expr
        The Hessian's eigenvalues, ascending; exact zero for those that rounding alone may be.
    alone : bool
        Whether it is known that there is no other stationary point.
    flat : int
        The dimension of the continuum of minima it belongs to.
    note : str
        What to know about it, in a sentence; empty if there is nothing.
    """

    point: np.ndarray | None
    value: float
    hessian: np.ndarray
    curvatures: tuple[Expr, ...] = ()
    alone: bool = False
    flat: int = 0
    note: str = ""


def data_minimum(bound: BoundRisk, start: Sequence[float] = ()) -> DataMinimum:
    """Find the minimum of a risk on data, from a start or from zeros.

    Parameters
    ----------
    bound : BoundRisk
    start : n floats
        Zeros when left out.

    Examples
    --------
    >>> from sympy import symbols
    >>> from symlab.algebra.risk.risk import EmpiricalRisk
    >>> x, y, w = symbols("x y w", real=True)
    >>> risk = EmpiricalRisk((w*x - y)**2, parameters=(w,), data=(x, y))
    >>> data_minimum(risk.on({x: [1, 2], y: [1, 4]})).point.round(12).tolist()
    [1.8]
    """
    per_sample = Samples(bound)
    here = np.array(start if len(start) else np.zeros(bound.dimension), dtype=float)
    logistic = is_logistic(bound)
    for _ in range(MAX_STEPS):
        if logistic and not bound.risk.penalty and _is_separating(per_sample, here):
            return _no_minimum(per_sample, SEPARABLE, alone=True)
        values, vectors = _spectrum(per_sample, here)
        step = _newton_step(per_sample.gradient(here), values, vectors)
        after = _step_down(per_sample, here, step)
        if after is None:
            break
        small = np.linalg.norm(after - here) <= SETTLED * (1 + np.linalg.norm(here))
        here = after
        if small and logistic and values[0] <= VANISHING * values[-1] and separation(bound):
            break
        if small:
            return _minimum_at(per_sample, here, logistic=logistic)
    if separation(bound):
        return _no_minimum(per_sample, TIED, alone=True)
    return _no_minimum(per_sample, LOST.format(steps=MAX_STEPS))


def stationary_on_data(bound: BoundRisk, start: Sequence[float] = ()) -> StationaryPoints:
    """Return the minimum of a risk on data as the stationary point it is, in floats.

    Parameters
    ----------
    bound : BoundRisk
    start : n floats
        Where the search begins; zeros when left out.
    """
    found = data_minimum(bound, start)
    notes = (found.note,) if found.note else ()
    if found.point is None:
        return StationaryPoints((), found.alone, notes)
    point = StationaryPoint(
        variables=bound.variables,
        point=tuple(_float(coordinate) for coordinate in found.point),
        value=_float(found.value),
        hessian=ImmutableDenseMatrix(found.hessian.tolist()),
        eigenvalues=found.curvatures,
        kind=_kind(found),
        order=2 if all(found.curvatures) else None,
        exact=False,
        freedom=found.flat,
    )
    return StationaryPoints((point,), found.alone, notes)


def _float(number: float) -> Expr:
    return Float(float(number), FLOAT_DIGITS)


def _kind(found: DataMinimum) -> str:
    """Say minimum only where no curvature is negative, and those that are zero are known flat."""
    signs = [sign_of(curvature) for curvature in found.curvatures]
    if min(signs) < 0:
        return "saddle" if max(signs) > 0 else "undecided"
    return "minimum" if signs.count(0) == found.flat else "undecided"


def _no_minimum(per_sample: Samples, note: str, *, alone: bool = False) -> DataMinimum:
    n = per_sample.bound.dimension
    return DataMinimum(None, np.nan, np.zeros((n, n)), alone=alone, note=note)


def _minimum_at(per_sample: Samples, here: np.ndarray, *, logistic: bool) -> DataMinimum:
    """Return the point where the steps became short, if the gradient vanishes there."""
    each = np.abs(per_sample.gradients(here)).sum(axis=0).max()
    size = per_sample.weight * each + np.abs(per_sample.penalty_gradient(here)).max()
    if np.abs(per_sample.gradient(here)).max() > SETTLED * max(size, np.finfo(float).tiny):
        return _no_minimum(per_sample, LOST.format(steps=MAX_STEPS))
    values, _ = _spectrum(per_sample, here)
    quadratic = _is_quadratic(per_sample.bound.risk.loss, per_sample.bound.risk.parameters)
    tame = _has_convex_penalty(per_sample, here)
    alone = tame and (quadratic or logistic) and bool(values[0] > 0)
    return DataMinimum(
        here,
        per_sample.value(here),
        per_sample.hessian(here),
        tuple(_float(value) if value else S.Zero for value in values),
        alone=alone,
        # On a quadratic a direction without curvature stays flat; elsewhere that is not known.
        flat=int(np.sum(values == 0)) if quadratic and tame else 0,
        note="" if alone or (quadratic and tame) else ONE_OF if values[0] >= 0 else ANOTHER,
    )


def _spectrum(per_sample: Samples, here: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return eigenvalues, with zero for those that rounding may have made, and eigenvectors."""
    hessian = per_sample.hessian(here)
    if not np.all(np.isfinite(hessian)):
        n = per_sample.bound.dimension
        return np.zeros(n), np.eye(n)
    values, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
    return np.where(np.abs(values) > FLAT * np.abs(values).max(), values, 0.0), vectors


def _newton_step(gradient: np.ndarray, values: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return Newton's step with every curvature taken as positive, and none along a flat one."""
    along = vectors.T @ gradient
    inverse = np.divide(1.0, np.abs(values), out=np.zeros_like(values), where=values != 0)
    return -vectors @ (inverse * along)


def _step_down(per_sample: Samples, here: np.ndarray, step: np.ndarray) -> np.ndarray | None:
    """Return the first point towards a step, halved again and again, that is not higher."""
    value = per_sample.value(here)
    # Close to the minimum two values differ by rounding alone.
    allowed = value + 1e-14 * abs(value)
    for power in range(HALVINGS):
        trial = here + step / 2**power
        if per_sample.value(trial) <= allowed:
            return trial
    return None


def _is_separating(per_sample: Samples, here: np.ndarray) -> bool:
    """Whether going on in the direction of a point lowers every loss, for a monotone loss."""
    # Each slope keeps its sign everywhere; far out it may round to zero, at the origin it does not.
    margins = -np.sign(per_sample.slopes(0 * here)) * (per_sample.design @ here)
    return bool(np.all(margins > 0))


def _is_quadratic(expression: Expr, symbols: tuple[Symbol, ...]) -> bool:
    return expression.is_polynomial(*symbols) and Poly(expression, *symbols).total_degree() <= 2


def _has_convex_penalty(per_sample: Samples, here: np.ndarray) -> bool:
    """Whether the penalty is a convex quadratic, or none."""
    risk = per_sample.bound.risk
    curved = np.linalg.eigvalsh(per_sample.penalty_hessian(here))
    return _is_quadratic(risk.penalty, risk.parameters) and bool(curved[0] >= -FLAT)
