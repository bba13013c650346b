"""Sums of many like terms: their templates against the dense road, SciPy, and many digits."""

from functools import cache

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import rosen, rosen_der, rosen_hess
from sympy import (
    Add,
    E,
    Expr,
    Integer,
    Rational,
    Symbol,
    besselj,
    cos,
    exp,
    lambdify,
    pi,
    sin,
    sqrt,
    symbols,
)

import symlab as sl
from symlab.algebra.objective import Objective
from symlab.algebra.problems import rosenbrock
from symlab.algebra.repeated_terms import repeated_sum
from symlab.engine.compiled import repeated_sum as road
from symlab.engine.compiled.functions import CompiledObjective, compile_everywhere
from symlab.engine.compiled.repeated_sum import CompiledSum, terms_of


def by_terms(objective: Objective, backend: str = "interpreted", **words: str) -> CompiledSum:
    """Return an objective's functions by its templates, however small it is."""
    terms = repeated_sum(objective.expression, objective.variables)
    assert terms is not None
    return CompiledSum(objective, terms, backend, **words)


def letters(count: int) -> tuple[Symbol, ...]:
    """Return real symbols x1, x2, ..."""
    return symbols(f"x1:{count + 1}", real=True)


def broyden(n: int) -> Objective:
    """Return Broyden's tridiagonal function (Moré, Garbow & Hillstrom 1981, number 30)."""
    x = (Integer(0), *letters(n), Integer(0))
    residuals = [(3 - 2 * x[i]) * x[i] - x[i - 1] - 2 * x[i + 1] + 1 for i in range(1, n + 1)]
    return Objective(Add(*(residual**2 for residual in residuals)), x[1:-1])


def variably_dimensioned(n: int) -> Objective:
    """Return the variably dimensioned function (number 25), with powers of one long sum."""
    x = letters(n)
    whole = Add(*((i + 1) * (x[i] - 1) for i in range(n)))
    return Objective(Add(*((each - 1) ** 2 for each in x), whole**2, whole**4), x)


def ackley(n: int) -> Objective:
    """Return Ackley's function, with long sums within a root and an exponential."""
    x = letters(n)
    root = sqrt(Add(*(each**2 for each in x)) / n)
    waves = Add(*(cos(2 * pi * each) for each in x)) / n
    return Objective(20 + E - 20 * exp(-root / 5) - exp(waves), x)


def trigonometric(n: int) -> Objective:
    """Return the trigonometric function (number 26): n long sums, squared."""
    x = letters(n)
    whole = Add(*(cos(each) for each in x))
    return Objective(
        Add(*((n - whole + (i + 1) * (1 - cos(x[i])) - sin(x[i])) ** 2 for i in range(n))), x
    )


def decays(m: int) -> Objective:
    """Return the squares of a decay at m numbers that were typed."""
    a, b = symbols("a b", real=True)
    rows = [(Rational(7 * i % 11 + 1, 3), Rational(i + 2, 4)) for i in range(m)]
    return Objective(Add(*((y - a * exp(-b * t)) ** 2 for y, t in rows)), (a, b))


def without_structure(n: int) -> Objective:
    """Return a sum in which no two terms have one shape."""
    x = letters(n)
    terms = [sin(x[i] * x[i - 1] ** (i + 1)) + cos(x[i]) ** (i + 2) * x[i - 2] for i in range(n)]
    return Objective(Add(*terms), x)


CASES = {
    "chained": lambda: rosenbrock(12).objective,
    "three diagonals": lambda: broyden(12),
    "square of a sum": lambda: variably_dimensioned(20),
    "sums within functions": lambda: ackley(20),
    "squares of sums": lambda: trigonometric(18),
    "typed data": lambda: decays(30),
    "no structure": lambda: without_structure(8),
}


@cache
def case(name: str) -> Objective:
    """Return an objective by its name, made once."""
    return CASES[name]()


def to_many_digits(objective: Objective, x: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Return value, gradient and Hessian of the symbolic derivatives, in 40 digits."""
    n = objective.dimension
    entries = [objective.expression, *objective.gradient, *objective.hessian]
    with mpmath.workdps(40):
        found = lambdify(objective.variables, entries, "mpmath", cse=True)(
            *map(mpmath.mpf, x.tolist())
        )
    numbers = np.array([float(number) for number in found])
    return numbers[0], numbers[1 : n + 1], numbers[n + 1 :].reshape(n, n)


def close(found: object, wanted: object) -> bool:
    """Whether two arrays agree to a few units in the last place of the largest entry."""
    wanted = np.asarray(wanted)
    return bool(np.abs(found - wanted).max() <= 4e-15 * np.abs(wanted).max())


@pytest.mark.parametrize("name", CASES)
def test_value_gradient_and_hessian_are_those_of_the_symbolic_derivatives(name: str) -> None:
    """Each kind of structure, against SymPy's derivatives in 40 digits."""
    objective = case(name)
    x = np.random.default_rng(3).normal(size=objective.dimension) * 0.6
    f, (value, gradient, hessian) = by_terms(objective), to_many_digits(objective, x)
    assert close(f.value_and_gradient(x)[0], value)
    assert f.value(x) == f.value_and_gradient(x)[0]
    assert close(f.gradient(x), gradient)
    assert close(f.hessian(x), hessian)
    assert np.array_equal(f.hessian(x), f.hessian(x).T)
    assert np.array_equal(f.sparse_hessian(x).toarray(), f.hessian(x))


@pytest.mark.parametrize("name", ["typed data", "no structure"])
def test_terms_in_c_are_those_of_the_symbolic_derivatives(name: str) -> None:
    """Tables of many terms, of one, and of numbers that were typed."""
    objective = case(name)
    x = np.random.default_rng(3).normal(size=objective.dimension) * 0.6
    f = by_terms(objective, "c")
    value, gradient, hessian = to_many_digits(objective, x)
    assert close(f.value(x), value)
    assert close(f.gradient(x), gradient)
    assert close(f.hessian(x), hessian)


def test_terms_that_have_no_c_are_computed_all_the_same() -> None:
    """A Bessel function is called in Python; one of its terms is linear in a variable."""
    x = letters(6)
    terms = [besselj(0, x[i]) * x[i - 1] + x[i - 2] ** (i + 2) for i in range(6)]
    objective, at = Objective(Add(*terms), x), np.linspace(0.5, 2, 6)
    value, gradient, hessian = to_many_digits(objective, at)
    f = by_terms(objective, "c")
    assert close(f.value(at), value)
    assert close(f.gradient(at), gradient)
    assert close(f.hessian(at), hessian)


@pytest.mark.parametrize("name", CASES)
def test_what_pytensor_derives_of_a_template_is_what_sympy_derives(name: str) -> None:
    """Both ways to a gradient agree."""
    objective = case(name)
    x = np.random.default_rng(5).normal(size=objective.dimension) * 0.6
    derived = by_terms(objective, derived_by="autodiff")
    assert close(derived.gradient(x), by_terms(objective).gradient(x))


def test_a_thousand_variables_of_rosenbrock_are_those_of_scipy() -> None:
    """SciPy states value, gradient and Hessian by hand; nothing of it is ours."""
    objective = rosenbrock(1000).objective
    f = sl.compile(objective, "interpreted")
    x = np.random.default_rng(0).normal(size=1000)
    assert isinstance(f, CompiledSum)
    assert close(f.value(x), rosen(x))
    assert close(f.gradient(x), rosen_der(x))
    assert close(f.hessian(x), rosen_hess(x))
    assert f.sparse_hessian(x).nnz == 2998


@pytest.mark.parametrize("backend", ["c", "numba"])
def test_compiled_templates_agree_with_the_dense_road(backend: str) -> None:
    """One kernel for g++ and Numba, whatever the number of variables."""
    x = np.linspace(-1, 1, 30)
    f = by_terms(rosenbrock(30).objective, backend)
    assert close(f.gradient(x), rosen_der(x))
    assert close(f.hessian(x), rosen_hess(x))
    again = by_terms(rosenbrock(40).objective, backend)
    again.gradient(np.ones(40))
    assert again.compile_seconds == f.compile_seconds - f._levels[0]._second.seconds


def test_chained_terms_have_one_template_for_each_shape() -> None:
    """Names of variables, and the order that SymPy gives them by name, make no difference."""
    (level,) = repeated_sum(rosenbrock(120).objective.expression, letters(120)).levels
    assert [rows.totals.size for rows in level.rows] == [119, 119]
    (level,) = repeated_sum(decays(40).expression, symbols("a b", real=True)).levels
    assert sum(rows.totals.size for rows in level.rows) == 40
    assert len(level.rows) == 3  # of 1 and of t = 1, which SymPy does not write, are two more


def test_the_number_one_stays_in_a_template_so_that_stable_forms_are_found() -> None:
    """log(1 + exp(x)) keeps its form, and does not overflow."""
    from sympy import log

    x = letters(12)
    f = by_terms(Objective(Add(*(log(1 + exp((i + 2) * x[i])) for i in range(12))), x))
    assert f.value(np.full(12, 1000.0)) == pytest.approx(1000.0 * 90)
    assert close(f.gradient(np.full(12, 1000.0)), np.arange(2, 14))


def test_small_formulas_products_and_terms_of_all_variables_stay_on_the_dense_road() -> None:
    """Where there is nothing to gain, or no structure, the functions are those of before."""
    from sympy import Mul, log

    x = letters(80)
    assert terms_of(rosenbrock(4).objective) is None
    assert terms_of(Objective(Mul(*(1 + each**2 for each in x)), x)) is None
    assert terms_of(Objective(log(Add(*(exp(3 * each) for each in x))) + x[0], x)) is None
    assert isinstance(compile_everywhere(rosenbrock(4).objective, "interpreted"), CompiledObjective)


def test_points_are_checked_as_on_the_dense_road() -> None:
    """Wrong length, and outside what the symbols assume."""
    p = symbols("p1:121", positive=True)
    f = sl.compile(Objective(Add(*(a + 1 / a for a in p)), p), "interpreted")
    assert isinstance(f, CompiledSum)
    with pytest.raises(ValueError, match=r"^x: expected shape \(120,\), got \(2,\)\.$"):
        f.value([1.0, 2.0])
    with pytest.raises(ValueError, match="x: outside the domain: p2 = -1, but p2 is positive"):
        f.value([1.0, -1.0, *[1.0] * 118])
    with pytest.raises(ValueError, match="batch_size: only an EmpiricalRisk"):
        f.batch_gradient(np.ones(120), np.array([0]))


@pytest.mark.parametrize("method", ["newton", "bfgs", sl.gradient_descent(step_size=0.001)])
def test_a_run_takes_the_steps_of_the_dense_road(method: object, monkeypatch: object) -> None:
    """Twelve steps from the usual start, the first compiled by templates."""
    problem = rosenbrock(24)
    given = (problem.objective, problem.start, method, 12)
    found = sl.minimize(*given, backend="interpreted")
    assert terms_of(problem.objective) is not None
    monkeypatch.setattr(road, "terms_of", lambda _: None)
    wanted = sl.minimize(*given, backend="interpreted", fused=False)
    assert len(found.values) == 13
    assert np.allclose(found.iterates, wanted.iterates, rtol=1e-9, atol=1e-9)


def test_a_rule_goes_by_terms_where_its_run_is_too_much_for_one_program() -> None:
    """In C that is later than where a scan would have to be compiled, unless sums are in terms."""
    assert not road.is_run_by_terms(rosenbrock(5).objective, "numba")
    assert road.is_run_by_terms(rosenbrock(40).objective, "numba")
    assert not road.is_run_by_terms(rosenbrock(40).objective, "c")
    assert road.is_run_by_terms(rosenbrock(300).objective, "c")
    assert road.is_run_by_terms(variably_dimensioned(80), "c")


def test_compare_says_that_exact_and_compiled_runs_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """The running error bound holds for sums by templates too."""
    monkeypatch.setattr(road, "MANY", 10)
    monkeypatch.setattr(road, "FEWEST", 2)
    problem = rosenbrock(6)
    road.terms_of.cache_clear()
    try:
        assert terms_of(problem.objective) is not None
        found = sl.compare(
            problem.objective,
            problem.start,
            sl.gradient_descent(step_size=0.001),
            max_steps=15,
            backends=["sympy", "interpreted"],
        )
    finally:
        road.terms_of.cache_clear()
    assert found.agrees


SHAPES = [
    lambda a, b, c: c * (a - b**2) ** 2,
    lambda a, b, c: sin(c * a) * b,
    lambda a, _, c: exp(a / c) + a,
    lambda a, b, c: (a * b + c) ** 3,
    lambda a, b, _: cos(a + b),
]


@st.composite
def sums(draw: st.DrawFn) -> tuple[Expr, tuple[Symbol, ...]]:
    """Return a sum of shapes over neighbouring, or any, variables with any numbers."""
    n = draw(st.integers(3, 7))
    x = letters(n)
    index = st.integers(0, n - 1)
    number = st.integers(-4, 4).filter(bool).map(lambda k: Rational(k, 3))
    row = st.tuples(st.sampled_from(SHAPES), index, index, number)
    rows = draw(st.lists(row, min_size=2, max_size=12))
    return Add(*(shape(x[i], x[j], c) for shape, i, j, c in rows)), x


@settings(deadline=None, max_examples=40)
@given(sums())
def test_templates_put_back_are_the_sum(drawn: tuple[Expr, tuple[Symbol, ...]]) -> None:
    """Terms and derivatives of terms, written out again, are the expression and its gradient."""
    expression, x = drawn
    found = repeated_sum(expression, x)
    if found is None:
        assert not isinstance(expression, Add)
        return
    (level,) = found.levels
    at = np.random.default_rng(1).normal(size=len(x)) * 0.4
    total, slopes = found.constants[0], np.zeros(len(x))
    for rows in level.rows:
        symbols_ = (*rows.template.variables, *rows.template.numbers)
        for r in range(rows.totals.size):
            here = dict(zip(symbols_, [*at[rows.places[:, r]], *rows.numbers[:, r]], strict=True))
            total += float(rows.template.expression.subs(here))
            for place, letter in zip(rows.places[:, r], rows.template.variables, strict=True):
                slopes[place] += float(rows.template.expression.diff(letter).subs(here))
    here = dict(zip(x, at, strict=True))
    assert total == pytest.approx(float(expression.subs(here)), rel=1e-12, abs=1e-12)
    wanted = [float(expression.diff(each).subs(here)) for each in x]
    assert slopes == pytest.approx(wanted, rel=1e-11, abs=1e-11)
