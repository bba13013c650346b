"""Compiled objectives, against SciPy and NumPy; most of it interpreted, which is the same graph."""

import numpy as np
import pytest
import scipy.optimize
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

import symlab as sl
from symlab.algebra.problems import PROBLEMS, rosenbrock
from symlab.engine.compiled.functions import CompiledObjective, compile

x, y = sp.symbols("x y", real=True)
F = sl.Objective(2 - 3 * x**3 + x**4)


@pytest.mark.parametrize("dimension", [2, 3, 10])
def test_rosenbrock_is_scipys(dimension):
    """Value, gradient and Hessian at random points, in up to ten variables."""
    f = compile(rosenbrock(dimension).objective, "interpreted")
    for point in np.random.default_rng(0).normal(size=(5, dimension)):
        assert f.value(point) == pytest.approx(scipy.optimize.rosen(point), rel=1e-13)
        assert f.gradient(point) == pytest.approx(scipy.optimize.rosen_der(point), rel=1e-11)
        assert f.hessian(point) == pytest.approx(scipy.optimize.rosen_hess(point), rel=1e-13)


@pytest.mark.parametrize("backend", ["c", "numba", "interpreted"])
def test_every_backend_computes_the_chapters_derivatives(backend):
    """f(1) = 0, f'(1) = -5, f''(1) = -6, and f(9/4) = -1675/256, all exact in floats."""
    f = compile(F, backend)
    assert (f.value([1]), f.gradient([1])[0], f.hessian([1])[0, 0]) == (0.0, -5.0, -6.0)
    assert f.value_and_gradient([2.25]) == (-1675 / 256, np.array([0.0]))
    assert f.backend == backend
    assert f.compile_seconds > 0


@given(st.floats(-1e3, 1e3))
def test_at_any_point_the_error_is_a_few_spacings_of_the_largest_term(a):
    """The oracle is exact: SymPy's rational value at the float's own fraction."""
    exact = F.expression.subs(x, sp.Rational(a))
    largest = max(2, abs(3 * a**3), a**4)
    assert abs(compile(F, "interpreted").value([a]) - float(exact)) <= 4 * np.spacing(largest)


@pytest.mark.parametrize("name", PROBLEMS.taught)
def test_the_gradient_is_the_slope_of_the_value(name):
    """SciPy's own finite differences, for every named problem."""
    problem = PROBLEMS[name]
    f = compile(problem.objective, "interpreted")
    point = np.array([float(a) for a in problem.start]) + 0.3
    assert f.gradient(point) == pytest.approx(
        scipy.optimize.approx_fprime(point, f.value, 1e-7), rel=1e-4, abs=1e-4
    )
    assert np.array_equal(f.hessian(point), f.hessian(point).T)


def test_results_are_plain_numpy():
    """What goes in is anything like an array; what comes out are a float and float64 arrays."""
    f = compile(sl.Objective(x**2 * y), "interpreted")
    assert type(f.value([1, 2])) is float
    for point in ([1, 2], (1.0, 2.0), np.array([1, 2]), np.float32([1, 2])):
        assert f.gradient(point).tolist() == [4.0, 1.0]
    assert f.gradient([1, 2]).dtype == np.float64
    assert f.hessian([1, 2]).shape == (2, 2)


def test_results_are_not_overwritten_by_the_next_call():
    """The C machine keeps its buffers; what it hands out must be the caller's own."""
    f = compile(F, "c")
    first = f.gradient([1.0])
    second = f.gradient([2.0])
    assert (first[0], second[0]) == (-5.0, -4.0)


def test_a_variable_that_does_not_occur_has_derivative_zero():
    """An objective may be flat in some direction."""
    f = compile(sl.Objective(x**2, (x, y)), "interpreted")
    assert f.gradient([3, 5]).tolist() == [6.0, 0.0]
    assert f.hessian([3, 5]).tolist() == [[2.0, 0.0], [0.0, 0.0]]


def test_outside_the_domain_the_value_is_nan_and_nothing_is_raised():
    """A line search may look there."""
    f = compile(sl.Objective(sp.log(x)), "interpreted")
    with np.errstate(all="ignore"):
        assert np.isnan(f.value([-1.0]))


@pytest.mark.parametrize("point", [[1, 2], [], [[1.0]]])
def test_a_point_of_the_wrong_shape_is_refused(point):
    """Broadcasting would hide the mistake."""
    with pytest.raises(ValueError, match=r"x: expected shape \(1,\), got"):
        compile(F, "interpreted").value(point)


def test_what_cannot_be_compiled_is_refused():
    """`sympy` is a backend of runs, and needs no compiling."""
    with pytest.raises(ValueError, match="backend: unknown name 'sympy'"):
        compile(F, "sympy")
    with pytest.raises(TypeError, match="objective: expected an Objective, got x"):
        compile(x)


def test_it_is_compiled_once_in_a_process():
    """The second objective of the same formula costs nothing, wherever it comes from."""
    first = compile(F, "interpreted")
    first.value([1])
    again = CompiledObjective(sl.Objective(2 - 3 * x**3 + x**4), "interpreted")
    assert again._value is first._value


def test_the_repr_is_the_call():
    """A reader sees what made it."""
    assert repr(compile(F, "interpreted")).startswith("compile(Objective(x**4 - 3*x**3 + 2")


OUTSIDE = [
    ({"positive": True}, -1, "p = -1, but p is positive"),
    ({"positive": True}, 0, "p = 0, but p is positive"),
    ({"negative": True}, 2, "p = 2, but p is negative"),
    ({"nonnegative": True}, -0.5, "p = -0.5, but p is nonnegative"),
    ({"nonzero": True, "real": True}, 0, "p = 0, but p is nonzero"),
    ({"integer": True}, 0.5, "p = 0.5, but p is an integer"),
]


@pytest.mark.parametrize(("assumed", "at", "words"), OUTSIDE)
@pytest.mark.parametrize("function", ["value", "gradient", "value_and_gradient", "hessian"])
def test_a_point_against_an_assumption_is_refused_by_name(assumed, at, words, function):
    """The formula was simplified with the assumption; outside it the value is another's."""
    p = sp.Symbol("p", **assumed)
    f = compile(sl.Objective(p**2 + y, [y, p]), "interpreted")
    with pytest.raises(ValueError, match=f"^x: outside the domain: {words}.$"):
        getattr(f, function)([1, at])


def test_a_risk_refuses_a_parameter_against_its_assumption():
    """Over data too; where the assumption holds, nothing changes."""
    p = sp.Symbol("p", positive=True)
    risk = sl.EmpiricalRisk((p * x - y) ** 2, [p], [x, y]).on({"x": [1, 2], "y": [1, 2]})
    f = compile(risk, "interpreted")
    assert f.value([1]) == 0
    for function in (f.value, f.gradient, f.hessian):
        with pytest.raises(ValueError, match="p is positive"):
            function([-1])


def test_a_point_that_is_not_finite_is_still_looked_at():
    """Infinity and NaN break no assumption; they give what floats give."""
    p = sp.Symbol("p", positive=True)
    f = compile(sl.Objective(p**2), "interpreted")
    assert f.value([np.inf]) == np.inf
    assert np.isnan(f.value([np.nan]))
