"""A sweep typed in a terminal: formula, method, grid and start as text, parsed and never run."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from joblib import parallel_config

from symlab.algebra.exactly import as_float
from symlab.algebra.formula.parse import parse
from symlab.algebra.objective import Objective
from symlab.checks import shown, whole
from symlab.lab.sweep.design import MOST_RUNS
from symlab.lab.sweep.result import Sweep
from symlab.lab.sweep.sweep import sweep
from symlab.lab.typed_formula import parse_number
from symlab.methods.method import as_method

WHOLE = ("seed", "batch_size")
FORM = "NAME=FIRST:LAST:COUNT or NAME=A,B,C"
"""How a swept quantity is written."""

RANGE = 3
"""Parts of a range: first, last, and how many."""


def sweep_text(
    text: str,
    method: str,
    grid: Sequence[str],
    start: str | None = None,
    *,
    max_steps: int = 100,
    jobs: int = 1,
    store: Path | None = None,
) -> Sweep:
    """Return the sweep of a typed formula.

    Parameters
    ----------
    text : str
        The formula; its free names are the variables.
    method : str
        A name that `minimize` knows.
    grid : sequence of str
        `NAME=FIRST:LAST:COUNT` or `NAME=A,B,C`.
    start : str, optional
        Numbers separated by commas.
    jobs : int
        Processes that share the runs; -1 for one on each core.
    max_steps, store
        As for `sweep`.

    Raises
    ------
    ValueError
        If a part cannot be read, or `sweep` refuses it.

    Examples
    --------
    >>> found = sweep_text("x^2", "gradient_descent", ["step_size=0.25:0.5:2"], "1")
    >>> found.frame["steps"].tolist()
    [35, 1]
    """
    point = None if start is None else [parse_number(part, "start") for part in start.split(",")]
    if jobs != -1:
        whole(jobs, "jobs", 1)
    with parallel_config(n_jobs=jobs):
        return sweep(
            Objective(parse(text)),
            point,
            as_method(method),
            _grid(grid),
            max_steps,
            store=store,
            progress=True,
        )


def _grid(texts: Sequence[str]) -> dict[str, list[float]]:
    grid: dict[str, list[float]] = {}
    for name, values in map(quantity, texts):
        if name in grid:
            raise ValueError(f"grid: {shown(name)} is given twice.")
        grid[name] = values
    return grid


def quantity(text: str) -> tuple[str, list[float]]:
    """Return the name of a swept quantity, and its values.

    Raises
    ------
    ValueError
        If it is neither a range nor a list.

    Examples
    --------
    >>> quantity("momentum=0:1:3"), quantity("seed=1,2")
    (('momentum', [0.0, 0.5, 1.0]), ('seed', [1, 2]))
    """
    name, _, values = (part.strip() for part in text.partition("="))
    if not (name and values):
        raise ValueError(f"grid: expected {FORM}, got {shown(text)}.")
    try:
        parts = [as_float(parse_number(part, "grid"), "grid") for part in _split(values)]
    except ValueError as error:
        raise ValueError(f"grid: {name[:20]}: {error}") from None
    if ":" in values and len(parts) != RANGE:
        raise ValueError(f"grid: expected {FORM}, got {shown(text)}.")
    if ":" in values:
        first, last, count = parts
        parts = np.linspace(first, last, _count(count, name)).tolist()
    return name, [int(part) if name in WHOLE and part == int(part) else part for part in parts]


def _split(values: str) -> list[str]:
    return values.split(":" if ":" in values else ",")


def _count(number: float, name: str) -> int:
    wanted = int(number) if number == int(number) else number
    count = whole(wanted, f"grid: {name}: COUNT", 1)
    if count > MOST_RUNS:
        raise ValueError(f"grid: expected at most {MOST_RUNS:,} values, got {count:,}.")
    return count
