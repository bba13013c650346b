"""What is written as a sum of squares is recognised; residuals and Jacobian are derived."""

import pytest
import sympy as sp

import symlab as sl
from symlab.algebra.squares import squares_of

x, y, w, b, lam = sp.symbols("x y w b lam", real=True)
v = sp.Symbol("v", nonnegative=True)


def rebuilt(objective):
    """The objective from its residuals: the factor times their squares, on every sample."""
    found = squares_of(objective)
    total = sum(entry**2 for entry in found.once.entries)
    if objective.samples is not None:
        for row in zip(*objective.arrays, strict=True):
            here = dict(zip(objective.risk.data, map(sp.Rational, row), strict=True))
            total += sum(entry.subs(here) ** 2 for entry in found.of_sample.entries)
    return found.factor * total


@pytest.mark.parametrize("name", list(sl.problems.mgh))
def test_every_classic_problem_is_the_sum_of_its_derived_squares(name):
    """The problems are stated by their residuals, and the objective keeps the squares alone."""
    problem = sl.problems.mgh[name]
    point = [sp.Rational(number) + sp.Rational(1, 7) for number in problem.start]
    here = dict(zip(problem.objective.variables, point, strict=True))
    published = sum(residual.subs(here) ** 2 for residual in problem.residuals)
    gap = (rebuilt(problem.objective).subs(here) - published).evalf(40)
    assert abs(gap) <= abs(published.evalf(40)) * sp.Float("1e-35", 40)


RISKS = {
    "mean": ((w * x + b - y) ** 2, "mean", 0),
    "halved sum": ((w * x + b - y) ** 2 / 2, "sum", 0),
    "penalty": ((w * x + b - y) ** 2 / 2, "mean", 3 * w**2 + b**2),
    "two squares": ((w * x - y) ** 2 + 5 * (b - x) ** 2, "mean", 0),
    "weights in the data": (v * (w * x + b - y) ** 2, "sum", 0),
}


@pytest.mark.parametrize("stated", RISKS.values(), ids=RISKS)
def test_a_risk_with_any_factor_and_penalty_is_the_sum_of_its_squares(stated):
    """Symbolically equal to the sum written out, so that gradient and Jacobian agree too."""
    loss, reduction, penalty = stated
    data = (x, y, v) if v in loss.free_symbols else (x, y)
    risk = sl.EmpiricalRisk(loss, (w, b), data, reduction, penalty)
    bound = risk.on({symbol: [symbol.name.count("x") + 1, 2, 5] for symbol in data})
    written = sp.nsimplify(bound.expression, rational=True)
    assert sp.expand(rebuilt(bound) - written) == 0


def test_the_gradient_is_twice_the_jacobian_times_the_residuals():
    """On a problem whose Jacobian is not constant."""
    objective = sl.problems["beale"].objective
    once = squares_of(objective).once
    jacobian, residuals = sp.Matrix(once.jacobian), sp.Matrix(once.entries)
    assert (objective.gradient - 2 * jacobian.T * residuals).expand().is_zero_matrix


@pytest.mark.parametrize("formula", [x**4 - 3 * x**3 + 2, -(x**2), x**2 + sp.exp(x), x * y + y**2])
def test_what_is_no_sum_of_squares_is_refused_with_the_term(formula):
    """Before anything is compiled."""
    with pytest.raises(ValueError, match=r"^objective: expected a sum of squares, .* no square\.$"):
        sl.minimize(sl.Objective(formula), [1] * len(formula.free_symbols), "levenberg_marquardt")


def test_a_regression_is_stated_in_one_line():
    """The same objective as the one that NIST's problems state by hand."""
    steel = sl.problems.nist["Chwirut2"]
    found = sl.least_squares(steel.model, steel.parameters, {"x": steel.x, "y": steel.y})
    assert found.risk == steel.objective.risk
    assert found.at(steel.certified) == steel.objective.at(steel.certified)


def test_a_response_is_named_where_more_than_one_column_is_left():
    """As of a table that has more columns than the model reads."""
    data = {x: [0, 1], "y": [1, 2], "z": [3, 5]}
    with pytest.raises(ValueError, match=r"^response: expected just one column .* \['y', 'z'\]"):
        sl.least_squares(w * x, [w], data)
    found = sl.least_squares(w * x, [w], data, response="z")
    assert float(found.at([2])) == 9 + 9


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((w * x, [w], {"x": [1], "y": [1]}, "x"), "response: the model reads x"),
        ((w * x, [w], {"x": [1], "y": [1]}, "z"), "response: 'z' is not among the data"),
        ((w * x, [w], {"x": [1], "w": [1]}), "response: w is also a parameter"),
        ((w * x, [w], {"u": [1], "y": [1]}), "data: the model reads 'x', which is neither"),
        ((x, [w], {"x": [1], "y": [1]}), "model: expected a formula that reads some"),
        ((w * x, [w], {"x": [1, 2], "y": [1]}), "data: lengths differ"),
    ],
)
def test_a_regression_that_does_not_fit_together_is_refused(arguments, message):
    """Each by the argument that is wrong."""
    with pytest.raises(ValueError, match=f"^{message}"):
        sl.least_squares(*arguments)
