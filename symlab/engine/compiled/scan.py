"""The loop of a rule as one compiled function, over a formula or over data.

Over a formula each coordinate is a scalar of the loop, so that gradient and rule become one kernel
without arrays. Over data the parameters are one vector and the samples are inputs; each step reads
its own batch of rows. Either way a step leaves one row: iterate, state, value, gradient.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.gradient import grad
from pytensor.graph.basic import Variable
from pytensor.graph.replace import graph_replace
from sympy import Expr, Symbol

from symlab.algebra.alphabet import alpha, g, k, x
from symlab.algebra.objective import Objective
from symlab.algebra.risk.risk import BoundRisk
from symlab.engine.compiled.function import Compiled, compile_graph, once
from symlab.engine.compiled.risk_graph import DataSum, data_sum
from symlab.engine.lowering.lower import lower, lower_elementwise
from symlab.engine.lowering.stabilize import stabilize, stabilize_for_autodiff
from symlab.methods.rule import Rule

Recurrence = tuple[tuple[Symbol, Expr], ...]
Body = Callable[..., list[Variable]]


@dataclass(frozen=True)
class Kind:
    """What is compiled into a loop, apart from objective and rule.

    Parameters
    ----------
    backend : str
    gradient : str
        `"sympy"` or `"autodiff"`.
    recorded : bool
        Whether every step leaves a row; otherwise only where the loop ends is known.
    steps : int, optional
        A fixed number of steps, which JAX must know when it compiles.
    """

    backend: str
    gradient: str = "sympy"
    recorded: bool = True
    steps: int | None = None


@dataclass(frozen=True)
class Loop:
    """A compiled loop, ready to go some steps on from anywhere; `steps` of them where fixed."""

    compiled: Compiled
    width: int
    arrays: tuple[np.ndarray, ...] = ()
    vector_size: int | None = None
    steps: int | None = None

    def go(
        self, first: int, count: int, held: np.ndarray, step_size: float, batches: Any = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Take `count` steps from step `first`.

        Returns
        -------
        rows : array, shape (count, width + 1 + n), or (0,) where nothing is recorded
        held : array, shape (width,)
            The iterate and state after the last step.
        """
        columns = held if self.vector_size is None else held.reshape(-1, self.vector_size)
        drawn = [] if batches is None else [np.ascontiguousarray(batches[first : first + count])]
        made = self.compiled.call(first, first + count, *drawn, *columns, step_size, *self.arrays)
        (*rows,) = made[: len(made) - len(columns)]
        moved = np.array(made[len(rows) :], dtype=float).reshape(-1)
        return np.asarray(rows[0]) if rows else np.empty(0), moved


def recurrence_of(rule: Rule) -> Recurrence:
    """Return a rule's step with every hyperparameter put in but a constant step size.

    That stays an input, so that another one needs no compiling.
    """
    fixed = {
        letter: value
        for letter, value in rule.hyperparameters.items()
        if letter != alpha or value.has(k)
    }
    return tuple((letter, rule.update[letter].xreplace(fixed)) for letter in (x, *rule.state))


def loop_of(objective: Objective, rule: Rule, kind: Kind, batch_size: int | None = None) -> Loop:
    """Return the compiled loop of a rule on an objective; the same loop is compiled once."""
    recurrence = recurrence_of(rule)
    if not isinstance(objective, BoundRisk):
        width = objective.dimension * len(recurrence)
        return Loop(_formula_loop(objective, recurrence, kind), width, steps=kind.steps)
    graphs = data_sum(objective.risk, kind.gradient)
    width = objective.dimension * len(recurrence)
    compiled = _data_loop(graphs, recurrence, kind, (batch_size, objective.samples))
    arrays = graphs.arrays(objective)
    return Loop(compiled, width, arrays, objective.dimension, kind.steps)


def _counts(recurrence: Recurrence) -> bool:
    """Return whether a rule reads k. Counting costs a third of a small step, so most do without."""
    return any(expression.has(k) for _, expression in recurrence)


def _grouped(entries: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [entries[i : i + size] for i in range(0, len(entries), size)]


def _replaced(outputs: list[Variable], known: dict[Variable, Variable]) -> list[Variable]:
    return graph_replace([pt.identity(output) for output in outputs], known, strict=False)


def _formula_body(objective: Objective, recurrence: Recurrence, kind: Kind) -> Body:
    variables, look = _value_and_gradient(objective, kind)
    letters = [x, g, k, alpha, *(letter for letter, _ in recurrence if letter != x)]
    inputs, update = lower([expression for _, expression in recurrence], letters)
    size, counts = objective.dimension, _counts(recurrence)

    def body(*tensors: Variable) -> list[Variable]:
        step = tensors[0] if counts else pt.constant(0.0)
        *columns, step_size = tensors[counts:]
        coordinates, states = columns[:size], _grouped(columns[size:], size)
        value, *gradient = _replaced(look, dict(zip(variables, coordinates, strict=True)))
        rows = [
            _replaced(update, dict(zip(inputs, (a, d, step, step_size, *state), strict=True)))
            for a, d, *state in zip(coordinates, gradient, *states, strict=True)
        ]
        moved = [entry for column in zip(*rows, strict=True) for entry in column]
        # One vector per step costs one array, a recorded scalar one each: four times the time.
        return [*moved, *([pt.stack([*columns, value, *gradient])] if kind.recorded else [])]

    return body


def _value_and_gradient(objective: Objective, kind: Kind) -> tuple[list[Variable], list[Variable]]:
    if kind.gradient == "sympy":
        expressions = [objective.expression, *objective.gradient]
        return lower([stabilize(entry) for entry in expressions], objective.variables)
    stable = stabilize_for_autodiff(objective.expression)
    variables, (value,) = lower([stable], objective.variables, differentiable=True)
    return variables, [value, *grad(value, variables, disconnected_inputs="ignore")]


def _data_body(
    graphs: DataSum, recurrence: Recurrence, kind: Kind, sizes: tuple[int | None, int]
) -> Body:
    letters, expressions = zip(*recurrence, strict=True)
    counts, (batch_size, _) = _counts(recurrence), sizes

    def body(*tensors: Variable) -> list[Variable]:
        step = tensors[0] if counts else pt.constant(0.0)
        rest = list(tensors[counts:])
        batch = None if batch_size is None else rest.pop(0)
        columns, (step_size, *arrays) = rest[: len(letters)], rest[len(letters) :]
        seen = arrays if batch is None else [array[batch] for array in arrays]
        gradient = graphs.gradient(columns[0], seen)
        known = {x: columns[0], g: gradient, k: step, alpha: step_size}
        known |= dict(zip(letters[1:], columns[1:], strict=True))
        moved = lower_elementwise(list(expressions), known)
        if not kind.recorded:
            return moved
        value = graphs.value(columns[0], arrays)
        return [*moved, pt.concatenate([*columns, value[None], gradient])]

    return body


@once(64)
def _formula_loop(objective: Objective, recurrence: Recurrence, kind: Kind) -> Compiled:
    columns = [pt.dscalar() for _ in range(objective.dimension * len(recurrence))]
    body = _formula_body(objective, recurrence, kind)
    return _compiled_loop(body, columns, (_counts(recurrence), None, []), kind)


@once(64)
def _data_loop(
    graphs: DataSum, recurrence: Recurrence, kind: Kind, sizes: tuple[int | None, int]
) -> Compiled:
    batch_size, samples = sizes
    columns = [graphs.weights() for _ in recurrence]
    body = _data_body(graphs, recurrence, kind, sizes)
    batches = (
        None if batch_size is None else pt.matrix(shape=(kind.steps, batch_size), dtype="int64")
    )
    arrays = graphs.inputs(samples)
    return _compiled_loop(body, columns, (_counts(recurrence), batches, arrays), kind)


def _compiled_loop(
    body: Body, columns: list[Variable], given: tuple[bool, Variable | None, list], kind: Kind
) -> Compiled:
    """Compile `body` repeated from step `first` to `last`, each step handing on its columns."""
    counts, batches, arrays = given
    first, last, step_size = pt.lscalar("first"), pt.lscalar("last"), pt.dscalar("step_size")
    steps = last - first if kind.steps is None else kind.steps
    count = pt.arange(first, last) if kind.steps is None else first + pt.arange(kind.steps)
    drawn = [] if batches is None else [batches]
    made = pytensor.scan(
        body,
        sequences=[*([count.astype("float64")] if counts else []), *drawn],
        n_steps=steps,
        outputs_info=[*columns, *([None] if kind.recorded else [])],
        non_sequences=[step_size, *arrays],
        strict=True,
        return_updates=False,
        return_list=True,
    )
    moved, record = made[: len(columns)], made[len(columns) :]
    inputs = [first, last, *drawn, *columns, step_size, *arrays]
    outputs = [*record, *(column[-1] for column in moved)]
    return compile_graph(inputs, outputs, kind.backend, _sample_inputs(inputs, kind.steps or 1))


def _sample_inputs(inputs: list[Variable], steps: int) -> list[np.ndarray]:
    """Return inputs for a first call, which makes Numba and JAX compile."""
    first, last, *rest = inputs
    sample = [np.zeros((), first.dtype), np.full((), steps, last.dtype)]
    for variable in rest:
        shape = tuple(steps if size is None else size for size in variable.type.shape)
        sample.append(np.zeros(shape, variable.dtype))
    return sample
