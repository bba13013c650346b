"""A first result without waiting: what is imported, and how often the compiler is called."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

UNUSED = {
    "numba", "jax", "matplotlib", "pandas", "scipy", "sklearn", "setuptools", "typer", "rich",
    "xarray", "pymc", "charset_normalizer",
}  # fmt: skip
"""What runs in C do without, though symlab or PyTensor can use it elsewhere."""

NEVER = {
    "pytensor.sparse", "numpy.f2py", "symlab.engine.exact.run", "symlab.engine.exact.digits",
    "symlab.nn.fit_trace", "symlab.nn.exact", "symlab.theory", "symlab.proofs", "symlab.lab",
    "symlab.book", "symlab.cli",
}  # fmt: skip
"""Parts that no first result needs, the exact runner among them."""

RULES_AND_DIRECTIONS = """
f = sl.problems["rosenbrock"].objective
searched = sl.method(direction=sl.bfgs, search=sl.backtracking())
for method in METHODS:
    sl.minimize(f, [-1.2, 1], method, max_steps=3)
"""
DATA = """
w, z = sp.symbols("w z", real=True)
risk = sl.EmpiricalRisk(sp.log(1 + sp.exp(w * z)), (w,), (z,))
sl.minimize(risk.on({z: [1, -2]}), [0.5], "gradient_descent", max_steps=3)
"""
NETWORK = """
x, y = np.eye(2, 4).reshape(2, 1, 2, 2), np.eye(2)
image = sl.nn.Input((1, 2, 2))
flat = sl.nn.Flatten()(sl.nn.Conv2D(1, (2, 2), padding="same")(image))
model = sl.nn.Model(image, sl.nn.Dense(2, "softmax")(flat), seed=0)
model.fit(x, y, loss="categorical_crossentropy", epochs=2)
"""
WATCHED = """
import sys
def told(event, given):
    if event == "subprocess.Popen" and "-shared" in given[1]:
        print("compiled", given[1][given[1].index("-o") + 1].rpartition("/")[2])
sys.addaudithook(told)
import numpy as np, sympy as sp, symlab as sl
"""
"""Every call of the compiler that makes a library is told of."""

LOADED = "print('loaded', *sys.modules)"


def run(program: str, cache: Path | None = None) -> tuple[list[str], set[str]]:
    """Run a program in a process of its own; return what it compiled, and all that it loaded."""
    flags = os.environ.get("PYTENSOR_FLAGS", "") if cache is None else f"base_compiledir={cache}"
    ran = subprocess.run(
        [sys.executable, "-c", f"{WATCHED}{program}{LOADED}"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTENSOR_FLAGS": flags},
    )
    *compiled, loaded = ran.stdout.splitlines()
    return [line.split()[1] for line in compiled], set(loaded.split()[1:])


def packages(modules: set[str]) -> set[str]:
    """Return the names of the packages of some modules."""
    return {name.partition(".")[0] for name in modules}


def test_runs_in_c_import_nothing_that_they_do_not_use():
    """Each of these costs a tenth of a second and more before the first result."""
    methods = "('gradient_descent', 'newton', searched)"
    _, loaded = run(RULES_AND_DIRECTIONS.replace("METHODS", methods))
    assert {"sympy", "pytensor"} <= packages(loaded)
    assert UNUSED.isdisjoint(packages(loaded))
    assert NEVER.isdisjoint(loaded)


@pytest.mark.parametrize("methods", ["('adam',)", "('newton',)", "(searched,)"])
def test_one_call_of_the_compiler_serves_a_run(methods: str, tmp_path: Path):
    """Value and derivatives are one module; the other is what PyTensor calls every module with."""
    compiled, _ = run(RULES_AND_DIRECTIONS.replace("METHODS", methods), tmp_path)
    (module,) = (tmp_path / "modules").rglob("*.so")
    assert sorted(compiled) == sorted(["cutils_ext.so", module.name])


@pytest.mark.parametrize("program", [DATA, NETWORK])
def test_what_is_compiled_once_is_found_again(program: str, tmp_path: Path):
    """With data there is a trial of functions of vectors besides; a next process calls nothing."""
    compiled, _ = run(program, tmp_path)
    (module,) = (tmp_path / "modules").rglob("*.so")
    assert sorted(compiled) == sorted(["cutils_ext.so", "trial.so", module.name])
    compiled, loaded = run(program, tmp_path)
    assert compiled == []
    assert UNUSED.isdisjoint(packages(loaded))
    assert NEVER.isdisjoint(loaded)
    assert ("symlab.nn" in loaded) == (program == NETWORK)
