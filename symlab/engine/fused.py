"""Fused runs: the whole loop of a rule as one compiled function.

Each coordinate is a scalar of the loop, so that gradient and rule become one kernel without arrays;
the run comes in chunks, between which a run may be stopped, shown or cut short.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.graph.basic import Variable
from pytensor.graph.replace import graph_replace
from sympy import Expr, Symbol

from symlab.algebra.alphabet import alpha, g, k, x
from symlab.algebra.objective import Objective
from symlab.algebra.rule import Rule
from symlab.engine import backends
from symlab.engine.compiled import Compiled
from symlab.engine.descent import Ending
from symlab.engine.lower import lower
from symlab.engine.record import NOT_FINITE, Limits, asked_to_stop, ending_at, sentence
from symlab.engine.stable import stabilize
from symlab.engine.trace import Trace

CHUNK = 4096
"""Steps between two looks at the run: about a millisecond, so that Ctrl-C is felt at once."""

Recurrence = tuple[tuple[Symbol, Expr], ...]


def _replaced(outputs: list[Variable], known: dict[Variable, Variable]) -> list[Variable]:
    return graph_replace([pt.identity(output) for output in outputs], known, strict=False)


def _loop_body(objective: Objective, recurrence: Recurrence) -> Any:
    """Return the function of one step that `scan` repeats."""
    expressions = [objective.expression, *objective.gradient]
    variables, look = lower([stabilize(entry) for entry in expressions], objective.variables)
    letters = [x, g, k, alpha, *(letter for letter, _ in recurrence if letter != x)]
    inputs, update = lower([expression for _, expression in recurrence], letters)
    size = objective.dimension

    def body(*tensors: Variable) -> list[Variable]:
        step, *columns, step_size = tensors
        coordinates = columns[:size]
        value, *gradient = _replaced(look, dict(zip(variables, coordinates, strict=True)))
        rows = [
            _replaced(update, dict(zip(inputs, (a, d, step, step_size, *state), strict=True)))
            for a, d, *state in zip(
                coordinates, gradient, *_grouped(columns[size:], size), strict=True
            )
        ]
        moved = [entry for column in zip(*rows, strict=True) for entry in column]
        return [*moved, value, *gradient]

    return body


def _grouped(entries: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [entries[i : i + size] for i in range(0, len(entries), size)]


@lru_cache(maxsize=32)
def fused_function(
    objective: Objective, recurrence: Recurrence, backend: str, steps: int | None
) -> Compiled:
    """Compile the loop: (first and last k, iterate, state, step size) to what each step makes.

    `steps` fixes the number of steps, which JAX must know when it compiles.
    """
    started = perf_counter()
    columns = [pt.dscalar() for _ in range(objective.dimension * len(recurrence))]
    first, last, step_size = pt.lscalar("first"), pt.lscalar("last"), pt.dscalar("step_size")
    count = pt.arange(first, last) if steps is None else first + pt.arange(steps)
    outputs = pytensor.scan(
        _loop_body(objective, recurrence),
        sequences=[count.astype("float64")],
        outputs_info=[*columns, *[None] * (1 + objective.dimension)],
        non_sequences=[step_size],
        return_updates=False,
    )
    function = pytensor.function(
        [first, last, *columns, step_size],
        outputs,
        mode=backends.mode(backend),
        on_unused_input="ignore",
    )
    function(0, steps or 1, *np.ones(len(columns)), 1.0)
    return Compiled(function, perf_counter() - started)


@dataclass(frozen=True)
class Chunk:
    """What one call of the loop made, from step `first` on; one column per iterate."""

    first: int
    columns: np.ndarray
    values: np.ndarray
    gradients: np.ndarray

    @property
    def norms(self) -> np.ndarray:
        """The length of each gradient."""
        return np.linalg.norm(self.gradients, axis=0)

    def cut(self, length: int) -> "Chunk":
        """Return the first `length` iterates."""
        columns, gradients = self.columns[:, :length], self.gradients[:, :length]
        return Chunk(self.first, columns, self.values[:length], gradients)


def _chunks(
    function: Compiled, columns: np.ndarray, step_size: float, steps: int
) -> Iterator[Chunk]:
    """Yield a run a chunk at a time, each a call of the compiled loop."""
    first = 0
    while True:
        made = np.array(function.call(first, first + steps, *columns, step_size), dtype=float)
        size = len(columns)
        held = np.column_stack([columns, made[:size]])
        yield Chunk(first, held[:, :-1], made[size], made[size + 1 :])
        columns, first = held[:, -1], first + steps


def _collect(chunks: Iterator[Chunk], kept: list[Chunk], limits: Limits) -> Ending:
    """Keep chunks until the run ends, and return why."""
    for chunk in chunks:
        end, ending = _first_ending(chunk, kept, limits)
        if ending is None and limits.callback:
            last = len(chunk.values) - 1
            point = chunk.columns[: len(chunk.gradients), last]
            ending = asked_to_stop(chunk.first + last, point, chunk.values[last], limits)
        kept.append(chunk.cut(end))
        if ending:
            return ending
    raise AssertionError("a run has no last chunk")


def _first_ending(chunk: Chunk, kept: list[Chunk], limits: Limits) -> tuple[int, Ending | None]:
    """Return how many of the chunk's iterates belong to the run, and why it ends there, if so."""
    finite = np.isfinite(chunk.values) & np.all(np.isfinite(chunk.columns), axis=0)
    before = kept[-1].columns[:, -1:] if kept else np.full((len(chunk.columns), 1), np.nan)
    unchanged = np.all(np.diff(chunk.columns, axis=1, prepend=before) == 0, axis=0)
    norms = chunk.norms
    k = chunk.first + np.arange(len(norms))
    ends = (
        ~finite
        | ~(norms > limits.tolerance)
        | ~np.isfinite(norms)
        | unchanged
        | (k >= limits.max_steps)
    )
    if not ends.any():
        return len(norms), None
    i = int(np.argmax(ends))
    if not finite[i]:
        return i, NOT_FINITE
    norm, still = float(norms[i]), bool(unchanged[i])
    return i + 1, ending_at(int(k[i]), norm, unchanged=still, limits=limits)


def run(
    objective: Objective, start: Sequence[float], rule: Rule, limits: Limits, backend: str
) -> Trace:
    """Run a rule with the whole loop compiled, and return its trace."""
    recurrence = _recurrence(rule)
    # JAX compiles for one number of steps; the others stop between chunks of a fixed size.
    steps = limits.max_steps + 1 if backend == "jax" else min(CHUNK, limits.max_steps + 1)
    function = fused_function(objective, recurrence, backend, steps if backend == "jax" else None)
    point = np.array([float(coordinate) for coordinate in start])
    columns = np.concatenate([point, np.zeros(objective.dimension * len(rule.state))])
    step_size = float(rule.hyperparameters.get(alpha, np.nan))
    kept: list[Chunk] = []
    started = perf_counter()
    with np.errstate(all="ignore"):
        try:
            ending = _collect(_chunks(function, columns, step_size, steps), kept, limits)
        except KeyboardInterrupt:
            ending = Ending("stopped", "interrupted from the keyboard")
    seconds = perf_counter() - started
    return _as_trace(objective, rule, kept, ending, backend, (seconds, function.seconds))


def _recurrence(rule: Rule) -> Recurrence:
    """Return the rule's step with every hyperparameter but the step size put in.

    The step size stays an input, so that another one needs no compiling.
    """
    fixed = {letter: value for letter, value in rule.hyperparameters.items() if letter != alpha}
    return tuple((letter, rule.update[letter].xreplace(fixed)) for letter in (x, *rule.state))


def _as_trace(
    objective: Objective,
    rule: Rule,
    kept: list[Chunk],
    ending: Ending,
    backend: str,
    seconds: tuple[float, float],
) -> Trace:
    columns = np.concatenate([chunk.columns for chunk in kept], axis=1)
    size, rows = objective.dimension, columns.shape[1]
    step_sizes = np.full(rows, float(rule.hyperparameters.get(alpha, np.nan)))
    step_sizes[:1] = np.nan
    return Trace(
        variables=tuple(variable.name for variable in objective.variables),
        iterates=columns[:size].T.copy(),
        values=np.concatenate([chunk.values for chunk in kept]),
        gradient_norms=np.concatenate([chunk.norms for chunk in kept]),
        step_sizes=step_sizes,
        evaluations=np.arange(1, rows + 1),
        status=ending.status,
        message=sentence(rows - 1, ending),
        backend=backend,
        method=repr(rule),
        seconds=seconds[0],
        compile_seconds=seconds[1],
        states={
            letter.name: columns[size * (j + 1) : size * (j + 2)].T.copy()
            for j, letter in enumerate(rule.state)
        },
    )
