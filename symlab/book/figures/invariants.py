"""The numbers that each figure of the book stands for, from the results that it shows.

One function for each kind of figure, in the order of the book. Its parameters are the results that
`save_figure` is given, and it returns named numbers; one in a tuple has its own absolute tolerance,
the others that of the passport.
"""

# Kinds of results are only named, so that listing the figures loads none of their modules.
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from sympy import Expr, ImmutableDenseMatrix, Rational

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from symlab.algebra.objective import Objective
    from symlab.engine.trace import Trace
    from symlab.nn.history import History
    from symlab.theory.analyze import Analysis

Numbers = Mapping[str, object]


def softsign_at_two_points(softsign: Callable[[object], Expr]) -> Numbers:
    """The softsign at the last points of the grid and at those nearest to 0, exactly."""
    return {"softsign(10)": softsign(10), "softsign(10/99)": softsign(Rational(10, 99))}


def three_losses(history: History) -> Numbers:
    """The loss at the beginning, in the middle and at the end of 300 epochs."""
    return {f"loss, epoch {k}": history.loss[k] for k in (0, 150, 299)}


def circles_and_arrows(axes: Axes) -> Numbers:
    """How many units and weights a drawing of a network has."""
    return {"circles": len(axes.patches), "arrows": len(axes.collections[0].get_paths())}


def extent(points: np.ndarray) -> Numbers:
    """The box around points of the plane, shape (n, 2)."""
    return {
        "least x": points[:, 0].min(),
        "least y": points[:, 1].min(),
        "greatest x": points[:, 0].max(),
        "greatest y": points[:, 1].max(),
    }


def accuracy_and_loss(history: History, test_accuracy: float) -> Numbers:
    """What the figure tells; a hundred epochs multiply rounding, so no more digits are promised."""
    return {"test accuracy": (test_accuracy, 0.02), "training loss": (history.loss[-1], 0.01)}


def share_at_a_half(history: History, share: float, moved: float) -> Numbers:
    """The share of points at (1/2, 1/2), and how far the weights of l2 moved: not at all.

    11 000 steps multiply rounding, so no more digits are promised.
    """
    return {"share at (1/2, 1/2)": (share, 0.05), "weights of l2 moved": (round(moved, 9), 1e-9)}


def distance_of_the_means(history: History, distance: float) -> Numbers:
    """How far the means of the two classes are apart."""
    return {"distance of the means": (distance, 0.05)}


def entries(result: np.ndarray) -> Numbers:
    """Every entry of a small matrix."""
    return {f"row {i}, column {j}": value for (i, j), value in np.ndenumerate(result)}


def costs_and_solution(trace: Trace, solution: ImmutableDenseMatrix, minimum: Expr) -> Numbers:
    """Costs along the run, where it ended, and the solution and its cost exactly."""
    return {
        **{f"cost[{k}]": trace.values[k] for k in (0, 1, 2, 3, 4, 5, 10, 20, 30, 59, 499)},
        **{f"x{i} after 500 steps": value for i, value in enumerate(trace.x)},
        **{f"x{i}, exactly": value for i, value in enumerate(solution)},
        "cost at the minimum": minimum,
    }


def two_fits(trace: Trace, liblinear: np.ndarray, difference: float) -> Numbers:
    """Weight and bias of both fits, and the largest difference of the probabilities.

    liblinear stops at a tolerance of its own, so its last digits are not ours to promise.
    """
    return {
        "w, 1000 steps": trace.x[0],
        "b, 1000 steps": trace.x[1],
        "w, liblinear": (liblinear[0], 1e-4),
        "b, liblinear": (liblinear[1], 1e-4),
        "largest difference of probability": (difference, 1e-5),
    }


def six_slopes(objective: Objective) -> Numbers:
    """The slope where each of the six tangents touches."""
    (x,), (slope,) = objective.variables, objective.gradient
    return {f"slope at {n / 2}": slope.subs(x, Rational(n, 2)) for n in range(6)}


def step_limit_and_cycle(trace: Trace, theory: Analysis) -> Numbers:
    """The derived step limit, where twenty steps ended, and the cycle that attracts."""
    cycle = next(each for each in theory.cycles if each.attracting)
    low, high = (float(point) for point in cycle.points)
    return {
        "step limit": theory.step_limit,
        "x_20": trace.x[0],
        "cycle, low": low,
        "cycle, high": high,
    }


def end_of_the_run(trace: Trace) -> Numbers:
    """How many iterates there are, and the value and the slope at the last."""
    return {
        "windows": len(trace),
        "f(x_20)": trace.value,
        "slope at x_20": trace.gradient_norms[-1],
    }


def accepted_step(trace: Trace, objective: Objective, step_size: Expr, crossing: Expr) -> Numbers:
    """The first step of an exact run, and where the objective meets its surrogate again."""
    new = trace.exact[1][0]
    return {
        "step size": step_size,
        "new iterate": new,
        "f there": objective.at([new]),
        "f = h": crossing,
    }


def impulse_responses(window: pd.Series, weighted: pd.Series) -> Numbers:
    """What two moving averages make of an impulse at 0."""
    ewma = {f"EWMA at {n}": weighted[n] for n in (0, 1, 2, 3, 7, 20)}
    return {**ewma, "window at 2": window[2]}


def costs_as_printed(one: np.ndarray, ten: np.ndarray, other_draws: np.ndarray) -> Numbers:
    """J at the ends of three runs: one sample a step, ten, and ten with other draws."""
    return _costs({"one": one, "ten": ten, "ten, other draws": other_draws})


def costs_corrected(one: np.ndarray, ten: np.ndarray, momentum: np.ndarray) -> Numbers:
    """J at the ends of three runs: one sample a step, ten, and ten with momentum."""
    return _costs({"one": one, "ten": ten, "ten, momentum": momentum})


def _costs(runs: Mapping[str, np.ndarray]) -> Numbers:
    ends = {f"{name}, J at the end": (costs[-1], 1e-6) for name, costs in runs.items()}
    return {"J at the start": (runs["ten"][0], 1e-6), **ends}


def sum_of_all(images: np.ndarray) -> Numbers:
    """The sum of every pixel of every image."""
    return {"sum of all": images.sum()}


def first_two_on_the_diagonal(response: np.ndarray) -> Numbers:
    """The response at the corner, where the kernel hangs over the edge, and one further in."""
    return {"res[0,0]": response[0, 0], "res[1,1]": response[1, 1]}


def greatest_and_ones(response: np.ndarray) -> Numbers:
    """The greatest entry of a response, and how many are not 0."""
    return {"greatest": response.max(), "ones": np.count_nonzero(response)}


def total(arrays: np.ndarray) -> Numbers:
    """The sum of all entries."""
    return {"sum": arrays.sum()}


def counts_of_slashes(slashes: np.ndarray, labels: np.ndarray) -> Numbers:
    """How many of the images differ, and how many are back slashes."""
    return {"different images": len(np.unique(slashes, axis=0)), "back slashes": labels.sum()}


def kernel_entries(kernel: np.ndarray) -> Numbers:
    """The two numbers of a scaled kernel, to the last bit."""
    return {"on the diagonal": (kernel[0, 0], 0), "off it": (kernel[0, 1], 0)}


def greatest_and_least(responses: np.ndarray) -> Numbers:
    """The greatest and the least entry of the responses."""
    return {"greatest": responses.max(), "least": responses.min()}


def total_in_ninths(arrays: np.ndarray) -> Numbers:
    """The sum of all entries, each a whole number of ninths."""
    return {"sum in ninths": 9 * arrays.sum()}


def hits_and_margins(
    history: History, labels: np.ndarray, fixed: np.ndarray, trained: np.ndarray
) -> Numbers:
    """Of two networks, how many images they name rightly, and the least chance of a right category.

    `fixed` and `trained` are the chances of the two categories, shape (images, 2).
    """
    return {**_count_hits("fixed", fixed, labels), **_count_hits("trained", trained, labels)}


def _count_hits(name: str, chances: np.ndarray, labels: np.ndarray) -> Numbers:
    hits = (chances.argmax(axis=1) == labels).sum()
    least = chances[np.arange(len(labels)), labels].min()
    return {f"{name}, right of {len(labels)}": hits, f"{name}, least chance": least}
