"""The time an analysis may take, and what it left out.

SymPy may take very long over a short formula, or raise errors of its own. Each part of an analysis
is therefore attempted: it has a number of seconds, and where it does not finish or fails, the
analysis goes on without it, and a note says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

import mpmath

from symlab.budget import OutOfTime, run_within
from symlab.checks import shown

SECONDS = 20.0
"""Seconds that an analysis may take by default."""
LEAST = 0.05
"""Seconds that a part gets even when the time is over; most parts need far less."""
MAX_SECONDS = 1e6

Report = Callable[[str], None]


def _silent(_: str) -> None:
    """Report nothing."""


@dataclass
class Effort:
    """A budget of seconds, spent part by part, with notes on what was left out.

    Parameters
    ----------
    seconds : float
        For everything together.
    report : callable taking a sentence
        Called as each part begins.

    Examples
    --------
    >>> effort = Effort(seconds=10)
    >>> effort.attempt("The impossible", lambda: 1 / 0, otherwise=None)
    >>> effort.notes
    ['The impossible: left out, because SymPy has no answer to it.']
    """

    seconds: float = SECONDS
    report: Report = _silent
    notes: list[str] = field(default_factory=list)
    began: float = field(default_factory=perf_counter)

    @property
    def left(self) -> float:
        """The seconds that remain, never below a small allowance."""
        return max(self.began + self.seconds - perf_counter(), LEAST)

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return perf_counter() >= self.began + self.seconds

    def attempt[Result](
        self, part: str, work: Callable[[], Result], otherwise: Result, *, share: float = 1.0
    ) -> Result:
        """Return what `work()` returns, or `otherwise` with a note why not.

        Parameters
        ----------
        part : str
            What is attempted, as the beginning of the note.
        work : callable without arguments
        otherwise : anything
        share : float
            The part of the remaining time that the work may take, above 0 and up to 1.
        """
        self.report(part)
        given, digits = max(self.left * share, LEAST), mpmath.mp.prec
        try:
            return run_within(given, work)
        except OutOfTime:
            mpmath.mp.prec = digits  # work that is given up may have left another
            reason = f"given up after {given:.2g} seconds"
        except Exception:  # whatever SymPy or NumPy raises inside is a note in our words
            reason = "left out, because SymPy has no answer to it"
        note = f"{part}: {reason}."
        if note not in self.notes:
            self.notes.append(note)
        return otherwise


def make_effort(seconds: object, report: Report | None) -> Effort:
    """Return the effort that a caller asked for.

    Parameters
    ----------
    seconds : float
        Above 0.
    report : callable taking a sentence, or None

    Raises
    ------
    TypeError, ValueError
        If the seconds are no number above 0, or `report` cannot be called.

    Examples
    --------
    >>> make_effort(20, None).seconds
    20.0
    """
    if report is not None and not callable(report):
        raise TypeError(f"report: expected a function of a sentence, got {shown(report)}.")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise TypeError(f"seconds: expected a number above 0, got {shown(seconds)}.")
    if not 0 < seconds < MAX_SECONDS:
        raise ValueError(f"seconds: expected a number above 0, got {shown(seconds)}.")
    return Effort(float(seconds), report or _silent)
