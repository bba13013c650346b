"""Many steps of a rule as one graph: the loop that formulas, data and networks share.

A step is a function from variables to variables; here it is repeated, each step handing on the
iterate and state to the next.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.graph.basic import Variable
from sympy import Expr, Symbol

from symlab.algebra.alphabet import alpha, k, x
from symlab.methods.rule import Rule

Recurrence = tuple[tuple[Symbol, Expr], ...]
"""The letters that a rule updates, the iterate first, and what each becomes."""


def recurrence_of(rule: Rule) -> Recurrence:
    """Return a rule's step with every hyperparameter put in but a constant step size.

    That stays an input, so that another one needs no compiling.
    """
    fixed = tuple(
        (letter, value)
        for letter, value in rule.hyperparameters.items()
        if letter != alpha or value.has(k)
    )
    return _put_in(tuple((letter, rule.update[letter]) for letter in (x, *rule.state)), fixed)


@lru_cache(maxsize=256)
def _put_in(update: Recurrence, fixed: tuple[tuple[Symbol, Expr], ...]) -> Recurrence:
    """Return an update with values put in for letters."""
    values = dict(fixed)
    return tuple((letter, expression.xreplace(values)) for letter, expression in update)


def reads_k(recurrence: Recurrence) -> bool:
    """Return whether a rule reads k. Counting costs a third of a small step, so most do without."""
    return any(expression.has(k) for _, expression in recurrence)


@dataclass(frozen=True)
class StepInputs:
    """What one step of a loop is given.

    Parameters
    ----------
    k : Variable
        The number of the step as a float; 0 where nothing reads it.
    drawn : list of Variable
        This step's own row of each array that has one for every step: the samples of its batch.
    columns : list of Variable
        The iterate and state before the step.
    fixed : list of Variable
        What all steps share: the step size, the data.
    """

    k: Variable
    drawn: list[Variable]
    columns: list[Variable]
    fixed: list[Variable]


StepGraph = Callable[[StepInputs], tuple[list[Variable], list[Variable]]]
"""From what a step is given to the iterate and state after it, and to what is recorded of it."""


@dataclass(frozen=True)
class LoopInputs:
    """The inputs of a loop, in the order in which `all` lists them.

    Parameters
    ----------
    columns : list of Variable
        The iterate and state at the start.
    drawn : list of Variable
        Arrays with a row for each step.
    fixed : list of Variable
        What all steps share.
    steps : int, optional
        A fixed number of steps, which JAX must know when it compiles.
    first, last : Variable
        The number of the first step, and that after the last.
    """

    columns: list[Variable]
    drawn: list[Variable]
    fixed: list[Variable]
    steps: int | None = None
    first: Variable = field(default_factory=lambda: pt.lscalar("first"))
    last: Variable = field(default_factory=lambda: pt.lscalar("last"))

    @property
    def all(self) -> list[Variable]:
        """Every input, in order."""
        return [self.first, self.last, *self.drawn, *self.columns, *self.fixed]

    def sample(self) -> list[np.ndarray]:
        """Return inputs for a first call, which makes Numba and JAX compile."""
        steps = self.steps or 1
        first, last, *rest = self.all
        values = [np.zeros((), first.dtype), np.full((), steps, last.dtype)]
        for variable in rest:
            shape = tuple(steps if size is None else size for size in variable.type.shape)
            values.append(np.zeros(shape, variable.dtype))
        return values


def repeat_steps(
    step: StepGraph, inputs: LoopInputs, *, counts: bool, records: int
) -> tuple[list[Variable], list[Variable]]:
    """Return the graphs of many steps: iterate and state after the last, and what was recorded.

    Parameters
    ----------
    step : callable
        The graph of one step.
    inputs : LoopInputs
    counts : bool
        Whether a step reads its number.
    records : int
        How many variables a step records.
    """
    first, width, drawn = inputs.first, len(inputs.columns), len(inputs.drawn)
    steps = inputs.last - first if inputs.steps is None else inputs.steps
    numbers = (
        pt.arange(first, inputs.last) if inputs.steps is None else first + pt.arange(inputs.steps)
    )

    def body(*given: Variable) -> list[Variable]:
        k_here = given[0] if counts else pt.constant(0.0)
        rest = list(given[counts:])
        columns, fixed = rest[drawn : drawn + width], rest[drawn + width :]
        moved, recorded = step(StepInputs(k_here, rest[:drawn], columns, fixed))
        return [*moved, *recorded]

    made = pytensor.scan(
        body,
        sequences=[*([numbers.astype("float64")] if counts else []), *inputs.drawn],
        n_steps=steps,
        outputs_info=[*inputs.columns, *[None] * records],
        non_sequences=inputs.fixed,
        strict=True,
        return_updates=False,
        return_list=True,
    )
    return [column[-1] for column in made[:width]], made[width:]
