"""Formulas as text: terms and factors in the order in which people count."""

import pytest
import sympy as sp

import symlab as sl
from symlab.algebra.printing import spell

x = sp.symbols("x:13", real=True)
TEXTS = {
    x[1] ** 2 + x[10] ** 2 + x[9] ** 2: "x1**2 + x9**2 + x10**2",
    x[10] * x[2]: "x2*x10",
    3 * x[9] - sp.sin(x[10] + x[2]) / 2 + 7: "3*x9 - sin(x2 + x10)/2 + 7",
    x[2] - x[10]: "x2 - x10",
    x[1] + x[2]: "x1 + x2",
    sp.Symbol("x01") + x[1]: "x01 + x1",
    sp.Symbol("w_10") * sp.Symbol("v2") - sp.Symbol("w_9"): "v2*w_10 - w_9",
}


@pytest.mark.parametrize("expression", TEXTS, ids=str)
def test_k12_terms_stand_in_the_order_people_count(expression):
    """x9 before x10, in sums, products and arguments."""
    assert spell(expression) == TEXTS[expression]


def test_k12_objectives_and_risks_print_so():
    """In their reprs, and in what `analyze` states first."""
    f = sl.Objective(sl.parse("x1**2 + x10**2 + x9**2"))
    assert repr(f) == "Objective(x1**2 + x9**2 + x10**2, variables=(x1, x9, x10))"
    assert repr(sl.analyze(f, "gradient_descent")).startswith("x1**2 + x9**2 + x10**2  under")
    risk = sl.EmpiricalRisk((x[10] + x[9] * x[2]) ** 2, [x[9], x[10]], [x[2]])
    assert "(x2*x9 + x10)**2" in repr(risk)
