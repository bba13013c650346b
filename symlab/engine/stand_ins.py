"""Modules that another library imports and our formulas never use, stood in for while it does.

PyTensor looks through each graph for the operation `CSM` of its sparse part, and so imports that
part, and with it all of SciPy's, before a first run: half a second. No graph of ours is sparse.
SciPy's copies all that NumPy has, and so imports its translator of Fortran, which imports what
guesses the characters of a file.
"""

import os
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any


class _StandIn(ModuleType):
    """A module that knows a few names; whoever asks for another gets the module itself."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


@contextmanager
def standing_in(name: str, **known: Any) -> Iterator[None]:
    """Let a module of a few names stand for another while this lasts, unless that is loaded.

    Parameters
    ----------
    name : str
        The dotted name of the module.
    **known
        What it holds.

    Examples
    --------
    >>> with standing_in("a_module_of_nobody", measure=len):
    ...     from a_module_of_nobody import measure
    >>> measure("four"), "a_module_of_nobody" in sys.modules
    (4, False)
    """
    if name in sys.modules:
        yield
        return
    module = _StandIn(name)
    vars(module).update(known)
    sys.modules[name] = module
    try:
        yield
    finally:
        if sys.modules.get(name) is module:
            del sys.modules[name]


def package_standing_in(name: str, **known: Any) -> Any:
    """Do the same for a package: its parts are found where they are."""
    if name in sys.modules:
        return nullcontext()
    found = find_spec(name)
    folders = [] if found is None else found.submodule_search_locations
    return standing_in(name, __path__=folders, **known)


class _NoOperation:
    """An operation that no graph has."""


@contextmanager
def without_unused_imports() -> Iterator[None]:
    """Keep PyTensor from importing what it does not need to compile a graph of ours."""
    sparse = package_standing_in("pytensor.sparse", CSM=_NoOperation)
    with sparse, standing_in("charset_normalizer"), _configuration():
        yield


def _configuration() -> Any:
    """Return what stands for the module of setuptools that is asked for Python's own folders.

    Python itself knows them, and importing setuptools takes longer than all else that PyTensor does
    to find something in its cache.
    """
    if os.name != "posix":
        return nullcontext()
    return standing_in(
        "setuptools._distutils.sysconfig",
        get_config_var=sysconfig.get_config_var,
        get_python_inc=_headers,
        get_python_lib=_library,
    )


def _headers(*, plat_specific: bool = False) -> str:
    return sysconfig.get_path("platinclude" if plat_specific else "include")


def _library(**_: bool) -> str:
    return sysconfig.get_path("stdlib")
