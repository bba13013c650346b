"""A graph in float32 has no float64 left in it, and keeps its digits all the same."""

import math
from functools import cache
from importlib.util import find_spec

import mpmath
import numpy as np
import pytensor
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from pytensor.compile.mode import Mode
from pytensor.graph.traversal import ancestors
from sympy.codegen import cfunctions

from symlab.algebra import functions
from symlab.engine.compiled.functions import compiled_function
from symlab.engine.lowering.lower import ADDED, lower
from symlab.engine.lowering.stabilize import stabilize

x, y = sp.symbols("x y", real=True)
p = sp.Symbol("p", positive=True)
i, j, m, n = sp.symbols("i j m n", integer=True)
X, v = sp.IndexedBase("X"), sp.IndexedBase("v")
BACKENDS = ("interpreted", "c", "numba", *(("jax",) if find_spec("jax") else ()))
LIMIT = 4


OF_SEVERAL = {
    functions.logsumexp: (x, y, p),
    functions.softmax: (x, y, p),
    sp.polygamma: (2, p),
    sp.Mod: (p, 2),
    sp.lowergamma: (2, p),
    sp.uppergamma: (2, p),
    sp.betainc_regularized: (2, 3, 0, p / 4),
    cfunctions.hypot: (x, p),
}


def applied(function):
    """An instance of a function, inside its domain at the point."""
    return function(*OF_SEVERAL.get(function, (p,)))


FORMS = [
    *map(applied, ADDED),
    x / 10 + sp.log(2) * y + 10**6 * p + 10**25,
    sp.Piecewise((300, x > 1), (200, True)) * x,
    x**-3 + p ** sp.Rational(1, 3) + sp.sqrt(p) + sp.factorial(p),
    sp.gamma(p) + sp.loggamma(p) + sp.erf(x) + sp.Max(x, sp.Rational(1, 3)) + sp.floor(y),
    sp.Heaviside(x) * sp.Heaviside(y, 1) / 3,
    stabilize(sp.log(2 + x**2) + x / (1 + x**2) + sp.log(p**x) + x**2 - 1),
    stabilize(sp.digamma(p + sp.Rational(1, 3)) - sp.digamma(p)),
    x,
    sp.Integer(3),
    sp.Rational(1, 3),
]

SUMS = {
    sp.Sum(v[i] ** 2, (i, 0, n - 1)) / n: 14 / 3,
    sp.Sum(sp.Sum(X[i, j] * v[j], (j, 0, m - 1)) + i / 10, (i, 0, n - 1)): 2 * 6 + 0.1,
    sp.Product(v[i] * x, (i, 0, n - 1)): 6 * 0.7**3,
    sp.Sum(x * v[i], (i, 0, n - 1), (j, 0, 4)): 5 * 0.7 * 6,
    sp.Sum(x**i, (i, 0, 3)): 1 + 0.7 + 0.49 + 0.343,
}


def doubles(variables):
    """What is float64 among the variables and all that they are computed from."""
    return [part for part in ancestors(variables) if part.type.dtype == "float64"]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_no_float64_is_left_and_the_value_is_right(form):
    """Constants, long integers and casts are where it would come back."""
    inputs, outputs = lower([form], [x, y, p], precision="float32")
    assert doubles([*inputs, *outputs]) == []
    mode = Mode("py", "fast_compile")
    function = pytensor.function(inputs, outputs, mode=mode, on_unused_input="ignore")
    point = [np.float32(number) for number in (0.7, -0.4, 0.3)]
    exact = {s: sp.Rational(float(c)) for s, c in zip((x, y, p), point, strict=True)}
    expected = float(sp.sympify(form).subs(exact).evalf(30))
    (value,) = function(*point)
    assert value.dtype == "float32"
    assert float(value) == pytest.approx(expected, rel=1e-6, nan_ok=True)


@pytest.mark.parametrize("total, expected", SUMS.items(), ids=str)
def test_sums_over_data_are_float32_as_well_counters_and_accumulators_included(total, expected):
    """A count is a long integer, beside which NumPy makes a float64 of a float32."""
    inputs, outputs = lower([total], [x, X, v], precision="float32")
    assert doubles([*inputs, *outputs]) == []
    arrays = [0.7, np.ones((2, 3)), [1.0, 2.0, 3.0]]
    used = [
        np.asarray(array if np.ndim(array) == entry.ndim else [1.0, 2.0, 3.0], dtype="float32")
        for array, entry in zip(arrays, inputs, strict=True)
    ]
    mode = Mode("py", "fast_compile")
    function = pytensor.function(inputs, outputs, mode=mode, on_unused_input="ignore")
    assert float(function(*used)[0]) == pytest.approx(expected, rel=1e-6)


def test_an_array_of_expressions_is_stacked_in_either_precision():
    """Its shape is of SymPy's integers, which PyTensor does not take."""
    for precision in ("float64", "float32"):
        inputs, (array,) = lower([sp.Array([[x, 2 * x], [y, 1]])], [x, y], precision=precision)
        assert array.type.dtype == precision
        value = array.eval(dict(zip(inputs, np.array([3, 5], precision), strict=True)))
        assert value.tolist() == [[3.0, 6.0], [5.0, 1.0]]


def test_the_default_is_float64():
    """And the same graph as before there was a choice."""
    graphs = [
        lower([sp.exp(x) / 3 + x**2], [x], **chosen) for chosen in ({}, {"precision": "float64"})
    ]
    texts = [pytensor.dprint(outputs, file="str", print_type=True) for _, outputs in graphs]
    assert texts[0] == texts[1]
    assert graphs[0][0][0].type.dtype == graphs[0][1][0].type.dtype == "float64"


def test_an_unknown_precision_is_named():
    """Before anything is lowered."""
    with pytest.raises(ValueError, match="precision: unknown name 'float23'; did you mean"):
        lower([x], [x], precision="float23")


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_compiled_computes_in_float32_on_every_backend(backend):
    """A float64 inside would show: sin(1 + 1e-9) - sin(1) is 5e-10 there, and 0 in float32."""
    inputs, outputs = lower([sp.sin(x + p) - sp.sin(x)], [x, p], precision="float32")
    compiled = compiled_function(inputs, outputs, backend)
    (value,) = compiled.call(np.asarray(1, "float32"), np.asarray(1e-9, "float32"))
    assert (str(value.dtype), float(value)) == ("float32", 0.0)


STABLE = {
    "loss": (sp.log(1 + sp.exp(x)), lambda z: mpmath.log(1 + mpmath.exp(z))),
    "its slope": (sp.log(1 + sp.exp(x)).diff(x), lambda z: 1 / (1 + mpmath.exp(-z))),
    "its curvature": (
        sp.log(1 + sp.exp(x)).diff(x, 2),
        lambda z: mpmath.exp(z) / (1 + mpmath.exp(z)) ** 2,
    ),
    "log-sum-exp": (
        sp.log(1 + sp.exp(x) + sp.exp(-x)),
        lambda z: mpmath.log(1 + mpmath.exp(z) + mpmath.exp(-z)),
    ),
}
"""What is written, and what it is, in mpmath."""


@cache
def single(name, backend):
    """The stabilised form in float32, compiled once."""
    inputs, outputs = lower([stabilize(STABLE[name][0])], [x], precision="float32")
    compiled = compiled_function(inputs, outputs, backend)
    return lambda point: float(compiled.call(np.asarray(point, "float32"))[0])


def error_in_ulps(name, backend, point):
    """Against 150 digits, in NumPy's spacing of float32 at the exact value."""
    with mpmath.workdps(150):
        exact = STABLE[name][1](mpmath.mpf(point))
        unit = mpmath.mpf(float(np.spacing(np.float32(float(exact)))))
        return float(abs(mpmath.mpf(single(name, backend)(point)) - exact) / unit)


@pytest.mark.parametrize("backend", ["interpreted", "c", "numba"])
@pytest.mark.parametrize("name", STABLE)
def test_stabilised_forms_stay_within_four_ulps_of_float32(name, backend):
    """Over the whole range of its exponential, subnormal results included."""
    points = np.concatenate([np.linspace(-104, 104, 209), np.linspace(-5, 5, 201)])
    for point in points.astype("float32").tolist():
        assert error_in_ulps(name, backend, point) <= LIMIT, point


@pytest.mark.parametrize("name", STABLE)
@given(point=st.floats(-104, 104, width=32))
def test_and_at_any_float32_in_between(name, point):
    """Hypothesis looks for a worse point than the grid has."""
    assert error_in_ulps(name, "interpreted", point) <= LIMIT


def test_float32_ends_where_its_exponential_does():
    """e^z is infinite from 88.73 on and 0 from -104 down; in float64 from 709.79 and -745.14."""
    for precision, over, under in (("float32", 88.73, -104.0), ("float64", 709.79, -745.14)):
        inputs, outputs = lower([sp.exp(x)], [x], precision=precision)
        exponential = compiled_function(inputs, outputs, "interpreted").call
        with np.errstate(all="ignore"):
            values = [float(exponential(np.asarray(z, precision))[0]) for z in (over, under)]
            before = float(exponential(np.asarray(over - 0.01, precision))[0])
        assert values == [math.inf, 0.0]
        assert math.isfinite(before)
