"""One exact step on a sum of squares, and what rounding may add to it.

Levenberg-Marquardt chooses a damping where other methods choose a length: a step is recomputed with
the damping that the run chose, and the choice is checked apart. Gauss-Newton searches along its
step as other directions do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import mpmath
import numpy as np

from symlab.algebra.alphabet import decrease
from symlab.algebra.error_bound import UNIT
from symlab.algebra.objective import Objective
from symlab.engine.damped_step import DampedStep
from symlab.engine.exact.digits import DigitsCalculus
from symlab.engine.rounding import Rounding, Vector, rounding_of
from symlab.lab.compare.method_steps import MethodSteps
from symlab.lab.compare.squares_bound import UNBOUNDED, Bounds, step_bound
from symlab.methods.directions import steepest
from symlab.methods.method import Method
from symlab.methods.squares import SquaresMethod

State = Mapping[str, Any]

INSIDE = 1.1
"""Of the radius, how long a step in the region may be (Moré 1978, section 5)."""


def squares_steps(calculus: DigitsCalculus, method: SquaresMethod) -> "RegionSteps | GaussSteps":
    """Return the exact steps of a method for sums of squares."""
    if method.search is None:
        return RegionSteps(calculus, method)
    return GaussSteps(calculus, Method(steepest, method.search))


class GaussSteps(MethodSteps):
    """Exact steps of Gauss-Newton: the search is the method's, the direction that of the squares.

    What `MethodSteps` knows of searches holds along any direction.
    """

    def first_state(self) -> State:
        """Return nothing: every step begins afresh."""
        return {}

    def towards(self, point: Vector, state: State) -> Vector:
        """Return the exact minimiser of the linear model; NaN where J is of lower rank."""
        step = _step(self.calculus, point, UNBOUNDED)
        return (mpmath.mpf("nan"),) * len(point) if step is None else step.direction

    def advance(self, point: Vector, state: State, at: int, length: Any) -> tuple[Vector, State]:
        """Return the exact next iterate, with the length that the run chose."""
        return self.step(point, state, at, length), {}

    def bound(self, point: Vector, state: State, at: int, length: Any) -> Vector:
        """Return the rounding of the step, of its product with the length, and of the sum."""
        passed = step_bound(self.calculus.squares.stated, point, UNBOUNDED)
        towards = self.towards(point, state)
        return tuple(
            abs(length) * (mpmath.mpf(off) + 2 * UNIT * abs(entry))
            + UNIT * abs(coordinate + length * entry)
            for coordinate, entry, off in zip(point, towards, passed, strict=True)
        )


@dataclass(frozen=True)
class RegionSteps:
    """Exact steps of Levenberg-Marquardt: what the run chose is no length, but `Bounds`."""

    calculus: DigitsCalculus
    method: SquaresMethod

    @property
    def objective(self) -> Objective:
        """What is minimised."""
        return self.calculus.objective

    @property
    def digits(self) -> int:
        """The digits in which steps are taken."""
        return self.calculus.digits

    @cached_property
    def _rounding(self) -> Rounding:
        return rounding_of(self.objective)

    def value(self, point: Vector, at: int) -> tuple[Any, float]:
        """Return the objective's value, and what rounding may add to it."""
        return self.calculus.value_and_gradient(point)[0], self._rounding.value(point)

    def first_state(self) -> State:
        """Return nothing: what the run remembers, its sizes, is part of what it chose."""
        return {}

    def step(self, point: Vector, state: State, at: int, length: Any) -> Vector:
        """Return the exact next iterate."""
        return self.advance(point, state, at, length)[0]

    def advance(self, point: Vector, state: State, at: int, length: Any) -> tuple[Vector, State]:
        """Return the exact next iterate."""
        step = _step(self.calculus, point, length)
        if step is None:
            return (mpmath.mpf("nan"),) * len(point), {}
        return self.calculus.move(point, mpmath.mpf(1), step.direction), {}

    def bound(self, point: Vector, state: State, at: int, length: Any) -> Vector:
        """Return the rounding of the step, and of the sum."""
        moved = self.step(point, state, at, length)
        passed = step_bound(self.calculus.squares.stated, point, length)
        return tuple(
            mpmath.mpf(off) + UNIT * abs(end) for off, end in zip(passed, moved, strict=True)
        )

    def allows(self, point: Vector, state: State, at: int, length: Any) -> bool:
        """Check the choice exactly: the step is in the region, and gains what is asked of it.

        Where that is a matter of less than rounding, either choice is right.
        """
        step = _step(self.calculus, point, length)
        if step is None:
            return False
        apart = np.array(self.bound(point, state, at, length), dtype=float)
        (limit,) = state["radius"]
        rounding = float(np.linalg.norm(np.sqrt(length.floats) * apart))
        inside = step.reach <= INSIDE * limit + rounding
        moved = self.calculus.move(point, mpmath.mpf(1), step.direction)
        (before, slack), (after, more) = self.value(point, at), self.value(moved, at)
        least = mpmath.mpf(float(self.method.hyperparameters[decrease]))
        asked = least * step.foreseen * self.calculus.squares.factor
        return bool((inside or length.damping == 0) and before - after + slack + more >= asked)


def _step(calculus: DigitsCalculus, point: Vector, chosen: Bounds) -> DampedStep | None:
    """Return the exact step at a point with bounds that were chosen; None for a singular matrix."""
    model = calculus.squares.model(point, None)
    if model is None:
        return None
    sizes = chosen.sizes or model.sizes
    return replace(model, sizes=sizes).step(chosen.damping)
