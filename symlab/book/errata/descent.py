"""Errata of gradient descent and of the line it searches (chapter, sections 9 and 11)."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from sympy import (
    Abs,
    Expr,
    ImmutableMatrix,
    Integer,
    Poly,
    Rational,
    Symbol,
    lambdify,
    real_roots,
)

from symlab.algebra.alphabet import G, alpha, g, q
from symlab.algebra.exactly import exactly
from symlab.algebra.objective import Objective
from symlab.algebra.problems import PROBLEMS
from symlab.book.errata.erratum import Erratum, Observation
from symlab.engine.minimize import minimize
from symlab.engine.trace import Trace
from symlab.lab import plots
from symlab.methods.directions import Direction, steepest
from symlab.methods.method import method
from symlab.methods.rules import gradient_descent
from symlab.methods.searches import exact_line_search
from symlab.theory.analyze import analyze

f = PROBLEMS["quartic"].objective
(x,) = f.variables
MINIMISER = exactly(PROBLEMS["quartic"].minimisers[0][0])

STEP_SIZE = 0.1
HALF_WIDTH, SPACING = Rational(7, 20), Rational(1, 2)
"""Half the width, and the distance, of the windows in the chapter's first figure of descent."""


@lru_cache(maxsize=8)
def twenty_steps(objective: Objective) -> Trace:
    """Return the chapter's run of gradient descent from 0.1."""
    return minimize(objective, [0.1], gradient_descent(step_size=STEP_SIZE), 20, backend="sympy")


def paths(objective: Objective, sizes: Sequence[float], steps: int) -> np.ndarray:
    """Return gradient descent from 0.1 with many step sizes at once, shape (steps + 1, sizes)."""
    slope_at = lambdify(objective.variables, objective.gradient[0])
    points = np.empty((steps + 1, len(sizes)))
    points[0] = 0.1
    # A run that leaves for infinity is a result here.
    with np.errstate(over="ignore", invalid="ignore"):
        for k in range(steps):
            points[k + 1] = points[k] - np.array(sizes) * slope_at(points[k])
    return points


def describe_end(run: np.ndarray, longest: int = 64) -> str:
    """Return where a run in one variable has settled: a limit, a cycle, neither, or nowhere."""
    if not np.isfinite(run[-1]):
        return "diverges"
    tail = run[-2 * longest :]
    for period in range(1, longest + 1):
        if np.max(np.abs(tail[period:] - tail[:-period])) < 1e-5:
            return f"{run[-1]:z.3f}" if period == 1 else f"{period}-cycle"
    return f"no period up to {longest}"


def _reach(form: Expr, slopes: np.ndarray) -> np.ndarray:
    return np.broadcast_to(lambdify((alpha, g), form)(STEP_SIZE, slopes), slopes.shape)


def _what_alpha_sets(printed: Expr, right: Expr) -> Iterator[Observation]:
    run = twenty_steps(f)
    points = run.iterates[:-1, 0]
    slopes = plots.values(f.gradient[0], f.variables, points)
    moved = np.abs(np.diff(run.iterates[:, 0]))
    places = np.array([0.1, 0.5, 1, 1.33, 2.3])
    lengths = _reach(right, plots.values(f.gradient[0], f.variables, places))
    yield Observation(
        "alpha is no width: with the same alpha some steps are very short and some very long, and "
        "their length is alpha times the slope",
        not np.allclose(moved, _reach(printed, slopes))
        and np.allclose(moved, _reach(right, slopes)),
        {
            "shortest step": moved.min(),
            "longest step": moved.max(),
            "width, if it were alpha": STEP_SIZE,
            **{f"step from {place:g}": each for place, each in zip(places, lengths, strict=True)},
        },
    )
    yield _overlaps(right)
    yield from _the_oscillation()


def _overlaps(right: Expr) -> Observation:
    centers = np.arange(0, 3, float(SPACING))
    reach = _reach(right, plots.values(f.gradient[0], f.variables, centers))
    shared = reach[:-1] + reach[1:] - float(SPACING)
    drawn = 2 * HALF_WIDTH - SPACING
    return Observation(
        "the dark overlaps of the first figure are equal because half-width and spacing are typed "
        "in; what steps from there would share differs, and may be nothing",
        drawn > 0 > shared.min() and bool(np.ptp(shared) > 2 * drawn),
        {"overlap, drawn": drawn, "shared, least": shared.min(), "shared, most": shared.max()},
    )


SIZES = (0.02, 0.095, 0.098, 0.0988, 0.1, 0.12, 0.125, 0.13, 0.16, 0.17, 0.18, 0.19, 0.2, 0.25)


def _the_oscillation() -> Iterator[Observation]:
    theory: Any = analyze(f, gradient_descent(step_size=STEP_SIZE))
    attracting = [cycle for cycle in theory.cycles if cycle.attracting]
    cycle = attracting[0] if attracting else theory.cycles[0]
    (last,) = paths(f, [STEP_SIZE], 10_000)[-2:].T
    ends = [float(point) for point in cycle.points]
    yield Observation(
        "the oscillation is no passing thing: 9/4 repels, and the run has found a cycle of two "
        "points for good",
        abs(theory.multiplier) > 1 and bool(attracting) and np.allclose(np.sort(last), ends),
        {
            "multiplier at 9/4": theory.multiplier,
            "cycle, low": ends[0],
            "cycle, high": ends[1],
            "multiplier of the cycle": cycle.multiplier.evalf(),
            "f, low": f.at([cycle.points[0]]).evalf(),
            "f, high": f.at([cycle.points[1]]).evalf(),
        },
    )
    fates = dict(zip(SIZES, map(describe_end, paths(f, SIZES, 5000).T), strict=True))
    arrive = {size for size, end in fates.items() if end == f"{float(MINIMISER):.3f}"}
    yield Observation(
        "runs arrive below the step limit alone; above it they end in cycles, without order, at "
        "the inflection, or nowhere",
        arrive == {size for size in SIZES if size < theory.step_limit} and len(fates) > 6,
        {"step limit": theory.step_limit, **{f"alpha {size}": end for size, end in fates.items()}},
    )
    yield _steps_to_arrive(theory.best_step)


def _steps_to_arrive(best: Expr) -> Observation:
    sizes = (float(best), 0.02, 0.095, 0.098)
    away = np.abs(paths(f, sizes, 1000) - float(MINIMISER)) > 1e-6
    counts = [int(np.flatnonzero(each)[-1]) + 1 for each in away.T]
    return Observation(
        "neither smaller nor larger is better: the best step size is half the limit",
        min(counts) == counts[0],
        {f"steps with {size:.4f}": count for size, count in zip(sizes, counts, strict=True)},
    )


def _draw_windows(ax: Axes, form: Expr) -> None:
    run = twenty_steps(f)
    grid = np.linspace(0, 3, 1500)
    points = run.iterates[:-1, 0]
    slopes = plots.values(f.gradient[0], f.variables, points)
    plots.curve(ax, f, grid, color="lightgray", linewidth=3)
    plots.windows(ax, f, points.tolist(), _reach(form, slopes).tolist(), grid)
    ax.plot(points, run.values[:-1], "ok", ms=5, alpha=0.4)
    ax.set(xlabel="$x$", ylabel="$f(x)$", ylim=(-10, 6))


def _draw_reach(printed: Axes, right: Axes) -> None:
    _draw_windows(printed, alpha)
    _draw_windows(right, alpha * Abs(g))


UPHILL = Direction("uphill", G, "chapter, section 11 as printed (errata E09)")


def _slope_along(direction: Direction, gradient: Expr) -> Expr:
    """Return the direction at a point of this gradient, in one variable."""
    return direction.expression.xreplace({G: ImmutableMatrix([[gradient]])}).doit()[0]


def best_on_half_line(objective: Objective, direction: Direction, start: Expr) -> tuple[Expr, Expr]:
    """Return the q >= 0 at which a polynomial is lowest along a direction, and the point there."""
    gradient = objective.gradient[0].subs(objective.variables[0], start)
    towards = _slope_along(direction, gradient)
    restriction = objective.along([start], [towards], q)
    turns = [root for root in real_roots(Poly(restriction.diff(q), q)) if root > 0]
    best = min((Integer(0), *turns), key=lambda length: restriction.subs(q, length))
    return best, start + best * towards


LINE_STARTS = (Rational(1, 2), Integer(1), Integer(2), Rational(5, 2), Integer(3))


def _which_way_the_ray_points(printed: Direction, right: Direction) -> Iterator[Observation]:
    stays = {start: best_on_half_line(f, printed, start) for start in LINE_STARTS}
    moves = {start: best_on_half_line(f, right, start) for start in LINE_STARTS}
    yield Observation(
        f"on the printed ray q = 0 is best from all of {len(LINE_STARTS)} starts; on the other, "
        "one step is enough",
        all(length == 0 for length, _ in stays.values())
        and all(point == MINIMISER for _, point in moves.values()),
        {
            f"q from {float(start):g}, {name}": found[start][0]
            for start in LINE_STARTS
            for name, found in (("printed", stays), ("right", moves))
        },
    )
    # The letter g stands for any gradient that is not zero.
    anything = Symbol("g", real=True, nonzero=True)
    slopes = [anything * _slope_along(each, anything) for each in (printed, right)]
    yield Observation(
        "whatever f is, it rises along its gradient: the slope of the ray at q = 0 is a square",
        bool(slopes[0].is_positive and slopes[1].is_negative),
        {"slope, printed": str(slopes[0]), "slope, right": str(slopes[1])},
    )
    runs = [
        minimize(f, [2], method(direction=each, search=exact_line_search), 5, backend="sympy")
        for each in (printed, right)
    ]
    yield Observation(
        "a run that follows the print never takes a step",
        runs[0].steps == 0 and runs[1].status == "converged",
        {"steps, printed": runs[0].steps, "steps, right": runs[1].steps},
    )


def _draw_rays(printed: Axes, right: Axes) -> None:
    lengths = np.linspace(0, 0.4, 200)
    for ax, direction in ((printed, UPHILL), (right, steepest)):
        for start, style in ((Integer(1), "-"), (Integer(2), "--")):
            towards = _slope_along(direction, f.gradient[0].subs(x, start))
            restriction = f.along([start], [towards], q)
            ax.plot(
                lengths, plots.values(restriction, [q], lengths), f"k{style}", label=f"from {start}"
            )
            best, point = best_on_half_line(f, direction, start)
            ax.plot([best], [f.at([point])], "o", color="C3", ms=8)
        ax.set(xlabel="$q$", ylabel="f on the ray, lowest at the dot", ylim=(-8, 8))
        ax.legend(loc="upper left")


ERRATA = (
    Erratum(
        id="E20",
        section=9,
        title="The step size is said to set the width of the tangents' windows",
        place="the text around the three figures of gradient descent",
        printed="alpha is the width of the interval on which an approximant is used; with 0.1 the "
        "iterates oscillate",
        right="the windows are typed in; a step is alpha times the slope long; with 0.1 the run is "
        "in a cycle of two points for good, since 0.1 is above the limit 8/81",
        matters="A reader sees the overlaps as the cause of the oscillation, where the cause is a "
        "multiplier beyond -1.",
        forms=(alpha, alpha * Abs(g)),
        check=_what_alpha_sets,
        lesson="gradient_descent",
        kind="result",
        draw=_draw_reach,
    ),
    Erratum(
        id="E09",
        section=11,
        title="The exact line search looks uphill",
        place="the formula of the exact line search",
        printed="q minimises f at x plus q times the gradient",
        right="at x minus q times the gradient",
        matters="Uphill the best step is none at all, so the method never moves.",
        forms=(UPHILL, steepest),
        check=_which_way_the_ray_points,
        lesson="step_size",
        kind="formula",
        draw=_draw_rays,
    ),
)
