"""Terms of a sum in C: for each template a function that goes over the rows of a table.

A table has a row for each letter of the template and a column for each term. Forty terms without
anything in common are forty short functions, which g++ compiles in a second; the C that PyTensor
writes for the same operations is twenty times as long, and takes it half a minute.
"""

import zlib
from collections.abc import Sequence
from typing import Any

import pytensor.tensor as pt
from pytensor.graph.basic import Apply, Variable
from pytensor.link.c.op import COp

from symlab.engine.compiled.c_program import Program, program_of
from symlab.engine.compiled.c_text import HELPERS, indent, or_no_program
from symlab.engine.compiled.function import Compiled, compile_graph
from symlab.engine.compiled.run_op import FLAGS, HEADERS, USING

Graphs = tuple[Sequence[Variable], Sequence[Variable]]
"""The letters of a template as numbers, and what is computed from them."""

GLUE = """
    {{
        npy_intp shape[2] = {{{outputs}, PyArray_DIMS({table})[1]}};
        Py_XDECREF({made});
        {made} = (PyArrayObject *)PyArray_EMPTY(2, shape, NPY_FLOAT64, 0);
        if (!{made}) {{ {fail} }}
        ::terms_{j}(
            (const double *)PyArray_DATA({table}), shape[1], (double *)PyArray_DATA({made}));
    }}
"""


class TermTables(COp):
    """What is computed of each template: `made = f(table)` for each of some, column by column.

    Parameters
    ----------
    text : str
        A C function for each template.
    support : tuple of str
        C functions that they call.
    outputs : tuple of int
        How many numbers are computed of each template.
    """

    __props__ = ("text", "support", "outputs")

    def __init__(self, text: str, support: tuple[str, ...], outputs: tuple[int, ...]) -> None:
        self.text, self.support, self.outputs = text, support, outputs

    def make_node(self, *tables: Variable) -> Apply:
        """Return the operation applied."""
        return Apply(self, list(tables), [pt.dmatrix() for _ in tables])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        """Refuse to run without a compiler."""
        raise NotImplementedError("terms in tables need a C compiler")

    def c_code_cache_version(self) -> tuple[int, ...]:
        """Return what changes where text around the functions does."""
        return (zlib.crc32(GLUE.encode()),)

    def c_headers(self, **_: Any) -> list[str]:
        """Return what the text includes."""
        return list(HEADERS)

    def c_compile_args(self, **_: Any) -> list[str]:
        """Return the flags of a run."""
        return list(FLAGS)

    def c_support_code(self, **_: Any) -> str:
        """Return the functions and what they call."""
        return "\n".join([USING, *self.support, HELPERS, self.text])

    def c_code(self, node: Apply, name: str, inputs: Any, outputs: Any, sub: Any) -> str:
        """Return what hands tables to the functions."""
        return "".join(
            GLUE.format(j=j, outputs=self.outputs[j], table=table, made=made, fail=sub["fail"])
            for j, (table, made) in enumerate(zip(inputs, outputs, strict=True))
        )


def compiled_tables(templates: Sequence[Graphs]) -> Compiled:
    """Compile what is computed of some templates; called with a table of each.

    Raises
    ------
    NoProgramError
        If a part has no C code.
    """
    whole = program_of(
        [letter for letters, _ in templates for letter in letters],
        [output for _, outputs in templates for output in outputs],
    )
    inputs, outputs = iter(whole.inputs), iter(whole.outputs)
    programs = [
        Program(tuple(next(inputs) for _ in letters), tuple(next(outputs) for _ in made))
        for letters, made in templates
    ]
    text = "\n".join(_function(j, program) for j, program in enumerate(programs))
    op = TermTables(text, whole.support, tuple(len(each.outputs) for each in programs))
    tables = [pt.dmatrix() for _ in programs]
    with or_no_program():
        return compile_graph(tables, op(*tables, return_list=True), "c", trust_input=True)


def _function(j: int, program: Program) -> str:
    names = [f"a{i}" for i in range(len(program.inputs))]
    read = [f"const double {name} = table[{i} * terms + n];" for i, name in enumerate(names)]
    ends = [f"made[{i} * terms + n] = {{}};" for i in range(len(program.outputs))]
    head = f"static void terms_{j}(const double *table, npy_int64 terms, double *__restrict__ made)"
    loop = [
        "for (npy_int64 n = 0; n < terms; n++) {",
        *indent([*read, *program.lines(names, ends)]),
    ]
    return "\n".join([head, "{", *indent([*loop, "}"]), "}", ""])
