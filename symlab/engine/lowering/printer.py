"""sympytensor's printer alone, without what its package brings along.

The package itself imports its part for PyMC, and the printer names the type of PyTensor's sparse
variables in an annotation; both are stood in for while the printer is imported.
"""

from symlab.engine.stand_ins import package_standing_in, standing_in

with (
    package_standing_in("sympytensor"),
    standing_in("pytensor.sparse.variable", SparseVariable=object),
):
    from sympytensor.pytensor import PytensorPrinter

__all__ = ["PytensorPrinter"]
