"""Rewrites before lowering: identities of real numbers that keep the digits floats would lose."""

import mpmath
import numpy as np
import pytest
import sympy as sp

import symlab as sl
from symlab.algebra.numeric import MPMATH
from symlab.engine.lowering.stabilize import stabilize

x, y, z = sp.symbols("x y z", real=True)
LOGISTIC = sp.log(1 + sp.exp(z))

FORMS = [
    LOGISTIC,
    sp.log(1 + sp.exp(-z)),
    LOGISTIC.diff(z),
    LOGISTIC.diff(z, 2),
    LOGISTIC.diff(z, 3),
    1 / (1 + sp.exp(-z)),
    (1 / (1 + sp.exp(-z))).diff(z),
    3 * z * sp.exp(2 * z) / (1 + sp.exp(z)) ** 3,
    sp.log(1 + z**2),
    sp.exp(z) - 1 + z,
    2 * z - 2 * z * sl.sigmoid(z) + 1,
    sl.sigmoid(z).diff(z, 3),
    sp.log(1 + sp.exp(2 * z + 1)) - z / 3,
    sp.exp(z) ** 2 / (1 + sp.exp(z)),
    z / sp.sqrt(1 + sp.exp(z)),
]


def value(expression, point):
    """An expression in z, to the working precision of mpmath and without any rewriting."""
    return sp.lambdify(z, expression, [MPMATH, "mpmath"])(mpmath.mpf(point))


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_rewrite_changes_no_value(form):
    """The same number to 50 digits on both sides of zero."""
    with mpmath.workdps(60):
        for point in ("-3.7", "-0.2", "0.01", "1.3", "12.5"):
            before, after = value(form, point), value(stabilize(form), point)
            assert abs(before - after) <= mpmath.mpf(10) ** -50 * abs(before)


@pytest.mark.parametrize("form", FORMS[:5], ids=str)
def test_no_exponential_is_left_that_could_overflow(form):
    """The logistic loss and its first three derivatives become sigmoids."""
    assert not stabilize(form).has(sp.exp, sp.log)


def test_the_logistic_loss_and_its_derivatives_survive_800():
    """The measured failure: as derived, the gradient at 800 is infinity over infinity."""
    f = sl.compile(sl.Objective(LOGISTIC), "interpreted")
    assert f.value([800.0]) == 800.0
    assert f.gradient([800.0]).tolist() == [1.0]
    assert f.hessian([800.0]).tolist() == [[0.0]]
    assert f.value([-800.0]) == 0.0
    assert f.gradient([-800.0]).tolist() == [0.0]
    with np.errstate(all="ignore"):
        as_derived = sp.lambdify(z, LOGISTIC.diff(z), "numpy")(np.float64(800))
    assert np.isnan(as_derived)


@pytest.mark.parametrize("point", [-30, -1e-9, 1e-12, 2.5, 40])
def test_small_numbers_keep_their_digits(point):
    """Where 1 + u rounds u away, log1p, expm1 and sigmoid do not: 4 spacings at most."""
    for form in (LOGISTIC, LOGISTIC.diff(z), LOGISTIC.diff(z, 2), sp.exp(z) - 1, sp.log(1 + z**2)):
        got = sl.compile(sl.Objective(form), "interpreted").value([point])
        with mpmath.workdps(60):
            true = float(value(form, point))
        assert abs(got - true) <= 4 * np.spacing(abs(true))


def test_in_several_variables_and_with_factors_too():
    """The logistic loss of a linear score, as it is derived for a parameter."""
    loss = sp.log(1 + sp.exp(x * y + 1)) - y * (x * y + 1)
    assert stabilize(loss.diff(x)) == y * sl.sigmoid(x * y + 1) - y**2
    assert stabilize(x / (1 + sp.exp(y))) == x * sl.sigmoid(-y)


def test_what_needs_no_rewriting_is_left_alone():
    """A polynomial comes back as the same object."""
    assert stabilize(x**4 - 3 * x**3 + 2) == x**4 - 3 * x**3 + 2
    assert stabilize(sp.exp(x) + 1) == sp.exp(x) + 1
