"""Fused runs: a rule's whole run in one compiled loop, a chunk of steps at a time.

Between chunks a run may be stopped, shown or cut short; within one nothing but the loop runs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from sympy import lambdify

from symlab.algebra.alphabet import alpha, k
from symlab.algebra.objective import Objective
from symlab.engine.compiled.functions import compile_everywhere
from symlab.engine.compiled.scan import Kind, Loop, loop_of
from symlab.engine.domain import Domain
from symlab.engine.ending.curvature import Look, Sight
from symlab.engine.ending.ending import judged
from symlab.engine.ending.place import sight_of
from symlab.engine.ending.trail import Trail
from symlab.engine.iteration import LEFT, Ending, Plan, left_domain
from symlab.engine.recording import (
    INTERRUPTED,
    NO_START,
    NOT_FINITE,
    Limits,
    asked_to_stop,
    ending_at,
    length,
    returned,
    sentence,
)
from symlab.engine.trace import Trace
from symlab.interrupts import runs_keep_what_they_have
from symlab.methods.rule import Rule

CHUNK = 4096
"""Steps between two looks at the run: about a millisecond, so that Ctrl-C is felt at once."""

SMALLEST_SQUARE = float(np.finfo(float).tiny / np.finfo(float).eps)
"""Below this a sum of squares may have lost digits."""


@dataclass(frozen=True)
class Chunk:
    """Some recorded iterates in order, a row each.

    A row holds the iterate and state (`width` numbers), the value, and the gradient.
    """

    k: np.ndarray
    rows: np.ndarray
    width: int
    norms: np.ndarray
    domain: Domain

    @property
    def values(self) -> np.ndarray:
        """The objective at each iterate."""
        return self.rows[:, self.width]

    @property
    def columns(self) -> np.ndarray:
        """The iterate and state in each row."""
        return self.rows[:, : self.width]

    @property
    def inside(self) -> np.ndarray:
        """Which rows lie in the domain of the variables."""
        return self.domain.held(self.rows)

    def cut(self, length: int) -> "Chunk":
        """Return the first `length` rows."""
        return replace(self, k=self.k[:length], rows=self.rows[:length], norms=self.norms[:length])


def _chunk(first: int, rows: np.ndarray, width: int, domain: Domain) -> Chunk:
    gradients = rows[:, width + 1 :]
    squares = np.einsum("ki,ki->k", gradients, gradients)
    norms = np.sqrt(squares)
    # Squares overflow and underflow long before lengths do; those few are done with more care.
    for i in np.flatnonzero(~((squares > SMALLEST_SQUARE) & np.isfinite(squares))):
        norms[i] = length(gradients[i])
    return Chunk(first + np.arange(len(rows)), rows, width, norms, domain)


@dataclass(frozen=True)
class Fused:
    """A rule's compiled loops on an objective: one that records each step, one that does not."""

    recording: Loop
    silent: Loop | None
    step_size: float
    plan: Plan

    def sight(self, objective: Objective, held: np.ndarray) -> Sight:
        """Return what one turn of the loop can see of a place: a row holds value and gradient."""
        width = self.recording.width
        if self.recording.steps is not None:
            # A loop of fixed length would take all its steps for one look.
            return sight_of(objective, _interpreted(objective))

        def look(point: np.ndarray) -> tuple[float, np.ndarray]:
            placed = np.concatenate([point, held[len(point) :]])
            row = self._go(self.recording, 0, 1, placed)[0][0]
            return float(row[width]), row[width + 1 :]

        return sight_of(objective, look)

    def chunks(self, held: np.ndarray, steps: int) -> Iterator[Chunk]:
        """Yield the recorded iterates of a run, from the iterate and state that it starts with."""
        if self.silent is None:
            return self._all(held, steps)
        return self._some(held, self.silent)

    def _all(self, held: np.ndarray, steps: int) -> Iterator[Chunk]:
        first = 0
        while True:
            count = self._count(first, steps)
            rows, held = self._go(self.recording, first, count, held)
            yield _chunk(first, rows, self.recording.width, self.plan.domain)
            first += count

    def _some(self, held: np.ndarray, silent: Loop) -> Iterator[Chunk]:
        """Look at every so many iterates, and only move in between.

        Where a stretch ends beyond the floats it is gone through again step by step, so that the
        run keeps its last finite iterate.
        """
        first = 0
        while True:
            yield self._look(first, held)
            before, count = held, min(self.plan.every, self.plan.max_steps - first)
            done = 0
            while done < count:
                piece = min(count - done, CHUNK)
                try:
                    held = self._move(silent, first + done, piece, held)
                except KeyboardInterrupt:
                    yield self._look(first + done, held)
                    raise
                done += piece
            reached = self._look(first + count, held)
            finite = np.all(np.isfinite(reached.rows[:, : reached.width + 1]))
            if not (finite and np.all(reached.inside)):
                yield from self._again(first, count, before)
            first += count

    def _look(self, first: int, held: np.ndarray) -> Chunk:
        """Return the one row of an iterate."""
        rows, _ = self._go(self.recording, first, 1, held)
        return _chunk(first, rows, self.recording.width, self.plan.domain)

    def _again(self, first: int, count: int, held: np.ndarray) -> Iterator[Chunk]:
        """Yield the iterates of a stretch after its first."""
        for k_here in range(first, first + count):
            _, held = self._go(self.recording, k_here, 1, held)
            yield self._look(k_here + 1, held)

    def _move(self, silent: Loop, first: int, count: int, held: np.ndarray) -> np.ndarray:
        """Take steps of which nothing is recorded; a loop of fixed length leaves the rest."""
        if silent.steps in (None, count):
            return self._go(silent, first, count, held)[1]
        for k_here in range(first, first + count):
            held = self._go(self.recording, k_here, 1, held)[1]
        return held

    def _count(self, first: int, steps: int) -> int:
        """Return the steps of a chunk: batches are drawn for so many and no more."""
        if self.plan.batches is None:
            return steps
        return min(steps, self.plan.batches.shape[0] - first)

    def _go(
        self, loop: Loop, first: int, count: int, held: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        return loop.go(first, count, held, self.step_size, self.plan.batches)


def _collect(chunks: Iterator[Chunk], kept: list[Chunk], limits: Limits) -> Ending:
    """Keep chunks until the run ends, and return why."""
    for chunk in chunks:
        end, ending = len(chunk.rows), None
        if not _goes_on(chunk, limits):
            end, ending = _first_ending(chunk, kept, limits)
        if limits.callback:
            # As in a run step by step, the iterate at which a run ends is not asked about.
            asked = end - (ending is not None and ending.cause != LEFT)
            seen, stopped = _asked(chunk.cut(asked), limits)
            end, ending = (seen, stopped) if stopped else (end, ending)
        kept.append(chunk.cut(end))
        if limits.report:
            limits.report(int(chunk.k[-1]))
        if ending:
            return ending
    raise AssertionError("a run has no last chunk")


def _asked(chunk: Chunk, limits: Limits) -> tuple[int, Ending | None]:
    """Return how many of the chunk's rows the callback lets pass, and its ending if it stops."""
    size = chunk.rows.shape[1] - chunk.width - 1
    for i, value in enumerate(chunk.values):
        try:
            ending = asked_to_stop(int(chunk.k[i]), chunk.rows[i, :size], float(value), limits)
        except KeyboardInterrupt:
            if not runs_keep_what_they_have():
                raise
            ending = INTERRUPTED
        if ending:
            return i + 1, ending
    return len(chunk.values), None


def _goes_on(chunk: Chunk, limits: Limits) -> bool:
    """Return whether a chunk certainly holds no ending, at a fraction of the cost of finding it.

    A sum is finite only if its terms are, and an iterate that no longer changes never will again.
    """
    return bool(
        len(chunk.rows) > 1
        and np.isfinite(chunk.rows.sum())
        and np.all(chunk.inside)
        and chunk.norms.min() > limits.tolerance
        and chunk.k[-1] < limits.max_steps
        and np.any(chunk.columns[-1] != chunk.columns[-2])
    )


def _first_ending(chunk: Chunk, kept: list[Chunk], limits: Limits) -> tuple[int, Ending | None]:
    """Return how many of the chunk's rows belong to the run, and why it ends there, if so."""
    finite = np.all(np.isfinite(chunk.rows[:, : chunk.width + 1]), axis=1)
    before = kept[-1].columns[-1:] if kept else np.full((1, chunk.width), np.nan)
    unchanged = np.all(np.diff(chunk.columns, axis=0, prepend=before) == 0, axis=1)
    inside = chunk.inside
    for i in range(len(chunk.rows)):
        if not finite[i]:
            return i, NOT_FINITE
        if not inside[i]:
            return i, left_domain(chunk.domain.breach(chunk.rows[i]))
        norm, still = float(chunk.norms[i]), bool(unchanged[i])
        ending = ending_at(int(chunk.k[i]), norm, unchanged=still, limits=limits)
        if ending:
            return i + 1, ending
    return len(chunk.rows), None


def run(
    objective: Objective,
    start: Sequence[float],
    rule: Rule,
    plan: Plan,
    limits: Limits,
    how: tuple[str, str],
) -> Trace:
    """Run a rule with the whole loop compiled, and return its trace.

    `how` is the backend, and who derives the gradient.
    """
    backend, gradient = how
    fused, steps = _compiled(objective, rule, plan, Kind(backend, gradient))
    point = np.array([float(coordinate) for coordinate in start])
    held = np.concatenate([point, np.zeros(objective.dimension * len(rule.state))])
    kept: list[Chunk] = []
    started = perf_counter()
    with np.errstate(all="ignore"):
        try:
            ending = _collect(fused.chunks(held, steps), kept, limits)
        except KeyboardInterrupt:
            if not runs_keep_what_they_have():
                raise
            ending = INTERRUPTED
            # Interrupted within the first chunk, the run still has its start.
            kept = kept or [next(fused.chunks(held, steps)).cut(1)]
        seconds = perf_counter() - started
        ending = judged(ending, _trail(kept, limits, len(point)), fused.sight(objective, held))
    loops = [loop for loop in (fused.recording, fused.silent) if loop]
    compile_seconds = sum(loop.compiled.seconds for loop in loops)
    return _as_trace(objective, rule, kept, ending, (backend, seconds, compile_seconds))


def _compiled(objective: Objective, rule: Rule, plan: Plan, kind: Kind) -> tuple[Fused, int]:
    """Return the compiled loops, and the steps of a chunk.

    JAX compiles for one number of steps; the others take any, and stop between chunks.
    """
    batch_size = None if plan.batches is None else plan.batches.shape[1]
    is_jax = kind.backend == "jax"
    steps = plan.max_steps + 1 if is_jax else min(CHUNK, plan.max_steps + 1)
    steps = 1 if plan.every > 1 else steps
    recording = loop_of(objective, rule, _fixed(kind, steps), batch_size)
    silent = None
    if plan.every > 1:
        silent = loop_of(
            objective, rule, _fixed(kind, min(plan.every, CHUNK), recorded=False), batch_size
        )
    size = rule.hyperparameters.get(alpha)
    step_size = np.nan if size is None or size.has(k) else float(size)
    return Fused(recording, silent, step_size, plan), steps


def _fixed(kind: Kind, steps: int, *, recorded: bool = True) -> Kind:
    return Kind(kind.backend, kind.gradient, recorded, steps if kind.backend == "jax" else None)


def _interpreted(objective: Objective) -> Look:
    """Return value and gradient without a compiler, made at the first look."""

    def look(point: np.ndarray) -> tuple[float, np.ndarray]:
        return compile_everywhere(objective, "interpreted").value_and_gradient(point)

    return look


def _trail(kept: list[Chunk], limits: Limits, size: int) -> Trail:
    rows = np.concatenate([chunk.rows for chunk in kept])
    return Trail(rows[:, :size], rows[:, kept[0].width], limits.tolerance)


def _as_trace(
    objective: Objective,
    rule: Rule,
    kept: list[Chunk],
    ending: Ending,
    ran: tuple[str, float, float],
) -> Trace:
    backend, seconds, compile_seconds = ran
    if not any(len(chunk.rows) for chunk in kept):
        raise ValueError(NO_START)
    rows = np.concatenate([chunk.rows for chunk in kept])
    steps = np.concatenate([chunk.k for chunk in kept])
    size = objective.dimension
    trace = Trace(
        variables=tuple(variable.name for variable in objective.variables),
        iterates=rows[:, :size],
        values=rows[:, kept[0].width],
        gradient_norms=np.concatenate([chunk.norms for chunk in kept]),
        step_sizes=_step_sizes(rule, steps),
        evaluations=steps + 1,
        k=steps,
        status=ending.status,
        message=sentence(int(steps[-1]), ending),
        backend=backend,
        method=repr(rule),
        seconds=seconds,
        compile_seconds=compile_seconds,
        states={
            letter.name: rows[:, size * (j + 1) : size * (j + 2)]
            for j, letter in enumerate(rule.state)
        },
    )
    return returned(trace, ending)


def _step_sizes(rule: Rule, steps: np.ndarray) -> np.ndarray:
    """Return the step size that led to each iterate; NaN at the start."""
    size = rule.hyperparameters.get(alpha)
    if size is None:
        return np.full(len(steps), np.nan)
    function = lambdify(k, size, "numpy")
    sizes = np.broadcast_to(np.asarray(function(steps - 1.0), dtype=float), steps.shape).copy()
    sizes[steps == 0] = np.nan
    return sizes
