"""Runs drawn over what they minimise: on the curve or over contours.

The objective is drawn once, however many runs are laid over it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from symlab.algebra.objective import Objective, check_objective
from symlab.checks import renamed_keyword, shown
from symlab.engine.statuses import AWAY
from symlab.engine.trace import Trace
from symlab.engine.trace_csv import VALUES
from symlab.lab.plots.axes import check_axes, check_traces, open_axes
from symlab.lab.plots.objectives import curve, values
from symlab.lab.plots.palette import labels_of, look
from symlab.theory.region import check_box

Ranges = list[tuple[float, float]]

ALONG_CURVE = 400
"""Points of a curve."""

ALONG_SIDE = 160
"""Points of a grid along one side."""

LEVELS = 18
"""Contours; with 18 each decade of height over five has three or four."""


@dataclass
class Scene:
    """What some axes show of an objective, and how many runs are laid over it."""

    objective: Objective
    ranges: Ranges
    artists: list[Artist]
    runs: int = 0


_scenes: WeakKeyDictionary[Axes, Scene] = WeakKeyDictionary()


@renamed_keyword("trace", "traces")
def path(
    ax: Axes,
    objective: Objective,
    traces: Trace | Sequence[Trace],
    *,
    box: Sequence[tuple[float, float]] | None = None,
    **line: Any,
) -> Axes:
    """Draw runs over their objective: on the curve in one variable, over contours in two.

    Each run has a colour and a marker of its own, and where there are several a legend names them.
    Called again on the same axes it lays more runs over the objective that is there.

    Parameters
    ----------
    ax : Axes
    objective : Objective
        In one or two variables.
    traces : Trace or sequence of Trace
        Runs on that objective, ended in whatever way.
    box : sequence of (low, high), optional
        The range shown of each variable; by default what holds the iterates, those of a run that
        diverged only while they are near its start.
    **line
        For `Axes.plot`, such as `color` and `label`.

    Raises
    ------
    ValueError
        If the objective has more than two variables, is not the one of the traces, or is not the
        one that the axes show.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import symlab as sl
    >>> f = sl.problems["ravine"].objective
    >>> runs = [sl.minimize(f, [-5, -2], rule(step_size=0.05), 20, backend="interpreted")
    ...         for rule in (sl.gradient_descent, sl.momentum)]
    >>> axes = path(plt.figure().add_subplot(), f, runs)
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['gradient_descent', 'momentum']
    >>> plt.close()
    """
    lay_runs(ax, objective, runs_on(objective, traces), box, line)
    return open_axes(ax)


@dataclass(frozen=True)
class LaidRun:
    """A run as it is drawn: its line, and at which step each of the line's points was reached."""

    line: Line2D
    k: np.ndarray


def lay_runs(
    ax: Axes,
    objective: Objective,
    runs: list[Trace],
    box: Sequence[tuple[float, float]] | None,
    line: dict[str, Any],
) -> list[LaidRun]:
    """Draw runs over their objective as `path` says, and return what was drawn of each."""
    if objective.dimension > 2:
        raise ValueError(f"objective: a path needs 1 or 2 variables, got {objective.dimension}.")
    scene = _set_scene(check_axes(ax), objective, runs, box)
    lay, laid = _along_curve if objective.dimension == 1 else _over_contours, []
    for trace, label in zip(runs, labels_of(runs), strict=True):
        laid.append(lay(ax, scene, trace, {**look(scene.runs), "label": label, **line}))
        scene.runs += 1
    if scene.runs > 1 or "label" in line:
        ax.legend(fontsize="small")
    return laid


def runs_on(objective: object, traces: Trace | Sequence[Trace]) -> list[Trace]:
    """Return one or more runs as a list.

    Raises
    ------
    ValueError
        If one is not in the variables of the objective.
    """
    names = tuple(map(str, check_objective(objective).variables))
    runs = [traces] if isinstance(traces, Trace) else check_traces(traces)
    for trace in runs:
        if trace.variables != names:
            raise ValueError(f"trace: it is of {shown(trace.variables)}, not of the objective's.")
    return runs


def _set_scene(
    ax: Axes, objective: Objective, runs: list[Trace], box: Sequence[tuple[float, float]] | None
) -> Scene:
    """Return what the axes show, drawn if it is not yet, and larger if these runs need it."""
    ranges = box_of(runs) if box is None else check_box(box, objective.dimension)
    scene = _scenes.get(ax)
    if scene is None or scene.artists[0].axes is not ax:  # as after ax.clear()
        draw = _draw_curve if objective.dimension == 1 else draw_contours
        _scenes[ax] = scene = Scene(objective, ranges, draw(ax, objective, ranges))
        return scene
    if scene.objective != objective:
        raise ValueError("objective: these axes show another one; draw on axes of its own.")
    wider = ranges if box is not None else _unite(scene.ranges, ranges)
    if wider != scene.ranges:
        for artist in scene.artists:
            artist.remove()
        draw = _draw_curve if objective.dimension == 1 else draw_contours
        scene.ranges, scene.artists = wider, draw(ax, objective, wider)
    return scene


def _draw_curve(ax: Axes, objective: Objective, ranges: Ranges) -> list[Artist]:
    before = len(ax.lines)
    curve(ax, objective, np.linspace(*ranges[0], ALONG_CURVE), color="lightgray", linewidth=3)
    ax.lines[before].set(label="_objective", zorder=1)
    ax.set(xlabel=str(objective.variables[0]), ylabel=height_of([]))
    return list(ax.lines[before:])


def draw_contours(ax: Axes, objective: Objective, ranges: Ranges) -> list[Artist]:
    """Draw the contours of an objective of two variables over a box, and return them."""
    places, heights = grid_of(objective, ranges)
    low, high = np.nanmin(heights), np.nanmax(heights)
    # Geometric levels, because a valley's floor is where a run spends its steps.
    levels = [low] if low == high else low + (high - low) * np.geomspace(1e-5, 1, LEVELS)
    drawn = ax.contour(*places, heights, levels=levels, colors="gray", linewidths=0.6)
    names = map(str, objective.variables)
    ax.set(**dict(zip(("xlabel", "ylabel"), names, strict=True)), xlim=ranges[0], ylim=ranges[1])
    return [drawn]


def grid_of(objective: Objective, ranges: Ranges) -> tuple[list[np.ndarray], np.ndarray]:
    """Return a grid over a box of two variables, and the objective's values on it.

    Raises
    ------
    ValueError
        If the objective has no real value anywhere in the box.
    """
    places = list(np.meshgrid(*(np.linspace(*each, ALONG_SIDE) for each in ranges)))
    heights = values(objective.expression, objective.variables, *places)
    if np.isnan(heights).all():
        raise ValueError("box: the objective has no real value anywhere in it.")
    return places, heights


def height_of(runs: Sequence[Trace]) -> str:
    """Return the label of the values of an objective and of runs on it, which may be of batches."""
    records = dict.fromkeys(("objective", *(trace.record for trace in runs)))
    return ", ".join(VALUES[record].replace("_", " ") for record in records)


def _along_curve(ax: Axes, scene: Scene, trace: Trace, style: dict[str, Any]) -> LaidRun:
    kept = inside(trace, scene.ranges)
    faint = {"linestyle": "-", "alpha": 0.5, "ms": 5, **style}
    (drawn,) = ax.plot(trace.iterates[kept, 0], trace.values[kept], **faint)
    if trace.record != "objective":
        ax.set_ylabel(height_of([trace]))
    return LaidRun(drawn, trace.k[kept])


def _over_contours(ax: Axes, _: Scene, trace: Trace, style: dict[str, Any]) -> LaidRun:
    (drawn,) = ax.plot(*trace.iterates.T, **{"linestyle": "-", "ms": 3, "linewidth": 1, **style})
    ax.plot(*trace.iterates[0], "s", color=drawn.get_color(), ms=7)
    return LaidRun(drawn, trace.k)


def box_of(traces: Sequence[Trace]) -> Ranges:
    """Return the range of each coordinate over some runs with a margin of a fifth, never empty."""
    kept = np.concatenate([_near_start(trace) for trace in traces])
    low, high = kept.min(axis=0), kept.max(axis=0)
    margin = np.where(high > low, (high - low) / 5, 1.0)
    return list(zip((low - margin).tolist(), (high + margin).tolist(), strict=True))


def _near_start(trace: Trace) -> np.ndarray:
    """Return the iterates; of a run that settled nowhere only those near its start."""
    if trace.status not in AWAY:
        return trace.iterates
    reach = 10 * (1 + np.abs(trace.iterates[0]).max())
    return np.asarray(trace.iterates[np.abs(trace.iterates).max(axis=1) <= reach])


def _unite(first: Ranges, second: Ranges) -> Ranges:
    pairs = zip(first, second, strict=True)
    return [(min(a[0], b[0]), max(a[1], b[1])) for a, b in pairs]


def inside(trace: Trace, ranges: Ranges) -> np.ndarray:
    """Return which iterates lie in a box."""
    low, high = np.transpose(ranges)
    return np.all((trace.iterates >= low) & (trace.iterates <= high), axis=1)
