"""One exact step of a trust region, and what rounding may add to it.

A run chooses a damping, or on a dogleg a length; the step is recomputed exactly with that choice,
and the choice is checked apart.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import mpmath
import numpy as np
from sympy import Matrix

from symlab.algebra.alphabet import damping, decrease, radius, reach
from symlab.algebra.error_bound import UNIT
from symlab.engine.exact.digits import DigitsCalculus
from symlab.engine.exact.quadratic import ExactQuadratic
from symlab.engine.rounding import Rounding, Vector, rounding_of
from symlab.engine.trace import Trace
from symlab.engine.trust_region_steps import bounded_step, in_plane, on_lowest
from symlab.methods.squares import INSIDE
from symlab.methods.trust_regions import ALL, DOGLEG, TrustRegion

State = Mapping[str, Any]

SHAKEN = 6
"""How often gradient and Hessian are shaken."""

AMPLE = 8
"""By what factor the largest movement that was seen is taken for a bound."""


@dataclass(frozen=True)
class Choice:
    """What a run chose for a step: its damping, its length, and the sizes that measure it."""

    damping: Any
    reach: Any
    sizes: Vector


def choice_of(trace: Trace, at: int) -> Choice:
    """Return what a run chose for the step that leaves one of its iterates."""
    sizes = tuple(mpmath.mpf(float(size)) for size in trace.states["E"][at])
    damped, length = (trace.states[name][at + 1][0] for name in (damping.name, "reach"))
    return Choice(mpmath.mpf(float(damped)), mpmath.mpf(float(length)), sizes)


@dataclass(frozen=True)
class TrustSteps:
    """Exact steps of a trust region: what the run chose is no length, but a `Choice`."""

    calculus: DigitsCalculus
    method: TrustRegion

    @property
    def digits(self) -> int:
        """The digits in which steps are taken."""
        return self.calculus.digits

    @cached_property
    def _rounding(self) -> Rounding:
        return rounding_of(self.calculus.objective)

    def value(self, point: Vector, at: int) -> tuple[Any, float]:
        """Return the objective's value, and what rounding may add to it."""
        return self.calculus.value_and_gradient(point)[0], self._rounding.value(point)

    def first_state(self) -> State:
        """Return nothing: what the run remembers, its sizes, is part of what it chose."""
        return {}

    def step(self, point: Vector, state: State, at: int, length: Any) -> Vector:
        """Return the exact next iterate."""
        return self._end(point, self._model(point, length), length)

    def advance(self, point: Vector, state: State, at: int, length: Any) -> tuple[Vector, State]:
        """Return the exact next iterate."""
        return self.step(point, state, at, length), {}

    def bound(self, point: Vector, state: State, at: int, length: Any) -> Vector:
        """Return how far the step moves where gradient and Hessian do, as far as rounding goes.

        Of some movements at random the largest is taken, amply: a step is a smooth function of
        both, and of the backward error that the eigenvalues have (Golub & Van Loan 2013, 8.1).
        """
        model = self._model(point, length)
        exact = self._end(point, model, length)
        ends = [self._end(point, shaken, length) for shaken in self._shaken(point, model)]
        return tuple(
            AMPLE * max(abs(end[i] - entry) for end in ends) + 2 * UNIT * abs(entry)
            for i, entry in enumerate(exact)
        )

    def allows(self, point: Vector, state: State, at: int, length: Any) -> bool:
        """Check the choice exactly: the step is in the region, and gains what is asked of it.

        Where that is a matter of less than rounding, either choice is right.
        """
        moved = self.step(point, state, at, length)
        step = self.calculus.subtract(moved, point)
        model = self._model(point, length)
        (limit,) = state["radius"]
        apart = sum(
            size * off**2
            for size, off in zip(length.sizes, self.bound(point, state, at, length), strict=True)
        )
        long = mpmath.sqrt(model.inner(step, step)) - mpmath.sqrt(apart)
        inside = self.calculus.evaluate(INSIDE, {reach: long, radius: limit})
        (before, slack), (after, more) = self.value(point, at), self.value(moved, at)
        least = self.calculus.number(self.method.hyperparameters[decrease])
        gained = before - after + slack + more >= least * model.foreseen(step)
        return bool((inside or length.damping == 0) and gained)

    def _model(self, point: Vector, chosen: Choice) -> ExactQuadratic:
        gradient = self.calculus.value_and_gradient(point)[1]
        return self._quadratic(gradient, self.calculus.hessian(point), chosen.sizes)

    def _quadratic(self, gradient: Vector, hessian: Matrix, sizes: Vector) -> ExactQuadratic:
        model = self.calculus.quadratic(gradient, hessian, None)
        if model is None:
            raise ArithmeticError("the model of a recorded iterate is not finite")
        return replace(model, sizes=sizes)

    def _end(self, point: Vector, model: ExactQuadratic, chosen: Choice) -> Vector:
        """Return the end of the step that a model has with what was chosen."""
        among = self.method.among
        if among == DOGLEG:
            step = bounded_step(self.calculus, model, chosen.reach, among)
        elif among == ALL or chosen.damping == 0:
            step = on_lowest(self.calculus, model, chosen.damping, chosen.reach)
        else:
            step = in_plane(self.calculus, model, chosen.reach, chosen.damping)
        if step is None:
            return (mpmath.mpf("nan"),) * len(point)
        return self.calculus.move(point, mpmath.mpf(1), step.direction)

    def _shaken(self, point: Vector, model: ExactQuadratic) -> Iterator[ExactQuadratic]:
        """Yield the model with gradient and Hessian moved as far as rounding may move them."""
        draw, size = np.random.default_rng(0), len(point)
        of_gradient = self._rounding.gradient(point)
        roots = np.sqrt(np.array(model.sizes, dtype=float))
        of_hessian = self._rounding.hessian(point) + 4 * size**2 * UNIT * np.outer(roots, roots)
        for _ in range(SHAKEN):
            sides = draw.choice([-1.0, 1.0], size)
            moved = zip(model.gradient, sides * np.array(of_gradient), strict=True)
            both = np.triu(draw.choice([-1.0, 1.0], (size, size)) * of_hessian)
            both += np.triu(both, 1).T
            entries = [
                [self.calculus.symbolic(h + off) for h, off in zip(*rows, strict=True)]
                for rows in zip(model.hessian, both.tolist(), strict=True)
            ]
            yield self._quadratic(tuple(g + off for g, off in moved), Matrix(entries), model.sizes)
