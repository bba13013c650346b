"""Fused runs: a rule's whole run in one compiled loop, a chunk of steps at a time.

Between chunks a run may be stopped, shown or cut short; within one nothing but the loop runs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from symlab.algebra.objective import Objective
from symlab.engine.compiled.chunk import Chunk, chunk_of, collect_chunks
from symlab.engine.compiled.functions import compile_everywhere
from symlab.engine.compiled.rule_loop import Loop, LoopForm, loop_of
from symlab.engine.compiled.rule_trace import trace_of_rows
from symlab.engine.ending.curvature import Oracle, ValueAndGradient
from symlab.engine.ending.judge import judge
from symlab.engine.ending.place import oracle_of
from symlab.engine.ending.trail import Trail
from symlab.engine.run import Run
from symlab.engine.stopping import INTERRUPTED
from symlab.engine.trace import Trace
from symlab.interrupts import runs_keep_what_they_have

CHUNK = 4096
"""Steps in a call of the loop: about a millisecond, so that Ctrl-C is felt at once."""


@dataclass(frozen=True)
class Loops:
    """A rule's compiled loops: one that records each step, and one that records none.

    Parameters
    ----------
    run : Run
    recording : Loop
    silent : Loop, optional
        Where only some iterates are recorded.
    chunk : int
        Steps in a call of the recording loop.
    """

    run: Run
    recording: Loop
    silent: Loop | None
    chunk: int

    @property
    def compile_seconds(self) -> float:
        """What compiling the loops has cost."""
        return sum(loop.compile_seconds for loop in (self.recording, self.silent) if loop)

    def start(self) -> np.ndarray:
        """Return the iterate and state that the run starts with."""
        point = self.run.point
        return np.concatenate([point, np.zeros(len(point) * len(self.run.rule.state))])

    def oracle(self) -> Oracle:
        """Return the objective as an oracle: the row of one step holds value and gradient."""
        objective, width, start = self.run.objective, self.recording.width, self.start()
        if self.recording.steps is not None or self.run.batches is not None:
            # A loop of fixed length would take all its steps for one point, one in batches see few
            # of the samples.
            return oracle_of(objective, _without_compiler(objective))

        def value_and_gradient(point: np.ndarray) -> tuple[float, np.ndarray]:
            carry = np.concatenate([point, start[len(point) :]])
            row = self._go(self.recording, 0, 1, carry)[0][0]
            return float(row[width]), row[width + 1 :]

        return oracle_of(objective, value_and_gradient)

    def chunks(self) -> Iterator[Chunk]:
        """Yield the recorded iterates of the run, without end."""
        return self._all() if self.silent is None else self._some(self.silent)

    def _all(self) -> Iterator[Chunk]:
        first, carry = 0, self.start()
        while True:
            count = self._count(first)
            rows, carry = self._go(self.recording, first, count, carry)
            yield chunk_of(first, rows, self.recording.width, self.run.domain)
            first += len(rows)

    def _some(self, silent: Loop) -> Iterator[Chunk]:
        """Record every `record_every`-th iterate, and only move in between.

        Where a stretch ends beyond the floats it is taken again step by step, so that the run keeps
        its last finite iterate.
        """
        first, carry = 0, self.start()
        while True:
            yield self._row_at(first, carry)
            before, count = carry, min(self.run.recording.every, self.run.max_steps - first)
            done = 0
            while done < count:
                piece = min(count - done, CHUNK)
                try:
                    carry = self._move(silent, first + done, piece, carry)
                except KeyboardInterrupt:
                    yield self._row_at(first + done, carry)
                    raise
                done += piece
            reached = self._row_at(first + count, carry)
            finite = np.all(np.isfinite(reached.rows[:, : reached.width + 1]))
            if not (finite and np.all(reached.inside)):
                yield from self._step_by_step(first, count, before)
            first += count

    def _row_at(self, first: int, carry: np.ndarray) -> Chunk:
        """Return the one row of an iterate."""
        rows, _ = self._go(self.recording, first, 1, carry)
        return chunk_of(first, rows, self.recording.width, self.run.domain)

    def _step_by_step(self, first: int, count: int, carry: np.ndarray) -> Iterator[Chunk]:
        """Yield the iterates of a stretch after its first."""
        for k_here in range(first, first + count):
            _, carry = self._go(self.recording, k_here, 1, carry)
            yield self._row_at(k_here + 1, carry)

    def _move(self, silent: Loop, first: int, count: int, carry: np.ndarray) -> np.ndarray:
        """Take steps of which nothing is recorded; a loop of fixed length leaves the rest."""
        if silent.steps in (None, count):
            return self._go(silent, first, count, carry)[1]
        for k_here in range(first, first + count):
            carry = self._go(self.recording, k_here, 1, carry)[1]
        return carry

    def _count(self, first: int) -> int:
        """Return the number of steps of a chunk, no more than batches were drawn for."""
        if self.run.batches is None:
            return self.chunk
        return min(self.chunk, self.run.batches.steps - first)

    def _go(
        self, loop: Loop, first: int, count: int, carry: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        return loop.go(first, count, carry, self.run.step_size, self.run.batches)


def _compile(run: Run) -> Loops:
    """Return the compiled loops of a run.

    JAX compiles for one number of steps; the others take any, and stop between chunks.
    """
    every, is_jax = run.recording.every, run.backend == "jax"
    chunk = run.max_steps + 1 if is_jax else min(CHUNK, run.max_steps + 1)
    chunk = 1 if every > 1 else chunk
    size = None if run.batches is None else run.batches.batch_size
    form = LoopForm(
        run.backend,
        run.derived_by,
        steps=chunk if is_jax else None,
        batch_size=size,
        record=run.record,
    )
    recording, silent = loop_of(run.objective, run.rule, form), None
    if every > 1:
        steps = min(every, CHUNK) if is_jax else None
        silent = loop_of(run.objective, run.rule, replace(form, recorded=False, steps=steps))
    return Loops(run, recording, silent, chunk)


def _without_compiler(objective: Objective) -> ValueAndGradient:
    """Return value and gradient without a compiler, made when first called."""

    def value_and_gradient(point: np.ndarray) -> tuple[float, np.ndarray]:
        return compile_everywhere(objective, "interpreted").value_and_gradient(point)

    return value_and_gradient


def run_fused(run: Run) -> Trace:
    """Run a rule with the whole loop compiled, and return its trace."""
    loops, kept = _compile(run), list[Chunk]()
    started = perf_counter()
    with np.errstate(all="ignore"):
        try:
            ending = collect_chunks(loops.chunks(), kept, run)
        except KeyboardInterrupt:
            if not runs_keep_what_they_have():
                raise
            ending = INTERRUPTED
            # Interrupted within the first chunk, the run still has its start.
            kept = kept or [next(loops.chunks()).cut(1)]
        seconds = perf_counter() - started
        rows = np.concatenate([chunk.rows for chunk in kept])
        trail = Trail(rows[:, : len(run.start)], rows[:, kept[0].width], run.tolerance)
        ending = judge(ending, trail, loops.oracle())
    steps, norms = (np.concatenate([getattr(c, name) for c in kept]) for name in ("k", "norms"))
    facts = {"seconds": seconds, "compile_seconds": loops.compile_seconds}
    return trace_of_rows(run, steps, rows, ending, gradient_norms=norms, **facts)
