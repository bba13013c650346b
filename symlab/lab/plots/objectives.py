r"""Plots of an objective: its curve, its first-order windows, its surrogate :math:`h_\alpha`.

They are the book's (chapter, sections 9 and 11). Each function draws on an Axes and returns it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from sympy import Expr, Symbol, lambdify

from symlab.algebra.arrays import real_array
from symlab.algebra.exactly import as_float, exactly
from symlab.algebra.functions import define
from symlab.algebra.gate import as_real_scalar, check_readable, symbols_of
from symlab.algebra.objective import Objective, check_objective
from symlab.checks import shown
from symlab.lab.plots.axes import check_axes, check_line

MOST_WINDOWS = 100
"""Windows at most; so many cannot be told apart any more."""


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


def curve(ax: Axes, objective: Objective, grid: np.ndarray, **line: Any) -> Axes:
    """Draw an objective of one variable on a grid; `line` goes to `Axes.plot`.

    Raises
    ------
    ValueError
        If the objective has several variables.
    """
    if check_objective(objective).dimension != 1:
        raise ValueError(f"objective: a curve needs 1 variable, got {objective.dimension}.")
    places = check_line(grid, "grid")
    check_axes(ax).plot(places, values(objective.expression, objective.variables, places), **line)
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
    if check_objective(objective).dimension != 1:
        raise ValueError(f"objective: windows need 1 variable, got {objective.dimension}.")
    grid, middles = check_line(grid, "grid"), check_line(centers, "centers")
    widths = np.atleast_1d(real_array(half_widths, "half_widths"))
    if widths.shape not in ((1,), middles.shape):
        raise ValueError(f"half_widths: expected 1 or {len(middles)}, got {widths.shape}.")
    if len(middles) > MOST_WINDOWS:
        raise ValueError(f"centers: expected at most {MOST_WINDOWS}, got {len(middles)}.")
    for center, half_width in zip(middles, np.broadcast_to(widths, middles.shape), strict=True):
        line_values = values(objective.taylor([center], order=1), objective.variables, grid)
        inside = (grid >= center - half_width) & (grid < center + half_width)
        approximant = np.where(inside, line_values, np.nan)
        check_axes(ax).fill_between(grid, approximant, color="gray", alpha=0.3)
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
    if check_objective(objective).dimension != 1:
        raise ValueError(f"objective: a surrogate needs 1 variable, got {objective.dimension}.")
    as_float(at, "at")
    here = exactly(at, "at")
    model = objective.surrogate([here], step_size)
    (variable,) = objective.variables
    floor = None if foot is None else as_float(foot, "foot")
    grid = check_line(grid, "grid")
    new = here - exactly(step_size, "step_size") * objective.gradient[0].subs(variable, here)
    heights = [0.0, *(float(each.subs(variable, new)) for each in (model, objective.expression))]
    drawn = values(model, objective.variables, grid)
    curve(check_axes(ax), objective, grid, color="lightgray", linewidth=3, label="$f(x)$")
    ax.plot(grid, drawn, color="black", linestyle="--", label=r"$h_{\alpha}(x)$")
    ax.plot([float(here)], [float(objective.at([here]))], "ok")
    ax.plot(3 * [float(new)], heights, "ok")
    ax.vlines(float(new), min(heights) if floor is None else floor, 0, color="black")
    return ax
