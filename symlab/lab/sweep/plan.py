"""The blocks of a sweep: always the same ones for the same sweep, whoever will run them."""

from collections.abc import Iterator

import numpy as np

from symlab.algebra.objective import Objective
from symlab.engine.compiled.run_names import UNROLLED
from symlab.lab.sweep.block import Block, Settings
from symlab.lab.sweep.configured import configured
from symlab.lab.sweep.design import Design, Runnable
from symlab.methods.rule import Rule

MOST_TOGETHER = 4096
"""Runs of a block that are one compiled call: a few milliseconds of work."""

MOST_STEPS = 10**9
"""Steps of all runs of a block together, so that it takes a second at most."""

ONE_BY_ONE = 64
"""Runs of a block that are made one after the other."""


def blocks_of(
    objective: Objective, design: Design, settings: Settings
) -> Iterator[tuple[np.ndarray, Block]]:
    """Yield the rows of each block, and the block."""
    schedules = [word for word, column in design.numbers.items() if column.dtype == object]
    for rows in _alike(design, schedules):
        first = rows[0]
        given = {word: design.numbers[word][first] for word in schedules}
        method = configured(design.methods[design.method[first]], given)
        size = _block_size(objective, method, design, settings)
        for begin in range(0, len(rows), size):
            part = rows[begin : begin + size]
            yield (
                part,
                Block(
                    objective=objective,
                    method=method,
                    numbers={
                        word: column[part]
                        for word, column in design.numbers.items()
                        if word not in schedules
                    },
                    starts=design.starts[part],
                    seeds=None if design.seeds is None else design.seeds[part],
                    batch_sizes=None if design.batch_sizes is None else design.batch_sizes[part],
                    settings=settings,
                ),
            )


def _alike(design: Design, schedules: list[str]) -> Iterator[np.ndarray]:
    """Yield the rows that differ in numbers alone: of one method, and of one schedule."""
    if len(design.methods) == 1 and not schedules:
        yield np.arange(len(design))
        return
    columns = [design.method]
    columns += [np.array([id(v) for v in design.numbers[word]]) for word in schedules]
    _, places = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
    places = places.reshape(-1)
    order = np.argsort(places, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(places[order])) + 1)


def _block_size(objective: Objective, method: Runnable, design: Design, settings: Settings) -> int:
    """Return how many runs a block has: many where they are one call, few where each takes time."""
    is_formula = objective.samples is None and objective.dimension <= UNROLLED
    if isinstance(method, Rule) and is_formula and design.batch_sizes is None:
        return max(1, min(MOST_TOGETHER, MOST_STEPS // (settings.max_steps + 1)))
    return ONE_BY_ONE
