"""Steps of a fit as one PyTensor operation in C, so that one call of the compiler serves them.

As with a rule's run, the operation is its text, by which PyTensor's compile cache finds it again.
"""

import zlib
from typing import Any

import pytensor.tensor as pt
from pytensor.compile.mode import Mode
from pytensor.graph.basic import Apply, Variable
from pytensor.link.c.op import COp

from symlab.engine.compiled.function import Compiled, compile_graph, once
from symlab.engine.compiled.run_head import HEAD
from symlab.engine.compiled.run_op import FLAGS
from symlab.engine.compiled.vector_math import declarations

SAME_WAY = "-fno-thread-jumps"
"""Conditions that are asked twice stay choices: jumps between them would keep g++ from vectors, at
four times the time of a convolution with pooling."""

FIT = """
typedef double Lanes __attribute__((vector_size(sizeof(double[LANES])), may_alias));
#define ALL(row) (*(Lanes *)(row))

struct Free {
    void *memory;
    ~Free() { free(memory); }
};

struct Fit {
    npy_int64 first, count;     /* steps from the `first` on, so many */
    npy_int64 rows, samples;    /* in a batch, and in a column of the data */
    double step_size;
    const double *data;         /* a column for each number of a sample, inputs and targets */
    const double *frozen;
    const npy_int64 *batches;   /* the samples of each step */
    const npy_int64 *sizes;     /* how many of them count */
    double *held;               /* weights and state */
    double *records;            /* loss, and accuracy if it is asked for, of each step */
};
"""

GLUE = """
    npy_intp shape[2] = {{{recorded}, PyArray_DIMS({sizes})[0]}};
    npy_intp width = PyArray_DIMS({held})[0];
    struct Fit fit;
    Py_XDECREF({records}); Py_XDECREF({ends});
    {records} = (PyArrayObject *)PyArray_EMPTY(2, shape, NPY_FLOAT64, 0);
    {ends} = (PyArrayObject *)PyArray_EMPTY(1, &width, NPY_FLOAT64, 0);
    if (!{records} || !{ends}) {{ {fail} }}
    fit.first = *(const npy_int64 *)PyArray_DATA({first});
    fit.step_size = *(const double *)PyArray_DATA({step_size});
    fit.count = shape[1];
    fit.rows = {rows};
    fit.samples = PyArray_DIMS({data})[1];
    fit.data = (const double *)PyArray_DATA({data});
    fit.frozen = (const double *)PyArray_DATA({frozen});
    fit.sizes = (const npy_int64 *)PyArray_DATA({sizes});
    fit.batches = {batches};
    fit.held = (double *)PyArray_DATA({ends});
    fit.records = (double *)PyArray_DATA({records});
    memcpy(fit.held, PyArray_DATA({held}), width * sizeof(double));
    if (!train(&fit)) {{ PyErr_NoMemory(); {fail} }}
"""


VERSION = zlib.crc32((HEAD + FIT + GLUE).encode())
"""Another one where the text around a fit is another, so that what is cached is not used."""


class FitOp(COp):
    """Steps of a fit: `records, ends = fit(first, step_size, held, frozen, data, sizes, *batches)`.

    Parameters
    ----------
    text : str
        The C function `train`.
    support : tuple of str
        C functions that it calls.
    recorded : int
        Numbers that each step records.
    whole : bool
        Whether a batch is all the data, in the order they have.
    vectors : tuple of str
        The functions that have a form for vectors.
    """

    __props__ = ("text", "support", "recorded", "whole", "vectors")

    def __init__(self, **facts: Any) -> None:
        for name in self.__props__:
            setattr(self, name, facts[name])

    def make_node(self, *inputs: Variable) -> Apply:
        """Return the operation applied."""
        return Apply(self, list(inputs), [pt.dmatrix("records"), pt.dvector("ends")])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        """Refuse to run without a compiler: there is another form of steps for that."""
        raise NotImplementedError("a fit in C needs a C compiler")

    def c_code_cache_version(self) -> tuple[int, ...]:
        """Return what changes where text around the fit does."""
        return (VERSION,)

    def c_headers(self, **_: Any) -> list[str]:
        """Return what the text includes."""
        return ["<cmath>", "<cstdlib>", "<cstring>"]

    def c_compile_args(self, **_: Any) -> list[str]:
        """Return flags that let the compiler use vectors and change no digits."""
        return [*FLAGS, SAME_WAY]

    def c_libraries(self, **_: Any) -> list[str]:
        """Return the library of vector functions, if any are called."""
        return ["mvec", "m"] if self.vectors else []

    def c_support_code(self, **_: Any) -> str:
        """Return the fit and what it calls."""
        declared = declarations(self.vectors)
        return "\n".join(["using std::isfinite;", declared, *self.support, HEAD, FIT, self.text])

    def c_code(self, node: Apply, name: str, inputs: Any, outputs: Any, sub: Any) -> str:
        """Return what hands arrays to the fit and takes back what it leaves."""
        first, step_size, held, frozen, data, sizes, *rest = inputs
        return GLUE.format(
            first=first,
            step_size=step_size,
            held=held,
            frozen=frozen,
            data=data,
            sizes=sizes,
            rows=f"PyArray_DIMS({rest[0]})[1]" if rest else "0",
            batches=f"(const npy_int64 *)PyArray_DATA({rest[0]})" if rest else "NULL",
            records=outputs[0],
            ends=outputs[1],
            recorded=self.recorded,
            fail=sub["fail"],
        )


@once(64)
def compile_fit(op: FitOp) -> Compiled:
    """Compile the steps of a fit, once for each text."""
    inputs = [
        pt.lscalar("first"),
        pt.dscalar("step_size"),
        pt.dvector("held"),
        pt.dvector("frozen"),
        pt.dmatrix("data"),
        pt.lvector("sizes"),
        *([] if op.whole else [pt.lmatrix("batches")]),
    ]
    # Nothing in it can be rewritten: its parts were, before they became text.
    return compile_graph(inputs, op(*inputs), "c", trust_input=True, mode=Mode("c", None))
