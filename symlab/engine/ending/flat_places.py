"""What to say where a gradient is small and no minimum is near: plateaus, ways to infinity."""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from symlab.engine.ending.curvature import Curvature, Oracle, write_direction, write_point
from symlab.engine.ending.trail import Trail
from symlab.engine.ending.walks import Far, Walk, falls_into_pole, far_along, noise_of, unit, walk
from symlab.engine.stopping import Ending

if TYPE_CHECKING:
    from symlab.theory.separation import Separation

PLATEAU = "on a plateau, not at a minimum"

LONGEST_FRACTION = 1000
"""A denominator up to which a coordinate is written as a fraction."""


SMALLEST = float(np.finfo(float).tiny)
"""Below which floats lose digits and then vanish."""


def plateau(ending: Ending, fallen: Walk, oracle: Oracle) -> Ending:
    """Return the ending where the value falls faster further on."""
    towards = write_direction(oracle.names, fallen.direction)
    return Ending(
        "plateau",
        f"{PLATEAU}: {ending.message}, but {fallen.length:.3g} further along "
        f"{towards} the value falls by {fallen.start - fallen.value:.3g}",
    )


def level(ending: Ending, direction: np.ndarray, oracle: Oracle) -> Ending:
    """Return the ending where floats show no change of the value on a long way downhill."""
    along = write_direction(oracle.names, direction)
    return Ending(
        "plateau", f"{PLATEAU}: {ending.message}, and moving on along {along} changes nothing"
    )


def slope(ending: Ending, curvature: Curvature) -> Ending:
    """Return the ending on a long slope that bends downwards."""
    lowest = np.linalg.eigvalsh(curvature.matrix)[0]
    reason = f"but no minimum is near: the Hessian has a negative eigenvalue {lowest:.3g}"
    return Ending("plateau", f"on a slope that is nearly flat: {ending.message}, {reason}")


def not_attained(ending: Ending, endless: Walk, trail: Trail, oracle: Oracle) -> Ending:
    """Return the ending where the value never rises on a long way, by where that leads."""
    towards = write_direction(oracle.names, endless.direction)
    far = far_along(endless.direction, trail, oracle)
    if far is Far.RISE:
        reason = f"but along {towards} the value goes on falling to beyond {endless.length:.3g}"
        return Ending("plateau", f"{PLATEAU}: {ending.message}, {reason}")
    if far is Far.DEPTH:
        return _without_bound(ending, towards)
    grows = "the iterates keep growing and " if trail.grows else ""
    apart = (
        "; of a classifier it says that the classes can be separated" if oracle.samples > 1 else ""
    )
    return Ending(
        "no_minimum",
        f"{ending.message}, but {grows}the value keeps falling along {towards}: the infimum is not "
        f"attained{apart}",
    )


def goes_down_for_ever(ending: Ending, trail: Trail, oracle: Oracle) -> Ending | None:
    """Return the ending of a run that used up its steps where the value falls without bound."""
    if pole := at_pole(trail, oracle):
        return pole
    _, gradient = oracle.value_and_gradient(trail.last)
    if not (trail.went_far and gradient.any() and np.all(np.isfinite(gradient))):
        return None
    downhill = unit(-gradient)
    if far_along(downhill, trail, oracle) is not Far.DEPTH:
        return None
    return _without_bound(ending, write_direction(oracle.names, downhill))


def at_pole(trail: Trail, oracle: Oracle) -> Ending | None:
    """Return the ending beside a pole, or None where there is none."""
    if not falls_into_pole(trail, oracle):
        return None
    where = write_point(oracle.names, trail.last)
    return Ending("diverged", f"the value falls without bound towards {where}")


def _without_bound(ending: Ending, towards: str) -> Ending:
    return Ending(
        "diverged", f"{ending.message}, but along {towards} the value falls without bound"
    )


def nothing_downhill(
    ending: Ending, trail: Trail, oracle: Oracle, gradient: np.ndarray
) -> Ending | None:
    """Return the ending of a run that no longer moves, where the way down is flat or endless."""
    if not (gradient.any() and np.all(np.isfinite(gradient))):
        return None
    found = walk(unit(-gradient), trail, oracle, (math.inf, noise_of(trail, oracle)))
    if found.endless and far_along(found.direction, trail, oracle) is Far.BOUND:
        return not_attained(ending, found, trail, oracle)
    changes = found.endless or not found.level
    return None if changes else level(ending, found.direction, oracle)


def separated(ending: Ending, found: "Separation", oracle: Oracle) -> Ending:
    """Return the ending of a logistic regression whose classes can be separated, which is proved.

    Albert & Anderson 1984: then the infimum of the loss is not attained.
    """
    falling = found.samples - found.ties
    whose = "every sample" if found.is_complete else f"{falling} of {found.samples} samples"
    others = "" if found.is_complete else ", and no other rises"
    along = _write_exactly(oracle.names, found.direction)
    return Ending(
        "no_minimum",
        f"{ending.message}; the classes can be separated: along {along} the loss of {whose} falls "
        f"for ever{others}, so the infimum is not attained",
    )


def _write_exactly(names: Sequence[str], direction: Sequence[Fraction]) -> str:
    """Return a direction as names and fractions, as decimals where these are long.

    Examples
    --------
    >>> _write_exactly("wb", (Fraction(1, 3), Fraction(-1)))
    '1/3*w - b'
    """
    text = ""
    for name, part in zip(names, direction, strict=True):
        size = abs(part)
        number = str(size) if size.denominator <= LONGEST_FRACTION else f"{float(size):.6g}"
        term = name if size == 1 else f"{number}*{name}"
        sign = ("-" if part < 0 else "") if not text else (" - " if part < 0 else " + ")
        text += f"{sign}{term}" if part else ""
    return text


def bottomless(ending: Ending, trail: Trail, oracle: Oracle) -> Ending:
    """Return the ending of a search that met no lowest point: which of both it is."""
    _, gradient = oracle.value_and_gradient(trail.last)
    if not (np.all(np.isfinite(gradient)) and gradient.any()):
        return ending
    if far_along(unit(-gradient), trail, oracle) is not Far.BOUND:
        return ending
    towards = write_direction(oracle.names, unit(-gradient))
    return Ending(
        "no_minimum",
        f"the value keeps falling towards a bound along {towards}: the infimum is not attained",
    )


def has_underflowed(trail: Trail, oracle: Oracle) -> bool:
    """Return whether a gradient of zero has a direction all the same, in which nothing rises."""
    if oracle.exact_gradient is None:
        return False
    close = oracle.exact_gradient(trail.last)
    largest = max(abs(entry) for entry in close)
    if not 0 < largest < math.inf:
        return False
    direction = -np.array([float(entry / largest) for entry in close])
    bounds = math.inf, noise_of(trail, oracle)
    found = walk(direction / np.linalg.norm(direction), trail, oracle, bounds)
    return found.level or found.lower < math.inf


def underflow(trail: Trail) -> Ending:
    """Return the ending where the gradient has underflowed."""
    reason = "the gradient is not zero there, but below the smallest float"
    if trail.grows:
        reason = f"the iterates keep growing; {reason}, so no minimum is reached"
        return Ending("no_minimum", reason)
    return Ending("plateau", f"{PLATEAU}: {reason}")


def underflowed_variable(trail: Trail, oracle: Oracle, gradient: np.ndarray) -> str:
    """Return the first variable whose derivative is zero in floats alone, or nothing.

    Beside others whose derivatives are as small as was asked, it has no effect that a float shows.
    """
    if oracle.exact_gradient is None or np.all(gradient != 0):
        return ""
    close = oracle.exact_gradient(trail.last)
    entries = zip(oracle.names, gradient, close, strict=True)
    # What rounding cancels to zero is far larger, and no flatness of the function.
    return next(
        (name for name, entry, exact in entries if entry == 0 and 0 < abs(exact) < SMALLEST), ""
    )


def without_effect(ending: Ending, name: str) -> Ending:
    """Return the ending where moving along a variable changes nothing, though it should."""
    return Ending(
        "plateau",
        f"{PLATEAU}: {ending.message}, but the derivative by {name} is below the smallest float, "
        f"so that moving on along {name} changes nothing",
    )
