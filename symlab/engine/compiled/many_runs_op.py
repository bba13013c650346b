"""Many runs as one PyTensor operation in C: starts and numbers in, how each run ended out."""

import zlib
from typing import Any

import pytensor.tensor as pt
from pytensor.compile.mode import Mode
from pytensor.graph.basic import Apply, Variable
from pytensor.graph.rewriting.db import RewriteDatabaseQuery
from pytensor.link.c.op import COp

from symlab.engine.compiled.c_text import or_no_program
from symlab.engine.compiled.function import Compiled, compile_graph, once
from symlab.engine.compiled.many_runs_head import MANY_HEAD, row_length
from symlab.engine.compiled.run_head import HEAD
from symlab.engine.compiled.run_op import FLAGS, HEADERS, USING

GLUE = """
    struct Many many;
    const npy_int64 *counts = (const npy_int64 *)PyArray_DATA({whole});
    const npy_int64 rates = counts[2];
    npy_intp size[2] = {{counts[0], {columns}}};
    double *ring = NULL;
    many.runs = counts[0]; many.last = counts[1];
    many.tolerance = ((const double *)PyArray_DATA({tolerance}))[0];
    many.stride = PyArray_DIMS({given})[1];
    many.given = (const double *)PyArray_DATA({given});
    Py_XDECREF({ends});
    {ends} = (PyArrayObject *)PyArray_EMPTY(2, size, NPY_FLOAT64, 0);
    if (!{ends}) {{ {fail} }}
    many.ends = (double *)PyArray_DATA({ends});
    for (npy_intp i = 0; i < size[0] * size[1]; i++) many.ends[i] = NAN;
    if (rates) {{
        ring = (double *)malloc(((many.last + 2) * ({dimension} * WIDE + 2)) * sizeof(double));
        if (!ring) {{ PyErr_NoMemory(); {fail} }}
    }}
    many.path = ring;
    many.work = ring ? ring + (many.last + 2) * {dimension} * WIDE : NULL;
    Py_BEGIN_ALLOW_THREADS
    if (rates) many_runs<true>(&many); else many_runs<false>(&many);
    Py_END_ALLOW_THREADS
    free(ring);
"""

VERSION = zlib.crc32(f"{HEAD}{MANY_HEAD}{GLUE}".encode())
"""Another one where the text around the runs is another, so that what is cached is not used."""


class ManyRunsOp(COp):
    """Many runs: `ends = many_runs(whole, tolerance, given)`.

    Parameters
    ----------
    text : str
        The C function `many_runs`.
    support : tuple of str
        C functions that it calls.
    dimension : int
        Numbers in an iterate.
    """

    __props__ = ("text", "support", "dimension")

    def __init__(self, text: str, support: tuple[str, ...], dimension: int) -> None:
        self.text, self.support, self.dimension = text, support, dimension

    def make_node(self, *inputs: Variable) -> Apply:
        """Return the operation applied."""
        return Apply(self, list(inputs), [pt.dmatrix("ends")])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        """Refuse to run without a compiler: there is another road for that."""
        raise NotImplementedError("many runs in C need a C compiler")

    def c_code_cache_version(self) -> tuple[int, ...]:
        """Return what changes where text around the runs does."""
        return (VERSION,)

    def c_headers(self, **_: Any) -> list[str]:
        """Return what the text includes."""
        return [*HEADERS, "<cstdlib>"]

    def c_compile_args(self, **_: Any) -> list[str]:
        """Return flags that let the compiler use vectors and change no digits."""
        return list(FLAGS)

    def c_support_code(self, **_: Any) -> str:
        """Return the runs and what they call."""
        return "\n".join([USING, *self.support, HEAD, MANY_HEAD, self.text])

    def c_code(self, node: Apply, name: str, inputs: Any, outputs: Any, sub: Any) -> str:
        """Return what hands arrays to the runs and takes back what they leave."""
        whole, tolerance, given = inputs
        return GLUE.format(
            whole=whole,
            tolerance=tolerance,
            given=given,
            ends=outputs[0],
            dimension=self.dimension,
            columns=row_length(self.dimension),
            fail=sub["fail"],
        )


@once(64)
def compile_many(op: ManyRunsOp) -> Compiled:
    """Compile many runs, once for each text.

    Raises
    ------
    NoProgramError
        If the compiler refuses the text.
    """
    inputs = [pt.lvector("whole"), pt.dvector("tolerance"), pt.dmatrix("given")]
    # Nothing in it can be rewritten: its parts were, before they became text.
    mode = Mode("c", RewriteDatabaseQuery(include=["add_destroy_handler"]))
    with or_no_program():
        return compile_graph(inputs, [op(*inputs)], "c", trust_input=True, mode=mode)
