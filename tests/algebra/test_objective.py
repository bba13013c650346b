"""An objective: its derivatives, approximants and slices are those of calculus, exactly."""

from itertools import product

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from symlab.algebra.functions import relu, sigmoid
from symlab.algebra.objective import Objective
from symlab.algebra.problems import PROBLEMS

x, y, z, q = sp.symbols("x y z q", real=True)
quartic = Objective(2 - 3 * x**3 + x**4)
small = st.fractions(-3, 3, max_denominator=4).map(
    lambda r: sp.Rational(r.numerator, r.denominator)
)


def partial(expression, orders, variables, point):
    """Return one mixed partial derivative at a point, by differentiating one variable at a time."""
    for variable, order in zip(variables, orders, strict=True):
        expression = sp.diff(expression, variable, order) if order else expression
    return expression.subs(list(zip(variables, point, strict=True)))


def taylor_by_multi_indices(expression, variables, point, order):
    r"""Return :math:`\sum_{|k| \le order} D^k f(a) (x - a)^k / k!`, the textbook formula."""
    return sum(
        partial(expression, orders, variables, point)
        * sp.prod(
            (variable - a) ** k / sp.factorial(k)
            for variable, a, k in zip(variables, point, orders, strict=True)
        )
        for orders in product(range(order + 1), repeat=len(variables))
        if sum(orders) <= order
    )


# --- what is stated -------------------------------------------------------------------------------


def test_variables_left_out_are_the_free_symbols_by_name():
    """A fixed order, whatever order SymPy keeps them in."""
    assert Objective(z * y + x).variables == (x, y, z)


def test_given_variables_keep_their_order_and_may_be_absent():
    """A gradient then has a zero where the expression is constant."""
    f = Objective(x**2, (y, x))
    assert f.variables == (y, x)
    assert f.dimension == 2
    assert f.gradient == sp.Matrix([0, 2 * x])


def test_a_single_variable_need_not_be_in_a_list():
    """`Objective(f, x)` is what people type."""
    assert Objective(x**2, x).variables == (x,)


@pytest.mark.parametrize("expression", [x, -x, x / 2])
def test_the_plainest_expressions_are_objectives(expression):
    """A bare symbol is a SymPy Boolean as well as an expression; it must not be mistaken."""
    assert Objective(expression).expression == expression


def test_floats_are_the_decimals_they_print_as():
    """So exact runs are exact in what the user wrote."""
    assert Objective(0.1 * x**2).expression == x**2 / 10


def test_a_constant_over_named_variables_is_flat():
    """Nothing to descend, but nothing wrong either."""
    f = Objective(sp.Rational(5, 2), [x, y])
    assert f.gradient == sp.zeros(2, 1)
    assert f.hessian == sp.zeros(2, 2)
    assert f.taylor([1, 2], order=3) == sp.Rational(5, 2)
    assert f.at([0, 0]) == sp.Rational(5, 2)


def test_equal_statements_are_equal_objectives():
    """An objective is a value: it can key a cache."""
    assert Objective(x**2) == Objective(x**2, [x])
    assert hash(Objective(x**2)) == hash(Objective(x**2, [x]))
    assert Objective(x**2) != Objective(x**2, [x, y])


def test_what_is_handed_out_cannot_change_the_objective():
    """The matrices are copies, since SymPy's Matrix is mutable."""
    f = Objective(x**2 + y)
    f.gradient[0], f.hessian[0, 0] = 7, 7
    assert f.gradient[0] == 2 * x
    assert f.hessian[0, 0] == 2


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        (("x**2",), TypeError, r"got the text 'x\*\*2'; symlab.parse"),
        ((None,), TypeError, "expression: expected a SymPy expression, got None"),
        (([x],), TypeError, "expression: expected a SymPy expression"),
        ((lambda v: v,), TypeError, "expression: expected a SymPy expression"),
        ((sp.Matrix([x]),), TypeError, "expression: expected a SymPy expression"),
        ((x > 1,), TypeError, "expression: expected a SymPy expression, got x > 1"),
        ((sp.Eq(x, 1),), TypeError, "expression: expected a SymPy expression"),
        ((sp.nan,), ValueError, "expected a real function, got nan"),
        ((sp.oo,), ValueError, "expected a real function, got oo"),
        ((sp.I * x,), ValueError, r"expected a real function, got I\*x"),
        ((sp.sqrt(-1 - x**2),), ValueError, "expected a real function"),
        ((sp.log(-1 - x**2),), ValueError, "expected a real function"),
        ((sp.Function("h")(x),), ValueError, r"undefined functions \['h\(x\)'\]"),
        ((sp.Integer(5),), ValueError, "the expression 5 has no variable"),
        ((x * y, [x]), ValueError, r"the symbols \['y'\] are not among the variables \['x'\]"),
        ((x, (x, x)), ValueError, r"named twice in \['x', 'x'\]"),
        ((x + sp.Symbol("x"),), ValueError, "named twice"),
        ((sp.Symbol("x"), [x]), ValueError, "one name with different assumptions"),
        ((x, ["x"]), TypeError, "variables: expected SymPy symbols, got 'x'"),
        ((x, "x"), TypeError, "variables: expected SymPy symbols, got 'x'"),
        ((x, 3), TypeError, "variables: expected SymPy symbols, got 3"),
    ],
)
def test_a_bad_statement_is_refused_with_what_came(arguments, error, message):
    """Before any derivative is taken."""
    with pytest.raises(error, match=message):
        Objective(*arguments)


def test_it_prints_as_the_call_that_makes_it():
    """One variable keeps the comma of its tuple."""
    assert repr(quartic) == "Objective(x**4 - 3*x**3 + 2, variables=(x,))"
    assert repr(Objective(x + y)) == "Objective(x + y, variables=(x, y))"
    assert quartic._repr_latex_() == r"$\displaystyle f(x) = x^{4} - 3 x^{3} + 2$"


# --- value, gradient, Hessian ---------------------------------------------------------------------


def test_the_value_at_a_point_is_exact():
    """The chapter's minimum value, -1675/256."""
    assert quartic.at([2.25]) == sp.Rational(-1675, 256)
    assert quartic.at(sp.Rational(9, 4)) == sp.Rational(-1675, 256)


def test_points_are_put_in_by_position_not_by_name():
    """The coordinates belong to `variables` in order."""
    assert Objective(x - 10 * y, (y, x)).at([1, 2]) == 2 - 10


@pytest.mark.parametrize(
    "expression, point", [(1 / x, 0), (sp.log(x), 0), (sp.log(x), -1), (sp.sqrt(x), -4)]
)
def test_a_value_that_is_not_finite_and_real_is_refused(expression, point):
    """`zoo` or an imaginary number would spoil whatever is computed from it."""
    with pytest.raises(ValueError, match=r"^point: the objective is .* expected a real number"):
        Objective(expression).at([point])


@pytest.mark.parametrize("problem", PROBLEMS.taught.values(), ids=PROBLEMS.taught)
def test_the_gradient_is_the_slope_along_every_axis(problem):
    r"""By the definition :math:`g_i = d/dq f(x + q e_i)` at q = 0, at the customary start."""
    f = problem.objective
    for i in range(f.dimension):
        axis = [int(i == j) for j in range(f.dimension)]
        slope = sp.diff(f.along(problem.start, axis, q), q).subs(q, 0)
        here = dict(zip(f.variables, problem.start, strict=True))
        assert slope - f.gradient[i].subs(here) == 0


@pytest.mark.parametrize("problem", PROBLEMS.taught.values(), ids=PROBLEMS.taught)
def test_the_hessian_is_symmetric_and_of_the_right_shape(problem):
    """Second derivatives of a polynomial commute (Schwarz)."""
    f = problem.objective
    assert f.gradient.shape == (f.dimension, 1)
    assert f.hessian.shape == (f.dimension, f.dimension)
    assert f.hessian.is_symmetric()


# --- Taylor ---------------------------------------------------------------------------------------

EXPANDED = {
    "one variable": (sp.exp(x) * sp.sin(x), (x,), (sp.Rational(1, 2),)),
    "two variables": (sp.exp(x * y) + sp.cos(x + 2 * y), (x, y), (0, 1)),
    "three variables": (sp.exp(x) * sp.sin(y) / (2 + z), (x, y, z), (0, 1, sp.Rational(1, 3))),
    "a field function": (sigmoid(x - y), (x, y), (1, 1)),
    "a variable called q": (q**3 * x, (q, x), (2, -1)),
    "an absent variable": (x**2, (x, y), (1, 1)),
}


@pytest.mark.parametrize("case", EXPANDED)
@pytest.mark.parametrize("order", [0, 1, 2, 5])
def test_taylor_is_the_sum_over_multi_indices(case, order):
    """The slice along x - a, differentiated j times, must give the textbook sum of all |k| <= j."""
    expression, variables, point = EXPANDED[case]
    approximant = Objective(expression, variables).taylor(at=point, order=order)
    textbook = taylor_by_multi_indices(expression, variables, point, order)
    assert sp.expand(approximant - textbook) == 0


def test_taylor_in_one_variable_is_sympys_series():
    """SymPy's `series` computes with power series, not with derivatives of a slice."""
    expression = sp.exp(sp.sin(x)) / (1 + x**2)
    series = expression.series(x, 0, 7).removeO()
    assert sp.expand(Objective(expression).taylor([0], order=6) - series) == 0


def test_taylor_of_order_zero_is_the_value():
    """A constant, whatever the point."""
    assert quartic.taylor(at=[1], order=0) == quartic.at([1]) == 0


def test_taylor_of_order_one_is_the_default_and_the_chapters_tangent():
    """Section 9's table: at 1/2 the line has value 27/16 and slope -7/4."""
    assert (
        sp.expand(quartic.taylor([0.5]) - sp.Rational(27, 16) + sp.Rational(7, 4) * (x - 0.5)) == 0
    )
    assert quartic.taylor([1]) == 5 - 5 * x


def test_taylor_of_a_quadratic_is_the_quadratic():
    """In ten variables, about a point where nothing vanishes."""
    variables = sp.symbols("x1:11", real=True)
    bowl = sum(i * v**2 for i, v in enumerate(variables, 1)) + variables[0] * variables[9]
    model = Objective(bowl, variables).taylor(list(range(1, 11)), order=2)
    assert sp.expand(model - bowl) == 0


@given(st.lists(small, min_size=6, max_size=6), small, small, st.integers(0, 4))
@settings(max_examples=40)
def test_the_remainder_begins_above_the_order(coefficients, a, b, order):
    r"""With :math:`f(a + qp) - T(a + qp) = O(q^{order + 1})` along p: no lower power is left."""
    terms = [1, x, y, x * y, x**3, y**4]
    polynomial = sum(c * term for c, term in zip(coefficients, terms, strict=True)) + x**2 * y**3
    f = Objective(polynomial, (x, y))
    remainder = Objective(polynomial - f.taylor([a, b], order), (x, y))
    on_ray = sp.Poly(remainder.along([a, b], [1, 2], q), q)
    assert all(power > order for (power,), c in on_ray.terms() if c)


@pytest.mark.parametrize("order", [-1, 1.0, "1", None, True])
def test_an_order_that_is_no_count_is_refused(order):
    """True would pass for 1, and 1.0 for a count."""
    with pytest.raises((TypeError, ValueError), match=r"^order: expected (an integer|at least 0)"):
        quartic.taylor([1], order)


def test_numpys_integers_count_as_orders():
    """They come out of every arange."""
    assert quartic.taylor([1], np.int64(1)) == 5 - 5 * x


@pytest.mark.parametrize(
    "expression, order",
    [(sp.log(x), 0), (sp.sqrt(x), 1), (1 / x, 0), (sp.Abs(x), 2), (relu(x), 2), (sp.log(x - 1), 0)],
)
def test_a_missing_derivative_is_named_by_its_order(expression, order):
    """The lower orders exist, and are given."""
    f = Objective(expression)
    for lower in range(order):
        f.taylor([0], lower)
    with pytest.raises(ValueError, match=f"no finite real derivative of order {order} at "):
        f.taylor([0], order)


@pytest.mark.parametrize("at", [[1, 2], []])
def test_a_point_of_the_wrong_length_is_refused(at):
    """By every way of naming a point."""
    with pytest.raises(ValueError, match=r"^at: expected 1 coordinate, got "):
        quartic.taylor(at)
    with pytest.raises(ValueError, match=r"^at: expected 1 coordinate, got "):
        quartic.surrogate(at, 1)
    with pytest.raises(ValueError, match=r"^point: expected 1 coordinate, got "):
        quartic.at(at)
    with pytest.raises(ValueError, match=r"^direction: expected 1 coordinate, got "):
        quartic.along([1], at, q)


# --- surrogate and slice --------------------------------------------------------------------------

smooth = [*PROBLEMS.taught.values()]


@pytest.mark.parametrize("problem", smooth, ids=lambda problem: problem.name)
def test_the_surrogate_touches_the_objective_with_its_gradient(problem):
    """Same value, same gradient: it is the tangent with a bowl of curvature 1/step on top."""
    f, a = problem.objective, problem.start
    h = Objective(f.surrogate(a, sp.Rational(1, 10)), f.variables)
    here = dict(zip(f.variables, a, strict=True))
    assert h.at(a) == f.at(a)
    assert (h.gradient - f.gradient).subs(here) == sp.zeros(f.dimension, 1)
    assert h.hessian == 10 * sp.eye(f.dimension)


@pytest.mark.parametrize("problem", smooth, ids=lambda problem: problem.name)
def test_the_surrogates_minimiser_is_the_gradient_step(problem):
    """Solved from its own gradient, which is linear."""
    f, a, step = problem.objective, problem.start, sp.Rational(2, 7)
    h = Objective(f.surrogate(a, step), f.variables)
    (lowest,) = sp.linsolve(list(h.gradient), list(f.variables))
    here = dict(zip(f.variables, a, strict=True))
    moved = [c - step * slope.subs(here) for c, slope in zip(a, f.gradient, strict=True)]
    assert [left - right for left, right in zip(lowest, moved, strict=True)] == [0] * f.dimension


def test_the_chapters_surrogate():
    """Section 11: at 1 with step 0.32 it is 6.5625 at 0, -4 at 2.6 (its minimum) and -3.75 at 3."""
    h = Objective(quartic.surrogate([1], 0.32))
    assert [h.at([c]) for c in (0, 2.6, 3)] == [sp.Rational(105, 16), -4, sp.Rational(-15, 4)]
    assert sp.solve(h.gradient[0], x) == [sp.Rational(13, 5)]


@pytest.mark.parametrize(
    "step, error", [(0, ValueError), (-0.1, ValueError), (np.nan, ValueError), ("a", TypeError)]
)
def test_a_surrogate_needs_a_positive_step(step, error):
    """With a negative one the bowl would hang upside down."""
    with pytest.raises(error, match=r"^step_size: expected a "):
        quartic.surrogate([1], step)


def test_a_slice_is_the_objective_on_the_ray():
    """phi(q) = f(point + q direction), also when the symbol is one of the variables."""
    f = Objective(x**2 * y)
    assert f.along([1, 2], [3, -1], q) == (1 + 3 * q) ** 2 * (2 - q)
    assert f.along([1, 2], [3, -1], x) == (1 + 3 * x) ** 2 * (2 - x)
    assert f.along([1, 2], [0, 0], q) == 2


@pytest.mark.parametrize("symbol", ["q", 3, x**2, None])
def test_a_slice_needs_a_symbol(symbol):
    """Text is not one."""
    with pytest.raises(TypeError, match=r"^symbol: expected a SymPy symbol, got "):
        quartic.along([1], [1], symbol)
