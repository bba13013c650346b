"""The classic sets of problems, against the tables printed in other places, and against SciPy."""

from functools import cache

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import least_squares

from symlab.algebra.problems import PROBLEMS

OTHERS = [name for name in PROBLEMS if name not in PROBLEMS.taught]
SQUARES = [name for name in PROBLEMS.mgh if name not in ("quartic", "ravine")]

START_NORMS = {
    "rosenbrock": "4.919350",
    "helical_valley": "50.00000",
    "powell": "14.66288",
    "freudenstein_roth": "20.01250",
    "bard": "6.456136",
    "kowalik_osborne": "0.07289151",
    "meyer": "41153.47",
    "watson": "5.477226",
    "box_three_dimensional": "32.11158",
    "jennrich_sampson": "64.58565",
    "brown_dennis": "2815.438",
    "chebyquad": "0.1965139",
    "brown_almost_linear": "16.53022",
    "osborne_one": "0.9375640",
    "osborne_two": "1.446865",
    "broyden_tridiagonal": "4.582576",
    "broyden_banded": "18.97367",
}
"""Norms of the residuals at the start, to seven digits: the reference output of MINPACK's tests."""

START_VALUES = {
    ("helical_valley", 3): 2.50e3,
    ("biggs_exponentials", 6): 7.79e-1,
    ("gaussian", 3): 3.89e-6,
    ("powell_badly_scaled", 2): 1.14,
    ("box_three_dimensional", 3): 1.03e3,
    ("variably_dimensioned", 40): 9.39e10,
    ("watson", 9): 30.0,
    ("penalty_one", 60): 5.45e9,
    ("penalty_two", 65): 2.87e5,
    ("brown_badly_scaled", 2): 1.00e12,
    ("brown_dennis", 4): 7.93e6,
    ("gulf_research", 3): 12.1,
    ("trigonometric", 40): 2.01e-3,
    ("extended_rosenbrock", 40): 4.84e2,
    ("extended_powell", 60): 3.23e3,
    ("beale", 2): 14.2,
    ("wood", 4): 1.92e4,
}
"""Values at the start, to three digits: what TOMS Algorithm 566 prints (`mpf/Toms566.jl`)."""


def member(name, dimension=None):
    """Return a problem, in another dimension if one is given."""
    problem = PROBLEMS[name]
    return problem if dimension is None else problem.in_dimension(dimension)


@cache
def residuals(name, dimension=None):
    """Return the residuals of a problem as a function of NumPy's arrays."""
    problem = member(name, dimension)
    value = sp.lambdify([problem.objective.variables], list(problem.residuals), "numpy")
    return lambda x: np.array(value(x), float)


def jacobian(name):
    """Return the Jacobian of a problem's residuals as a function of NumPy's arrays."""
    variables, column = PROBLEMS[name].objective.variables, sp.Matrix(PROBLEMS[name].residuals)
    slopes = sp.lambdify([variables], column.jacobian(variables).tolist(), "numpy", cse=True)
    return lambda x: np.array(slopes(x), float)


def start_of(problem):
    """Return the customary start in floats."""
    return np.array([float(each) for each in problem.start])


@pytest.mark.parametrize("name", START_NORMS)
def test_residuals_at_the_start_are_those_of_minpack(name):
    """All the digits that are printed."""
    norm = sp.sqrt(sum(each**2 for each in residuals(name)(start_of(PROBLEMS[name]))))
    assert f"{float(norm):.7g}" == f"{float(START_NORMS[name]):.7g}"


@pytest.mark.parametrize(("name", "dimension"), START_VALUES)
def test_values_at_the_start_are_those_of_algorithm_566(name, dimension):
    """All the digits that are printed, in the dimensions they were printed for."""
    problem = member(name, dimension)
    value = sum(residuals(name, dimension)(start_of(problem)) ** 2)
    printed = START_VALUES[name, dimension]
    unit = 10 ** (np.floor(np.log10(printed)) - 2)
    assert abs(value - printed) <= unit / 2 * (1 + 1e-9)


@pytest.mark.parametrize("name", SQUARES)
def test_an_objective_is_the_sum_of_the_squares_of_its_residuals(name):
    """At a point where nothing is zero, to the rounding of a sum of at most a hundred terms."""
    problem = PROBLEMS[name]
    point = start_of(problem) + 0.125
    f = sp.lambdify([problem.objective.variables], problem.objective.expression, "numpy")
    assert f(point) == pytest.approx(sum(residuals(name)(point) ** 2), rel=1e-11)


@pytest.mark.parametrize("name", PROBLEMS.mgh)
def test_scipy_finds_a_published_minimum_from_the_start(name):
    """Six digits are published; where the minimum is zero, far below the value at the start."""
    problem = PROBLEMS[name]
    value, start = residuals(name), start_of(problem)
    found = least_squares(
        value, start, jacobian(name), xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=5000
    )
    reached = 2 * found.cost
    known = [float(each) for each in (problem.minima or (problem.minimum,))]
    assert any(
        reached == pytest.approx(each, rel=6e-6, abs=1e-12 * sum(value(start) ** 2))
        for each in known
    ), (reached, known)


SLOW = ("gulf_research",)
"""Seven seconds of digits; its residuals vanish there, which SciPy finds above."""


@pytest.mark.parametrize(
    "name", [name for name in OTHERS if PROBLEMS[name].minimisers and name not in SLOW]
)
def test_every_known_minimiser_is_stationary(name):
    """The gradient is zero in fifty digits; Ackley's minimum is a kink, and has none."""
    problem = PROBLEMS[name]
    f = problem.objective
    for point in problem.minimisers:
        at = dict(zip(f.variables, point, strict=True))
        if name == "ackley":
            assert not f.gradient.subs(at).is_zero_matrix
            continue
        assert all(abs(each.subs(at).evalf(50)) < 1e-45 for each in f.gradient)


MINIMA = {
    "ackley": 0, "rastrigin": 0, "griewank": 0, "levy": 0, "goldstein_price": 3, "booth": 0,
    "matyas": 0, "mccormick": -1.9132229549810362, "easom": -1, "zakharov": 0, "dixon_price": 0,
    "styblinski_tang": -78.33233140754282,
}  # fmt: skip


@pytest.mark.parametrize("name", PROBLEMS.global_search)
def test_the_lowest_values_of_the_global_set_are_the_published_ones(name):
    """And no point of a grid around the minimiser lies lower."""
    problem = PROBLEMS[name]
    assert float(problem.minimum) == pytest.approx(MINIMA[name], abs=1e-12)
    f = sp.lambdify(problem.objective.variables, problem.objective.expression, "numpy")
    reach = 1.4 if name == "mccormick" else 3  # whose wave goes on down the slope
    steps = np.linspace(-reach, reach, 121)
    centre = [float(each) for each in problem.minimisers[0]] if problem.minimisers else [-2.9, -2.9]
    values = f(*np.meshgrid(centre[0] + steps, centre[1] + steps))
    assert np.min(values) >= MINIMA[name] - 1e-12


@pytest.mark.parametrize("name", [name for name in PROBLEMS if PROBLEMS[name].family])
def test_a_family_has_members_of_other_sizes(name):
    """Four more variables: as many coordinates in start and minimisers."""
    dimension = PROBLEMS[name].objective.dimension + 4
    member = PROBLEMS[name].in_dimension(dimension)
    assert member.objective.dimension == dimension == len(member.start)
    assert all(len(point) == dimension for point in member.minimisers)
    assert member.name == name


@pytest.mark.parametrize(
    ("name", "dimension", "error", "words"),
    [
        ("watson", 32, ValueError, "at most 31"),
        ("watson", 1, ValueError, "at least 2"),
        ("extended_rosenbrock", 5, ValueError, "a multiple of 2"),
        ("extended_powell", 6, ValueError, "a multiple of 4"),
        ("chebyquad", 2.5, TypeError, "an integer"),
        ("wood", 5, ValueError, "stated in 4 variables only"),
    ],
)
def test_a_size_outside_of_the_rule_is_refused(name, dimension, error, words):
    """One line that says the rule."""
    with pytest.raises(error, match=words):
        PROBLEMS[name].in_dimension(dimension)


def test_sets_share_their_problems_and_mistyped_names_are_answered():
    """The same object wherever it is listed; the nearest name for a slip."""
    assert len(PROBLEMS.mgh) == 35
    assert PROBLEMS.mgh["wood"] is PROBLEMS["wood"]
    with pytest.raises(KeyError, match="did you mean 'wood'"):
        PROBLEMS["wod"]
    with pytest.raises(KeyError, match="did you mean 'Hahn1'"):
        PROBLEMS.nist["hahn1"]


def model_of(regression):
    """Return the model as a function of NumPy's arrays: x, then the parameters."""
    return sp.lambdify([sp.Symbol("x", real=True), *regression.parameters], regression.model)


@pytest.mark.parametrize("name", PROBLEMS.nist)
def test_the_certified_sum_of_squares_is_reached_at_the_certified_parameters(name):
    """To the ten digits of certified parameters; Lanczos1's is a rounding error of its data."""
    regression = PROBLEMS.nist[name]
    predicted = model_of(regression)(regression.x, *map(float, regression.certified))
    value = np.sum((regression.y - predicted) ** 2)
    total = float(regression.residual_sum_of_squares)
    assert value == pytest.approx(total, rel=2e-10, abs=1e-20 if name == "Lanczos1" else 0)


def test_the_objective_of_a_regression_is_its_sum_of_squares():
    """Exactly, for six observations and two parameters."""
    regression = PROBLEMS.nist["DanWood"]
    predicted = [x**4 / 2 for x in map(sp.Rational, map(str, regression.x))]
    residuals = [
        sp.Rational(str(y)) - each for y, each in zip(regression.y, predicted, strict=True)
    ]
    value = regression.objective.at([sp.Rational(1, 2), 4])
    assert float(value) == pytest.approx(float(sum(each**2 for each in residuals)), rel=1e-14)


@pytest.mark.parametrize("name", PROBLEMS.nist)
def test_scipy_reaches_the_certified_parameters_and_their_standard_errors(name):
    """Model, data and second start belong together: Levenberg-Marquardt, parameters scaled."""
    regression = PROBLEMS.nist[name]
    model = model_of(regression)
    certified = np.array([float(each) for each in regression.certified])
    found = least_squares(
        lambda u: model(regression.x, *(u * certified)) - regression.y,
        np.array([float(each) for each in regression.starts[1]]) / certified,
        method="lm", xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=20_000,
    )  # fmt: skip
    assert found.x == pytest.approx(np.ones(certified.size), rel=1e-5)
    spread = 2 * found.cost / (regression.y.size - certified.size)
    errors = np.sqrt(np.diag(np.linalg.inv(found.jac.T @ found.jac)) * spread) * abs(certified)
    if name != "Lanczos1":
        stated = [float(each) for each in regression.standard_errors]
        assert errors == pytest.approx(stated, rel=1e-3)
