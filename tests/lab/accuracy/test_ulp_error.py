"""Errors in ulps: they are right for a known error, and what is lost is counted."""

import math
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import sympy as sp

from symlab.algebra.risk.risk import EmpiricalRisk
from symlab.engine.backends import BACKENDS
from symlab.engine.minimize import minimize
from symlab.lab.accuracy.ulp_error import domain, ulp_error
from symlab.lab.accuracy.ulps import exact_value, ulps

z, y = sp.symbols("z y", real=True)
LOSS = sp.log(1 + sp.exp(z))
QUICK = ("lambdify", "interpreted")


def test_the_meter_shows_what_rewriting_gains():
    """As stated the loss overflows and loses its digits; stabilised it errs by an ulp at most."""
    measured = ulp_error(LOSS, z, np.linspace(-800, 800, 41), QUICK)
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
    measured = ulp_error(form, at=[0.25, 2.5], systems=("lambdify", "interpreted", "c", "numba"))
    assert measured.frame["ulps"].max() <= 4
    assert list(measured.frame.columns) == [
        "system", "precision", "stable", "point", "value", "exact", "ulps"
    ]  # fmt: skip


@pytest.mark.parametrize("form", [sp.exp(z), sp.sin(z), LOSS, sp.tanh(z) / (2 + z**2)], ids=str)
def test_lanes_are_measured_as_a_run_over_data_computes_them(form):
    """Beside the loss that a run of one sample records: both within 4 ulps of the exact number.

    They need not be equal: how many samples g++ puts into a register is its choice in each loop.
    """
    points = [-3.7, -0.123, 0.9, 2.25, 11.3]
    frame = ulp_error(form, z, points, ["c-lanes"], [True]).frame
    w = sp.symbols("w", real=True)
    risk = EmpiricalRisk(form.subs(z, w * z), parameters=(w,), data=(z,))
    runs = [
        minimize(risk.on({z: [point]}), [1], "gradient_descent", max_steps=0) for point in points
    ]
    exact = [exact_value(form, z, point) for point in points]
    errors = [ulps(run.value, number) for run, number in zip(runs, exact, strict=True)]
    assert max(*errors, frame["ulps"].max()) <= 4
    assert frame["value"].to_numpy() == pytest.approx([run.value for run in runs], rel=8 * 2.0**-52)


def test_lanes_are_not_measured_without_a_compiler(monkeypatch):
    """Another backend would be measured under their name."""
    monkeypatch.setitem(BACKENDS, "c", replace(BACKENDS["c"], lacks=lambda: "install g++"))
    with pytest.raises(ValueError, match=r"^systems: 'c-lanes' cannot run here: install g\+\+\."):
        ulp_error(LOSS, z, [1.0], ["c-lanes"])


def test_points_outside_the_domain_are_not_counted():
    """Where the formula is not real there is nothing to err from."""
    measured = ulp_error(sp.log(z), z, [-1.0, 2.0], ["lambdify"], [True])
    assert measured.summary["points"].tolist() == [1]
    assert measured.frame["ulps"].isna().tolist() == [True, False]


def test_the_picture_marks_what_is_lost():
    """A line of points, and of crosses, for each system and form; a logarithmic scale."""
    figure, ax = plt.subplots()
    assert ulp_error(LOSS, z, [-40.0, 1.0, 800.0], QUICK).plot(ax) is ax
    assert (ax.get_xscale(), ax.get_yscale()) == ("linear", "log")
    assert len(ax.get_legend().get_texts()) == 4
    assert sum(len(line.get_xdata()) for line in ax.lines if line.get_marker() == "x") == 2
    plt.close(figure)


def test_one_precision_or_form_can_be_drawn_alone_against_the_distance_from_a_center():
    """Newton's points approach a limit, where they can be told apart by their distance only."""
    near = [9 / 4 + 2.0**-k for k in (1, 20, 50)]
    measured = ulp_error(
        z - sp.Rational(9, 4), z, near, QUICK, precisions=["float64", "float32"],
        center=sp.Rational(9, 4),
    )  # fmt: skip
    figure, ax = plt.subplots()
    measured.plot(ax, precision="float64", stable=True)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(QUICK)
    assert ax.get_xscale() == "log"
    assert ax.get_xlabel() == "$|z - 9/4|$"
    assert ax.lines[0].get_xdata().tolist() == [2.0**-1, 2.0**-20, 2.0**-50]
    plt.close(figure)


def test_the_panels_are_one_axes_for_each_form_and_precision(tmp_path):
    """With one scale of errors and one legend, so that they can be compared at a glance."""
    measured = ulp_error(LOSS, z, [-40.0, 1.0], QUICK, precisions=["float64", "float32"])
    figure = plt.figure()
    assert measured.draw(figure) is figure
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == [
        "float64, as stated", "float32, as stated", "float64, stabilised", "float32, stabilised"
    ]  # fmt: skip
    assert len({ax.get_ylim() for ax in figure.axes}) == 1
    assert len(figure.legends) == 1
    plt.close(figure)
    measured.save_plot(tmp_path / "loss.png")
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_in_float32_the_point_is_rounded_first_and_the_ulp_is_that_of_float32():
    """The oracle is NumPy's own float32: what it makes of z + 1/10 is right to half an ulp."""
    points = [0.1, 1 / 3, 1e8]
    measured = ulp_error(z + sp.Rational(1, 10), z, points, QUICK, [False], precisions=["float32"])
    rounded = np.array(points, dtype=np.float32)
    for _, rows in measured.frame.groupby("system"):
        assert rows["point"].tolist() == rounded.tolist()
        assert rows["value"].tolist() == (rounded + np.float32(0.1)).tolist()
        exact = rounded.astype(float) + 0.1
        spacing = np.spacing(exact.astype(np.float32)).astype(float)
        errors = np.abs(rows["value"] - exact) / spacing
        assert rows["ulps"].to_numpy() == pytest.approx(errors.to_numpy(), abs=1e-6)


@pytest.mark.parametrize("system", ["lambdify", "interpreted", "c", "numba"])
def test_float32_is_computed_in_float32_and_not_rounded_at_the_end(system):
    """A float64 inside would show: sin(log 2 + 1e-9) - sin(log 2) is 1e-9 there and 0 in float32.

    Constants are the trap: `numpy.log(2)` is a float64, which makes one of all that it meets.
    """
    form = sp.sin(sp.log(2) + z) - sp.sin(sp.log(2) + y)
    measured = ulp_error(
        form, z, [1e-9], [system], [False], precisions=["float64", "float32"], given={y: 0}
    )
    double, single = measured.frame["value"]
    assert double == pytest.approx(1e-9 * math.cos(math.log(2)), rel=1e-6)
    assert single == 0


def test_the_other_symbols_can_be_given_and_stay_in_the_formula():
    """log(e^z + e^y) at y = 700 overflows beside z = 709.5, which neither does alone."""
    form = sp.log(sp.exp(z) + sp.exp(y))
    measured = ulp_error(form, at=[709.5], systems=["lambdify"], given={y: 709.5})
    assert measured.symbol == z
    assert measured.stabilized.free_symbols == {z, y}
    assert measured.frame["value"].tolist() == [math.inf, 709.5 + math.log(2)]
    assert "over z, y = 709.5:" in repr(measured)


def test_a_wrong_rewrite_is_seen():
    """Off by a millionth, it errs by billions of ulps; the form as stated by none of it."""
    measured = ulp_error(
        LOSS, z, [1.0, 2.0], QUICK, rewrite=lambda form: form * (1 + sp.Rational(1, 10**6))
    )
    summary = measured.summary.set_index(["system", "stable"])["max_ulps"]
    for system in QUICK:
        assert summary[system, False] <= 1
        assert 1e9 < summary[system, True] < 1e10


def test_the_table_has_a_row_for_each_system_and_a_column_for_each_form_and_precision():
    """What was lost is counted beside the largest of the finite errors."""
    measured = ulp_error(LOSS, z, [1.0, 800.0], QUICK, precisions=["float64", "float32"])
    table = measured.table()
    assert table.index.tolist() == list(QUICK)
    assert table.columns.tolist() == [
        (precision, form) for precision in ("float64", "float32")
        for form in ("as stated", "stabilised")
    ]  # fmt: skip
    assert table.loc["lambdify", ("float64", "as stated")].endswith(", 1 lost")
    assert "lost" not in table.loc["lambdify", ("float64", "stabilised")]
    nothing = ulp_error(LOSS, z, [800.0], ["lambdify"]).table()
    assert nothing.loc["lambdify", ("float64", "as stated")] == "1 lost"
    assert "nowhere a real number" in repr(ulp_error(sp.log(z), z, [-1.0], ["lambdify"]))


@pytest.mark.parametrize("precision, smallest", [("float64", 5e-324), ("float32", 1.4e-45)])
def test_the_domain_holds_every_float_that_is_an_exponential(precision, smallest):
    """From where e^z is half the smallest float to where it overflows; symmetric, and 0 in it."""
    points = domain(precision)
    assert points == sorted(points)
    assert points[len(points) // 2] == 0
    assert points[0] < math.log(smallest) < points[0] + 2
    assert points[-1] > math.log(float(np.finfo(precision).max))


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ({"expression": z * y}, ValueError, "one symbol, got y, z"),
        ({"expression": sp.Integer(3)}, ValueError, "got none"),
        ({"expression": z > 1}, TypeError, "expected a SymPy expression"),
        ({"expression": z, "at": []}, ValueError, "at: expected finite numbers, got none"),
        (
            {"expression": z, "at": [math.nan]},
            ValueError,
            "at: expected finite numbers, got nan in row 0",
        ),
        (
            {"expression": z, "systems": ["c-lanes"], "precisions": ["float32"]},
            ValueError,
            "'c-lanes' computes in float64 alone",
        ),
        (
            {"expression": sp.polygamma(0, 1 + z**2), "systems": ["c-lanes"], "at": [1.0]},
            ValueError,
            "has no C for this formula: psi has no C code",
        ),
        ({"expression": z, "systems": ["nunba"]}, ValueError, "did you mean 'numba'"),
        ({"expression": z, "precisions": ["float23"]}, ValueError, "did you mean 'float32'"),
        (
            {"expression": z, "at": [1.0, 1e39], "precisions": ["float32"]},
            ValueError,
            r"at: expected finite numbers of float32, got \[1e\+39\]",
        ),
        (
            {"expression": z * y, "given": {y: math.inf}},
            ValueError,
            "given: expected a finite real number",
        ),
        ({"expression": z, "given": {z: 1.0}}, ValueError, "got none"),
    ],
)
def test_bad_input_is_named(arguments, error, message):
    """Before anything is compiled."""
    with pytest.raises(error, match=message):
        ulp_error(**arguments)
