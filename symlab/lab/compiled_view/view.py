"""What the compiler did to a formula: the graph before and after, and every rewrite in between.

`sl.explain` shows the rewrites that are ours; here those of PyTensor follow, from its own record.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sympy import Expr, Symbol, count_ops

from symlab import markup
from symlab.algebra.arrays import real_array
from symlab.algebra.formula.parse import parse
from symlab.algebra.gate import as_real_scalar, check_readable
from symlab.algebra.objective import Objective
from symlab.algebra.order import natural_key
from symlab.algebra.risk.risk import BoundRisk, EmpiricalRisk
from symlab.algebra.working_precision import exclusive
from symlab.checks import choice, shown
from symlab.engine.backends import usable
from symlab.engine.computation_graph import Graph
from symlab.engine.domain import domain_of
from symlab.engine.rewriting.stage import LINKERS
from symlab.lab.accuracy.ulp_error import domain
from symlab.lab.compiled_view.measure import Cost, measure, number
from symlab.lab.compiled_view.subject import (
    Subject,
    subject_of_data,
    subject_of_formula,
    subject_of_model,
)
from symlab.nn.model import Model
from symlab.nn.training.samples import as_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEWEST, MOST = 12, 60
"""Points of a formula at which digits are counted, unless others are given. An even number leaves
out 0, where many a slope is exactly 0, of which one can be sure only after thousands of digits."""

WORK = 6000
"""Operations in many digits: the longer a formula, the fewer points it has."""

DRAWN = 5
"""Points of an objective over data, and samples of a network, unless others are given."""

WIDEST = 50
"""Characters of what a rewrite replaced, in a table to be read; `frame` has all of them."""


@dataclass(frozen=True, eq=False)
class End:
    """A graph at one end of all rewrites, and what it costs.

    Parameters
    ----------
    graph : Graph
        Operations that have the same `loop` are fused into one.
    loops : int
        How many loops run, one after the other.
    ulps, ns : float
        The largest error over the points, infinite where a result is lost; nanoseconds.
    """

    graph: Graph
    loops: int
    ulps: float
    ns: float

    def __str__(self) -> str:
        operations = count_of(len(self.graph.operations), "operation")
        return f"{operations} in {count_of(self.loops, 'loop')}"


@dataclass(frozen=True, eq=False)
class CompiledView:
    """What the compiler did.

    Parameters
    ----------
    title : str
        What was compiled.
    backend : str
        For what.
    before, after : End
        The graph as stated, with nothing shared, and as it runs; and what each costs.
    frame : pandas.DataFrame
        One row a rewrite, in the order in which they were made: name, kind, replaced, places,
        nodes_before, nodes_after, ulps_before, ulps_after (the largest error over the points,
        infinite where a result is lost), ns_before, ns_after.
    unit : str
        What the nanoseconds are of: a point of a formula, a sample of a network, a call over data.
    results : tuple of str
        What the graphs compute.
    in_a_run : pair of int, optional
        Operations of the C that a run repeats: with nothing shared, and as it is.
    """

    title: str
    backend: str
    before: End
    after: End
    frame: pd.DataFrame
    unit: str
    results: tuple[str, ...]
    in_a_run: tuple[int, int] | None = None

    @property
    def summary(self) -> str:
        """Operations, digits and time, before and after; and what a run shares."""
        first = f"{self.before}, {self._cost(self.before)}"
        if self.frame.empty:
            return f"Nothing changed: {first}.{self._shared}"
        rewrites = count_of(len(self.frame), "rewrite")
        last = f"{self.after}, {self._cost(self.after)}"
        return f"{first}; after {rewrites} {last}.{self._shared}"

    @property
    def _shared(self) -> str:
        written, kept = self.in_a_run or (0, 0)
        if written == kept:
            return ""
        return f" A run's C has {count_of(kept, 'operation')}: {written} with nothing shared."

    def _cost(self, end: End) -> str:
        digits = "digits lost" if math.isinf(end.ulps) else f"{number(end.ulps)} ulps"
        return f"{digits}, {number(end.ns)} ns {self.unit}"

    def table(self) -> pd.DataFrame:
        """Return the rewrites to read: what each is, what it replaced, and its effect."""
        rows = self.frame
        cells = {
            "rewrite": list(map(_cut, rows["name"])),
            "kind": rows["kind"],
            "replaced": list(map(_shorten, rows["replaced"], rows["places"])),
            "loops": _pairs(rows, "nodes"),
            "ulps": _pairs(rows, "ulps"),
            "ns": _pairs(rows, "ns"),
        }
        return pd.DataFrame(cells)

    def __repr__(self) -> str:
        head = f"{self.title}, compiled for {self.backend}\n{self.summary}"
        return head if self.frame.empty else f"{head}\n{self.table().to_string(index=False)}"

    def _repr_html_(self) -> str:
        head = markup.paragraph(f"{self.title}, compiled for {self.backend}")
        rows = self.table()
        told = "" if rows.empty else markup.table(rows.columns, rows.itertuples(index=False))
        return head + markup.paragraph(self.summary) + self._picture() + told

    def _picture(self) -> str:
        from symlab.lab.compiled_view.picture import MOST_OPERATIONS
        from symlab.lab.plots.style import render

        graphs = (self.before.graph, self.after.graph)
        if max(len(graph.operations) for graph in graphs) > MOST_OPERATIONS:
            return ""
        words = f"Graphs, as stated: {self.before}; as it runs: {self.after}"
        return markup.picture(render(self.plot()), words)

    def to_dict(self) -> dict[str, object]:
        """Return plain data for JSON; None is an error that is infinite."""
        rows = self.frame.replace([np.inf], np.nan).astype(object)
        return {
            "formula": self.title,
            "backend": self.backend,
            "summary": self.summary,
            "ns of": self.unit,
            "rewrites": rows.where(rows.notna(), None).to_dict("records"),
        }

    def plot(self) -> "Figure":
        """Return a figure of both graphs, before on the left and after on the right.

        Values flow from left to right. What is fused into one loop has one colour.

        Raises
        ------
        ValueError
            If the graph has more operations than can be told apart.
        """
        from symlab.lab.compiled_view.picture import draw

        ends = {"as stated": self.before, "as it runs": self.after}
        titles = [f"{name}: {end}\n{self._cost(end)}" for name, end in ends.items()]
        graphs = [end.graph for end in ends.values()]
        return draw(self.title, graphs, titles, self.results)


def count_of(number: int, word: str) -> str:
    """Return a number of things.

    Examples
    --------
    >>> count_of(1, "loop"), count_of(2, "loop")
    ('1 loop', '2 loops')
    """
    return f"{number} {word}{'' if number == 1 else 's'}"


def _pairs(rows: pd.DataFrame, name: str) -> list[str]:
    pairs = zip(rows[f"{name}_before"], rows[f"{name}_after"], strict=True)
    return [f"{number(before)} -> {number(after)}" for before, after in pairs]


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 4]} ..."


def _shorten(text: str, places: int) -> str:
    kept = _cut(text)
    return kept if places == 1 else f"{kept} (and {places - 1} more)"


@exclusive
def compiled_view(formula: object, at: object = None, *, backend: str = "c") -> CompiledView:
    """Show what the compiler does to a formula, rewrite by rewrite.

    Every graph in between is compiled as it stands and measured: its largest error against exact
    arithmetic, and its time, the least of many calls.

    Parameters
    ----------
    formula : str, sympy.Expr, Objective or nn.Model
        Text and an expression are compiled for their value, an objective for its value and
        gradient, a network for its output.
    at : array, optional
        Where digits are counted and time is taken. Of a formula points, shape (k,) or (k, n), over
        the range in which e^x is a float if left out; of an objective over data points, shape
        (k, n), of a network samples, both drawn from a normal distribution if left out.
    backend : str
        `"c"` or `"interpreted"`. C takes a second for each rewrite when it is first compiled.

    Returns
    -------
    CompiledView
        With `frame`, `plot()` and `summary`.

    Raises
    ------
    TypeError
        If the formula is none of these.
    ValueError
        If text cannot be read, `at` has another shape, or the backend is another.

    Notes
    -----
    The graph before has nothing shared: every part is computed where it is written, up to 500
    operations. Of an objective over data the digits are those on its first 1000 samples, the time
    that of a call on all. In C a run is a program of its own, which `sl.compile(f).source` shows.

    Examples
    --------
    >>> view = compiled_view("log(1 + exp(x))", backend="interpreted")
    >>> view.frame[["name", "kind"]].values.tolist()[0]
    ['log-sum-exp', 'stability']
    >>> view.before.ulps, view.after.ulps < 2
    (inf, True)
    """
    name = usable(choice(backend, LINKERS, "backend")).name
    subject = _subject(formula, at, name)
    return _view(subject, name, measure(subject, name))


def _view(subject: Subject, backend: str, costs: Sequence[Cost]) -> CompiledView:
    stages = [subject.start, *(change.stage for change in subject.changes)]
    rows = [
        {
            "name": change.name,
            "kind": change.kind,
            "replaced": change.replaced,
            "places": change.places,
            **_effect("nodes", stages[i].nodes, stages[i + 1].nodes),
            **_effect("ulps", costs[i].ulps, costs[i + 1].ulps),
            **_effect("ns", costs[i].ns, costs[i + 1].ns),
        }
        for i, change in enumerate(subject.changes)
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    before, after = (
        End(stages[i].graph, stages[i].nodes, costs[i].ulps, costs[i].ns) for i in (0, -1)
    )
    told = subject.unit, subject.results, subject.in_a_run
    return CompiledView(subject.title, backend, before, after, frame, *told)


def _effect(name: str, before: float, after: float) -> dict[str, float]:
    return {f"{name}_before": before, f"{name}_after": after}


COLUMNS = ["name", "kind", "replaced", "places"] + [
    f"{name}_{when}" for name in ("nodes", "ulps", "ns") for when in ("before", "after")
]


def _subject(formula: object, at: object, backend: str) -> Subject:
    if isinstance(formula, Model):
        rows = _normal(formula.inputs.shape) if at is None else at
        return subject_of_model(formula, as_rows(rows, formula.inputs.shape, "at"), backend)
    if isinstance(formula, BoundRisk):
        size = formula.dimension
        points = _normal((size,)) if at is None else _points(at, size)
        return subject_of_data(formula, points, backend)
    if isinstance(formula, Objective):
        expressions = [formula.expression, *formula.gradient]
        return _of_formula(expressions, formula.variables, at, backend)
    expression = _expression(formula)
    variables = tuple(sorted(expression.free_symbols, key=natural_key))
    return _of_formula([expression], variables, at, backend)


def _expression(formula: object) -> Expr:
    if isinstance(formula, EmpiricalRisk):
        raise TypeError("formula: this risk has no data yet; give risk.on(data).")
    expression = parse(formula) if isinstance(formula, str) else as_real_scalar(formula, "formula")
    check_readable(expression, "formula")
    if not expression.free_symbols:
        raise ValueError(f"formula: expected a formula with a variable, got {shown(expression)}.")
    return expression


def _of_formula(
    expressions: Sequence[Expr], variables: Sequence[Symbol], at: object, backend: str
) -> Subject:
    if at is None:
        operations = sum(map(count_ops, expressions))
        points = _spread(variables, 2 * (min(MOST, max(FEWEST, WORK // (1 + operations))) // 2))
    else:
        points = _points(at, len(variables))
    title = str(expressions[0]) + (" and its gradient" if len(expressions) > 1 else "")
    return subject_of_formula(title, expressions, variables, points, backend)


def _points(at: object, size: int) -> np.ndarray:
    """Return points as an array of shape (k, size)."""
    array = np.asarray(real_array(at, "at"), dtype=float)
    points = array.reshape(-1, 1) if size == 1 and array.ndim < 2 else array
    if points.ndim != 2 or points.shape[1] != size or not len(points):
        raise ValueError(f"at: expected points of shape (k, {size}), got shape {array.shape}.")
    return points


def _normal(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((DRAWN, *shape))


def _spread(variables: Sequence[Symbol], count: int) -> np.ndarray:
    """Return points over all magnitudes of each variable, as far as its assumptions allow."""
    random = np.random.default_rng(0)
    line = np.array(domain("float64", count))
    others: list[Any] = [random.permutation(line) for _ in variables[1:]]
    points = np.column_stack([line, *others])
    allowed = points[domain_of(variables).contains(points)]
    if not len(allowed):
        names = ", ".join(map(str, variables))
        raise ValueError(f"at: give points at which {names[:60]} may be; none was found.")
    return allowed
