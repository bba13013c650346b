"""Which status a run ends with: the place where it stopped is examined once more.

A small gradient need not mean a minimum, nor a step that changes nothing a stall. The place is
examined with the functions that the run has compiled anyway; each kind of end has its file.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from symlab.engine.ending.advice import climbing_words, singular_words
from symlab.engine.ending.curvature import Oracle
from symlab.engine.ending.flat_places import bottomless, separated
from symlab.engine.ending.no_movement import at_limit, exploded, no_gradient, no_movement
from symlab.engine.ending.precision import sure_curvature
from symlab.engine.ending.small_gradient import small_gradient
from symlab.engine.ending.trail import Trail
from symlab.engine.stopping import Ending

if TYPE_CHECKING:
    from symlab.theory.separation import Separation


def judge(ending: Ending, trail: Trail, oracle: Oracle) -> Ending:
    """Return the ending with the right status and what the place shows; itself where it fits."""
    examine = EXAMINATIONS.get(ending.cause)
    if examine is None or not len(trail.points):
        return ending
    with np.errstate(all="ignore"):
        try:
            found = _separation(ending, trail, oracle)
            return separated(ending, found, oracle) if found else examine(ending, trail, oracle)
        except (KeyboardInterrupt, np.linalg.LinAlgError):
            return ending


def _separation(ending: Ending, trail: Trail, oracle: Oracle) -> "Separation | None":
    """Return how the classes can be separated, where that explains the end of a run."""
    if oracle.separation is None or trail.exploded:
        return None
    # A short run that has only used up its steps says what was asked of it, and no more.
    asks = ending.cause != "max_steps" or (trail.tolerance >= 0 and trail.has_grown)
    return oracle.separation() if asks else None


def _singular(ending: Ending, trail: Trail, oracle: Oracle) -> Ending:
    if trail.exploded:
        return exploded(ending, trail)
    return replace(ending, message=singular_words(oracle, trail.last))


def _climbs(ending: Ending, trail: Trail, oracle: Oracle) -> Ending:
    if trail.exploded:
        return exploded(ending, trail)
    return replace(ending, message=ending.message + climbing_words(oracle, trail.last))


def _small_squares(ending: Ending, trail: Trail, oracle: Oracle) -> Ending:
    """Return the ending where the linear model of residuals has no step left to take.

    Where the derived Hessian shows a minimum nothing more is asked: regressions are scaled so badly
    that differences would often leave its signs open.
    """
    if trail.exploded:
        return exploded(ending, trail)
    curvature = sure_curvature(oracle, trail.last)
    if curvature is not None and curvature.kind == "minimum":
        return ending
    return small_gradient(ending, trail, oracle)


EXAMINATIONS: dict[str, Callable[[Ending, Trail, Oracle], Ending]] = {
    "small gradient": small_gradient,
    "small squares": _small_squares,
    "unchanged": no_movement,
    "search": no_movement,
    "max_steps": at_limit,
    "no gradient": no_gradient,
    "singular": _singular,
    "climbs": _climbs,
    "bottomless": bottomless,
}
"""What examines the place, by the cause of an ending."""
