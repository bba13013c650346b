r"""Plots of runs: each function draws on an Axes and returns that Axes.

Labels name an iterate :math:`x_k` and its count k. A run that diverged or stalled is drawn like any
other, up to its last finite iterate.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sympy import Symbol

from symlab.algebra.arrays import real_array
from symlab.algebra.exactly import float_point
from symlab.algebra.objective import Objective, check_objective
from symlab.checks import shown, whole
from symlab.engine.trace import Trace
from symlab.lab.plots.axes import (
    check_axes,
    check_line,
    check_trace,
    check_traces,
    open_axes,
)
from symlab.lab.plots.objectives import curve, values
from symlab.theory.region import check_box


def iterates(ax: Axes, trace: Trace, **line: Any) -> Axes:
    """Draw each coordinate of the iterates against the count of steps."""
    check_axes(ax)
    for name, coordinate in zip(check_trace(trace).variables, trace.iterates.T, strict=True):
        ax.plot(np.arange(len(trace)), coordinate, **{"marker": "o", "label": name, **line})
    ax.set_xlabel("iteration ($k$)", fontsize=18)
    return ax


def path(
    ax: Axes,
    objective: Objective,
    trace: Trace,
    *,
    box: Sequence[tuple[float, float]] | None = None,
) -> Axes:
    """Draw a run over its objective: on the curve in one variable, over contours in two.

    Parameters
    ----------
    ax : Axes
    objective : Objective
    trace : Trace
        A run on that objective, ended in whatever way.
    box : sequence of (low, high), optional
        The range shown of each variable; by default what holds the iterates, those of a run that
        diverged only while they are near its start.

    Raises
    ------
    ValueError
        If the objective has more than two variables.
    """
    check_axes(ax)
    if check_objective(objective).dimension != len(check_trace(trace).variables):
        raise ValueError(f"trace: it is of {shown(trace.variables)}, not of the objective's.")
    ranges = _box(trace) if box is None else check_box(box, objective.dimension)
    draw = {1: _path_on_curve, 2: _path_on_contours}.get(objective.dimension)
    if draw is None:
        raise ValueError(f"objective: a path needs 1 or 2 variables, got {objective.dimension}.")
    return draw(ax, objective, trace, ranges)


def _path_on_curve(
    ax: Axes, objective: Objective, trace: Trace, ranges: Sequence[tuple[float, float]]
) -> Axes:
    curve(ax, objective, np.linspace(*ranges[0], 400), color="lightgray", linewidth=3)
    shown = _inside(trace, ranges)
    ax.plot(trace.iterates[shown, 0], trace.values[shown], "-o", color="black", alpha=0.5, ms=5)
    ax.set_xlabel(trace.variables[0])
    ax.set_ylabel("value")
    return open_axes(ax)


def _path_on_contours(
    ax: Axes, objective: Objective, trace: Trace, ranges: Sequence[tuple[float, float]]
) -> Axes:
    first, second = np.meshgrid(*(np.linspace(*each, 160) for each in ranges))
    heights = values(objective.expression, objective.variables, first, second)
    low, high = np.nanmin(heights), np.nanmax(heights)
    if high > low:
        # Geometric levels, because a valley's floor is where a run spends its steps.
        levels = low + (high - low) * np.geomspace(1e-5, 1, 18)
        ax.contour(first, second, heights, levels=levels, colors="gray", linewidths=0.6)
    ax.plot(*trace.iterates.T, "-o", color="black", ms=3, linewidth=1)
    ax.plot(*trace.iterates[0], "s", color="black", ms=7)
    ax.set(xlabel=trace.variables[0], ylabel=trace.variables[1], xlim=ranges[0], ylim=ranges[1])
    return open_axes(ax)


def _box(trace: Trace) -> list[tuple[float, float]]:
    """The range of each coordinate with a margin of a fifth, and never empty."""
    kept = trace.iterates
    if trace.status == "diverged":
        reach = 10 * (1 + np.abs(kept[0]).max())
        kept = kept[np.abs(kept).max(axis=1) <= reach]
    low, high = kept.min(axis=0), kept.max(axis=0)
    margin = np.where(high > low, (high - low) / 5, 1.0)
    return list(zip(low - margin, high + margin, strict=True))


def _inside(trace: Trace, ranges: Sequence[tuple[float, float]]) -> np.ndarray:
    low, high = np.transpose(ranges)
    return np.all((trace.iterates >= low) & (trace.iterates <= high), axis=1)


def convergence(ax: Axes, trace: Trace, limit: Sequence[float] | None = None, **line: Any) -> Axes:
    """Draw the logarithmic error against the count of steps.

    Without a `limit` (n numbers) the error is the gradient's length. Linear convergence is a
    straight line, order 2 a line that bends down.
    """
    check_axes(ax)
    names = tuple(Symbol(name) for name in check_trace(trace).variables)
    if limit is None:
        errors, what = trace.gradient_norms, "length of the gradient"
    else:
        end = float_point(limit, len(names), "limit", names)
        errors = np.linalg.norm(trace.iterates - end, axis=1)
        what = "distance to the limit"
    # A zero has no logarithm; it would only end the line early, so it is left out.
    ax.semilogy(
        np.where(errors > 0, errors, np.nan), **{"marker": ".", "label": trace.method, **line}
    )
    ax.set(xlabel="iteration ($k$)", ylabel=what)
    return open_axes(ax)


def difference(ax: Axes, reference: Trace, traces: Sequence[Trace]) -> Axes:
    """Draw how far runs are from a reference run at each step, in ulps of the reference.

    An ulp is the spacing of floats at the reference's coordinate; the largest over the coordinates
    is drawn, on an axis that is linear below 1 so that an exact agreement shows.
    """
    check_axes(ax)
    check_trace(reference, "reference")
    for trace in check_traces(traces):
        if trace.variables != reference.variables:
            raise ValueError(f"traces: one is of {shown(trace.variables)}, the reference is not.")
        rows = min(len(trace), len(reference))
        gaps = np.abs(trace.iterates[:rows] - reference.iterates[:rows])
        ulps = (gaps / np.spacing(np.abs(reference.iterates[:rows]))).max(axis=1)
        ax.plot(np.arange(rows), ulps, marker=".", label=trace.backend)
    ax.set_yscale("symlog", linthresh=1)
    ax.set(xlabel="iteration ($k$)", ylabel=f"distance from {reference.backend}, in ulps")
    ax.legend()
    return open_axes(ax)


def bifurcation(
    ax: Axes, step_sizes: Sequence[float], traces: Sequence[Trace], last: int = 64
) -> Axes:
    """Draw where runs in one variable end up: their last iterates above each step size.

    One dot is a limit, two are a 2-cycle, a column without order is neither. Runs that diverged
    are left out, and of a run that ended by itself only the end is drawn.
    """
    check_axes(ax)
    runs, sizes = check_traces(traces), check_line(step_sizes, "step_sizes")
    kept = whole(last, "last", 1)
    if len(runs) != len(sizes):
        raise ValueError(f"traces: expected one for each of {len(sizes)} step sizes.")
    for step_size, trace in zip(sizes, runs, strict=True):
        if trace.status != "diverged":
            ends = trace.iterates[-kept if trace.status == "max_steps" else -1 :, 0]
            ax.plot(np.full(len(ends), step_size), ends, ".", color="black", ms=1.5, alpha=0.5)
    ax.set(xlabel="step size", ylabel=f"last iterates of {runs[0].variables[0]}")
    return open_axes(ax)


def basins(
    ax: Axes, starts: np.ndarray, limits: np.ndarray, heights: np.ndarray | None = None
) -> Axes:
    """Draw every start, coloured by the limit its run reached.

    Parameters
    ----------
    ax : Axes
    starts : array, shape (m,) or (m, 2)
    limits : array of the same shape
        The last iterate of each run, NaN where there is none; equal to 4 decimals counts as equal.
    heights : array, shape (m,), optional
        In one variable the y at which each start is drawn, such as the objective there; else 0.
    """
    check_axes(ax)
    first, second = _columns(starts, heights)
    ends = real_array(limits, "limits", finite=False)
    if ends.size % len(first) or not ends.size:
        raise ValueError(f"limits: expected the shape of starts, got {ends.shape}.")
    ends = ends.reshape(len(first), -1).round(4) + 0.0
    lost = ~np.isfinite(ends).all(axis=1)
    for number, end in enumerate(np.unique(ends[~lost], axis=0)):
        here = (ends == end).all(axis=1)
        name = "to " + ", ".join(f"{coordinate:g}" for coordinate in end)
        ax.scatter(first[here], second[here], s=14, color=f"C{number}", label=name)
    if lost.any():
        ax.scatter(first[lost], second[lost], s=24, color="black", marker="x", label="nowhere")
    ax.legend()
    return open_axes(ax)


def _columns(starts: np.ndarray, heights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    points = np.atleast_1d(real_array(starts, "starts"))
    if not points.size:
        raise ValueError("starts: expected at least 1, got none.")
    if points.ndim == 2 and points.shape[1] == 2:
        return points[:, 0], points[:, 1]
    flat = points.reshape(len(points), -1)
    if flat.shape[1] != 1:
        raise ValueError(f"starts: expected 1 or 2 coordinates each, got shape {points.shape}.")
    if heights is None:
        return flat[:, 0], np.zeros(len(flat))
    tops = np.atleast_1d(real_array(heights, "heights", finite=False))
    if tops.shape != (len(flat),):
        raise ValueError(f"heights: expected shape ({len(flat)},), got {tops.shape}.")
    return flat[:, 0], tops


def overview(objective: Objective, trace: Trace) -> Figure:
    """Return a figure of one run: its path where that can be drawn, and its convergence."""
    check_trace(trace)
    drawable = check_objective(objective).dimension <= 2
    figure = Figure(figsize=(10, 4) if drawable else (6, 4), layout="constrained")
    (*left, right) = figure.subplots(1, 2 if drawable else 1, squeeze=False)[0]
    for ax in left:
        path(ax, objective, trace)
    convergence(right, trace).set_title(trace.status, fontsize="medium")
    return figure
