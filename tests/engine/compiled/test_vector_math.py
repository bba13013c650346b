"""Functions of several numbers at a time: within 4 ulps, NaN and the infinities as ever."""

import ctypes
import json
import os
import subprocess
import sys

import mpmath
import numpy as np
import pytensor
import pytest

import symlab as sl
from symlab.engine.compiled import vector_math
from symlab.engine.compiled.run_op import FLAGS
from symlab.engine.compiled.vector_math import TWO, declarations, vector_functions, vector_trial
from symlab.engine.toolchain import compiler_facts

SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 5e-324, -1e-310, 1e308, -745.2, 709.8]
MPMATH = {
    "exp2": lambda v: mpmath.power(2, v),
    "log2": lambda v: mpmath.log(v, 2),
    "cbrt": lambda v: mpmath.sign(v) * mpmath.root(abs(v), 3),
    "pow": lambda v: mpmath.power(v, v),
}
FUNCTIONS = vector_functions()


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """A loop over each function, compiled with the flags of a run."""
    folder = tmp_path_factory.mktemp("vector")
    text = declarations(FUNCTIONS)
    for name in FUNCTIONS:
        given = "a[i], a[i]" if name in TWO else "a[i]"
        text += f'extern "C" void all_{name}(double *a, int n) {{\n#pragma omp simd\n'
        text += f"for (int i = 0; i < n; i++) a[i] = {name}({given}); }}\n"
    (folder / "all.cpp").write_text(text, encoding="ascii")
    command = [pytensor.config.cxx, "-O3", *FLAGS, "-march=native", "-shared", "-fPIC"]
    ends = [str(folder / "all.cpp"), "-o", str(folder / "all.so"), "-lmvec", "-lm"]
    subprocess.run([*command, *ends], check=True)
    return ctypes.CDLL(str(folder / "all.so"))


def of_all(library, name, numbers):
    """A function of many numbers, as a run's loop over samples calls it."""
    made = np.array(numbers, dtype=float)
    getattr(library, f"all_{name}")(made.ctypes.data_as(ctypes.c_void_p), len(made))
    return made


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_of_vectors_is_within_four_ulps(library, name):
    """Of mpmath, where the result is an ordinary float."""
    generator = np.random.default_rng(0)
    numbers = np.concatenate([generator.normal(size=200), 10.0 ** generator.uniform(-12, 2, 200)])
    exact = MPMATH.get(name) or getattr(mpmath, name)
    with mpmath.workprec(120):
        for number, found in zip(numbers, of_all(library, name, numbers), strict=True):
            wanted = exact(mpmath.mpf(float(number)))
            if isinstance(wanted, mpmath.mpc):
                assert np.isnan(found)
            elif np.finfo(float).tiny < abs(wanted) < np.finfo(float).max:
                assert abs(mpmath.mpf(float(found)) - wanted) <= 4 * np.spacing(abs(float(wanted)))


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in {"pow", "erf", "erfc"}])
def test_special_numbers_are_as_in_numpy(library, name):
    """NaN, infinities, signed zeros and subnormal numbers."""
    names = {"acos": "arccos", "asin": "arcsin", "atan": "arctan"}
    names |= {f"{each}h": f"{other}h" for each, other in names.items()}
    with np.errstate(all="ignore"):
        wanted = getattr(np, names.get(name, name))(np.array(SPECIAL))
    found = of_all(library, name, SPECIAL)
    assert np.array_equal(np.isnan(found), np.isnan(wanted))
    real = ~np.isnan(wanted)
    assert np.array_equal(np.signbit(found[real]), np.signbit(wanted[real]))
    finite = np.isfinite(wanted)
    assert np.array_equal(np.isfinite(found), finite)
    assert np.all(np.abs(found[finite] - wanted[finite]) <= 4 * np.spacing(np.abs(wanted[finite])))


@pytest.fixture
def empty(monkeypatch, tmp_path):
    """A place where no trial has been kept yet."""
    monkeypatch.setattr(vector_math, "_place", lambda: tmp_path / vector_math.FILE)
    return tmp_path / vector_math.FILE


DAMAGED = ["no JSON", "[]", '{"c": {"names": ["exit(1)"], "why": ""}}', '{"c": {"names": 3}}']


@pytest.mark.parametrize("before", DAMAGED)
def test_the_trial_is_made_once_and_kept(monkeypatch, empty, before):
    """By compiler, in the compile cache; a damaged file is written anew."""
    empty.write_text(before, encoding="ascii")
    made = vector_trial.__wrapped__()
    kept = json.loads(empty.read_text(encoding="ascii"))
    mark = ": ".join(compiler_facts())
    assert kept == {mark: {"names": list(made.names), "why": made.why}}
    monkeypatch.setattr(vector_math, "_try_compiler", lambda _: pytest.fail("it was tried again"))
    assert vector_trial.__wrapped__() == made


def test_an_older_library_has_the_first_functions_alone(monkeypatch):
    """Glibc before 2.35: the linker misses the later ones."""
    told = "ld: undefined reference to `_ZGVbN2v_erf'"
    lack = lambda _, names: "" if names == vector_math.FIRST else vector_math._complaint(told)  # noqa: E731
    monkeypatch.setattr(vector_math, "_find_lack", lack)
    found = vector_math._try_compiler("g++")
    assert found.names == vector_math.FIRST
    assert str(found).endswith("plain calls for all others: undefined reference to `_ZGVbN2v_erf'")


@pytest.mark.parametrize(
    "compiler, why",
    [
        ("", "no C++ compiler was found"),
        ("/nowhere/g++", "the compiler cannot be started (No such file or directory)"),
        (f"{pytensor.config.cxx} -Dsimd=", "no functions of vectors"),
        (f"{pytensor.config.cxx} -nonsense", "unrecognized command-line option"),
    ],
)
def test_a_compiler_without_vectors_is_told_of_with_its_reason(compiler, why):
    """Then the text of a run declares nothing, and the plain functions are called."""
    found = vector_math._try_compiler(compiler)
    assert found.names == ()
    assert why in str(found)
    assert str(found).startswith("plain calls, as right and slower: ")
    assert declarations(()) == ""


WITHOUT = """\
#!/bin/sh
for word in "$@"; do
    if [ "$word" = -lmvec ]; then
        echo "/usr/bin/ld: cannot find -lmvec: No such file or directory" >&2
        exit 1
    fi
done
exec {compiler} "$@"
"""

LOGISTIC = """
import json, sympy as sp, symlab as sl
from symlab.engine.compiled.vector_math import vector_trial
x0, x1, t, w0, w1, b = sp.symbols("x0 x1 t w0 w1 b", real=True)
u = w0*x0 + w1*x1 + b
points, labels = sl.data.half_plane(samples=100, seed=0)
risk = sl.EmpiricalRisk(sp.log(1 + sp.exp(u)) - t*u, (w0, w1, b), (x0, x1, t))
J = risk.on({x0: points[:, 0], x1: points[:, 1], t: labels})
starts = [[0.5, -0.25, 0.125], [-3.0, 3.0, 0.5], [7.0, 1.0, -2.0]]
runs = [sl.minimize(J, start, sl.gradient_descent(step_size=0.1), 50) for start in starts]
print(json.dumps({
    "trial": str(vector_trial()), "words": [run.message for run in runs],
    "points": [run.iterates.tolist() for run in runs],
    "values": [run.values.tolist() for run in runs]}))
"""


def logistic_runs(compiler):
    """What a process prints of logistic regression, run with a compiler."""
    flags = [os.environ.get("PYTENSOR_FLAGS"), f"cxx={compiler}"]
    done = subprocess.run(
        [sys.executable, "-c", LOGISTIC],
        env={**os.environ, "PYTENSOR_FLAGS": ",".join(filter(None, flags))},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def exact_loss(point):
    """The mean loss of those points at a parameter, to fifty digits."""
    points, labels = sl.data.half_plane(samples=100, seed=0)
    with mpmath.workdps(50):
        w0, w1, b = map(mpmath.mpf, point)
        scores = [w0 * mpmath.mpf(p) + w1 * mpmath.mpf(q) + b for p, q in points.tolist()]
        pairs = zip(scores, labels.tolist(), strict=True)
        return sum(mpmath.log1p(mpmath.exp(u)) - t * u for u, t in pairs) / 100


def test_where_there_is_no_libmvec_the_same_run_compiles_to_plain_calls(tmp_path):
    """A compiler that refuses -lmvec, as on another libc: the trial says so, and a run of whole
    processes gives the same losses within 4 ulps, of each other and of fifty digits.
    """
    compiler = tmp_path / "g++"
    compiler.write_text(WITHOUT.format(compiler=pytensor.config.cxx), encoding="ascii")
    compiler.chmod(0o755)
    plain, vectors = logistic_runs(compiler), logistic_runs(pytensor.config.cxx)
    assert plain["trial"] == (
        "plain calls, as right and slower: cannot find -lmvec: No such file or directory"
    )
    assert vectors["trial"] == str(vector_trial())
    assert plain["words"] == vectors["words"]
    for one, other in zip(plain["values"], vectors["values"], strict=True):
        assert np.all(np.abs(np.subtract(one, other)) <= 4 * np.spacing(other))
    for found in (plain, vectors):
        for points, values in zip(found["points"], found["values"], strict=True):
            for k in (0, 1, 50):
                assert abs(exact_loss(points[k]) - values[k]) <= 4 * np.spacing(values[k])
