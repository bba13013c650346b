"""The loop of a rule as one compiled function, over a formula or over data.

Over a formula each coordinate is a scalar of the loop, so that gradient and rule become one kernel
without arrays. Over data the parameters are one vector and the samples are inputs; each step reads
its own batch of rows. Either way a step leaves one row: iterate, state, value, gradient.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import grad
from pytensor.graph.basic import Variable
from pytensor.graph.replace import graph_replace

from symlab.algebra.alphabet import alpha, g, k, x
from symlab.algebra.objective import Objective
from symlab.algebra.risk.risk import BoundRisk
from symlab.engine.compiled.function import Compiled, compile_graph, once
from symlab.engine.compiled.risk_graph import DataSum, data_sum
from symlab.engine.compiled.scan import (
    LoopInputs,
    Recurrence,
    StepGraph,
    StepInputs,
    reads_k,
    recurrence_of,
    repeat_steps,
)
from symlab.engine.lowering.lower import lower, lower_elementwise
from symlab.engine.lowering.stabilize import stabilize, stabilize_for_autodiff
from symlab.methods.rule import Rule


@dataclass(frozen=True)
class LoopForm:
    """What is compiled into a loop, apart from objective and rule.

    Parameters
    ----------
    backend, derived_by : str
    recorded : bool
        Whether every step leaves a row; otherwise only where the loop ends is known.
    steps : int, optional
        A fixed number of steps, which JAX must know when it compiles.
    batch_size : int, optional
        Samples in a step's gradient; all of them where left out.
    record : str
        Of what values are: the `"objective"`, or each step's own `"batch"`.
    """

    backend: str
    derived_by: str = "sympy"
    recorded: bool = True
    steps: int | None = None
    batch_size: int | None = None
    record: str = "objective"


class Loop(Protocol):
    """Many steps of a rule in one call, whatever compiled it."""

    @property
    def width(self) -> int:
        """How many numbers iterate and state are."""

    @property
    def steps(self) -> int | None:
        """The steps of every call, where their number is fixed."""

    @property
    def compile_seconds(self) -> float:
        """What compiling it has cost."""

    def go(
        self, first: int, count: int, carry: np.ndarray, step_size: float, batches: Any = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Take `count` steps from step `first`.

        Parameters
        ----------
        first, count : int
        carry : array, shape (width,)
            The iterate and state before the first step.
        step_size : float
            NaN where the rule has none of its own, or one that changes with k.
        batches : array of int, shape (steps of the run, batch size), optional
            The samples of each step of the run.

        Returns
        -------
        rows : array, shape (count, width + 1 + n), or (0,) where nothing is recorded
            Iterate, state, value and gradient before each step.
        carry : array, shape (width,)
            The iterate and state after the last step.
        """


@dataclass(frozen=True)
class ScanLoop:
    """A loop that PyTensor's scan runs, ready to go some steps on from anywhere."""

    compiled: Compiled
    width: int
    arrays: tuple[np.ndarray, ...] = ()
    vector_size: int | None = None
    steps: int | None = None

    @property
    def compile_seconds(self) -> float:
        """What compiling it has cost."""
        return self.compiled.seconds

    def go(
        self, first: int, count: int, carry: np.ndarray, step_size: float, batches: Any = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Take `count` steps from step `first`: see `Loop`."""
        columns = carry if self.vector_size is None else carry.reshape(-1, self.vector_size)
        drawn = [] if batches is None else [np.ascontiguousarray(batches[first : first + count])]
        made = self.compiled.call(first, first + count, *drawn, *columns, step_size, *self.arrays)
        (*rows,) = made[: len(made) - len(columns)]
        moved = np.array(made[len(rows) :], dtype=float).reshape(-1)
        return np.asarray(rows[0]) if rows else np.empty(0), moved


def loop_of(objective: Objective, rule: Rule, form: LoopForm) -> Loop:
    """Return the compiled loop of a rule on an objective; the same loop is compiled once.

    Only here is chosen what compiles a loop: a scan for every backend.
    """
    recurrence = recurrence_of(rule)
    width = objective.dimension * len(recurrence)

    def of_formula(formula: Objective) -> Loop:
        return ScanLoop(_formula_loop(formula, recurrence, form), width, steps=form.steps)

    def of_data(bound: BoundRisk) -> Loop:
        graphs = data_sum(bound.risk, form.derived_by)
        compiled = _data_loop(graphs, recurrence, form, bound.samples)
        arrays = graphs.arrays(bound, form.backend)
        return ScanLoop(compiled, width, arrays, bound.dimension, form.steps)

    return objective.dispatch(formula=of_formula, data=of_data)


@once(64)
def _formula_loop(objective: Objective, recurrence: Recurrence, form: LoopForm) -> Compiled:
    columns = [pt.dscalar() for _ in range(objective.dimension * len(recurrence))]
    inputs = LoopInputs(columns, [], [pt.dscalar("step_size")], form.steps)
    return _compile(_formula_step(objective, recurrence, form), inputs, recurrence, form)


@once(64)
def _data_loop(graphs: DataSum, recurrence: Recurrence, form: LoopForm, samples: int) -> Compiled:
    columns = [graphs.weights() for _ in recurrence]
    size = form.batch_size
    drawn = [] if size is None else [pt.matrix(shape=(form.steps, size), dtype="int64")]
    fixed = [pt.dscalar("step_size"), *graphs.inputs(samples)]
    inputs = LoopInputs(columns, drawn, fixed, form.steps)
    return _compile(_data_step(graphs, recurrence, form), inputs, recurrence, form)


def _compile(
    step: StepGraph, inputs: LoopInputs, recurrence: Recurrence, form: LoopForm
) -> Compiled:
    moved, recorded = repeat_steps(
        step, inputs, counts=reads_k(recurrence), records=int(form.recorded)
    )
    return compile_graph(inputs.all, [*recorded, *moved], form.backend, inputs.sample())


def _formula_step(objective: Objective, recurrence: Recurrence, form: LoopForm) -> StepGraph:
    variables, outputs = value_and_gradient(objective, form.derived_by)
    letters = [x, g, k, alpha, *(letter for letter, _ in recurrence if letter != x)]
    inputs, update = lower([expression for _, expression in recurrence], letters)
    size = objective.dimension

    def step(given: StepInputs) -> tuple[list[Variable], list[Variable]]:
        columns, (step_size,) = given.columns, given.fixed
        coordinates, states = columns[:size], _split(columns[size:], size)
        value, *gradient = substitute(outputs, dict(zip(variables, coordinates, strict=True)))
        rows = [
            substitute(update, dict(zip(inputs, (a, d, given.k, step_size, *state), strict=True)))
            for a, d, *state in zip(coordinates, gradient, *states, strict=True)
        ]
        moved = [entry for column in zip(*rows, strict=True) for entry in column]
        # One vector per step costs one array, a recorded scalar one each: four times the time.
        return moved, [pt.stack([*columns, value, *gradient])] if form.recorded else []

    return step


def value_and_gradient(
    objective: Objective, derived_by: str
) -> tuple[list[Variable], list[Variable]]:
    """Return variables for a formula, and its value and gradient as graphs in them."""
    if derived_by == "sympy":
        expressions = [objective.expression, *objective.gradient]
        return lower([stabilize(entry) for entry in expressions], objective.variables)
    stable = stabilize_for_autodiff(objective.expression)
    variables, (value,) = lower([stable], objective.variables, differentiable=True)
    return variables, [value, *grad(value, variables, disconnected_inputs="ignore")]


def _data_step(graphs: DataSum, recurrence: Recurrence, form: LoopForm) -> StepGraph:
    letters, expressions = zip(*recurrence, strict=True)

    def step(given: StepInputs) -> tuple[list[Variable], list[Variable]]:
        columns, (step_size, *arrays) = given.columns, given.fixed
        seen = [array[batch] for batch in given.drawn for array in arrays] or arrays
        gradient = graphs.gradient(columns[0], seen)
        known = {x: columns[0], g: gradient, k: given.k, alpha: step_size}
        known |= dict(zip(letters[1:], columns[1:], strict=True))
        moved = lower_elementwise(list(expressions), known)
        if not form.recorded:
            return moved, []
        value = graphs.value(columns[0], seen if form.record == "batch" else arrays)
        return moved, [pt.concatenate([*columns, value[None], gradient])]

    return step


def _split(entries: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [entries[i : i + size] for i in range(0, len(entries), size)]


def substitute(outputs: Sequence[Variable], known: dict[Variable, Variable]) -> list[Variable]:
    """Return graphs with other variables in place of some."""
    return graph_replace([pt.identity(output) for output in outputs], known, strict=False)
