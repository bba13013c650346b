"""Exact runs: the method in SymPy's numbers, rational or to any number of digits.

Rational runs never round, and their numbers grow: fine for a few steps. Runs to n digits evaluate
the derived expressions through mpmath with guard digits, so that the digits asked for are right.
"""

from functools import partial
from time import perf_counter

import numpy as np

from symlab.algebra.objective import Objective
from symlab.algebra.working_precision import exclusive
from symlab.checks import shown
from symlab.engine.ending.exact_place import exact_oracle, is_regular
from symlab.engine.ending.judge import judge
from symlab.engine.ending.place import check_newton
from symlab.engine.exact.digits import DigitsCalculus, kept_digits
from symlab.engine.exact.rational import RationalCalculus
from symlab.engine.iteration import follow
from symlab.engine.recording import collect, floats, trace_of, trail_of
from symlab.engine.run import Run
from symlab.engine.trace import Trace


def calculus(objective: Objective, digits: int | str) -> RationalCalculus | DigitsCalculus:
    """Return the arithmetic for a run: `digits` a number of digits, or `"exact"`.

    Raises
    ------
    ValueError
        If `digits` is neither.
    """
    if isinstance(digits, str) and digits == "exact":
        return RationalCalculus(objective)
    if not isinstance(digits, int) or isinstance(digits, bool) or digits < 1:
        raise ValueError(f"digits: expected a positive integer or 'exact', got {shown(digits)}.")
    return DigitsCalculus(objective, kept_digits(digits, 1))


@exclusive
def run_exactly(run: Run) -> Trace:
    """Run a method in exact numbers and return its trace, with the exact rows kept."""
    arithmetic = calculus(run.objective, run.digits)
    point = tuple(arithmetic.number(coordinate) for coordinate in run.start)
    close = DigitsCalculus(run.objective, 50 if run.digits == "exact" else int(run.digits))
    oracle = exact_oracle(close, needs_hessian=run.needs_hessian)
    with np.errstate(all="ignore"):
        check_newton(oracle, floats(point), run.method, partial(is_regular, close, run.start))
    started = perf_counter()
    collect(follow(arithmetic, point, run.rehearsal), run.rehearsal)
    prepared = perf_counter() - started
    record, ending, seconds = collect(follow(arithmetic, point, run), run, keep=True)
    ending = judge(ending, trail_of(record, run), oracle)
    rows = tuple(
        tuple(arithmetic.export(number) for number in (*row.point, row.value))
        for row in record.kept
    )
    return trace_of(record, ending, run, seconds=seconds, compile_seconds=prepared, exact=rows)
