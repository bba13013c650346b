"""An objective of two variables as a surface, and runs upon it."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from symlab.algebra.objective import Objective, check_objective
from symlab.engine.trace import Trace
from symlab.lab.plots.axes import check_axes
from symlab.lab.plots.palette import labels_of, look
from symlab.lab.plots.paths import box_of, grid_of, height_of, inside, runs_on
from symlab.theory.region import check_box


def surface(
    ax: Axes,
    objective: Objective,
    traces: Trace | Sequence[Trace] | None = None,
    *,
    box: Sequence[tuple[float, float]] | None = None,
    **line: Any,
) -> Axes:
    """Draw an objective of two variables as a surface, and runs upon it.

    Parameters
    ----------
    ax : Axes
        Made with `projection="3d"`.
    objective : Objective
    traces : Trace or sequence of Trace, optional
        Runs on that objective; without them it draws the surface alone, over `box`.
    box : sequence of (low, high), optional
        The range of each variable; by default what holds the iterates.
    **line
        For `Axes.plot`, such as `color` and `label`.

    Raises
    ------
    TypeError
        If the axes are flat.
    ValueError
        If the objective has not two variables, or neither runs nor a box are given.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import symlab as sl
    >>> axes = plt.figure().add_subplot(projection="3d")
    >>> axes = surface(axes, sl.problems["rosenbrock"].objective, box=[(-2, 2), (-1, 3)])
    >>> axes.get_zlabel()
    'value'
    >>> plt.close()
    """
    if getattr(check_axes(ax), "name", "") != "3d":
        raise TypeError('ax: a surface needs axes made with projection="3d".')
    if check_objective(objective).dimension != 2:
        raise ValueError(f"objective: a surface needs 2 variables, got {objective.dimension}.")
    runs = [] if traces is None else runs_on(objective, traces)
    if box is None and not runs:
        raise ValueError("box: expected the range of each variable, because there is no run.")
    ranges = box_of(runs) if box is None else check_box(box, 2)
    places, heights = grid_of(objective, ranges)
    solid: Any = ax  # Matplotlib's annotations know nothing of the third axis
    solid.plot_surface(*places, heights, cmap="Greys", alpha=0.6, linewidth=0)
    for number, (trace, label) in enumerate(zip(runs, labels_of(runs), strict=True)):
        kept = inside(trace, ranges)
        style = {**look(number), "label": label, "ms": 3, "zorder": 5, **line}
        solid.plot(*trace.iterates[kept].T, trace.values[kept], **style)
    if len(runs) > 1 or (runs and "label" in line):
        solid.legend(fontsize="small")
    names = map(str, objective.variables)
    solid.set(**dict(zip(("xlabel", "ylabel"), names, strict=True)), zlabel=height_of(runs))
    return ax
