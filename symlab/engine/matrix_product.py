"""Matrix products that C carries out through NumPy, so that graphs with them are one C module.

Without a BLAS to link to, PyTensor leaves products to Python, and cuts a graph at each into pieces
that are compiled alone. NumPy brings a BLAS, and its C interface a function for products: the same
one that Python's `numpy.dot` is, so that the digits are the same as well.
"""

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.basic import Apply
from pytensor.graph.rewriting.basic import in2out, node_rewriter
from pytensor.link.c.op import COp
from pytensor.tensor.math import Dot

EARLY = 3.4
"""Where in the order of rewrites products become ours: before the fusion of operations."""

CODE = """
Py_XDECREF({z});
{z} = (PyArrayObject*) PyArray_MatrixProduct2((PyObject*) {x}, (PyObject*) {y}, NULL);
if ({z} == NULL) {fail}
"""


class MatrixProduct(COp):
    """The product of two matrices, as NumPy computes it."""

    __props__ = ()

    def make_node(self, x: Any, y: Any) -> Apply:
        """Return the product of two variables."""
        shape = x.type.shape[0], y.type.shape[1]
        return Apply(self, [x, y], [pt.tensor(dtype="float64", shape=shape)])

    def perform(self, node: Apply, inputs: Any, output_storage: Any) -> None:
        """Put the product into its place, without C."""
        output_storage[0][0] = np.dot(*inputs)

    def infer_shape(self, node: Apply, shapes: Any) -> Any:
        """Return the product's shape."""
        return [(shapes[0][0], shapes[1][1])]

    def c_code(self, node: Apply, name: str, inputs: Any, outputs: Any, sub: Any) -> str:
        """Return the call of NumPy."""
        return CODE.format(x=inputs[0], y=inputs[1], z=outputs[0], fail=sub["fail"])

    def c_code_cache_version(self) -> tuple[int, ...]:
        """Return what changes with the code."""
        return (1,)


@node_rewriter([Dot])
def product_by_blas(fgraph: Any, node: Apply) -> Any:
    """Let NumPy's BLAS carry out a product of matrices."""
    doubles = all(v.type.dtype == "float64" for v in node.inputs)
    return [MatrixProduct()(*node.inputs)] if doubles else None


def products_in_c() -> Any:
    """Return the rewrite that lets C carry out products of matrices."""
    return in2out(product_by_blas, name="symlab_products_in_c")
