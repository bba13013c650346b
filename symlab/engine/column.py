"""Columns of a trace that are made when they are first read, because most never are."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Later:
    """A column to be made when it is read.

    Parameters
    ----------
    rows : int
        How many numbers it will have.
    make : callable
        Returns it.
    """

    rows: int
    make: Callable[[], np.ndarray]

    @property
    def shape(self) -> tuple[int]:
        """The shape that it will have."""
        return (self.rows,)


class Column:
    """An attribute that holds an array, or makes the one that is to be made `Later`."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        held = vars(instance)[self._name]
        if isinstance(held, Later):
            held = vars(instance)[self._name] = held.make()
        return held

    def __set__(self, instance: Any, given: Any) -> None:
        vars(instance)[self._name] = given


def with_columns[Table](*names: str) -> Callable[[type[Table]], type[Table]]:
    """Let these fields of a dataclass be given as arrays to be made `Later`.

    Examples
    --------
    >>> @with_columns("squares")
    ... @dataclass(frozen=True)
    ... class Table:
    ...     squares: np.ndarray
    >>> table = Table(Later(3, lambda: np.arange(3) ** 2))
    >>> vars(table)["squares"].shape, table.squares, table.squares is table.squares
    ((3,), array([0, 1, 4]), True)
    """

    def decorate(table: type[Table]) -> type[Table]:
        for name in names:
            setattr(table, name, Column(name))
        return table

    return decorate
