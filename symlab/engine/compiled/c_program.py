"""A graph of scalars as a program in C.

PyTensor's scalar operations know their own C code; equal ones are carried out once. A `Program` is
what a compiled run repeats: value and gradient at an iterate, the loss of a sample, or a rule for
one coordinate.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pytensor.scalar as ps
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.graph.fg import FunctionGraph
from pytensor.graph.rewriting.utils import rewrite_graph
from pytensor.graph.traversal import toposort
from pytensor.tensor.elemwise import DimShuffle, Elemwise

from symlab.engine.compiled.c_text import NoProgramError, Writer
from symlab.engine.lowering.polygamma import right_polygammas
from symlab.engine.stand_ins import without_unused_imports

EXCLUDED = (
    "fusion",
    "inplace",
    "local_exp_over_1_plus_exp",
    "local_reciprocal_1_plus_exp",
    "local_sigm_times_exp",
    "local_log1p_plusminus_exp",
)
"""Rewrites that are left out: the last four put a function with branches for one without."""


@dataclass(frozen=True, eq=False)
class Program:
    """Scalars computed from scalars.

    Parameters
    ----------
    inputs, outputs : tuple of PyTensor scalar variables
    """

    inputs: tuple[Any, ...]
    outputs: tuple[Any, ...]

    @cached_property
    def nodes(self) -> list[Apply]:
        """The operations, each behind what it reads."""
        return list(toposort(self.outputs, blockers=self.inputs))

    @property
    def operations(self) -> int:
        """How many operations there are."""
        return len(self.nodes)

    @property
    def support(self) -> tuple[str, ...]:
        """The C functions that the operations call and bring along."""
        texts = {node.op.c_support_code().strip() for node in self.nodes}
        return tuple(sorted(texts - {""}))

    def reads(self, place: int) -> bool:
        """Return whether anything depends on an input."""
        wanted = self.inputs[place]
        return wanted in self.outputs or any(wanted in node.inputs for node in self.nodes)

    def split(self, early: Sequence[int]) -> tuple["Program", "Program"]:
        """Return what depends on some inputs alone, and the rest, which takes that as inputs.

        Parameters
        ----------
        early : sequence of int
            The positions of those inputs.
        """
        known = {self.inputs[i] for i in early}
        made: list[Any] = []
        for node in self.nodes:
            if all(isinstance(i, Constant) or i in known for i in node.inputs):
                known.update(node.outputs)
                made += node.outputs
        read = {i for node in self.nodes for i in node.inputs if node.outputs[0] not in known}
        kept = tuple(v for v in made if v in read or v in self.outputs)
        first = Program(tuple(self.inputs[i] for i in early), kept)
        return first, Program((*self.inputs, *kept), self.outputs)

    def lines(self, names: Sequence[str], results: Sequence[str], prefix: str = "t") -> list[str]:
        """Return C statements that compute the outputs.

        Parameters
        ----------
        names : sequence of str
            C expressions for the inputs.
        results : sequence of str
            The statement that each output ends in, `{}` for its expression: `value = {};`.
        prefix : str
            Numbered, it names what lies in between.
        """
        named = dict(zip(self.inputs, names, strict=True))
        return Writer(named, self.outputs, prefix).write(self.nodes, results)


@without_unused_imports()
def simplify(
    inputs: Sequence[Variable], outputs: Sequence[Variable]
) -> tuple[list[Any], list[Any]]:
    """Return graphs after PyTensor's rewrites for value and digits, as a compiled call has them."""
    graph = FunctionGraph(list(inputs), list(outputs), clone=True)
    rewrite_graph(
        graph,
        include=("canonicalize", "stabilize", "specialize"),
        exclude=EXCLUDED,
        clone=False,
    )
    right_polygammas().rewrite(graph)
    return list(graph.inputs), list(graph.outputs)


def program_of(
    inputs: Sequence[Variable],
    outputs: Sequence[Variable],
    instead: Mapping[str, Callable[..., Any]] | None = None,
) -> Program:
    """Return 0-d tensor graphs as a program, after PyTensor's rewrites.

    Parameters
    ----------
    inputs, outputs : sequence of 0-d tensor variables
    instead : mapping of str to function, optional
        By the name of a scalar operation, what computes the same in other operations.

    Raises
    ------
    NoProgramError
        If a part has no C code or is no scalar.

    Examples
    --------
    >>> import pytensor.tensor as pt
    >>> z = pt.dscalar("z")
    >>> program_of([z], [z**2 - 1.0]).lines(["z"], ["const double value = {};"])
    ['const double value = z * z - 1.0;']
    """
    translated = Translation(instead or {})
    scalars = [ps.get_scalar_type(v.dtype)(v.name) for v in inputs]
    given, wanted = simplify(inputs, outputs)
    known = dict(zip(given, scalars, strict=True))
    results = [translated.scalar(v, known) for v in wanted]
    return Program(tuple(scalars), tuple(map(as_double, results)))


def _has_minus(term: Any) -> bool:
    """Whether a term is a negative number, a negated one, or a product with a negative number."""
    if isinstance(term, Constant):
        return bool(np.asarray(term.data) < 0)
    if term.owner is None or not isinstance(term.owner.op, ps.Mul | ps.Neg | ps.TrueDiv):
        return False
    first = term.owner.inputs[0]
    if isinstance(term.owner.op, ps.TrueDiv):
        return not isinstance(first, Constant) and _has_minus(first)
    return isinstance(term.owner.op, ps.Neg) or (isinstance(first, Constant) and first.data < 0)


def as_double(variable: Any) -> Any:
    """Return a scalar as a double."""
    return variable if variable.dtype == "float64" else ps.cast(variable, "float64")


@dataclass(frozen=True)
class Translation:
    """From tensors of no dimension to scalars; what is equal becomes one variable."""

    instead: Mapping[str, Callable[..., Any]]
    made: dict[Any, Any] = field(default_factory=dict)

    def scalar(self, variable: Any, known: dict[Any, Any]) -> Any:
        """Return the scalar that stands for a tensor, and note it among those known."""
        for node in toposort([variable], blockers=list(known)):
            given = [self._look_up(i, known) for i in node.inputs]
            known[node.outputs[0]] = self._of(node, given)
        return self._look_up(variable, known)

    def _look_up(self, variable: Any, known: Mapping[Any, Any]) -> Any:
        if variable in known:
            return known[variable]
        if not isinstance(variable, Constant):
            raise NoProgramError(f"{variable} is none of the inputs")
        return self.constant(np.asarray(variable.data))

    def constant(self, number: np.ndarray) -> Any:
        """Return a number as a scalar; equal ones are one variable."""
        if number.size != 1:
            raise NoProgramError("a constant array has no place among scalars")
        key = (str(number.dtype), number.tobytes())
        return self.made.setdefault(key, ps.constant(number.reshape(())[()], dtype=number.dtype))

    def _of(self, node: Apply, given: list[Any]) -> Any:
        if isinstance(node.op, DimShuffle):
            return given[0]
        if not isinstance(node.op, Elemwise):
            raise NoProgramError(f"{node.op} is no operation on scalars")
        return self.apply(node.op.scalar_op, given)

    def apply(self, op: Any, given: list[Any]) -> Any:
        """Return an operation of scalars, its inner graph written out."""
        if isinstance(op, ps.Composite):
            return self._written_out(op, given)
        if (other := self.instead.get(type(op).__name__)) is not None:
            made = other(*given)
            return self._again(made, given)
        if isinstance(op, ps.Add):
            return self._sum(given)
        if isinstance(op, ps.Mul):
            return self._product(given)
        return self._once(op, given)

    def _once(self, op: Any, given: Sequence[Any]) -> Any:
        key = (op, *given)
        if key not in self.made:
            self.made[key] = op(*given)
        return self.made[key]

    def _sum(self, terms: list[Any]) -> Any:
        """Return a sum, as a difference where a term has a minus: the same to the last bit."""
        if len(terms) == 2 and _has_minus(terms[0]) and not _has_minus(terms[1]):
            terms = [terms[1], terms[0]]
        total: list[Any] = [terms[0]]
        for term in terms[1:]:
            if not _has_minus(term):
                total.append(term)
                continue
            before = total[0] if len(total) == 1 else self._once(ps.add, total)
            total = [self._once(ps.sub, [before, self._without_minus(term)])]
        return total[0] if len(total) == 1 else self._once(ps.add, total)

    def _without_minus(self, term: Any) -> Any:
        if isinstance(term, Constant):
            return self.constant(-np.asarray(term.data))
        if isinstance(term.owner.op, ps.Neg):
            return term.owner.inputs[0]
        if isinstance(term.owner.op, ps.TrueDiv):
            top, below = term.owner.inputs
            return self._once(ps.true_div, [self._without_minus(top), below])
        number, *rest = term.owner.inputs
        if float(number.data) == -1.0:
            return rest[0] if len(rest) == 1 else self._once(ps.mul, rest)
        return self._once(ps.mul, [self.constant(-np.asarray(number.data)), *rest])

    def _product(self, factors: list[Any]) -> Any:
        """Return a product, as a quotient where a factor is 1/d: one rounding less."""
        below = [f for f in factors if f.owner and isinstance(f.owner.op, ps.Reciprocal)]
        if not below or len(factors) == 1:
            return self._once(ps.mul, factors)
        above = list(factors)
        above.remove(below[-1])
        top = above[0] if len(above) == 1 else self._once(ps.mul, above)
        return self._once(ps.true_div, [top, below[-1].owner.inputs[0]])

    def _written_out(self, op: Any, given: list[Any]) -> Any:
        inner = op.fgraph.unfreeze()
        known = dict(zip(inner.inputs, given, strict=True))
        return self._inner(inner.outputs[0], known)

    def _again(self, made: Any, given: list[Any]) -> Any:
        """Return the same graph made of the variables there are already."""
        return self._inner(made, {v: v for v in given})

    def _inner(self, output: Any, known: dict[Any, Any]) -> Any:
        for node in toposort([output], blockers=list(known)):
            inputs = [self._look_up(i, known) for i in node.inputs]
            known[node.outputs[0]] = self.apply(node.op, inputs)
        return self._look_up(output, known)
