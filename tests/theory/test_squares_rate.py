"""What is predicted of Gauss-Newton is what its runs do; where nothing is, a note says why."""

import pytest
from sympy import Rational, symbols

import symlab as sl

x, y = symbols("x y", real=True)


@pytest.mark.parametrize("bend", [Rational(1, 3), Rational(1, 2), Rational(-1, 5)])
def test_the_predicted_rate_is_the_measured_one(bend):
    """A residual that stays away from zero, times its second derivative, over J'J."""
    f = sl.Objective((x - 1) ** 2 + (bend * x**2 + 1) ** 2)
    found = sl.analyze(f, sl.gauss_newton)
    trace = sl.minimize(f, [float(found.minimum.point[0]) + 0.1], "gauss_newton", backend="sympy")
    assert 0 < found.rate < 1
    assert found.order == 1
    assert trace.rate(found.minimum.point) == pytest.approx(float(found.rate), rel=1e-2)


def test_residuals_that_vanish_are_approached_at_order_two():
    """Nothing is left out of the Hessian there; every coordinate at once."""
    valley = sl.problems["rosenbrock"].objective
    for method in (sl.gauss_newton, "levenberg_marquardt"):
        found = sl.analyze(valley, method)
        assert (found.rate, found.order) == (0, 2)
    trace = sl.minimize(
        sl.problems["beale"].objective, [2.5, 0.4], sl.gauss_newton, backend="sympy"
    )
    assert trace.order([3, Rational(1, 2)]) > 1.8


def test_a_minimum_that_full_steps_leave_is_told():
    """The search holds them back; without one the multiplier is above one in modulus."""
    f = sl.Objective((x - 1) ** 2 / 100 + (x**2 + 1) ** 2)
    held, full = sl.analyze(f, sl.gauss_newton), sl.analyze(f, sl.gauss_newton(search=sl.fixed))
    assert held.rate is None
    assert any("Full steps would leave" in note for note in held.notes)
    assert full.multiplier < -1
    assert "repels" in full.verdict


def test_a_minimum_where_no_step_is_determined_is_told():
    """The local minimum of Freudenstein and Roth: two residuals, not zero, in two variables."""
    problem = sl.problems.mgh["freudenstein_roth"]
    found = sl.analyze(problem.objective, sl.gauss_newton, start=[11, -1])
    assert any("the Jacobian has no full rank" in note for note in found.notes)


@pytest.mark.parametrize(
    "objective, method, message",
    [
        (x**4 - 3 * x**3, "gauss_newton", "objective: expected a sum of squares"),
        (None, "gauss_newton", "method: gauss_newton is analysed on formulas"),
    ],
)
def test_what_cannot_be_analysed_is_refused(objective, method, message):
    """In one line that says what to do instead."""
    data = {x: [1, 2, 3], "y": [1, 2, 2]}
    stated = sl.least_squares(y * x, (y,), {x: data[x], "u": [1, 2, 2]})
    given = stated if objective is None else sl.Objective(objective)
    with pytest.raises((TypeError, ValueError), match=rf"^{message}"):
        sl.analyze(given, method)


def test_eliminated_parameters_have_no_rate():
    """What is minimised is another function."""
    f = sl.Objective((x - y**2) ** 2 + (x - 1) ** 2)
    found = sl.analyze(f, "variable_projection")
    assert found.rate is None
    assert any("variable_projection" in note for note in found.notes)
