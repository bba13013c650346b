"""What became of one method in a race: its values against evaluations, and what it spent."""

from dataclasses import dataclass

import numpy as np

from symlab.engine.choice import choose_method
from symlab.engine.trace import Trace
from symlab.methods.method import Method
from symlab.methods.rule import Rule
from symlab.methods.trust_regions import TrustRegion


@dataclass(frozen=True)
class Spent:
    """How often a method evaluated the value, the gradient and the Hessian.

    The residuals of a sum of squares count as a value, their Jacobian as a gradient.
    """

    values: int
    gradients: int
    hessians: int


@dataclass(frozen=True, eq=False)
class Course:
    """One run of a race, as far as its budget went.

    Parameters
    ----------
    evaluations : array of int, shape (K,)
        At how many points the objective had been evaluated when each value was known; the value,
        the gradient and the Hessian at one point count once.
    values : array, shape (K,)
        The values: of ours at the iterates, of SciPy's at every point where it asked for one, and
        last at its answer.
    x : array, shape (n,)
        The last iterate; of SciPy's the point of its answer.
    status, message : str
        As of a trace; `"budget"` where the budget ended it, `"refused"` where it could not begin.
    spent : Spent
    seconds : float
        Time of the run without compiling.
    """

    evaluations: np.ndarray
    values: np.ndarray
    x: np.ndarray
    status: str
    message: str
    spent: Spent
    seconds: float

    @property
    def value(self) -> float:
        """The last value, or infinity where there is none or it is no number."""
        last = float(self.values[-1]) if len(self.values) else np.inf
        return np.inf if np.isnan(last) else last

    @property
    def lowest(self) -> np.ndarray:
        """The lowest value known after each evaluation of the list, shape (K,)."""
        return np.fmin.accumulate(self.values) if len(self.values) else self.values

    def cost(self, level: float) -> float:
        """Return after how many evaluations the value was at most `level`; infinity if never."""
        reached = self.evaluations[self.values <= level]
        return float(reached[0]) if len(reached) else np.inf


def refused(dimension: int, reason: str) -> Course:
    """Return the course of a method that cannot run on an objective."""
    none = np.empty(0)
    where = np.full(dimension, np.nan)
    return Course(none.astype(int), none, where, "refused", reason, Spent(0, 0, 0), 0.0)


def course_of(trace: Trace, method: object, budget: int) -> Course:
    """Return a run of ours as a course: its rows within the budget."""
    within = trace.evaluations <= budget
    rows = max(int(within.sum()), 1)
    is_cut = rows < len(within) or trace.status == "max_steps"
    return Course(
        trace.evaluations[:rows],
        trace.values[:rows],
        trace.iterates[rows - 1],
        "budget" if is_cut else trace.status,
        f"The budget of {budget} evaluations was spent." if is_cut else trace.message,
        spent_by(_of(trace, method), trace.iterates[:rows], int(trace.evaluations[rows - 1])),
        trace.seconds,
    )


def _of(trace: Trace, method: object) -> object:
    """Return the method that ran; None where several did."""
    if method is not None or trace.objective is None:
        return method
    first = choose_method(trace.objective).method
    return first if repr(first) == trace.method else None


def spent_by(method: object, iterates: np.ndarray, evaluations: int) -> Spent:
    """Return what a run of ours evaluated, once for each point where it did.

    A rule reads gradients alone, as do full steps. Where a search reads slopes, a gradient is
    counted at every trial. Other methods evaluate values at every trial, and derivatives where a
    step was taken to. Where `minimize` tried one method after another, everything is counted at
    every point.

    Parameters
    ----------
    method : rule, method, or one for regions or squares; None for several
    iterates : array, shape (K, n)
    evaluations : int
        At how many points.
    """
    if method is None:
        return Spent(evaluations, evaluations, evaluations)
    if isinstance(method, Rule):
        return Spent(0, evaluations, 0)
    places = 1 + int(np.any(np.diff(iterates, axis=0) != 0, axis=1).sum())
    if not isinstance(method, Method):
        return Spent(evaluations, places, places if isinstance(method, TrustRegion) else 0)
    search = method.search
    values = evaluations if search.exact or search.accept is not None else 0
    gradients = evaluations if search.reads_slope else places
    return Spent(values, gradients, places if method.direction.needs_hessian else 0)
