"""What is swept: a product of lists, or the rows of a table, as one array for each quantity."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from symlab.algebra.exactly import as_float, nearest_float
from symlab.algebra.foreign_words import hint
from symlab.algebra.objective import Objective
from symlab.checks import shown, whole
from symlab.engine.minimize import start_of
from symlab.lab.sweep.configured import hyperparameters_of
from symlab.methods.method import Runnable, as_runnable
from symlab.methods.rule import Rule

METHOD, START, SEED, BATCH_SIZE = "method", "start", "seed", "batch_size"
COORDINATE = "start_{}"
"""What the start in a variable is called."""

MOST_RUNS = 100_000_000


@dataclass(frozen=True)
class Design:
    """The runs of a sweep: an entry of each array for each run.

    Parameters
    ----------
    methods : tuple of methods
        Those that are swept; one where none are.
    method : array of int, shape (R,)
        Which of them each run takes.
    numbers : mapping of str to array, shape (R,)
        Hyperparameters by their words: floats, or objects where one is a schedule.
    starts : array, shape (R, n)
    seeds, batch_sizes : array of int, shape (R,), optional
    swept : tuple of str
        The names of what is swept, in order, as columns of the frame.
    levels : mapping of str to int
        How many different values each of them has in a product; empty for a table.
    """

    methods: tuple[Runnable, ...]
    method: np.ndarray
    numbers: Mapping[str, np.ndarray]
    starts: np.ndarray
    seeds: np.ndarray | None
    batch_sizes: np.ndarray | None
    swept: tuple[str, ...]
    levels: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.method)


def design_of(objective: Objective, start: object, method: object, grid: object) -> Design:
    """Return the runs that a grid asks for.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.
    """
    lists, is_product = _lists(grid)
    methods, which = _methods(lists, method)
    words = _checked(lists, methods, objective)
    columns = {name: _converted(name, values, objective) for name, values in lists.items()}
    if which is not None:
        columns[METHOD] = which
    levels = {name: len(column) for name, column in columns.items()} if is_product else {}
    columns = _spread(columns) if is_product else columns
    count = len(next(iter(columns.values())))
    swept: list[str] = []
    for name in columns:
        swept += _starts_named(objective) if name == START else [name]
    return Design(
        methods=methods,
        method=columns.get(METHOD, np.zeros(count, dtype=int)),
        numbers={word: columns[word] for word in words},
        starts=_starts(objective, start, columns, count),
        seeds=columns.get(SEED),
        batch_sizes=columns.get(BATCH_SIZE),
        swept=tuple(swept),
        levels=levels,
    )


def _lists(grid: object) -> tuple[dict[str, list[Any]], bool]:
    """Return the values of each quantity, and whether every combination of them is meant."""
    if isinstance(grid, pd.DataFrame):
        names = list(map(str, grid.columns))
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"grid: {shown(twice[0])} is given twice.")
        lists = {name: grid.iloc[:, i].tolist() for i, name in enumerate(names)}
        if not lists or not len(grid):
            raise ValueError("grid: expected a table with columns and rows, got an empty one.")
        return lists, False
    if not isinstance(grid, Mapping) or not grid:
        raise TypeError(
            "grid: expected a mapping such as {'step_size': [0.1, 0.2]} or a DataFrame, "
            f"got {shown(grid)}."
        )
    if wrong := [name for name in grid if not isinstance(name, str)]:
        raise TypeError(f"grid: expected the names of quantities, got {shown(wrong[0])}.")
    lists = {name: _listed(values, name) for name, values in grid.items()}
    if (count := math.prod(map(len, lists.values()))) > MOST_RUNS:
        raise ValueError(f"grid: expected at most {MOST_RUNS:,} runs, got {count:,}.")
    return lists, True


def _listed(values: object, name: str) -> list[Any]:
    """Return the values of a quantity as a list that is not empty."""
    if isinstance(values, pd.Series | pd.Index):
        listed = values.tolist()
    elif isinstance(values, np.ndarray) and values.ndim:
        listed = list(values) if values.ndim > 1 else values.tolist()
    elif isinstance(values, str | bytes | Mapping) or not isinstance(values, Sequence | range):
        raise TypeError(f"grid: {name}: expected a list of values, got {shown(values)}.")
    else:
        listed = list(values)
    if not listed:
        raise ValueError(f"grid: {name}: expected at least one value, got none.")
    return listed


def _spread(columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the columns of a product: the last quantity changes fastest."""
    shape = tuple(len(column) for column in columns.values())
    places = np.unravel_index(np.arange(math.prod(shape)), shape)
    return {
        name: column[place] for (name, column), place in zip(columns.items(), places, strict=True)
    }


def _methods(
    lists: Mapping[str, list[Any]], method: object
) -> tuple[tuple[Runnable, ...], np.ndarray | None]:
    """Return the methods that are swept, and which of them each entry is; None for one alone."""
    if METHOD not in lists:
        return (as_runnable(method),), None
    found: dict[int | str, Runnable] = {}
    keys = [given if isinstance(given, str) else id(given) for given in lists[METHOD]]
    for key, given in zip(keys, lists[METHOD], strict=True):
        found.setdefault(key, as_runnable(given))
    numbers = {key: number for number, key in enumerate(found)}
    return tuple(found.values()), np.array([numbers[key] for key in keys])


def _starts_named(objective: Objective) -> list[str]:
    return [COORDINATE.format(variable.name) for variable in objective.variables]


def _checked(
    lists: Mapping[str, list[Any]], methods: Sequence[Runnable], objective: Objective
) -> list[str]:
    """Return which quantities are hyperparameters, each known to every method."""
    other = [METHOD, START, SEED, BATCH_SIZE, *_starts_named(objective)]
    words = [name for name in lists if name not in other]
    for method in methods:
        known = hyperparameters_of(method)
        if unknown := [word for word in words if word not in known]:
            raise ValueError(
                f"grid: {method.name if isinstance(method, Rule) else 'the method'} has no "
                f"{shown(unknown[0])}{hint(unknown[0], [*known, *other])} "
                f"It takes {', '.join(known) or 'none'}."
            )
    return words


def _converted(name: str, values: list[Any], objective: Objective) -> np.ndarray:
    """Return the values of a quantity as an array: a row for each."""
    if name == METHOD:
        return np.arange(len(values))
    if name == START:
        return np.array([_floats(objective, point) for point in values])
    if name in (SEED, BATCH_SIZE):
        return np.array([whole(value, f"grid: {name}", int(name != SEED)) for value in values])
    try:
        return _as_floats(values, name)
    except TypeError:
        if name != "step_size":
            raise
    schedules = np.empty(len(values), dtype=object)  # which are no numbers, and stay what they are
    schedules[:] = values
    return schedules


def _as_floats(values: list[Any], name: str) -> np.ndarray:
    """Return numbers as floats; those that are floats already are not looked at one by one."""
    if set(map(type, values)) <= {float, int}:
        floats = np.array(values, dtype=float)
        if np.isfinite(floats).all():
            return floats
    return np.array([as_float(value, f"grid: {name}") for value in values])


def _starts(
    objective: Objective, start: object, columns: Mapping[str, np.ndarray], count: int
) -> np.ndarray:
    """Return the start of each run: the one that is given, with what is swept put in."""
    named = _starts_named(objective)
    given = [name for name in named if name in columns]
    starts = np.full((count, objective.dimension), np.nan)
    if START in columns:
        starts[:] = columns[START]
    elif start is not None:
        starts[:] = _floats(objective, start)
    elif len(given) < len(named):
        raise ValueError(f"start: expected a point, or {named[0]!r} in the grid; got None.")
    for name in given:
        starts[:, named.index(name)] = columns[name]
    return starts


def _floats(objective: Objective, point: object) -> np.ndarray:
    return np.array([nearest_float(each) for each in start_of(objective, point)])
