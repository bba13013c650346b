"""The sums of blocks of samples as one PyTensor operation in C, one row of sums for each block.

A run over data in memory adds such rows in the order of the samples. Where data are read in pieces,
each piece has the rows of its own blocks, and whoever has them all adds them in the same order: so
both find the same digits. The C function of a block is the same text in both.
"""

import zlib
from dataclasses import dataclass, replace
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
from symlab.engine.compiled.sample_data import column_of, padded
from symlab.engine.compiled.sample_source import part_function
from symlab.engine.compiled.vector_math import declarations, vector_functions
from symlab.engine.threads import thread_count

GLUE = """
    const npy_int64 *whole = (const npy_int64 *)PyArray_DATA({whole});
    struct Run run;
    memset(&run, 0, sizeof run);
    run.samples = whole[0]; run.threads = whole[2];
    {place}
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

    The data of a batch are a table; those of other samples the addresses of columns.

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

    def _place(self, data: str) -> str:
        """Return what tells the run where the data are."""
        if not self.batch:
            return f"run.columns = (const double *const *)PyArray_DATA({data});"
        return (
            f"run.data = (const double *)PyArray_DATA({data}); "
            f"run.stride = PyArray_DIMS({data})[1];"
        )

    def c_code(self, node: Apply, name: str, inputs: Any, outputs: Any, sub: Any) -> str:
        """Return what hands arrays to the function."""
        whole, point, data, *rest = inputs
        return GLUE.format(
            whole=whole,
            point=point,
            place=self._place(data),
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

    @property
    def of_step(self) -> bool:
        """Whether it is a sum over the samples of a step."""
        return self.form.of_step(self.name)

    def lay_out(self, bound: BoundRisk) -> "LaidOut":
        """Return the data of some samples as the C function reads them: columns as they lie."""
        known, samples = dict(zip(bound.risk.data, bound.arrays, strict=True)), bound.samples
        columns = [
            np.require(column_of(known, samples, name), np.float64, ["C", "A"])
            for name in self.columns
        ]
        if not self.form.by_rows:
            return LaidOut(samples, columns)
        return LaidOut(
            samples, columns, data_table(self.sums.blocks[0].coefficients, known, samples)
        )

    def parts(self, laid_out: "LaidOut", point: np.ndarray) -> np.ndarray:
        """Return the sums of every block of samples at a point, a row for each.

        A batch is one block where data lie in columns, as it is for a run over data in memory.
        """
        if self.of_step:
            in_blocks = self.form.by_rows and self.form.blocks
            return self._batch_parts(laid_out, point, BLOCK if in_blocks else laid_out.samples)
        # Lanes beyond the last sample are read too; only whole blocks are as they have come.
        whole = laid_out.samples // BLOCK * BLOCK
        parts = [laid_out.rows(0, whole), laid_out.rows(whole, laid_out.samples).padded()]
        return np.concatenate(
            [
                self._call(part.samples, BLOCK, point, part.addresses, part.design)
                for part in parts
                if part.samples
            ]
        )

    def _batch_parts(self, laid_out: "LaidOut", point: np.ndarray, each: int) -> np.ndarray:
        samples = laid_out.samples
        data = padded(laid_out.columns, samples)
        if self.form.only_batches:
            data = np.ascontiguousarray(data[:, :samples].T)
        return self._call(samples, each, point, data, laid_out.design, np.arange(samples))

    def _call(
        self, samples: int, each: int, point: np.ndarray, data: np.ndarray, *others: Any
    ) -> np.ndarray:
        whole = np.array([samples, each, thread_count()])
        given = (array for array in others if array is not None)
        return self.compiled.call(whole, point, data, *given)[0]


@dataclass(frozen=True)
class LaidOut:
    """Data of some samples: columns wherever they lie, and a row of the design for each."""

    samples: int
    columns: list[np.ndarray]
    design: np.ndarray | None = None

    @property
    def addresses(self) -> np.ndarray:
        """Where the columns begin."""
        found = [column.__array_interface__["data"][0] for column in self.columns]
        return np.array(found, dtype=np.int64)

    def rows(self, first: int, last: int) -> "LaidOut":
        """Return some of the samples."""
        design = None if self.design is None else self.design[first:last]
        return LaidOut(last - first, [column[first:last] for column in self.columns], design)

    def padded(self) -> "LaidOut":
        """Return the samples with room to read whole lanes."""
        if not self.samples:
            return self
        return LaidOut(self.samples, list(padded(self.columns, self.samples)), self.design)


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
    stated, columns = data_parts(sums, demand, by_rows=by_rows)
    form = replace(stated, scattered=not stated.of_step(name))
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
    data = pt.dmatrix("data") if op.batch else pt.lvector("addresses")
    inputs = [pt.lvector("whole"), pt.dvector("point"), data]
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
