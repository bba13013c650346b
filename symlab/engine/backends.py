"""The backends: what each is for, whether this machine has it, and its PyTensor mode.

Importing this module imports PyTensor, with settings of ours. Two hold whatever the user has set,
because results would change silently: float64, and no flags of g++ that forget NaN or the order of
a sum. Four hold where the user has set nothing: no search for a BLAS (without one PyTensor calls
NumPy's, and would warn), no fast-math in Numba, which may reorder sums and assume that NaN does not
occur, no note beside each part of a graph of the lines of Python that made it, and nothing for
debuggers in compiled C, which takes a sixth of the compiler's time.
"""

import logging
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

from symlab.checks import choice
from symlab.engine.checksums import guard_numba
from symlab.engine.module_store import use_module_store
from symlab.engine.toolchain import keep_flags

_log = logging.getLogger("symlab")


UNSOUND = re.compile(
    r"-Ofast|-f(fast|finite|unsafe|associative|reciprocal)-math\S*|-fno-(signed-zeros|honor-nans)"
)
"""Flags of g++ with which a NaN is never found, or the order of a sum is lost."""


def _keep_digits(config: Any) -> None:
    """Undo, and say so, what a user's settings of PyTensor would change in every result."""
    if config.floatX != "float64":
        _log.warning("PyTensor's floatX=%s is not heeded: runs are in float64.", config.floatX)
        config.floatX = "float64"
    flags = config.gcc__cxxflags.split()
    if left_out := [flag for flag in flags if UNSOUND.fullmatch(flag)]:
        words = " ".join(left_out)
        _log.warning("PyTensor's gcc__cxxflags are used without %s: it forgets NaN.", words)
        config.gcc__cxxflags = " ".join(flag for flag in flags if flag not in left_out)


def _configure() -> None:
    import pytensor

    chosen = os.environ.get("PYTENSOR_FLAGS", "")
    if "blas__ldflags" not in chosen:
        pytensor.config.blas__ldflags = ""
    if "numba__fastmath" not in chosen:
        pytensor.config.numba__fastmath = False
    if "traceback__limit" not in chosen:
        pytensor.config.traceback__limit = 0
    _keep_digits(pytensor.config)
    if not pytensor.config.gcc__cxxflags:
        pytensor.config.gcc__cxxflags = "-g0"
    use_module_store()
    keep_flags()


_configure()


def _nothing() -> str:
    return ""


@dataclass(frozen=True)
class Backend:
    """A way to run.

    Parameters
    ----------
    name, purpose : str
    compiled : bool
        Whether PyTensor runs it.
    fused : bool
        Whether a rule's whole run is compiled into one function by default.
    lacks : callable
        Returns what this machine lacks and the remedy, or nothing.
    """

    name: str
    purpose: str
    compiled: bool = True
    fused: bool = False
    lacks: Callable[[], str] = _nothing


def _lacks_compiler() -> str:
    import pytensor

    compiler = pytensor.config.cxx
    if compiler and shutil.which(compiler.split()[0]):
        return ""
    return "no C++ compiler was found; install g++"


def _lacks_module(module: str, remedy: str) -> Callable[[], str]:
    return lambda: "" if find_spec(module) else f"{module} is not installed; {remedy}"


BACKENDS = {
    backend.name: backend
    for backend in (
        Backend("sympy", "exact runs, to any number of digits", compiled=False),
        Backend("c", "whole runs, compiled by g++", fused=True, lacks=_lacks_compiler),
        Backend(
            "numba",
            "whole runs in one compiled function",
            fused=True,
            lacks=_lacks_module("numba", "pip install numba"),
        ),
        Backend(
            "jax",
            "whole runs through XLA",
            fused=True,
            lacks=_lacks_module("jax", "pip install 'symlab[jax]'"),
        ),
        Backend("interpreted", "no compiler needed, always there"),
    )
}

DERIVED_BY = ("sympy", "autodiff")
"""What may derive the gradient of a compiled run."""

COMPILED = tuple(name for name, backend in BACKENDS.items() if backend.compiled)


def find_backend(name: object, among: tuple[str, ...] = tuple(BACKENDS)) -> Backend:
    """Return the backend of this name.

    Raises
    ------
    ValueError
        If there is none, with the nearest name; or if it is an optional one not installed.

    Examples
    --------
    >>> find_backend("nunba")
    Traceback (most recent call last):
        ...
    ValueError: backend: unknown name 'nunba'; did you mean 'numba'? Known: sympy, c, numba, jax, \
interpreted.
    """
    backend = BACKENDS[choice(name, among, "backend")]
    if name == "jax" and (lack := backend.lacks()):
        raise ValueError(f"backend: 'jax' cannot run here: {lack}.")
    return backend


@cache
def usable(name: str) -> Backend:
    """Return the backend of this name, or `interpreted` with one sentence where it cannot run."""
    backend = find_backend(name)
    lack = backend.lacks()
    if not lack:
        return backend
    _log.warning("The %s backend cannot run here: %s. Running interpreted instead.", name, lack)
    return BACKENDS["interpreted"]


LEFT_OUT = ("dot_diag_to_elemwise", "selection_dot_to_indexing")
"""Rewrites that look through all the graph for what would make a factor of a product diagonal or a
selection, and once more after each change. No graph of ours has such a factor, and on the Hessian
of a probit loss the search took half of the time of all rewrites."""


@cache
def mode(name: str) -> object:
    """Return the PyTensor mode of a compiled backend."""
    from pytensor.compile.mode import JAX, NUMBA, Mode

    from symlab.engine.lowering.polygamma import EARLY, right_polygammas
    from symlab.engine.lowering.wide import LATE, cut_wide

    if name == "numba":
        guard_numba()

    modes = {
        "c": _c_mode,
        "numba": lambda: NUMBA.register((right_polygammas(), EARLY)),
        "jax": lambda: JAX,
        "interpreted": lambda: Mode("py", "fast_compile").register((cut_wide(), LATE)),
    }
    return modes[name]().excluding(*LEFT_OUT)


def _c_mode() -> Any:
    """Return the mode whose graphs are one C module, their products of matrices included."""
    from pytensor.compile.mode import Mode

    from symlab.engine import matrix_product
    from symlab.engine.lowering.polygamma import EARLY, right_polygammas
    from symlab.engine.one_module import OneModule

    ours = (right_polygammas(), EARLY), (matrix_product.products_in_c(), matrix_product.EARLY)
    return Mode(OneModule(), "fast_run").excluding("BlasOpt").register(*ours)
