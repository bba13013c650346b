"""Functions of several numbers at a time: what glibc's libmvec has, with all the rules of floats.

The compiler calls them in loops over samples where it is told, by `omp declare simd`, that they
exist; `-ffast-math`, the usual way, would also reorder sums and forget NaN. They are right within 4
ulps. Whether compiler and library go along is tried once and kept beside the compile cache; where
they do not, the same text calls the plain functions.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytensor
import pytensor.scalar as ps

from symlab.engine.backends import compile_directory

FIRST = ("exp", "log", "sin", "cos", "pow")
"""Since glibc 2.22."""

LATER = (
    "acos", "acosh", "asin", "asinh", "atan", "atanh", "cbrt", "cosh", "erf", "erfc", "exp2",
    "expm1", "log10", "log1p", "log2", "sinh", "tan", "tanh",
)  # fmt: skip
"""Since glibc 2.35."""

TWO = ("pow",)
FLAGS = ("-O2", "-fopenmp-simd", "-fno-math-errno", "-fPIC", "-shared")
FILE = "vector_math.json"


@cache
def vector_functions() -> tuple[str, ...]:
    """Return the names of the functions that compiler and library have for vectors."""
    compiler = pytensor.config.cxx
    place = Path(compile_directory()) / FILE
    known = _kept(place)
    if compiler not in known:
        known[compiler] = list(_find_linking(compiler))
        _keep(place, known)
    return tuple(known[compiler])


def _kept(place: Path) -> dict[str, list[str]]:
    try:
        found = json.loads(place.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _keep(place: Path, known: dict[str, list[str]]) -> None:
    unfinished = place.with_name(f"{place.name}.{os.getpid()}")
    try:
        unfinished.write_text(json.dumps(known), encoding="ascii")
        unfinished.replace(place)
    except OSError:
        return  # then the next process tries again


def _find_linking(compiler: str) -> tuple[str, ...]:
    for names in (FIRST + LATER, FIRST):
        if compiler and _links(compiler, names):
            return names
    return ()


def _links(compiler: str, names: tuple[str, ...]) -> bool:
    """Whether a loop over each function becomes a library that lacks nothing."""
    loops = "".join(
        f"void try_{name}(double *a) {{ for (int i = 0; i < 8; i++) "
        f"a[i] = {name}({', '.join(['a[i]'] * (2 if name in TWO else 1))}); }}\n"
        for name in names
    )
    text = declarations(names) + loops.replace("for (", "\n#pragma omp simd\nfor (")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "trial.cpp"
        source.write_text(text, encoding="ascii")
        command = [*compiler.split(), *FLAGS, str(source), "-o", f"{folder}/trial.so"]
        try:
            made = subprocess.run(
                [*command, "-Wl,-z,defs", "-lmvec", "-lm"], capture_output=True, check=False
            )
        except OSError:
            return False
        return made.returncode == 0 and b"_ZGV" in Path(f"{folder}/trial.so").read_bytes()


def declarations(names: tuple[str, ...]) -> str:
    """Return C++ text that tells the compiler of the vector form of each function."""
    lines = [
        f"#pragma omp declare simd notinbranch\n"
        f"double {name}({', '.join(['double'] * (2 if name in TWO else 1))}) noexcept;"
        for name in names
    ]
    return 'extern "C" {\n' + "\n".join(lines) + "\n}\n" if names else ""


def _softplus(z: Any) -> Any:
    """Return log(1 + e^z) as max(z, 0) + log1p(e^-|z|), which has no branches."""
    return ps.add(ps.switch(ps.le(z, ZERO), ZERO, z), ps.log1p(ps.exp(ps.neg(ps.abs(z)))))


def _sigmoid(z: Any) -> Any:
    """Return 1/(1 + e^-z) from e^-|z|, which never overflows."""
    decay = ps.exp(ps.neg(ps.abs(z)))
    return ps.true_div(ps.switch(ps.lt(z, ZERO), decay, ONE), ps.add(ONE, decay))


def _log1mexp(z: Any) -> Any:
    """Return log(1 - e^z) by whichever of two forms keeps its digits."""
    near = ps.log(ps.neg(ps.expm1(z)))
    return ps.switch(ps.gt(z, ps.constant(-0.6931471805599453)), near, ps.log1p(ps.neg(ps.exp(z))))


ZERO, ONE = ps.constant(0.0, dtype="float64"), ps.constant(1.0, dtype="float64")

BRANCH_FREE: dict[str, Callable[..., Any]] = {
    "Softplus": _softplus,
    "Sigmoid": _sigmoid,
    "Log1mexp": _log1mexp,
}
"""What stands in a loop over samples for operations whose own C code has branches, by class."""
