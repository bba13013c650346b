"""The race: every method on every objective, with one budget, and what came of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from symlab.algebra.exactly import exactly, nearest_float
from symlab.algebra.foreign_words import explain_words
from symlab.checks import flag, several, whole
from symlab.engine.backends import COMPILED, find_backend
from symlab.engine.batches import Sampling
from symlab.engine.compiled.functions import compile_everywhere
from symlab.engine.minimize import minimize
from symlab.engine.progress import progress_bar
from symlab.interrupts import pass_interrupts_on, runs_keep_what_they_have
from symlab.lab.race.contests import Contest, Start, contests_of
from symlab.lab.race.course import Course, course_of, refused
from symlab.lab.race.entrants import Entrant, Tuned, entrants_of, tuned
from symlab.lab.race.result import Race, Result
from symlab.lab.race.scipy_methods import run_scipy
from symlab.methods.rule import Rule

TOLERANCE = 1e-10
"""The gradient's length at which a run ends before its budget; a rule goes on to its budget."""


@dataclass(frozen=True)
class Conditions:
    """What is the same for all who take part."""

    budget: int
    seeds: tuple[int, ...]
    batch_size: int | None
    step_sizes: tuple[float, ...]
    backend: str


@explain_words()
def race(
    objectives: object,
    methods: object,
    start: object = None,
    budget: int = 1000,
    *,
    seeds: Sequence[int] = (0,),
    batch_size: int | None = None,
    step_sizes: Sequence[float] = (0.1, 0.5, 2, 10),
    backend: str = "interpreted",
    progress: bool = False,
) -> Race:
    """Run methods on the same objectives from the same starts, each with the same budget.

    A budget is of points at which an objective may be evaluated; value, gradient and Hessian at one
    point count once, a gradient on a batch counts as one. How often each was asked for stands in
    the frame beside it. Whatever one method needs to be prepared, such as a step size, is said.

    Parameters
    ----------
    objectives : Objective, problem or regression, or a sequence or mapping of them
        `sl.problems.mgh` is such a mapping, as is `{"bowl": sl.Objective(...)}`.
    methods : sequence, or mapping of label to method
        What `minimize` takes; None for the one it chooses; `"scipy:BFGS"`, `"scipy:Newton-CG"`,
        `"scipy:trust-exact"` and so on for SciPy's, which get the exact derivatives they can use.
    start : point, several points, or mapping of an objective's name to either
        Problems have their own.
    budget : int
        Evaluations of each run, 1 or more.
    seeds : sequence of int
        With `batch_size`: one run for each.
    batch_size : int, optional
        Samples in each gradient; only rules run in batches.
    step_sizes : sequence of number
        Of these the best is taken for a rule whose limit `sl.analyze` cannot derive; where it can,
        half of the limit is taken, and one that is given stays.
    backend : str
        What runs ours and evaluates for SciPy. Counts do not depend on it, and interpreting
        compiles nothing.
    progress : bool
        Show a bar on stderr.

    Returns
    -------
    Race
        Ctrl-C ends it with the runs that are done; its `complete` is False then.

    Raises
    ------
    TypeError, ValueError
        Naming the argument. A method that cannot run on one of the objectives raises nothing: its
        status there is `"refused"`.

    References
    ----------
    Dolan & Moré 2002, "Benchmarking optimization software with performance profiles", Mathematical
    Programming 91, 201-213.

    Examples
    --------
    >>> import symlab as sl
    >>> problems = [sl.problems["rosenbrock"], sl.problems["beale"]]
    >>> found = race(problems, ["bfgs", "levenberg_marquardt", "scipy:BFGS"])
    >>> found.costs().astype(int)
                bfgs  levenberg_marquardt  scipy:BFGS
    rosenbrock    52                   12          38
    beale         23                    8          15
    """
    contests, entrants = contests_of(objectives, start), entrants_of(methods)
    conditions = Conditions(
        whole(budget, "budget", 1),
        _seeds(seeds, batch_size),
        None if batch_size is None else whole(batch_size, "batch_size", 1),
        _sizes(step_sizes),
        find_backend(backend, among=COMPILED).name,
    )
    results: list[Result] = []
    total = len(contests) * len(entrants)
    with progress_bar(total, "methods on objectives", wanted=flag(progress, "progress")) as report:
        complete = _collect(_results(contests, entrants, conditions), results, report)
    return Race(tuple(contests), tuple(results), conditions.budget, complete)


def _seeds(seeds: object, batch_size: object) -> tuple[int, ...]:
    listed = [whole(each, "seeds", 0) for each in several(seeds, "seeds", "whole numbers")]
    if not listed:
        raise ValueError("seeds: expected at least one, got none.")
    return tuple(listed) if batch_size is not None else (listed[0],)


def _sizes(step_sizes: object) -> tuple[float, ...]:
    listed = several(step_sizes, "step_sizes", "numbers above 0")
    found = tuple(nearest_float(exactly(each, "step_sizes")) for each in listed)
    if not found or min(found) <= 0:
        raise ValueError("step_sizes: expected at least one, and all of them above 0.")
    return found


def _collect(
    made: Iterator[list[Result]],
    results: list[Result],
    report: Callable[[int], None] | None,
) -> bool:
    """Gather results as they are made; return whether none was cut off from the keyboard."""
    may_keep = runs_keep_what_they_have()
    try:
        with pass_interrupts_on():
            for done, group in enumerate(made, start=1):
                results += group
                if report:
                    report(done)
    except KeyboardInterrupt:
        if not may_keep:
            raise
        return False
    return True


def _results(
    contests: Sequence[Contest], entrants: Sequence[Entrant], conditions: Conditions
) -> Iterator[list[Result]]:
    for contest in contests:
        for entrant in entrants:
            if entrant.scipy:
                courses = tuple(_courses_of_scipy(contest, entrant.scipy, conditions))
                found = Tuned(None, None, "", courses)
            else:
                found = tuned(
                    contest.objective,
                    entrant,
                    conditions.step_sizes,
                    partial(_courses, contest, conditions),
                )
            keys = _keys(contest, conditions)
            yield [
                Result(contest.name, entrant.label, at, seed, found.step_size, found.origin, course)
                for (at, seed, _), course in zip(keys, found.courses, strict=True)
            ]


def _keys(contest: Contest, conditions: Conditions) -> list[tuple[int, int, Start]]:
    """Return the number of the start, the seed and the start, for each run of a method."""
    return [(i, seed, start) for i, start in enumerate(contest.starts) for seed in conditions.seeds]


def _courses(contest: Contest, conditions: Conditions, method: Any) -> tuple[Course, ...]:
    return tuple(
        _course(contest, method, start, seed, conditions)
        for _, seed, start in _keys(contest, conditions)
    )


def _course(
    contest: Contest, method: Any, start: Start, seed: int, conditions: Conditions
) -> Course:
    sampling = Sampling(conditions.batch_size, seed)
    try:
        trace = minimize(
            contest.objective,
            start,
            method,
            conditions.budget,
            tolerance=0 if isinstance(method, Rule) else TOLERANCE,
            backend=conditions.backend,
            sampling=sampling,
        )
    except ValueError as error:
        return refused(contest.objective.dimension, str(error))
    return course_of(trace, method, conditions.budget)


def _courses_of_scipy(contest: Contest, name: str, conditions: Conditions) -> Iterator[Course]:
    dimension = contest.objective.dimension
    functions = compile_everywhere(contest.objective, conditions.backend, order=2)
    for _, _, start in _keys(contest, conditions):
        if conditions.batch_size is not None:
            yield refused(dimension, "batch_size: SciPy's methods do not run in batches.")
            continue
        point = np.array([nearest_float(each) for each in start])
        yield run_scipy(name, functions, point, conditions.budget, TOLERANCE)[0]
