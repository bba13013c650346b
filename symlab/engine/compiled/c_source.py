"""C to be read: value and gradient as a function of their own, or a rule's whole run.

The statements are those that a whole run is compiled from. With its `preamble` before it a source
is a C++ file that g++ compiles by itself.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from symlab.algebra.objective import Objective
from symlab.algebra.risk.risk import BoundRisk
from symlab.engine.compiled.c_program import Program
from symlab.engine.compiled.c_text import HELPERS, NoProgramError, indent, no_source
from symlab.engine.compiled.risk_graph import data_sum
from symlab.engine.compiled.run_head import TOTAL, WIDTH
from symlab.engine.compiled.run_names import Names
from symlab.engine.compiled.run_op import HEADERS, USING
from symlab.engine.compiled.run_program import (
    Demand,
    data_parts,
    formula_parts,
    names_of,
    run_operation,
)
from symlab.engine.compiled.run_source import short_title
from symlab.engine.compiled.sample_source import sample_lines
from symlab.engine.compiled.vector_math import declarations, vector_functions
from symlab.methods.rule import Rule

NUMPY_TYPE = re.compile(r"\bnpy_(?:bool|float(?:32|64)|u?int\d+)\b")
"""NumPy's names of types, which a text must declare where NumPy's headers are not at hand."""

NAMED = {"float32": "float", "float64": "double", "bool": "unsigned char"}
ALSO = ("<cstdint>", "<math.h>")
"""Headers that a run gets from Python's."""

PADDED = "each `stride` numbers long, which is `samples` rounded up to LANES or more"
NAME = "double value_and_gradient"


class SourceText(str):
    """Text in C; at the prompt it is shown as it stands, line by line."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True)
class Source:
    """A function in C, and what a file that holds it begins with.

    Parameters
    ----------
    preamble, text : SourceText
    """

    preamble: SourceText
    text: SourceText


def source_of_run(objective: Objective, rule: Rule, derived_by: str) -> Source:
    """Return the C of a rule's run that takes all samples and records every iterate.

    Raises
    ------
    ValueError
        If there is no such text; the message says why.
    """
    try:
        op, _ = run_operation(objective, rule, Demand(derived_by))
    except NoProgramError as reason:
        raise no_source(reason) from None
    return Source(_preamble([op.before], op.text), SourceText(op.text))


def source_of_call(objective: Objective, derived_by: str) -> Source:
    """Return the C of value and gradient; over data eight samples are taken at a time.

    Raises
    ------
    ValueError
        If there is no such text; the message says why.
    """

    def of_formula(formula: Objective) -> Source:
        parts, names = formula_parts(formula, derived_by), names_of(formula.variables)
        slopes = [f"{_slopes(names)}[{i}]" for i in range(names.size)]
        ends = ["const double value = {};", *(f"{slope} = {{}};" for slope in slopes)]
        head = [f"{NAME}(const double *{_point(names)}, double *{_slopes(names)})"]
        lines = [*_coordinates(names), *parts.both.lines(names.iterate, ends)]
        words = [USING, *_support(parts.programs), HELPERS]
        return _source(words, f"{formula.expression}", head, lines)

    def of_data(bound: BoundRisk) -> Source:
        parts, columns = data_parts(data_sum(bound.risk, derived_by), Demand(derived_by))
        names = names_of(bound.risk.parameters, columns=columns)
        head = [
            f"{NAME}(const double *{_point(names)}, const double *data, npy_int64 samples,",
            f"{' ' * len(NAME)} npy_int64 stride, double *{_slopes(names)})",
        ]
        own = names.gradient if names.unrolled else []
        declared = ", ".join(f"{name} = 0.0" for name in ("value", *own))
        told = f"/* data: {', '.join(names.columns)}; {PADDED} */"
        lines = [told, *_coordinates(names), f"double {declared};", "", *sample_lines(parts, names)]
        lines += [f"{_slopes(names)}[{i}] = {name};" for i, name in enumerate(own)]
        called = [declarations(vector_functions()), *_support(parts.programs)]
        words = [USING, *called, HELPERS, WIDTH, TOTAL]
        title = f"samples of {bound.risk.loss}"
        return _source(words, title, head, lines)

    try:
        return objective.dispatch(formula=of_formula, data=of_data)
    except NoProgramError as reason:
        raise no_source(reason) from None


def _source(before: Sequence[str], title: str, head: Sequence[str], lines: Sequence[str]) -> Source:
    """Return a function whose lines leave `value` behind."""
    declared = "\n".join(head)
    told = f"/* {short_title(title)} */"
    text = "\n".join([told, declared, "{", *indent([*lines, "return value;"]), "}"])
    known = [*before, f'extern "C" {declared};']
    return Source(_preamble(known, text), SourceText(f"{text}\n"))


def _preamble(parts: Sequence[str], text: str) -> SourceText:
    """Return what a file begins with: headers, NumPy's types, and what is called."""
    included = [f"#include {header}" for header in (*HEADERS, *ALSO)]
    found = NUMPY_TYPE.finditer("\n".join([*parts, text]))
    types = sorted({each[0].removeprefix("npy_") for each in found})
    named = [f"using npy_{name} = {NAMED.get(name, f'std::{name}_t')};" for name in types]
    return SourceText("\n".join([*included, *named, *parts]) + "\n")


def _support(programs: Sequence[Program]) -> list[str]:
    return sorted({text for program in programs for text in program.support})


def _point(names: Names) -> str:
    return "point" if names.unrolled else names.arrays[0]


def _slopes(names: Names) -> str:
    return "gradient" if names.unrolled else "g"


def _coordinates(names: Names) -> list[str]:
    """Return the declarations of few variables; many are entries of the point."""
    given = [f"{name} = point[{i}]" for i, name in enumerate(names.iterate)]
    return [f"const double {', '.join(given)};"] if names.unrolled else []


class WithSource:
    """What a compiled objective shows of its C."""

    objective: Objective
    backend: str
    derived_by: str

    @property
    def source(self) -> SourceText:
        """Value and gradient as one function in C, as a rule's whole run has them in its loop.

        Raises
        ------
        ValueError
            If the backend is another one, or the formula is no single piece of C.
        """
        return self._source.text

    @property
    def preamble(self) -> SourceText:
        """What stands before the source in a file that g++ compiles by itself."""
        return self._source.preamble

    @cached_property
    def _source(self) -> Source:
        if self.backend != "c":
            raise ValueError(
                f"source: only backend='c' has C text, and it needs g++; this is {self.backend!r}."
            )
        return source_of_call(self.objective, self.derived_by)
