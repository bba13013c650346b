"""The ulp meter: it reads the same on a known error, and sees what is lost."""

import math

import matplotlib.pyplot as plt
import mpmath
import numpy as np
import pytest
import sympy as sp

from symlab.study.accuracy import accuracy, exact_value, ulps

z = sp.Symbol("z", real=True)
LOSS = sp.log(1 + sp.exp(z))
QUICK = ("lambdify", "interpreted")


def test_an_ulp_is_the_spacing_at_the_exact_value():
    """NumPy's spacing is the oracle, among subnormal numbers too."""
    for number in (1.0, 3.7, 1e300, 5e-324, 1e-310):
        spacing = mpmath.mpf(float(np.spacing(number)))
        with mpmath.workdps(800):
            beside = number + spacing / 4
        assert ulps(number, beside) == 0.25
        assert ulps(float(np.nextafter(number, np.inf)), mpmath.mpf(number)) == 1.0


def test_infinity_is_right_only_where_the_exact_number_overflows():
    """e^1000 is infinite in float64; 800 is not."""
    assert ulps(math.inf, mpmath.exp(1000)) == 0
    assert ulps(math.inf, mpmath.mpf(800)) == math.inf
    assert ulps(math.nan, mpmath.mpf(1)) == math.inf
    assert ulps(1.0, mpmath.exp(1000)) == math.inf
    assert math.isnan(ulps(1.0, mpmath.nan))


def test_the_exact_value_survives_any_cancellation_that_floats_can_show():
    """(1 + e^z) - 1 at -745 needs 324 digits before its first; log of a negative has none."""
    value = exact_value(sp.Add(1, sp.exp(z), -1, evaluate=False), z, -745.0)
    with mpmath.workdps(30):
        assert abs(value / mpmath.exp(-745) - 1) < mpmath.mpf(10) ** -24
    assert mpmath.isnan(exact_value(sp.log(z), z, -1.0))
    assert mpmath.isnan(exact_value(1 / z, z, 0.0))


def test_the_meter_shows_what_rewriting_gains():
    """As stated the loss overflows and loses its digits; stabilised it errs by an ulp at most."""
    measured = accuracy(LOSS, z, np.linspace(-800, 800, 41), QUICK)
    summary = measured.summary.set_index(["system", "stable"])
    for system in QUICK:
        assert summary.loc[(system, False), "not_finite"] > 0
        assert summary.loc[(system, False), "max_ulps"] > 1e10
        assert summary.loc[(system, True), "not_finite"] == 0
        assert summary.loc[(system, True), "max_ulps"] <= 1
    assert len(measured.frame) == 4 * 41
    assert "softplus(z)" in repr(measured)
    assert "<table" in measured._repr_html_()


def test_every_system_and_every_function_of_the_field_can_be_measured():
    """One formula that has them all, at a harmless point: an ulp or two everywhere."""
    import symlab.algebra.functions as f

    form = (
        f.sigmoid(z) + f.softplus(z) + f.relu(z) + f.softsign(z) + f.hinge(-z)
        + f.xlogx(z) + f.logsumexp(z, 1, 2 * z) + f.softmax(z, 1, 2 * z)
    )  # fmt: skip
    measured = accuracy(form, points=[0.25, 2.5], systems=("lambdify", "interpreted", "c", "numba"))
    assert measured.frame["ulps"].max() <= 4
    assert list(measured.frame.columns) == ["system", "stable", "point", "value", "exact", "ulps"]


def test_points_outside_the_domain_are_not_counted():
    """Where the formula is not real there is nothing to err from."""
    measured = accuracy(sp.log(z), z, [-1.0, 2.0], ["lambdify"], [True])
    assert measured.summary["points"].tolist() == [1]
    assert measured.frame["ulps"].isna().tolist() == [True, False]


def test_the_picture_marks_what_is_lost():
    """A line of points, and of crosses, for each system and form; a logarithmic scale."""
    figure, ax = plt.subplots()
    assert accuracy(LOSS, z, [-40.0, 1.0, 800.0], QUICK).plot(ax) is ax
    assert ax.get_yscale() == "log"
    assert len(ax.get_legend().get_texts()) == 4
    assert sum(len(line.get_xdata()) for line in ax.lines if line.get_marker() == "x") == 2
    plt.close(figure)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"expression": z * sp.Symbol("y")}, ValueError, "one symbol, got y, z"),
        ({"expression": sp.Integer(3)}, ValueError, "got none"),
        ({"expression": z > 1}, TypeError, "expected a SymPy expression"),
        ({"expression": z, "points": []}, ValueError, "points: expected finite numbers, got none"),
        ({"expression": z, "points": [math.nan]}, ValueError, r"got \[nan\]"),
        ({"expression": z, "systems": ["nunba"]}, ValueError, "did you mean 'numba'"),
    ],
)
def test_bad_input_is_named(arguments, error, message):
    """Before anything is compiled."""
    with pytest.raises(error, match=message):
        accuracy(**arguments)
