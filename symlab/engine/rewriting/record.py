"""The record of PyTensor's rewrites: a feature of the graph that sees every change.

Whatever rewrites a graph tells it which variable gave way to which, and by which rewrite. The stage
after each is kept, so that each can be measured.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from pytensor.compile.aliasing import add_supervisor_to_fgraph
from pytensor.compile.io import In
from pytensor.graph.basic import Variable, clone_get_equiv
from pytensor.graph.features import Feature
from pytensor.graph.fg import FunctionGraph

from symlab.algebra.working_precision import EXACT_WORK
from symlab.engine import backends
from symlab.engine.computation_graph import Graph, describe
from symlab.engine.rewriting.kinds import FUSION, IN_PLACE, kind_of
from symlab.engine.rewriting.stage import Stage
from symlab.engine.rewriting.text import formula_of
from symlab.engine.stand_ins import without_unused_imports

MANY = 12
"""Changes beyond which those of one kind in a row are put together."""

OF_CODE = (FUSION, IN_PLACE)
"""Kinds of changes that leave the operations as they are, but not the code."""


@dataclass(frozen=True, eq=False)
class Change:
    """One rewrite, made in one place or in several at once.

    Parameters
    ----------
    name, kind : str
        What the rewrite is called, several put together by their names, and what it is for.
    replaced : str
        What gave way to what, in the first place.
    places : int
        In how many places.
    stage : Stage
        The graph behind it.
    """

    name: str
    kind: str
    replaced: str
    places: int
    stage: Stage


@dataclass(eq=False)
class _Watch(Feature):
    """A feature that notes each change; several in a row by the same rewrite are one."""

    changes: list[Change] = field(default_factory=list)
    gone: set[Variable] = field(default_factory=set)

    def on_change_input(
        self, fgraph: Any, node: Any, i: int, r: Any, new_r: Any, reason: object = None
    ) -> None:
        """Note that a variable has given way to another."""
        if _is_leaf(r) and _is_leaf(new_r):
            return
        name, stage = _name(reason), _stage_of(fgraph)
        kind = kind_of(str(reason), new_r)
        if self.changes and self.changes[-1].name == name:
            replaced = self.changes.pop().replaced
            self.gone.add(r)
        else:
            replaced = _replaced(kind, r, new_r)
            self.gone = {r}
        self.changes.append(Change(name, kind, replaced, len(self.gone), stage))


def _is_leaf(variable: Variable) -> bool:
    """Return whether a variable is an input or a constant, in whatever shape and type."""
    return not describe([variable]).operations


def _name(reason: object) -> str:
    """Return a rewrite's name; a class stands for itself, and many in one are counted."""
    text = re.sub(r"<class '(?:\w+\.)*(\w+)'>", r"\1", str(reason))
    head, bracket, inside = text.partition("(")
    return f"{head} of {inside.count(',') + 1}" if bracket else head


def _replaced(kind: str, old: Variable, new: Variable) -> str:
    """Return what gave way to what."""
    before, after = formula_of(old), formula_of(new)
    if kind == FUSION:
        operations = len(describe([new]).operations)
        return f"{operations} operations -> 1 loop"
    return before if before == after else f"{before} -> {after}"


def _stage_of(graph: FunctionGraph) -> Stage:
    new = clone_get_equiv(graph.inputs, graph.outputs)
    return Stage(tuple(new[v] for v in graph.inputs), tuple(new[v] for v in graph.outputs))


@without_unused_imports()
def record_rewrites(stage: Stage, backend: str) -> list[Change]:
    """Return what PyTensor's compiler does to a graph, in the order in which it does it.

    Parameters
    ----------
    stage : Stage
    backend : str
        One of the compiled backends.

    Examples
    --------
    >>> import pytensor.tensor as pt
    >>> x = pt.dscalar("x")
    >>> (change,) = record_rewrites(Stage((x,), (pt.log(1.0 + x),)), "c")
    >>> change.name, change.kind, change.replaced
    ('local_log1p', 'stability', 'log(1 + x) -> log1p(x)')
    """
    with EXACT_WORK:
        graph = FunctionGraph(list(stage.inputs), list(stage.outputs), clone=True)
        add_supervisor_to_fgraph(graph, [In(each) for each in graph.inputs])
        watch = _Watch()
        graph.attach_feature(watch)
        chosen: Any = backends.mode(backend)
        chosen.optimizer.rewrite(graph)
    return _put_together(_with_effect(stage, watch.changes, _stage_of(graph)))


def _with_effect(stage: Stage, changes: Sequence[Change], last: Stage) -> list[Change]:
    """Return the changes of more than shapes, types and where constants stand."""
    kept: list[Change] = []
    before = _essence(stage.graph)
    for change in changes:
        after = _essence(change.stage.graph)
        if change.kind in OF_CODE or after != before:
            kept.append(change)
            before = after
    return [*kept[:-1], replace(kept[-1], stage=last)] if kept else []


def _essence(graph: Graph) -> list[tuple[object, ...]]:
    """Return operations and what they read; a constant is its number, wherever it stands."""
    names: dict[int, object] = {}
    operations: list[tuple[object, ...]] = []
    for place, node in enumerate(graph.nodes):
        names[place] = node.name if node.kind != "operation" else len(operations)
        if node.kind == "operation":
            operations.append((node.name, node.loop, *(names[each] for each in node.sources)))
    return [*operations, tuple(names[each] for each in graph.results)]


def _put_together(changes: list[Change]) -> list[Change]:
    """Return the changes; of many, those of one kind in a row are one."""
    if len(changes) <= MANY:
        return changes
    runs = [list(run) for _, run in groupby(changes, key=lambda change: change.kind)]
    return [_one_change(run) for run in runs]


def _one_change(run: Sequence[Change]) -> Change:
    first, last = run[0], run[-1]
    names = ", ".join(dict.fromkeys(change.name for change in run))
    places = sum(change.places for change in run)
    return Change(names, first.kind, first.replaced, places, last.stage)
