"""How far a run in C has come, and how it goes on, call by call.

How many steps a call takes is found while the run goes on, so that Ctrl-C is felt at once whatever
a step costs; the numbers do not depend on it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np

from symlab.engine.compiled.large_memory import empty_rows
from symlab.engine.compiled.run_program import CompiledRun
from symlab.engine.threads import thread_count

PATIENCE = 0.01
"""Seconds that a call is meant to take: Ctrl-C, callbacks and the bar wait for so long."""

FIRST_POINTS = 256
"""A first call evaluates about so many samples, or the formula so often: at most a millisecond."""

GROWTH = 16
"""A call takes at most so many times the steps of the one before."""

MOST_STEPS = 2**24
"""Steps of a call."""

MOST_BYTES = 2**26
"""Of a block of rows: what is recorded goes on in another one."""

NEVER = -1.0
"""A tolerance at which nothing ends a run but what is not finite, the domain and the last step."""

type Numbers = range | np.ndarray


@dataclass(frozen=True)
class Found:
    """What a call has found.

    Parameters
    ----------
    k : range or array of int, shape (R,)
        The iterates that it recorded: a range where each one is.
    rows : array, shape (R, width + 2)
        Iterate and state, value, length of the gradient.
    ending : int
        Which of `ENDINGS` the run has come to.
    """

    k: Numbers
    rows: np.ndarray
    ending: int


@dataclass
class Course:
    """Where a run is.

    Parameters
    ----------
    compiled : CompiledRun
    last : int
        The last iterate, from which no step is taken.
    step_size, tolerance : float
    numbers : tuple of float
        The rule's numbers beside the step size.
    held : array, shape (width,)
        Iterate and state at iterate `k`.
    every : int
        Which iterates are recorded, beside the last.
    batches : Batches or array, shape (steps, batch size), optional
    k, due : int
        The iterate it has come to, and the next to record.
    """

    compiled: CompiledRun
    last: int
    step_size: float
    tolerance: float
    held: np.ndarray
    numbers: tuple[float, ...] = ()
    every: int = 1
    batches: Any = None
    k: int = 0
    due: int = 0
    store: np.ndarray = field(init=False, repr=False)
    used: int = 1
    pace: int = field(init=False)

    def __post_init__(self) -> None:
        self.pace = max(1, FIRST_POINTS // self._rows)
        self.store = self._block(math.nan)

    @property
    def _rows(self) -> int:
        """How many samples a step sees; 1 where there are none."""
        return max(1, self.compiled.samples if self.batches is None else self.batches.shape[1])

    def _block(self, first: np.ndarray | float) -> np.ndarray:
        """Return room for what is recorded, with the row before it: not more than is needed."""
        needed, width = (self.last - self.k) // self.every + 4, self.compiled.width + 2
        block = empty_rows(min(needed, max(MOST_BYTES // (8 * width), 4)), width)
        block[0] = first
        return block

    def go(self) -> Found:
        """Go on by some steps."""
        first, started = self.k, perf_counter()
        if len(self.store) - self.used < 3:
            self.store, self.used = self._block(self.store[self.used - 1]), 1
        room = (len(self.store) - self.used - 2) * self.every + 1
        most = 1 if self.compiled.sums else self.pace
        found = self._call(max(1, min(most, self.last + 1 - first, room)))
        seconds = max(perf_counter() - started, 1e-9)
        wanted = int((self.k - first) * PATIENCE / seconds)
        self.pace = max(1, min(wanted, self.pace * GROWTH, MOST_STEPS))
        return found

    def _call(self, count: int) -> Found:
        first, due, batches = self.k, self.due, None
        if self.batches is not None:
            batches = np.ascontiguousarray(self.batches[first : first + count], dtype=np.int64)
        self.held, _, told = _call(
            self.compiled,
            [first, count, due, self.every, self.last],
            [self.step_size, self.tolerance, *self.numbers],
            (self.store[self.used - 1 :], self.held),
            batches,
        )
        ending, self.k, self.due, recorded = told
        rows = self.store[self.used : self.used + recorded]
        self.used += recorded
        return Found(_numbers(due, self.every, recorded, self.last), rows, ending)

    def here(self) -> Found:
        """Return the iterate that has been reached, whether or not it was to be recorded."""
        return self.again(self.k, self.held)._call(1)

    def again(self, number: int, held: np.ndarray) -> "Course":
        """Return the course from an earlier iterate on, each one recorded and none too flat."""
        return Course(
            self.compiled,
            self.last,
            self.step_size,
            NEVER,
            held,
            self.numbers,
            batches=self.batches,
            k=number,
            due=number,
        )

    def steps(self) -> Iterator[Found]:
        """Yield what is found until the run ends."""
        while True:
            found = self.go()
            yield found
            if found.ending:
                return


def _call(
    compiled: CompiledRun,
    steps: list[int],
    numbers: list[float],
    room: tuple[np.ndarray, np.ndarray],
    batches: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Call a run in C; return iterate and state, what it saw last, and the numbers it told."""
    threads = thread_count() if compiled.samples else 1
    size = 0 if batches is None else batches.shape[1]
    whole = np.array([*steps, compiled.samples, size, threads])
    data = compiled.data
    if compiled.sums is not None:
        batch = None if batches is None else batches[0]
        data = compiled.sums(room[1][: compiled.size], batch, steps[0] == steps[2])[None]
    arrays = (each for each in (batches, data, compiled.design) if each is not None)
    _, ends, told = compiled.compiled.call(whole, np.array(numbers), *room, *arrays)
    return ends[: compiled.width], ends[compiled.width :], told.tolist()


def _numbers(first: int, every: int, count: int, last: int) -> Numbers:
    """Return the numbers of some iterates that were recorded."""
    if every == 1:
        return range(first, first + count)
    numbers = np.arange(first, first + every * count, every)
    return np.minimum(numbers, last)


def seen_from(
    compiled: CompiledRun, point: np.ndarray, batches: np.ndarray | None = None
) -> np.ndarray:
    """Return value and gradient at a point, shape (n + 1,), from a run that takes no step."""
    held = np.zeros(compiled.width)
    held[: len(point)] = point
    store = np.empty((2, compiled.width + 2))  # no tolerance asks whether anything has changed
    numbers = [0.0, NEVER, *[0.0] * compiled.numbers]
    _, seen, _ = _call(compiled, [0, 1, 0, 1, 0], numbers, (store, held), batches)
    return seen
