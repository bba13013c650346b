"""Where a gradient vanishes, by search: for systems on which algebra gives up.

One variable is scanned on a grid, several are searched by Newton's method from seeded starts, all
at once. Each candidate is then sharpened to 50 digits, and where its coordinates look like short
exact numbers those are put into the gradient: only an exact zero is called exact. A search may miss
zeros, and says so.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import mpmath
import numpy as np
from sympy import (
    Derivative,
    Expr,
    Float,
    Rational,
    Subs,
    Symbol,
    lambdify,
    lcm,
    nan,
    oo,
    pi,
    zoo,
)
from sympy.functions.elementary.trigonometric import TrigonometricFunction

from symlab.algebra.digits import working_digits
from symlab.algebra.functions import MPMATH, define
from symlab.algebra.objective import Objective
from symlab.algebra.recognition import short_form

GRID = 4001
STARTS_PER_VARIABLE = 40
NEWTON_STEPS = 80
HALVINGS = 12
SHARPENINGS, FEWEST, BUDGET = 250, 8, 500_000
SEED = 0
MAX_DISTINCT, MAX_CANDIDATES = 300, 60
WORKING_DIGITS = 60
KEPT_DIGITS = 30
SHARP, VANISHED, FLAT, NEARBY = mpmath.mpf("1e-35"), mpmath.mpf("1e-20"), 1e-12, 0.1
"""Bounds for the last step, the gradient after it, a gradient under a singular Hessian, the way."""
NOWHERE = {"DiracDelta": lambda z, order=0: 0 * z}
"""A kink's second derivative, which is zero wherever it is a number."""
VECTORISED = {name: np.vectorize(getattr(math, name), otypes=[float]) for name in ("erf", "erfc")}
"""What NumPy lacks and the standard library has; the rest goes to mpmath, which is slow."""

Floats = Callable[[np.ndarray], np.ndarray]
Precise = Callable[[Iterable[object]], list[mpmath.mpf] | None]
Box = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Zero:
    """A point where the gradient vanishes; `freedom` is the dimension of the set it stands for."""

    coordinates: tuple[Expr, ...]
    exact: bool = True
    freedom: int = 0


@dataclass(frozen=True)
class Zeros:
    """The zeros found, whether they are known to be all, and what else a reader should know."""

    points: tuple[Zero, ...]
    complete: bool
    notes: tuple[str, ...] = ()


def numerical_zeros(objective: Objective, box: Box, start: Sequence[float] = ()) -> Zeros:
    """Return the zeros of the gradient that a seeded search of a box finds.

    Parameters
    ----------
    objective : Objective
    box : n pairs (low, high)
    start : n numbers, optional
        One more start.
    """
    if objective.hessian.has(Derivative, Subs):
        return Zeros(
            (), complete=False, notes=("The objective has derivatives without a formula.",)
        )
    gradient = _floats(objective.variables, list(objective.gradient))
    if objective.dimension == 1:
        candidates, intervals = _scan(gradient, *box[0])
    else:
        candidates, intervals = _newton(objective, gradient, _starts(box, start)), []
    inside = [point for point in _distinct(candidates) if _inside(point, box)][:MAX_CANDIDATES]
    system = [*objective.gradient, *objective.hessian]
    precise, rounds = _precise(objective.variables, system), _rounds(system, len(inside))
    settled = [_settled(objective, precise, point, rounds) for point in inside]
    points = list(dict.fromkeys(zero for zero in settled if zero))
    flat = [Zero((Rational(str(middle)),), freedom=1) for middle in intervals]
    return Zeros((*points, *flat), complete=False, notes=_search_notes(objective, box))


def _search_notes(objective: Objective, box: Box) -> tuple[str, ...]:
    window = " x ".join(f"[{low:g}, {high:g}]" for low, high in dict.fromkeys(map(tuple, box)))
    period = _period(objective) if objective.dimension == 1 else None
    if period is not None:
        return (
            f"The gradient has period {period}: each point repeats for ever, infinitely often; "
            f"listed are those in {window}.",
        )
    return (
        f"Searched numerically in {window}: stationary points outside it, or missed, may exist.",
    )


def _period(objective: Objective) -> Expr | None:
    """Return the common period of a gradient that reads x only through sines and the like."""
    (x,) = objective.variables
    gradient = objective.gradient[0]
    waves = gradient.atoms(TrigonometricFunction)
    speeds = [wave.args[0].diff(x) for wave in waves if wave.has(x)]
    hidden = gradient.xreplace({wave: Symbol(f"w{i}") for i, wave in enumerate(waves)})
    if hidden.has(x) or not speeds or not all(speed.is_Rational for speed in speeds):
        return None
    return 2 * pi * lcm([1 / abs(speed) for speed in speeds])


def _floats(variables: Sequence[Symbol], expressions: list[Expr]) -> Floats:
    """Return a function from points (m, n) to values (m, k); NaN where there is no real value."""
    fast = lambdify(
        variables, [define(e) for e in expressions], [{**NOWHERE, **VECTORISED}, "numpy"], cse=True
    )
    slow = _precise(variables, expressions)

    def evaluate(points: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            try:
                columns = fast(*points.T)
            except (NameError, TypeError, OverflowError, AttributeError):
                # NumPy does not know every special function that mpmath does.
                rows = [slow(point) or [np.nan] * len(expressions) for point in points]
                columns = np.array(rows, dtype=float).T
        return np.stack([np.broadcast_to(c, len(points)).astype(float) for c in columns], axis=-1)

    return evaluate


def _precise(variables: Sequence[Symbol], expressions: list[Expr]) -> Precise:
    """Return a function from one point to its values in mpmath; None where they are not real."""
    function = lambdify(variables, expressions, [{**MPMATH, **NOWHERE}, "mpmath"], cse=True)

    def evaluate(point: Iterable[object]) -> list[mpmath.mpf] | None:
        try:
            values = [mpmath.mpmathify(v) for v in function(*map(mpmath.mpf, point))]
        except (ArithmeticError, ValueError, TypeError, NameError):
            return None
        real = all(isinstance(v, mpmath.mpf) and mpmath.isfinite(v) for v in values)
        return values if real else None

    return evaluate


def _scan(gradient: Floats, low: float, high: float) -> tuple[list[np.ndarray], list[float]]:
    """Return candidates on a line, and the middles of intervals where the gradient is zero."""
    grid = np.linspace(low, high, GRID)
    slope = gradient(grid[:, None])[:, 0]
    crossing = np.flatnonzero(np.sign(slope[:-1]) * np.sign(slope[1:]) < 0)
    size = np.where(np.isfinite(slope), np.abs(slope), np.inf)
    lower = (size[1:-1] < size[:-2]) & (size[1:-1] < size[2:])
    touching = 1 + np.flatnonzero(lower | (slope[1:-1] == 0))
    flat, zero_runs = _runs(np.flatnonzero(slope == 0))
    points = [
        *_bisect(gradient, grid[crossing], grid[crossing + 1]),
        *grid[np.setdiff1d(touching, flat)],
    ]
    return [np.array([point]) for point in points], [float(grid[run].mean()) for run in zero_runs]


def _runs(indices: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the indices that stand in runs longer than three, and those runs."""
    runs = np.split(indices, np.flatnonzero(np.diff(indices) > 1) + 1)
    long = [run for run in runs if len(run) > 3]
    return (np.concatenate(long) if long else np.array([], dtype=int)), long


def _bisect(gradient: Floats, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    if not len(left):
        return left
    sign = np.sign(gradient(left[:, None])[:, 0])
    for _ in range(60):
        middle = (left + right) / 2
        same = np.sign(gradient(middle[:, None])[:, 0]) == sign
        left, right = np.where(same, middle, left), np.where(same, right, middle)
    return (left + right) / 2


def _starts(box: Box, start: Sequence[float]) -> np.ndarray:
    low, high = np.array(box, dtype=float).T
    random = np.random.Generator(np.random.PCG64(SEED)).uniform(
        size=(STARTS_PER_VARIABLE * len(low), len(low))
    )
    fixed = [(low + high) / 2, np.ones_like(low)]
    return np.vstack(
        [*fixed, *([start] if len(start) else []), low + random * (high - low)]
    ).astype(float)


def _newton(objective: Objective, gradient: Floats, points: np.ndarray) -> list[np.ndarray]:
    """Drive the gradient to zero from every start at once, halving steps that do not shorten it."""
    n = objective.dimension
    hessian = _floats(objective.variables, list(objective.hessian))
    for _ in range(NEWTON_STEPS):
        slope = gradient(points)
        bent = hessian(points).reshape(-1, n, n)
        usable = np.isfinite(slope).all(axis=1) & np.isfinite(bent).all(axis=(1, 2))
        points, slope, bent = points[usable], slope[usable], bent[usable]
        if not len(points):
            return []
        with np.errstate(all="ignore"):
            step = -(np.linalg.pinv(bent) @ slope[:, :, None])[:, :, 0]
            points = _shortened(gradient, points, step, np.linalg.norm(slope, axis=1))
    near = np.linalg.norm(gradient(points), axis=1) < 1e-8
    return list(points[near])


def _shortened(
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


def _distinct(points: Iterable[np.ndarray]) -> list[np.ndarray]:
    """Return the points in order, without those within 1e-5 of an earlier one."""
    kept: list[np.ndarray] = []
    found = np.array([*points])
    if not len(found):
        return kept
    _, first = np.unique(found.round(5), axis=0, return_index=True)
    for point in found[first][:MAX_DISTINCT]:
        if all(
            np.max(np.abs(point - other)) > 1e-5 * (1 + np.max(np.abs(other))) for other in kept
        ):
            kept.append(point)
    return sorted(kept, key=tuple)


def _inside(point: np.ndarray, box: Box) -> bool:
    return all(low - 1e-6 <= c <= high + 1e-6 for c, (low, high) in zip(point, box, strict=True))


def _rounds(system: list[Expr], candidates: int) -> int:
    """Return how many steps a candidate may take, so that a long formula keeps nobody waiting."""
    operations = sum(int(expression.count_ops()) for expression in system)
    return min(SHARPENINGS, max(FEWEST, BUDGET // (1 + operations * candidates)))


def _settled(objective: Objective, precise: Precise, point: np.ndarray, rounds: int) -> Zero | None:
    """Sharpen a candidate, and make it exact if possible; None if the gradient stays off zero."""
    with working_digits(WORKING_DIGITS):
        sharp = _sharpened(precise, point, rounds)
        if sharp is None:
            return None
        exact = _recognised(objective, sharp)
        if exact is not None:
            return Zero(exact)
        digits = [Float(mpmath.nstr(c, KEPT_DIGITS), KEPT_DIGITS) for c in sharp]
        return Zero(tuple(digits), exact=False)


def _sharpened(precise: Precise, point: np.ndarray, rounds: int) -> list[mpmath.mpf] | None:
    """Return the limit of Newton's method from a candidate, if it has one close by."""
    n, at = len(point), [mpmath.mpf(float(c)) for c in point]
    for _ in range(rounds):
        values = precise(at)
        if values is None:
            return None
        slope, bent = values[:n], values[n:]
        try:
            step = mpmath.lu_solve(_square(bent, n), -mpmath.matrix(slope))
        except ZeroDivisionError:
            # A singular Hessian: keep the point if floats had already brought the gradient to zero.
            return at if max(map(abs, slope)) < FLAT else None
        moves = (c + s for c, s in zip(at, step, strict=True))
        at = [c if abs(c) > SHARP else mpmath.mpf(0) for c in moves]
        if max(map(abs, step)) < SHARP:
            break
    moved = max(abs(c - mpmath.mpf(float(p))) for c, p in zip(at, point, strict=True))
    enough = VANISHED if rounds == SHARPENINGS else FLAT
    return at if max(map(abs, slope)) < enough and moved < NEARBY else None


def _square(entries: list[mpmath.mpf], n: int) -> mpmath.matrix:
    return mpmath.matrix([entries[i * n : (i + 1) * n] for i in range(n)])


def _recognised(objective: Objective, point: list[mpmath.mpf]) -> tuple[Expr, ...] | None:
    """Return short exact coordinates with which the gradient is exactly zero, if there are any."""
    coordinates = [short_form(c) for c in point]
    if None in coordinates:
        return None
    at = dict(zip(objective.variables, coordinates, strict=True))
    slope = [component.subs(at) for component in objective.gradient]
    exact = all(c == 0 or (not c.has(nan, zoo, oo) and c.expand() == 0) for c in slope)
    return tuple(coordinates) if exact else None
