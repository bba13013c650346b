"""A formula's values at many samples, computed as a run over data computes them: in lanes.

The loop, the flags and the vector functions are those of a run in C, so that what is measured of
the one holds for the other.
"""

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply, Variable
from pytensor.link.c.op import COp
from sympy import Expr, Symbol

from symlab.engine.compiled.c_program import program_of
from symlab.engine.compiled.c_text import HELPERS, indent, or_no_program
from symlab.engine.compiled.function import Compiled, compile_graph, once
from symlab.engine.compiled.run_head import LANES, WIDTH
from symlab.engine.compiled.run_names import Names
from symlab.engine.compiled.run_op import FLAGS, HEADERS, USING
from symlab.engine.compiled.vector_math import BRANCH_FREE, declarations, vector_functions
from symlab.engine.lowering.lower import lower

GLUE = """
    npy_intp size[1] = {{PyArray_DIMS({data})[1]}};
    Py_XDECREF({values});
    {values} = (PyArrayObject *)PyArray_EMPTY(1, size, NPY_FLOAT64, 0);
    if (!{values}) {{ {fail} }}
    ::values((const double *)PyArray_DATA({data}), size[0], (double *)PyArray_DATA({values}));
"""


class SampleValues(COp):
    """The values of a formula: `values = f(data)`, a column of whole lanes for each letter.

    Parameters
    ----------
    text : str
        The C function `values`.
    support, vectors : tuple of str
        C functions that it calls, and those that have a form for vectors.
    """

    __props__ = ("text", "support", "vectors")

    def __init__(self, text: str, support: tuple[str, ...], vectors: tuple[str, ...]) -> None:
        self.text, self.support, self.vectors = text, support, vectors

    def make_node(self, data: Variable) -> Apply:
        """Return the operation applied."""
        return Apply(self, [data], [pt.dvector("values")])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        """Refuse to run without a compiler."""
        raise NotImplementedError("values in lanes need a C compiler")

    def c_code_cache_version(self) -> tuple[int, ...]:
        """Return what changes where text around the loop does."""
        return (zlib.crc32(GLUE.encode()),)

    def c_headers(self, **_: Any) -> list[str]:
        """Return what the text includes."""
        return list(HEADERS)

    def c_compile_args(self, **_: Any) -> list[str]:
        """Return the flags of a run."""
        return list(FLAGS)

    def c_libraries(self, **_: Any) -> list[str]:
        """Return the library of vector functions, if any are called."""
        return ["mvec", "m"] if self.vectors else []

    def c_support_code(self, **_: Any) -> str:
        """Return the loop and what it calls."""
        known = [USING, declarations(self.vectors), *self.support, HELPERS, WIDTH]
        return "\n".join([*known, self.text])

    def c_code(self, node: Apply, name: str, inputs: Any, outputs: Any, sub: Any) -> str:
        """Return what hands arrays to the loop."""
        return GLUE.format(data=inputs[0], values=outputs[0], fail=sub["fail"])


@once(64)
def sample_values(expression: Expr, symbols: tuple[Symbol, ...]) -> Compiled:
    """Compile a formula's values; called with an array of shape (symbols, m), m whole lanes.

    Raises
    ------
    NoProgramError
        If a part has no C code.
    """
    inputs, outputs = lower([expression], symbols)
    program = program_of(inputs, outputs, BRANCH_FREE)
    names = Names((), (), tuple(symbol.name for symbol in symbols))
    lines = program.lines(names.columns, ["values[i] = {};"])
    op = SampleValues(_text(names.columns, lines), program.support, vector_functions())
    data = pt.dmatrix("data")
    with or_no_program():
        return compile_graph([data], [op(data)], "c", trust_input=True)


def _text(columns: Sequence[str], lines: Sequence[str]) -> str:
    given = [f"const double {name} = data[{j} * stride + i];" for j, name in enumerate(columns)]
    loop = [
        "for (npy_int64 block = 0; block < stride; block += LANES) {",
        "    #pragma omp simd",
        "    for (int lane = 0; lane < LANES; lane++) {",
        *indent(["const npy_int64 i = block + lane;", *given, *lines], 2),
        "    }",
        "}",
    ]
    head = "static void values(const double *data, npy_int64 stride, double *values)"
    return "\n".join([head, "{", *indent(loop), "}", ""])


def value_in_lanes(compiled: Compiled, place: Sequence[float]) -> float:
    """Return a formula's value at one place, which all lanes hold."""
    data = np.repeat(np.array(place, dtype=float)[:, None], LANES, axis=1)
    return float(compiled.call(data)[0][0])
