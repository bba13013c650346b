"""K5 and K6: what floats lose by overflow, underflow or cancellation, `stabilize` keeps.

Value, first and second derivative of each formula, as SymPy derives them, are compared with
mpmath, which evaluates the formula as it is written with hundreds of digits. Where a formula is 0
near a point of the table no bound in ulps can hold; those points are left out.
"""

import logging
from itertools import pairwise

import mpmath
import numpy as np
import pytest
import sympy as sp
from scipy.special import digamma, gammaln
from scipy.special import softmax as scipy_softmax

import symlab as sl
from symlab.algebra.functions import define
from symlab.algebra.numeric import MPMATH
from symlab.engine.compiled.functions import scalar_function
from symlab.engine.lowering.overflow import overflow
from symlab.engine.lowering.stabilize import explain, stabilize

x, y, z, c = sp.symbols("x y z c", real=True)
p = sp.Symbol("p", positive=True)
ROOT_2 = sp.sqrt(2)
PHI = (1 + sp.erf(x / ROOT_2)) / 2

WIDE = (-712.3, -40.2, -5.1, -1.3, -0.1, -1e-9, 1e-20, 1e-7, 0.03, 0.3, 2.2, 15.1, 100.1, 712.0)
NORMAL = (-55.2, -40.2, -20.3, -5.1, -1.3, -0.1, -1e-9, 1e-20, 0.03, 0.3, 1.1, 2.2, 15.1, 30.3)
POSITIVE = (1e-20, 1e-9, 0.003, 0.3, 2.2, 15.1, 100.1, 712.0)
SMALL = (-0.55, -0.1, -1e-9, 1e-20, 1e-6, 1e-4, 0.02, 0.3, 0.7)
LARGE = (1e-9, 0.1, 1.0, 5.0, 1e3, 1e9, 1e20)
HUGE = (1e200, -1e200, 1e-200)

FORMS = {
    "log cosh": (sp.log(sp.cosh(x)), WIDE, 4),
    "log sinh": (sp.log(sp.sinh(x)), POSITIVE, 4),
    "sech": (1 / sp.cosh(x), WIDE, 4),
    "coth": (sp.cosh(x) / sp.sinh(x), WIDE, 4),
    "tanh of exponentials": ((sp.exp(x) - sp.exp(-x)) / (sp.exp(x) + sp.exp(-x)), WIDE, 4),
    "log erfc": (sp.log(sp.erfc(x)), NORMAL, 8),
    "log(1 - erf)": (sp.log(1 - sp.erf(x)), NORMAL, 8),
    "log Phi": (sp.log(PHI), NORMAL, 8),
    "log(1 - Phi)": (sp.log(1 - PHI), NORMAL, 8),
    "scaled erfc": (sp.exp(x**2) * sp.erfc(x), tuple(v for v in NORMAL if v > -5), 8),
    "log gamma": (sp.log(sp.gamma(p)), (1e-9, 0.1, 3.3, 10.2, 100.3, 200.0, 1e5, 1e15), 4),
    "log(1 - e^-x)": (sp.log(1 - sp.exp(-x)), POSITIVE, 4),
    "log(e^x - 1)": (sp.log(sp.exp(x) - 1), POSITIVE, 4),
    "log-odds": (sp.log(x / (1 - x)), (1e-100, 1e-20, 0.1, 0.3, 0.6, 0.9, 0.999999), 4),
    "log(1 - sigmoid)": (sp.log(1 - 1 / (1 + sp.exp(-x))), WIDE, 4),
    "(1 - x) log(1 - x)": ((1 - x) * sp.log(1 - x), (-5.0, 1e-20, 1e-9, 0.1, 0.9), 4),
    "relative entropy": (p * sp.log(p / 3), (1e-100, 1e-9, 2.9, 2.99999999, 5.0, 1e200), 8),
    "entropy": (-x * sp.log(x) - (1 - x) * sp.log(1 - x), (1e-20, 0.1, 0.3, 0.9), 4),
    "middle share": (sp.exp(x) / (sp.exp(2 * x) + sp.exp(x) + 1), WIDE, 16),
    "difference of roots": (sp.sqrt(x + 1) - sp.sqrt(x), LARGE, 4),
    "line less root": (x - sp.sqrt(x**2 + 1), (*LARGE, -2.0, -1e5), 4),
    "root less one": (sp.sqrt(1 + x) - 1, SMALL, 4),
    "length": (sp.sqrt(x**2 + 9), (-5.0, 1e-9, 0.3, 2.0, 1e10, 1e100), 4),
    "1 - cos": (1 - sp.cos(x), SMALL, 4),
    "versine": ((1 - sp.cos(x)) / x**2, SMALL, 4),
    "x - sin": (x - sp.sin(x), SMALL, 4),
    "(x - sin x)/x³": ((x - sp.sin(x)) / x**3, SMALL, 8),
    "(e^x - 1)/x": ((sp.exp(x) - 1) / x, SMALL, 4),
    "(e^x - 1 - x)/x²": ((sp.exp(x) - 1 - x) / x**2, SMALL, 4),
    "log(1 + x)/x": (sp.log(1 + x) / x, SMALL, 16),
    "log(x + 1) - log(x)": (sp.log(x + 1) - sp.log(x), LARGE, 4),
    "tanh(x)/x": (sp.tanh(x) / x, SMALL, 8),
    "x/(e^x - 1)": (x / (sp.exp(x) - 1), SMALL, 4),
    "Langevin": (sp.coth(x) - 1 / x, SMALL, 16),
    "log of sinc": (sp.log(sp.sin(x) / x), SMALL, 8),
    "log cos": (sp.log(sp.cos(x)), SMALL, 8),
    "log(x)/(x - 1)": (sp.log(x) / (x - 1), (1e-9, 0.1, 0.999999, 1.0000001, 1.2), 8),
    "gamma quotient": (sp.gamma(x + 1) / sp.gamma(x), (-2.5, 3.3, 300.0, 1e10), 4),
    "log of gamma quotient": (
        sp.log(sp.gamma(x + 1) / sp.gamma(x + sp.Rational(1, 2))),
        (0.3, 3.3, 300.0, 1e10),
        4,
    ),
    "broken gamma quotient": (
        sp.gamma(x + sp.Rational(1, 3)) / sp.gamma(x),
        (3.3, 60.2, 300.0, 1e10),
        16,
    ),
    "difference of log gamma": (sp.loggamma(x + 1) - sp.loggamma(x), (0.3, 300.0, 1e10), 4),
    "factorial ratio": (sp.factorial(x + 2) / sp.factorial(x), (3.25, 100.5), 1000),
    "difference of digamma": (
        sp.digamma(x + sp.Rational(1, 3)) - sp.digamma(x),
        (1e-9, 0.3, 3.3, 300.0, 1e10, -0.7),
        8,
    ),
    "log of a difference": (sp.log(sp.exp(x) - sp.exp(-x)), (1e-9, 0.3, 1.5, 800.0), 4),
    "log of three": (
        sp.log(sp.exp(x) + sp.exp(2 * x) + 1),
        (-500.0, -30.0, -3.3, 0.3, 30.0, 500.0),
        8,
    ),
    "complementary log-log": (sp.log(1 - sp.exp(-sp.exp(x))), (-50.0, -5.0, -1.0, 1.0), 16),
    "acosh(1 + x)": (sp.acosh(1 + x), (1e-100, 1e-12, 0.3, 1e10), 4),
    "asin(1 - x)": (sp.asin(1 - x), (1e-20, 1e-12, 0.3, 1.75), 4),
    "acos(1 - x)": (sp.acos(1 - x), (1e-20, 1e-12, 0.3, 1.75), 4),
    "asin near 1": (sp.asin(x), (1 - 1e-12, 0.3, -1 + 1e-9), 4),
    "acos near 1": (sp.acos(x), (1 - 1e-12, 0.3, -1 + 1e-9), 4),
    "angle left": (sp.pi / 2 - sp.atan(x), (1e10, 1e200, 0.3, -3.0), 4),
    "Cauchy's distribution": (sp.S.Half + sp.atan(x) / sp.pi, (-1e10, 0.3, 3.0), 4),
    "log of 1 + 1/x": (sp.log((x + 1) / x), (1e12, 1e5, 0.3, -1e12, -3.0), 4),
    "log of a near quotient": (sp.log((x + 3) / (x + 2)), (1e12, 1e5, 5.5), 16),
    "square less one": (x**2 - 1, (1 + 1e-12, -1 - 1e-12, 3.0), 4),
    "square less nine": (9 - 4 * x**2, (1.5 + 1e-12, 3.0), 4),
    "log of squares": (sp.log(1 + x**2), (*HUGE, 0.3, 1e3, -2.0), 4),
    "log of fourth powers": (sp.log(3 + x**4), (*HUGE, 0.3), 4),
    "log of a shifted square": (sp.log(1 + (x - 1) ** 2), (1e200, -1e200, 1 + 1e-9), 4),
    "log of a cube of squares": (sp.log((1 + x**2) ** 3), (1e150, -1e150, 2.0), 4),
    "root of fourth powers": (sp.sqrt(1 + x**4), (1e100, -1e90, 0.3, 1e-100), 4),
    "share of squares": (x / (1 + x**2), (*HUGE, 0.3, 1.0, -3.0), 4),
    "log of a whole power": (sp.log(x**400), (1e10, -1e10, 0.3), 4),
    "log of a square": (sp.log(x**2), (*HUGE, 0.3), 4),
    "log of an odd power": (sp.log(x**-3), (1e-200, 1e200, 0.3), 4),
    "log of a broken power": (sp.log(5 * x ** sp.Rational(5, 2)), (1e200, 1e-200, 0.3), 4),
    "log of x to the x": (sp.log(x**x), (400.0, 0.3), 4),
}
"""What is written, where, and to how many ulps: more than 4 where many parts are rounded."""

DIGITS = 900


def exact(formula, symbols, at):
    """The formula as it is written, by mpmath alone."""
    with mpmath.workdps(DIGITS):
        return mpmath.mpmathify(sp.lambdify(symbols, formula, "mpmath")(*map(mpmath.mpf, at)))


def off(got, true):
    """How far a float is from an exact number, in spacings of floats there."""
    with mpmath.workdps(DIGITS):
        return float(abs(mpmath.mpf(float(got)) - true) / mpmath.mpf(np.spacing(abs(float(true)))))


@pytest.mark.parametrize("name", FORMS)
def test_k6_value_slope_and_curvature_keep_their_digits(name):
    """Far out, where parts overflow or vanish, and close in, where terms cancel."""
    formula, points, limit = FORMS[name]
    (symbol,) = formula.free_symbols
    forms = tuple(formula.diff(symbol, order) for order in range(3))
    call = scalar_function(forms, (symbol,), "interpreted").call
    for point in points:
        with np.errstate(all="ignore"):
            found = call(np.asarray(point))
        for order, (form, got) in enumerate(zip(forms, found, strict=True)):
            true = exact(form, [symbol], [point])
            if mpmath.isfinite(true) and abs(true) < 1.7e308:
                assert off(got, true) <= limit, (order, point, float(got), float(true))


@pytest.mark.parametrize("backend", ["c", "numba"])
def test_k6_on_compiled_backends_alike(backend):
    """One compiled function with a formula of each family."""
    names = ["log cosh", "log Phi", "versine", "log(1 - e^-x)", "length"]
    forms = tuple(FORMS[name][0].diff(x) for name in names)
    call = scalar_function(forms, (x,), backend).call
    for point in (1e-6, 0.3, 2.2, 15.1):
        for name, form, got in zip(names, forms, call(np.asarray(point)), strict=True):
            limit = 2 * FORMS[name][2]
            assert off(got, exact(form, [x], [point])) <= limit, (name, point)


@pytest.mark.parametrize("name", FORMS)
def test_k6_a_rewrite_is_an_identity(name):
    """Before and after agree to 50 digits, and a stable form is left as it is."""
    formula = FORMS[name][0]
    (symbol,) = formula.free_symbols
    for form in (formula, formula.diff(symbol)):
        stable = stabilize(form)
        assert stabilize(stable) == stable
        with mpmath.workdps(70):
            for point in ("0.37", "0.81"):
                before, after = (
                    sp.lambdify([symbol], entry, [MPMATH, "mpmath"])(mpmath.mpf(point))
                    for entry in (define(form), stable)
                )
                assert abs(before - after) <= mpmath.mpf(10) ** -50 * abs(before)


def test_k5_softmax_cross_entropy_of_large_scores():
    """R20: the derived gradient was NaN; SciPy's softmax is the reference."""
    a, b = sp.symbols("a0:3", real=True), sp.symbols("b0:3", real=True)
    labels, u = sp.symbols("y0:3", real=True), sp.Symbol("u", real=True)
    scores = [one + other * u for one, other in zip(a, b, strict=True)]
    total = sum(map(sp.exp, scores))
    loss = -sum(label * sp.log(sp.exp(s) / total) for label, s in zip(labels, scores, strict=True))
    features = np.array([-900.0, -1.0, 0.0, 1.0, 2.0, 900.0])
    truth = np.eye(3)[[0, 0, 1, 1, 2, 2]]
    at = np.array([0, 0, 0, -1.0, 0, 1.0])
    data = {u: features, **{label: truth[:, i] for i, label in enumerate(labels)}}
    risk = sl.EmpiricalRisk(loss, parameters=(*a, *b), data=(u, *labels)).on(data)
    found = sl.compile(risk, backend="interpreted")
    difference = scipy_softmax(np.outer(features, at[3:]), 1) - truth
    expected = [difference.mean(0), (difference * features[:, None]).mean(0)]
    assert found.value(at) == pytest.approx(0.50945930767613, rel=1e-13)
    assert found.gradient(at) == pytest.approx(np.concatenate(expected), rel=1e-12, abs=1e-15)
    assert np.all(np.isfinite(found.hessian(at)))


SEVERAL = {
    "shifted softmax": (
        sp.exp(x - c) / (sp.exp(x - c) + sp.exp(y - c) + sp.exp(z - c)),
        (900.0, -900.0, 30.0, 10.0),
    ),
    "log of a share": (sp.log(sp.exp(x) / (sp.exp(x) + sp.exp(y))), (900.0, -900.0)),
    "one of many": (1 / (1 + sp.exp(x - y) + sp.exp(z - y)), (900.0, -900.0, 30.0)),
    "probit": (
        z * sp.log(PHI.subs(x, x * y)) + (1 - z) * sp.log(1 - PHI.subs(x, x * y)),
        (-30.0, 2.0, 1.0),
    ),
    "hypot, large": (sp.sqrt(x**2 + y**2), (1e200, -2e200)),
    "hypot, small": (sp.sqrt(x**2 + y**2), (1e-200, -2e-200)),
    "log of squares, large": (sp.log(x**2 + y**2), (1e200, 1e190)),
    "log of squares, small": (sp.log(x**2 + y**2), (1e-200, 2e-200)),
    "log of a power": (sp.log(x**y), (400.0, 400.0)),
    "hypot less side": (sp.sqrt(x**2 + y**2) - x, (1e8, 1.0)),
    "sinc of a score": (sp.sin(x * y - c) / (x * y - c), (1e-6, 0.7, 1e-9)),
    "log cosh of a score": (sp.log(sp.cosh(x * y - c)), (30.0, 40.0, 1.0)),
    "cosh over cosh": (sp.cosh(x) / sp.cosh(y), (800.0, 801.0)),
    "sinh over sinh": (sp.sinh(x) / sp.sinh(y), (800.0, 801.0)),
    "relative entropy": (x * sp.log(x / y), (2.0, 2.00000001)),
}


@pytest.mark.parametrize("name", SEVERAL)
def test_k5_k6_in_several_variables(name):
    """Value and slopes, where the same formula depends on more than one symbol."""
    formula, at = SEVERAL[name]
    symbols = sorted(formula.free_symbols, key=lambda symbol: "xyzc".index(symbol.name))
    forms = (formula, *(formula.diff(symbol) for symbol in symbols))
    with np.errstate(all="ignore"):
        found = scalar_function(forms, tuple(symbols), "interpreted").call(*map(np.asarray, at))
    for form, got in zip(forms, found, strict=True):
        true = exact(form, symbols, at)
        assert float(got) == float(true) or off(got, true) <= 8


def test_k5_the_logarithm_of_a_power_is_real_where_the_power_is_positive():
    """A negative number to an even power has one, to an odd or broken power it has none."""
    call = scalar_function((sp.log(x**y),), (x, y), "interpreted").call
    with np.errstate(all="ignore"):
        found = [float(call(*map(np.asarray, at))[0]) for at in ((-2.0, 400.0), (-2.0, 3.0))]
        assert found[0] == pytest.approx(400 * np.log(2), rel=1e-15)
        assert np.isnan(found[1])
        assert np.isnan(call(np.asarray(-2.0), np.asarray(0.5))[0])


def test_k6_the_cases_that_were_brought():
    """R22 and R24, with the numbers of their page."""
    r, a = sp.Symbol("r", real=True), sp.Symbol("a", positive=True)
    loss = sl.compile(sl.Objective(sp.log(sp.cosh(r))), backend="interpreted")
    assert loss.value([712.0]) == pytest.approx(711.3068528194, rel=1e-12)
    assert loss.value([1e-9]) == pytest.approx(5e-19, rel=1e-12)
    likelihood = sl.compile(sl.Objective(sp.log(sp.gamma(a)) - 5 * a), backend="interpreted")
    assert likelihood.value([200.0]) == pytest.approx(gammaln(200) - 1000, rel=1e-14)
    assert likelihood.gradient([200.0]) == pytest.approx([digamma(200) - 5], rel=1e-13)


def test_k9_a_guarded_quotient_keeps_its_digits_beside_the_guard():
    """R33 and R35: the curvature at 1e-9 was -256, the slope at 1e-6 off by 2e-4."""
    guarded = sp.Piecewise((sp.sin(x) / x, sp.Ne(x, 0)), (1, True))
    for formula in (guarded, sp.sinc(x), sp.sin(x) / x):
        slope, curvature = scalar_function(
            (formula.diff(x), formula.diff(x, 2)), (x,), "interpreted"
        ).call(np.asarray(1e-6))
        assert slope == pytest.approx(-1e-6 / 3 + 1e-18 / 30, rel=1e-15)
        assert curvature == pytest.approx(-1 / 3 + 1e-12 / 10, rel=1e-15)


def test_k6_a_constant_beyond_the_range_of_floats():
    """The product is a float though the constant is none; alone it is refused."""
    tiny, huge = sp.Float("1e-400") * x, sp.Float("1e400") * sp.exp(-x)
    call = scalar_function((tiny, huge), (x,), "interpreted").call
    with np.errstate(all="ignore"):
        assert call(np.asarray(1e300))[0] == pytest.approx(1e-100, rel=1e-15)
        assert call(np.asarray(800.5))[1] == pytest.approx(2.2246783912844936e52, rel=1e-14)


def test_k6_what_still_overflows_is_named(caplog):
    """One sentence with the part and the point; nothing where the value is no float itself."""
    formula = sp.exp(x**2) / (sp.exp(x**2) + x)
    assert overflow(formula, {x: 30.0}) == (
        "exp(x**2) overflows at x = 30, although the whole is representable (1)"
    )
    assert overflow(formula, {x: 2.0}) is None
    assert overflow(sp.exp(x), {x: 800.0}) is None
    caplog.set_level(logging.WARNING, logger="symlab")
    with pytest.raises(ValueError, match="start"):
        sl.minimize(sl.Objective(formula), [30], "gradient_descent", backend="interpreted")
    assert "exp(x**2) overflows at x = 30" in caplog.text


def test_k6_no_logarithm_is_split_where_a_sign_is_not_known():
    """The domain stays: log(y gamma(x)) is real for two negative factors as well."""
    assert stabilize(sp.log(y * sp.gamma(x))) == sp.log(y * sp.gamma(x))
    call = scalar_function((sp.log(sp.gamma(x)),), (x,), "interpreted").call
    with np.errstate(all="ignore"):
        assert np.isnan(call(np.asarray(-0.5))[0])
        assert call(np.asarray(-1.5))[0] == pytest.approx(np.log(2.3632718012073544))


def test_k6_a_large_formula_is_read_in_seconds():
    """Three hundred terms in a hundred variables; nothing is simplified as a whole."""
    v = sp.symbols("v0:100", real=True)
    terms = [
        part
        for one, other in pairwise(v)
        for part in (
            sp.log(sp.cosh(one - other)),
            sp.exp(one) / (1 + sp.exp(one)),
            (one - other) ** 4,
        )
    ]
    assert len(explain(sp.Add(*terms)).steps) >= 198
