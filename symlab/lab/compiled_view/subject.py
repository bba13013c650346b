"""What is looked at: a graph with all its changes, inputs to measure it on, and the right results.

A formula is a graph of scalars and is measured on columns of points; an objective over data is
measured as it is called, at several points; a network on samples.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import mpmath
import numpy as np
from sympy import Expr, Symbol

from symlab.algebra.risk.risk import BoundRisk
from symlab.algebra.working_precision import working_digits
from symlab.engine.compiled.risk_graph import DataSum
from symlab.engine.exact.functions import DataFunctions
from symlab.engine.lowering.lower import lower
from symlab.engine.lowering.stabilize import RewriteStep, explain, stabilize, stabilize_partly
from symlab.engine.rewriting.kinds import STABILITY
from symlab.engine.rewriting.record import Change, record_rewrites
from symlab.engine.rewriting.stage import Stage, written_out
from symlab.lab.accuracy.ulps import exact_value
from symlab.nn import forward
from symlab.nn.exact.backward import outputs as exact_outputs
from symlab.nn.model import Model

COLUMN = 1000
"""Points of a timed call: enough that the call itself hardly counts."""

DIGITS = 60
"""Digits of sums over data and of networks: three times those of a float, and some more."""

MOST_SAMPLES = 1000
"""Samples on which digits are measured, each in many digits; times are those of all samples."""

Arrays = tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Subject:
    """A graph with its changes, and what it is measured on.

    Parameters
    ----------
    title : str
    start : Stage
        The graph as stated.
    changes : tuple of Change
    calls : tuple of tuple of array
        Inputs, for each call whose digits are looked at.
    exact : tuple of tuple of array of mpmath.mpf
        What each call should return.
    timed : tuple of array
        Inputs of the call that is timed.
    unit : str
        What a time is of.
    size : int
        How many of these the timed call has.
    results : tuple of str
        What the outputs are.
    in_columns : bool
        Whether a graph of scalars is called on columns.
    in_a_run : pair of int, optional
        Operations of a run's C, with nothing shared and as it is.
    """

    title: str
    start: Stage
    changes: tuple[Change, ...]
    calls: tuple[Arrays, ...]
    exact: tuple[Arrays, ...]
    timed: Arrays
    unit: str
    results: tuple[str, ...]
    size: int = 1
    in_columns: bool = False
    in_a_run: tuple[int, int] | None = None

    @property
    def stages(self) -> list[Stage]:
        """The graph as stated, and behind each change, as they can be called."""
        every = [self.start, *(change.stage for change in self.changes)]
        return [each.over_columns() for each in every] if self.in_columns else every


def subject_of_formula(
    title: str,
    expressions: Sequence[Expr],
    variables: Sequence[Symbol],
    points: np.ndarray,
    backend: str,
) -> Subject:
    """Return expressions of scalars as a subject; points have shape (k, n)."""

    def stage(forms: Sequence[Expr]) -> Stage:
        inputs, outputs = lower(forms, variables)
        return Stage(tuple(inputs), tuple(written_out(outputs)))

    start = stage(expressions)
    changes = _all_changes(start, expressions, lambda forms: stage(list(forms.values())), backend)
    stable = stage(list(map(stabilize, expressions)))
    columns = tuple(np.ascontiguousarray(column) for column in points.T)
    exact = tuple(_exact_column(each, variables, points) for each in expressions)
    timed = tuple(np.resize(column, COLUMN) for column in columns)
    slopes = [f"slope in {each}" for each in variables][: len(expressions) - 1]
    return Subject(
        title,
        start,
        changes,
        (columns,),
        (exact,),
        timed,
        unit="a point",
        results=("value", *slopes),
        size=COLUMN,
        in_columns=True,
        in_a_run=stable.in_a_run if backend == "c" else None,
    )


def _exact_column(expression: Expr, variables: Sequence[Symbol], points: np.ndarray) -> np.ndarray:
    symbol, *others = variables
    rows = (map(float, point) for point in points)
    found = [
        exact_value(expression, symbol, first, dict(zip(others, rest, strict=True)))
        for first, *rest in rows
    ]
    return np.array(found, dtype=object)


def _all_changes(
    start: Stage,
    expressions: Sequence[Expr],
    stage: Callable[[dict[Expr, Expr]], Stage],
    backend: str,
) -> tuple[Change, ...]:
    """Return our own rewrites of each expression, then PyTensor's of the graph they become."""
    forms = {each: each for each in expressions}
    changes: list[Change] = []
    for each in forms:
        for number, step in zip(count(1), explain(each).steps):
            forms[each] = stabilize_partly(each, number)
            changes.append(_change(step, stage(forms)))
    stable = changes[-1].stage if changes else start
    return (*changes, *record_rewrites(stable, backend))


def _change(step: RewriteStep, stage: Stage) -> Change:
    return Change(step.name, STABILITY, f"{step.before} -> {step.after}", 1, stage)


def subject_of_data(bound: BoundRisk, points: np.ndarray, backend: str) -> Subject:
    """Return an objective over data, its value and gradient, as a subject."""
    current: dict[Expr, Expr] = {}
    graphs = DataSum(bound.risk, rewrite=lambda each: current.get(each, each))
    stated = [*graphs.stated([]), *graphs.stated(graphs.slopes)]

    def stage(forms: dict[Expr, Expr]) -> Stage:
        current.update(forms)
        w, arrays = graphs.weights(), graphs.inputs()
        outputs = [graphs.value(w, arrays), graphs.gradient(w, arrays)]
        return Stage((w, *arrays), tuple(written_out(outputs)))

    start = stage({each: each for each in stated})
    changes = _all_changes(start, stated, stage, backend)
    some = bound.part(np.arange(min(bound.samples, MOST_SAMPLES)))
    few, every = graphs.arrays(some, backend), graphs.arrays(bound, backend)
    calls = tuple((point, *few) for point in points)
    exact = tuple(_exact_sums(some, point) for point in points)
    return Subject(
        repr(bound),
        start,
        changes,
        calls,
        exact,
        (points[0], *every),
        unit="a call",
        results=("value", "gradient"),
    )


def _exact_sums(bound: BoundRisk, point: np.ndarray) -> Arrays:
    with working_digits(DIGITS):
        found = DataFunctions(bound).value_and_gradient(*map(mpmath.mpf, point.tolist()))
    value, *slopes = found
    return np.array(value, dtype=object), np.array(slopes, dtype=object)


def subject_of_model(model: Model, rows: np.ndarray, backend: str) -> Subject:
    """Return a network's forward pass on samples given as rows as a subject."""
    made = forward.forward_pass(model.network)
    start = Stage(tuple(made.inputs), tuple(written_out([made.output.values])))
    named = model.get_weights()
    weights = forward.ravel_weights(model.network, [named.get(name, []) for name in model.names])
    given: Any = (rows, weights.trainable, weights.frozen)
    with working_digits(DIGITS):
        exact = exact_outputs(model.network, weights.trainable, weights.frozen, rows).value
    changes = tuple(record_rewrites(start, backend))
    return Subject(
        repr(model),
        start,
        changes,
        (given,),
        ((exact,),),
        given,
        unit="a sample",
        results=("output",),
        size=len(rows),
    )
