"""The recorded iterates of a fused run, a chunk at a time, and where in them the run ends."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from symlab.engine.domain import Domain
from symlab.engine.recording import length
from symlab.engine.run import Run
from symlab.engine.stopping import (
    INTERRUPTED,
    LEFT,
    NOT_FINITE,
    Ending,
    call_back,
    ending_at,
    left_domain,
)
from symlab.interrupts import runs_keep_what_they_have

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
        return self.domain.contains(self.rows)

    def cut(self, length: int) -> "Chunk":
        """Return the first `length` rows."""
        return replace(self, k=self.k[:length], rows=self.rows[:length], norms=self.norms[:length])


def chunk_of(first: int, rows: np.ndarray, width: int, domain: Domain) -> Chunk:
    """Return rows in order as a chunk, the first of them after `first` steps."""
    gradients = rows[:, width + 1 :]
    squares = np.einsum("ki,ki->k", gradients, gradients)
    norms = np.sqrt(squares)
    # Squares overflow and underflow long before lengths do; those few are done with more care.
    for i in np.flatnonzero(~((squares > SMALLEST_SQUARE) & np.isfinite(squares))):
        norms[i] = length(gradients[i])
    return Chunk(first + np.arange(len(rows)), rows, width, norms, domain)


def collect_chunks(chunks: Iterator[Chunk], kept: list[Chunk], run: Run) -> Ending:
    """Keep chunks until the run ends, and return why."""
    while True:
        chunk, ending = next(chunks), None
        end = len(chunk.rows)
        if not _goes_on(chunk, run):
            end, ending = _first_ending(chunk, kept, run)
        if run.recording.callback:
            # As in a run step by step, the callback is not called where the run ends by itself.
            called = end - (ending is not None and ending.cause != LEFT)
            seen, stopped = _call_back(chunk.cut(called), run)
            end, ending = (seen, stopped) if stopped else (end, ending)
        kept.append(chunk.cut(end))
        if run.report:
            run.report(int(chunk.k[-1]))
        if ending:
            return ending


def _call_back(chunk: Chunk, run: Run) -> tuple[int, Ending | None]:
    """Return how many of the chunk's rows the callback has seen, and an ending if it stops."""
    size = chunk.rows.shape[1] - chunk.width - 1
    for i, value in enumerate(chunk.values):
        try:
            ending = call_back(int(chunk.k[i]), chunk.rows[i, :size], float(value), run)
        except KeyboardInterrupt:
            if not runs_keep_what_they_have():
                raise
            ending = INTERRUPTED
        if ending:
            return i + 1, ending
    return len(chunk.values), None


def _goes_on(chunk: Chunk, run: Run) -> bool:
    """Return whether a chunk certainly holds no ending, at a fraction of the cost of finding it.

    A sum is finite only if its terms are, and an iterate that no longer changes never will again.
    """
    return bool(
        len(chunk.rows) > 1
        and np.isfinite(chunk.rows.sum())
        and np.all(chunk.inside)
        and chunk.norms.min() > run.tolerance
        and chunk.k[-1] < run.max_steps
        and np.any(chunk.columns[-1] != chunk.columns[-2])
    )


def _first_ending(chunk: Chunk, kept: list[Chunk], run: Run) -> tuple[int, Ending | None]:
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
        ending = ending_at(int(chunk.k[i]), norm, unchanged=still, run=run)
        if ending:
            return i + 1, ending
    return len(chunk.rows), None
