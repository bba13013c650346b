"""The time an analysis may take, and what it had to leave undone.

SymPy may take for ever over an innocent formula, or fail in words of its own. Each part of an
analysis is therefore attempted: it has so many seconds, and where it does not come to an end the
analysis goes on without it and says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

import mpmath

from symlab.budget import OutOfTime, run_within

SECONDS = 20.0
"""What an analysis may take unless told otherwise."""
LEAST = 0.05
"""Even when the time is over a part gets this long: most need far less."""

Report = Callable[[str], None]


def _silent(_: str) -> None:
    """Report nothing."""


@dataclass
class Effort:
    """A budget of seconds, spent part by part; it grows notes about what was not done.

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
