"""A trial of one backend, a program of its own: `python -m symlab.lab.backend_trial NAME`.

A library that cannot be loaded, or that ends the process, then ends the trial and not `doctor`.
The program prints one JSON object: with no name the names of all backends and what a run over data
has of vector functions, else what was found.
"""

import json
import sys
from time import perf_counter

from sympy import Symbol

from symlab.algebra.objective import Objective
from symlab.engine.backends import BACKENDS, COMPILED
from symlab.engine.cache import CacheError
from symlab.engine.compiled.functions import compile as compile_objective
from symlab.engine.compiled.vector_math import vector_trial


def main() -> None:
    """Print what was found as JSON."""
    listed = {"names": list(BACKENDS), "vectors": str(vector_trial())}
    found = try_backend(sys.argv[1]) if len(sys.argv) > 1 else listed
    sys.stdout.write(json.dumps(found))


def try_backend(name: str) -> dict[str, object]:
    """Return what a backend lacks, or what a trial of it gave, as the fields of a finding.

    Examples
    --------
    >>> try_backend("sympy")["works"]
    True
    """
    backend = BACKENDS[name]
    if lack := backend.lacks():
        return {"seen": lack, "works": False}
    started = perf_counter()
    try:
        value = _square_of_three(name)
    except CacheError as error:
        return {"seen": str(error), "works": False}
    seconds = perf_counter() - started
    return {
        "seen": f"{backend.purpose}; a trial took {seconds:.2f} s",
        "works": value == 9.0,
        "remedy": "the trial gave a wrong number: delete the compile cache and try again",
    }


def _square_of_three(name: str) -> float:
    square = Objective(Symbol("x", real=True) ** 2)
    if name in COMPILED:
        return compile_objective(square, backend=name).value([3.0])
    return float(square.at([3]))


if __name__ == "__main__":
    main()
