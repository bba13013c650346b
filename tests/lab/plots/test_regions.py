"""The picture of one step of a trust region: what is drawn of it, and what is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import sympy as sp

import symlab as sl

x, y, z = sp.symbols("x y z", real=True)
PROBLEM = sl.problems["rosenbrock"]
F = PROBLEM.objective


@pytest.fixture(scope="module")
def run():
    """A run with refused steps on its way."""
    return sl.minimize(F, PROBLEM.start, sl.trust_region, backend="interpreted")


@pytest.fixture
def ax():
    """An empty Axes, closed afterwards."""
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def lines_of(ax, style):
    """The lines in some style, as arrays of points."""
    return [line.get_xydata() for line in ax.lines if line.get_linestyle() == style]


def test_every_step_is_drawn_from_the_iterate_to_the_next(run, ax):
    """Recomputed from the iterate with radius and sizes of the trace: the run's own step."""
    for k in range(len(run) - 1):
        sl.plots.trust_region(ax, F, run, k=k)
        step = next(line for line in ax.lines if line.get_label() == f"step {k}").get_xydata()
        np.testing.assert_allclose(step, run.iterates[k : k + 2], rtol=1e-12)
        ax.clear()


def test_the_region_is_an_ellipse_of_the_radius_and_refused_steps_are_crosses(run, ax):
    """In the sizes of E its edge is as far from the iterate as the radius says."""
    tried = np.diff(run.evaluations)
    (k,) = np.flatnonzero(tried > 1)[:1].tolist()
    sl.plots.trust_region(ax, F, run, k=k)
    edges = lines_of(ax, ":")
    assert len(edges) == tried[k] - 1
    lengths = np.sqrt(np.sum(run.states["E"][k] * (edges[0] - run.iterates[k]) ** 2, axis=1))
    np.testing.assert_allclose(lengths, run.states["radius"][k][0], rtol=1e-12)
    assert sum(line.get_marker() == "x" for line in ax.lines) == tried[k] - 1


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda ax, run: (ax, sl.Objective(x**2), run), "objective: a region needs 2 variables"),
        (lambda ax, run: (ax, sl.Objective(x**2 + y**2), run), "trace: it is of"),
        (
            lambda ax, run: (ax, F, sl.minimize(F, [1, 1], "newton", backend="interpreted")),
            "trace: expected a run of trust_region, dogleg",
        ),
        (
            lambda ax, run: (
                ax,
                F,
                sl.minimize(F, PROBLEM.start, "dogleg", 6, record_every=3, backend="interpreted"),
            ),
            "trace: expected every iterate",
        ),
    ],
)
def test_what_has_no_region_is_refused(call, message, run, ax):
    """In one line that names what was given."""
    with pytest.raises(ValueError, match=f"^{message}"):
        sl.plots.trust_region(*call(ax, run))


def test_a_step_that_the_run_does_not_have_is_refused(run, ax):
    """The last iterate has no step."""
    with pytest.raises(ValueError, match=r"^k: expected a step from 0 to \d+, got 99"):
        sl.plots.trust_region(ax, F, run, k=99)
