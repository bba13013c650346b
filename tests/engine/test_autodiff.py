"""Automatic differentiation: PyTensor's derivative of the value, against SciPy and by hand."""

import numpy as np
import pytest
import scipy.optimize
import sympy as sp

import symlab as sl
from symlab.algebra.problems import rosenbrock
from symlab.engine.lowering.lower import LoweringError

x, y = sp.symbols("x y", real=True)


def autodiff(f, backend="c"):
    """The gradient that PyTensor takes of the value."""
    return sl.compile(f, backend, derived_by="autodiff").gradient


def test_it_is_the_product_rule():
    """(e^x sin x)' = e^x (sin x + cos x); a variable that does not occur has derivative 0."""
    f = sl.Objective(sp.exp(x) * sp.sin(x), (x, y))
    gradient = autodiff(f, "interpreted")(np.array([0.7, 1.0]))
    assert gradient == pytest.approx([np.exp(0.7) * (np.sin(0.7) + np.cos(0.7)), 0], rel=1e-15)


@pytest.mark.parametrize("dimension", [2, 10])
def test_it_is_scipys_gradient_of_rosenbrock(dimension):
    """A derivative written by hand elsewhere."""
    gradient = autodiff(rosenbrock(dimension).objective, "interpreted")
    for point in np.random.default_rng(0).normal(size=(3, dimension)):
        assert gradient(point) == pytest.approx(scipy.optimize.rosen_der(point), rel=1e-11)


def test_it_never_asks_sympy_for_a_derivative(monkeypatch):
    """Else the two could not be held against each other."""
    f = sl.Objective(sp.cos(x) * sl.softplus(x))
    monkeypatch.delattr(sl.softplus, "fdiff")
    monkeypatch.setattr(sl.Objective, "gradient", None)
    slope = autodiff(f, "interpreted")(np.array([0.3]))[0]
    sigma, softplus = 1 / (1 + np.exp(-0.3)), np.log1p(np.exp(0.3))
    assert slope == pytest.approx(np.cos(0.3) * sigma - np.sin(0.3) * softplus, rel=1e-14)


def test_it_differentiates_the_stable_form():
    """The derivative of softplus at 800 is 1 and not a number over infinity."""
    gradient = autodiff(sl.Objective(sp.log(1 + sp.exp(x))), "interpreted")
    assert gradient(np.array([800.0])).tolist() == [1.0]


def test_what_pytensor_does_not_know_is_named():
    """As for any compiled function."""
    with pytest.raises(LoweringError, match="no backend has mathieuc"):
        autodiff(sl.Objective(sp.mathieuc(1, 2, x)), "interpreted")(np.array([1.0]))
    with pytest.raises(ValueError, match="backend: unknown name 'sympy'"):
        autodiff(sl.Objective(x**2), "sympy")


@pytest.mark.parametrize(
    "expression, slope",
    [
        (sp.LambertW(x), 1 / (2 * np.e)),
        (sp.Si(x / np.e), np.sin(1) / np.e),
        (sp.besselj(0, x / np.e), -0.44005058574493351596 / np.e),
        (sp.loggamma(x) + sp.polylog(2, -x / np.e), 0.804926274463566 - np.log(2) / np.e),
    ],
)
def test_special_functions_are_differentiated_as_sympy_does(expression, slope):
    """At e: W is 1 there; Si'(1) = sin 1; J0' = -J1; psi(e), and Li2'(-1) = log 2."""
    gradient = autodiff(sl.Objective(expression), "interpreted")(np.array([np.e]))
    assert gradient[0] == pytest.approx(slope, rel=1e-13)
