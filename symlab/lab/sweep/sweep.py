"""A method run over a grid of hyperparameters, starts and seeds, as one table."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symlab.algebra.foreign_words import explain_words
from symlab.algebra.objective import Objective, check_objective
from symlab.checks import choice, flag, whole
from symlab.engine import backends
from symlab.engine.backends import DERIVED_BY
from symlab.engine.compiled.many_endings import REFUSED
from symlab.engine.minimize import check_tolerance, check_variables
from symlab.engine.progress import progress_bar
from symlab.interrupts import runs_keep_what_they_have
from symlab.lab.sweep.block import Block, Outcome, Settings, refuse
from symlab.lab.sweep.design import design_of
from symlab.lab.sweep.plan import blocks_of
from symlab.lab.sweep.result import Sweep, joined
from symlab.lab.sweep.store import Store, store_of
from symlab.lab.sweep.workers import check_client, run_blocks
from symlab.methods.rules import gradient_descent


@explain_words()
def sweep(
    objective: Objective,
    start: object = None,
    method: object = gradient_descent,
    grid: object = None,
    max_steps: int = 100,
    *,
    backend: str = "c",
    tolerance: float = 1e-10,
    derived_by: str = "sympy",
    rates: bool = True,
    store: object = None,
    client: Any = None,
    progress: bool = False,
) -> Sweep:
    """Run a method for every entry of a grid, and return how each run ended.

    Status, steps, value and last iterate of a row are those of `minimize` with the same
    hyperparameters, start and seed, to the last bit; the rate is that of its trace to rounding.
    Runs of a rule on a formula of up to four variables are lanes of one compiled call. Blocks of
    runs go to the cores or machines that `joblib.parallel_config` names: one core unless it is
    told otherwise.

    Parameters
    ----------
    objective : Objective
        What to minimise, in n variables; also an `EmpiricalRisk` on data.
    start : sequence of n numbers, or mapping of symbol or name to number, optional
        The first iterate of all runs, if the grid has none.
    method : rule, method, direction, search or name
        As in `minimize`; what the grid does not sweep is as it is set here.
    grid : mapping of str to sequence, or DataFrame
        By name the values of what is swept, of which every combination is run, the last name
        fastest; or a table with a row for each run. Names are the words of hyperparameters,
        `"start"` (points), `"start_x"` (of the variable x alone), `"seed"`, `"batch_size"` and
        `"method"`. Numbers become floats.
    max_steps, tolerance, backend, derived_by
        As in `minimize`.
    rates : bool
        Whether the rate of each run is measured, which takes longer than the run itself.
    store : str or path, optional
        A folder in which outcomes are kept, a Parquet file for each block. A sweep that was
        interrupted or killed computes only what is not there yet.
    client : dask.distributed.Client, optional
        Whose cluster makes the runs.
    progress : bool
        Show a progress bar on stderr.

    Returns
    -------
    Sweep
        Ctrl-C ends it with the blocks that are done.

    Raises
    ------
    TypeError, ValueError
        Naming the argument, before anything is run. A run that `minimize` would refuse has the
        status `"refused"` instead; only where all are refused, its error is raised.
    ImportError
        If `store` is given and pyarrow is not installed: `pip install "symlab[cluster]"`.
    OSError
        If `store` cannot be written to.

    Examples
    --------
    >>> from sympy import symbols
    >>> x = symbols("x", real=True)
    >>> found = sweep(Objective(x**2), [1], grid={"step_size": [0.25, 0.5, 1.5]})
    >>> found.frame[["step_size", "status", "steps"]]
       step_size     status  steps
    0       0.25  converged     35
    1       0.50  converged      1
    2       1.50  max_steps    100
    """
    known = check_objective(objective)
    check_variables(variable.name for variable in known.variables)
    settings = Settings(
        max_steps=whole(max_steps, "max_steps", 0),
        tolerance=check_tolerance(tolerance),
        backend=backends.find_backend(backend).name,
        derived_by=choice(derived_by, DERIVED_BY, "derived_by"),
        rates=flag(rates, "rates"),
    )
    design = design_of(known, start, method, grid)
    flag(progress, "progress")
    check_client(client)
    kept = store_of(store)
    planned = list(blocks_of(known, design, settings))
    with progress_bar(len(design), "runs", wanted=progress) as report:
        done, computed = _outcomes(planned, kept, client, report or (lambda _: None))
    found = Sweep(known, design, settings, joined(planned, done), computed)
    if len(found) and (found.outcomes[1].status == REFUSED).all():
        refuse(planned[0][1])
    return found


def _outcomes(
    planned: Sequence[tuple[np.ndarray, Block]],
    store: Store | None,
    client: Any,
    report: Callable[[int], None],
) -> tuple[dict[int, Outcome], int]:
    """Return what is done by the number of the block, and how many were computed just now."""
    done: dict[int, Outcome] = {}
    if store is not None:
        found = ((i, store.find(block)) for i, (_, block) in enumerate(planned))
        done = {i: outcome for i, outcome in found if outcome is not None}
    known = len(done)
    left = [(i, block) for i, (_, block) in enumerate(planned) if i not in done]

    def keep(number: int, outcome: Outcome) -> None:
        done[number] = outcome
        if store is not None:
            store.keep(planned[number][1], outcome)
        report(sum(len(planned[i][0]) for i in done))

    try:
        run_blocks(left, keep, client)
    except KeyboardInterrupt:
        if not runs_keep_what_they_have():
            raise
    return done, len(done) - known
