"""The cases of the issue, each against values that mpmath or fractions find by themselves."""

import math
from fractions import Fraction
from functools import cache

import mpmath
import numpy as np
import pytest

from symlab.lab.accuracy.cases import ULP_CASES, case_of_text, ulp_case
from symlab.lab.accuracy.evaluators import MEASURED

PRECISIONS = ("float64", "float32")
BOUND = 3
"""Ulps. A search by thousands of points found at most 2.0 in float64 and 2.7 in float32."""


def newton_correction(x):
    """4x^3 - 9x^2 over 12x^2 - 18x, in exact fractions."""
    return (4 * x**3 - 9 * x**2) / (12 * x**2 - 18 * x)


def in_digits(fraction):
    """A fraction as a number of mpmath."""
    return mpmath.mpf(fraction.numerator) / fraction.denominator


EXACT = {
    "logistic_loss": lambda z: mpmath.log(1 + mpmath.exp(mpmath.mpf(z))),
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-mpmath.mpf(z))),
    "logsumexp": lambda a: mpmath.log(mpmath.exp(mpmath.mpf(a)) + mpmath.e),
    "log_cosh": lambda z: mpmath.log(mpmath.cosh(mpmath.mpf(z))),
    "root_difference": lambda z: mpmath.sqrt(mpmath.mpf(z) + 1) - mpmath.sqrt(mpmath.mpf(z)),
    "versine": lambda z: (1 - mpmath.cos(mpmath.mpf(z))) / mpmath.mpf(z) ** 2,
    "newton_step": lambda x: in_digits(Fraction(x) - newton_correction(Fraction(x))),
    "newton_correction": lambda x: in_digits(newton_correction(Fraction(x))),
}
"""Each formula, written out here."""


@cache
def measured(name):
    """Each is measured once."""
    return ulp_case(name).measure()


def rows(name, **wanted):
    """The rows of a frame in which columns have these values."""
    frame = measured(name).frame
    for column, value in wanted.items():
        frame = frame[frame[column] == value]
    return frame


@pytest.mark.parametrize("name", ULP_CASES)
def test_every_error_is_what_mpmath_and_numpys_spacing_say_it_is(name):
    """Exact value, rounding and unit are found without the library's own functions."""
    for precision in PRECISIONS:
        frame = rows(name, precision=precision, system="interpreted")
        assert frame["point"].tolist() == frame["point"].astype(precision).astype(float).tolist()
        for row in frame.itertuples():
            with mpmath.workdps(700):
                exact = EXACT[name](row.point)
                unit = float(np.spacing(abs(np.dtype(precision).type(float(exact)))))
                error = abs(mpmath.mpf(row.value) - exact) / unit
            assert row.exact == float(exact)
            if math.isfinite(row.value):
                assert row.ulps == pytest.approx(float(error), rel=1e-12)
            else:
                assert row.ulps == math.inf


@pytest.mark.parametrize("name", ULP_CASES)
def test_the_stabilised_forms_are_right_to_three_ulps_in_either_precision(name):
    """On every system, at every point, and nothing is lost."""
    summary = measured(name).summary
    stable = summary[summary["stable"]]
    assert len(stable) == len(MEASURED) * len(PRECISIONS)
    assert stable["not_finite"].tolist() == [0] * len(stable)
    assert stable["max_ulps"].max() <= BOUND


@pytest.mark.parametrize("precision, bits, smallest", [("float64", 53, -708), ("float32", 24, -87)])
def test_the_loss_as_stated_has_no_digit_left_where_the_exponential_sinks_into_the_one(
    precision, bits, smallest
):
    """Below -53 log 2 = -37, and -24 log 2 = -17 in float32, it is 0: off by all its digits."""
    stated = rows("logistic_loss", precision=precision, stable=False, system="lambdify")
    sunk = stated["point"] < -bits * math.log(2)
    normal = sunk & (stated["point"] > smallest)
    assert normal.sum() > 20
    assert stated["value"][sunk].eq(0).all()
    assert stated["ulps"][normal].between(2.0 ** (bits - 1), 2.0**bits).all()
    assert stated["value"][~sunk].gt(0).all()


@pytest.mark.parametrize("precision", PRECISIONS)
def test_pytensor_knows_the_loss_but_not_the_chapters_sigmoid(precision):
    """Compiling is no cure: e^z/(1 + e^z) is NaN on every system once e^z has overflowed."""
    limit = math.log(float(np.finfo(precision).max))
    for system in MEASURED:
        stated = rows("sigmoid", precision=precision, stable=False, system=system)
        beyond = stated["point"] > limit
        assert beyond.any()
        assert stated["value"].isna().tolist() == beyond.tolist()
        assert np.isinf(stated["ulps"]).tolist() == beyond.tolist()
    for system in ("c", "numba"):
        compiled = rows("logistic_loss", precision=precision, stable=False, system=system)
        assert compiled["ulps"].max() <= BOUND


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("system", MEASURED)
def test_the_error_of_newtons_correction_grows_as_one_over_the_distance(precision, system):
    """The slope is a difference of numbers near 45: rounding leaves a few ulps over d."""
    stated = rows("newton_correction", precision=precision, stable=False, system=system)
    distances = stated["point"] - 9 / 4
    scaled = stated["ulps"] * distances
    near = distances < 0.1
    assert scaled[near].max() < 16
    halves = np.floor(np.log2(distances[near]) / 4)
    assert scaled[near].groupby(halves).max().gt(0.25).all()


@pytest.mark.parametrize("precision", PRECISIONS)
def test_newtons_step_does_not_mind(precision):
    """What is wrong with the correction is below the last digits of x."""
    stated = rows("newton_step", precision=precision, stable=False)
    assert stated["ulps"].max() <= 2
    spoilt = rows("newton_correction", precision=precision, stable=False)["ulps"].max()
    assert spoilt > 2 ** (np.finfo(precision).nmant - 1)


def test_a_case_is_found_by_name_and_a_typo_gets_the_nearest():
    """In the issue's order."""
    issue = ["logistic_loss", "sigmoid", "logsumexp"]
    kinds = ["log_cosh", "root_difference", "versine"]
    assert list(ULP_CASES) == [*issue, *kinds, "newton_step", "newton_correction"]
    assert case_of_text(" sigmoid ") is ulp_case("sigmoid")
    with pytest.raises(ValueError, match="did you mean 'newton_step'"):
        ulp_case("newton_stp")


def test_a_formula_may_be_typed_and_is_parsed():
    """With ends it is measured between them; one end alone, or two that decrease, is refused."""
    between = case_of_text("sqrt(x + 1) - sqrt(x)", 1, 1e12)
    found = between.measure(["lambdify"], ["float64"])
    assert found.frame["point"].agg(["min", "max"]).tolist() == [1, 1e12]
    assert found.summary["max_ulps"].max() > 1e10
    assert case_of_text("exp(x)").points("float32")[0] == -104
    with pytest.raises(ValueError, match="is never closed"):
        case_of_text("exp(x")
    for ends in ((1, None), (None, 1), (2, 1)):
        with pytest.raises(ValueError, match="from, to: expected two numbers that increase"):
            case_of_text("exp(x)", *ends)
    with pytest.raises(ValueError, match="a named case has points of its own"):
        case_of_text("sigmoid", 0, 1)
