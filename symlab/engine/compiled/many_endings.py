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
from symlab.engine.domain import domain_of
from symlab.engine.ending.curvature import CUBE_ROOT, EPS
from symlab.engine.ending.no_movement import JUMP
from symlab.engine.ending.precision import PLACES, SHORT, TRIED
from symlab.engine.ending.small_gradient import SETTLES
from symlab.engine.ending.trail import FEWEST_ROWS, HUGE, MUCH, SMALLEST
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
        last = words == "last step"
        spent = last & (_gains(ends) | (tolerance == 0))  # with 0 all steps were asked for
        statuses[spent] = "max_steps"
        still = (words == "unchanged") & ~_exploded(ends, starts)
        if domain_of(objective.variables).conditions:
            still[:] = False
        rest = np.flatnonzero((last & ~spent) | still)
        precise, imprecise = _precision(many, ends, objective, (starts, tolerance), rest)
        statuses[rest[precise]] = "converged" if tolerance > 0 else "precision"
        plain = rest[imprecise & _smooth(many, ends, starts, rest)]
        statuses[plain] = np.where(last[plain], "max_steps", "stalled")
    statuses[ends.rows == 0] = REFUSED
    return statuses


def _gains(ends: Ends) -> np.ndarray:
    """Return which runs gained in their second half, or were too short to say."""
    first, half, value = (ends[name] for name in ("first_value", "half_value", "value"))
    gains = np.abs(half - value) > 8 * EPS * np.abs(first - value)
    return np.asarray(gains | (ends.rows < FEWEST_ROWS))


def _exploded(ends: Ends, starts: np.ndarray) -> np.ndarray:
    """Return which runs have grown out of all proportion: see `Trail.exploded`."""
    far, start = (np.abs(points).max(axis=1) for points in (ends["last"], starts))
    high, first = ends["value"], np.abs(ends["first_value"])
    much = (far > MUCH * (1 + start)) & (high > MUCH * (1 + first))
    huge = np.maximum(far, np.abs(high)) > HUGE * (1 + np.maximum(start, first))
    return np.asarray(much | huge)


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


def _precision(
    many: ManyRuns,
    ends: Ends,
    objective: Objective,
    asked: tuple[np.ndarray, float],
    which: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return which runs are plainly as far as floats go, at a minimum, and which plainly are not.

    As `symlab.engine.ending.precision` has it for one run; `asked` are all starts, and the
    tolerance.
    """
    starts, tolerance = asked
    points, gradients = ends["last"][which], ends["gradient"][which]
    if tolerance < 0:
        return np.zeros(len(points), dtype=bool), np.ones(len(points), dtype=bool)
    values = ends["value"][which]
    matrices, positive, negative = _curvatures(many, points)
    steps = _newton_steps(matrices, gradients)
    gain, sizes = -np.einsum("ri,ri->r", gradients, steps) / 2, np.abs(points)
    rounding = 4 * _value_rounding(many, points, values)
    reach = np.maximum(sizes.max(axis=1), np.abs(starts[which]).max(axis=1))
    leads = np.abs(steps).max(axis=1) <= SHORT / ROOM * reach
    still = np.all(np.abs(steps) <= PLACES / ROOM * sizes, axis=1)
    still |= leads & (gain <= rounding / ROOM)
    moves, much, far = (
        np.any(np.abs(steps) > ROOM * part * sizes, axis=1)
        for part in (PLACES, tolerance, np.sqrt(tolerance))
    )
    apart = moves & much & (gain > ROOM * rounding)
    apart &= far | (gain > ROOM * tolerance * np.abs(values))
    bounds = _rounding(objective, points) + np.einsum(
        "rij,rj->ri", np.abs(matrices), PLACES * sizes
    )
    seen = np.any(np.abs(gradients) > ROOM * bounds, axis=1)
    # Where a run stands still and no minimum is near, it may be on the way to an infimum.
    last, coarse = ends.endings[which] == ENDINGS.index("last step"), positive & apart & seen
    return positive & still, (last & (negative | coarse)) | (coarse & leads)


def _rounding(objective: Objective, points: np.ndarray) -> np.ndarray:
    """Return what rounding may add to each derivative at each point, shape (R, n)."""
    here = dict(zip(objective.variables, points.T, strict=True))
    bounds = [rounding_bound(stabilize(slope), here) for slope in objective.gradient]
    return np.column_stack([np.broadcast_to(each, len(points)) for each in bounds])


def _value_rounding(many: ManyRuns, points: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the rounding of values, as it shows a few floats away."""
    largest = EPS * np.abs(values)
    for away in np.random.default_rng(0).integers(-3, 4, (TRIED, points.shape[1])):
        beside = np.abs(many.look(points * (1 + EPS * away))[0] - values)
        largest = np.fmax(largest, np.where(np.isfinite(beside), beside, 0.0))
    return np.asarray(largest)


def _smooth(many: ManyRuns, ends: Ends, starts: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Return where the gradient plainly does not jump: see `_has_kink` of a run by itself."""
    points, gradients = ends["last"][which], ends["gradient"][which]
    # Half of a run is noted where that is half of all steps; one that stands still sooner has moved
    # little since its own.
    at_half = (ends["half"][which], ends.endings[which] == ENDINGS.index("last step"))
    moved = np.where(at_half[1], np.abs(points - at_half[0]).max(axis=1, initial=0), 0.0)
    sizes = np.maximum(np.maximum(np.abs(points).max(axis=1, initial=0), moved), SMALLEST)
    reach = np.maximum(sizes, np.abs(starts[which]).max(axis=1, initial=0))
    near, far = (_jumps(many, points, gradients, part * reach) for part in (1e-13, 1e-10))
    small = near <= JUMP / ROOM * np.linalg.norm(gradients, axis=1)
    return np.asarray(small | (near <= JUMP / ROOM * far))


def _jumps(
    many: ManyRuns, points: np.ndarray, gradients: np.ndarray, strides: np.ndarray
) -> np.ndarray:
    """Return the largest change of each gradient on a step along an axis."""
    jumps = np.zeros(len(points))
    for i in range(points.shape[1]):
        for sign in (1, -1):
            beside = points.copy()
            beside[:, i] += sign * strides
            change = np.linalg.norm(many.look(beside)[1] - gradients, axis=1)
            jumps = np.where(change > jumps, change, jumps)
    return jumps
