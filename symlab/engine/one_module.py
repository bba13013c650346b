"""How PyTensor's C is put together: a graph that has C code throughout becomes one C module.

PyTensor's own linker compiles a module for each operation, each by a call of g++ that costs about a
second, and a virtual machine in C to call them, which is a module too. A graph of scalars has C
code throughout, so all of it is one module, as fast to call. Other graphs keep a module for each
operation, called from Python: a tenth of a microsecond more for each.
"""

from typing import Any

from pytensor.link.c.basic import CLinker, OpWiseCLinker


class OneModule(CLinker):
    """A linker that compiles a graph at once where it can."""

    def accept(self, fgraph: Any, no_recycling: Any = None, profile: Any = None) -> Any:
        """Return a linker for one graph."""
        whole = CLinker(self.schedule).accept(fgraph, no_recycling, profile)
        try:
            whole.code_gen()
        except NotImplementedError:  # an operation has no C code
            return OpWiseCLinker(allow_gc=False).accept(fgraph, no_recycling, profile)
        return whole
