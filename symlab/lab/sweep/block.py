"""A block of runs: what a core or a worker is given, and how the runs in it ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from sympy import Interval
from threadpoolctl import ThreadpoolController

from symlab.algebra.alphabet import HYPERPARAMETERS
from symlab.algebra.objective import Objective
from symlab.engine import backends
from symlab.engine.compiled.c_text import NoProgramError
from symlab.engine.compiled.many_endings import OPEN, REFUSED, plain_statuses
from symlab.engine.compiled.many_runs import ManyRuns, many_runs_of
from symlab.engine.compiled.rule_numbers import numbers_of_each
from symlab.engine.lowering.special import LoweringError
from symlab.engine.minimize import minimize
from symlab.engine.threads import one_thread
from symlab.interrupts import pass_interrupts_on
from symlab.lab.sweep.configured import configured
from symlab.methods.method import Runnable
from symlab.methods.rule import Rule


@dataclass(frozen=True)
class Settings:
    """What all runs of a sweep have in common."""

    max_steps: int
    tolerance: float
    backend: str
    derived_by: str
    rates: bool


@dataclass(frozen=True)
class Block:
    """Runs of one method.

    Parameters
    ----------
    objective : Objective
    method : Runnable
    numbers : mapping of str to array, shape (r,)
        Swept hyperparameters.
    starts : array, shape (r, n)
    seeds, batch_sizes : array of int, shape (r,), optional
    settings : Settings
    """

    objective: Objective
    method: Runnable
    numbers: Mapping[str, np.ndarray]
    starts: np.ndarray
    seeds: np.ndarray | None
    batch_sizes: np.ndarray | None
    settings: Settings

    def configured(self, i: int) -> Runnable:
        """Return the method of one run, with its hyperparameters."""
        column = slice(i, i + 1)
        values = {word: found[column].tolist()[0] for word, found in self.numbers.items()}
        return configured(self.method, values)

    def run(self, i: int) -> dict[str, Any]:
        """Return the arguments of `minimize` for one run, but for the method's hyperparameters."""
        sampling = {}
        if self.batch_sizes is not None:
            sampling["batch_size"] = int(self.batch_sizes[i])
        if self.seeds is not None:
            sampling["seed"] = int(self.seeds[i])
        settings = self.settings
        return {
            "objective": self.objective,
            "start": self.starts[i].tolist(),
            "max_steps": settings.max_steps,
            "tolerance": settings.tolerance,
            "backend": settings.backend,
            "derived_by": settings.derived_by,
            **sampling,
        }


@dataclass(frozen=True)
class Outcome:
    """How runs ended: an entry of each array for each run.

    Parameters
    ----------
    status : array of str, shape (r,)
        That of its trace; `"refused"` where `minimize` would have raised an error.
    steps : array of int, shape (r,)
    value, rate : array, shape (r,)
        The last value, and by which factor steps shrank.
    point : array, shape (r, n)
        The last iterate.
    """

    status: np.ndarray
    steps: np.ndarray
    value: np.ndarray
    rate: np.ndarray
    point: np.ndarray


def run_block(block: Block) -> Outcome:
    """Make the runs of a block, in one thread."""
    with _controller().limit(limits=1), one_thread(), pass_interrupts_on():
        lanes = _lanes(block)
        return _one_by_one(block) if lanes is None else _at_once(block, lanes)


@cache
def _controller() -> ThreadpoolController:
    """Return what holds the libraries of this process to a number of threads."""
    return ThreadpoolController()


def _lanes(block: Block) -> ManyRuns | None:
    """Return the runs as one compiled call; None where they must be made one by one."""
    settings, rule = block.settings, block.method
    if not isinstance(rule, Rule) or block.batch_sizes is not None:
        return None
    if backends.usable(settings.backend).name != "c" or settings.derived_by != "sympy":
        return None
    if any(column.dtype == object for column in block.numbers.values()):
        return None
    if block.objective.samples is not None:
        return None
    try:
        return many_runs_of(block.objective, rule, settings.max_steps)
    except (NoProgramError, LoweringError):
        return None


def _at_once(block: Block, lanes: ManyRuns) -> Outcome:
    """Make all runs in one call; those whose ending is not plain are made again by themselves."""
    rule, settings = block.method, block.settings
    assert isinstance(rule, Rule)
    letters = {HYPERPARAMETERS[letter].word: letter for letter in rule.defaults}
    inside = np.isfinite(block.starts).all(axis=1)
    for word, column in block.numbers.items():
        inside &= _allowed(letters[word], column)
    swept = {letters[word]: column[inside] for word, column in block.numbers.items()}
    starts = block.starts[inside]
    outcome = _refused(block)
    if not len(starts):
        return outcome
    numbers = numbers_of_each(rule, swept, len(starts))
    ends = lanes.go(starts, numbers, settings.max_steps, settings.tolerance, rates=settings.rates)
    found = np.flatnonzero(inside)
    statuses = plain_statuses(lanes, ends, block.objective, starts, settings.tolerance)
    outcome.status[found] = statuses
    outcome.steps[found] = np.maximum(ends.rows - 1, 0)
    for name in ("value", "rate"):
        getattr(outcome, name)[found] = ends[name]
    outcome.point[found] = ends["last"]
    for i in np.flatnonzero(outcome.status == OPEN):
        outcome.status[i] = _run(block, int(i)).status[0]
    return outcome


def _allowed(letter: Any, values: np.ndarray) -> np.ndarray:
    """Return which floats lie in a hyperparameter's domain."""
    domain = HYPERPARAMETERS[letter].domain
    if not isinstance(domain, Interval):
        return np.array([value in domain for value in values.tolist()])
    low, high = float(domain.start), float(domain.end)
    above = values > low if domain.left_open else values >= low
    return np.asarray(above & (values < high if domain.right_open else values <= high))


def _refused(block: Block) -> Outcome:
    """Return the outcome of runs none of which could begin."""
    count, size = block.starts.shape
    return Outcome(
        status=np.full(count, REFUSED, dtype=object),
        steps=np.zeros(count, dtype=np.int64),
        value=np.full(count, np.nan),
        rate=np.full(count, np.nan),
        point=np.full((count, size), np.nan),
    )


def _one_by_one(block: Block) -> Outcome:
    """Make runs one after the other."""
    outcome = _refused(block)
    for i in range(len(block.starts)):
        one = _run(block, i)
        for name in ("status", "steps", "value", "rate", "point"):
            getattr(outcome, name)[i] = getattr(one, name)[0]
    return outcome


def refuse(block: Block) -> None:
    """Make the first run of a block, which `minimize` refuses.

    Raises
    ------
    TypeError, ValueError
        As `minimize` does.
    """
    minimize(method=block.configured(0), **block.run(0))


def _run(block: Block, i: int) -> Outcome:
    """Make one run, as `minimize` makes it."""
    one = Block(
        block.objective, block.method, {}, block.starts[i : i + 1], None, None, block.settings
    )
    outcome = _refused(one)
    try:
        trace = minimize(method=block.configured(i), **block.run(i))
    except ValueError:
        return outcome
    outcome.status[0], outcome.steps[0], outcome.value[0] = trace.status, trace.steps, trace.value
    outcome.point[0] = trace.x
    if block.settings.rates:
        outcome.rate[0] = trace.rate()
    return outcome
