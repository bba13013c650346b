"""Plots of objectives and of runs (`sl.plots`); each function takes an Axes and returns it.

Beside them stand plots of arrays (`arrays`) and of graphs (`diagrams`), and `style`, which has the
book's style and writes figures to files.
"""

from symlab.lab.plots.animation import animate
from symlab.lab.plots.axes import name_axes, open_axes
from symlab.lab.plots.objectives import curve, surrogate, values, windows
from symlab.lab.plots.paths import path
from symlab.lab.plots.regions import trust_region
from symlab.lab.plots.runs import (
    basins,
    bifurcation,
    convergence,
    difference,
    iterates,
    overview,
)
from symlab.lab.plots.style import save_picture, use_book_style
from symlab.lab.plots.surfaces import surface

__all__ = [
    "animate",
    "basins",
    "bifurcation",
    "convergence",
    "curve",
    "difference",
    "iterates",
    "name_axes",
    "open_axes",
    "overview",
    "path",
    "save_picture",
    "surface",
    "surrogate",
    "trust_region",
    "use_book_style",
    "values",
    "windows",
]
