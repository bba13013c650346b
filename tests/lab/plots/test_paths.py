"""Several runs over one objective: drawn once, told apart twice, on the plane and in space."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import sympy as sp
from matplotlib.colors import to_hex
from matplotlib.contour import ContourSet
from PIL import Image

import symlab as sl
from symlab.engine.trace import Trace
from symlab.lab.palette import COLORS, contrast
from symlab.lab.plots.palette import MARKERS

x, y = sp.symbols("x y", real=True)
quartic = sl.Objective(2 - 3 * x**3 + x**4)
bowl = sl.Objective(x**2 + 3 * y**2)


def run_of(points, method="made up", names=("x", "y"), status="max_steps"):
    """A trace through these points, whatever made them."""
    iterates = np.asarray(points, dtype=float).reshape(len(points), -1)
    rows = np.ones(len(points))
    counts = np.arange(len(points))
    return Trace(names, iterates, rows, rows, rows, counts, status, "made up", "c", method)


@pytest.fixture
def ax():
    """An empty Axes, closed afterwards."""
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def contours(ax):
    """The sets of contour lines on some axes."""
    return [each for each in ax.get_children() if isinstance(each, ContourSet)]


def paths(ax):
    """The lines that are runs."""
    return [line for line in ax.lines if line.get_linestyle() == "-" and line.get_zorder() != 1]


def test_contours_are_drawn_once_however_many_runs_are_laid_over_them(ax):
    """Called thrice, or with three runs at once."""
    runs = [run_of([[1, 1], [0.5, -k]], f"method{k}(a=1)") for k in range(3)]
    for run in runs:
        sl.plots.path(ax, bowl, run)
    assert len(contours(ax)) == 1
    assert len(paths(ax)) == 3
    figure, other = plt.subplots()
    sl.plots.path(other, bowl, runs)
    assert [t.get_text() for t in other.get_legend().get_texts()] == [
        "method0",
        "method1",
        "method2",
    ]
    assert len(contours(other)) == 1
    # The later calls have widened the picture to what the three need together.
    assert ax.get_xlim() == other.get_xlim()
    assert ax.get_ylim() == other.get_ylim()
    plt.close(figure)


def test_a_curve_is_drawn_once_as_well(ax):
    """In one variable; the second run reaches farther, so the curve does."""
    sl.plots.path(ax, quartic, run_of([0.5, 1.0], names=("x",)))
    sl.plots.path(ax, quartic, run_of([0.5, 3.0], names=("x",)))
    (curve,) = (line for line in ax.lines if line.get_zorder() == 1)
    assert curve.get_xdata()[[0, -1]] == pytest.approx([0.0, 3.5])


def test_runs_differ_in_colour_and_in_marker(ax):
    """No run is told by its colour alone; the reader's own colour and label are kept."""
    sl.plots.path(ax, bowl, [run_of([[1, 1], [k, k]], f"m{k}()") for k in range(5)])
    assert len({line.get_color() for line in paths(ax)}) == 5
    assert len({line.get_marker() for line in paths(ax)}) == 5
    sl.plots.path(ax, bowl, run_of([[1, 1], [0, 1]]), color="red", label="mine")
    assert to_hex(paths(ax)[-1].get_color()) == "#ff0000"
    assert ax.get_legend().get_texts()[-1].get_text() == "mine"


def test_the_old_word_for_the_runs_works_and_warns(ax):
    """It was `trace` when there could be one only."""
    with pytest.warns(DeprecationWarning, match="trace is now called traces"):
        sl.plots.path(ax, bowl, trace=run_of([[1, 1], [0, 0]]))
    with pytest.warns(DeprecationWarning, match="trace is now called traces"):
        sl.plots.overview(bowl, trace=run_of([[1, 1], [0, 0]]))


def test_cleared_axes_are_empty_again(ax):
    """The objective is drawn anew, and the first run has the first colour."""
    sl.plots.path(ax, bowl, run_of([[1, 1], [0, 0]]))
    ax.clear()
    sl.plots.path(ax, quartic, run_of([0.5, 1.0], names=("x",)))
    assert [line.get_color() for line in ax.lines] == ["lightgray", COLORS[0]]


def test_another_objective_is_not_laid_over_the_first(ax):
    """Contours of two functions in one picture could not be told apart."""
    sl.plots.path(ax, bowl, run_of([[1, 1], [0, 0]]))
    with pytest.raises(ValueError, match="objective: these axes show another one"):
        sl.plots.path(ax, sl.Objective(x**2 + y**2), run_of([[1, 1], [0, 0]]))


def test_a_box_without_a_real_value_is_refused(ax):
    """There is nothing to draw a run over."""
    root = sl.Objective(sp.sqrt(x) + sp.sqrt(y))
    with pytest.raises(ValueError, match="box: the objective has no real value"):
        sl.plots.path(ax, root, run_of([[1, 1]]), box=[(-2, -1), (-2, -1)])


def test_every_colour_is_seen_on_white():
    """A contrast of 2 at least, and 3 for the first four, which are used most."""
    contrasts = [contrast(color, "#FFFFFF") for color in COLORS]
    assert min(contrasts) >= 2
    assert min(contrasts[:4]) >= 3
    assert len(set(COLORS)) == len(COLORS)
    assert len(set(MARKERS)) == len(MARKERS)


def test_a_surface_is_the_objective_and_its_runs():
    """Heights at the grid's corners are those of the formula; flat axes are refused."""
    figure = plt.figure()
    ax = sl.plots.surface(
        figure.add_subplot(projection="3d"), bowl, run_of([[1, 1], [0, 0]]), box=[(-1, 1), (-1, 2)]
    )
    assert ax.get_zlim()[1] >= 13
    assert ax.lines[0].get_data_3d()[0].tolist() == [1, 0]
    with pytest.raises(TypeError, match='projection="3d"'):
        sl.plots.surface(figure.add_subplot(), bowl, box=[(-1, 1), (-1, 1)])
    with pytest.raises(ValueError, match="box: expected the range"):
        sl.plots.surface(ax, bowl)
    with pytest.raises(ValueError, match="needs 2 variables, got 1"):
        sl.plots.surface(ax, quartic, box=[(-1, 1)])
    plt.close(figure)


def test_a_film_shows_the_first_k_steps_in_frame_k(tmp_path):
    """A shorter run stays at its end; the last frame is the last step."""
    long, short = run_of([[k, 1] for k in range(5)]), run_of([[0, 0], [1, 0]], "other()")
    film = sl.plots.animate(bowl, [long, short])
    file = film.save_as(tmp_path / "run.gif")
    with Image.open(file) as picture:
        assert picture.n_frames == 5
    film._draw_frame(3)
    first, second = paths(film._fig.axes[0])
    assert first.get_xdata().tolist() == [0, 1, 2, 3]
    assert second.get_xdata().tolist() == [0, 1]
    assert film.save_as(tmp_path / "run.html").read_text().count("data:image/png") >= 5


def test_a_long_run_has_few_frames(tmp_path):
    """Each shows several steps, and the last step is shown."""
    film = sl.plots.animate(bowl, run_of([[k, 1] for k in range(1001)]))
    frames = list(film.new_frame_seq())
    assert len(frames) <= 201
    assert frames[-1] == 1000


def test_a_trace_plots_itself():
    """Alone: iterates and error; with its objective: the path, whose axes are the variables."""
    run = run_of([[1, 1], [0.5, 0.5], [0, 0]])
    left, right = run.plot().axes
    assert len(left.lines) == 2
    assert right.get_yscale() == "log"
    assert run.plot(bowl).axes[0].get_xlabel() == "x"
    with pytest.raises(ValueError, match="not of the objective's"):
        run.plot(quartic)
