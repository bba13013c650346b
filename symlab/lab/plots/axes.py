"""The axes that plots draw on, and the checks that all plots share."""

import numpy as np
from matplotlib.axes import Axes

from symlab.algebra.arrays import real_array
from symlab.checks import check_type, flag, several
from symlab.engine.trace import Trace

LABEL = 25
"""Size of an axis label in the book's figures, in points."""


def open_axes(ax: Axes, *, bottom_at_zero: bool = False) -> Axes:
    """Hide the top and right spines; the bottom one may run, with its labels, along y = 0."""
    check_axes(ax).spines[["top", "right"]].set_visible(False)
    if flag(bottom_at_zero, "bottom_at_zero"):
        ax.spines["bottom"].set_position(("data", 0.0))
    return ax


def name_axes(ax: Axes, *, height: bool = True) -> Axes:
    """Name the axes x and, upright and clear of the ticks, f(x)."""
    check_axes(ax).set_xlabel("$x$", fontsize=LABEL)
    if flag(height, "height"):
        # Ten trailing spaces, because the label is centred and so they push it off the tick labels.
        ax.set_ylabel("$f(x)$" + 10 * " ", fontsize=LABEL, rotation=0)
    return ax


def check_axes(ax: object) -> Axes:
    """Return an Axes, or say that it is none."""
    return check_type(ax, Axes, "ax", "a Matplotlib Axes")


def check_trace(trace: object, name: str = "trace") -> Trace:
    """Return a trace, or say that it is none."""
    return check_type(trace, Trace, name, "a Trace")


def check_traces(traces: object) -> list[Trace]:
    """Return at least one trace, or say what is wrong."""
    runs = [check_trace(each, "traces") for each in several(traces, "traces", "a list of Trace")]
    if not runs:
        raise ValueError("traces: expected at least 1, got none.")
    return runs


def check_line(numbers: object, name: str) -> np.ndarray:
    """Return finite numbers as an array of one axis."""
    array = np.atleast_1d(real_array(numbers, name))
    if array.ndim != 1 or not array.size:
        raise ValueError(f"{name}: expected numbers in a row, got shape {array.shape}.")
    return array
