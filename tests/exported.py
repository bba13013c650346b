"""Exported programs, compiled and called: C and C++ by ctypes, Python in a bare interpreter."""

import ctypes
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any

STRICT = ("-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror", "-shared", "-fPIC")
COMPILERS = {"c": ("gcc", "-std=c99", "-x", "c"), "c++": ("g++", "-std=c++11", "-x", "c++")}
NUMBERS = count()
DOUBLE = ctypes.c_double

Calls = Sequence[tuple[str, list[Any], int]]
"""Functions by name, each with its arguments and how many numbers it gives; 0 for one alone."""


def compile_program(text: str, language: str, folder: Path, optimised: str = "-O1") -> ctypes.CDLL:
    """Return an exported program as a library; whatever the compiler remarks is an error."""
    source, library = (folder / f"program{next(NUMBERS)}{end}" for end in (".c", ".so"))
    # C++ writes the types of arguments into names, which `extern` keeps it from.
    wrapped = text if language == "c" else f'#include <math.h>\nextern "C" {{\n{text}}}\n'
    source.write_text(wrapped, encoding="utf-8")
    command = [*COMPILERS[language], *STRICT, optimised, str(source), "-o", str(library), "-lm"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr + text
    return ctypes.CDLL(str(library))


def numbers(values: Sequence[float]) -> Any:
    """Return an array of doubles."""
    return (ctypes.c_double * len(values))(*values)


def call(library: ctypes.CDLL, name: str, given: list[Any], size: int) -> Any:
    """Return the number a function gives, or with a size the array that it fills."""
    function = getattr(library, name)
    function.restype = ctypes.c_double if not size else None
    filled = numbers([0.0] * size)
    converted = [_in_c(each) for each in given] + [filled] * bool(size)
    answer = function(*converted)
    return list(filled) if size else answer


def _in_c(argument: Any) -> Any:
    if isinstance(argument, list):
        return numbers(argument)
    return ctypes.c_int(argument) if isinstance(argument, int) else ctypes.c_double(argument)


def stepper(library: ctypes.CDLL, name: str) -> Callable[..., None]:
    """Return a function that takes a rule's step on lists, in place."""
    function = getattr(library, f"{name}_step")
    function.restype = None

    def step(point: list[float], gradient: list[float], state: list[float], k: int) -> None:
        at, remembered = numbers(point), numbers(state)
        function(len(point), at, numbers(gradient), remembered, ctypes.c_double(k))
        point[:], state[:] = list(at), list(remembered)

    return step


BARE = """
import json, sys
given = json.load(sys.stdin)
spaces = {}
for name, text in given["programs"].items():
    spaces[name] = {}
    exec(compile(text, name, "exec"), spaces[name])
answers = [spaces[name][function](*arguments) for name, function, arguments in given["calls"]]
runs = []
for problem, rule, start, size, steps in given["runs"]:
    point, state, rows = list(start), [0.0]*size, []
    for k in range(steps):
        gradient = spaces[problem][problem + "_gradient"](point)
        spaces[rule][rule.split(" ")[0] + "_step"](point, gradient, state, k)
        rows.append([*gradient, *point, *state])
    runs.append(rows)
json.dump({"answers": answers, "runs": runs, "loaded": sorted(sys.modules)}, sys.stdout)
"""


def run_bare(
    programs: Mapping[str, str], calls: Sequence[Any] = (), runs: Sequence[Any] = ()
) -> dict[str, Any]:
    """Call exported programs in an interpreter that sees neither packages nor this folder."""
    given = json.dumps({"programs": programs, "calls": calls, "runs": runs})
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", "-c", BARE],
        input=given, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
