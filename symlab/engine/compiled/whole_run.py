"""Runs in C: a rule's whole run in one compiled operation, some hundredths of a second at a time.

Between two calls a run may be stopped, shown or cut short. How many steps a call takes is found
while the run goes on, so that Ctrl-C is felt at once whatever a step costs; the numbers do not
depend on it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np
from sympy import lambdify

from symlab.algebra.alphabet import alpha, k
from symlab.algebra.objective import Objective
from symlab.engine.compiled.run_program import CompiledRun, Demand, compiled_run
from symlab.engine.compiled.run_source import ENDINGS
from symlab.engine.ending.curvature import Sight
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
    returned,
    sentence,
)
from symlab.engine.trace import Trace
from symlab.interrupts import runs_keep_what_they_have
from symlab.methods.rule import Rule

PATIENCE = 0.01
"""Seconds that a call is meant to take: Ctrl-C, callbacks and the bar wait for so long."""

GROWTH = 16
"""A call takes at most so many times the steps of the one before."""

MOST_STEPS, MOST_ROWS = 2**24, 2**16
"""Steps of a call, and iterates recorded in it."""

NEVER = -1.0
"""A tolerance at which nothing ends a run but what is not finite, the domain and the last step."""


@dataclass(frozen=True)
class Piece:
    """Recorded iterates in order, a row each: iterate and state, value, length of the gradient."""

    k: np.ndarray
    rows: np.ndarray
    ending: Ending | None = None

    def cut(self, length: int, ending: Ending | None) -> "Piece":
        """Return the first rows, and why the run ends there."""
        return Piece(self.k[:length], self.rows[:length], ending)


@dataclass
class Course:
    """Where a run is, and how it goes on.

    Parameters
    ----------
    compiled : CompiledRun
    plan : Plan
    step_size, tolerance : float
    held : array, shape (width,)
        Iterate and state at iterate `k`.
    before : array, shape (width + 2,)
        The row recorded last; NaN where there is none.
    due : int
        The next iterate to record.
    """

    compiled: CompiledRun
    plan: Plan
    step_size: float
    tolerance: float
    held: np.ndarray
    k: int = 0
    due: int = 0
    every: int = 1
    before: np.ndarray = field(init=False)
    seen: np.ndarray = field(init=False)
    pace: int = 1

    def __post_init__(self) -> None:
        self.before = np.full(self.compiled.width + 2, np.nan)
        self.seen = np.full(self.compiled.size + 1, np.nan)

    def go(self) -> tuple[np.ndarray, np.ndarray, int]:
        """Go on by some steps; return the numbers of what was recorded, its rows, and the ending."""
        first_due, started = self.due, perf_counter()
        count = self._count()
        rows, code, reached = self._call(count)
        last = self.plan.max_steps
        numbers = np.minimum(first_due + self.every * np.arange(len(rows)), last)
        if len(rows):
            self.before = rows[-1]
        self._keep_pace(reached, perf_counter() - started)
        return numbers, rows, code

    def _call(self, count: int) -> tuple[np.ndarray, int, int]:
        run, last = self.compiled, self.plan.max_steps
        most = max(0, (min(self.k + count - 1, last) - self.due) // self.every + 2)
        batch_size = 0 if self.plan.batches is None else self.plan.batches.shape[1]
        whole = [self.k, count, self.due, self.every, last, run.samples, batch_size, most]
        given = [np.array(whole), np.array([self.step_size, self.tolerance]), self.before, self.held]
        if self.plan.batches is not None:
            given.append(self._drawn(count))
        if run.data is not None:
            given.append(run.data)
        rows, ends, told = run.compiled.call(*given)
        first, code = self.k, int(told[0])
        self.held, self.seen = ends[: run.width], ends[run.width :]
        self.k, self.due = int(told[1]), int(told[2])
        return rows[1 : 1 + int(told[3])], code, self.k - first

    def _drawn(self, count: int) -> np.ndarray:
        batches = self.plan.batches
        drawn = np.ascontiguousarray(batches[self.k : self.k + count], dtype=np.int64)  # type: ignore[index]
        if drawn.min() < 0 or drawn.max() >= self.compiled.samples:
            raise IndexError(f"batches: expected samples below {self.compiled.samples}.")
        return drawn

    def _count(self) -> int:
        left = self.plan.max_steps + 1 - self.k
        return max(1, min(self.pace, left, MOST_ROWS * self.every))

    def _keep_pace(self, steps: int, seconds: float) -> None:
        wanted = int(steps * PATIENCE / max(seconds, 1e-9))
        self.pace = max(1, min(wanted, self.pace * GROWTH, MOST_STEPS))

    def here(self) -> Piece:
        """Return the iterate that has been reached, recorded or not."""
        course = self._at(self.k, self.held)
        rows, _, _ = course._call(1)
        return Piece(np.full(len(rows), self.k), rows)

    def again(self, k_then: int, held: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
        """Yield each iterate of a stretch after a recorded one, to find where it went wrong."""
        course = self._at(k_then, held)
        while True:
            found = course.go()
            yield found
            if found[2]:
                return

    def _at(self, number: int, held: np.ndarray) -> "Course":
        course = Course(self.compiled, self.plan, self.step_size, NEVER, held, number, number)
        return course


def run(
    objective: Objective,
    start: Sequence[float],
    rule: Rule,
    plan: Plan,
    limits: Limits,
    how: tuple[str, str],
) -> Trace:
    """Run a rule with the whole loop compiled into one operation in C, and return its trace.

    `how` is the backend, and who derives the gradient.

    Raises
    ------
    NoProgramError
        If objective or rule cannot become one piece of C.
    """
    compiled = compiled_run(objective, rule, _demand(plan, how[1]))
    point = np.array([float(coordinate) for coordinate in start])
    held = np.concatenate([point, np.zeros(compiled.width - compiled.size)])
    size = rule.hyperparameters.get(alpha)
    step_size = np.nan if size is None or size.has(k) else float(size)
    course = Course(compiled, plan, step_size, limits.tolerance, held, every=plan.every)
    kept: list[Piece] = []
    started = perf_counter()
    try:
        ending = _collect(course, limits, kept)
    except KeyboardInterrupt:
        if not runs_keep_what_they_have():
            raise
        ending = INTERRUPTED
        if not kept:
            kept.append(Course(compiled, plan, step_size, NEVER, held).here())
        elif plan.every > 1 and kept[-1].k[-1] < course.k:
            kept.append(course.here())
    seconds = perf_counter() - started
    if not any(len(piece.rows) for piece in kept):
        raise ValueError(NO_START)
    rows = kept[0].rows if len(kept) == 1 else np.concatenate([piece.rows for piece in kept])
    numbers = np.concatenate([piece.k for piece in kept])
    trail = Trail(rows[:, : compiled.size], rows[:, compiled.width], limits.tolerance)
    ending = judged(ending, trail, _sight(objective, compiled, plan))
    return _as_trace(objective, rule, (numbers, rows), ending, (compiled, how[0], seconds))


def _demand(plan: Plan, gradient: str) -> Demand:
    return Demand(gradient, plan.batches is not None, plan.every > 1)


def _sight(objective: Objective, compiled: CompiledRun, plan: Plan) -> Sight:
    """Return what one turn of the run can see of a place."""
    every_sample = None if plan.batches is None else np.arange(compiled.samples)[None]
    one = Plan(0, 1, every_sample)

    def look(point: np.ndarray) -> tuple[float, np.ndarray]:
        held = np.concatenate([point, np.zeros(compiled.width - compiled.size)])
        course = Course(compiled, one, 0.0, NEVER, held)
        course.go()
        return float(course.seen[0]), course.seen[1:]

    return sight_of(objective, look)


def _collect(course: Course, limits: Limits, kept: list[Piece]) -> Ending:
    """Keep what is recorded until the run ends, and return why."""
    while True:
        numbers, rows, code = course.go()
        piece = Piece(numbers, rows, _ending(course, rows, code, limits))
        if piece.ending is not None and piece.ending.cause == LEFT:
            piece = _with_last(piece, course, kept)
        if limits.callback and len(piece.rows):
            piece = _asked(piece, course.compiled.size, course.compiled.width, limits)
        if len(piece.rows):
            kept.append(piece)
        if limits.report and kept:
            limits.report(int(piece.k[-1]) if len(piece.k) else course.k)
        if piece.ending is not None:
            return piece.ending


def _ending(course: Course, rows: np.ndarray, code: int, limits: Limits) -> Ending | None:
    """Return the ending that a run in C has told of, in words."""
    if not code:
        return None
    if ENDINGS[code] == "not finite":
        return NOT_FINITE
    if ENDINGS[code] == "left domain":
        return left_domain(course.plan.domain.breach(course.held))
    return ending_at(
        course.k, float(rows[-1, -1]), unchanged=ENDINGS[code] == "unchanged", limits=limits
    )


def _with_last(piece: Piece, course: Course, kept: list[Piece]) -> Piece:
    """Return the piece with the last iterate of the run, where that was not to be recorded."""
    known = [each for each in (*kept, piece) if len(each.k)]
    if not known or known[-1].k[-1] == course.k - 1:
        return piece
    at, row = int(known[-1].k[-1]), known[-1].rows[-1]
    numbers, rows, code = piece.k, piece.rows, 0
    last: tuple[np.ndarray, np.ndarray] | None = None
    for found, made, code in course.again(at, row[: course.compiled.width].copy()):
        last = (found[-1:], made[-1:]) if len(made) else last
    if last is None or last[0][-1] == at:
        return piece
    return Piece(np.append(numbers, last[0]), np.concatenate([rows, last[1]]), piece.ending)


def _asked(piece: Piece, size: int, width: int, limits: Limits) -> Piece:
    """Return the piece as far as the callback lets it pass."""
    # As in a run step by step, the iterate at which a run ends is not asked about.
    ends = piece.ending is not None and piece.ending.cause != LEFT
    for i, row in enumerate(piece.rows[: len(piece.rows) - ends]):
        try:
            ending = asked_to_stop(int(piece.k[i]), row[:size], float(row[width]), limits)
        except KeyboardInterrupt:
            if not runs_keep_what_they_have():
                raise
            ending = INTERRUPTED
        if ending:
            return piece.cut(i + 1, ending)
    return piece


def _as_trace(
    objective: Objective,
    rule: Rule,
    recorded: tuple[np.ndarray, np.ndarray],
    ending: Ending,
    ran: tuple[CompiledRun, str, float],
) -> Trace:
    (numbers, rows), (compiled, backend, seconds) = recorded, ran
    size = compiled.size
    trace = Trace(
        variables=tuple(variable.name for variable in objective.variables),
        iterates=rows[:, :size],
        values=rows[:, compiled.width],
        gradient_norms=rows[:, compiled.width + 1],
        step_sizes=_step_sizes(rule, numbers),
        evaluations=numbers + 1,
        k=numbers,
        status=ending.status,
        message=sentence(int(numbers[-1]), ending),
        backend=backend,
        method=repr(rule),
        seconds=seconds,
        compile_seconds=compiled.compiled.seconds,
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
    if not size.has(k):
        sizes = np.full(len(steps), float(size))
    else:
        function = lambdify(k, size, "numpy")
        sizes = np.broadcast_to(np.asarray(function(steps - 1.0), dtype=float), steps.shape).copy()
    sizes[steps == 0] = np.nan
    return sizes
