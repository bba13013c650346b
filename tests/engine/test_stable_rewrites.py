"""The table of rewrites: each shape SymPy makes of a formula finds its function, and is shown."""

import time

import mpmath
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from symlab.algebra.functions import (
    define,
    hinge,
    logsumexp,
    relu,
    sigmoid,
    softmax,
    softplus,
    xlogx,
)
from symlab.algebra.numeric import MPMATH
from symlab.engine.lowering.rewrites import REWRITES
from symlab.engine.lowering.stabilize import explain, stabilize

a, b, c, w, x, y, z = sp.symbols("a b c w x y z", real=True)
e = sp.exp
LOSS = sp.log(1 + e(z))
SCORE = w * x + b
CROSS_ENTROPY = sp.log(1 + e(SCORE)) - y * SCORE
THREE = sp.log(e(a) + e(b) + e(c))
TANH = (e(z) - e(-z)) / (e(z) + e(-z))
i, n = sp.symbols("i n", integer=True)
X, Y = sp.IndexedBase("X"), sp.IndexedBase("Y")

TABLE = {
    LOSS: softplus(z),
    sp.log(1 + e(-z)): softplus(-z),
    LOSS.diff(z): sigmoid(z),
    e(-z) / (1 + e(-z)): sigmoid(-z),
    1 / (2 + 2 * e(z)): sigmoid(-z) / 2,
    1 / (1 + e(z)) ** 2: sigmoid(-z) ** 2,
    e(2 * z) / (1 + e(z)) ** 2: sigmoid(z) ** 2,
    e(z) / (1 + e(z)) ** 2: sigmoid(z) * sigmoid(-z),
    e(2 * z) / (1 + e(z)): e(z) * sigmoid(z),
    LOSS.diff(z, 2): sigmoid(z) * sigmoid(-z),
    LOSS.diff(z, 3): -sp.tanh(z / 2) * sigmoid(z) * sigmoid(-z),
    CROSS_ENTROPY: y * softplus(-SCORE) + (1 - y) * softplus(SCORE),
    sp.expand(CROSS_ENTROPY): y * softplus(-SCORE) + (1 - y) * softplus(SCORE),
    CROSS_ENTROPY.diff(b): (1 - y) * sigmoid(SCORE) - y * sigmoid(-SCORE),
    CROSS_ENTROPY.diff(w, b): x * sigmoid(SCORE) * sigmoid(-SCORE),
    -y * sp.log(1 / (1 + e(-z))) - (1 - y) * sp.log(1 - 1 / (1 + e(-z))): (
        y * softplus(-z) + (1 - y) * softplus(z)
    ),
    softplus(SCORE) - SCORE: softplus(-SCORE),
    1 - sigmoid(z): sigmoid(-z),
    sp.log(sigmoid(z)): -softplus(-z),
    sp.log(1 - sigmoid(z)): -softplus(z),
    sp.log((1 + e(z)) ** 2): 2 * softplus(z),
    THREE: logsumexp(a, b, c),
    THREE.diff(a): softmax(a, b, c),
    THREE.diff(a, b): -softmax(a, b, c) * softmax(b, a, c),
    1 / (1 + e(a) + e(b)): softmax(0, a, b),
    sp.log(e(a) / (e(a) + e(b) + e(c))): -logsumexp(0, b - a, c - a),
    e(a) / (e(a) + e(b)): sigmoid(a - b),
    x * e(z) - x: x * sp.codegen.cfunctions.expm1(z),
    2 * e(z) - 2 * e(-z): 4 * sp.sinh(z),
    TANH: sp.tanh(z),
    (e(2 * z) - 1) / (e(2 * z) + 1): sp.tanh(z),
    sp.sinh(z) / sp.cosh(z): sp.tanh(z),
    TANH.diff(z): 4 * sigmoid(2 * z) * sigmoid(-2 * z),
    1 - sp.tanh(z): 2 * sigmoid(-2 * z),
    z**2 * sp.log(z): z * xlogx(z),
    z * sp.log(z) + (1 - z) * sp.log(1 - z): xlogx(z) + xlogx(1 - z),
    sp.Piecewise((1 - y * z, y * z < 1), (0, True)): hinge(y * z),
    sp.Piecewise((z, z > 0), (0, True)): relu(z),
    sp.Piecewise((0, z <= 0), (z, True)): relu(z),
    sp.Piecewise((2 * z - 4, z >= 2), (0, True)): relu(2 * z - 4),
    sp.Sum(sp.log(1 + e(w * X[i])) - Y[i] * w * X[i], (i, 0, n - 1)): sp.Sum(
        Y[i] * softplus(-w * X[i]) + (1 - Y[i]) * softplus(w * X[i]), (i, 0, n - 1)
    ),
}

N = (1 + sp.erf(z / sp.sqrt(2))) / 2
positive = sp.Symbol("k", positive=True)
GAMMAS = sp.log(sp.gamma(z + 1) / sp.gamma(z + sp.Rational(1, 2)))
REACHING = [
    sp.log(sp.cosh(z)), sp.log(z / (1 - z)), sp.log(z + 1) - sp.log(z), w * sp.log(w / x),
    sp.log(z + sp.sqrt(z**2 + 1)), softplus(z) - softplus(-z), 1 - sp.cos(z), sp.log(N),
    sp.log(N).diff(z, 2), (e(z**2) * sp.erfc(z)).diff(z, 2), 1 / sp.tanh(z) ** 2 - 1,
    sp.sqrt(z + 1) - sp.sqrt(z), z - sp.sqrt(z**2 - 1), 1 - z / sp.sqrt(z**2 - 1),
    1 - z / sp.sqrt(z**2 + 1), z**2 / (z**2 - 1) - 1, sp.sqrt(w**2 + z**2),
    w / sp.sqrt(w**2 + z**2), 1 / sp.cosh(z), e(z) / (e(z) - 1), 1 + 1 / (e(z) - 1),
    e(-z) * (e(z) + e(w) + 1), THREE.diff(a, 2), sp.log(e(a) / (e(a) + e(b) + e(c))).diff(a, 2),
    sp.gamma(positive + sp.Rational(1, 2)) / sp.gamma(positive), sp.Float("1e-400") * z,
    sp.loggamma(positive + 2) - sp.loggamma(positive), (1 - sp.cos(z)) / z**2, z - sp.sin(z),
    sp.pi / 2 - sp.atan(z), sp.log(1 + e(z) + e(2 * z)).diff(z, 2), sp.acosh(1 + z),
    1 / z - (z + 1) / z**2,
    sp.log(1 - e(-e(z))).diff(z, 2), (e(z) + e(-z)) / (e(z) - e(-z)),
    GAMMAS.diff(z, 2), (sp.factorial(z + 2) / sp.factorial(z)).diff(z, 2),
    sp.log(1 + z**4), sp.log(z**4), (z**2 / (z**2 + 9)) - 1,
    sp.log(sp.cos(z)), sp.Mul(e(w + z), e(-w - z), evaluate=False) * x,
    sp.exp(-z**2) * (1 / sp.erfc(z) + 1 / sp.erfc(w)) / sp.erfc(z),
    softmax(a, b, c) - softmax(b, a, c), 1 - softmax(a, b, c) - 2 * softmax(b, a, c),
    softmax(a, b, c) + softmax(a, b, c) * (-softmax(a, b, c) - 2 * softmax(b, a, c)),
    (e(-(z**2)) + w * e(-2 * z**2)) / sp.erfc(z),
    e(-a) * (e(a) + e(b) + e(c)) * (w * softmax(a, b, c) + z * softmax(a, b, c) * softmax(b, a, c)),
]  # fmt: skip
"""Formulas that reach the rows of the table that the others do not; their digits are held in
`test_stable_kinds`."""

LEFT_ALONE = [
    z**4 - 3 * z, e(z) + 1, 1 / (2 + e(z)), e(-z) / (2 + e(z)) ** 2, sp.sqrt(1 + e(z)),
    y - sigmoid(z) * z, sp.Piecewise((z, z > 1), (0, True)), sp.log(z) * 2,
    sp.Piecewise((-z, z > 0), (0, True)), sp.tanh(z) ** 2,
    sp.Derivative(sp.Function("f")(z), z), sigmoid(z) + sigmoid(-z) * y,
]  # fmt: skip


@pytest.mark.parametrize("written, expected", TABLE.items(), ids=lambda form: str(form)[:60])
def test_each_shape_becomes_the_function_it_is(written, expected):
    """As SymPy writes it after differentiating, expanding or cancelling."""
    assert (stabilize(written) - expected).expand() == 0
    assert stabilize(stabilize(written)) == stabilize(written)


@pytest.mark.parametrize("form", LEFT_ALONE, ids=str)
def test_what_only_looks_alike_is_left_alone(form):
    """The same object; a rewrite that gains nothing would cost readers."""
    assert stabilize(form) is form or stabilize(form) == form


smooth = st.deferred(
    lambda: (
        st.sampled_from([z, w, sp.Integer(1), e(z), e(-z), e(w), e(2 * z), sigmoid(z)])
        | st.builds(lambda p, q: p + q, smooth, smooth)
        | st.builds(lambda p, q: p - q, smooth, smooth)
        | st.builds(lambda p, q: p * q, smooth, smooth)
        | st.builds(lambda p: 1 / (1 + e(p)), smooth)
        | st.builds(lambda p: sp.log(1 + e(p)), smooth)
        | st.builds(lambda p, q: e(p) / (e(p) + e(q) + 1), smooth, smooth)
    )
)


@given(form=smooth, at=st.tuples(st.integers(-9, 9), st.integers(-9, 9)))
def test_no_rewrite_changes_a_value(form, at):
    """Random formulas of these pieces, before and after, to 40 digits; never a wrong identity."""
    numbers = {z: sp.Rational(at[0], 7), w: sp.Rational(at[1], 7)}
    if form.has(sp.nan, sp.zoo, sp.oo):
        return
    before, after = (
        sp.lambdify([z, w], define(entry), [MPMATH, "mpmath"]) for entry in (form, stabilize(form))
    )
    with mpmath.workdps(120):
        point = [mpmath.mpf(number.p) / number.q for number in numbers.values()]
        stated, rewritten = before(*point), after(*point)
        assert abs(stated - rewritten) <= mpmath.mpf(10) ** -40 * (1 + abs(stated))


def test_the_rewrites_are_told_in_order_with_their_reasons():
    """Before, after, and each step at the node where it was done."""
    told = explain(LOSS.diff(z, 2))
    assert told.before == LOSS.diff(z, 2)
    assert told.after == sigmoid(z) * sigmoid(-z)
    assert told.steps[0].name == "sigmoid"
    assert told.steps[0].before == 1 / (1 + e(z))
    assert told.steps[0].after == sigmoid(-z)
    assert {step.name for step in told.steps} <= {rewrite.name for rewrite in REWRITES}
    assert all(step.reason in repr(told) for step in told.steps)
    assert told.latex().startswith(r"\begin{aligned}")
    assert told._repr_latex_().replace("\n", "").isprintable()
    assert "Nothing to rewrite" in repr(explain(z**2))


def test_every_rewrite_of_the_table_is_used_by_some_formula_here():
    """A row that no test reaches would be a row nobody has checked."""
    used = {step.name for written in (*TABLE, *REACHING) for step in explain(written).steps}
    assert used | {"weights of a sum"} == {rewrite.name for rewrite in REWRITES}
    names = [s.name for s in explain((e(z) + e(-z)) / (1 + e(z) + e(-z))).steps]
    assert "weights of a sum" in names


def test_a_formula_of_thousands_of_nodes_takes_seconds_at_most():
    """A long sum is read in one pass, not once per term; and a deep formula does not recurse."""
    terms = [sp.log(1 + e(w * p + b * q)) for p in range(1, 21) for q in range(1, 21)]
    long = sp.Add(*terms)
    started = time.process_time()
    assert not stabilize(long).has(sp.log)
    assert time.process_time() - started < 30  # once for each term it would be minutes
    deep = LOSS
    for power in range(2, 60):
        deep = sp.sin(deep) * x**power
    assert not stabilize(deep).has(sp.log)
