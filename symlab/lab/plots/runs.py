r"""Plots of runs: each function draws on an Axes and returns that Axes.

Labels name an iterate :math:`x_k` and its count k. A run that failed is drawn like any
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
from symlab.algebra.objective import Objective
from symlab.checks import renamed_keyword, shown, whole
from symlab.engine.statuses import AWAY
from symlab.engine.trace import Trace
from symlab.lab.plots.axes import (
    check_axes,
    check_line,
    check_trace,
    check_traces,
    open_axes,
)
from symlab.lab.plots.palette import labels_of, look
from symlab.lab.plots.paths import path, runs_on

MOST_NAMED = 10
"""Coordinates that a legend names; of more it would hide the lines."""


def iterates(ax: Axes, trace: Trace, **line: Any) -> Axes:
    """Draw each coordinate of the iterates against the count of steps."""
    check_axes(ax)
    for name, coordinate in zip(check_trace(trace).variables, trace.iterates.T, strict=True):
        ax.plot(np.arange(len(trace)), coordinate, **{"marker": "o", "label": name, **line})
    ax.set_xlabel("iteration ($k$)", fontsize=18)
    return ax


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

    One dot is a limit, two are a 2-cycle, a column without order is neither. Runs that settled
    nowhere are left out, and of a run that ended by itself only the end is drawn.
    """
    check_axes(ax)
    runs, sizes = check_traces(traces), check_line(step_sizes, "step_sizes")
    kept = whole(last, "last", 1)
    if len(runs) != len(sizes):
        raise ValueError(f"traces: expected one for each of {len(sizes)} step sizes.")
    for step_size, trace in zip(sizes, runs, strict=True):
        if trace.status not in AWAY:
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


@renamed_keyword("trace", "traces")
def overview(objective: Objective, traces: Trace | Sequence[Trace]) -> Figure:
    """Return a figure of one or more runs: their paths where those can be drawn, and convergence.

    Raises
    ------
    ValueError
        If a run is not in the variables of the objective.
    """
    runs = runs_on(objective, traces)
    drawable = objective.dimension <= 2
    figure = Figure(figsize=(10, 4) if drawable else (6, 4), layout="constrained")
    (*left, right) = figure.subplots(1, 2 if drawable else 1, squeeze=False)[0]
    for ax in left:
        path(ax, objective, runs)
    for number, (trace, label) in enumerate(zip(runs, labels_of(runs), strict=True)):
        style: dict[str, Any] = {**look(number), "label": label} if len(runs) > 1 else {}
        convergence(right, trace, **style)
    right.set_title(", ".join(dict.fromkeys(trace.status for trace in runs)), fontsize="medium")
    return figure


def plot_trace(trace: Trace, objective: Objective | None = None) -> Figure:
    """Return the figure of `Trace.plot`: the iterates, or their path over the objective, and error.

    Raises
    ------
    ValueError
        If the objective is not in the variables of the run.
    """
    if objective is not None:
        return overview(objective, trace)
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    open_axes(iterates(left, trace, marker=".")).set_xlabel("iteration ($k$)", fontsize="medium")
    if len(trace.variables) <= MOST_NAMED:
        left.legend(fontsize="small")
    convergence(right, trace).set_title(trace.status, fontsize="medium")
    return figure
