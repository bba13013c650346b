"""What a file may hold, written down as values: each kind reads what JSON gives, or refuses it.

A schema is a tree of kinds. Reading goes down the tree and builds what the library works with, so
that nothing is used that was not asked for: the first mismatch is a `Mismatch` that says where it
is, what was expected and what stands there.
"""

import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Protocol

import numpy as np

from symlab.checks import shown

LONGEST_NAME = 1_000
LONGEST_TEXT = 100_000
MOST_WHOLE = 2**63 - 1
MOST_AXES = 8
NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
"""What JSON has no number for, as text."""


class Mismatch(ValueError):
    """What stands somewhere in a file is not what belongs there."""

    def __init__(self, where: str, expected: str, got: object) -> None:
        super().__init__(f"{where[:40] or 'it'}: expected {expected}, got {shown(got)[:50]}")


class Kind(Protocol):
    """A kind of value: how it is read at a place of a file."""

    def read(self, value: Any, where: str) -> Any:
        """Return what the value stands for, or raise a Mismatch."""


@dataclass(frozen=True)
class Text:
    """A text between two lengths; one of `among`, if that is given."""

    most: int = LONGEST_TEXT
    least: int = 0
    among: Collection[str] = ()

    def read(self, value: Any, where: str) -> str:
        """Return the text."""
        if not isinstance(value, str) or not self.least <= len(value) <= self.most:
            raise Mismatch(where, f"text of {self.least} to {self.most} characters", value)
        if self.among and value not in self.among:
            raise Mismatch(where, f"one of {', '.join(self.among)}", value)
        return value


@dataclass(frozen=True)
class Whole:
    """An integer in a range."""

    least: int = 0
    most: int = MOST_WHOLE

    def read(self, value: Any, where: str) -> int:
        """Return the integer."""
        if type(value) is not int or not self.least <= value <= self.most:
            raise Mismatch(where, f"an integer of at least {self.least}", value)
        return value


@dataclass(frozen=True)
class Seconds:
    """A finite number of at least 0."""

    def read(self, value: Any, where: str) -> float:
        """Return the number."""
        if type(value) not in (int, float) or not 0 <= value <= MOST_WHOLE:
            raise Mismatch(where, "a number of seconds", value)
        return float(value)


@dataclass(frozen=True)
class Floats:
    """An array of numbers with some axes, or any; NaN and the infinities may be text."""

    axes: int | None = 1

    def read(self, value: Any, where: str) -> np.ndarray:
        """Return an array of float64."""
        if isinstance(value, np.ndarray):
            if value.dtype != np.float64 or self.axes not in (None, value.ndim):
                raise Mismatch(where, self._expected, value)
            return value
        shape, flat = _levels(value, where)
        if self.axes not in (None, len(shape)):
            raise Mismatch(where, self._expected, value)
        return np.array(_numbers(flat, where), dtype=np.float64).reshape(shape)

    @property
    def _expected(self) -> str:
        return "numbers" if self.axes is None else f"numbers with {self.axes} axes"


@dataclass(frozen=True)
class Wholes:
    """An array of integers of at least 0, one axis."""

    def read(self, value: Any, where: str) -> np.ndarray:
        """Return an array of int64."""
        if isinstance(value, np.ndarray):
            is_whole = value.dtype == np.int64 and value.ndim == 1
            if not is_whole or (value < 0).any():
                raise Mismatch(where, "integers of at least 0", value)
            return value
        is_whole = isinstance(value, list) and set(map(type, value)) <= {int}
        if not is_whole or (value and not 0 <= min(value) <= max(value) <= MOST_WHOLE):
            raise Mismatch(where, "integers of at least 0", value)
        return np.array(value, dtype=np.int64)


def _levels(value: Any, where: str) -> tuple[tuple[int, ...], list[Any]]:
    """Return the shape of lists within lists, all of one length on each level, and what is in."""
    shape: list[int] = []
    flat = [value]
    while flat and isinstance(flat[0], list):
        lengths = set(map(len, flat)) if set(map(type, flat)) == {list} else set()
        if len(lengths) != 1 or len(shape) == MOST_AXES:
            raise Mismatch(where, "lists of one length", value)
        shape.append(lengths.pop())
        flat = list(chain.from_iterable(flat))
    if not shape:
        raise Mismatch(where, "a list of numbers", value)
    return tuple(shape), flat


def _numbers(flat: list[Any], where: str) -> list[Any]:
    if set(map(type, flat)) <= {float}:
        return flat
    return [_number(value, f"{where}[{i}]") for i, value in enumerate(flat)]


def _number(value: Any, where: str) -> float:
    if type(value) is float or (type(value) is int and abs(value) < 2**1023):
        return float(value)
    if isinstance(value, str) and value in NOT_FINITE:
        return NOT_FINITE[value]
    raise Mismatch(where, "a number", value)


@dataclass(frozen=True)
class Many:
    """A list of entries of one kind, between two lengths, as a tuple."""

    of: Kind
    least: int = 0
    most: int = MOST_WHOLE

    def read(self, value: Any, where: str) -> tuple[Any, ...]:
        """Return the entries."""
        if not isinstance(value, list) or not self.least <= len(value) <= self.most:
            raise Mismatch(where, f"a list of at least {self.least}", value)
        return tuple(self.of.read(each, f"{where}[{i}]") for i, each in enumerate(value))


@dataclass(frozen=True)
class Named:
    """Entries of one kind by name."""

    of: Kind

    def read(self, value: Any, where: str) -> dict[str, Any]:
        """Return the entries."""
        if not isinstance(value, Mapping):
            raise Mismatch(where, "names and values", value)
        return {
            Text(LONGEST_NAME, 1).read(name, where): self.of.read(each, f"{where}.{name}")
            for name, each in value.items()
        }


@dataclass(frozen=True)
class Record:
    """A value of its own kind under each of some names: all of them, and no others.

    What `absent` has a value for may be left out.
    """

    fields: Mapping[str, Kind]
    absent: Mapping[str, Any] = field(default_factory=dict)

    def read(self, value: Any, where: str) -> dict[str, Any]:
        """Return the values by name."""
        if not isinstance(value, Mapping):
            raise Mismatch(where, "names and values", value)
        value = {**self.absent, **value}
        if missing := [name for name in self.fields if name not in value]:
            raise Mismatch(where, f"also {shown(missing)[:50]}", list(value))
        if extra := [name for name in value if name not in self.fields]:
            raise Mismatch(where, f"only {shown(list(self.fields))[:50]}", extra)
        inside = f"{where}." if where else ""
        return {name: kind.read(value[name], inside + name) for name, kind in self.fields.items()}


@dataclass(frozen=True)
class Parsed:
    """What a function makes of a value; a ValueError or TypeError of its own is a mismatch."""

    function: Callable[[Any], Any]
    expected: str = field(default="a value")

    def read(self, value: Any, where: str) -> Any:
        """Return what the function returns."""
        try:
            return self.function(value)
        except Mismatch:
            raise
        except (TypeError, ValueError) as error:
            reason = " ".join(str(error).split())[:80]
            raise Mismatch(where, f"{self.expected} ({reason})", value) from None


def json_value(text: str) -> Any:
    """Return what a JSON text stands for.

    Raises
    ------
    Mismatch
        If it is none, is nested too deeply, names a field twice, or has an integer of thousands of
        digits.
    """
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except Mismatch:
        raise
    except (ValueError, RecursionError):
        raise Mismatch("", "JSON of some levels", text) from None


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Mismatch(name, "one value", "two")
        found[name] = value
    return found


def _refuse_constant(word: str) -> Any:
    raise Mismatch("", "numbers of JSON", word)
