"""Which status each of many runs has, where that is plain; the rest a run by itself must tell.

A single run is judged at the place where it ends: `symlab.engine.ending`. Of many runs most end
where the same questions have plain answers, and these are asked of all of them at once: a minimum
with room to spare, an iterate that still moves. Where an answer is anywhere near its bound, the
status stays open.
"""

import numpy as np

from symlab.algebra.error_bound import rounding_bound
from symlab.algebra.objective import Objective
from symlab.engine.compiled.many_runs import Ends, ManyRuns
from symlab.engine.compiled.run_head import ENDINGS
from symlab.engine.ending.curvature import CUBE_ROOT, EPS
from symlab.engine.ending.no_movement import FEWEST_ROWS, JUMP
from symlab.engine.ending.precision import PLACES, TRIED
from symlab.engine.ending.small_gradient import SETTLES
from symlab.engine.ending.trail import SMALLEST
from symlab.engine.lowering.stabilize import stabilize

REFUSED = "refused"
"""Of a run whose start or hyperparameters a single run would refuse with an error."""

OPEN = ""
"""Of a run whose place must be examined by itself."""

ROOM = 2.0
"""By how much an answer must clear its bound to be plain."""


def plain_statuses(
    many: ManyRuns, ends: Ends, objective: Objective, starts: np.ndarray, tolerance: float
) -> np.ndarray:
    """Return a status for each run, shape (R,): `OPEN` where only a run by itself can tell.

    Parameters
    ----------
    many : ManyRuns
    ends : Ends
    objective : Objective
    starts : array, shape (R, n)
    tolerance : float
    """
    words = np.array(ENDINGS)[ends.endings]
    statuses = np.full(len(words), OPEN, dtype=object)
    statuses[np.isin(words, ("not finite", "left domain"))] = "diverged"
    with np.errstate(all="ignore"):
        small = np.flatnonzero(words == "small gradient")
        found = _at_minimum(many, ends["last"][small], ends["gradient"][small])
        statuses[small[found]] = "converged"
        last = np.flatnonzero(words == "last step")
        statuses[last[_goes_on(many, ends, objective, starts, tolerance, last)]] = "max_steps"
    statuses[ends.rows == 0] = REFUSED
    return statuses


def _at_minimum(many: ManyRuns, points: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    """Return where a small gradient is plainly that of a minimum."""
    matrices, positive, _ = _curvatures(many, points)
    steps = _newton_steps(matrices, gradients)
    short = np.all(np.abs(steps) <= 2 * EPS * np.abs(points), axis=1) | ~gradients.any(axis=1)
    after = np.linalg.norm(many.look(points + steps)[1], axis=1)
    settled = after <= SETTLES / ROOM * np.linalg.norm(gradients, axis=1)
    return np.asarray(positive & (short | settled))


def _curvatures(many: ManyRuns, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return Hessians by differences, where they are plainly positive definite, and where not.

    As `symlab.engine.ending.curvature` has them for one point.
    """
    sizes = np.maximum(np.abs(points), 1e-3 * np.abs(points).max(axis=1, initial=0, keepdims=True))
    steps = CUBE_ROOT * np.where(sizes > 0, sizes, 1.0)
    near, far = _differences(many, points, steps), _differences(many, points, 2 * steps)
    noise = np.abs(near - far) + np.abs(near) * EPS ** (1 / 2)
    finite = np.isfinite(noise).all(axis=(1, 2))
    near, noise = (np.where(finite[:, None, None], each, 0.0) for each in (near, noise))
    diagonal, rows = np.abs(np.einsum("rii->ri", near)), np.abs(near).max(axis=2, initial=0)
    scales = np.sqrt(np.where(diagonal > EPS * rows, diagonal, np.where(rows > 0, rows, 1.0)))
    under = scales[:, :, None] * scales[:, None, :]
    values = np.linalg.eigvalsh(near / under)
    largest = np.abs(values).max(axis=1, initial=0)
    zero = np.linalg.norm(noise / under, axis=(1, 2)) + 10 * values.shape[1] * EPS * largest
    positive = finite & np.all(values > ROOM * zero[:, None], axis=1)
    negative = finite & np.any(values < -ROOM * zero[:, None], axis=1)
    return near, positive, negative


def _differences(many: ManyRuns, points: np.ndarray, steps: np.ndarray) -> np.ndarray:
    count, size = points.shape
    matrices = np.empty((count, size, size))
    for i in range(size):
        ahead, behind = points.copy(), points.copy()
        ahead[:, i] += steps[:, i]
        behind[:, i] -= steps[:, i]
        change = many.look(ahead)[1] - many.look(behind)[1]
        matrices[:, i] = change / (ahead[:, i] - behind[:, i])[:, None]
    return (matrices + matrices.transpose(0, 2, 1)) / 2


def _newton_steps(matrices: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    """Return Newton's steps; where a Hessian is singular, no number."""
    regular = np.abs(np.linalg.det(matrices)) > 0
    steps = np.full(gradients.shape, np.nan)
    steps[regular] = -np.linalg.solve(matrices[regular], gradients[regular][:, :, None])[:, :, 0]
    return steps


def _goes_on(
    many: ManyRuns,
    ends: Ends,
    objective: Objective,
    starts: np.ndarray,
    tolerance: float,
    which: np.ndarray,
) -> np.ndarray:
    """Return which of the runs at their last step plainly had further to go, or go round."""
    first, half, value = (ends[name][which] for name in ("first_value", "half_value", "value"))
    gains = np.abs(half - value) > 8 * EPS * np.abs(first - value)
    plain = gains | (ends.rows[which] < FEWEST_ROWS)
    rest = which[~plain]
    points, gradients = ends["last"][rest], ends["gradient"][rest]
    moved = np.abs(points - ends["half"][rest]).max(axis=1, initial=0)
    sizes = np.maximum(np.maximum(np.abs(points).max(axis=1, initial=0), moved), SMALLEST)
    reach = np.maximum(sizes, np.abs(starts[rest]).max(axis=1, initial=0))
    imprecise = _beyond_rounding(many, objective, points, gradients, ends["value"][rest], tolerance)
    plain[~plain] = imprecise & _smooth(many, points, gradients, reach)
    return plain


def _beyond_rounding(
    many: ManyRuns,
    objective: Objective,
    points: np.ndarray,
    gradients: np.ndarray,
    values: np.ndarray,
    tolerance: float,
) -> np.ndarray:
    """Return where a gradient is plainly more than rounding leaves of one."""
    if not tolerance > 0:
        return np.ones(len(points), dtype=bool)
    matrices, positive, negative = _curvatures(many, points)
    steps = _newton_steps(matrices, gradients)
    gain = -np.einsum("ri,ri->r", gradients, steps) / 2
    sizes = np.abs(points)
    moves = np.any(np.abs(steps) > ROOM * PLACES * sizes, axis=1)
    far = np.any(np.abs(steps) > ROOM * np.sqrt(tolerance) * sizes, axis=1)
    much = np.any(np.abs(steps) > ROOM * tolerance * sizes, axis=1)
    lowers = gain > ROOM * 4 * _value_rounding(many, points, values)
    apart = moves & lowers & much & (far | (gain > ROOM * tolerance * np.abs(values)))
    here = dict(zip(objective.variables, points.T, strict=True))
    bounds = np.column_stack(
        [
            np.broadcast_to(rounding_bound(stabilize(slope), here), len(points))
            for slope in objective.gradient
        ]
    )
    bounds = bounds + np.einsum("rij,rj->ri", np.abs(matrices), PLACES * sizes)
    seen = np.any(np.abs(gradients) > ROOM * bounds, axis=1)
    return np.asarray(negative | (positive & apart & seen))


def _value_rounding(many: ManyRuns, points: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the rounding of values, as it shows a few floats away."""
    largest = EPS * np.abs(values)
    for away in np.random.default_rng(0).integers(-3, 4, (TRIED, points.shape[1])):
        beside = np.abs(many.look(points * (1 + EPS * away))[0] - values)
        largest = np.fmax(largest, np.where(np.isfinite(beside), beside, 0.0))
    return np.asarray(largest)


def _smooth(
    many: ManyRuns, points: np.ndarray, gradients: np.ndarray, reach: np.ndarray
) -> np.ndarray:
    """Return where the gradient plainly does not jump within a thousand floats."""
    jumps = np.zeros(len(points))
    for i in range(points.shape[1]):
        for sign in (1, -1):
            beside = points.copy()
            beside[:, i] += sign * 1e-13 * reach
            change = np.linalg.norm(many.look(beside)[1] - gradients, axis=1)
            jumps = np.maximum(jumps, change)
    return np.asarray(jumps <= JUMP / ROOM * np.linalg.norm(gradients, axis=1))
