"""What is swept: a product of lists, or the rows of a table, as one array for each quantity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from symlab.algebra.exactly import as_float, nearest_float
from symlab.algebra.objective import Objective
from symlab.checks import nearest, shown, whole
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
    columns, levels = _columns(grid)
    methods, which = _methods(columns, method, len(next(iter(columns.values()))))
    swept = []
    for name in columns:
        swept += _starts_named(objective) if name == START else [name]
    words = _checked(columns, methods, objective)
    return Design(
        methods=methods,
        method=which,
        numbers={word: _numbers(word, columns[word]) for word in words},
        starts=_starts(objective, start, columns, len(which)),
        seeds=_wholes(columns, SEED, 0),
        batch_sizes=_wholes(columns, BATCH_SIZE, 1),
        swept=tuple(swept),
        levels=levels,
    )


def _columns(grid: object) -> tuple[dict[str, np.ndarray], dict[str, int]]:
    """Return a column for each quantity, and of a product how many values each has."""
    if isinstance(grid, pd.DataFrame):
        columns = {str(name): _array(grid[name].tolist(), str(name)) for name in grid.columns}
        if not columns or not len(grid):
            raise ValueError("grid: expected a table with columns and rows, got an empty one.")
        return columns, {}
    if not isinstance(grid, Mapping) or not grid:
        raise TypeError(
            "grid: expected a mapping such as {'step_size': [0.1, 0.2]} or a DataFrame, "
            f"got {shown(grid)}."
        )
    if wrong := [name for name in grid if not isinstance(name, str)]:
        raise TypeError(f"grid: expected the names of quantities, got {shown(wrong[0])}.")
    lists = {name: _array(_listed(values, name), name) for name, values in grid.items()}
    levels = {name: len(values) for name, values in lists.items()}
    count = int(np.prod([float(size) for size in levels.values()]))
    if count > MOST_RUNS:
        raise ValueError(f"grid: expected at most {MOST_RUNS:,} runs, got {count:,}.")
    places = np.unravel_index(np.arange(count), tuple(levels.values()))
    columns = {
        name: values[place] for (name, values), place in zip(lists.items(), places, strict=True)
    }
    return columns, levels


def _listed(values: object, name: str) -> list[Any]:
    """Return the values of a quantity as a list that is not empty."""
    if isinstance(values, np.ndarray):
        listed = list(values) if values.ndim != 1 else values.tolist()
    elif isinstance(values, str | bytes | Mapping) or not isinstance(values, Sequence | range):
        raise TypeError(f"grid: {name}: expected a list of values, got {shown(values)}.")
    else:
        listed = list(values)
    if not listed:
        raise ValueError(f"grid: {name}: expected at least one value, got none.")
    return listed


def _array(values: list[Any], name: str) -> np.ndarray:
    """Return values as an array of objects, so that each stays what it is."""
    array = np.empty(len(values), dtype=object)
    array[:] = [
        tuple(v) if name == START and isinstance(v, np.ndarray | list) else v for v in values
    ]
    return array


def _methods(
    columns: Mapping[str, np.ndarray], method: object, count: int
) -> tuple[tuple[Runnable, ...], np.ndarray]:
    if METHOD not in columns:
        return (as_runnable(method),), np.zeros(count, dtype=int)
    found: list[Runnable] = []
    places: dict[int | str, int] = {}
    which = np.empty(count, dtype=int)
    for i, given in enumerate(columns[METHOD]):
        key = given if isinstance(given, str) else id(given)
        if key not in places:
            places[key] = len(found)
            found.append(as_runnable(given))
        which[i] = places[key]
    return tuple(found), which


def _starts_named(objective: Objective) -> list[str]:
    return [COORDINATE.format(variable.name) for variable in objective.variables]


def _checked(
    columns: Mapping[str, np.ndarray], methods: Sequence[Runnable], objective: Objective
) -> list[str]:
    """Return which columns are hyperparameters, each known to every method."""
    other = [METHOD, START, SEED, BATCH_SIZE, *_starts_named(objective)]
    words = [name for name in columns if name not in other]
    for method in methods:
        known = hyperparameters_of(method)
        if unknown := [word for word in words if word not in known]:
            hint = nearest(unknown[0], [*known, *other])
            raise ValueError(
                f"grid: {method.name if isinstance(method, Rule) else 'the method'} has no "
                f"{shown(unknown[0])}{hint or '; it takes ' + ', '.join(known) + '.'}"
            )
    return words


def _numbers(word: str, values: np.ndarray) -> np.ndarray:
    """Return values as floats where all are numbers; schedules stay what they are."""
    try:
        return _as_floats(values, word)
    except TypeError:
        if word != "step_size":
            raise
        return values


def _as_floats(values: np.ndarray, name: str) -> np.ndarray:
    """Return numbers as floats; those that are floats already are not looked at one by one."""
    if all(type(value) in (float, int) for value in values):
        floats = values.astype(float)
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
        known: dict[Any, np.ndarray] = {}
        for i, point in enumerate(columns[START]):
            key = point if isinstance(point, tuple) else id(point)
            if key not in known:
                known[key] = _floats(objective, point)
            starts[i] = known[key]
    elif start is not None:
        starts[:] = _floats(objective, start)
    elif len(given) < len(named):
        raise ValueError(f"start: expected a point, or {named[0]!r} in the grid; got None.")
    for name in given:
        starts[:, named.index(name)] = _as_floats(columns[name], name)
    return starts


def _floats(objective: Objective, point: object) -> np.ndarray:
    return np.array([nearest_float(each) for each in start_of(objective, point)])


def _wholes(columns: Mapping[str, np.ndarray], name: str, least: int) -> np.ndarray | None:
    if name not in columns:
        return None
    return np.array([whole(value, f"grid: {name}", least) for value in columns[name]])
