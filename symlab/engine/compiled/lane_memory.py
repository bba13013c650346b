"""Where the numbers of a sample lie while samples are computed side by side, and C text for that.

Every number that differs between samples is a row of `LANES` doubles, `v[row]`; every number that
does not, a weight or a constant, is an entry of `w`. A place is a row, or, if negative, -1 - entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod

import numpy as np


@dataclass
class LaneMemory:
    """Rows and entries as they are taken, and the tables by which C finds them.

    Parameters
    ----------
    rows : int
        How many rows are taken.
    weights : int
        How many entries of `w` are weights; constants stand behind them.
    constants : dict of float to int
        The entry of each constant, in order.
    copies : dict of int to int
        Rows that hold the same in all lanes, by the entry of `w` they hold.
    tables : dict of bytes to str
        The C names of numbers that follow no rule.
    declared : list of str
        C declarations of those tables.
    """

    rows: int = 0
    weights: int = 0
    constants: dict[float, int] = field(default_factory=dict)
    copies: dict[int, int] = field(default_factory=dict)
    tables: dict[bytes, str] = field(default_factory=dict)
    declared: list[str] = field(default_factory=list)

    def take_rows(self, shape: Sequence[int]) -> np.ndarray:
        """Return the places of new rows, an array of a shape."""
        first = self.rows
        self.rows += prod(shape)
        return np.arange(first, self.rows).reshape(shape)

    def take_weights(self, shape: Sequence[int]) -> np.ndarray:
        """Return the places of the next weights; all are taken before the first constant."""
        first = self.weights
        self.weights += prod(shape)
        return (-1 - np.arange(first, self.weights)).reshape(shape)

    def place_constant(self, number: float) -> int:
        """Return the place of a constant; equal ones have one."""
        return -1 - self.constants.setdefault(float(number), self.weights + len(self.constants))

    def constant_at(self, place: int) -> float | None:
        """Return the constant at a place, if it is one."""
        entry = -1 - place - self.weights
        return list(self.constants)[entry] if entry >= 0 else None

    def copy_to_rows(self, places: np.ndarray) -> np.ndarray:
        """Return places that are rows throughout: entries of `w` are copied into all lanes of one.

        Examples
        --------
        >>> memory = LaneMemory(rows=2, weights=1)
        >>> memory.copy_to_rows(np.array([1, -1])).tolist(), memory.copies
        ([1, 2], {0: 2})
        """
        made = places.copy()
        for entry in np.unique(-1 - places[places < 0]):
            if entry not in self.copies:
                self.copies[int(entry)] = int(self.take_rows((1,))[0])
            made[places == -1 - entry] = self.copies[int(entry)]
        return made

    def write_lane(self, places: np.ndarray) -> str:
        """Return a C expression for one lane of the i-th of some places."""
        if (places < 0).all():
            return f"w[{self.write_index(-1 - places)}]"
        return f"v[{self.write_index(self.copy_to_rows(places))}][lane]"

    def write_lanes(self, places: np.ndarray, letters: str) -> str:
        """Return a C expression for all lanes, or for the number that is the same in all."""
        if (places < 0).all():
            return f"w[{self.write_index(-1 - places, letters)}]"
        return f"ALL(v[{self.write_index(self.copy_to_rows(places), letters)}])"

    def write_index(self, numbers: np.ndarray, letters: str = "i") -> str:
        """Return a C expression for the numbers of an array, by its indices.

        Parameters
        ----------
        numbers : array of int
        letters : str
            What the indices are called in C, one letter for each axis.

        Examples
        --------
        >>> memory = LaneMemory()
        >>> memory.write_index(np.array([[4, 5], [7, 8]]), "ik")
        '4 + 3 * i + k'
        >>> memory.write_index(np.array([0, 1, 3])), memory.declared
        ('T0[i]', ['static const int T0[] = {0, 1, 3};'])
        """
        strides = _strides(numbers)
        if strides is not None:
            terms = [
                letter if stride == 1 else f"{stride} * {letter}"
                for letter, stride in zip(letters, strides, strict=True)
                if stride
            ]
            return " + ".join([str(int(numbers.flat[0])), *terms])
        where = letters[-1]
        for axis in range(numbers.ndim - 2, -1, -1):
            where = f"{prod(numbers.shape[axis + 1 :])} * {letters[axis]} + {where}"
        return f"{self._table(numbers)}[{where}]"

    def _table(self, numbers: np.ndarray) -> str:
        """Return the name of a table of numbers, which is declared where it is new."""
        key = numbers.astype(np.int64).tobytes()
        if key not in self.tables:
            self.tables[key] = f"T{len(self.tables)}"
            listed = ", ".join(map(str, numbers.ravel()))
            self.declared.append(f"static const int {self.tables[key]}[] = {{{listed}}};")
        return self.tables[key]


def _strides(numbers: np.ndarray) -> list[int] | None:
    """Return by how much numbers grow along each axis, if that is the same everywhere."""
    first = int(numbers.flat[0])
    strides = [
        int(numbers[tuple(int(axis == other) for other in range(numbers.ndim))]) - first
        if length > 1
        else 0
        for axis, length in enumerate(numbers.shape)
    ]
    grid = np.indices(numbers.shape).reshape(numbers.ndim, -1)
    return strides if (numbers.ravel() == first + np.array(strides) @ grid).all() else None
