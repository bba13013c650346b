"""Long sums of squares: their derivative and stable form take time in proportion to their terms."""

import pytest
import sympy as sp

from symlab.algebra.differentiation import derivative
from symlab.algebra.problems import PROBLEMS
from symlab.engine.lowering import removable
from symlab.engine.lowering.stabilize import stabilize

x, y, z = sp.symbols("x y z", real=True)
MODELS = [
    PROBLEMS["osborne_one"].objective,
    PROBLEMS["brown_dennis"].objective,
    PROBLEMS["watson"].objective,
]


@pytest.mark.parametrize("objective", MODELS, ids=lambda objective: len(objective.variables))
def test_a_sum_of_squares_has_the_derivative_that_sympy_writes(objective):
    """Term by term, and in the same form: lessons print it."""
    for variable, slope in zip(objective.variables, objective.gradient, strict=True):
        assert slope == objective.expression.diff(variable)


def test_a_square_is_differentiated_without_the_logarithm_of_its_base(monkeypatch):
    """SymPy takes it, and asks a long sum for its sign: osborne_two took it half a minute."""
    total = sp.Add(*((k - x * sp.exp(-k * y) - z) ** 2 for k in range(1, 9)))
    expected = total.diff(y)
    monkeypatch.delattr(sp.Pow, "_eval_derivative")
    assert derivative(total, y) == expected


def test_terms_that_share_no_factor_are_not_solved_for_their_argument(monkeypatch):
    """No two of these can cancel, so none is examined; of the others two are."""
    solved = []
    solve = removable._solve_for_symbols
    monkeypatch.setattr(removable, "_solve_for_symbols", lambda u: solved.append(u) or solve(u))
    alone = 3 - x * sp.exp(-2 * y) - z * sp.exp(-5 * y)
    assert stabilize(alone) == alone
    assert not solved
    together = stabilize(x * sp.sin(y) - x * y - z)
    assert solved
    assert together.atoms(removable.continued)
