"""Backends: which there are, what happens where one is missing, and that nothing is noisy."""

import os
import subprocess
import sys

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
import sympy as sp
from chapter import ITERATES
from pytensor.compile.mode import Mode
from pytensor.tensor.math import Dot

import symlab as sl
from symlab.engine import backends

x = sp.Symbol("x", real=True)
F = sl.Objective(2 - 3 * x**3 + x**4)

SCRIPT = """
import logging, sys
import sympy as sp
import symlab as sl
x = sp.Symbol("x", real=True)
f = sl.Objective(2 - 3 * x**3 + x**4)
for backend in sys.argv[1:]:
    trace = sl.minimize(f, [0.1], sl.gradient_descent(step_size=0.1), 20, backend=backend)
    print(backend, trace.backend, len(trace), f"{trace.x[0]:.8f}")
"""


def run(*names, **environment):
    """Run the chapter's descent in a fresh process, with every warning shown."""
    return subprocess.run(
        [sys.executable, "-W", "default", "-c", SCRIPT, *names],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )


@pytest.fixture
def fresh():
    """Whether a backend is usable is found out once in a process; forget it before and after."""
    backends.usable.cache_clear()
    yield
    backends.usable.cache_clear()


def test_the_backends_are_the_five_of_the_design():
    """`interpreted` lacks nothing, ever; only `sympy` is not compiled."""
    assert list(backends.BACKENDS) == ["sympy", "c", "numba", "jax", "interpreted"]
    assert backends.COMPILED == ("c", "numba", "jax", "interpreted")
    assert backends.BACKENDS["interpreted"].lacks() == ""


@pytest.mark.parametrize(
    "typed, meant", [("nunba", "numba"), ("interpeted", "interpreted"), ("simpy", "sympy")]
)
def test_an_unknown_name_gets_the_nearest(typed, meant):
    """And the whole list."""
    with pytest.raises(
        ValueError, match=f"backend: unknown name '{typed}'; did you mean '{meant}'"
    ):
        backends.find_backend(typed)
    with pytest.raises(ValueError, match="Known: sympy, c, numba, jax, interpreted"):
        backends.find_backend("fortran")


def test_without_a_compiler_c_degrades_to_interpreted_with_one_sentence(fresh, monkeypatch, caplog):
    """A result and a remedy, and never a traceback; said once, not at every run."""
    import pytensor

    monkeypatch.setattr(pytensor.config, "cxx", "")
    traces = [sl.minimize(F, [0.1], "gradient_descent", 3, backend="c") for _ in range(2)]
    assert [trace.backend for trace in traces] == ["interpreted"] * 2
    assert sl.compile(F).backend == "interpreted"
    (record,) = caplog.records
    assert record.getMessage() == (
        "The c backend cannot run here: no C++ compiler was found; install g++. "
        "Running interpreted instead."
    )


def test_a_compiler_that_is_named_but_not_there_counts_as_missing(monkeypatch):
    """PyTensor remembers the compiler's path after it has been removed."""
    import pytensor

    monkeypatch.setattr(pytensor.config, "cxx", "/nowhere/g++")
    assert "install g++" in backends.BACKENDS["c"].lacks()


def test_an_optional_backend_that_is_missing_says_how_to_get_it(fresh, monkeypatch):
    """JAX is asked for by name or not at all, so its absence is an error."""
    monkeypatch.setattr("symlab.engine.backends.find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"'jax' cannot run here: .*pip install 'symlab\[jax\]'"):
        sl.minimize(F, [0.1], backend="jax")
    assert sl.minimize(F, [0.1], "gradient_descent", 3, backend="numba").backend == "interpreted"


def test_a_machine_without_a_compiler_still_runs(tmp_path):
    """A fresh process whose PATH has no g++: one line on stderr, and the right number."""
    done = run("c", PATH=str(tmp_path), PYTENSOR_FLAGS=f"base_compiledir={tmp_path}")
    assert done.stdout == f"c interpreted 21 {ITERATES[-1]}\n"
    (line,) = done.stderr.splitlines()
    assert "The c backend cannot run here" in line


def test_nothing_but_the_result_reaches_the_screen():
    """With every warning of every dependency on, nothing but that something is compiled."""
    done = run("sympy", "c", "numba", "interpreted")
    assert {*done.stderr.splitlines()} <= {"compiling for c ...", "compiling for numba ..."}
    assert done.stdout.splitlines() == [
        f"{name} {name} 21 {ITERATES[-1]}" for name in ("sympy", "c", "numba", "interpreted")
    ]


def test_the_users_own_pytensor_flags_win():
    """A setting of ours must not undo one of theirs."""
    code = "import symlab.engine.backends, pytensor; print(pytensor.config.numba__fastmath)"
    for flags, expected in (("", "False"), ("numba__fastmath=True", "True")):
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTENSOR_FLAGS": flags},
        )
        assert done.stdout.strip() == expected


@pytest.mark.parametrize("name", ["c", "numba", "interpreted"])
def test_no_rewrite_searches_the_graph_for_diagonal_factors(name):
    """Only a product with a diagonal matrix looks otherwise for it; the numbers are the same."""
    X, d, v = pt.matrix("X"), pt.vector("d"), pt.vector("v")
    outputs = [pt.dot(X, v), pt.dot(pt.diag(d), X)]
    ours = backends.mode(name)
    usual = ours.including(*backends.LEFT_OUT)
    made = {
        which: pytensor.function([X, d, v], outputs, mode=Mode("py", mode.optimizer))
        for which, mode in (("ours", ours), ("usual", usual))
    }
    products = {
        which: sum(isinstance(node.op, Dot) for node in function.maker.fgraph.apply_nodes)
        for which, function in made.items()
    }
    given = np.random.default_rng(0).normal(size=(3, 3)), np.arange(3.0), np.ones(3)
    for one, other in zip(made["ours"](*given), made["usual"](*given), strict=True):
        assert one == pytest.approx(other, rel=1e-15)
    assert products["ours"] >= products["usual"]


@pytest.mark.parametrize(
    "setting, method, told",
    [
        (
            "floatX=float32",
            "newton",
            "PyTensor's floatX=float32 is not heeded: runs are in float64.",
        ),
        (
            "gcc__cxxflags=-O2 -ffast-math",
            "gradient_descent",
            "PyTensor's gcc__cxxflags are used without -ffast-math: it forgets NaN.",
        ),
    ],
)
def test_a_users_settings_of_pytensor_change_no_results(setting, method, told, tmp_path):
    """Newton's method ran in float32, and under -ffast-math every run on C ended at its start."""
    script = SCRIPT.replace("sl.gradient_descent(step_size=0.1)", repr(method))
    done = subprocess.run(
        [sys.executable, "-c", script.replace(":.8f}", "!r}"), "c"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTENSOR_FLAGS": f"base_compiledir={tmp_path},{setting}"},
    )
    assert told in done.stderr
    expected = sl.minimize(F, [0.1], method, 20, backend="c")
    assert done.stdout == f"c c {len(expected)} {expected.x[0]!r}\n"
