"""Functions of several numbers at a time: what glibc's libmvec has, with all the rules of floats.

The compiler calls them in loops over samples where it is told, by `omp declare simd`, that they
exist; `-ffast-math`, the usual way, would also reorder sums and forget NaN. They are right within 4
ulps. Whether compiler and library go along is tried once and kept in the compile cache; where they
do not, the same text calls the plain functions.
"""

import json
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytensor
import pytensor.scalar as ps

from symlab.engine.toolchain import compiler_facts
from symlab.files import replace_file

FIRST = ("exp", "log", "sin", "cos", "pow")
"""Since glibc 2.22."""

LATER = (
    "acos", "acosh", "asin", "asinh", "atan", "atanh", "cbrt", "cosh", "erf", "erfc", "exp2",
    "expm1", "log10", "log1p", "log2", "sinh", "tan", "tanh",
)  # fmt: skip
"""Since glibc 2.35."""

TWO = ("pow",)
FLAGS = ("-O2", "-fopenmp-simd", "-fno-math-errno", "-fPIC", "-shared")
LINKED = ("-Wl,-z,defs", "-lmvec", "-lm")
FILE = "vector_math.json"
MOST_TOLD = 120
"""Characters of a complaint that are shown."""


@dataclass(frozen=True)
class Trial:
    """Which functions compiler and library have for vectors, and why not all of them."""

    names: tuple[str, ...]
    why: str = ""

    def __str__(self) -> str:
        if not self.names:
            return f"plain calls, as right and slower: {self.why}"
        others = f"; plain calls for all others: {self.why}" if self.why else ""
        return f"{len(self.names)} from libmvec, within 4 ulps: {', '.join(self.names)}{others}"


def vector_functions() -> tuple[str, ...]:
    """Return the names of the functions that compiler and library have for vectors."""
    return vector_trial().names


@cache
def vector_trial() -> Trial:
    """Return what a trial has found, made now or kept from an earlier process."""
    place, mark = _place(), _mark()
    known = _kept(place)
    if mark in known:
        return known[mark]
    known[mark] = _try_compiler(pytensor.config.cxx)
    _keep(place, known)
    return known[mark]


def _place() -> Path:
    """Return where trials are kept: by processor and C library, as the name of the folder is."""
    return Path(pytensor.config.compiledir) / FILE


def _mark() -> str:
    return ": ".join(compiler_facts())


def _kept(place: Path) -> dict[str, Trial]:
    """Return the trials of a file, by compiler; none where it is damaged."""
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
        return {
            str(mark): Trial(_known(each["names"]), str(each["why"]))
            for mark, each in found.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _known(names: Any) -> tuple[str, ...]:
    """Return names that a file holds; others than ours would become C text."""
    if not {*names} <= {*FIRST, *LATER}:
        raise ValueError(names)
    return tuple(names)


def _keep(place: Path, known: dict[str, Trial]) -> None:
    text = json.dumps({mark: asdict(trial) for mark, trial in known.items()})
    try:
        replace_file(place, text.encode())
    except OSError:
        return  # then the next process tries again


def _try_compiler(compiler: str) -> Trial:
    if not compiler:
        return Trial((), "no C++ compiler was found")
    if not (why := _find_lack(compiler, FIRST + LATER)):
        return Trial(FIRST + LATER)
    return Trial((), lack) if (lack := _find_lack(compiler, FIRST)) else Trial(FIRST, why)


def _find_lack(compiler: str, names: tuple[str, ...]) -> str:
    """Return why a loop over each function becomes no library that is whole; nothing if it does."""
    loops = "".join(
        f"void try_{name}(double *a) {{ for (int i = 0; i < 8; i++) "
        f"a[i] = {name}({', '.join(['a[i]'] * (2 if name in TWO else 1))}); }}\n"
        for name in names
    )
    text = declarations(names) + loops.replace("for (", "\n#pragma omp simd\nfor (")
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "trial.cpp", Path(folder) / "trial.so"
        source.write_text(text, encoding="ascii")
        command = [*compiler.split(), *FLAGS, str(source), "-o", str(made), *LINKED]
        try:
            ran = subprocess.run(command, capture_output=True, check=False)
        except OSError as error:
            return f"the compiler cannot be started ({error.strerror})"
        if ran.returncode:
            return _complaint(ran.stderr.decode(errors="replace"))
        return "" if b"_ZGV" in made.read_bytes() else "the compiler calls no functions of vectors"


def _complaint(told: str) -> str:
    r"""Return what compiler or linker complained of, without where.

    Examples
    --------
    >>> _complaint("/usr/bin/ld: cannot find -lmvec: No such file\ncollect2: error: ld returned 1")
    'cannot find -lmvec: No such file'
    """
    lines = [line for line in told.splitlines() if "ld: " in line or "error" in line]
    line = lines[0] if lines else "the compiler failed without a word"
    return line.rpartition("ld: ")[2].rpartition("error: ")[2][:MOST_TOLD].strip()


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
