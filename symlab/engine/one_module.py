"""How PyTensor's C is put together: a graph that has C code throughout becomes one C module.

PyTensor's own linker compiles a module for each operation, each by a call of g++ that costs about a
second, and a virtual machine in C to call them, which is a module too. A graph of scalars has C
code throughout, so all of it is one module, as fast to call. Other graphs keep a module for each
operation, called from Python: a tenth of a microsecond more for each.
"""

from typing import Any

from pytensor.graph.basic import Apply
from pytensor.link.c.basic import CLinker, OpWiseCLinker
from pytensor.tensor.basic import TensorFromScalar
from pytensor.tensor.shape import SpecifyShape
from pytensor.tensor.subtensor import IncSubtensor, Subtensor

OF_OBJECTS = (IncSubtensor, SpecifyShape, Subtensor, TensorFromScalar)
"""Operations whose C reads the Python object of an input, beside the array. What another operation
of the same module has computed has no object yet: a sum with it fails, and a view of it would not
keep it alive."""


LONG = 300_000
"""Characters of C from which on g++ optimises less.

Value and gradient of 40 long terms without structure are 1.3 million: g++ takes 10 s, not 32 s.
"""


class LongModule(CLinker):
    """A linker that compiles a graph whose C is long."""

    def compile_args(self) -> list[str]:
        """Return the compiler's flags; of two that say how much it optimises the last one holds."""
        return [*super().compile_args(), "-O1"]


class OneModule(CLinker):
    """A linker that compiles a graph at once where it can."""

    def accept(self, fgraph: Any, no_recycling: Any = None, profile: Any = None) -> Any:
        """Return a linker for one graph."""
        whole = CLinker(self.schedule).accept(fgraph, no_recycling, profile)
        try:
            text = whole.code_gen()
        except NotImplementedError:  # an operation has no C code
            return _one_by_one(fgraph, no_recycling, profile)
        if any(_reads_objects(node) for node in fgraph.apply_nodes):
            return _one_by_one(fgraph, no_recycling, profile)
        if len(text) < LONG:
            return whole
        return LongModule(self.schedule).accept(fgraph, no_recycling, profile)


def _one_by_one(fgraph: Any, no_recycling: Any, profile: Any) -> Any:
    return OpWiseCLinker(allow_gc=False).accept(fgraph, no_recycling, profile)


def _reads_objects(node: Apply) -> bool:
    """Return whether a node reads the Python object of what another node has computed."""
    computed = any(variable.owner is not None for variable in node.inputs)
    return computed and isinstance(node.op, OF_OBJECTS)
