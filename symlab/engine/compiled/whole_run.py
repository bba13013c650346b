"""Runs in C: a rule's whole run in one compiled operation, and what it leaves as a trace."""

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from symlab.engine.compiled.course import Course, Found, Numbers, seen_from
from symlab.engine.compiled.functions import compile_everywhere
from symlab.engine.compiled.piece_sums import run_of
from symlab.engine.compiled.rule_numbers import numbers_of
from symlab.engine.compiled.rule_trace import trace_of_rows
from symlab.engine.compiled.run_head import ENDINGS
from symlab.engine.compiled.run_program import CompiledRun, Demand
from symlab.engine.ending.curvature import Oracle
from symlab.engine.ending.judge import judge
from symlab.engine.ending.place import oracle_of
from symlab.engine.ending.trail import Trail
from symlab.engine.run import Run
from symlab.engine.stopping import (
    INTERRUPTED,
    LEFT,
    NOT_FINITE,
    Ending,
    StartError,
    call_back,
    ending_at,
    left_domain,
)
from symlab.engine.trace import Trace
from symlab.interrupts import runs_keep_what_they_have


@dataclass(frozen=True)
class Piece:
    """Recorded iterates in order, and why the run ends with them, if it does."""

    k: Numbers
    rows: np.ndarray
    ending: Ending | None = None

    def cut(self, length: int, ending: Ending | None) -> "Piece":
        """Return the first rows, and why the run ends there."""
        return Piece(self.k[:length], self.rows[:length], ending)


def run_in_c(run: Run) -> Trace:
    """Run a rule with the whole loop compiled into one operation in C, and return its trace.

    Raises
    ------
    NoProgramError
        If objective or rule cannot become one piece of C.
    """
    compiled = compile_for(run)
    course, kept = _course(run, compiled), list[Piece]()
    started = perf_counter()
    try:
        ending = _collect(course, run, kept)
    except KeyboardInterrupt:
        if not runs_keep_what_they_have():
            raise
        ending = INTERRUPTED
        kept += _kept_at_least(course, run, kept)
    seconds = perf_counter() - started
    rows, numbers = _join(course, kept)
    trail = Trail(rows[:, : compiled.size], rows[:, compiled.width], run.tolerance)
    ending = judge(ending, trail, _oracle(run, compiled))
    facts = {"seconds": seconds, "compile_seconds": compiled.compiled.seconds}
    return trace_of_rows(run, numbers, rows, ending, gradient_norms=rows[:, -1], **facts)


def compile_for(run: Run) -> CompiledRun:
    """Return what a run in C needs; what has been compiled once is not compiled again.

    Raises
    ------
    NoProgramError
        If objective or rule cannot become one piece of C.
    """
    demand = Demand(
        run.derived_by,
        batches=run.batches is not None,
        sparse=run.recording.every > 1,
        record=run.record,
    )
    return run_of(run.objective, run.rule, demand)


def _course(run: Run, compiled: CompiledRun) -> Course:
    held = np.zeros(compiled.width)
    held[: compiled.size] = run.point
    every = run.recording.every
    return Course(
        compiled,
        run.max_steps,
        run.step_size,
        run.tolerance,
        held,
        numbers_of(run.rule),
        every,
        run.batches,
    )


def _join(course: Course, kept: list[Piece]) -> tuple[np.ndarray, Numbers]:
    """Return all rows and their numbers; without copying, where they lie together and fill it."""
    if not any(len(piece.rows) for piece in kept):
        raise StartError
    first, count = kept[0].rows, sum(len(piece.rows) for piece in kept)
    numbers = np.concatenate([p.k for p in kept]) if course.every > 1 else range(count)
    together = all(_memory(piece.rows) is _memory(course.store) for piece in kept)
    if together and 2 * count > len(course.store):
        return course.store[1 : count + 1], numbers
    return first.copy() if len(kept) == 1 else np.concatenate([p.rows for p in kept]), numbers


def _memory(rows: np.ndarray) -> object:
    """Return the array whose memory some rows are part of."""
    return rows if rows.base is None else rows.base


def _kept_at_least(course: Course, run: Run, kept: list[Piece]) -> list[Piece]:
    """Return what an interrupted run has besides: its start, or the iterate it has come to."""
    if not kept:
        found = _course(run, course.compiled).here()
    elif run.recording.every > 1 and kept[-1].k[-1] < course.k:
        found = course.here()
    else:
        return []
    return [Piece(found.k, found.rows)]


def _oracle(run: Run, compiled: CompiledRun) -> Oracle:
    """Return what one turn of the run can see of a place: all samples, were there batches."""
    if compiled.sums is not None and run.batches is not None:
        functions = compile_everywhere(run.objective, run.backend, run.derived_by)
        return oracle_of(run.objective, functions.value_and_gradient)
    all_samples: list[np.ndarray | None] = [None] if run.batches is None else []

    def value_and_gradient(point: np.ndarray) -> tuple[float, np.ndarray]:
        if not all_samples:  # made when they are first asked for: most runs in batches never do
            all_samples.append(np.arange(compiled.samples)[None])
        seen = seen_from(compiled, point, all_samples[0])
        return float(seen[0]), seen[1:]

    return oracle_of(run.objective, value_and_gradient)


def _collect(course: Course, run: Run, kept: list[Piece]) -> Ending:
    """Keep what is recorded until the run ends, and return why."""
    for found in course.steps():
        piece = Piece(found.k, found.rows, _ending(course, found, run))
        if piece.ending is not None and piece.ending.cause == LEFT:
            piece = _with_last(piece, course, kept)
        if run.recording.callback and len(piece.rows):
            piece = _call_back(piece, course.compiled, run)
        if len(piece.rows):
            kept.append(piece)
        if run.report:
            run.report(int(piece.k[-1]) if len(piece.rows) else course.k)
        if piece.ending is not None:
            return piece.ending
    raise AssertionError("a run goes on until it ends")


def _ending(course: Course, found: Found, run: Run) -> Ending | None:
    """Return in words the ending that a run in C has told of."""
    word = ENDINGS[found.ending]
    if word == "goes on":
        return None
    if word == "not finite":
        return NOT_FINITE
    if word == "left domain":
        return left_domain(run.domain.breach(course.held))
    norm = float(found.rows[-1, -1])
    return ending_at(course.k, norm, unchanged=word == "unchanged", run=run)


def _with_last(piece: Piece, course: Course, kept: list[Piece]) -> Piece:
    """Return a piece with the last iterate of the run, where that was not to be recorded.

    The stretch since the last recorded one is gone through again step by step.
    """
    known = [each for each in (*kept, piece) if len(each.k)]
    if not known or known[-1].k[-1] == course.k - 1:
        return piece
    number, row = int(known[-1].k[-1]), known[-1].rows[-1]
    last = None
    for found in course.again(number, row[: course.compiled.width].copy()).steps():
        last = found if len(found.rows) else last
    if last is None or last.k[-1] == number:
        return piece
    rows = np.concatenate([piece.rows, last.rows[-1:]])
    return Piece(np.append(piece.k, last.k[-1]), rows, piece.ending)


def _call_back(piece: Piece, compiled: CompiledRun, run: Run) -> Piece:
    """Return a piece as far as the callback lets it pass."""
    # As in a run step by step, the iterate at which a run ends is not asked about.
    ends = piece.ending is not None and piece.ending.cause != LEFT
    for i, row in enumerate(piece.rows[: len(piece.rows) - ends]):
        try:
            ending = call_back(
                int(piece.k[i]), row[: compiled.size], float(row[compiled.width]), run
            )
        except KeyboardInterrupt:
            if not runs_keep_what_they_have():
                raise
            ending = INTERRUPTED
        if ending:
            return piece.cut(i + 1, ending)
    return piece
