r"""Pictures of objectives and runs: each function draws on an Axes and returns that Axes.

The first group draws the book's pictures of gradient descent (chapter, sections 9 and 11), the
second any run. Labels name an iterate :math:`x_k`, its count k and the objective f. A run that
diverged or stalled is drawn like any other, up to its last finite iterate.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sympy import Expr, Symbol, lambdify

from symlab.algebra.arrays import real_array
from symlab.algebra.exactly import as_float, exactly, float_point
from symlab.algebra.functions import define
from symlab.algebra.gate import as_real_scalar, check_readable, symbols_of
from symlab.algebra.objective import Objective
from symlab.checks import check_type, flag, several, shown, whole
from symlab.engine.trace import Trace
from symlab.lab.plots.style import save_picture, use_book_style
from symlab.theory.region import checked_box

__all__ = [
    "basins", "bifurcation", "convergence", "curve", "difference", "iterates", "name_axes",
    "open_axes", "overview", "path", "save_picture", "surrogate", "use_book_style", "values",
    "windows",
]  # fmt: skip

MOST_WINDOWS = 100
"""Windows that can be told apart on a line, and more."""

LABEL = 25
"""Size of an axis label in the book's figures, in points."""


def values(expression: Expr, variables: Sequence[Symbol], *grids: np.ndarray) -> np.ndarray:
    """Return an expression's values on arrays of one shape, one array for each variable.

    Where it is not a finite real number the value is NaN, which Matplotlib leaves blank.

    Examples
    --------
    >>> from sympy.abc import x
    >>> values(x**2 + 1, [x], np.array([0.0, 2.0]))
    array([1., 5.])
    """
    stated, names = as_real_scalar(expression, "expression"), symbols_of(variables, "variables")
    check_readable(stated, "expression")
    if unknown := sorted(map(str, stated.free_symbols - set(names))):
        raise ValueError(f"expression: {shown(unknown)} are not among the variables.")
    places = [real_array(grid, "grid", finite=False) for grid in grids]
    if len(places) != len(names) or not places:
        raise ValueError(f"grids: expected one array for each of {len(names)} variables.")
    function = lambdify(list(names), define(stated), modules=["scipy", "numpy"])
    with np.errstate(all="ignore"):
        found = np.broadcast_to(_numbers(function(*places)), places[0].shape)
        real = np.where(np.abs(np.imag(found)) > 0, np.nan, np.real(found))
    return np.where(np.isfinite(real), real, np.nan)


def _numbers(found: Any) -> np.ndarray:
    """Return values as NumPy's numbers: NaN for an integer that is beyond floats."""
    array = np.asarray(found)
    return array if array.dtype.kind in "fciub" else np.full(array.shape, np.nan)


def open_axes(ax: Axes, *, bottom_at_zero: bool = False) -> Axes:
    """Hide the top and right spines; the bottom one may run, with its labels, along y = 0."""
    _axes(ax).spines[["top", "right"]].set_visible(False)
    if flag(bottom_at_zero, "bottom_at_zero"):
        ax.spines["bottom"].set_position(("data", 0.0))
    return ax


def name_axes(ax: Axes, *, height: bool = True) -> Axes:
    """Name the axes x and, upright and clear of the ticks, f(x)."""
    _axes(ax).set_xlabel("$x$", fontsize=LABEL)
    if flag(height, "height"):
        # Ten trailing spaces, because the label is centred and so they push it off the tick labels.
        ax.set_ylabel("$f(x)$" + 10 * " ", fontsize=LABEL, rotation=0)
    return ax


def curve(ax: Axes, objective: Objective, grid: np.ndarray, **line: Any) -> Axes:
    """Draw an objective of one variable on a grid; `line` goes to `Axes.plot`.

    Raises
    ------
    ValueError
        If the objective has several variables.
    """
    if _objective(objective).dimension != 1:
        raise ValueError(f"objective: a curve needs 1 variable, got {objective.dimension}.")
    places = _line(grid, "grid")
    _axes(ax).plot(places, values(objective.expression, objective.variables, places), **line)
    return ax


def windows(
    ax: Axes,
    objective: Objective,
    centers: Sequence[float],
    half_widths: float | Sequence[float],
    grid: np.ndarray,
    **line: Any,
) -> Axes:
    r"""Draw the first-order approximant at each center c, on the window [c - d, c + d) alone.

    The region down to y = 0 is shaded, so windows that overlap show darker.

    Parameters
    ----------
    ax : Axes
    objective : Objective
        In one variable.
    centers, half_widths : sequence of numbers
        c and d; one half-width may stand for all.
    grid : array
        Where lines are drawn from point to point; a window holds the grid points inside it.
    **line
        For `Axes.plot`.
    """
    if _objective(objective).dimension != 1:
        raise ValueError(f"objective: windows need 1 variable, got {objective.dimension}.")
    grid, middles = _line(grid, "grid"), _line(centers, "centers")
    widths = np.atleast_1d(real_array(half_widths, "half_widths"))
    if widths.shape not in ((1,), middles.shape):
        raise ValueError(f"half_widths: expected 1 or {len(middles)}, got {widths.shape}.")
    if len(middles) > MOST_WINDOWS:
        raise ValueError(f"centers: expected at most {MOST_WINDOWS}, got {len(middles)}.")
    for center, half_width in zip(middles, np.broadcast_to(widths, middles.shape), strict=True):
        line_values = values(objective.taylor([center], order=1), objective.variables, grid)
        inside = (grid >= center - half_width) & (grid < center + half_width)
        approximant = np.where(inside, line_values, np.nan)
        _axes(ax).fill_between(grid, approximant, color="gray", alpha=0.3)
        ax.plot(grid, approximant, color="black", **line)
    return ax


def surrogate(
    ax: Axes,
    objective: Objective,
    at: float,
    step_size: float,
    grid: np.ndarray,
    *,
    foot: float | None = None,
) -> Axes:
    r"""Draw f, its surrogate :math:`h_\alpha` about a point, and the step to its minimum.

    Dots mark the point and, one above the other, the new iterate on the axis, on h and on f; the
    line through them ends at `foot`, by default at the lowest.
    """
    if _objective(objective).dimension != 1:
        raise ValueError(f"objective: a surrogate needs 1 variable, got {objective.dimension}.")
    as_float(at, "at")
    here = exactly(at, "at")
    model = objective.surrogate([here], step_size)
    (variable,) = objective.variables
    floor = None if foot is None else as_float(foot, "foot")
    grid = _line(grid, "grid")
    new = here - exactly(step_size, "step_size") * objective.gradient[0].subs(variable, here)
    heights = [0.0, *(float(each.subs(variable, new)) for each in (model, objective.expression))]
    drawn = values(model, objective.variables, grid)
    curve(_axes(ax), objective, grid, color="lightgray", linewidth=3, label="$f(x)$")
    ax.plot(grid, drawn, color="black", linestyle="--", label=r"$h_{\alpha}(x)$")
    ax.plot([float(here)], [float(objective.at([here]))], "ok")
    ax.plot(3 * [float(new)], heights, "ok")
    ax.vlines(float(new), min(heights) if floor is None else floor, 0, color="black")
    return ax


def iterates(ax: Axes, trace: Trace, **line: Any) -> Axes:
    """Draw each coordinate of the iterates against the count of steps."""
    _axes(ax)
    for name, coordinate in zip(_trace(trace).variables, trace.iterates.T, strict=True):
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
    _axes(ax)
    if _objective(objective).dimension != len(_trace(trace).variables):
        raise ValueError(f"trace: it is of {shown(trace.variables)}, not of the objective's.")
    ranges = _box(trace) if box is None else checked_box(box, objective.dimension)
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
    _axes(ax)
    names = tuple(Symbol(name) for name in _trace(trace).variables)
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
    _axes(ax)
    _trace(reference, "reference")
    for trace in _traces(traces):
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
    _axes(ax)
    runs, sizes = _traces(traces), _line(step_sizes, "step_sizes")
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
    _axes(ax)
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


def _axes(ax: Axes) -> Axes:
    return check_type(ax, Axes, "ax", "a Matplotlib Axes")


def _objective(objective: Objective) -> Objective:
    return check_type(objective, Objective, "objective", "an Objective")


def _trace(trace: Trace, name: str = "trace") -> Trace:
    return check_type(trace, Trace, name, "a Trace")


def _traces(traces: Sequence[Trace]) -> list[Trace]:
    runs = [_trace(each, "traces") for each in several(traces, "traces", "a list of Trace")]
    if not runs:
        raise ValueError("traces: expected at least 1, got none.")
    return runs


def _line(numbers: object, name: str) -> np.ndarray:
    """Return finite numbers as an array of one axis."""
    array = np.atleast_1d(real_array(numbers, name))
    if array.ndim != 1 or not array.size:
        raise ValueError(f"{name}: expected numbers in a row, got shape {array.shape}.")
    return array


def overview(objective: Objective, trace: Trace) -> Figure:
    """Return a figure of one run: its path where that can be drawn, and its convergence."""
    _trace(trace)
    drawable = _objective(objective).dimension <= 2
    figure = Figure(figsize=(10, 4) if drawable else (6, 4), layout="constrained")
    (*left, right) = figure.subplots(1, 2 if drawable else 1, squeeze=False)[0]
    for ax in left:
        path(ax, objective, trace)
    convergence(right, trace).set_title(trace.status, fontsize="medium")
    return figure
