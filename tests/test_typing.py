"""A program that uses symlab is type checked: what is right passes, what is wrong is found."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import symlab as sl

ROOT = Path(__file__).resolve().parents[1]

RIGHT = '''
"""What a user writes, in the strictest mode."""

import numpy as np
import sympy as sp  # type: ignore[import-untyped]  # SymPy 1.14 ships no types

import symlab as sl
from symlab import nn

x, y, u, v, w = sp.symbols("x y u v w", real=True)
f = sl.Objective(x**2 + 3 * y**2)
slow = sl.gradient_descent(step_size=0.1)

trace: sl.Trace = sl.minimize(f, [1, 2], slow, 20, backend="c")
rate: float = trace.rate()
risk = sl.EmpiricalRisk((w * u - v) ** 2 / 2, parameters=(w,), data=(u, v))
bound = risk.on({u: np.ones(3), v: np.arange(3.0)})
sl.minimize(bound, [0.0], sl.momentum(step_size=0.1, momentum=0.9), batch_size=2, seed=1)
sl.minimize(f, [1, 2], sl.method(direction=sl.newton, search=sl.armijo(decrease=0.1)))

verdict: str = sl.analyze(f, slow, start=[1, 2]).verdict
agrees: bool = sl.compare(f, [1, 2], slow, 5, backends=("sympy", "c")).agrees
passed: bool = sl.verify(f, [1, 2], gradient=[2 * x, 6 * y]).passed

inputs = nn.Input((2,))
model = nn.Model(inputs, nn.Dense(1, activation="sigmoid")(inputs), seed=0)
model.fit(np.ones((4, 2)), np.ones((4, 1)), loss="binary_crossentropy", method=sl.adam, epochs=2)
chances: np.ndarray = model.predict(np.ones((4, 2)))

figure = sl.plots.overview(f, trace)
figure.savefig("overview.png")
'''

WRONG = {
    'sl.minimize(f, [1], max_steps="many")': '"max_steps" to "minimize"',
    "sl.minimise(f, [1])": 'maybe "minimize"?',
    "sl.verify(f, [1]).passes": '"Verification" has no attribute "passes"',
    'sl.nn.Dense("three")': 'Argument 1 to "Dense"',
}
"""Lines that are wrong, each with what a type checker says of it."""


def checked(*programs: Path) -> list[str]:
    """Return what mypy says of programs, as strictly as it can, with symlab as it is installed."""
    strictly = ["--strict", "--follow-imports=silent", "--cache-dir=.mypy_cache/strict"]
    command = [sys.executable, "-m", "mypy", *strictly, "--config-file=", *map(str, programs)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    return ran.stdout.splitlines()


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """Return what is said of both programs, in one run."""
    folder = tmp_path_factory.mktemp("typed")
    right, wrong = folder / "right.py", folder / "wrong.py"
    right.write_text(RIGHT, encoding="utf-8")
    opening = "import symlab as sl\n\nf = sl.parse('x^2')\n"
    wrong.write_text(opening + "\n".join(WRONG), encoding="utf-8")
    return checked(right, wrong)


def test_a_strictly_checked_program_has_no_error(said):
    """An editor knows every public name that the program uses."""
    assert [line for line in said if "right.py" in line] == []


def test_a_wrong_argument_or_name_is_found(said):
    """Without this the first test would also pass where every name is of any type."""
    wrong = [line for line in said if "wrong.py" in line]
    assert len(wrong) == len(WRONG)
    assert [
        line for line, words in zip(wrong, WRONG.values(), strict=True) if words not in line
    ] == []


def test_the_package_says_that_it_is_typed():
    """Type checkers read an installed package's annotations only beside this file."""
    assert (ROOT / "symlab" / "py.typed").read_bytes() == b""


def test_what_type_checkers_read_is_what_is_imported():
    """The names under TYPE_CHECKING, and those that are imported when first used."""
    tree = ast.parse((ROOT / "symlab" / "__init__.py").read_text(encoding="utf-8"))
    block = next(each for each in tree.body if ast.unparse(each).startswith("if TYPE_CHECKING"))
    assert isinstance(block, ast.If)
    typed = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in block.body
        for alias in node.names
    }
    later = {name: place.rstrip(":").replace(":", ".") for name, place in sl._LATER.items()}
    assert typed == later
    assert set(later) <= set(sl.__all__)
    assert len(sl.__all__) == len(set(sl.__all__))
