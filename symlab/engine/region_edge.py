"""The damping that keeps a step in a region, for linear models of residuals and quadratic ones."""

from collections.abc import Callable
from typing import Any, Protocol

from symlab.algebra.alphabet import bend, damping, radius, reach
from symlab.engine.calculus import Calculus, Number
from symlab.methods.squares import DAMPING, INSIDE

MOST_DAMPINGS = 200
"""Dampings tried for one region; each is nearer to the edge, far away by a factor."""


class Bounded(Protocol):
    """A step whose length falls as the damping grows."""

    @property
    def reach(self) -> Any:
        """Its length in the sizes of E."""

    @property
    def bend(self) -> Any:
        """Half of what the squared reach falls by, for each unit of damping."""


def damped_within[Step: Bounded](
    calculus: Calculus,
    step_with: Callable[[Number], Step | None],
    first: Number,
    size: Number,
    *,
    takes_roots: bool,
) -> tuple[Number, Step | None] | None:
    """Return the least damping, from a first one on, with which a step is in a region; and it.

    Parameters
    ----------
    calculus : Calculus
    step_with : callable
        Takes a damping; returns the step, or None where the matrix to invert is singular.
    first, size : number
        The first damping, and the radius of the region.
    takes_roots : bool
        Whether a root is a number of this kind.

    Returns
    -------
    damping, step
        The step is None where the matrix to invert is singular; None for both where the damping is
        a root that the calculus does not know.
    """
    chosen, step = first, step_with(first)
    for _ in range(MOST_DAMPINGS):
        if step is None:
            break
        known = {reach: step.reach, radius: size, damping: chosen, bend: step.bend}
        if calculus.evaluate(INSIDE, known):
            break
        if not takes_roots:
            return None
        chosen = calculus.evaluate(DAMPING, known)
        step = step_with(chosen)
    return chosen, step
