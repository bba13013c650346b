"""What SymPy keeps unevaluated until it is asked: worked out, or refused in one sentence."""

import numpy as np
import pytest
import sympy as sp

import symlab as sl
from symlab.algebra.unevaluated import MOST_TERMS

x, y = sp.symbols("x y", real=True)
k, j, n = sp.symbols("k j n", integer=True)
HALF = sp.Rational(1, 2)
BACKENDS = ("interpreted", "sympy")


def one_step(expression, start, backend, step_size=0.1):
    """Where one gradient step leads."""
    method = sl.gradient_descent(step_size=step_size)
    return sl.minimize(sl.Objective(expression, (x,)), [start], method, 1, backend=backend).x[0]


@pytest.mark.parametrize("backend", BACKENDS)
def test_k8_a_finite_product_runs(backend):
    """Its slope at 0.3 is that of (u + 1)(u + 2)(u + 3)(u + 4) at u = 0.09, times 0.6."""
    factors = np.arange(1, 5) + 0.09
    slope = 0.6 * sum(np.prod(np.delete(factors, i)) for i in range(4))
    stepped = one_step(sp.Product(x**2 + k, (k, 1, 4)), 0.3, backend, 0.001)
    assert stepped == pytest.approx(0.3 - 0.001 * slope, rel=1e-14)


WRAPPED = {
    (sp.Mod(x, 2) - 1) ** 2: 0.6,
    (x - 2 * sp.floor(x / 2) - 1) ** 2: 0.6,
    (x - sp.floor(x + HALF)) ** 2: 0.6,
    sp.frac(x) ** 2: 0.6,
    (x - sp.ceiling(x)) ** 2: -1.4,
    x * sp.floor(x / 2): 2.0,
    sp.Abs(sp.Mod(x, 3) - 3): -1.0,
    sp.Mod(x**2, 4): 10.6,
    sp.exp(sp.Mod(x, 1) - sp.Rational(3, 10)): 1.0,
    sp.Max(sp.floor(x), x - 7) + x: 1.0,
    x * sp.sign(sp.Mod(x, 2) - HALF): 1.0,
    sp.Piecewise((sp.floor(x) * x, x > 5), (0, True)): 5.0,
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("expression", WRAPPED, ids=str)
def test_k8_the_slope_of_a_step_is_zero_and_of_a_remainder_one(expression, backend):
    """At 5.3, between the jumps."""
    moved = (5.3 - one_step(expression, 5.3, backend)) / 0.1
    assert moved == pytest.approx(WRAPPED[expression], rel=1e-12)


@pytest.mark.parametrize("expression", WRAPPED, ids=str)
def test_k8_no_half_done_derivative_is_left(expression):
    """Neither a Subs nor a Derivative, to any order."""
    objective = sl.Objective(expression, (x,))
    assert not objective.gradient.has(sp.Subs, sp.Derivative)
    assert not objective.hessian.has(sp.Subs, sp.Derivative)


WORKED_OUT = {
    sp.Sum(x * j, (j, 1, k), (k, 1, 3)): 10 * x,
    sp.Sum(sp.Sum(x**j, (j, 0, k)), (k, 0, 2)): x**2 + 2 * x + 3,
    sp.Sum(x**k / sp.factorial(k), (k, 0, sp.oo)): sp.exp(x),
    sp.Sum((-1) ** k * x ** (2 * k + 1) / sp.factorial(2 * k + 1), (k, 0, sp.oo)): sp.sin(x),
    sp.Product(sp.Sum(x + j, (j, 1, k)), (k, 1, 2)): (x + 1) * (2 * x + 3),
    sp.Integral(2 * y, (y, 0, x)): x**2,
    sp.Limit((sp.exp(x * y) - 1) / y, y, 0): x,
    sp.Derivative(x**3, x, x): 6 * x,
    sp.Subs(y**2, y, x + 1): (x + 1) ** 2,
    x + sp.Integral(sp.cos(y), (y, 0, sp.pi / 2)): x + 1,
}


@pytest.mark.parametrize("expression", WORKED_OUT, ids=str)
def test_k8_an_objective_holds_what_it_comes_to(expression):
    """`doit` is tried first."""
    assert sp.expand(sl.Objective(expression, (x,)).expression - WORKED_OUT[expression]) == 0


@pytest.mark.parametrize("backend", BACKENDS)
def test_k8_a_series_has_no_value_where_it_diverges(backend):
    """The geometric series: 1/(1 - x) inside, nothing outside."""
    series = sp.Sum(x**k, (k, 0, sp.oo))
    assert one_step(series, 0.5, backend) == pytest.approx(0.5 - 0.1 * 4, rel=1e-14)
    with pytest.raises(ValueError, match="start: the objective is nan there"):
        one_step(series, 1.5, backend)


@pytest.mark.parametrize("backend", BACKENDS)
def test_k8_a_long_sum_stays_a_sum(backend):
    """More terms than are written out, without a closed form."""
    most = MOST_TERMS + 1
    total = sp.Sum(sp.cos(k * x) / (k + sp.sin(k)), (k, 1, most))
    numbers = np.arange(1, most + 1)
    slope = -np.sum(numbers * np.sin(numbers * 0.3) / (numbers + np.sin(numbers)))
    assert one_step(total, 0.3, backend, 0.001) == pytest.approx(0.3 - 0.001 * slope, rel=1e-12)


def test_k8_a_series_without_a_closed_form_is_refused():
    """One sentence, with a way out."""
    endless = sp.Sum(sp.cos(x**k) / (2 + sp.sin(k)) ** k, (k, 1, sp.oo))
    with pytest.raises(ValueError, match=r"runs to infinity.*let it end at a number") as caught:
        sl.Objective(endless)
    assert len(str(caught.value)) < 200


SQUARE = sp.Matrix([[x, 1], [y, x]])
FIXED = sp.ImmutableMatrix(SQUARE)
OF_MATRICES = {
    sp.Determinant(SQUARE): x**2 - y,
    sp.Trace(SQUARE) ** 2: 4 * x**2,
    sp.Trace(SQUARE) + sp.sin(sp.Determinant(SQUARE)): 2 * x + sp.sin(x**2 - y),
    sp.Permanent(SQUARE): x**2 + y,
    sp.Trace(sp.MatMul(FIXED, sp.Transpose(FIXED))): 2 * x**2 + y**2 + 1,
    sp.Determinant(sp.Inverse(FIXED)): 1 / (x**2 - y),
    sp.Determinant(sp.MatAdd(FIXED, FIXED)): 4 * x**2 - 4 * y,
    sp.DotProduct(sp.Matrix([x, y]), sp.Matrix([1, y])): x + y**2,
    sp.Sum(sp.Determinant(k * FIXED), (k, 1, 2)): 5 * (x**2 - y),
}


@pytest.mark.parametrize("expression", OF_MATRICES, ids=lambda e: type(e).__name__)
def test_k8_a_number_made_of_a_matrix_is_worked_out(expression):
    """Determinants, traces, permanents and dot products become formulas in the entries."""
    found = sl.Objective(expression).expression
    assert sp.simplify(found - OF_MATRICES[expression]) == 0


@pytest.mark.parametrize(
    "expression",
    [
        sp.Sum((x - k) ** 2, (k, 1, n)),
        sp.Sum((x - k) ** 2, (k, 1, y)),
        sp.Product(x + k, (k, n, 5)),
        x + sp.sin(sp.Sum(x * k, (k, 0, 2 * n + 1))),
        sp.Sum(sp.Sum(x * k * j, (k, 1, j)), (j, 1, n)),
    ],
    ids=str,
)
@pytest.mark.parametrize("variables", [(), (x,), (x, y)])
def test_k8_a_sum_to_a_letter_is_refused(expression, variables):
    """A sum of 0.3 terms is none; the message names the letter and what helps."""
    with pytest.raises(ValueError, match=r"has [ny] in a bound, which must be a number; .*subs"):
        sl.Objective(expression, variables)


def test_k8_a_sum_to_a_letter_runs_once_the_letter_has_a_number():
    """As the message advises; an integral to a letter is a function of it, and stays."""
    assert sl.Objective(sp.Sum((x - k) ** 2, (k, 1, n)).subs(n, 2)).at([0]) == 5
    assert sl.Objective(sp.Integral(x, (x, 0, y))).expression == y**2 / 2


@pytest.mark.parametrize("largest", [True, False])
def test_k8_the_extreme_of_many_terms_has_the_slopes_of_the_one_that_is_it(largest):
    """A dozen lines, against NumPy's choice among them."""
    slopes = np.array([[(i * 7) % 12 - 5.5, (i * 5) % 11 - 4.5] for i in range(12)])
    lines = [sp.Rational(a) * x + sp.Rational(b) * y for a, b in slopes]
    f = sl.compile(sl.Objective((sp.Max if largest else sp.Min)(*lines), (x, y)), "interpreted")
    for point in np.random.default_rng(0).normal(size=(5, 2)):
        values = slopes @ point
        i = int(values.argmax() if largest else values.argmin())
        value, gradient = f.value_and_gradient(point)
        assert value == pytest.approx(values[i], rel=1e-14)
        assert gradient == pytest.approx(slopes[i], rel=1e-14)
