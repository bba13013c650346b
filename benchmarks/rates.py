"""What this machine does in a second, by tiny kernels: the measure of every floor.

The kernels (`kernels.cpp`) are compiled when they are needed; without a C++ compiler there are no
rates, and floors are counts without a time.
"""

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.measure import seconds_of
from benchmarks.records import Rates

SOURCE = Path(__file__).with_name("kernels.cpp")
LENGTH = 1024
"""Numbers in a round of a kernel."""

OPERATIONS = {
    "arithmetic": 2, "division": 1, "root": 1, "exponential": 1, "logarithm": 1, "chain": 2,
}  # fmt: skip
"""Operations on each number: a multiplication and an addition are two."""

OPTIONS = ("-O3", "-march=native", "-fno-math-errno", "-shared", "-fPIC")
TRIES = (
    ("-fopenmp", "-DVECTOR_MATH", "-lmvec", "-lm"),
    ("-fopenmp", "-lm"),
    ("-lm",),
)
"""Tried in turn: glibc's vector functions and all cores, all cores, one core."""

REPEATS = 5


def measured_rates(seconds: float = 0.02, megabytes: int = 256) -> Rates | None:
    """Return this machine's rates, or None where no C++ compiler is found.

    Parameters
    ----------
    seconds : float
        How long each kernel runs at a time; the best of some repeats counts.
    megabytes : int
        How much is read to measure the memory; more than the caches hold.
    """
    with tempfile.TemporaryDirectory() as folder:
        library = _compiled(Path(folder) / "kernels.so")
    if library is None:
        return None
    found = {name: each * _rounds(library[name], seconds) for name, each in OPERATIONS.items()}
    return Rates(**found, bytes=_memory(library["bytes"], megabytes), blas=_blas())


def _compiled(target: Path) -> ctypes.CDLL | None:
    """The kernels, by the first way to compile them that works."""
    compiler = shutil.which("g++") or shutil.which("c++")
    for more in TRIES if compiler else ():
        command = [compiler, *OPTIONS, str(SOURCE), "-o", str(target), *more]
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            return ctypes.CDLL(str(target))
    return None


def _rounds(kernel: Callable[..., float], seconds: float) -> float:
    """Numbers a second that a kernel works through."""
    kernel.restype, kernel.argtypes = ctypes.c_double, [ctypes.c_long]  # type: ignore[attr-defined]
    rounds = 64
    while seconds_of(partial(kernel, rounds)) < seconds:
        rounds *= 2
    return rounds * LENGTH / min(seconds_of(partial(kernel, rounds)) for _ in range(REPEATS))


def _memory(kernel: Callable[..., float], megabytes: int) -> float:
    """Bytes a second: of a sum over an array, or of a BLAS product, whichever is faster."""
    kernel.restype = ctypes.c_double  # type: ignore[attr-defined]
    kernel.argtypes = [ctypes.c_void_p, ctypes.c_long]  # type: ignore[attr-defined]
    numbers = np.ones((megabytes * 2**20 // 8 // 128, 128))
    ways = (lambda: kernel(numbers.ctypes.data, numbers.size), lambda: numbers @ numbers[0])
    return numbers.nbytes / min(seconds_of(way) for way in ways for _ in range(REPEATS))


def _blas(size: int = 768) -> float:
    matrix = np.ones((size, size))
    return 2 * size**3 / min(seconds_of(lambda: matrix @ matrix) for _ in range(REPEATS))
