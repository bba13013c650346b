"""Residuals by their templates: what is derived does not grow, what is computed grows with n."""

import numpy as np
import pytest
from sympy import Matrix, Sum, lambdify, symbols

import symlab as sl
from symlab.algebra.problems import PROBLEMS
from symlab.algebra.repeated_terms import repeated_sums
from symlab.engine.compiled.repeated_system import compiled_system
from symlab.engine.compiled.term_levels import CompiledLevel, compiled_levels

SPARSE = ("extended_rosenbrock", "extended_powell", "broyden_tridiagonal", "broyden_banded")


@pytest.mark.parametrize(
    ("name", "dimension"),
    [("broyden_banded", 12), ("variably_dimensioned", 20), ("linear_full_rank", 8)],
)
def test_values_and_slopes_are_those_of_the_residuals(name, dimension):
    """By SymPy's own Jacobian in NumPy; sums within terms and equal residuals among them."""
    problem = PROBLEMS[name].in_dimension(dimension)
    x, residuals = problem.objective.variables, Matrix(problem.residuals)
    at = np.random.default_rng(1).normal(size=dimension)
    found = compiled_system(problem.residuals, x, "interpreted").table(at, 1)
    values = np.array(lambdify([x], list(residuals))(at), dtype=float)
    slopes = np.array(lambdify([x], residuals.jacobian(x).tolist())(at), dtype=float)
    assert found == pytest.approx(np.column_stack([values, slopes]), rel=1e-12, abs=1e-12)
    alone = compiled_system(problem.residuals, x, "interpreted").table(at, 0)
    assert alone.ravel().tolist() == found[:, 0].tolist()


def counts(levels: tuple[CompiledLevel, ...]) -> tuple[int, ...]:
    """Return the templates, the terms, their slopes and the entries of the Hessian."""
    rows = [rows for level in levels for rows in level.level.rows]
    return (
        len(rows),
        sum(len(each.totals) for each in rows),
        sum(each.places.size for each in rows),
        sum(len(level.pattern[0]) for level in levels),
    )


@pytest.mark.parametrize("name", SPARSE)
def test_what_is_computed_grows_with_the_number_of_variables(name):
    """From 100 variables to 1000 tenfold, in value, slopes and Hessian; templates are the same.

    A Hessian of 1000 variables has a million entries: at most 7 in a row of its upper half are.
    """
    per_variable = []
    for n in (12, 100, 1000):
        problem = PROBLEMS[name].in_dimension(n)
        x = problem.objective.variables
        whole = counts(compiled_levels(repeated_sums([problem.objective.expression], x), "c"))
        parts = counts(compiled_levels(repeated_sums(problem.residuals, x), "c"))
        assert max(whole[0], parts[0]) <= 5
        assert whole[3] <= 7 * n
        per_variable.append(np.array([*whole[1:], *parts[1:]]) / n)
    ten, hundred, thousand = per_variable
    assert np.all(thousand <= 1.11 * hundred)
    assert np.all(hundred <= 2 * ten)


def test_few_terms_and_bound_variables_are_written_out():
    """A function for all is as soon compiled; a template cannot rename what a sum binds."""
    x, k = symbols("x1:21", real=True), symbols("k", integer=True)
    assert compiled_system(x[:3], x, "interpreted") is None
    assert compiled_system([*x[1:], Sum(x[0] ** k, (k, 1, 3))], x, "interpreted") is None


def test_levenberg_and_marquardt_solve_a_hundred_variables():
    """To a root: each residual that SymPy's formula gives there is zero but for rounding."""
    problem = PROBLEMS["broyden_tridiagonal"].in_dimension(100)
    run = sl.minimize(
        problem.objective, problem.start, "levenberg_marquardt", backend="interpreted"
    )
    assert run.status == "converged"
    residuals = lambdify([problem.objective.variables], problem.residuals)(run.x)
    assert np.max(np.abs(residuals)) < 1e-12
