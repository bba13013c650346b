"""Pictures, judged by the numbers in them: the spec's tables and loops of this file's own."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import sympy as sp
from matplotlib.colors import to_hex

from symlab.algebra.functions import relu, sigmoid, softplus
from symlab.algebra.objective import Objective
from symlab.engine.trace import Trace
from symlab.lab import plots

x, y = sp.symbols("x y", real=True)
quartic = Objective(2 - 3 * x**3 + x**4)
bowl = Objective(x**2 + 3 * y**2)
grid = np.linspace(0, 3, 50)


def f(at):
    """The chapter's function, typed apart from the library."""
    return 2 - 3 * at**3 + at**4


def run_of(points, status="max_steps", names=("x",)):
    """A trace through these points, whatever made them."""
    iterates = np.asarray(points, dtype=float).reshape(len(points), -1)
    norms = np.linalg.norm(iterates, axis=1)
    sizes = np.full(len(points), 0.1)
    counts = np.arange(len(points))
    values = f(iterates[:, 0])
    return Trace(names, iterates, values, norms, sizes, counts, status, "made up", "c", "made up")


@pytest.fixture
def ax():
    """An empty Axes, closed afterwards."""
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def drawn(line):
    """The points of a line that are not blank."""
    points = np.asarray(line.get_xydata())
    return points[np.isfinite(points[:, 1])]


@pytest.mark.parametrize(
    "center, span, ends",
    [
        (0.0, (0, 0.3061), (2, 2)),
        (0.5, (0.1837, 0.7959), (2.2411, 1.1696)),
        (1.0, (0.6735, 1.3469), (1.6327, -1.7347)),
        (1.5, (1.1633, 1.8367), (-0.7895, -5.3355)),
        (2.0, (1.6531, 2.3265), (-4.6122, -7.3061)),
        (2.5, (2.2041, 2.8163), (-7.6620, -3.8355)),
    ],
)
def test_a_window_holds_the_tangent_of_the_chapters_table(ax, center, span, ends):
    """Chapter, section 9: span on the grid and the tangent at its ends, printed to 4 decimals."""
    plots.windows(ax, quartic, [center], 0.35, grid)
    line, outline = drawn(ax.lines[0]), ax.collections[0].get_paths()[0].vertices
    assert line[[0, -1], 0] == pytest.approx(span, abs=5e-5)
    assert line[[0, -1], 1] == pytest.approx(ends, abs=5e-5)
    # The shaded region is bounded by that line and by y = 0 over the same span.
    assert (outline[:, 0].min(), outline[:, 0].max()) == pytest.approx(span, abs=5e-5)
    assert set(np.round(outline[:, 1], 9)) <= {0.0, *np.round(line[:, 1], 9)}


def test_a_window_is_half_open(ax):
    """[c - d, c + d): on a grid that hits both ends, the left one is drawn and the right is not."""
    plots.windows(ax, quartic, [1.0], 0.5, np.linspace(0, 2, 9))
    assert drawn(ax.lines[0])[:, 0].tolist() == [0.5, 0.75, 1.0, 1.25]


def test_the_surrogate_picture_has_the_chapters_dots_and_ends(ax):
    """Chapter, section 11: h(0) = 6.5625, h(3) = -3.75, and the four dots, all exact decimals."""
    plots.surrogate(ax, quartic, 1, 0.32, grid, foot=-6)
    curve, model, here, new = ax.lines
    assert curve.get_ydata() == pytest.approx(f(grid))
    assert model.get_ydata()[[0, -1]] == pytest.approx([6.5625, -3.75])
    assert model.get_linestyle() == "--"
    assert np.asarray(here.get_xydata()).tolist() == [[1, 0]]
    assert np.asarray(new.get_xydata()).tolist() == [[2.6, 0], [2.6, -4], [2.6, -5.0304]]
    segment = ax.collections[0].get_segments()[0]
    assert segment.tolist() == [[2.6, -6], [2.6, 0]]


def test_the_open_axes_keep_two_spines_and_may_run_along_zero(ax):
    """The book's frame: no top, no right, and the bottom at y = 0 if asked."""
    plots.open_axes(ax, bottom_at_zero=True)
    shown = {side for side, spine in ax.spines.items() if spine.get_visible()}
    assert shown == {"left", "bottom"}
    assert ax.spines["bottom"].get_position() == ("data", 0.0)


def test_values_are_blank_where_there_is_no_real_number():
    """A negative's log and 1/0 are NaN, without a warning, and a constant spreads."""
    at = np.array([-1.0, 0.0, 4.0])
    assert np.isnan(plots.values(sp.log(x), [x], at)).tolist() == [True, True, False]
    assert np.isnan(plots.values(1 / x, [x], at)).tolist() == [False, True, False]
    assert plots.values(sp.sqrt(x), [x], at)[2] == 2
    assert plots.values(sp.Integer(7), [x], at).tolist() == [7, 7, 7]


def test_the_fields_own_functions_can_be_drawn():
    """NumPy knows neither sigmoid nor softplus nor relu; their definitions stand in for them."""
    at = np.array([-2.0, 0.0, 3.0])
    found = plots.values(sigmoid(x) + softplus(x) + relu(x), [x], at)
    assert found == pytest.approx(1 / (1 + np.exp(-at)) + np.log1p(np.exp(at)) + np.maximum(at, 0))


def test_iterates_are_drawn_against_their_count(ax):
    """One line a coordinate, k = 0 first."""
    plots.iterates(ax, run_of([[1, 5], [2, 6], [3, 7]], names=("x", "y")))
    first, second = (np.asarray(line.get_xydata()).tolist() for line in ax.lines)
    assert first == [[0, 1], [1, 2], [2, 3]]
    assert second == [[0, 5], [1, 6], [2, 7]]


def test_a_path_shows_the_run_on_the_curve_or_over_contours(ax):
    """In one variable (x_k, f(x_k)); in two the iterates themselves, the start marked."""
    plots.path(ax, quartic, run_of([0.5, 1.0, 2.0]))
    assert drawn(ax.lines[1]).tolist() == [[0.5, f(0.5)], [1, f(1.0)], [2, f(2.0)]]
    figure, other = plt.subplots()
    plots.path(other, bowl, run_of([[1, 1], [0.5, -1]], names=("x", "y")))
    assert np.asarray(other.lines[0].get_xydata()).tolist() == [[1, 1], [0.5, -1]]
    plt.close(figure)


def test_a_run_that_diverged_is_drawn_near_its_start(ax):
    """An iterate at 1e70 would flatten everything else into a line."""
    plots.path(ax, quartic, run_of([0.1, 0.5, 3.0, 1e70], status="diverged"))
    low, high = ax.get_xlim()
    assert -20 < low < high < 20


def test_a_run_of_no_steps_can_be_drawn(ax):
    """A single iterate still has a neighbourhood."""
    plots.path(ax, quartic, run_of([2.0]))
    assert ax.get_xlim()[0] < 2 < ax.get_xlim()[1]


def test_a_path_in_three_variables_is_refused(ax):
    """The message says what can be drawn."""
    z = sp.Symbol("z", real=True)
    with pytest.raises(ValueError, match="objective: a path needs 1 or 2 variables, got 3"):
        plots.path(ax, Objective(x**2 + y**2 + z**2), run_of([[1, 1, 1]], names=("x", "y", "z")))
    with pytest.raises(ValueError, match="objective: a curve needs 1 variable, got 2"):
        plots.curve(ax, bowl, grid)


def test_convergence_is_the_distance_to_the_limit(ax):
    """Without a limit it is the gradient's length; a zero has no logarithm and is left out."""
    run = run_of([3.0, 1.0, 0.25, 0.0])
    plots.convergence(ax, run, limit=[0])
    plots.convergence(ax, run)
    distances, norms = (line.get_ydata() for line in ax.lines)
    assert distances[:3].tolist() == [3, 1, 0.25]
    assert np.isnan(distances[3])
    assert norms[:3].tolist() == run.gradient_norms[:3].tolist()
    assert ax.get_yscale() == "log"


def test_a_difference_is_counted_in_ulps_of_the_reference(ax):
    """One float up is 1 ulp, whatever the size of the number."""
    reference = run_of([1.0, 1000.0])
    nudged = run_of([1.0, np.nextafter(1000.0, np.inf)])
    plots.difference(ax, reference, [nudged])
    assert ax.lines[0].get_ydata().tolist() == [0, 1]


def test_a_bifurcation_shows_ends_and_leaves_out_what_diverged(ax):
    """A 2-cycle is two dots however long it ran; a converged run is one dot, its last."""
    cycle, settled = run_of([9, 1, 2, 1, 2]), run_of([5, 4, 3], status="converged")
    plots.bifurcation(ax, [0.1, 0.2, 0.3], [cycle, settled, run_of([1e9], "diverged")], last=2)
    ends = [np.asarray(line.get_xydata()).tolist() for line in ax.lines]
    assert ends == [[[0.1, 1], [0.1, 2]], [[0.2, 3]]]


@pytest.mark.parametrize("columns", [1, 2])
def test_basins_have_one_colour_a_limit_and_one_for_none(ax, columns):
    """Starts with equal limits share a colour; a start without a limit is a black cross."""
    starts = np.arange(4.0 * columns).reshape(4, columns)
    limits = np.repeat([[0.0], [2.25], [-0.0], [np.nan]], columns, axis=1)
    plots.basins(ax, starts, limits)
    counts = [len(each.get_offsets()) for each in ax.collections]
    colours = {to_hex(each.get_facecolor()[0]) for each in ax.collections}
    assert counts == [2, 1, 1]
    assert len(colours) == 3
    assert ax.get_legend().get_texts()[-1].get_text() == "nowhere"


def test_basins_in_three_variables_are_refused(ax):
    """There is no plane to colour."""
    with pytest.raises(ValueError, match=r"starts: expected 1 or 2 coordinates .* \(2, 3\)"):
        plots.basins(ax, np.zeros((2, 3)), np.zeros((2, 3)))


@pytest.mark.parametrize("variables, panels", [((x,), 2), ((x, y), 2), ((x, y, sp.Symbol("z")), 1)])
def test_an_overview_draws_what_can_be_drawn(variables, panels):
    """In three variables only convergence is left."""
    objective = Objective(sum(variable**2 for variable in variables), variables)
    names = tuple(str(variable) for variable in variables)
    figure = plots.overview(objective, run_of(np.ones((3, len(variables))), names=names))
    assert len(figure.axes) == panels
