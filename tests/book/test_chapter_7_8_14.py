"""Sections 7, 8 and 14 of the chapter, by the public names alone, against the chapter's numbers.

Where the chapter drew without a seed, what holds is a property, and it holds for every seed tried.
"""

import numpy as np
import pandas as pd
import pytest
import sympy as sp
from chapter import COSTS, FITTED
from sklearn.linear_model import LogisticRegression

import symlab as sl

SEEDS = range(24)
GRID = np.linspace(0, 10, 20)


# Section 7: least squares.


@pytest.fixture(scope="module")
def squares():
    """The chapter's cost, stated with matrices and bound to its data."""
    A, x, b = sp.MatrixSymbol("A", 5, 3), sp.MatrixSymbol("x", 3, 1), sp.MatrixSymbol("b", 5, 1)
    matrix, target = sl.data.least_squares_data()
    return sl.EmpiricalRisk((A * x - b).T * (A * x - b), parameters=x).on({A: matrix, b: target})


def run(squares, steps=500, **options):
    """Descend from 0 as the chapter does."""
    method = sl.gradient_descent(step_size=0.001)
    return sl.minimize(squares, [0, 0, 0], method, steps, **{"backend": "interpreted", **options})


@pytest.mark.parametrize("backend", ["interpreted", "sympy", "c"])
def test_least_squares_ends_where_the_chapter_printed(squares, backend):
    """Printed in single precision, so to 3e-7; and to all its digits in double."""
    trace = run(squares, backend=backend)
    assert trace.x == pytest.approx([-0.08000698, 0.6133011, 0.09500197], abs=3e-7)
    assert trace.x == pytest.approx(FITTED, abs=5e-9)


def test_single_precision_is_the_whole_difference_from_print(squares):
    """The same recurrence in float32, in NumPy, comes to the printed digits."""
    A, b = (each.astype(np.float32) for each in sl.data.least_squares_data())
    x = np.zeros(3, dtype=np.float32)
    for _ in range(500):
        x -= np.float32(0.001) * 2 * A.T @ (A @ x - b)
    assert x == pytest.approx([-0.08000698, 0.6133011, 0.09500197], abs=1.5e-7)


def test_least_squares_costs_are_those_before_each_step(squares):
    """The first is the cost at zero: 1 + 4 + 9 + 16 + 25."""
    values = run(squares).values
    assert values[0] == 55
    assert [values[k] for k in COSTS] == pytest.approx(list(COSTS.values()), abs=5.1e-7)


def test_the_gradient_is_neither_halved_nor_averaged(squares):
    """2 A'(A x - b), exactly, at a point where no two of these conventions agree."""
    A, b = (sp.Matrix(each.astype(int)) for each in sl.data.least_squares_data())
    x = sp.Matrix([1, -2, 3])
    here = squares.gradient.subs(dict(zip(squares.variables, x, strict=True)))
    assert here - 2 * A.T * (A * x - b) == sp.zeros(3, 1)


def test_the_normal_equations_have_the_printed_fractions():
    """And the gradient is zero there, not small."""
    A, b = (sp.Matrix(each.astype(int)) for each in sl.data.least_squares_data())
    solution = sp.Matrix([sp.Rational(-37, 464), sp.Rational(6839, 11136), sp.Rational(259, 2784)])
    assert A.T * (A * solution - b) == sp.zeros(3, 1)
    printed = [-0.07974136, 0.6141343, 0.09303147]
    assert np.array(solution, dtype=float).ravel() == pytest.approx(printed, abs=3e-7)


def test_the_step_limit_comes_from_the_largest_eigenvalue_and_the_rate_from_the_smallest(squares):
    """`analyze` against NumPy's eigenvalues, and those against the spec."""
    matrix, _ = sl.data.least_squares_data()
    smallest, _, largest = np.linalg.eigvalsh(matrix.T @ matrix)
    assert largest == pytest.approx(188.5217, abs=5e-5)
    theory = sl.analyze(squares, sl.gradient_descent(step_size=0.001))
    assert float(theory.step_limit) == pytest.approx(1 / largest, rel=1e-10)
    assert float(theory.rate) == pytest.approx(1 - 0.002 * smallest, rel=1e-10)
    assert float(theory.rate) == pytest.approx(0.99165, abs=5e-6)
    assert round(np.log(1e-6) / np.log(float(theory.rate))) == 1648


def test_runs_obey_the_derived_rate_and_limit(squares):
    """A hundredth below the limit a run converges, a hundredth above it grows."""
    theory = sl.analyze(squares, sl.gradient_descent(step_size=0.001))
    assert run(squares, 2000).rate() == pytest.approx(float(theory.rate), abs=1e-6)
    ends = []
    for share in (0.99, 1.01):
        method = sl.gradient_descent(step_size=share * float(theory.step_limit))
        trace = sl.minimize(squares, [0, 0, 0], method, 2000, backend="interpreted")
        ends.append(trace.gradient_norms[-1])
    assert ends[0] < 1e-9
    assert ends[1] > 1e9


# Section 8: logistic regression in one dimension.

W, B, X, Y = sp.symbols("w b x y", real=True)
LOSS = sp.log(1 + sp.exp(-Y * (B + W * X)))


def probability(fit, x=GRID):
    """The chapter's curve, w and b given, by NumPy."""
    return 1 / (1 + np.exp(-(fit[0] * x + fit[1])))


def bound(seed, penalty):
    """The summed loss with a penalty on one seed's data."""
    risk = sl.EmpiricalRisk(LOSS, parameters=(W, B), data=(X, Y), reduction="sum", penalty=penalty)
    x, y = sl.data.step_data(seed=seed, labels=(-1, 1))
    return risk.on({X: x, Y: y})


def scikit(seed, **options):
    """scikit-learn's fit, as w and b."""
    x, y = sl.data.step_data(seed=seed)
    model = LogisticRegression(**options).fit(x[:, None], y)
    return np.array([model.coef_[0, 0], model.intercept_[0]])


@pytest.fixture(scope="module")
def fits():
    """For each seed the chapter's own 1000 steps and two of scikit-learn's solvers."""
    method = sl.gradient_descent(step_size=0.0002)
    return [
        {
            "own": sl.minimize(bound(seed, W**2), [0.1, 0.1], method, 1000, backend="numba").x,
            "liblinear": scikit(seed, solver="liblinear"),
            "lbfgs": scikit(seed),
        }
        for seed in SEEDS
    ]


def gaps(fits, other):
    """The largest difference of probability on the plotted points, for each seed."""
    return np.array([np.abs(probability(f["own"]) - probability(f[other])).max() for f in fits])


def test_a_thousand_steps_coincide_with_liblinear(fits):
    """The chapter's figure: for every seed, the curves cannot be told apart by eye."""
    found = gaps(fits, "liblinear")
    assert found.max() <= 0.016
    assert np.median(found) <= 0.005


def test_a_thousand_steps_do_not_coincide_with_the_modern_default(fits):
    """The same code today: a gap one sees, for every seed, ten times that to liblinear."""
    found = gaps(fits, "lbfgs")
    assert found.min() > 0.012
    assert found.max() <= 0.07
    assert np.median(found) > 5 * np.median(gaps(fits, "liblinear"))


def test_the_weights_are_in_the_measured_range(fits):
    """Spec, 60 seeds of other draws: w from 0.54 to 0.83, b near -3.4."""
    own = np.array([fit["own"] for fit in fits])
    assert np.all((own[:, 0] > 0.5) & (own[:, 0] < 0.88))
    assert np.median(own[:, 1]) == pytest.approx(-3.41, abs=0.25)


def test_the_match_is_of_two_shortfalls(fits):
    """Both lie between zero and the optimum: unfinished descent, and an intercept that is taxed."""
    for seed, fit in zip(SEEDS, fits, strict=True):
        optimum = scikit(seed, C=0.5, tol=1e-10)
        for name in ("own", "liblinear"):
            assert np.all(np.abs(fit[name]) < np.abs(optimum))


def test_twenty_thousand_steps_arrive():
    """At the optimum that Newton's method finds in a few."""
    method = sl.gradient_descent(step_size=0.0002)
    f = bound(0, W**2)
    slow = sl.minimize(f, [0.1, 0.1], method, 20_000, backend="numba").x
    fast = sl.minimize(f, [0.1, 0.1], "newton", backend="interpreted").x
    assert slow == pytest.approx(fast, rel=1e-9)


@pytest.mark.parametrize(
    "penalty, options",
    [
        (W**2, {"C": 0.5, "tol": 1e-10}),
        (W**2 / 2, {"C": 1.0, "tol": 1e-10}),
        ((W**2 + B**2) / 2, {"solver": "liblinear", "tol": 1e-10}),
    ],
    ids=["w^2 is C=1/2", "w^2/2 is C=1", "liblinear penalises b"],
)
@pytest.mark.parametrize("seed", [0, 7])
def test_each_penalty_is_a_setting_of_scikit_learn(penalty, options, seed):
    """What each program minimises, proved by stating it and minimising it with another."""
    ours = sl.minimize(bound(seed, penalty), [0.1, 0.1], "newton", backend="interpreted").x
    assert ours == pytest.approx(scikit(seed, **options), rel=1e-4)


def test_labels_zero_and_one_are_refused():
    """They would send b off without end (errata E18)."""
    x, y = sl.data.step_data(seed=0)
    risk = sl.EmpiricalRisk(LOSS, parameters=(W, B), data=(X, Y), reduction="sum")
    with pytest.raises(ValueError, match="made for -1 and 1"):
        risk.on({X: x, Y: y})


# Section 14: moving averages, and Adam's.


def test_the_drawn_mean_is_one_over_two_to_the_n_plus_one_less_one():
    """com=1 with pandas' adjusted weights; the recursion of the text gives 0.5^n instead."""
    kick = pd.Series(np.eye(1, 21)[0])
    n = np.arange(21)
    assert np.allclose(kick.ewm(com=1).mean(), 1 / (2.0 ** (n + 1) - 1), rtol=1e-13)
    assert kick.ewm(com=1).mean()[20] == pytest.approx(4.768374e-07, rel=1e-6)
    assert np.array_equal(kick.ewm(alpha=0.5, adjust=False).mean(), 0.5**n)


def test_adams_corrected_mean_is_the_normalised_one_for_any_gradients():
    """By unrolling the rule's own recurrence eight times with symbols for gradients."""
    (memory, *_), update = sl.adam.state, sl.adam.update
    beta, gain = sp.Poly(update[memory], memory).all_coeffs()
    (g,) = gain.free_symbols - {beta}
    gradients, m = sp.symbols("g:8"), sp.Integer(0)
    for each in gradients:
        m = update[memory].subs({memory: m, g: each}, simultaneous=True)
    weights = [beta ** (7 - i) for i in range(8)]
    weighted = sum(w * each for w, each in zip(weights, gradients, strict=True))
    assert sp.expand(m * sum(weights) - weighted * (1 - beta**8)) == 0


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_pandas_computes_adams_corrected_mean(seed):
    """On a run from a random start: pandas has the gradients, the trace has what Adam kept."""
    f = sl.problems["quartic"].objective
    trace = sl.minimize(
        f, sl.data.initial_weights(1, seed=seed), sl.adam(step_size=0.1), 30, backend="interpreted"
    )
    x = trace.iterates[:-1, 0]
    by_pandas = pd.Series(4 * x**3 - 9 * x**2).ewm(alpha=0.1).mean()
    corrected = trace.states["m"][1:, 0] / (1 - 0.9 ** np.arange(1, 31))
    assert np.allclose(by_pandas, corrected, rtol=1e-9)
