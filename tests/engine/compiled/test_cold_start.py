"""A first result without waiting: what is imported, and how often the compiler is called."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

UNUSED = {
    "numba", "jax", "matplotlib", "pandas", "scipy", "sklearn", "setuptools", "typer", "rich",
    "xarray", "pymc",
}  # fmt: skip
"""What runs in C do without, though symlab or PyTensor can use it elsewhere."""

RULES_AND_DIRECTIONS = """
import sys
import symlab as sl

f = sl.problems["rosenbrock"].objective
start = [-1.2, 1]
searched = sl.method(direction=sl.bfgs, search=sl.backtracking())
for method in METHODS:
    sl.minimize(f, start, method, max_steps=3)
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


def run(methods: str, cache: Path | None = None) -> set[str]:
    """Run methods in a process of their own; return what it imported."""
    flags = os.environ.get("PYTENSOR_FLAGS", "") if cache is None else f"base_compiledir={cache}"
    code = RULES_AND_DIRECTIONS.replace("METHODS", methods)
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTENSOR_FLAGS": flags},
    )
    return set(ran.stdout.split())


def test_runs_in_c_import_nothing_that_they_do_not_use():
    """Each of these costs a tenth of a second and more before the first result."""
    imported = run("('gradient_descent', 'newton', searched)")
    assert {"sympy", "pytensor"} <= imported
    assert UNUSED.isdisjoint(imported)


@pytest.mark.parametrize("methods", ["('adam',)", "('newton',)", "(searched,)"])
def test_one_call_of_the_compiler_serves_a_run(methods: str, tmp_path: Path):
    """Value and derivatives are one module; the other is what PyTensor calls every module with."""
    run(methods, tmp_path)
    made = sorted(file.parent.name for file in tmp_path.rglob("*.so"))
    assert len(made) == 2
    assert "cutils_ext" in made
