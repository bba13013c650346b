"""The pictures of a race: performance profiles, or gaps against evaluations with their band."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from symlab.lab.plots.axes import open_axes
from symlab.lab.race.scipy_methods import PREFIX

if TYPE_CHECKING:
    from symlab.lab.race.result import Race

LEAST_GAP = 1e-16
"""Gaps below are drawn there: logarithms know no zero."""

COLOURS = 10
"""Colours before they come again; then lines are dotted."""


def _style(number: int, method: str) -> str:
    """Return how a line is drawn: SciPy's are dashed."""
    if method.startswith(PREFIX):
        return "--"
    return "-" if number < COLOURS else ":"


def draw_profiles(profile: pd.DataFrame, problems: int) -> Figure:
    """Return a figure of performance profiles over a logarithmic axis of ratios."""
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    ax = open_axes(figure.add_subplot())
    end = 2 * float(profile.index[-1])
    for i, name in enumerate(profile):
        ratios, shares = [*profile.index, end], [*profile[name], profile[name].iloc[-1]]
        ax.step(ratios, shares, where="post", label=str(name), linestyle=_style(i, str(name)))
    ax.set_xscale("log", base=2)
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.set(
        xlim=(1, end),
        ylim=(0, 1.02),
        xlabel="evaluations, in multiples of the best method's",
        ylabel=f"share of the {problems} problems solved",
    )
    ax.legend(loc="lower right", fontsize=9)
    return figure


def draw_gaps(race: "Race") -> Figure:
    """Return a figure of the lowest gap so far against evaluations, with its band."""
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    ax = open_axes(figure.add_subplot())
    (contest,) = race.contests
    grid = np.unique(np.geomspace(1, race.budget, 200).astype(int))
    low = min(race.frame["value"] - race.frame["gap"])
    for i, method in enumerate(race.methods):
        curves = np.array(
            [
                _gaps(each.course.evaluations, each.course.lowest, grid) - low
                for each in race.results
                if each.method == method
            ]
        )
        lower, middle, upper = np.quantile(curves, (0.25, 0.5, 0.75), axis=0, method="nearest")
        shown = np.maximum(middle, LEAST_GAP)
        (line,) = ax.loglog(grid, shown, _style(i, method), label=method)
        if len(curves) > 1:
            band = (np.maximum(each, LEAST_GAP) for each in (lower, upper))
            ax.fill_between(grid, *band, color=line.get_color(), alpha=0.2, linewidth=0)
    ax.set(title=contest.name, xlabel="evaluations", ylabel="gap to the lowest minimum")
    ax.legend(fontsize=9)
    return figure


def _gaps(evaluations: np.ndarray, lowest: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Return the lowest value known at each number of evaluations; infinite before the first."""
    if not len(lowest):
        return np.full(len(grid), np.inf)
    place = np.searchsorted(evaluations, grid, side="right") - 1
    return np.where(place >= 0, lowest[np.maximum(place, 0)], np.inf)
