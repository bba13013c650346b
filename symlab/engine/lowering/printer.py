"""sympytensor's printer alone, without what its package brings along.

The package itself imports its part for PyMC, and the printer names the type of PyTensor's sparse
variables in an annotation, which brings all of `scipy.sparse`: half a second before each first run,
for what no formula here ever uses. So both are stood in for while the printer is imported.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType
from typing import Any


@contextmanager
def _standing_in(name: str, **attributes: Any) -> Iterator[None]:
    """Let a nearly empty module stand for another while this lasts, unless that is loaded."""
    if name in sys.modules:
        yield
        return
    module = ModuleType(name)
    vars(module).update(attributes)
    sys.modules[name] = module
    try:
        yield
    finally:
        del sys.modules[name]


def _printer() -> type:
    package = find_spec("sympytensor")
    folders = [] if package is None else package.submodule_search_locations
    with (
        _standing_in("sympytensor", __path__=folders),
        _standing_in("pytensor.sparse.variable", SparseVariable=object),
    ):
        from sympytensor.pytensor import PytensorPrinter

    return PytensorPrinter


PytensorPrinter = _printer()
"""The printer that `lower` adds to."""
