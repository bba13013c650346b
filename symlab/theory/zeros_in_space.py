"""The zeros of a gradient in several variables, by Newton's method from seeded starts.

Two searches share the starts. One shortens the gradient, and finds saddles and maxima as well; the
other lowers the value along Newton's step with every curvature taken as positive, and finds minima
that the first misses. In many variables only the second is affordable.
"""

from collections.abc import Callable, Iterable
from itertools import product

import numpy as np

from symlab.algebra.objective import Objective
from symlab.theory.evaluation import Floats, floats
from symlab.theory.region import Region

STARTS_PER_VARIABLE = 40
WIDE_PER_VARIABLE, LARGEST_START = 10, 4
MANY_VARIABLES, FEW_STARTS = 12, 4
LATTICE = 3
"""Up to how many variables the points with coordinates -1, 0 and 1 are starts as well."""
NEWTON_STEPS, DESCENT_STEPS = 80, 400
HALVINGS, DEEPEST = 12, 40
DESCENDING, TOO_FAR = 0.5, 1e9
"""The part of the time for the descent, and the distance at which a start is given up."""
SMALL, LEAST_CURVED, SETTLED, NEAR = 1e-8, 1e-10, 1e-13, 0.1
FEW_FLAT = 6
SEED = 0

Stop = Callable[[float], bool]


def search_space(objective: Objective, region: Region, stop: Stop) -> list[np.ndarray]:
    """Return points where the gradient is next to zero, the lowest first.

    Parameters
    ----------
    objective : Objective
        Of at least two variables.
    region : Region
    stop : callable
        Called at every step with a share of the time, up to 1; returns whether it is over.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> f, square = Objective((x - 1)**2 + y**4 + y**2), Region(((-1, 1),) * 2)
    >>> found = search_space(f, square, stop=lambda part: False)
    >>> [point.round(6).tolist() for point in found[:1]]
    [[1.0, 0.0]]
    """
    gradient = floats(objective.variables, list(objective.gradient))
    hessian = hessian_floats(objective)
    points = _starts(region)
    value = floats(objective.variables, [objective.expression])
    many = objective.dimension > MANY_VARIABLES
    # In many variables one start after the other, so that a cut leaves what the first ones found.
    batches = [points[i : i + 1] for i in range(len(points))] if many else [points]
    descents = [_descend(value, gradient, hessian, batch, stop) for batch in batches]
    low = np.vstack(descents)
    # A descent stops where values cannot be told apart; Newton's method goes on to the zero.
    found = _newton(gradient, hessian, low if many else np.vstack([low, points]), stop)
    found = found[_vanishes(gradient, hessian, found)] if len(found) else found
    return list(found[np.argsort(value(found)[:, 0], kind="stable")]) if len(found) else []


def hessian_floats(objective: Objective) -> Floats:
    """Return a function from points (m, n) to Hessians (m, n, n); zeros are not computed."""
    n, whole = objective.dimension, objective.hessian
    places = [(i, j) for i in range(n) for j in range(i, n) if whole[i, j] != 0]
    entries = floats(objective.variables, [whole[i, j] for i, j in places]) if places else None
    rows, columns = np.array(places, dtype=int).reshape(-1, 2).T

    def evaluate(points: np.ndarray) -> np.ndarray:
        filled = np.zeros((len(points), n, n))
        if entries is not None:
            values = entries(points)
            filled[:, rows, columns] = values
            filled[:, columns, rows] = values
        return filled

    return evaluate


def _starts(region: Region) -> np.ndarray:
    low, high = np.array(region.box, dtype=float).T
    n = len(low)
    random = np.random.Generator(np.random.PCG64(SEED))
    count = STARTS_PER_VARIABLE * n if n <= MANY_VARIABLES else FEW_STARTS
    inside = low + random.uniform(size=(count, n)) * (high - low)
    rows = [(low + high) / 2, np.ones(n), *([region.start] if region.start else []), *inside]
    if n <= LATTICE:
        rows += [np.array(corner, dtype=float) for corner in product((-1, 0, 1), repeat=n)]
    if region.wide and n <= MANY_VARIABLES:
        signs = np.where(low < 0, random.choice([-1.0, 1.0], size=(WIDE_PER_VARIABLE * n, n)), 1.0)
        size = 10 ** random.uniform(-2, LARGEST_START, size=signs.shape)
        rows += list(signs * size)
    return np.vstack(rows).astype(float)


def _vanishes(gradient: Floats, hessian: Floats, points: np.ndarray) -> np.ndarray:
    """Whether each gradient is zero to rounding, of which a large Hessian leaves more.

    Where the Hessian vanishes together with the gradient, as far out on exp(-x^2), no zero is near:
    of such points the first few are kept, because they may lie on a plateau.
    """
    with np.errstate(all="ignore"):
        curvature = np.nan_to_num(np.abs(hessian(points)).max(axis=(1, 2)))
        size = np.abs(points).max(axis=1)
        length = np.linalg.norm(gradient(points), axis=1)
        near = length < NEAR * (1 + size) * curvature
        flat = ~near & (np.cumsum(~near) <= FEW_FLAT)
        return (length < SMALL * np.maximum(1, 1e-4 * curvature * size)) & (near | flat)


def _newton(gradient: Floats, hessian: Floats, points: np.ndarray, stop: Stop) -> np.ndarray:
    """Run Newton's method from all starts at once; steps that lengthen the gradient are halved."""
    done: list[np.ndarray] = []
    for _ in range(NEWTON_STEPS):
        slope, curvature = gradient(points), hessian(points)
        usable = np.isfinite(slope).all(axis=1) & np.isfinite(curvature).all(axis=(1, 2))
        points, slope, curvature = points[usable], slope[usable], curvature[usable]
        if not len(points) or stop(1.0):
            break
        with np.errstate(all="ignore"):
            step = -(np.linalg.pinv(curvature) @ slope[:, :, None])[:, :, 0]
            moved = _shorten_steps(gradient, points, step, np.linalg.norm(slope, axis=1))
        still = np.abs(step).max(axis=1) < SETTLED * (1 + np.abs(points).max(axis=1))
        done += list(moved[still])
        points = moved[~still]
    return np.array([*done, *points]).reshape(-1, points.shape[1])


def _shorten_steps(
    gradient: Floats, points: np.ndarray, step: np.ndarray, length: np.ndarray
) -> np.ndarray:
    waiting, moved = np.ones(len(points), dtype=bool), points.copy()
    for halving in range(HALVINGS):
        trial = points + step / 2**halving
        better = waiting & (np.linalg.norm(gradient(trial), axis=1) < length)
        moved[better] = trial[better]
        waiting &= ~better
        if not waiting.any():
            break
    return moved


def _descend(
    value: Floats, gradient: Floats, hessian: Floats, points: np.ndarray, stop: Stop
) -> np.ndarray:
    """Lower the value from every start until no step along Newton's direction does so."""
    done: list[np.ndarray] = []
    for _ in range(DESCENT_STEPS):
        slope, curvature = gradient(points), hessian(points)
        usable = np.isfinite(slope).all(axis=1) & np.isfinite(curvature).all(axis=(1, 2))
        usable &= np.abs(points).max(axis=1) < TOO_FAR
        points, slope, curvature = points[usable], slope[usable], curvature[usable]
        if not len(points) or stop(DESCENDING):
            break
        step = _downhill_steps(slope, curvature)
        moved, lower = _lower_steps(value, points, step)
        done += list(points[~lower])
        points = moved[lower]
    return np.array([*done, *points]).reshape(-1, points.shape[1])


def _downhill_steps(slope: np.ndarray, curvature: np.ndarray) -> np.ndarray:
    """Return Newton's steps with every curvature taken as positive."""
    if len(curvature) == 1 and _is_positive(curvature):
        return -np.linalg.solve(curvature, slope[:, :, None])[:, :, 0]
    with np.errstate(all="ignore"):
        values, vectors = np.linalg.eigh(curvature)
        curved = np.abs(values)
        curved = np.maximum(curved, LEAST_CURVED * curved.max(axis=1, keepdims=True) + 1e-300)
        along = np.swapaxes(vectors, 1, 2) @ slope[:, :, None]
        return -(vectors @ (along / curved[:, :, None]))[:, :, 0]


def _is_positive(curvature: np.ndarray) -> bool:
    """Whether every curvature is positive; Cholesky's method is much faster than eigenvalues."""
    try:
        np.linalg.cholesky(curvature)
    except np.linalg.LinAlgError:
        return False
    return True


def _lower_steps(
    value: Floats, points: np.ndarray, step: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Halve each step until the value is lower; return the points, and whether each is lower."""
    here, moved = value(points)[:, 0], points.copy()
    waiting = np.ones(len(points), dtype=bool)
    for halving in range(DEEPEST):
        trial = points[waiting] + step[waiting] / 2**halving
        better = value(trial)[:, 0] < here[waiting]
        places = np.flatnonzero(waiting)[better]
        moved[places] = trial[better]
        waiting[places] = False
        if not waiting.any():
            break
    return moved, ~waiting


def distinct(points: Iterable[np.ndarray], most: int) -> list[np.ndarray]:
    """Return the points in order, without those within 1e-5 of an earlier one."""
    kept: list[np.ndarray] = []
    found = np.array([*points])
    if not len(found):
        return kept
    _, first = np.unique(found.round(5), axis=0, return_index=True)
    for point in found[np.sort(first)][:most]:
        if all(
            np.max(np.abs(point - other)) > 1e-5 * (1 + np.max(np.abs(other))) for other in kept
        ):
            kept.append(point)
    return sorted(kept, key=tuple)
