"""What works on this machine, and what to do about what does not."""

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

import numpy as np
from sympy import Symbol

from symlab.algebra.objective import Objective
from symlab.engine.backends import BACKENDS, COMPILED, compile_directory
from symlab.engine.cache import CacheError, damaged, prepare
from symlab.engine.compiled import compile as compile_objective

PACKAGES = (
    "symlab", "sympy", "mpmath", "pytensor", "sympytensor", "numba", "numpy", "scipy", "pandas",
    "scikit-learn", "matplotlib",
)  # fmt: skip
ENOUGH_BYTES = 500 * 2**20
"""A full compile cache takes a few hundred megabytes."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it works, what was seen, and the remedy where it does not."""

    what: str
    seen: str
    works: bool
    remedy: str = ""
    optional: bool = False

    @property
    def told(self) -> str:
        """What was seen, and the remedy where it does not work."""
        return self.seen if self.works or not self.remedy else f"{self.seen}; {self.remedy}"


def examine() -> list[Finding]:
    """Return what was found on this machine, each backend by really running something on it."""
    return [_python(), _packages(), _blas(), _cache(), *(_backend(name) for name in BACKENDS)]


def surroundings() -> list[Finding]:
    """Return what the numbers of a run depend on, naming neither a folder nor the machine."""
    processors = Finding("processors", str(os.cpu_count()), works=True)
    return [_python(), processors, _packages(), _blas()]


def _python() -> Finding:
    return Finding(
        "Python",
        f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        sys.version_info >= (3, 12),
        "symlab needs Python 3.12 or newer",
    )


def _packages() -> Finding:
    seen = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return Finding("packages", seen, works=True)


def _blas() -> Finding:
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return Finding("BLAS", f"{blas['name']} {blas['version']}, through NumPy", works=True)


def _cache() -> Finding:
    folder = compile_directory()
    if told := prepare():
        return Finding("compile cache", told, works=False)
    if broken := damaged(folder):
        seen = f"{folder} holds damaged files ({len(broken)}), such as {broken[0].name}"
        return Finding("compile cache", seen, works=False, remedy=f"delete {folder}")
    free = shutil.disk_usage(folder).free
    seen = f"{folder}, {_size(folder) / 2**20:.0f} MB used, {free / 2**30:.1f} GB free"
    remedy = f"free some space, or delete {folder}"
    return Finding("compile cache", seen, free > ENOUGH_BYTES, remedy)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _backend(name: str) -> Finding:
    backend = BACKENDS[name]
    optional = name == "jax"
    if lack := backend.lacks():
        return Finding(f"backend {name}", lack, works=False, optional=optional)
    started = perf_counter()
    try:
        value = _try_compiled(name) if name in COMPILED else _try_exact()
    except CacheError as error:
        return Finding(f"backend {name}", str(error), works=False, optional=optional)
    seconds = perf_counter() - started
    seen = f"{backend.purpose}; a trial took {seconds:.2f} s"
    remedy = "the trial gave a wrong number: delete the compile cache and try again"
    return Finding(f"backend {name}", seen, value == 9.0, remedy, optional)


def _square() -> Objective:
    return Objective(Symbol("x", real=True) ** 2)


def _try_compiled(name: str) -> float:
    return compile_objective(_square(), backend=name).value([3.0])


def _try_exact() -> float:
    return float(_square().at([3]))
