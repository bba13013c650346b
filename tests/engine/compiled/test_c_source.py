"""The C that is shown: g++ compiles it by itself, and it computes what it says."""

import ctypes
import subprocess
from itertools import pairwise

import numpy as np
import pytensor
import pytest
import sympy as sp

import symlab as sl
from symlab.algebra.risk.risk import EmpiricalRisk
from symlab.engine import backends
from symlab.engine.compiled.run_head import LANES

x, y = sp.symbols("x y", real=True)
F = sl.Objective(x**4 - 3 * x**3 + 2)
DESCENT = sl.gradient_descent(step_size=0.1)


def library(tmp_path, text):
    """A C++ file compiled by itself, and loaded."""
    (tmp_path / "shown.cpp").write_text(text, encoding="utf-8")
    command = [pytensor.config.cxx, "-O2", "-shared", "-fPIC", "-ffp-contract=off"]
    ends = [str(tmp_path / "shown.cpp"), "-o", str(tmp_path / "shown.so"), "-lm"]
    subprocess.run([*command, *ends], check=True)
    return ctypes.CDLL(str(tmp_path / "shown.so"))


def address(array):
    """Where an array's numbers lie."""
    return ctypes.c_void_p(array.ctypes.data)


def called(made, point, *data):
    """Value and gradient of a library at a point."""
    made.value_and_gradient.restype = ctypes.c_double
    gradient = np.full(len(point), np.nan)
    value = made.value_and_gradient(address(point), *data, address(gradient))
    return value, gradient


SHOWN = """\
/* x**4 - 3*x**3 + 2 */
double value_and_gradient(const double *point, double *gradient)
{
    const double x = point[0];
    const double t1 = x * x;
    const double t2 = t1 * x;
    const double value = (2.0 + t1 * t1) - 3.0 * t2;
    gradient[0] = 4.0 * t2 - 9.0 * t1;
    return value;
}
"""


def test_a_source_is_shown_line_by_line_as_it_stands():
    """At the prompt too, where a plain str would be one line with backslashes."""
    compiled = sl.compile(F)
    assert compiled.source == repr(compiled.source) == SHOWN


@pytest.mark.parametrize(
    "expression",
    [
        F.expression,
        sp.exp(x * y) + sp.Max(x, y) ** 2 + sp.cos(x + y) / (1 + x**2),
        sp.log(1 + sp.exp(x)) + sp.Abs(y) ** 3 + sp.erf(x * y) + sl.sigmoid(x) * sp.tanh(y),
        sum((i + 1) * (letter - 1) ** 2 for i, letter in enumerate(sp.symbols("v1:7", real=True))),
    ],
    ids=str,
)
def test_value_and_gradient_compile_by_themselves_and_are_sympys(tmp_path, expression):
    """Against fifty digits of SymPy, whose derivative is taken anew here."""
    objective = sl.Objective(expression)
    compiled = sl.compile(objective)
    made = library(tmp_path, compiled.preamble + compiled.source)
    point = np.linspace(0.3, 1.7, objective.dimension)
    value, gradient = called(made, point)
    here = {s: sp.Float(float(c), 50) for s, c in zip(objective.variables, point, strict=True)}
    slopes = [sp.diff(expression, s).subs(here).evalf(50) for s in objective.variables]
    assert value == pytest.approx(float(expression.subs(here).evalf(50)), rel=1e-14)
    assert gradient == pytest.approx(np.array(slopes, dtype=float), rel=1e-14, abs=1e-14)


def logistic(samples=21, penalty=0):
    """The logistic risk of lesson 15 on a few points, and its columns."""
    x0, x1, t, w0, w1, b = sp.symbols("x0 x1 t w0 w1 b", real=True)
    u = w0 * x0 + w1 * x1 + b
    risk = EmpiricalRisk(
        sp.log(1 + sp.exp(u)) - t * u, (w0, w1, b), (x0, x1, t), penalty=penalty * w0**2
    )
    points, labels = sl.data.half_plane(samples=samples, seed=3)
    columns = [*points.T, labels]
    return risk.on(dict(zip((x0, x1, t), columns, strict=True))), columns


@pytest.mark.parametrize("penalty", [0, sp.Rational(1, 2)])
def test_over_data_it_takes_whole_lanes_and_counts_each_sample_once(tmp_path, penalty):
    """Twenty-one samples in lanes of eight: the last block reads beyond, and adds nothing."""
    bound, columns = logistic(penalty=penalty)
    compiled = sl.compile(bound)
    made = library(tmp_path, compiled.preamble + compiled.source)
    stride = -(-len(columns[0]) // LANES) * LANES
    data = np.full((3, stride), 7.0)
    data[:, : len(columns[0])] = columns
    point = np.array([0.7, -1.1, 0.2])
    counts = map(ctypes.c_int64, (len(columns[0]), stride))
    value, gradient = called(made, point, address(data), *counts)
    scores = np.column_stack([*columns[:2], np.ones(21)])
    chances = 1 / (1 + np.exp(-scores @ point))
    wanted = scores.T @ (chances - columns[2]) / 21 + [2 * float(penalty) * point[0], 0, 0]
    loss = np.mean(np.logaddexp(0, scores @ point) - columns[2] * (scores @ point))
    assert value == pytest.approx(loss + float(penalty) * point[0] ** 2, rel=1e-14)
    assert gradient == pytest.approx(wanted, rel=1e-13)


RUNNER = """
extern "C" npy_int64 taken(npy_int64 steps, double step_size, double *held, double *rows)
{
    double seen[2];
    struct Run own = {};
    own.count = steps + 1; own.every = 1; own.last = steps;
    own.step_size = step_size; own.tolerance = -1.0;
    own.held = held; own.rows = rows; own.seen = seen;
    return run(&own);
}
"""


def test_the_chapters_run_compiles_by_itself_and_takes_the_chapters_steps(tmp_path):
    """The last of the endings, and every iterate that Python's floats have."""
    compiled = sl.compile(F, method=DESCENT)
    made = library(tmp_path, compiled.preamble + compiled.source + RUNNER)
    held, rows = np.array([0.1]), np.full((22, 3), np.nan)
    made.taken.restype = ctypes.c_int64
    made.taken.argtypes = [ctypes.c_int64, ctypes.c_double, ctypes.c_void_p, ctypes.c_void_p]
    assert made.taken(20, 0.1, held.ctypes.data, rows.ctypes.data) == 6
    iterates = [0.1]
    for _ in range(20):
        here = iterates[-1]
        iterates.append(here - (4 * (here * here * here) - 9 * (here * here)) * 0.1)
    assert rows[1:, 0].tolist() == iterates
    assert held.tolist() == iterates[-1:]


def test_the_chapters_run_is_forty_lines_that_can_be_read():
    """Named variables, a comment for each part, and no line too long for a page."""
    lines = sl.compile(F, method="gradient_descent").source.splitlines()
    assert lines[0] == "/* gradient_descent: x**4 - 3*x**3 + 2 */"
    assert "        x = x - d_x * step_size;" in lines
    assert len(lines) <= 42
    assert max(map(len, lines)) <= 100


def test_a_compiled_run_says_whose_it_is():
    """The text is asked for apart: a repr is one line."""
    run = sl.compile(F, method=DESCENT)
    assert repr(run) == f"compile({F!r}, method={DESCENT!r})"
    assert sl.compile(logistic()[0], method=sl.adam).source.startswith("/* adam: samples of ")


MANY = sp.symbols("v1:401", real=True)
CHAIN = sl.Objective(sum((b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(MANY)), MANY)
NETWORK = sp.symbols("w1:66", real=True)


@pytest.mark.parametrize(
    "ask, words",
    [
        (lambda: sl.compile(F, "numba").source, "only backend='c' has C text"),
        (lambda: sl.compile(F, "interpreted").preamble, "this is 'interpreted'"),
        (lambda: sl.compile(CHAIN).source, "it is compiled term by term"),
        (lambda: sl.compile(CHAIN, method=sl.adam), "it is compiled term by term"),
        (lambda: sl.compile(F, method="newton"), "only a rule's run is one piece of C"),
        (lambda: sl.compile(F, "numba", method=DESCENT), "'c' alone, not on 'numba'"),
        (lambda: sl.compile(F, method="gradient_decent"), "did you mean 'gradient_descent'"),
        (lambda: sl.compile(sl.Objective(sp.gamma(2 + x**2))).source, "psi has no C code;"),
        (lambda: sl.compile(wide()).source, "65 parameters are many"),
        (lambda: sl.compile(wide(), method=DESCENT).source, "65 parameters are many"),
    ],
)
def test_what_has_no_c_text_says_so_in_one_line(ask, words):
    """And what there is instead."""
    with pytest.raises(ValueError, match=r"^(source|method): ") as caught:
        ask()
    assert words in str(caught.value)
    assert len(str(caught.value)) < 200
    assert "\n" not in str(caught.value)


def wide():
    """A sum over data with more parameters than lanes are good for, in two predictors."""
    letters = sp.symbols("a1:66", real=True)
    products = [a * b for a, b in zip(NETWORK, letters, strict=True)]
    loss = sum(products[:30]) ** 2 + sp.exp(sum(products[30:]))
    return EmpiricalRisk(loss, NETWORK, letters).on(dict.fromkeys(letters, np.ones(3)))


SEEN = """
#include <vector>
extern "C" void seen_at(double *point, const double *design, npy_int64 samples, double *seen)
{
    std::vector<double> rows(3 * (65 + 2)), parts(66 * (samples / BLOCK + 1));
    struct Run own = {};
    own.count = own.every = own.threads = 1;
    own.held = point; own.rows = rows.data(); own.seen = seen; own.parts = parts.data();
    own.design = design; own.samples = samples;
    run(&own);
}
"""


def test_a_run_over_many_samples_and_parameters_compiles_by_itself(tmp_path):
    """It looks at rows of the data, block by block; a call as text has lanes alone."""
    letters = sp.symbols("a1:66", real=True)
    rows = np.random.default_rng(0).normal(size=(2500, 65))
    score = sum(a * b for a, b in zip(NETWORK, letters, strict=True))
    bound = EmpiricalRisk(score**2, NETWORK, letters).on(dict(zip(letters, rows.T, strict=True)))
    compiled = sl.compile(bound, method=DESCENT)
    made = library(tmp_path, compiled.preamble + compiled.source + SEEN)
    point, seen = np.linspace(-1, 1, 65), np.full(66, np.nan)
    made.seen_at(address(point.copy()), address(rows), ctypes.c_int64(2500), address(seen))
    assert seen[0] == pytest.approx(np.mean((rows @ point) ** 2), rel=1e-13)
    assert seen[1:] == pytest.approx(2 * rows.T @ (rows @ point) / 2500, rel=1e-11, abs=1e-13)
    with pytest.raises(ValueError, match="65 parameters are many"):
        sl.compile(bound).source  # noqa: B018  # asking for it raises


def test_without_a_compiler_a_run_can_be_read_all_the_same(monkeypatch):
    """The text is made by symlab; a call, which then is interpreted, has none."""
    monkeypatch.setattr(backends, "usable", lambda _: backends.BACKENDS["interpreted"])
    assert "struct Run *run" in sl.compile(F, method=DESCENT).source
    with pytest.raises(ValueError, match=r"needs g\+\+; this is 'interpreted'"):
        sl.compile(F).source  # noqa: B018  # asking for it raises
