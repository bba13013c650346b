"""Where the variables may lie, by what their symbols assume.

SymPy simplifies with an assumption: sqrt(a**2) of a positive `a` is `a`. Outside it the simplified
formula is another function than the one that was stated, so that no run may go there.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import Expr, Symbol

CONDITIONS: dict[str, Callable[[Any], Any]] = {
    "positive": lambda value: value > 0,
    "negative": lambda value: value < 0,
    "nonnegative": lambda value: value >= 0,
    "nonpositive": lambda value: value <= 0,
    "zero": lambda value: value == 0,
    "nonzero": lambda value: value != 0,
    "odd": lambda value: value % 2 == 1,
    "even": lambda value: value % 2 == 0,
    "integer": lambda value: value % 1 == 0,
    "noninteger": lambda value: value % 1 != 0,
}
"""What a number or an array of numbers must fulfil, by the assumption; the strongest first."""

NOUNS = {"integer": "an integer", "zero": "zero", "noninteger": "not an integer"}


@dataclass(frozen=True)
class Condition:
    """What one coordinate must fulfil."""

    index: int
    name: str
    word: str

    def holds(self, value: Any) -> Any:
        """Return whether a number fulfils it, or which numbers of an array do."""
        return CONDITIONS[self.word](value)

    def describe_breach(self, value: object) -> str:
        """Return the words for a value that does not fulfil it."""
        return f"{self.name} = {value}, but {self.name} is {NOUNS.get(self.word, self.word)}"


@dataclass(frozen=True)
class Domain:
    """The conditions of all variables; most have none."""

    conditions: tuple[Condition, ...] = ()

    def holds(self, point: Any) -> bool:
        """Return whether a point of numbers of any kind lies in the domain."""
        return all(bool(each.holds(point[each.index])) for each in self.conditions)

    def contains(self, points: np.ndarray) -> np.ndarray:
        """Return which rows of an array of points lie in the domain."""
        inside = np.ones(len(points), dtype=bool)
        for each in self.conditions:
            inside &= each.holds(points[:, each.index])
        return inside

    def breach(self, point: Any) -> str:
        """Return the words for the first condition that a point breaks, or nothing.

        Examples
        --------
        >>> domain_of([Symbol("a", positive=True)]).breach([-0.2])
        'a = -0.2, but a is positive'
        """
        for each in self.conditions:
            value = point[each.index]
            if _is_finite(value) and not each.holds(value):
                return each.describe_breach(
                    value if isinstance(value, Expr) else f"{float(value):.6g}"
                )
        return ""


EVERYWHERE = Domain()


def domain_of(variables: Iterable[Symbol]) -> Domain:
    """Return the domain that the assumptions of symbols state.

    Of what a symbol assumes only the strongest conditions are kept: what is positive is also
    nonnegative and not zero.
    """
    return _domain_of(tuple(variables))


# Symbols of one name are different keys where they assume different things.
@lru_cache(maxsize=256)
def _domain_of(variables: tuple[Symbol, ...]) -> Domain:
    found = []
    for index, variable in enumerate(variables):
        words = [word for word in CONDITIONS if getattr(variable, f"is_{word}")]
        found += [Condition(index, variable.name, word) for word in _strongest(words)]
    return Domain(tuple(found))


def _strongest(words: list[str]) -> list[str]:
    kept: list[str] = []
    for word in words:
        weaker = any(word in _IMPLIED.get(stronger, ()) for stronger in kept)
        kept += [] if weaker else [word]
    return kept


_IMPLIED = {
    "positive": ("nonnegative", "nonzero"),
    "negative": ("nonpositive", "nonzero"),
    "zero": ("nonnegative", "nonpositive", "even", "integer"),
    "odd": ("integer", "nonzero"),
    "even": ("integer",),
    "noninteger": ("nonzero",),
}


def _is_finite(value: Any) -> bool:
    try:
        return math.isfinite(float(value))
    except (OverflowError, TypeError):
        return False
