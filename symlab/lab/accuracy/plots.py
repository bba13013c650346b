"""Plots of errors in ulps: over the points, and an Axes for each form and precision."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from symlab.algebra.working_precision import working_digits
from symlab.lab.accuracy.evaluators import FORMS, MEASURED
from symlab.lab.plots.axes import open_axes

if TYPE_CHECKING:
    from symlab.lab.accuracy.ulp_error import UlpErrors

FLOOR = 2.0**-8
"""Where an exact result is drawn, and all that is less wrong than this."""

DOTS = (7.5, 2.5)
"""First and last size in points: as each is smaller, systems that coincide show as rings."""


def draw_errors(
    ax: Axes, measured: "UlpErrors", *, precision: str | None = None, stable: bool | None = None
) -> Axes:
    """Draw the errors against the points, a colour for each system and form (`UlpErrors.plot`)."""
    frame = _select(measured.frame, {"precision": precision, "stable": stable})
    ceiling = _ceiling(measured.frame)
    groups: Any = frame.groupby(["system", "precision", "stable"], sort=False)
    for size, (keys, rows) in zip(np.linspace(*DOTS, len(groups)), groups, strict=True):
        system, each, form = keys
        names = [system] + [each] * (precision is None) + [FORMS[form]] * (stable is None)
        places, lost = _places(rows["point"], measured), np.isinf(rows["ulps"])
        heights = rows["ulps"].mask(lost).clip(lower=FLOOR)
        (line,) = ax.plot(places, heights, "o", ms=size, mew=0, label=", ".join(names))
        ax.plot(places[lost], [ceiling] * lost.sum(), "x", ms=size, color=line.get_color())
    ax.axhline(0.5, color="gray", linewidth=0.8, linestyle="--", zorder=0)
    return _scale(ax, measured, ceiling)


def _select(frame: pd.DataFrame, wanted: Mapping[str, object]) -> pd.DataFrame:
    for column, value in wanted.items():
        if value is not None:
            frame = frame[frame[column] == value]
    return frame


def _ceiling(frame: pd.DataFrame) -> float:
    finite = frame["ulps"][np.isfinite(frame["ulps"])]
    return float(8 * max(finite.max(), 1.0)) if len(finite) else 8.0


def _places(points: pd.Series, measured: "UlpErrors") -> np.ndarray:
    """Return where points are drawn: as they are, or by their distance from the center."""
    if measured.center is None:
        return points.to_numpy()
    with working_digits(50):
        middle = mpmath.mpf(measured.center.evalf(50))
        return np.array([float(abs(point - middle)) for point in points])


def _scale(ax: Axes, measured: "UlpErrors", ceiling: float) -> Axes:
    ax.set_yscale("log", base=2)
    ax.yaxis.set_major_locator(LogLocator(base=2, numticks=9))
    ax.set_ylim(FLOOR / 2, 2 * ceiling)
    ax.set_ylabel("error in ulps")
    if measured.center is None:
        ax.set_xlabel(f"${measured.symbol}$")
    else:
        ax.set_xscale("log")
        ax.set_xlabel(f"$|{measured.symbol} - {measured.center}|$")
    ax.legend()
    return open_axes(ax)


def draw_panels(figure: Figure, measured: "UlpErrors") -> Figure:
    """Draw an Axes for each form (row) and precision (column) on a figure; return the figure."""
    forms = list(dict.fromkeys(measured.frame["stable"]))
    precisions = list(dict.fromkeys(measured.frame["precision"]))
    figure.set_layout_engine("constrained")  # which makes room for the legend
    axes = figure.subplots(len(forms), len(precisions), squeeze=False, sharey=True)
    for row, stable in zip(axes, forms, strict=True):
        for ax, precision in zip(row, precisions, strict=True):
            draw_errors(ax, measured, precision=precision, stable=stable)
            ax.set_title(f"{precision}, {FORMS[stable]}", fontsize="medium")
            ax.get_legend().remove()
            ax.label_outer()
    figure.legend(
        *axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=len(MEASURED)
    )
    return figure
