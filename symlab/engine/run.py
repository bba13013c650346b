"""The description of a run: all that a runner needs to know, in one value that goes down whole."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypedDict

import numpy as np
from sympy import Expr

from symlab.algebra.exactly import nearest_float
from symlab.algebra.objective import Objective
from symlab.checks import check_given_once, check_type, choice, flag, shown, whole
from symlab.engine.batches import Batches
from symlab.engine.block_batches import BlockBatches
from symlab.engine.domain import Domain, domain_of
from symlab.engine.trace_csv import VALUES
from symlab.methods.method import Method, Runnable
from symlab.methods.rule import Rule
from symlab.methods.squares import SquaresMethod
from symlab.methods.trust_regions import TrustRegion

NEVER = -1.0
"""The length of a gradient at which a run ends that never ends so: no length is below it."""

Callback = Callable[[int, np.ndarray, float], object]
Report = Callable[[int], None]


class RecordingWords(TypedDict, total=False):
    """The parts of a `Recording` as keywords of `minimize`."""

    record_every: int
    progress: bool
    callback: Callback | None
    record: str


@dataclass(frozen=True)
class Recording:
    """What a run keeps and shows on its way.

    Parameters
    ----------
    every : int
        Record every `every`-th iterate, and the last; long runs stay small in memory.
    progress : bool
        Show a progress bar on stderr.
    callback : callable(k, iterate, value), optional
        Called at each recorded iterate; the run stops where it returns something true.
    record : str
        Of what values are. `"objective"`: of the whole, at each recorded iterate. `"batch"`: of the
        samples on which the next step's gradient is taken, with the penalty, which costs nothing
        beside that gradient. The last iterate has the batch that would have come next. Where every
        step sees all samples, and for formulas, both are the same.

    Raises
    ------
    TypeError, ValueError
        Naming the argument.

    Examples
    --------
    >>> Recording(every=100)
    Recording(every=100, progress=False, callback=None, record='objective')
    """

    every: int = 1
    progress: bool = False
    callback: Callback | None = None
    record: str = "objective"

    def __post_init__(self) -> None:
        whole(self.every, "every", 1)
        flag(self.progress, "progress")
        if self.callback is not None and not callable(self.callback):
            raise TypeError(f"callback: expected a function, got {shown(self.callback)}.")
        choice(self.record, VALUES, "record")


def recording_of(given: Recording | None, keywords: Mapping[str, Any]) -> Recording:
    """Return a recording that was given as one value or as plain keywords.

    Raises
    ------
    TypeError
        If it was given both ways.
    """
    check_given_once(given, Recording, "recording", keywords)
    if given is not None:
        return given
    parts = dict(keywords)
    every = whole(parts.pop("record_every", 1), "record_every", 1)
    return Recording(every, **parts)


@dataclass(frozen=True, eq=False)
class Run:
    """What a run does, from where, and until when; every part has been checked.

    Parameters
    ----------
    objective : Objective
    start : tuple of n sympy.Expr
        The first iterate, exactly.
    method : Rule, Method, SquaresMethod or TrustRegion
    max_steps : int
    tolerance : float
        The gradient's length at which the run has converged. Below zero it never has: the gradient
        on a batch may vanish anywhere.
    batches : Batches or BlockBatches, optional
        The samples of each step's gradient, a row for each iterate; all of them where left out.
        The last row is for the gradient at the last iterate, from which no step is taken.
    recording : Recording
    backend, derived_by : str
    digits : int or "exact"
    fused : bool, optional
        Whether the whole run is one compiled function; as the backend does it when left out.
    report : callable, optional
        Called with the number of each recorded iterate: a progress bar.
    chosen : str
        Why the method was chosen, as a clause; empty where it was named.
    """

    objective: Objective
    start: tuple[Expr, ...]
    method: Runnable
    max_steps: int
    tolerance: float = 0.0
    batches: Batches | BlockBatches | None = None
    recording: Recording = Recording()
    backend: str = "c"
    derived_by: str = "sympy"
    digits: int | str = 50
    fused: bool | None = None
    report: Report | None = None
    chosen: str = ""

    @cached_property
    def domain(self) -> Domain:
        """Where iterates and trials may lie."""
        return domain_of(self.objective.variables)

    @property
    def point(self) -> np.ndarray:
        """The first iterate in floats."""
        return np.array([nearest_float(coordinate) for coordinate in self.start])

    @property
    def step_size(self) -> float:
        """The rule's constant step size; NaN where it has none, or one that changes with k."""
        size = self.rule.constant_step_size
        return math.nan if size is None else size

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the variables."""
        return tuple(variable.name for variable in self.objective.variables)

    @property
    def rule(self) -> Rule:
        """The method, where only a rule will do.

        Raises
        ------
        TypeError
            If it is a direction with a search.
        """
        return check_type(self.method, Rule, "method", "a rule")

    @property
    def squares_method(self) -> SquaresMethod:
        """The method, where only one for sums of squares will do.

        Raises
        ------
        TypeError
            If it is another.
        """
        return check_type(self.method, SquaresMethod, "method", "one for sums of squares")

    @property
    def trust_region(self) -> TrustRegion:
        """The method, where only a trust region will do.

        Raises
        ------
        TypeError
            If it is another.
        """
        return check_type(self.method, TrustRegion, "method", "a trust region")

    @property
    def small_gradient(self) -> float:
        """The gradient's length at which the run ends; methods with a model test more."""
        return NEVER if isinstance(self.method, (SquaresMethod, TrustRegion)) else self.tolerance

    @property
    def record(self) -> str:
        """Of what values are: the whole `"objective"`, or each step's own `"batch"`."""
        return "objective" if self.batches is None else self.recording.record

    @property
    def needs_hessian(self) -> bool:
        """Whether each step reads the matrix of second derivatives."""
        if isinstance(self.method, TrustRegion):
            return True
        return isinstance(self.method, Method) and self.method.direction.needs_hessian

    @property
    def rehearsal(self) -> "Run":
        """The same run, one step long and silent: it leaves nothing to compile afterwards."""
        recording = Recording(record=self.recording.record)
        return replace(self, max_steps=1, recording=recording, report=None)

    def records(self, k: int) -> bool:
        """Return whether the k-th iterate is recorded."""
        return k % self.recording.every == 0 or k >= self.max_steps

    def batch(self, k: int) -> np.ndarray | None:
        """Return the samples of the gradient at the k-th iterate; None where it sees all."""
        return None if self.batches is None else self.batches.at(k)
