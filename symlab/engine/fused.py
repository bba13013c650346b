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
from symlab.engine.record import (
    INTERRUPTED,
    NOT_FINITE,
    Limits,
    asked_to_stop,
    ending_at,
    length,
    sentence,
)
from symlab.engine.stable import stabilize
from symlab.engine.trace import Trace

CHUNK = 4096
"""Steps between two looks at the run: about a millisecond, so that Ctrl-C is felt at once."""

SMALLEST_SQUARE = float(np.finfo(float).tiny / np.finfo(float).eps)
"""Below this a sum of squares may have lost digits."""

Recurrence = tuple[tuple[Symbol, Expr], ...]


def _replaced(outputs: list[Variable], known: dict[Variable, Variable]) -> list[Variable]:
    return graph_replace([pt.identity(output) for output in outputs], known, strict=False)


def _loop_body(objective: Objective, recurrence: Recurrence) -> Any:
    """Return the function of one step that `scan` repeats."""
    expressions = [objective.expression, *objective.gradient]
    variables, look = lower([stabilize(entry) for entry in expressions], objective.variables)
    letters = [x, g, k, alpha, *(letter for letter, _ in recurrence if letter != x)]
    inputs, update = lower([expression for _, expression in recurrence], letters)
    size, counts = objective.dimension, _counts(recurrence)

    def body(*tensors: Variable) -> list[Variable]:
        # Counting costs a third of a small step, so only a rule that reads k is given it.
        step = tensors[0] if counts else pt.constant(0.0)
        *columns, step_size = tensors[counts:]
        coordinates = columns[:size]
        value, *gradient = _replaced(look, dict(zip(variables, coordinates, strict=True)))
        rows = [
            _replaced(update, dict(zip(inputs, (a, d, step, step_size, *state), strict=True)))
            for a, d, *state in zip(
                coordinates, gradient, *_grouped(columns[size:], size), strict=True
            )
        ]
        moved = [entry for column in zip(*rows, strict=True) for entry in column]
        # One vector per step costs one array, a recorded scalar one each: four times the time.
        return [*moved, pt.stack([*columns, value, *gradient])]

    return body


def _counts(recurrence: Recurrence) -> bool:
    return any(expression.has(k) for _, expression in recurrence)


def _grouped(entries: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [entries[i : i + size] for i in range(0, len(entries), size)]


@lru_cache(maxsize=32)
def fused_function(
    objective: Objective, recurrence: Recurrence, backend: str, steps: int | None
) -> Compiled:
    """Compile the loop: (first and last k, iterate, state, step size) to its record.

    `steps` fixes the number of steps, which JAX must know when it compiles.
    """
    started = perf_counter()
    columns = [pt.dscalar() for _ in range(objective.dimension * len(recurrence))]
    first, last, step_size = pt.lscalar("first"), pt.lscalar("last"), pt.dscalar("step_size")
    count = pt.arange(first, last) if steps is None else first + pt.arange(steps)
    *moved, record = pytensor.scan(
        _loop_body(objective, recurrence),
        sequences=[count.astype("float64")] if _counts(recurrence) else [],
        n_steps=count.shape[0] if steps is None else steps,
        outputs_info=[*columns, None],
        non_sequences=[step_size],
        return_updates=False,
    )
    function = pytensor.function(
        [first, last, *columns, step_size],
        [record, *(column[-1] for column in moved)],
        mode=backends.mode(backend),
        on_unused_input="ignore",
    )
    function(0, steps or 1, *np.ones(len(columns)), 1.0)
    return Compiled(function, perf_counter() - started)


@dataclass(frozen=True)
class Chunk:
    """What one call of the loop made, from step `first` on: a row per iterate.

    A row holds the iterate and state (`width` numbers), the value, and the gradient.
    """

    first: int
    rows: np.ndarray
    width: int
    norms: np.ndarray

    @property
    def values(self) -> np.ndarray:
        """The objective at each iterate."""
        return self.rows[:, self.width]

    @property
    def columns(self) -> np.ndarray:
        """The iterate and state in each row."""
        return self.rows[:, : self.width]

    def cut(self, length: int) -> "Chunk":
        """Return the first `length` rows."""
        return Chunk(self.first, self.rows[:length], self.width, self.norms[:length])


def _chunk(first: int, rows: np.ndarray, width: int) -> Chunk:
    gradients = rows[:, width + 1 :]
    squares = np.einsum("ki,ki->k", gradients, gradients)
    norms = np.sqrt(squares)
    # Squares overflow and underflow long before lengths do; those few are done with more care.
    for i in np.flatnonzero(~((squares > SMALLEST_SQUARE) & np.isfinite(squares))):
        norms[i] = length(gradients[i])
    return Chunk(first, rows, width, norms)


def _chunks(
    function: Compiled, columns: np.ndarray, step_size: float, steps: int
) -> Iterator[Chunk]:
    """Yield a run a chunk at a time, each a call of the compiled loop."""
    first = 0
    while True:
        rows, *moved = function.call(first, first + steps, *columns, step_size)
        yield _chunk(first, np.asarray(rows), len(columns))
        columns, first = np.array(moved, dtype=float), first + steps


def _collect(chunks: Iterator[Chunk], kept: list[Chunk], limits: Limits) -> Ending:
    """Keep chunks until the run ends, and return why."""
    for chunk in chunks:
        end, ending = len(chunk.rows), None
        if not _goes_on(chunk, limits):
            end, ending = _first_ending(chunk, kept, limits)
        if limits.callback:
            # As in a run step by step, the iterate at which a run ends is not asked about.
            asked = end - (ending is not None and ending is not NOT_FINITE)
            seen, stopped = _asked(chunk.cut(asked), limits)
            end, ending = (seen, stopped) if stopped else (end, ending)
        kept.append(chunk.cut(end))
        if ending:
            return ending
    raise AssertionError("a run has no last chunk")


def _asked(chunk: Chunk, limits: Limits) -> tuple[int, Ending | None]:
    """Return how many of the chunk's rows the callback lets pass, and its ending if it stops."""
    size = chunk.rows.shape[1] - chunk.width - 1
    for i, value in enumerate(chunk.values):
        try:
            ending = asked_to_stop(chunk.first + i, chunk.rows[i, :size], float(value), limits)
        except KeyboardInterrupt:
            ending = INTERRUPTED
        if ending:
            return i + 1, ending
    return len(chunk.values), None


def _goes_on(chunk: Chunk, limits: Limits) -> bool:
    """Return whether a chunk certainly holds no ending, at a fraction of the cost of finding it.

    A sum is finite only if its terms are, and an iterate that no longer changes never will again.
    """
    return bool(
        np.isfinite(chunk.rows.sum())
        and chunk.norms.min() > limits.tolerance
        and chunk.first + len(chunk.rows) <= limits.max_steps
        and np.any(chunk.columns[-1] != chunk.columns[-2:-1])
    )


def _first_ending(chunk: Chunk, kept: list[Chunk], limits: Limits) -> tuple[int, Ending | None]:
    """Return how many of the chunk's rows belong to the run, and why it ends there, if so."""
    finite = np.all(np.isfinite(chunk.rows[:, : chunk.width + 1]), axis=1)
    before = kept[-1].columns[-1:] if kept else np.full((1, chunk.width), np.nan)
    unchanged = np.all(np.diff(chunk.columns, axis=0, prepend=before) == 0, axis=1)
    k = chunk.first + np.arange(len(chunk.rows))
    ends = ~finite | ~(chunk.norms > limits.tolerance) | unchanged | (k >= limits.max_steps)
    ends |= ~np.isfinite(chunk.norms)
    if not ends.any():
        return len(chunk.rows), None
    i = int(np.argmax(ends))
    if not finite[i]:
        return i, NOT_FINITE
    norm, still = float(chunk.norms[i]), bool(unchanged[i])
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
            ending = INTERRUPTED
            # Interrupted within the first chunk, the run still has its start.
            kept = kept or [next(_chunks(function, columns, step_size, steps)).cut(1)]
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
    rows = np.concatenate([chunk.rows for chunk in kept])
    size, count = objective.dimension, len(rows)
    step_sizes = np.full(count, float(rule.hyperparameters.get(alpha, np.nan)))
    step_sizes[:1] = np.nan
    return Trace(
        variables=tuple(variable.name for variable in objective.variables),
        iterates=rows[:, :size],
        values=rows[:, kept[0].width],
        gradient_norms=np.concatenate([chunk.norms for chunk in kept]),
        step_sizes=step_sizes,
        evaluations=np.arange(1, count + 1),
        status=ending.status,
        message=sentence(count - 1, ending),
        backend=backend,
        method=repr(rule),
        seconds=seconds[0],
        compile_seconds=seconds[1],
        states={
            letter.name: rows[:, size * (j + 1) : size * (j + 2)]
            for j, letter in enumerate(rule.state)
        },
    )
