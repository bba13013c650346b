"""Where a gradient vanishes, by numerical search, for systems that algebra cannot solve.

One variable is scanned on a grid, several are searched by Newton's method from seeded starts, all
at once. Each candidate is then sharpened to 50 digits, and where its coordinates look like short
exact numbers those are put into the gradient: only an exact zero is called exact. A search may miss
zeros, which its notes say.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import mpmath
import numpy as np
from sympy import (
    Derivative,
    Expr,
    Float,
    Pow,
    Rational,
    Subs,
    Symbol,
    lcm,
    nan,
    oo,
    pi,
    zoo,
)
from sympy.functions.elementary.trigonometric import TrigonometricFunction

from symlab.algebra.objective import Objective
from symlab.algebra.working_precision import working_digits
from symlab.theory.effort import Effort
from symlab.theory.evaluation import Precise, floats, precise
from symlab.theory.recognition import short_form
from symlab.theory.region import Region
from symlab.theory.zeros_in_space import MANY_VARIABLES, distinct, search_space
from symlab.theory.zeros_on_line import FEW, search_line

SHARPENINGS, FEWEST, BUDGET = 250, 8, 500_000
MAX_DISTINCT, MAX_CANDIDATES = 300, 60
WORKING_DIGITS = 60
KEPT_DIGITS, FLOAT_DIGITS = 30, 15
SHARP, VANISHED, FLAT, NEARBY = mpmath.mpf("1e-35"), mpmath.mpf("1e-20"), 1e-12, 0.1
"""Bounds for the last step, the gradient after it, the gradient at a singular Hessian, and the way
from the candidate relative to its size."""
TOO_LONG = 100
"""A Newton step longer than this multiple of the allowed distance ends the refinement."""
LARGEST_POWER = 1000
"""How large a number may be in an exponent; SymPy would write out 2^(10^8)."""
MAX_CONDITION = 1e12
"""The condition number of a Hessian beyond which a zero far away is not listed."""
OUT_OF_TIME = "The numerical search was stopped before its end, for its time was up."
SEARCHING = 0.6
"""The part of the remaining time that goes to the search; the rest is for what it finds."""


@dataclass(frozen=True)
class Zero:
    """A point where the gradient vanishes; `freedom` is the dimension of the set it stands for."""

    coordinates: tuple[Expr, ...]
    exact: bool = True
    freedom: int = 0


@dataclass(frozen=True)
class Zeros:
    """The zeros found, whether they are known to be all, and what else a reader should know.

    `searched` says where a numerical search looked; it is empty where algebra looked everywhere.
    """

    points: tuple[Zero, ...]
    complete: bool
    notes: tuple[str, ...] = ()
    searched: str = ""


def numerical_zeros(objective: Objective, region: Region, effort: Effort) -> Zeros:
    """Return the zeros of the gradient that a seeded search of a region finds.

    Parameters
    ----------
    objective : Objective
    region : Region
    effort : Effort
        The search stops in time, with what it has found.
    """
    where = str(region)
    if objective.hessian.has(Derivative, Subs):
        lost = "The objective has derivatives without a formula."
        return Zeros((), complete=False, notes=(lost,), searched=where)
    period = _period(objective) if objective.dimension == 1 else None
    if period is not None:
        region = Region(region.box, region.start)
    found = _candidates(objective, region, effort)
    kept, notes = _select(found, region)
    flat = [] if found.stretch is None else _flat(objective, found.stretch)
    if flat and found.stretch:
        low, high = found.stretch
        kept = [point for point in kept if not low <= point[0] <= high]
    points = _sharpen_all(objective, kept, region, effort)
    cut = (OUT_OF_TIME,) if found.cut else ()
    notes = (*notes, *_search_notes(region, period, more=found.more), *cut)
    return Zeros((*points, *flat), complete=False, notes=notes, searched=where)


@dataclass(frozen=True)
class _Candidates:
    """What a search found; `more` if it saw more far away, `cut` if its time was up."""

    points: list[np.ndarray]
    stretch: tuple[float, float] | None = None
    more: bool = False
    cut: bool = False


def _candidates(objective: Objective, region: Region, effort: Effort) -> _Candidates:
    left, given = effort.left, effort.left * SEARCHING
    if objective.dimension > 1:

        def is_over(part: float) -> bool:
            return left - effort.left >= part * given

        points = search_space(objective, region, is_over)
        return _Candidates(points, cut=is_over(1.0))
    found = search_line(floats(objective.variables, list(objective.gradient)), region)
    stretch = found.stretches[0] if found.stretches else None
    return _Candidates(found.candidates, stretch, found.more)


def _select(found: _Candidates, region: Region) -> tuple[list[np.ndarray], tuple[str, ...]]:
    """Return the candidates to be listed: those in the box, few beyond, and not too many."""
    apart = distinct(found.points, MAX_DISTINCT)
    inside = [point for point in apart if region.holds(point)]
    beyond = [point for point in apart if not region.holds(point)] if region.wide else []
    far = beyond if len(beyond) <= FEW else []
    if len(inside) <= MAX_CANDIDATES:
        return sorted([*inside, *far], key=tuple), ()
    lowest = distinct([p for p in found.points if region.holds(p)], MAX_CANDIDATES)
    more = "more than " if len(apart) == MAX_DISTINCT else ""
    which = "the lowest " if len(region.box) > 1 else ""
    note = f"Of {more}{len(inside)} candidates {which}{MAX_CANDIDATES} are looked at."
    return sorted([*lowest, *far], key=tuple), (note,)


def _search_notes(region: Region, period: Expr | None, *, more: bool) -> tuple[str, ...]:
    window = str(region)
    if period is not None:
        return (
            f"The gradient has period {period}: each point repeats for ever, infinitely often; "
            f"listed are those in {window}.",
        )
    scales = region.wide and len(region.box) <= MANY_VARIABLES
    wide = " and, more coarsely, at other scales" if scales else ""
    many = " More were seen far outside than are listed." if more else ""
    return (
        f"Searched numerically in {window}{wide}: stationary points outside it, or missed, "
        f"may exist.{many}",
    )


def _period(objective: Objective) -> Expr | None:
    """Return the common period of a gradient that has x only inside trigonometric functions."""
    (x,) = objective.variables
    gradient = objective.gradient[0]
    waves = gradient.atoms(TrigonometricFunction)
    speeds = [wave.args[0].diff(x) for wave in waves if wave.has(x)]
    hidden = gradient.xreplace({wave: Symbol(f"w{i}") for i, wave in enumerate(waves)})
    if hidden.has(x) or not speeds or not all(speed.is_Rational for speed in speeds):
        return None
    return 2 * pi * lcm([1 / abs(speed) for speed in speeds])


def _flat(objective: Objective, stretch: tuple[float, float]) -> list[Zero]:
    """Return the middle of a stretch where the gradient is zero by algebra, not by underflow."""
    low, high = stretch
    inner = [low + (high - low) * part for part in (0.25, 0.5, 0.75)]
    places = [Rational(str(place)) for place in inner]
    exact = all(_is_zero(objective, (place,)) for place in places)
    return [Zero((places[1],), freedom=1)] if exact else []


def _sharpen_all(
    objective: Objective, candidates: list[np.ndarray], region: Region, effort: Effort
) -> list[Zero]:
    if objective.dimension > MANY_VARIABLES:
        rounded = [_round_point(objective, point) for point in candidates]
        return list(dict.fromkeys(rounded))
    if _has_variable_exponents(objective):
        candidates = [point for point in candidates if np.abs(point).max() <= LARGEST_POWER]
    system = [*objective.gradient, *objective.hessian]
    function, rounds = precise(objective.variables, system), _rounds(system, len(candidates))
    found: list[Zero] = []
    for number, point in enumerate(candidates):
        left = len(candidates) - number
        what = "A point found numerically could not be confirmed"
        zero = effort.attempt(
            what,
            lambda point=point: _sharp_zero(objective, function, point, rounds),  # type: ignore[misc]
            None,
            share=min(1.0, 2 / (left + 1)),
        )
        if zero is None or zero in found:
            continue
        if region.holds(point) or _is_regular(objective, zero):
            found.append(zero)
    return found


def _is_regular(objective: Objective, zero: Zero) -> bool:
    """Whether a point far away is a zero, and not a fading gradient: exact, or well conditioned.

    At x = -7000 the gradient of exp(x) + sin(x*y) is zero to 60 digits, but nowhere exactly.
    """
    if zero.exact or objective.dimension == 1:
        return True
    values = floats(objective.variables, list(objective.hessian))(
        np.array([[float(c) for c in zero.coordinates]])
    )
    return bool(np.linalg.cond(values.reshape(objective.dimension, -1)) < MAX_CONDITION)


def _round_point(objective: Objective, point: np.ndarray) -> Zero:
    """Return a point of many variables: exact if its short numbers are a zero, else in floats."""
    with working_digits(FLOAT_DIGITS):
        near = [mpmath.mpf(float(f"{c:.9g}")) for c in point]
        exact = _recognize(objective, near)
    return Zero(exact) if exact else Zero(tuple(Float(float(c), 17) for c in point), exact=False)


def _rounds(system: list[Expr], candidates: int) -> int:
    """Return how many steps a candidate may take: fewer for longer formulas and more candidates."""
    operations = sum(int(expression.count_ops()) for expression in system)
    return min(SHARPENINGS, max(FEWEST, BUDGET // (1 + operations * candidates)))


def _sharp_zero(
    objective: Objective, function: Precise, point: np.ndarray, rounds: int
) -> Zero | None:
    """Sharpen a candidate, and make it exact if possible; None if the gradient stays off zero."""
    with working_digits(WORKING_DIGITS):
        sharp = _sharpen(function, point, rounds)
        if sharp is None:
            return None
        exact = _recognize(objective, sharp.point)
        if exact is not None:
            return Zero(exact)
        digits = [Float(mpmath.nstr(c, KEPT_DIGITS), KEPT_DIGITS) for c in sharp.point]
        if not (sharp.settled or _is_zero(objective, [Rational(str(d)) for d in digits])):
            return None
        return Zero(tuple(digits), exact=False)


@dataclass(frozen=True)
class _Sharp:
    """A point after Newton's steps; `settled` if the steps became small, not only the gradient."""

    point: list[mpmath.mpf]
    settled: bool


def _sharpen(function: Precise, point: np.ndarray, rounds: int) -> _Sharp | None:
    """Return the limit of Newton's method from a candidate, if it has one close by."""
    n, at = len(point), [mpmath.mpf(float(c)) for c in point]
    lengths = [mpmath.inf]
    near = NEARBY * max(1.0, *(abs(float(p)) for p in point))
    for _ in range(rounds):
        values = function(at)
        if values is None:
            return None
        slope, bent = values[:n], values[n:]
        try:
            step = mpmath.lu_solve(_square(bent, n), -mpmath.matrix(slope))
        except ZeroDivisionError:
            return _under_singular(at, slope, bent)
        moves = (c + s for c, s in zip(at, step, strict=True))
        at = [c if abs(c) > SHARP else mpmath.mpf(0) for c in moves]
        lengths.append(max(map(abs, step)))
        if lengths[-1] < SHARP or lengths[-1] > TOO_LONG * near:
            break
    way = max(abs(c - mpmath.mpf(float(p))) for c, p in zip(at, point, strict=True))
    enough = VANISHED if rounds == SHARPENINGS else FLAT
    small = max(map(abs, slope)) < enough * max(1, *map(abs, bent))
    return _Sharp(at, _ends_nearby(lengths, near)) if small and way < near else None


def _ends_nearby(lengths: list[mpmath.mpf], near: float) -> bool:
    """Whether the sum of the steps still to come, a geometric series, is short: no plateau."""
    last, before = lengths[-1], lengths[-2]
    return last < SHARP or (last < before and last * last / (before - last) < near)


def _under_singular(
    at: list[mpmath.mpf], slope: list[mpmath.mpf], bent: list[mpmath.mpf]
) -> _Sharp | None:
    """Keep a point with a singular Hessian if the gradient is already zero in floats."""
    left, steepest = max(map(abs, slope)), max(map(abs, bent))
    return _Sharp(at, left < FLAT * steepest) if left < FLAT else None


def _square(entries: list[mpmath.mpf], n: int) -> mpmath.matrix:
    return mpmath.matrix([entries[i * n : (i + 1) * n] for i in range(n)])


def _recognize(objective: Objective, point: list[mpmath.mpf]) -> tuple[Expr, ...] | None:
    """Return short exact coordinates with which the gradient is exactly zero, if there are any."""
    coordinates = [short_form(c) for c in point]
    if None in coordinates or not _is_zero(objective, coordinates):
        return None
    return tuple(coordinates)


def _is_zero(objective: Objective, point: Sequence[Expr]) -> bool:
    """Whether the gradient is zero at a point, by algebra."""
    at = dict(zip(objective.variables, point, strict=True))
    if any(abs(coordinate) > LARGEST_POWER for coordinate in point) and _has_variable_exponents(
        objective
    ):
        return False
    for component in objective.gradient:
        value = component.subs(at) if len(point) <= MANY_VARIABLES else component.xreplace(at)
        if value != 0 and (value.has(nan, zoo, oo) or value.expand() != 0):
            return False
    return True


def _has_variable_exponents(objective: Objective) -> bool:
    """Whether a variable stands in the exponent of a number's power."""
    return any(power.exp.free_symbols for power in objective.expression.atoms(Pow))
