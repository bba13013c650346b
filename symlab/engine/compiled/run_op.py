"""A rule's whole run as one PyTensor operation in C, so that one call of the compiler serves it.

The operation is its text: PyTensor's compile cache finds it again wherever the same text is asked
for, in this process or another. It takes some steps, records some of them, and stops where the run
ends, telling which of the endings it is.
"""

import zlib
from typing import Any

import pytensor.tensor as pt
from pytensor.compile.io import In
from pytensor.compile.mode import Mode
from pytensor.graph.basic import Apply, Variable
from pytensor.graph.rewriting.db import RewriteDatabaseQuery
from pytensor.link.c.op import COp

from symlab.engine.compiled.block_source import BLOCK, ROWS, SHARED
from symlab.engine.compiled.c_text import or_no_program
from symlab.engine.compiled.function import Compiled, compile_graph, once
from symlab.engine.compiled.run_head import HEAD
from symlab.engine.compiled.vector_math import declarations

FLAGS = ("-g0", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=off", "-fopenmp-simd")
"""No -ffast-math: sums keep their order, NaN is NaN. Products and sums are rounded one by one, so
that a run is the same on every machine, and the same as in Python's floats."""

HEADERS = ("<cmath>", "<cstring>")
USING = "using std::isfinite;"

GLUE = """
    const npy_int64 *whole = (const npy_int64 *)PyArray_DATA({whole});
    const double *numbers = (const double *)PyArray_DATA({numbers});
    struct Run run;
    double *first_row;
    npy_int64 *result;
    run.first = whole[0]; run.count = whole[1];
    run.due = whole[2]; run.every = whole[3]; run.last = whole[4];
    run.samples = whole[5]; run.batch_size = whole[6]; run.threads = whole[7];
    run.step_size = numbers[0]; run.tolerance = numbers[1]; run.numbers = numbers + 2;
    run.stride = {stride};
    run.data = {data};
    run.batches = {batches};
    run.design = {design};
    run.parts = NULL;

    npy_intp size[1] = {{{width} + {dimension} + 1}};
    Py_XDECREF({rows}); Py_XDECREF({ends}); Py_XDECREF({told});
    Py_INCREF({store});
    {rows} = {store};
    {ends} = (PyArrayObject *)PyArray_EMPTY(1, size, NPY_FLOAT64, 0);
    size[0] = 4;
    {told} = (PyArrayObject *)PyArray_EMPTY(1, size, NPY_INT64, 0);
    if (!{ends} || !{told}) {{ {fail} }}

    run.rows = first_row = (double *)PyArray_DATA({rows});
    run.held = (double *)PyArray_DATA({ends});
    run.seen = run.held + {width};
    memcpy(run.held, PyArray_DATA({held}), {width} * sizeof(double));

    if ({blocks}) {{
        const npy_int64 most = run.samples > run.batch_size ? run.samples : run.batch_size;
        run.parts = (double *)malloc(({dimension} + 1) * (most / {block} + 1) * sizeof(double));
        if (!run.parts) {{ PyErr_NoMemory(); {fail} }}
    }}
    result = (npy_int64 *)PyArray_DATA({told});
    result[0] = ::run(&run);
    free(run.parts);
    result[1] = run.first;
    result[2] = run.due;
    result[3] = (run.rows - first_row) / ({width} + 2);
"""

VERSION = zlib.crc32(f"{HEAD}{SHARED}{ROWS}{GLUE}".encode())
"""Another one where the text around a run is another, so that what is cached is not used."""


class RunOp(COp):
    """Steps of a run: `rows, ends, told = run(whole, numbers, store, held, *batches, *data,
    *design)`.

    What is recorded goes into `store`, below its first row, which holds what was recorded before.

    Parameters
    ----------
    text : str
        The C function `run`.
    support : tuple of str
        C functions that it calls.
    width, dimension : int
        Numbers in iterate and state, and in the iterate.
    batches, data, design : bool
        Whether it takes the samples of each step, data in columns, and data in rows.
    blocks : bool
        Whether it takes more samples than one block has.
    vectors : tuple of str
        The functions that have a form for vectors.
    """

    __props__ = (
        "text", "support", "width", "dimension", "batches", "data", "design", "blocks", "vectors",
    )  # fmt: skip

    destroy_map = {0: [2]}  # noqa: RUF012  # PyTensor's own way to say that a store is written to

    def __init__(self, **facts: Any) -> None:
        for name in self.__props__:
            setattr(self, name, facts[name])

    def __str__(self) -> str:
        return f"{type(self).__name__}({self.text.splitlines()[0]})"

    def make_node(self, *inputs: Variable) -> Apply:
        """Return the operation applied."""
        return Apply(
            self, list(inputs), [pt.dmatrix("rows"), pt.dvector("ends"), pt.lvector("told")]
        )

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        """Refuse to run without a compiler: there is another road for that."""
        raise NotImplementedError("a run in C needs a C compiler")

    def c_code_cache_version(self) -> tuple[int, ...]:
        """Return what changes where text around the run does."""
        return (VERSION,)

    def c_headers(self, **_: Any) -> list[str]:
        """Return what the text includes."""
        return [*HEADERS, "<cstdlib>"]

    def c_compile_args(self, **_: Any) -> list[str]:
        """Return flags that let the compiler use vectors and change no digits."""
        return [*FLAGS, *(["-pthread"] * self.blocks)]

    def c_libraries(self, **_: Any) -> list[str]:
        """Return the library of vector functions, if any are called."""
        return ["mvec", "m"] if self.vectors else []

    @property
    def before(self) -> str:
        """What stands before the run: declarations, and the functions that it calls."""
        parts = [USING, declarations(self.vectors), *self.support, HEAD]
        return "\n".join([*parts, *([SHARED] * self.blocks), *([ROWS] * self.design)])

    def c_support_code(self, **_: Any) -> str:
        """Return the run and what it calls."""
        return f"{self.before}\n{self.text}"

    def c_code(self, node: Apply, name: str, inputs: Any, outputs: Any, sub: Any) -> str:
        """Return what hands arrays to the run and takes back what it leaves."""
        whole, numbers, store, held, *rest = inputs
        batches = f"(const npy_int64 *)PyArray_DATA({rest.pop(0)})" if self.batches else "NULL"
        data = f"(const double *)PyArray_DATA({rest[0]})" if self.data else "NULL"
        return GLUE.format(
            whole=whole,
            numbers=numbers,
            store=store,
            held=held,
            stride=f"PyArray_DIMS({rest[0]})[1]" if self.data else "0",
            data=data,
            batches=batches,
            design=f"(const double *)PyArray_DATA({rest[1]})" if self.design else "NULL",
            blocks=int(self.blocks),
            block=BLOCK,
            rows=outputs[0],
            ends=outputs[1],
            told=outputs[2],
            width=self.width,
            dimension=self.dimension,
            fail=sub["fail"],
        )


@once(64)
def compile_run(op: RunOp) -> Compiled:
    """Compile a run, once for each text.

    Raises
    ------
    NoProgramError
        If the compiler refuses the text.
    """
    inputs = [pt.lvector("whole"), pt.dvector("numbers"), pt.dmatrix("store"), pt.dvector("held")]
    inputs += [pt.lmatrix("batches")] if op.batches else []
    inputs += [pt.dmatrix("data")] if op.data else []
    inputs += [pt.dmatrix("design")] if op.design else []
    outputs = op(*inputs)
    # Nothing in it can be rewritten: its parts were, before they became text.
    mode = Mode("c", RewriteDatabaseQuery(include=["add_destroy_handler"]))
    given = [In(each, mutable=each is inputs[2], borrow=True) for each in inputs]
    with or_no_program():
        return compile_graph(given, outputs, "c", trust_input=True, mode=mode)
