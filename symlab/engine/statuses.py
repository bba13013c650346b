"""How a run may end: every status of a trace, and what it means, in one place."""

from dataclasses import dataclass

from symlab.checks import Catalog


@dataclass(frozen=True)
class Status:
    """A word that a trace ends with.

    Parameters
    ----------
    name : str
        The word.
    meaning : str
        What it says of the place where the run ended.
    """

    name: str
    meaning: str

    def __str__(self) -> str:
        return f"{self.name}: {self.meaning}"


class Statuses(Catalog[Status]):
    """Every status by name, which prints as a list of what each one means.

    Examples
    --------
    >>> STATUSES["plateau"].meaning
    'the gradient is small because the function is flat there: no minimum is near'
    >>> list(STATUSES)[:4]
    ['converged', 'precision', 'saddle', 'plateau']
    """

    def __str__(self) -> str:
        return "\n".join(map(str, self.values()))


STATUSES = Statuses(
    "statuses",
    (
        Status("converged", "a point that passes the test for a minimum, as near as was asked"),
        Status("precision", "the same, as near as floats can tell: rounding hides what is left"),
        Status(
            "saddle",
            "the gradient vanishes where there is no minimum: a saddle point, an inflection or a "
            "maximum, as the message says",
        ),
        Status(
            "plateau",
            "the gradient is small because the function is flat there: no minimum is near",
        ),
        Status(
            "no_minimum",
            "the value falls towards a bound at infinity, and never rises: the infimum there is "
            "not attained",
        ),
        Status(
            "diverged",
            "numbers grew out of all proportion, the value falls without bound, or an iterate "
            "left the domain",
        ),
        Status("stalled", "no further step was found, though the place shows no minimum"),
        Status("max_steps", "all the steps that were allowed have been taken"),
        Status("stopped", "the callback or Ctrl-C asked for it, or exact numbers cannot go on"),
    ),
)
"""Every status of a trace."""

AWAY = ("diverged", "no_minimum", "plateau")
"""Ends of runs that came to no stationary point, often far from where they began."""
