"""The unit of errors in ulps and its standard: NumPy's spacing, and values known otherwise."""

import math

import mpmath
import numpy as np
import pytest
import sympy as sp

from symlab.lab.accuracy.ulps import exact_value, spacing, ulps

z, y = sp.symbols("z y", real=True)


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_an_ulp_is_the_spacing_at_the_exact_value(precision):
    """NumPy's spacing is the oracle, among subnormal numbers and at both ends of a binade too."""
    info, kind = np.finfo(precision), np.dtype(precision).type
    largest = float(np.nextafter(info.max, kind(0)))
    numbers = [1.0, 3.7, 0.0, largest, float(info.smallest_normal)]
    numbers += [float(info.smallest_subnormal), 1.5 * float(info.smallest_normal), 2.0 - 2.0**-23]
    for number in map(kind, numbers):
        unit = mpmath.mpf(float(np.spacing(number)))
        assert spacing(mpmath.mpf(float(number)), precision) == unit
        assert spacing(mpmath.mpf(-float(number)), precision) == unit
        with mpmath.workdps(800):
            beside = float(number) + unit / 4
        assert ulps(float(number), beside, precision) == 0.25
        before = float(np.nextafter(number, kind(-1)))
        assert ulps(before, mpmath.mpf(float(number)), precision) in (1.0, 0.5)


def test_just_below_a_power_of_two_the_number_decides_after_rounding():
    """It rounds up to the next binade, whose spacing is the one that counts."""
    with mpmath.workdps(60):
        assert spacing(2 - mpmath.mpf(2) ** -60) == 2.0**-51
        assert spacing(2 - mpmath.mpf(2) ** -50) == 2.0**-52


def test_infinity_is_right_only_where_the_exact_number_overflows():
    """e^1000 is infinite in float64; 800 is not; e^100 is infinite in float32 alone."""
    assert ulps(math.inf, mpmath.exp(1000)) == 0
    assert ulps(-math.inf, mpmath.exp(1000)) == math.inf
    assert ulps(math.inf, mpmath.mpf(800)) == math.inf
    assert ulps(math.nan, mpmath.mpf(1)) == math.inf
    assert ulps(math.nan, mpmath.exp(1000)) == math.inf
    assert ulps(1.0, mpmath.exp(1000)) == math.inf
    assert math.isnan(ulps(1.0, mpmath.nan))
    assert ulps(math.inf, mpmath.exp(100), "float32") == 0
    assert ulps(math.inf, mpmath.exp(100)) == math.inf


def test_the_exact_value_survives_any_cancellation_that_floats_can_show():
    """(1 + e^z) - 1 at -745 needs 324 digits before its first; log of a negative has none."""
    value = exact_value(sp.Add(1, sp.exp(z), -1, evaluate=False), z, -745.0)
    with mpmath.workdps(30):
        assert abs(value / mpmath.exp(-745) - 1) < mpmath.mpf(10) ** -24
    assert mpmath.isnan(exact_value(sp.log(z), z, -1.0))
    assert mpmath.isnan(exact_value(1 / z, z, 0.0))


def test_a_zero_is_doubted_and_what_more_digits_still_change_is_not_known():
    """(1 + e^z) - e^z is 1, behind 2171 digits at 5000 and behind 13 029 at 30 000."""
    hidden = sp.Add(sp.Add(1, sp.exp(z), evaluate=False), -sp.exp(z), evaluate=False)
    assert exact_value(hidden, z, 5000.0) == 1
    assert mpmath.isnan(exact_value(hidden, z, 30_000.0))
    assert exact_value(z - sp.Rational(9, 4), z, 2.25) == 0


def test_the_other_symbols_take_the_values_given():
    """In whatever order they are named."""
    assert exact_value(z - 2 * y, z, 5.0, {y: 0.5}) == 4
    assert exact_value(z - 2 * y, y, 0.5, {z: 5.0}, "float32") == 4
