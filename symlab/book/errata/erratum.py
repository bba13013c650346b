"""An erratum: a place of the chapter, what is printed there, what is right, and how to tell.

No verdict is stored. The check of an erratum gets both forms, as printed and as right, computes
with them, and yields what it observed; the verdict is made of that. So the same check, given the
right form twice, as if the chapter had printed it, must find nothing wrong.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from matplotlib.axes import Axes

from symlab.interrupts import pass_interrupts_on

KINDS = ("result", "formula", "wording")
"""What an erratum spoils: a result or a figure, a formula or a label, or only the words."""


@dataclass(frozen=True)
class Observation:
    """One claim of an erratum, whether it held in this run, and the numbers that decided it.

    Parameters
    ----------
    claim : str
        A sentence that is true if the chapter is wrong here.
    holds : bool
    numbers : mapping of str to number or str
    """

    claim: str
    holds: bool
    numbers: Mapping[str, Any] = field(default_factory=dict)


Check = Callable[[Any, Any], Iterator[Observation]]
"""Yields observations, given what is printed and what is right."""


@dataclass(frozen=True, eq=False)
class Erratum:
    """A place where the chapter is wrong.

    Parameters
    ----------
    id : str
        Such as "E05".
    section : int
        Of the chapter.
    title, place, printed, right, matters : str
        A headline; where it is; what stands there; what should; what a reader would be led to.
    forms : pair
        What is printed and what is right, as objects that the check computes with: expressions,
        rules, layers, numbers.
    check : callable
        Takes the two forms and yields observations.
    lesson : str
        The lesson that shows it.
    kind : str
        One of `KINDS`.
    draw : callable, optional
        Draws what is printed on the first Axes and what is right on the second.
    """

    id: str
    section: int
    title: str
    place: str
    printed: str
    right: str
    matters: str
    forms: tuple[Any, Any]
    check: Check
    lesson: str
    kind: str = "result"
    draw: Callable[[Axes, Axes], object] | None = None

    @pass_interrupts_on()
    def examine(self, *forms: Any) -> "Examination":
        """Run the check, and return what it found.

        Parameters
        ----------
        *forms
            What to take for printed and for right in place of `forms`, for instance the right form
            in both places.
        """
        printed, right = forms or self.forms
        started = perf_counter()
        observations, error = [], ""
        try:
            for observation in self.check(printed, right):
                observations.append(observation)
        # A check that cannot finish decides nothing; it must not keep the others from being made.
        except Exception as failure:
            error = f"{type(failure).__name__}: {failure}"
        return Examination(self, tuple(observations), perf_counter() - started, error)


@dataclass(frozen=True, eq=False)
class Examination:
    """What a check found in one run.

    Parameters
    ----------
    erratum : Erratum
    observations : tuple of Observation
    seconds : float
    error : str
        Why the check could not finish, if it could not.
    """

    erratum: Erratum
    observations: tuple[Observation, ...]
    seconds: float
    error: str = ""

    @property
    def verdict(self) -> str:
        """`"confirmed"` if every claim held, `"refuted"` if one did not, else `"undecided"`."""
        if not all(observation.holds for observation in self.observations):
            return "refuted"
        return "undecided" if self.error or not self.observations else "confirmed"

    @property
    def confirmed(self) -> bool:
        """Whether the chapter was found to be wrong here."""
        return self.verdict == "confirmed"

    @property
    def numbers(self) -> dict[str, Any]:
        """All numbers of the observations."""
        return {name: n for seen in self.observations for name, n in seen.numbers.items()}

    def record(self) -> dict[str, Any]:
        """Return everything as a dictionary that JSON can hold."""
        erratum = self.erratum
        words = ("id", "section", "title", "kind", "lesson", "place", "printed", "right", "matters")
        return {
            **{name: getattr(erratum, name) for name in words},
            "verdict": self.verdict,
            "numbers": {name: plain(number) for name, number in self.numbers.items()},
            "observations": [
                {
                    "claim": seen.claim,
                    "holds": bool(seen.holds),
                    "numbers": {name: plain(number) for name, number in seen.numbers.items()},
                }
                for seen in self.observations
            ],
            "error": self.error,
            "seconds": round(self.seconds, 3),
        }


def plain(number: Any) -> Any:
    """Return a number as JSON can hold it: whole, finite, or its name.

    Examples
    --------
    >>> from sympy import Rational
    >>> plain(Rational(4)), plain(Rational(8, 81)), plain(float("inf")), plain("once")
    (4, 0.09876543209876543, 'inf', 'once')
    """
    if isinstance(number, str | bool):
        return number
    size = float(number)
    if size.is_integer() and abs(size) < 2**53:
        return int(size)
    return size if abs(size) < float("inf") else str(size)


def format_number(number: Any) -> str:
    """Return a number in few digits.

    Examples
    --------
    >>> format_number(0.9386500), format_number(7), format_number(7.4e-16), format_number("never")
    ('0.93865', '7', '7.4e-16', 'never')
    """
    value = plain(number)
    return f"{value:.5g}" if isinstance(value, float) else str(value)
