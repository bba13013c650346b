"""One exact step of a method from any float point, and what rounding may add to it.

A rule and a method (direction and search) answer the same questions, each in its own way: where the
step leads, what is remembered, how far rounding alone may carry it, and whether a search chose
a length that it allows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import mpmath
import numpy as np

from symlab.algebra.alphabet import damping, g, k, x
from symlab.algebra.error_bound import UNIT, rounding_bound
from symlab.algebra.objective import Objective
from symlab.algebra.working_precision import working_digits
from symlab.engine.batches import Batches
from symlab.engine.block_batches import BlockBatches
from symlab.engine.exact.digits import GUARD_DIGITS, DigitsCalculus, rule_step
from symlab.engine.rounding import Rounding, Vector, function_of_arrays, rounding_of
from symlab.engine.trace import Trace
from symlab.lab.compare.method_steps import MethodSteps
from symlab.lab.compare.squares_bound import Bounds
from symlab.lab.compare.squares_steps import RegionSteps, squares_steps
from symlab.lab.compare.trust_steps import TrustSteps, choice_of
from symlab.methods.method import Runnable
from symlab.methods.rule import Rule
from symlab.methods.squares import SquaresMethod
from symlab.methods.trust_regions import TrustRegion

State = Mapping[str, Any]


class Steps(Protocol):
    """Exact steps of one method on one objective."""

    @property
    def digits(self) -> int:
        """The digits in which steps are taken."""

    def value(self, point: Vector, at: int) -> tuple[Any, float]:
        """Return the value recorded before step `at`, and what rounding may add to it."""

    def first_state(self) -> State:
        """Return what is remembered before the first step."""

    def step(self, point: Vector, state: State, at: int, length: Any) -> Vector:
        """Return the exact next iterate, with the length or damping that the run chose."""

    def advance(self, point: Vector, state: State, at: int, length: Any) -> tuple[Vector, State]:
        """Return the exact next iterate, and what is remembered after the step."""

    def bound(self, point: Vector, state: State, at: int, length: Any) -> Vector:
        """Return what rounding may add to each coordinate of the next iterate."""

    def allows(self, point: Vector, state: State, at: int, length: Any) -> bool:
        """Return whether the length is one that the method allows."""


def exact_steps(
    objective: Objective,
    method: Runnable,
    digits: int,
    batches: Batches | BlockBatches | None = None,
    record: str = "objective",
) -> Steps:
    """Return the exact steps of a rule or a method, also of one that minimises a model.

    Batches say which samples a step sees, and `record` whether the values are of these too.
    """
    calculus = DigitsCalculus(objective, digits)
    if isinstance(method, Rule):
        return RuleSteps(BatchedObjective(calculus, batches, record), method)
    if isinstance(method, SquaresMethod):
        return squares_steps(calculus, method)
    if isinstance(method, TrustRegion):
        return TrustSteps(calculus, method)
    return MethodSteps(calculus, method)


def chosen(steps: Steps, trace: Trace, at: int) -> Any:
    """Return what a run chose for a step: its bounds where a region has them, else its length."""
    if isinstance(steps, TrustSteps):
        return choice_of(trace, at)
    if isinstance(steps, RegionSteps):
        sizes = tuple(mpmath.mpf(float(size)) for size in trace.states["E"][at])
        return Bounds(mpmath.mpf(trace.states[damping.name][at + 1][0]), sizes)
    return mpmath.mpf(trace.step_sizes[at + 1])


class StepObjective(Protocol):
    """What is minimised, as each step of a rule sees it."""

    @property
    def dimension(self) -> int:
        """The number of variables."""

    @property
    def digits(self) -> int:
        """The digits of value and gradient."""

    def value(self, point: Vector, at: int) -> tuple[Any, float]:
        """Return the value recorded before step `at`, and what rounding may add to it."""

    def gradient(self, point: Vector, at: int) -> Vector:
        """Return the gradient that step `at` sees."""

    def gradient_bound(self, point: Vector, at: int) -> list[float]:
        """Return what rounding may add to that gradient."""


@dataclass(frozen=True)
class BatchedObjective:
    """An objective, or the samples of it that batches show to each step."""

    calculus: DigitsCalculus
    batches: Batches | BlockBatches | None
    record: str = "objective"

    @cached_property
    def _rounding(self) -> Rounding:
        return rounding_of(self.calculus.objective)

    def _part(self, at: int) -> tuple[DigitsCalculus, Rounding]:
        """Return what step `at` sees."""
        if self.batches is None:
            return self.calculus, self._rounding
        part = self.calculus.objective.part(self.batches.at(at))
        return replace(self.calculus, objective=part), rounding_of(part)

    @property
    def dimension(self) -> int:
        """The number of variables."""
        return self.calculus.objective.dimension

    @property
    def digits(self) -> int:
        """The digits of value and gradient."""
        return self.calculus.digits

    def value(self, point: Vector, at: int) -> tuple[Any, float]:
        """Return the objective, or what the step sees of it, and what rounding may add."""
        whole = (self.calculus, self._rounding)
        calculus, rounding = self._part(at) if self.record == "batch" else whole
        return calculus.value_and_gradient(point)[0], rounding.value(point)

    def gradient(self, point: Vector, at: int) -> Vector:
        """Return the gradient on the step's own samples."""
        return self._part(at)[0].value_and_gradient(point)[1]

    def gradient_bound(self, point: Vector, at: int) -> list[float]:
        """Return what rounding may add to that gradient."""
        return self._part(at)[1].gradient(point)


@dataclass(frozen=True)
class RuleSteps:
    """Exact steps of a rule on what it sees."""

    objective: StepObjective
    rule: Rule

    @property
    def digits(self) -> int:
        """The digits in which steps are taken."""
        return self.objective.digits

    def value(self, point: Vector, at: int) -> tuple[Any, float]:
        """Return the value recorded before step `at`, and what rounding may add to it."""
        return self.objective.value(point, at)

    def first_state(self) -> State:
        """Return zeros."""
        zeros = (mpmath.mpf(0),) * self.objective.dimension
        return {letter.name: zeros for letter in self.rule.state}

    def advance(self, point: Vector, state: State, at: int, length: Any) -> tuple[Vector, State]:
        """Return the exact next iterate and state; a rule's own step size stands for the length."""
        with working_digits(self.digits + GUARD_DIGITS):
            return rule_step(self.rule, point, self.objective.gradient(point, at), at, state)

    def step(self, point: Vector, state: State, at: int, length: Any) -> Vector:
        """Return the exact next iterate."""
        return self.advance(point, state, at, length)[0]

    def bound(self, point: Vector, state: State, at: int, length: Any) -> Vector:
        """Return the rule's own rounding, and what it makes of the gradient's."""
        row, gradient = self.rule.step[x], self.objective.gradient(point, at)
        of_gradient = function_of_arrays(row.diff(g), (x, g, k, *self.rule.state))
        here = {x: _floats(point), g: _floats(gradient), k: float(at)}
        here |= {letter: _floats(state[letter.name]) for letter in self.rule.state}
        with np.errstate(all="ignore"):
            passes = np.nan_to_num(abs(of_gradient(*here.values())))
            own = rounding_bound(row, here)
        return tuple(own + passes * np.array(self.objective.gradient_bound(point, at)))

    def allows(self, point: Vector, state: State, at: int, length: Any) -> bool:
        """Return whether the recorded length is the rule's step size."""
        expected = self.rule.step_size_at(at)
        return expected is None or bool(abs(length - expected) <= 4 * UNIT * abs(expected))


def _floats(numbers: Vector) -> np.ndarray:
    return np.array([float(number) for number in numbers])
