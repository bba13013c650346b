"""The compiled steps of a fit, behind one interface, whichever form they are compiled in.

A form takes steps through given batches from any iterate. There are three: a loop over many steps
that PyTensor compiles, a function of one step, and for small networks a loop in C over samples side
by side. Another form is another class with these methods, chosen in `choose_steps`.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from symlab.engine.compiled.function import Compiled
from symlab.nn.training.lanes import compile_lanes, fits_lanes
from symlab.nn.training.orders import Minibatches
from symlab.nn.training.program import Program, compile_program
from symlab.nn.training.samples import Samples


@dataclass(frozen=True, eq=False)
class Iterate:
    """Where a fit stands.

    Parameters
    ----------
    step : int
        The rule's k at the next step.
    parameters : array, shape (trainable weights,)
    state : tuple of arrays, shape (trainable weights,) each
        What the rule remembers, by letter.
    """

    step: int
    parameters: np.ndarray
    state: tuple[np.ndarray, ...]

    @property
    def is_finite(self) -> bool:
        """Whether every number is finite."""
        return all(bool(np.isfinite(each).all()) for each in (self.parameters, *self.state))


class Steps(Protocol):
    """The steps of a fit in some compiled form."""

    @property
    def is_of_fixed_length(self) -> bool:
        """Whether another number of steps has to be compiled anew."""

    def compile(self, steps: int) -> Compiled:
        """Compile what takes this number of steps, unless that is done."""

    def take(self, start: Iterate, batches: Minibatches) -> tuple[np.ndarray, Iterate]:
        """Take a step for each batch.

        Returns
        -------
        records : array, shape (quantities, steps)
            The loss of each batch before its step, and the accuracy where asked for.
        end : Iterate
            The iterate after the last step.
        """


@dataclass(frozen=True, eq=False)
class CompiledSteps:
    """What the forms share: a program and what stays fixed during a fit.

    Parameters
    ----------
    program : Program
    samples : Samples
        All the data.
    frozen : array
        The weights that do not change.
    step_size : float
        Read where the step size of the rule is constant.
    """

    program: Program
    samples: Samples
    frozen: np.ndarray
    step_size: float

    def _call(
        self, compiled: Compiled, head: list[Any], start: Iterate, samples: Samples
    ) -> list[np.ndarray]:
        """Call a compiled program; `head` are the inputs before weights and state."""
        vectors = (start.parameters, *start.state)
        fixed = (samples.inputs, samples.targets, self.frozen, np.array(self.step_size))
        return [np.array(each, dtype=float) for each in compiled.call(*head, *vectors, *fixed)]


class FusedSteps(CompiledSteps):
    """Many steps in one call."""

    @property
    def is_of_fixed_length(self) -> bool:
        """Whether another number of steps has to be compiled anew: with JAX."""
        return self.program.backend == "jax"

    def compile(self, steps: int) -> Compiled:
        """Compile the loop, unless that is done."""
        fixed = replace(self.program, steps=steps) if self.is_of_fixed_length else self.program
        return compile_program(fixed)

    def take(self, start: Iterate, batches: Minibatches) -> tuple[np.ndarray, Iterate]:
        """Take a step for each batch; see `Steps.take`."""
        end = start.step + len(batches)
        head = [np.array(start.step), np.array(end)]
        head += [] if self.program.whole else [batches.indices]
        head += [batches.shares] if self.program.ragged else []
        made = self._call(self.compile(len(batches)), head, start, self.samples)
        records, (parameters, *state) = made[: self.program.recorded], made[self.program.recorded :]
        return np.array(records), Iterate(end, parameters, tuple(state))


class SingleSteps(CompiledSteps):
    """One step in a call."""

    is_of_fixed_length = False

    def compile(self, _steps: int) -> Compiled:
        """Compile the step, unless that is done."""
        return compile_program(self.program)

    def take(self, start: Iterate, batches: Minibatches) -> tuple[np.ndarray, Iterate]:
        """Take a step for each batch; see `Steps.take`."""
        compiled, program, iterate = self.compile(1), self.program, start
        records = np.empty((program.recorded, len(batches)))
        for i, (indices, shares) in enumerate(zip(batches.indices, batches.shares, strict=True)):
            samples = self.samples if program.whole else self.samples[indices]
            head = [np.array(float(iterate.step)), *([shares] if program.ragged else [])]
            made = self._call(compiled, head, iterate, samples)
            records[:, i] = made[: program.recorded]
            parameters, *state = made[program.recorded :]
            iterate = Iterate(iterate.step + 1, parameters, tuple(state))
        return records, iterate


class LaneSteps(CompiledSteps):
    """Many steps in one call of C, samples side by side in the lanes of vector registers."""

    is_of_fixed_length = False

    def compile(self, _steps: int) -> Compiled:
        """Compile the loop, unless that is done."""
        return compile_lanes(self.program)

    @cached_property
    def columns(self) -> np.ndarray:
        """Inputs and targets, a row for each number of a sample."""
        table = np.concatenate([self.samples.inputs, self.samples.targets], axis=1)
        return np.ascontiguousarray(table.T)

    def take(self, start: Iterate, batches: Minibatches) -> tuple[np.ndarray, Iterate]:
        """Take a step for each batch; see `Steps.take`."""
        held = np.concatenate([start.parameters, *start.state])
        head = [np.array(start.step), np.array(self.step_size), held, self.frozen, self.columns]
        drawn = [] if self.program.whole else [np.ascontiguousarray(batches.indices)]
        records, ends = self.compile(1).call(*head, np.ascontiguousarray(batches.sizes), *drawn)
        parameters, *state = ends.reshape(1 + len(start.state), -1)
        return records, Iterate(start.step + len(batches), parameters, tuple(state))


def choose_steps(program: Program, samples: Samples, frozen: np.ndarray, step_size: float) -> Steps:
    """Return the steps in the form that suits program and backend; no compiler is called yet."""
    if program.backend == "c" and fits_lanes(program):
        return LaneSteps(program, samples, frozen, step_size)
    form = FusedSteps if program.fused else SingleSteps
    return form(program, samples, frozen, step_size)
