"""A sweep drawn: a curve over one swept quantity, a map over two, and what theory says of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, LogNorm, Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from symlab.checks import choice
from symlab.lab.palette import COLORS
from symlab.lab.sweep.basins import basins_of
from symlab.lab.sweep.derived import Derived, derived_steps

if TYPE_CHECKING:
    from symlab.lab.sweep.result import Sweep

STEP_SIZE = "step_size"
SHOWN = ("rate", "steps", "value", "distance", "status")
"""Columns that a picture can show."""

WIDE = 500
"""From the least to the largest value, as a factor, from which an axis is logarithmic."""

SIZE = (7.2, 4.8)
STATUS_COLORS = {
    "converged": "#56B4E9",
    "precision": "#0072B2",
    "max_steps": "#F0E6C8",
    "diverged": "#404040",
    "refused": "#FFFFFF",
}
"""The statuses that are most of a map; others have the colours that are left."""

LIMIT, BEST = "#D55E00", "#000000"
BESIDE = ("#CC79A7", "#009E73", "#E69F00", "#7F7F7F")
UNSETTLED = "#F0E6C8"
"""Of a run whose steps do not shrink: a cycle, or chaos."""

AS_FAST_AS_NEVER = 0.999
"""A rate above which steps are not said to shrink."""

EPS = float(np.finfo(float).eps)
"""Below it distances are not told apart."""

GONE = "#404040"
"""Of a run that diverged, where a number is shown."""


def picture_of(sweep: "Sweep", quantity: str | None) -> Figure:
    """Return the picture of a sweep: see `Sweep.plot`."""
    axes = _axes(sweep)
    if quantity is not None:
        choice(quantity, SHOWN, "quantity")
    figure = Figure(figsize=SIZE, layout="constrained")
    ax = figure.add_subplot()
    if len(axes) == 1:
        _draw_curve(ax, sweep, axes[0], quantity or _usual(sweep))
        return figure
    if quantity is None and all(name.startswith("start_") for name in axes):
        _draw_basins(ax, sweep, axes)
    else:
        marks = _draw_map(ax, sweep, axes, quantity or _usual(sweep))
        lines = _draw_derived(ax, sweep, axes)
        if marks or lines:
            # outside, for within the axes it would hide runs
            handles = [*marks, *lines]
            figure.legend(handles=handles, loc="outside upper center", ncols=3, fontsize=8)
    ax.set(xlabel=axes[0], ylabel=axes[1])
    ax.set(xscale=_scale(sweep, axes[0]), yscale=_scale(sweep, axes[1]))
    return figure


def _usual(sweep: "Sweep") -> str:
    return "rate" if sweep.settings.rates else "steps"


def _scale(sweep: "Sweep", name: str) -> str:
    """Return whether the values of a quantity are spread over magnitudes."""
    values = np.unique(sweep.frame[name].to_numpy(dtype=float))
    return "log" if values[0] > 0 and values[-1] >= WIDE * values[0] else "linear"


def _axes(sweep: "Sweep") -> list[str]:
    """Return the swept quantities that differ from run to run and are numbers."""
    frame = sweep.frame
    axes = [
        name
        for name in sweep.design.swept
        if frame[name].dtype.kind in "fi" and frame[name].nunique() > 1
    ]
    if not 1 <= len(axes) <= 2:
        raise ValueError(
            f"plot: a picture is of one or two swept numbers, and this sweep has {len(axes)}"
            f"{': ' + ', '.join(axes) if axes else ''}."
        )
    return axes


# --- one quantity


def _draw_curve(ax: Axes, sweep: "Sweep", name: str, quantity: str) -> None:
    frame = sweep.frame
    for number, (status, rows) in enumerate(frame.groupby("status", sort=False)):
        heights = rows["steps" if quantity == "status" else quantity]
        color = STATUS_COLORS.get(str(status), BESIDE[number % len(BESIDE)])
        dark = "#B0A070" if status == "max_steps" else color
        ax.plot(rows[name], heights, ".", color=dark, label=str(status), markersize=4)
    if quantity == "rate":
        ax.set_ylim(0, 1.2)
        ax.axhline(1, color="#B0B0B0", linewidth=0.8)
    if name == STEP_SIZE:
        found = derived_steps(sweep.objective, _only(sweep), sweep.minimiser, "", np.zeros(1))
        for lines, color, word in _lines(found):
            ax.axvline(lines[0], color=color, linewidth=1.2, label=word)
    ax.set(xlabel=name, ylabel="steps" if quantity == "status" else quantity)
    ax.legend(loc="best", fontsize=8)


# --- two quantities


def _draw_map(ax: Axes, sweep: "Sweep", axes: Sequence[str], quantity: str) -> list[Patch]:
    """Draw a column over two quantities; return what the colours beside its scale mean."""
    frame = sweep.frame
    if quantity == "status":
        words = list(dict.fromkeys(frame["status"]))
        numbers = frame["status"].map(words.index).to_numpy(dtype=float)
        others = iter(BESIDE)
        colors = [STATUS_COLORS.get(word) or next(others) for word in words]
        shown: dict[str, Any] = {"cmap": ListedColormap(colors), "vmin": -0.5}
        _paint(ax, sweep, axes, numbers, shown | {"vmax": len(words) - 0.5})
        return [_patch(color, word) for color, word in zip(colors, words, strict=True)]
    numbers = frame[quantity].to_numpy(dtype=float)
    gone = (frame["status"] == "diverged").to_numpy()
    _paint(ax, sweep, axes, np.where(gone, 1.0, np.nan), {"cmap": ListedColormap([GONE])})
    kept = np.where(gone | ~np.isfinite(numbers), np.nan, numbers)
    scale = colormaps["viridis_r"].with_extremes(over=UNSETTLED)
    drawn = _paint(ax, sweep, axes, kept, {"cmap": scale, "norm": _norm(kept, quantity)})
    extend = "max" if quantity == "rate" else "neither"
    ax.figure.colorbar(drawn, ax=ax, label=f"measured {quantity}", extend=extend)
    meant = (
        (
            UNSETTLED,
            "steps do not shrink",
            quantity == "rate" and bool(np.any(kept > drawn.norm.vmax)),
        ),
        (GONE, "diverged", bool(gone.any())),
        ("#FFFFFF", f"no {quantity}", bool(np.any(np.isnan(kept) & ~gone))),
    )
    return [_patch(color, word) for color, word, is_there in meant if is_there]


def _patch(color: str, word: str) -> Patch:
    return Patch(facecolor=color, edgecolor="#808080", label=word)


def _norm(numbers: np.ndarray, quantity: str) -> Normalize:
    if quantity == "rate" or not np.isfinite(numbers).any():
        return Normalize(0, AS_FAST_AS_NEVER)
    low, high = np.nanpercentile(numbers, (1, 99))
    if quantity == "distance" and high > 0:
        return LogNorm(max(low, EPS), max(high, 10 * EPS), clip=True)
    return Normalize(low, high)


def _paint(
    ax: Axes, sweep: "Sweep", axes: Sequence[str], numbers: np.ndarray, shown: dict[str, Any]
) -> Any:
    """Draw numbers as cells where the sweep is a product, else as points."""
    frame = sweep.frame
    first, second = (np.unique(frame[name].to_numpy()) for name in axes)
    if len(first) * len(second) != len(frame) or not sweep.design.levels:
        places = [frame[name] for name in axes]
        return ax.scatter(places[0], places[1], c=numbers, s=6, plotnonfinite=False, **shown)
    cells = np.full((len(second), len(first)), np.nan)
    across, up = (
        np.searchsorted(values, frame[name].to_numpy())
        for values, name in zip((first, second), axes, strict=True)
    )
    cells[up, across] = numbers
    return ax.pcolormesh(first, second, cells, shading="nearest", rasterized=True, **shown)


def _draw_derived(ax: Axes, sweep: "Sweep", axes: Sequence[str]) -> list[Line2D]:
    """Draw step limit and best step over a map of step size and another hyperparameter."""
    if STEP_SIZE not in axes:
        return []
    other = axes[1 - list(axes).index(STEP_SIZE)]
    values = np.unique(sweep.frame[other].to_numpy(dtype=float))
    word = other if other in sweep.design.numbers else ""
    found = derived_steps(sweep.objective, _only(sweep), sweep.minimiser, word, values)
    box, drawn = ax.axis(), list[Line2D]()
    for steps, color, name in _lines(found):
        assert found is not None
        label = f"{name} for each {word}" if word else name
        along = found.values if word else values
        pair = (np.resize(steps, along.shape), along)
        places = pair if axes[0] == STEP_SIZE else pair[::-1]
        drawn += ax.plot(*places, color=color, label=label, linewidth=1.6)
    ax.axis(box)
    return drawn


def _lines(found: Derived | None) -> list[tuple[np.ndarray, str, str]]:
    if found is None:
        return []
    return [(found.limits, LIMIT, "derived limit"), (found.best, BEST, "derived best step")]


def _only(sweep: "Sweep") -> object:
    """Return the method of all runs, or None where there are several."""
    return sweep.design.methods[0] if len(sweep.design.methods) == 1 else None


# --- starts


def _draw_basins(ax: Axes, sweep: "Sweep", axes: Sequence[str]) -> None:
    """Draw to which point each start leads, the darker the more steps it takes."""
    found = basins_of(sweep.frame, sweep.ends)
    colors = np.array([to_rgb("#FFFFFF"), *(to_rgb(COLORS[1 + i % 6]) for i in range(6))])
    ax.imshow(
        found.shaded(colors, axes),
        origin="lower",
        extent=(*found.range(axes[0]), *found.range(axes[1])),
        aspect="auto",
        interpolation="nearest",
    )
    marks = [Patch(color=colors[1 + i], label=label) for i, label in enumerate(found.labels)]
    ax.legend(handles=marks, loc="upper right", fontsize=8)
