"""The sums of blocks of samples as one PyTensor operation in C, one row of sums for each block.

A run over data in memory adds such rows in the order of the samples. Where data are read in pieces,
each piece has the rows of its own blocks, and whoever has them all adds them in the same order: so
both find the same digits. The C function of a block is the same text in both.
"""

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply, Variable
from pytensor.link.c.op import COp
from sympy import Expr

from symlab.algebra.risk.bound import BoundRisk
from symlab.engine.compiled import sample_source
from symlab.engine.compiled.block_source import BLOCK, ROWS, SHARED, blocks_worth_a_thread
from symlab.engine.compiled.c_text import or_no_program
from symlab.engine.compiled.function import Compiled, compile_graph, once
from symlab.engine.compiled.risk_graph import DataSum, data_table
from symlab.engine.compiled.run_head import HEAD
from symlab.engine.compiled.run_op import FLAGS, HEADERS, USING
from symlab.engine.compiled.run_program import Demand, data_parts, names_of, takes_rows
from symlab.engine.compiled.sample_data import columns_of
from symlab.engine.compiled.sample_source import part_function
from symlab.engine.compiled.vector_math import declarations, vector_functions
from symlab.engine.threads import thread_count

GLUE = """
    const npy_int64 *whole = (const npy_int64 *)PyArray_DATA({whole});
    struct Run run;
    memset(&run, 0, sizeof run);
    run.samples = whole[0]; run.threads = whole[2];
    run.data = (const double *)PyArray_DATA({data});
    run.stride = PyArray_DIMS({data})[1];
    run.design = {design};
    run.batch = {batch};

    npy_intp size[2] = {{(whole[0] + whole[1] - 1) / whole[1], {size}}};
    Py_XDECREF({parts});
    {parts} = (PyArrayObject *)PyArray_EMPTY(2, size, NPY_FLOAT64, 0);
    if (!{parts}) {{ {fail} }}
    {{
        const double *point = (const double *)PyArray_DATA({point});
        double *found = (double *)PyArray_DATA({parts});
        const npy_int64 count = whole[0], each = whole[1];
        Py_BEGIN_ALLOW_THREADS
        parts_of_blocks(::{name}, &run, point, count, each, {worth}, {size}, found);
        Py_END_ALLOW_THREADS
    }}
"""

VERSION = zlib.crc32(f"{HEAD}{SHARED}{ROWS}{GLUE}".encode())


class PartsOp(COp):
    """Sums of blocks of samples: `parts = op(whole, point, data, *design, *batch)`.

    While it computes, other threads of Python go on: one of them reads what comes next.

    Parameters
    ----------
    text, name : str
        The C function that sums over some samples, and what it is called.
    support, vectors : tuple of str
        C functions that it calls, and those that have a form for vectors.
    size, worth : int
        How many sums there are, and how many blocks are worth a thread.
    design, batch : bool
        Whether it takes data in rows, and the numbers of the samples.
    """

    __props__ = ("text", "name", "support", "vectors", "size", "worth", "design", "batch")

    def __init__(self, **facts: Any) -> None:
        for name in self.__props__:
            setattr(self, name, facts[name])

    def make_node(self, *inputs: Variable) -> Apply:
        """Return the operation applied."""
        return Apply(self, list(inputs), [pt.dmatrix("parts")])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        """Refuse to run without a compiler."""
        raise NotImplementedError("sums of blocks need a C compiler")

    def c_code_cache_version(self) -> tuple[int, ...]:
        """Return what changes where text around the function does."""
        return (VERSION,)

    def c_headers(self, **_: Any) -> list[str]:
        """Return what the text includes."""
        return [*HEADERS, "<cstdlib>"]

    def c_compile_args(self, **_: Any) -> list[str]:
        """Return the flags of a run."""
        return [*FLAGS, "-pthread"]

    def c_libraries(self, **_: Any) -> list[str]:
        """Return the library of vector functions, if any are called."""
        return ["mvec", "m"] if self.vectors else []

    def c_support_code(self, **_: Any) -> str:
        """Return the function and what it calls."""
        parts = [USING, declarations(self.vectors), *self.support, HEAD, SHARED]
        return "\n".join([*parts, *([ROWS] * self.design), self.text])

    def c_code(self, node: Apply, name: str, inputs: Any, outputs: Any, sub: Any) -> str:
        """Return what hands arrays to the function."""
        whole, point, data, *rest = inputs
        return GLUE.format(
            whole=whole,
            point=point,
            data=data,
            design=f"(const double *)PyArray_DATA({rest[0]})" if self.design else "NULL",
            batch=f"(const npy_int64 *)PyArray_DATA({rest[-1]})" if self.batch else "NULL",
            parts=outputs[0],
            name=self.name,
            size=self.size,
            worth=self.worth,
            fail=sub["fail"],
        )


@dataclass(frozen=True)
class SumParts:
    """One of the sums of a risk, compiled, and what it reads.

    Parameters
    ----------
    compiled : Compiled
    sums : DataSum
    columns : tuple of sympy.Expr
        Expressions of the data: those of columns.
    form : sample_source.DataSum
        How samples are summed.
    name : str
        Which of its sums.
    """

    compiled: Compiled
    sums: DataSum
    columns: tuple[Expr, ...]
    form: sample_source.DataSum
    name: str

    def lay_out(self, bound: BoundRisk) -> "LaidOut":
        """Return the data of some samples as the C function reads them."""
        known = dict(zip(bound.risk.data, bound.arrays, strict=True))
        samples, design = bound.samples, []
        if self.form.by_rows:
            design = [data_table(self.sums.blocks[0].coefficients, known, samples)]
        if self.form.only_batches:
            return LaidOut(samples, data_table(self.columns, known, samples), design)
        return LaidOut(samples, columns_of(known, samples, self.columns), design)

    def parts(self, laid_out: "LaidOut", point: np.ndarray) -> np.ndarray:
        """Return the sums of every block of samples at a point, a row for each.

        A batch is one block where data lie in columns, as it is for a run over data in memory.
        """
        of_step = self.form.of_step(self.name)
        in_blocks = not of_step or (self.form.by_rows and self.form.blocks)
        each = BLOCK if in_blocks else laid_out.samples
        whole = np.array([laid_out.samples, each, thread_count()])
        batch = [np.arange(laid_out.samples)] if of_step else []
        return self.compiled.call(whole, point, laid_out.columns, *laid_out.design, *batch)[0]


@dataclass(frozen=True)
class LaidOut:
    """Data of some samples: columns as long as whole lanes, and a row of the design for each."""

    samples: int
    columns: np.ndarray
    design: list[np.ndarray]


ALL = Demand()
"""All samples at each step, which need value and gradient."""


@once(64)
def sum_parts(sums: DataSum, name: str, demand: Demand = ALL) -> SumParts:
    """Compile one of the sums of a risk: `"loss_and_slopes"`, `"loss"` or `"slopes"`.

    Parameters
    ----------
    sums : DataSum
    name : str
    demand : Demand
        Of the run that asks for it: a batch is added up by another text than all samples.

    Raises
    ------
    NoProgramError
        If a part has no C code, or there are too many parameters or operations.
    """
    by_rows = takes_rows(sums)
    form, columns = data_parts(sums, demand, by_rows=by_rows)
    names = names_of(sums.risk.parameters, columns=columns)
    program = form.sums[name]
    assert program is not None
    dimension = sums.risk.dimension
    op = PartsOp(
        text="\n".join(part_function(form, names, name)) + "\n",
        name=name,
        support=program.support,
        vectors=vector_functions(),
        size={"loss": 1, "slopes": dimension}.get(name, dimension + 1),
        worth=blocks_worth_a_thread(program.operations + 4 * dimension * by_rows),
        design=by_rows,
        batch=form.of_step(name),
    )
    inputs = [pt.lvector("whole"), pt.dvector("point"), pt.dmatrix("data")]
    inputs += [pt.dmatrix("design")] if op.design else []
    inputs += [pt.lvector("batch")] if op.batch else []
    with or_no_program():
        compiled = compile_graph(inputs, [op(*inputs)], "c", trust_input=True)
    return SumParts(compiled, sums, columns, form, name)


def added(parts: np.ndarray) -> np.ndarray:
    """Return the sum of rows, added one by one in their order.

    Examples
    --------
    >>> added(np.array([[1e16, 1.0], [1.0, 2.0], [-1e16, 3.0]])).tolist()
    [0.0, 6.0]
    """
    return np.add.accumulate(parts)[-1] + 0.0
