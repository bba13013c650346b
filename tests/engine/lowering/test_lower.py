"""Lowering: what PyTensor computes is what SymPy means, and what it cannot is named."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
import sympy as sp
from pytensor.compile.mode import Mode
from sympy.codegen import cfunctions

import symlab as sl
from symlab.algebra import functions
from symlab.engine.lowering.lower import (
    ADDED,
    LoweringError,
    lower,
    lower_elementwise,
    lower_matrices,
)

x, y = sp.symbols("x y", real=True)
p = sp.Symbol("p", positive=True)
POINTS = [(2.5, 0.7, 2.5), (-1.2, 0.7, 1.2)]


def lowered(expression, point):
    """Evaluate by PyTensor's Python implementations, which need no compiler."""
    inputs, outputs = lower([expression], [x, y, p])
    mode = Mode("py", "fast_compile")
    return float(pytensor.function(inputs, outputs, mode=mode, on_unused_input="ignore")(*point)[0])


def meant(expression, point):
    """Evaluate by SymPy to 30 digits."""
    return float(expression.subs(dict(zip((x, y, p), map(sp.Float, point), strict=True))).evalf(30))


OF_SEVERAL = {
    functions.logsumexp: (x, y, p),
    functions.softmax: (x, y, p),
    sp.Mod: (x, 2),
    sp.lowergamma: (2, p),
    sp.uppergamma: (2, p),
    sp.betainc_regularized: (2, 3, 0, p / 10),
    cfunctions.hypot: (x, y),
}


def applied(function):
    """An instance of a function of one argument, inside its domain at every point."""
    if function in OF_SEVERAL:
        return function(*OF_SEVERAL[function])
    positive = (cfunctions.log1p, cfunctions.log2, cfunctions.log10, sp.digamma, functions.xlogx)
    return function(x / 10 if function is sp.erfinv else p if function in positive else x)


@pytest.mark.parametrize("function", [f for f in ADDED if f not in (sp.polygamma, sp.DiracDelta)])
def test_every_added_function_is_computed_as_sympy_means_it(function):
    """The table has no entry without a test, because the test reads the table."""
    for point in POINTS:
        expression = applied(function)
        wanted = pytest.approx(meant(expression, point), rel=1e-14, nan_ok=True)
        assert lowered(expression, point) == wanted


@pytest.mark.parametrize(
    "expression",
    [
        sp.polygamma(1, p), sp.gamma(p), sp.loggamma(p), sp.erf(x), sp.Abs(x), sp.sign(x),
        sp.Max(x, y, sp.Rational(1, 3)), sp.Min(x, y), sp.atan2(x, y), sp.cbrt(p), x**-3,
        sp.acosh(1 + p), sp.floor(x), sp.factorial(p), sp.EulerGamma * x, 10**25 * x,
        sp.Heaviside(x, 0), sp.Piecewise((x**2, x > 0), (x, True)), x ** sp.Integer(300),
    ],
    ids=str,
)  # fmt: skip
def test_what_sympytensor_prints_itself_is_right_as_well(expression):
    """The functions a student is likely to type."""
    for point in POINTS:
        assert lowered(expression, point) == pytest.approx(meant(expression, point), rel=1e-13)


@pytest.mark.parametrize(
    "expression",
    [
        300 * sp.Piecewise((200, x > 0), (100, True)),
        sp.exp(sp.Piecewise((1, x > 0), (0, True))),
        sp.log(sp.Piecewise((2, x > 0), (3, True))),
        sp.sqrt(sp.Piecewise((sp.Rational(1, 2), x > 0), (sp.Rational(1, 4), True))),
        sp.Piecewise((1000, x > 2), (2000, True)) * sp.Piecewise((1000, x > 2), (2000, True)) + x,
    ],
    ids=str,
)
def test_whole_numbers_in_pieces_are_float64(expression):
    """As short integers they overflowed (300 * 200 was -5536), and exp of one had 8 digits."""
    for point in POINTS:
        assert lowered(expression, point) == pytest.approx(meant(expression, point), rel=1e-15)


def test_the_slope_of_a_jump_is_zero_beside_it():
    """Second derivatives of squared ramps contain one; Newton's method must get past it."""
    assert lowered(sp.DiracDelta(x), POINTS[0]) == 0
    squared = sl.Objective(sp.Max(0, x) ** 2 + x**2 / 10)
    for backend in ("sympy", "interpreted"):
        trace = sl.minimize(squared, [2], "newton", backend=backend)
        assert (trace.status, trace.x.tolist()) == ("converged", [0.0])


@pytest.mark.parametrize(
    "expression, part",
    [
        (x + sp.mathieuc(1, 2, 1 + x**2), r"mathieuc\(1, 2, x\*\*2 \+ 1\) cannot be computed"),
        (x * sp.subfactorial(p), "no backend has subfactorial; write it in other functions"),
        (sp.Integral(sp.exp(-(y**2)), (y, 0, x)), 'Run with backend="sympy", which integrates'),
        (x * 10**400, "beyond the range of floats"),
        (x * sp.Float("1e400"), r"1\.0+e\+400 is beyond the range of floats"),
        (x * sp.Float("1e-400"), r"1\.0+e-400 is beyond the range of floats"),
        (sp.exp(x) * sp.Rational(1, 10**400), "beyond the range of floats"),
        (sp.Sum(x ** sp.Symbol("i"), (sp.Symbol("i"), 0, sp.Symbol("n"))), "n has no value"),
        (sp.I * x, "complex; declare its symbols real=True"),
    ],
)
def test_what_cannot_be_lowered_names_the_part_and_a_way_out(expression, part):
    """Whoever typed a long formula must learn which part it is."""
    with pytest.raises(LoweringError, match=part):
        lower([expression], [x, y, p])


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 1, 3)])
def test_a_rule_stated_for_one_coordinate_works_on_tensors_of_any_shape(shape):
    """Elementwise, with the same arithmetic as NumPy's."""
    generator = np.random.default_rng(0)
    a, b = generator.normal(size=(2, *shape))
    tensors = {x: pt.tensor("a", shape=(None,) * len(shape)), y: pt.tensor("b", shape=shape)}
    (output,) = lower_elementwise([x - sp.Rational(1, 10) * y + sp.exp(x * y)], tensors)
    got = output.eval({tensors[x]: a, tensors[y]: b}, mode=Mode("py", "fast_compile"))
    assert got == pytest.approx(a - 0.1 * b + np.exp(a * b), rel=1e-14)


def test_an_output_that_is_an_input_or_a_constant_is_lowered_too():
    """A rule may hand a letter on unchanged."""
    tensor = pt.dvector()
    same, constant = lower_elementwise([x, sp.Integer(3)], {x: tensor})
    assert same.eval({tensor: [1.0, 2.0]}).tolist() == [1.0, 2.0]
    assert float(np.ravel(constant.eval())[0]) == 3.0


def test_matrix_recurrences_are_lowered_for_the_size_of_the_run():
    """Newton's direction for 3 variables, against NumPy's solve."""
    n = sp.Symbol("n", integer=True, positive=True)
    H, G = sp.MatrixSymbol("H", n, n), sp.MatrixSymbol("G", n, 1)
    inputs, (output,) = lower_matrices([-(H.I * G)], [H, G], {n: 3})
    generator = np.random.default_rng(1)
    hessian, gradient = np.eye(3) * 4 + generator.normal(size=(3, 3)), generator.normal(size=(3, 1))
    got = output.eval(dict(zip(inputs, (hessian, gradient), strict=True)))
    assert got == pytest.approx(-np.linalg.solve(hessian, gradient), rel=1e-12)


@pytest.mark.parametrize("function", [functions.sigmoid, functions.softplus, functions.relu,
                                      functions.hinge, functions.softsign])  # fmt: skip
def test_pytensors_slope_is_sympys_even_at_the_kink(function):
    """At 0 and 1 |z| and maximum have slopes of their own; `differentiable` avoids them."""
    inputs, (value,) = lower([function(x)], [x], differentiable=True)
    slope = pytensor.function(inputs, pt.grad(value, inputs[0]), mode=Mode("py", "fast_compile"))
    for place in (-2.0, 0.0, 0.5, 1.0, 3.0, 20.0, -20.0):
        expected = float(function(x).diff(x).subs(x, sp.Rational(place)).evalf(30))
        assert float(slope(place)) == pytest.approx(expected, rel=1e-13)
    assert np.isfinite([slope(800.0), slope(-800.0)]).all()


def test_the_slopes_of_a_log_sum_exp_are_its_weights():
    """Which argument is the largest must not matter to PyTensor's derivative."""
    inputs, (value,) = lower([functions.logsumexp(x, y, p)], [x, y, p], differentiable=True)
    slopes = pytensor.function(inputs, pt.grad(value, inputs), mode=Mode("py", "fast_compile"))
    weights = np.exp([1.0, 3.0, 3.0]) / np.exp([1.0, 3.0, 3.0]).sum()
    assert np.array(slopes(1.0, 3.0, 3.0)) == pytest.approx(weights, rel=1e-14)


i, j, m, n = sp.symbols("i j m n", integer=True)
X, v, t = sp.IndexedBase("X"), sp.IndexedBase("v"), sp.IndexedBase("t")
MATRIX = np.random.default_rng(2).normal(size=(3, 4))
VECTOR, TARGET = np.array([1.0, -1.0, 2.0, 0.5]), np.array([1.0, 2.0, 3.0])
INNER = sp.Sum(X[i, j] * v[j], (j, 0, m - 1))

SUMS = {
    sp.Sum(t[i] ** 2, (i, 0, n - 1)): np.sum(TARGET**2),
    sp.Sum(t[i], (i, 1, n - 1)): np.sum(TARGET[1:]),
    sp.Sum(t[i] - t[i - 1], (i, 1, n - 1)): TARGET[-1] - TARGET[0],
    sp.Sum((INNER - t[i]) ** 2, (i, 0, n - 1)) / n: np.mean((MATRIX @ VECTOR - TARGET) ** 2),
    sp.Sum(X[i, j] ** 2 * v[j] * t[i] + j, (j, 0, m - 1), (i, 0, n - 1)): (
        TARGET @ MATRIX**2 @ VECTOR + 3 * 6
    ),
    sp.Sum(t[i] * x, (i, 0, n - 1), (j, 0, 4)): 5 * 0.3 * np.sum(TARGET),
    sp.Product(t[i] * x, (i, 0, n - 1)): 0.3**3 * 6,
    sp.Sum(x**i, (i, 0, 3)): 1 + 0.3 + 0.09 + 0.027,
    x * sp.Sum(X[i, i], (i, 0, 2)): 0.3 * np.trace(MATRIX[:, :3]),
}


@pytest.mark.parametrize("total, expected", SUMS.items(), ids=lambda entry: str(entry)[:50])
def test_a_sum_over_data_is_a_reduction_over_its_arrays(total, expected):
    """Nested, shifted, over two counters, or over none; n and m are the lengths of the axes."""
    inputs, (value,) = lower([total], [x, X, v, t])
    evaluate = pytensor.function(
        inputs, value, mode=Mode("py", "fast_compile"), on_unused_input="ignore"
    )
    arguments = [np.array(0.3), MATRIX, VECTOR, TARGET]
    used = [
        argument if variable.ndim == argument.ndim else TARGET
        for variable, argument in zip(inputs, arguments, strict=True)
    ]
    assert float(evaluate(*used)) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(
    "total, symbols, part",
    [
        (sp.Sum(t[i], (i, 1, n)), [t], "runs past the data.*Let the sum run from 0 to n - 1"),
        (sp.Sum(t[i], (i, 0, n - 1)), [x], "t has no value"),
        (sp.Sum(x * i, (i, 0, n - 1)), [x], "n has no value"),
    ],
)
def test_a_sum_without_its_data_says_what_is_missing(total, symbols, part):
    """Counting from 1, an array not given, or a length nobody knows."""
    with pytest.raises(LoweringError, match=part):
        lower([total], symbols)
