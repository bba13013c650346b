"""What a sweep is drawn as, and that what is derived runs along the edge of what was measured."""

import numpy as np
import pandas as pd
import pytest
import sympy as sp

import symlab as sl
from symlab.engine.compiled.many_maps import complex_newton_of, newton_of
from symlab.lab.sweep.basins import basins_of
from symlab.lab.sweep.derived import derived_steps

x, y = sp.symbols("x y", real=True)
VALLEY = sl.Objective((x**2 + 10 * y**2) / 2)
F = sl.Objective(2 - 3 * x**3 + x**4)
SIZES, SHARES = np.linspace(0.003, 0.4, 80), np.linspace(0, 0.95, 20)


@pytest.fixture(scope="module")
def valley():
    """The heavy ball's diagram on a quadratic."""
    grid = {"step_size": SIZES, "momentum": SHARES}
    return sl.sweep(VALLEY, [1, 1], sl.momentum, grid, max_steps=2000, tolerance=1e-12)


def test_the_measured_edge_lies_within_a_cell_of_the_derived_curve(valley):
    """For every share of momentum, against 2 (1 + eta)/L written by hand."""
    frame = valley.frame
    nearer = (frame.status == "converged") | (frame.value < 5.5)
    edge = frame[nearer].groupby("momentum").step_size.max()
    found = derived_steps(VALLEY, sl.momentum, valley.minimiser, "momentum", SHARES)
    assert found.limits == pytest.approx(2 * (1 + SHARES) / 10)
    apart = (found.limits - edge.to_numpy()) / (SIZES[1] - SIZES[0])
    assert apart.min() > -1e-9
    assert apart.max() < 1 + 1e-9


def test_a_map_shows_every_run_and_both_derived_lines(valley):
    """Cells of the product, momentum upwards; the limit where it was derived."""
    ax = valley.plot().axes[0]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step_size", "momentum")
    assert ax.collections[0].get_array().shape == (20, 80)
    lines = {line.get_label(): line.get_xydata() for line in ax.lines}
    derived = ["derived limit for each momentum", "derived best step for each momentum"]
    assert lines[derived[0]][:, 0] == pytest.approx(2 * (1 + SHARES) / 10)
    assert derived[1] in lines
    assert _legend(valley.plot("status")) == {*valley.frame.status, *derived}


def test_the_legend_of_a_map_says_what_the_colours_beside_its_scale_mean(valley):
    """Steps that do not shrink, runs that diverged: each where there are such runs alone."""
    assert {"steps do not shrink", "diverged"} <= _legend(valley.plot())
    grid = {"step_size": [0, 0.02, 0.04], "momentum": [0.1, 0.3]}
    slow = sl.sweep(VALLEY, [1, 1], sl.momentum, grid, max_steps=50)
    meant = {word for word in _legend(slow.plot()) if not word.startswith("derived")}
    assert meant == {"no rate"}
    assert set(slow.frame.status[slow.frame.rate.isna()]) == {"refused"}


def _legend(figure):
    """The words of the legend beside the axes."""
    (legend,) = figure.legends
    return {text.get_text() for text in legend.get_texts()}


def test_one_quantity_is_a_curve_with_the_derived_limit():
    """The chapter's limit, 8/81, and the best step, half of it."""
    swept = sl.sweep(F, [3], grid={"step_size": np.linspace(0.01, 0.12, 12)}, max_steps=200)
    lines = {line.get_label(): line.get_xdata() for line in swept.plot().axes[0].lines}
    assert lines["derived limit"][0] == pytest.approx(8 / 81)
    assert lines["derived best step"][0] == pytest.approx(4 / 81)
    assert "converged" in lines


def test_a_random_design_is_points_and_magnitudes_have_a_logarithmic_axis():
    """Where the rows are no product; no line is drawn where nothing was derived."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"step_size": 10 ** rng.uniform(-4, 0, 9), "beta1": rng.random(9)})
    ax = sl.sweep(F, [3], sl.adam, table, max_steps=50).plot("steps").axes[0]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "linear")
    assert not ax.lines


def test_two_starts_are_drawn_as_basins():
    """A colour for each minimiser, and the point in words."""
    himmelblau = sl.problems["himmelblau"].objective
    side = np.linspace(-4, 4, 9)
    grid = {"start_x": side, "start_y": side}
    descent = sl.gradient_descent(step_size=0.01)
    swept = sl.sweep(himmelblau, method=descent, grid=grid, max_steps=400)
    found = basins_of(swept.frame, ["x", "y"])
    assert sorted(found.points.round(3).tolist()) == [
        [-3.779, -3.283], [-2.805, 3.131], [3.0, 2.0], [3.584, -1.848],
    ]  # fmt: skip
    ax = swept.plot().axes[0]
    assert ax.images[0].get_array().shape == (9, 9, 3)
    assert "3, 2" in [text.get_text() for text in ax.get_legend().get_texts()]


@pytest.mark.parametrize("grid", [{"step_size": [0.1]}, {"method": ["adam", "momentum"]}])
def test_what_has_no_axis_is_not_drawn(grid):
    """One value, or none that is a number."""
    with pytest.raises(ValueError, match="plot: a picture is of one or two swept numbers"):
        sl.sweep(F, [3], grid=grid, max_steps=3).plot()


def test_newtons_lanes_go_where_newtons_method_goes():
    """From the same starts to the same points in as many steps."""
    himmelblau = sl.problems["himmelblau"].objective
    starts = np.random.default_rng(3).uniform(-5, 5, (12, 2))
    ends = newton_of(himmelblau.expression, himmelblau.variables).go(
        starts, np.zeros((12, 1)), 60, 1e-10
    )
    for i, start in enumerate(starts):
        trace = sl.minimize(himmelblau, start.tolist(), sl.newton, 60)
        assert ends["last"][i] == pytest.approx(trace.x, abs=1e-9)
        assert abs(ends.rows[i] - 1 - trace.steps) <= 1


def test_in_the_complex_plane_the_slope_of_the_chapters_f_vanishes_at_its_roots():
    """At 0, twice, and at 9/4, which no start on either side of the real line misses."""
    angles = np.linspace(0, 2 * np.pi, 16)
    starts = 1 + 2 * np.column_stack([np.cos(angles), np.sin(angles)])
    ends = complex_newton_of(F.expression, x).go(starts, np.zeros((16, 1)), 100, 1e-12)
    apart = np.abs(ends["last"][:, None] - [[0, 0], [2.25, 0]]).max(axis=2).min(axis=1)
    assert apart.max() < 1e-5
