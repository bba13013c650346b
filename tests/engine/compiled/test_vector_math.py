"""Functions of several numbers at a time: within 4 ulps, NaN and the infinities as ever."""

import ctypes
import json
import subprocess

import mpmath
import numpy as np
import pytensor
import pytest

from symlab.engine.compiled import vector_math
from symlab.engine.compiled.run_op import FLAGS
from symlab.engine.compiled.vector_math import TWO, declarations, vector_functions

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


def test_the_trial_is_made_once_and_kept(monkeypatch, tmp_path):
    """Beside the compile cache, by compiler; a damaged file is written anew."""
    monkeypatch.setattr(vector_math, "compile_directory", lambda: tmp_path)
    (tmp_path / vector_math.FILE).write_text("no JSON", encoding="ascii")
    found = vector_functions.__wrapped__()
    kept = json.loads((tmp_path / vector_math.FILE).read_text(encoding="ascii"))
    assert kept == {pytensor.config.cxx: list(found)}
    monkeypatch.setattr(vector_math, "_find_linking", lambda _: pytest.fail("it was tried again"))
    assert vector_functions.__wrapped__() == found


def test_without_such_a_library_there_are_no_such_functions(monkeypatch, tmp_path):
    """Then the text of a run declares nothing, and the plain functions are called."""
    monkeypatch.setattr(vector_math, "compile_directory", lambda: tmp_path)
    monkeypatch.setattr(vector_math, "_links", lambda *_: False)
    assert vector_functions.__wrapped__() == ()
    assert declarations(()) == ""
