"""One step of a trust region: the objective, its model, the region, and the steps tried in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from symlab.algebra.alphabet import radius, reach
from symlab.algebra.objective import Objective, check_objective
from symlab.checks import shown, whole
from symlab.engine.compiled.functions import compile_everywhere
from symlab.engine.compiled.quadratic import CompiledQuadratic
from symlab.engine.compiled.stepwise import CompiledCalculus
from symlab.engine.trace import Trace
from symlab.engine.trust_region_steps import bounded_step
from symlab.lab.palette import COLORS
from symlab.lab.plots.axes import check_axes, open_axes
from symlab.lab.plots.paths import Ranges, draw_contours, runs_on
from symlab.methods.trust_regions import SHORTER, TRUST_REGIONS
from symlab.theory.region import check_box

AROUND = 400
"""Points of the edge of a region, and of the grid of a model along one side."""

LEVELS = 8
"""Contours of a model."""

MARGIN = 1.5
"""What is shown around an iterate, in sizes of the first region that was tried there."""

TAKEN, REFUSED, MODEL = COLORS[0], COLORS[2], COLORS[1]


@dataclass(frozen=True)
class Trial:
    """A step that was tried, shape (2,), and the radius of the region that bounded it."""

    step: np.ndarray
    radius: float


def trust_region(
    ax: Axes,
    objective: Objective,
    trace: Trace,
    *,
    k: int = 0,
    box: Sequence[tuple[float, float]] | None = None,
) -> Axes:
    """Draw the step that left the k-th iterate: the contours of the objective, and of its model.

    The model's are coloured, and end at the edge of the region in which the step was taken. Where
    other steps were refused first, they are crosses, and their larger regions are dotted.

    Parameters
    ----------
    ax : Axes
    objective : Objective
        In two variables.
    trace : Trace
        A run of a trust region on it, of which every iterate was recorded.
    k : int
        Which step, from 0 on.
    box : sequence of (low, high), optional
        The range shown of each variable; by default what holds all regions tried.

    Raises
    ------
    ValueError
        If the objective has not two variables, the run is of another method, or has no such step.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import symlab as sl
    >>> f = sl.problems["rosenbrock"].objective
    >>> trace = sl.minimize(f, [-1.2, 1], sl.trust_region, backend="interpreted")
    >>> axes = trust_region(plt.figure().add_subplot(), f, trace, k=7)
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['region', 'model', 'step 7', 'refused']
    >>> plt.close()
    """
    check_axes(ax)
    _check(objective, trace)
    model, trials = _tried(objective, trace, _step_number(trace, k))
    ends = np.concatenate([_edge(trace.iterates[k], model, trial.radius) for trial in trials])
    ranges = _ranges(ends) if box is None else check_box(box, 2)
    draw_contours(ax, objective, ranges)
    _draw_model(ax, trace.iterates[k], model, trials[-1].radius)
    _draw_steps(ax, (trace.iterates[k], model), trials, k)
    ax.legend(fontsize="small")
    return open_axes(ax)


def _check(objective: Objective, trace: Trace) -> None:
    """Refuse what has no region to draw."""
    if check_objective(objective).dimension != 2:
        raise ValueError(f"objective: a region needs 2 variables, got {objective.dimension}.")
    runs_on(objective, trace)
    if _name(trace) not in TRUST_REGIONS:
        known = ", ".join(TRUST_REGIONS)
        raise ValueError(f"trace: expected a run of {known}, got one of {shown(trace.method)}.")


def _name(trace: Trace) -> str:
    return trace.method.partition("(")[0]


def _step_number(trace: Trace, k: int) -> int:
    """Return the number of a step whose two ends were recorded."""
    number, last = whole(k, "k", 0), len(trace) - 2
    if trace.steps != len(trace) - 1:
        raise ValueError("trace: expected every iterate recorded, got some of them.")
    if number > last:
        raise ValueError(f"k: expected a step from 0 to {last}, got {shown(k)}.")
    return number


def _tried(objective: Objective, trace: Trace, k: int) -> tuple[CompiledQuadratic, list[Trial]]:
    """Return the model at the k-th iterate, and the steps tried there, the last one taken."""
    calculus = CompiledCalculus(compile_everywhere(objective, "interpreted", "sympy", order=2))
    point, among = trace.iterates[k], TRUST_REGIONS[_name(trace)].among
    gradient = calculus.value_and_gradient(point)[1]
    model = CompiledQuadratic(gradient, calculus.hessian(point), trace.states["E"][k])
    size, trials = float(trace.states["radius"][k][0]), []
    for _ in range(trace.evaluations[k + 1] - trace.evaluations[k]):
        step = bounded_step(calculus, model, size, among)
        if step is None:
            break
        trials.append(Trial(step.direction, size))
        size = float(calculus.evaluate(SHORTER, {reach: step.reach, radius: size}))
    return model, trials


def _edge(point: np.ndarray, model: CompiledQuadratic, size: float) -> np.ndarray:
    """Return the edge of a region, an ellipse, shape (AROUND, 2)."""
    angles = np.linspace(0, 2 * np.pi, AROUND)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return point + size * circle / np.sqrt(model.sizes)


def _ranges(points: np.ndarray) -> Ranges:
    """Return what holds points, with a margin."""
    middle, half = (points.max(axis=0) + points.min(axis=0)) / 2, np.ptp(points, axis=0) / 2
    low, high = middle - MARGIN * half, middle + MARGIN * half
    return list(zip(low.tolist(), high.tolist(), strict=True))


def _draw_model(ax: Axes, point: np.ndarray, model: CompiledQuadratic, size: float) -> None:
    """Draw the edge of a region, and the contours that the model has inside it."""
    edge = _edge(point, model, size)
    ax.plot(*edge.T, color=MODEL, linewidth=1.5, label="region")
    grid = np.meshgrid(*(np.linspace(a, b, AROUND) for a, b in zip(*_corners(edge), strict=True)))
    steps = np.stack(grid, axis=-1) - point
    heights = steps @ model.gradient + np.einsum("...i,ij,...j", steps, model.hessian, steps) / 2
    heights[np.sum(model.sizes * steps**2, axis=-1) > size**2] = np.nan
    levels = np.linspace(np.nanmin(heights), np.nanmax(heights), LEVELS + 2)[1:-1]
    ax.contour(*grid, heights, levels, colors=MODEL, linewidths=0.8, linestyles="dashed")
    ax.plot([], [], color=MODEL, linewidth=0.8, linestyle="dashed", label="model")


def _corners(edge: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return edge.min(axis=0), edge.max(axis=0)


def _draw_steps(
    ax: Axes, at: tuple[np.ndarray, CompiledQuadratic], trials: list[Trial], k: int
) -> None:
    """Draw the step that was taken, and the ones that were refused before it."""
    (point, model), (*refused, taken) = at, trials
    line = np.stack([point, point + taken.step])
    ax.plot(*line.T, color=TAKEN, linewidth=1.5, zorder=4, label=f"step {k}")
    ax.plot(*line[0], "s", color=TAKEN, ms=6, zorder=4)
    ax.plot(*line[1], "o", color=TAKEN, ms=5, zorder=4)
    for number, trial in enumerate(refused):
        label = "_" * (number > 0) + "refused"
        edge = _edge(point, model, trial.radius)
        ax.plot(*edge.T, color=REFUSED, linewidth=1, linestyle="dotted")
        ax.plot(*(point + trial.step), "x", color=REFUSED, ms=7, zorder=4, label=label)
