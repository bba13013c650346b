"""Derivatives on trial: right ones pass, and every kind of wrong one is caught and named.

The wrong gradients are made here by hand, so that what is wrong with each is known.
"""

import mpmath
import numpy as np
import pytest
import scipy.optimize
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import symlab as sl
from symlab.algebra.problems import PROBLEMS, rosenbrock
from symlab.lab.verify.verify import verify

x, y = sp.symbols("x y", real=True)
F = sl.Objective(x**2 * y + y**3)
FX, FY = 2 * x * y, x**2 + 3 * y**2
CHECKS = ["compiled", "autodiff", "central difference", "complex step", "Taylor remainder"]


def tried(expression, **options):
    """Verify on the backend that needs no compiler, because what is compiled is not the point."""
    objective = expression if isinstance(expression, sl.Objective) else sl.Objective(expression)
    return verify(objective, **{"backend": "interpreted", **options})


@pytest.mark.parametrize("name", PROBLEMS.taught)
def test_the_derived_gradient_of_every_problem_passes_every_check(name):
    """All problems are polynomials, so no check may excuse itself."""
    outcome = tried(PROBLEMS[name].objective)
    assert outcome.passed
    assert outcome.frame["passed"].notna().all()
    assert list(outcome.frame["check"].unique()) == CHECKS
    assert len(outcome.frame) == 5 * len(CHECKS) * PROBLEMS[name].objective.dimension


@pytest.mark.parametrize("dimension", [2, 3, 10])
def test_scipys_hand_written_gradient_and_hessian_of_rosenbrock_pass(dimension):
    """A foreign pair that is known to be right, as NumPy functions, in up to ten variables."""
    outcome = tried(
        rosenbrock(dimension).objective,
        gradient=scipy.optimize.rosen_der,
        hessian=scipy.optimize.rosen_hess if dimension < 10 else None,
        points=2,
    )
    assert outcome.passed, outcome.verdict


@pytest.mark.parametrize(
    "claim, kinds, words",
    [
        ([-FX, FY], {"x": "sign"}, "minus the derivative"),
        ([FX, -FY], {"y": "sign"}, "in y: the sign is wrong"),
        ([-FX, -FY], {"x": "sign", "y": "sign"}, "in x and y"),
        ([2 * FX, FY], {"x": "factor"}, "it is 2 times"),
        ([FX, FY / 2], {"y": "factor"}, "it is 1/2 times"),
        ([FX * sp.Rational(-3, 7), FY], {"x": "factor"}, "it is -3/7 times"),
        ([FX * sp.sqrt(2), FY], {"x": "factor"}, "it is 1.41421 times"),
        ([0, FY], {"x": "zero"}, "zero everywhere"),
        ([FY, FX], {"x": "permuted", "y": "permuted"}, "it is that of y"),
        ([FX, 3 * y**2], {"y": "missing term"}, "the term x**2 is missing"),
        ([FX, x**2], {"y": "missing term"}, "the term 3*y**2 is missing"),
        ([FX, x**2 - 3 * y**2], {"y": "sign of a term"}, "3*y**2 has the wrong sign"),
        ([FX, x**2 + y**2], {"y": "factor of a term"}, "3*y**2 is multiplied by 1/3"),
        ([FX + 3, FY], {"x": "constant"}, "the constant 3 should not be added"),
        ([FX - 3, FY], {"x": "constant"}, "the constant 3 is missing"),
        ([2 * x, FY], {"x": "missing factor"}, "the factor y is missing"),
        ([FX + x**5, FY], {"x": "different"}, "too large by x**5"),
    ],
)
@pytest.mark.parametrize("form", ["formulas", "function"])
def test_a_wrong_gradient_is_caught_and_its_mistake_named(claim, kinds, words, form):
    """Component and kind are those put in by hand, whether formulas are known or only numbers."""
    given = claim
    if form == "function":
        numbers = sp.lambdify((x, y), claim)
        given = lambda point: np.array(numbers(*point))  # noqa: E731
    outcome = tried(F, gradient=given)
    assert not outcome.passed
    assert {mistake.variable: mistake.kind for mistake in outcome.mistakes} == kinds
    if "different" not in kinds.values() or form == "formulas":
        assert words in outcome.verdict
    assert all(name in outcome.verdict for name in kinds)


def test_one_given_point_is_enough_to_name_the_mistake():
    """At one point any wrong number is some factor of the right one; further points tell."""
    outcome = tried(F, at=[1, 2], gradient=[FX, 3 * y**2])
    assert [mistake.kind for mistake in outcome.mistakes] == ["missing term"]
    assert outcome.points.tolist() == [[1.0, 2.0]]


def test_a_forgotten_inner_derivative_is_named():
    """The mistake of the chain rule: exp(x^2) for 2x exp(x^2)."""
    outcome = tried(sp.exp(x**2), gradient=[sp.exp(x**2)])
    assert "the factor 2*x is missing (chain rule?)" in outcome.verdict


def test_every_check_by_itself_catches_a_wrong_sign():
    """An estimator that agrees with whatever it is shown would be useless."""
    frame = tried(F, gradient=[FX, -FY]).frame
    wrong = frame[frame["component"] == "y"]
    assert set(wrong["check"]) == {"sympy", *CHECKS}
    assert not wrong["passed"].any()
    assert frame[frame["component"] == "x"]["passed"].all()


class Liar(sp.Function):
    """The sine, with minus its derivative."""

    nargs = 1

    def fdiff(self, argindex=1):
        """Not what it says: the sine's derivative is plus the cosine."""
        return -sp.cos(self.args[0])

    def _eval_is_extended_real(self):
        return True

    def _mpmathcode(self, printer):
        return printer._print(sp.sin(self.args[0]))


def test_a_wrong_derivative_inside_sympy_is_caught():
    """The estimators do not use SymPy's derivative: a function that lies is seen."""
    outcome = tried(3 * Liar(2 * x))
    assert not outcome.passed
    assert outcome.verdict == (
        "The derived gradient is wrong in x: the sign is wrong: it is minus the derivative."
    )


def test_taylor_remainder_is_second_order_if_right_and_first_order_if_wrong():
    """The orders of the definition of a derivative; third order where the curvature is zero."""

    def orders(claim, **options):
        frame = tried(2 - 3 * x**3 + x**4, gradient=claim, **options).frame
        return frame[frame["check"] == "Taylor remainder"]["measured"].to_numpy(dtype=float)

    right = 4 * x**3 - 9 * x**2
    assert orders([right]) == pytest.approx(np.full(5, 2), abs=1e-3)
    assert orders([right + 1]) == pytest.approx(np.full(5, 1), abs=1e-3)
    assert orders([right], at=[0]) == pytest.approx([3], abs=1e-3)


def test_a_linear_objective_has_no_remainder_and_passes():
    """Nothing is left to fit an order to, which must not count as failure; a wrong slope must."""
    right, wrong = tried(3 * x + 2 * y), tried(3 * x + 2 * y, gradient=[3, 1])
    assert right.passed
    assert "the remainder is zero" in right.frame["note"].iloc[4]
    assert [mistake.variable for mistake in wrong.mistakes] == ["y"]


def test_the_stated_error_of_the_central_difference_bounds_its_error():
    """Against mpmath's own derivative; and the bound is no wider than the method deserves."""
    outcome = tried(sp.exp(sp.sin(3 * x)) / (1 + x**2))
    rows = outcome.frame[outcome.frame["check"] == "central difference"]
    for measured, tolerance, (point,) in zip(
        rows["measured"], rows["tolerance"], outcome.points, strict=True
    ):
        with mpmath.workdps(40):
            true = mpmath.diff(lambda t: mpmath.exp(mpmath.sin(3 * t)) / (1 + t**2), point)
        assert abs(measured - float(true)) <= tolerance < 1e-6


@pytest.mark.parametrize("slope", [1e-8, 1e-11])
def test_a_gradient_wrong_in_a_far_digit_is_still_wrong(slope):
    """The reference has 50 digits, and the tolerance is rounding and nothing more."""
    assert not tried(F, gradient=[FX + slope, FY]).passed


def test_single_precision_is_told_apart_from_a_mistake():
    """The formula is right and the numbers are not: another remedy."""
    outcome = tried(F, gradient=lambda p: np.float32([2 * p[0] * p[1], p[0] ** 2 + 3 * p[1] ** 2]))
    assert {mistake.kind for mistake in outcome.mistakes} == {"digits"}


@pytest.mark.parametrize(
    "expression, reason",
    [
        (sp.Abs(x) + x**2, "Abs is not analytic"),
        (sp.Max(x, y) ** 2, "Max is not analytic"),
        (sp.Piecewise((x**2, x > 0), (x**3, True)), "Piecewise is not analytic"),
        (sl.relu(x) * y, "Max is not analytic"),
        (sl.softsign(x), "Abs is not analytic"),
    ],
)
def test_the_complex_step_says_where_it_does_not_apply(expression, reason):
    """It needs an analytic function; the other checks still speak."""
    outcome = tried(expression)
    assert outcome.passed
    assert reason in outcome.verdict
    rows = outcome.frame[outcome.frame["check"] == "complex step"]
    assert rows["passed"].isna().all()


def test_at_a_kink_there_is_nothing_to_check():
    """No gradient is right there, so none passes; beside it everything is as usual."""
    kink = tried(sp.Abs(x), at=[0])
    assert not kink.passed
    assert kink.verdict.endswith("f has a kink there: slopes -1 and 1.")
    assert tried(sp.Abs(x), at=[[0], [1e-6], [2]]).passed
    assert tried(x * sp.Abs(x), at=[0]).passed


def test_at_the_border_of_the_domain_there_is_nothing_to_check():
    """x^(3/2) has a one-sided derivative at 0, which no two-sided check can see."""
    assert "not real on both sides" in tried(x ** sp.Rational(3, 2), at=[0]).verdict


def test_what_pytensor_does_not_know_is_said_and_the_rest_still_checked():
    """An integral without a closed form cannot be lowered; mpmath integrates it."""
    p, t = sp.Symbol("p", positive=True), sp.Symbol("t", real=True)
    outcome = tried(p * sp.Integral(sp.exp(sp.sin(p * t)), (t, 0, 1)), at=[[1], [2]])
    assert outcome.passed
    applied = outcome.frame[outcome.frame["passed"].notna()]
    assert set(applied["check"]) == {"Taylor remainder"}
    assert "cannot be compiled" in outcome.verdict


def test_where_exp_overflows_the_stable_forms_are_what_is_checked():
    """log(1 + e^z) at z = 800, where the formula as derived is infinity over infinity."""
    outcome = tried(sp.log(1 + sp.exp(x)), at=[[800], [-800]])
    rows = outcome.frame[outcome.frame["check"].isin(["compiled", "autodiff"])]
    assert outcome.passed
    assert rows["measured"].tolist() == [1.0, 1.0, 0.0, 0.0]


def test_random_points_are_drawn_where_the_objective_is_real():
    """Drawn again until they fit, from a seed, and within the symbols' assumptions."""
    narrow = sp.log(x) * sp.sqrt(y - 3)
    first, again, other = tried(narrow), tried(narrow), tried(narrow, seed=1)
    assert first.passed
    assert np.all(first.points[:, 0] > 0)
    assert np.all(first.points[:, 1] > 3)
    assert np.array_equal(first.points, again.points)
    assert not np.array_equal(first.points, other.points)
    p, m = sp.Symbol("p", positive=True), sp.Symbol("m", negative=True)
    signed = tried(p * m + p**2).points
    assert np.all(signed[:, 0] < 0)
    assert np.all(signed[:, 1] > 0)


@pytest.mark.parametrize(
    "hessian, component, kind",
    [
        (lambda H: -H, "(x, x)", "sign"),
        (lambda H: H + sp.Matrix([[0, 2 * x], [0, 0]]), "(x, y)", "factor"),
        (lambda H: H - sp.Matrix([[0, 0], [0, 6 * y - 1]]), "(y, y)", "different"),
    ],
)
def test_a_wrong_hessian_is_caught_entry_by_entry(hessian, component, kind):
    """Each row is the gradient of a derivative, and is tried as one."""
    outcome = tried(F, hessian=hessian(F.hessian))
    assert not outcome.passed
    assert outcome.verdict.startswith("The claimed Hessian is wrong in")
    assert outcome.mistakes[0].variable == component
    assert kind in {mistake.kind for mistake in outcome.mistakes} | {"different"}


def test_a_hessian_that_is_not_symmetric_fails_its_symmetry_check():
    """Beside the wrong entry, the pair that should be equal is reported."""
    frame = tried(F, hessian=F.hessian + sp.Matrix([[0, 1], [0, 0]])).frame
    assert not frame[frame["check"] == "symmetry"]["passed"].any()
    assert tried(F, hessian=F.hessian).passed


@pytest.mark.parametrize(
    "options, error, words",
    [
        ({"gradient": [FX]}, ValueError, r"gradient: expected shape \(2,\), got \(1, 1\)"),
        ({"gradient": [FX, FY, 0]}, ValueError, "gradient: expected shape"),
        ({"gradient": "2*x*y"}, TypeError, "gradient: expected a SymPy Matrix"),
        ({"gradient": [FX, sp.Symbol("yy")]}, ValueError, "gradient: unknown symbol 'yy'; did you"),
        ({"gradient": [FX, sp.Symbol("y")]}, ValueError, "gradient: its y is not the objective's"),
        ({"gradient": lambda p: 1 / 0}, ValueError, "gradient: the function raised ZeroDivision"),
        ({"gradient": lambda p: np.ones(3)}, ValueError, r"gradient: .* shape \(2,\), got \(3,\)"),
        ({"gradient": lambda p: ["a", 1]}, TypeError, "gradient: .* real numbers"),
        ({"gradient": lambda p: None}, TypeError, "gradient: what the function returned: .* None"),
        ({"hessian": [FX, FY]}, ValueError, "hessian: expected shape"),
        ({"at": [1]}, ValueError, "at: expected 2 coordinates, got 1"),
        ({"at": [[1, 2], [3]]}, ValueError, r"at\[1\]: expected 2 coordinates"),
        ({"at": [1, np.nan]}, ValueError, r"at\[1\]: expected a finite real number"),
        ({"points": 0}, ValueError, "points: expected at least 1"),
        ({"points": 1.5}, TypeError, "points: expected an integer"),
        ({"backend": "cc"}, ValueError, "backend: unknown name 'cc'; did you mean 'c'"),
    ],
)
def test_bad_input_is_named_with_what_was_expected(options, error, words):
    """The message must say which argument to mend."""
    with pytest.raises(error, match=words):
        tried(F, **options)


def test_an_objective_that_is_nowhere_real_is_refused():
    """The search for points gives up after a bounded number of draws."""
    with pytest.raises(ValueError, match="at: no 5 random points were found"):
        tried(sp.log(-1 - x**2 + 0 * y + sp.sin(x) / 2))
    with pytest.raises(ValueError, match="at: f or a derivative of it is not a finite real"):
        tried(sp.log(x), at=[-1])
    stranger = type("Stranger", (sp.Function,), {"_eval_is_extended_real": lambda self: True})
    with pytest.raises(ValueError, match="objective: SymPy knows no Derivative"):
        tried(stranger(x))
    stranger.fdiff = lambda self, argindex=1: sp.cos(self.args[0])
    with pytest.raises(ValueError, match=r"objective: Stranger\(x \+ 1\) cannot be computed"):
        tried(stranger(x + 1))
    with pytest.raises(TypeError, match="objective: expected an Objective"):
        verify(x**2)


def test_a_function_that_fails_beside_the_points_is_still_tried_at_them():
    """Further points, used to name a mistake, are ours; that the claim fails there is no error."""

    def only_there(point):
        if point.tolist() != [1.0, 2.0]:
            raise OverflowError("out of my range")
        return np.array([-4.0, 13.0])

    outcome = tried(F, at=[1, 2], gradient=only_there)
    assert [(mistake.variable, mistake.kind) for mistake in outcome.mistakes] == [("x", "sign")]


@settings(max_examples=30)
@given(st.lists(st.integers(-9, 9), min_size=2, max_size=6), st.integers(0, 5))
def test_any_polynomial_passes_and_any_changed_coefficient_fails(coefficients, changed):
    """Right and wrong side by side, for polynomials that nobody chose."""
    polynomial = sum(c * x ** (i + 1) for i, c in enumerate(coefficients)) + x**7
    right = sp.diff(polynomial, x)
    wrong = right + (changed + 1) * x**changed
    point = [sp.Rational(3, 7)]
    assert tried(polynomial, at=point, gradient=[right]).passed
    assert not tried(polynomial, at=point, gradient=[wrong]).passed


def test_the_default_backend_compiles_value_gradient_and_autodiff():
    """Once with the C compiler, which everything above goes without."""
    outcome = verify(sl.Objective(2 - 3 * x**3 + x**4), at=[1])
    assert outcome.passed
    assert outcome.verdict == "The derived gradient agrees with 5 independent checks at 1 point."
    assert outcome.frame["claimed"].tolist() == [-5.0] * 5


def test_a_verification_reads_well():
    """What a notebook shows: the verdict first, then one line per check."""
    outcome = tried(F)
    assert repr(outcome).startswith(outcome.verdict)
    assert list(outcome.summary.index) == CHECKS
    assert all(check in outcome._repr_html_() for check in CHECKS)
    assert list(outcome.frame.columns[:3]) == ["point", "component", "check"]


T = sp.Symbol("t", real=True)
NORMAL = (1 + sp.erf(T / sp.sqrt(2))) / 2
DENSITY = sp.exp(-(T**2) / 2) / sp.sqrt(2 * sp.pi)
CANCELLING = [
    (-sp.log(NORMAL), -40),
    (-sp.log(NORMAL), -12),
    ((1 - NORMAL) / DENSITY, 30),
    (sp.erfc(T / sp.sqrt(2)) * sp.exp(T**2 / 2), 30),
    (sp.erfc(T / sp.sqrt(2)) * sp.exp(T**2 / 2), 37),
    (DENSITY / (1 - NORMAL), 30),
]


@pytest.mark.parametrize(("formula", "at"), CANCELLING, ids=str)
def test_where_many_digits_cancel_more_are_worked_with(formula, at):
    """The tails of the normal distribution: 1 - erf(30) is 1e-393, which 80 digits call 0."""
    result = sl.verify(sl.Objective(formula), at=[at], backend="interpreted")
    assert result.passed, result.verdict


def test_more_digits_do_not_make_a_wrong_tail_right():
    """The slope of -log P(t) is -p(t)/P(t); another sign is found out at -40 too."""
    wrong = [DENSITY / NORMAL]
    result = sl.verify(sl.Objective(-sp.log(NORMAL)), [-40], gradient=wrong, backend="interpreted")
    assert not result.passed
    assert "sign is wrong" in result.verdict


@pytest.mark.parametrize(
    ("formula", "name"),
    [
        (sp.loggamma(T**2 + 1), "loggamma"),
        (sp.erfinv(T / 9), "erfinv"),
        (sp.polygamma(1, T**2 + 1) + sp.sin(T), "polygamma"),
    ],
    ids=str,
)
def test_a_function_without_complex_values_is_named_in_our_own_words(formula, name):
    """No ufunc, no casting rule and no foreign name in the verdict."""
    result = sl.verify(sl.Objective(formula), [1], backend="interpreted")
    assert f"complex step: there is no {name} of complex numbers in NumPy" in result.verdict
    assert "ufunc" not in result.verdict
