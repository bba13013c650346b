"""Sums and products of any number of terms, on the backend that needs no compiler."""

from itertools import pairwise

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import rosen, rosen_der

import symlab as sl
from symlab.engine.compiled.functions import compile

MANY = 40
v = sp.symbols(f"v0:{MANY}", real=True)
POINT = np.linspace(-1, 1.3, MANY)
ROSENBROCK = sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(v))


@pytest.mark.parametrize("gradient", ["sympy", "autodiff"])
def test_k3_a_function_of_many_variables_runs_interpreted(gradient):
    """Value and gradient, against SciPy's Rosenbrock."""
    f = compile(sl.Objective(ROSENBROCK, v), "interpreted", derived_by=gradient)
    value, slopes = f.value_and_gradient(POINT)
    assert value == pytest.approx(rosen(POINT), rel=1e-13)
    assert slopes == pytest.approx(rosen_der(POINT), rel=1e-12)


def test_k3_so_does_its_hessian():
    """Every second derivative of a power of the sum of all variables is the sum itself."""
    f = compile(sl.Objective(sp.Add(*v) ** 3 / 6, v), "interpreted")
    assert f.hessian(POINT) == pytest.approx(np.full((MANY, MANY), POINT.sum()), rel=1e-12)


@pytest.mark.parametrize("fused", [False, True])
def test_k3_a_run_in_many_variables_is_numpys(fused):
    """Step by step, and in one loop."""
    point = -np.ones(MANY)
    for _ in range(5):
        point = point - 1e-4 * rosen_der(point)
    method = sl.gradient_descent(step_size=1e-4)
    trace = sl.minimize(
        sl.Objective(ROSENBROCK, v), [-1] * MANY, method, 5, backend="interpreted", fused=fused
    )
    assert trace.value == pytest.approx(rosen(point), rel=1e-12)


@pytest.mark.parametrize(
    "expression, value",
    [
        (sp.Mul(*(2 + a / 9 for a in v)), np.prod(2 + POINT / 9)),
        (sp.Max(*v), POINT.max()),
        (sp.sqrt(sp.Add(*(a**2 for a in v))), np.linalg.norm(POINT)),
        (sl.softplus(sp.Add(*v)), np.logaddexp(0, POINT.sum())),
        (sp.Piecewise((sp.Add(*v), sp.And(*(a > -2 for a in v))), (0, True)), POINT.sum()),
        (sl.logsumexp(*v), np.log(np.exp(POINT).sum())),
    ],
    ids=["product", "maximum", "norm", "softplus of a sum", "conditions", "log-sum-exp"],
)
def test_k3_no_operation_has_a_limit_of_operands(expression, value):
    """Forty at once, where NumPy takes 32."""
    f = compile(sl.Objective(expression, v), "interpreted")
    got, slopes = f.value_and_gradient(POINT)
    assert got == pytest.approx(value, rel=1e-13)
    assert np.isfinite(slopes).all()


def test_k3_least_squares_may_be_written_out_row_by_row():
    """As beginners write it: 120 squares in two variables; NumPy's polyfit has the answer."""
    generator = np.random.default_rng(0)
    a = generator.normal(size=120)
    b = 2 * a + 1 + generator.normal(size=120) / 10
    w, c = sp.symbols("w c", real=True)
    squares = ((float(t) - w * float(u) - c) ** 2 for u, t in zip(a, b, strict=True))
    f = sl.Objective(sp.Add(*squares), variables=(w, c))
    trace = sl.minimize(f, [0, 0], sl.gradient_descent(step_size=0.002), 300, backend="interpreted")
    assert trace.x == pytest.approx(np.polyfit(a, b, 1), rel=1e-6)


@pytest.mark.parametrize("backend", ["interpreted", "sympy"])
def test_k3_a_penalty_on_many_weights_runs(backend):
    """The check of the start runs interpreted, whatever the backend: it raised on all of them."""
    columns, y = sp.symbols(f"x0:{MANY}", real=True), sp.Symbol("y", real=True)
    score = sum(w * c for w, c in zip(v, columns, strict=True))
    loss = (score - y) ** 2
    risk = sl.EmpiricalRisk(loss, parameters=v, data=(*columns, y), penalty=sum(w**2 for w in v))
    table = np.random.default_rng(1).normal(size=(6, MANY))
    data = {**{c: table[:, i] for i, c in enumerate(columns)}, y: table.sum(axis=1)}
    trace = sl.minimize(
        risk.on(data), [0] * MANY, sl.gradient_descent(step_size=0.01), 1, backend=backend
    )
    step = 0.01 * 2 * table.T @ table.sum(axis=1) / 6
    assert trace.x == pytest.approx(step, rel=1e-12)
