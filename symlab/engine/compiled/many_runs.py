"""Many runs of one rule in one compiled call, each with a start and numbers of its own."""

from dataclasses import dataclass

import numpy as np

from symlab.algebra.objective import Objective
from symlab.engine.compiled.c_text import NoProgramError
from symlab.engine.compiled.function import Compiled, once
from symlab.engine.compiled.many_runs_head import POINTS, WIDE, columns_of
from symlab.engine.compiled.many_runs_op import ManyRunsOp, compile_many
from symlab.engine.compiled.many_runs_source import ManyRunsText
from symlab.engine.compiled.rule_numbers import OpenRecurrence, numbers_of, open_recurrence_of
from symlab.engine.compiled.run_names import UNROLLED
from symlab.engine.compiled.run_program import formula_text
from symlab.engine.run import NEVER
from symlab.methods.rule import Rule

MOST_BYTES = 2**28
"""Room for the iterates of the runs under way, beyond which runs are made one by one."""


@dataclass(frozen=True)
class Ends:
    """How runs ended: a row for each.

    Parameters
    ----------
    table : array, shape (R, 6 + 3 n)
        What `columns_of` names.
    size : int
        n, the numbers in an iterate.
    """

    table: np.ndarray
    size: int

    def __getitem__(self, name: str) -> np.ndarray:
        """Return a result by its name: shape (R,), or (R, n) of points."""
        found = self.table[:, columns_of(self.size)[name]]
        return found if name in POINTS else found[:, 0]

    @property
    def endings(self) -> np.ndarray:
        """Which of `ENDINGS` each run came to, shape (R,)."""
        return self["ending"].astype(int)

    @property
    def rows(self) -> np.ndarray:
        """How many iterates each run has, its start among them, shape (R,)."""
        return self["rows"].astype(int)


@dataclass(frozen=True)
class ManyRuns:
    """Many runs on a formula, compiled.

    Parameters
    ----------
    compiled : Compiled
    size, numbers : int
        Variables of the formula, and numbers that each run takes, its step size among them.
    """

    compiled: Compiled
    size: int
    numbers: int

    def go(
        self,
        starts: np.ndarray,
        numbers: np.ndarray,
        max_steps: int,
        tolerance: float,
        *,
        rates: bool = True,
    ) -> Ends:
        """Make all runs.

        Parameters
        ----------
        starts : array, shape (R, n)
        numbers : array, shape (R, 1 + m)
            Step size and the rule's other numbers for each run: see `run_numbers`.
        max_steps : int
        tolerance : float
        rates : bool
            Whether the rate of each run is measured, for which its iterates are kept meanwhile.
        """
        given = np.ascontiguousarray(np.vstack([starts.T, numbers.T]))
        whole = np.array([len(starts), max_steps, rates])
        (ends,) = self.compiled.call(whole, np.array([tolerance]), given)
        return Ends(ends, self.size)

    def look(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return values, shape (R,), and gradients, shape (R, n); NaN outside the domain."""
        # Numbers of a rule do not matter where no step is taken.
        seen = self.go(points, np.zeros((len(points), self.numbers)), 0, NEVER, rates=False)
        inside = seen["rows"] > 0
        values = np.where(inside, seen["value"], np.nan)
        return values, np.where(inside[:, None], seen["gradient"], np.nan)


def many_runs_of(objective: Objective, rule: Rule, max_steps: int) -> ManyRuns:
    """Return many runs of a rule on a formula, compiled once whatever the rule's numbers are.

    Raises
    ------
    NoProgramError
        If the objective is a sum over data, has more variables than have names, or cannot become C.
    """
    if objective.samples is not None or objective.dimension > UNROLLED:
        raise NoProgramError(f"lanes are for formulas of at most {UNROLLED} variables")
    if 8 * WIDE * (max_steps + 2) * (objective.dimension + 1) > MOST_BYTES:
        raise NoProgramError(f"{max_steps} steps of many runs need much memory")
    return _compiled(objective, open_recurrence_of(rule), rule.name)


@once(64)
def _compiled(objective: Objective, recurrence: OpenRecurrence, rule_name: str) -> ManyRuns:
    run = formula_text(objective, recurrence, rule_name, "sympy")
    op = ManyRunsOp(ManyRunsText(run).text(), run.support, run.size)
    return ManyRuns(compile_many(op), run.size, 1 + len(recurrence.numbers))


def run_numbers(rule: Rule) -> tuple[float, ...]:
    """Return the numbers of a run: its constant step size, NaN where it has none, and the rule's.

    Examples
    --------
    >>> from symlab.methods.rules import momentum
    >>> run_numbers(momentum(step_size=0.01, momentum=0.5))
    (0.01, 0.5)
    """
    size = rule.constant_step_size
    return (float("nan") if size is None else size, *numbers_of(rule))
