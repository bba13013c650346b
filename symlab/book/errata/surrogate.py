"""Errata of the surrogate, and of the words around backtracking (chapter, section 11)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from sympy import (
    Expr,
    FiniteSet,
    Integer,
    Interval,
    Poly,
    Rational,
    Reals,
    Set,
    Symbol,
    real_roots,
    solveset,
)

from symlab.algebra.alphabet import (
    HYPERPARAMETERS,
    alpha,
    beta,
    phi_0,
    phi_q,
    q,
    slope,
    square,
)
from symlab.book.errata.backtracking import (
    EQUATION,
    MINIMISER,
    both,
    exact_first_step,
    f,
    first_step,
    required_decrease,
    x,
)
from symlab.book.errata.erratum import Erratum, Observation
from symlab.lab import plots
from symlab.methods.directions import steepest
from symlab.theory.stationary import stationary_points


def everywhere(new: Expr) -> Set:
    """Return where the chapter says that h lies above f, once the step to `new` passes."""
    return Reals


def at_one_point(new: Expr) -> Set:
    """Return where it is known to: at the new point alone."""
    return FiniteSet(new)


def _bound_on_f(
    printed: Callable[[Expr], Set], right: Callable[[Expr], Set]
) -> Iterator[Observation]:
    size = exact_first_step(f, EQUATION, 1)
    new = 1 - size * f.gradient[0].subs(x, 1)
    model = f.surrogate([1], size)
    crossings = real_roots(Poly(f.expression - model, x))
    above = solveset(f.expression - model > 0, x, Reals)
    yield Observation(
        "f is above h at points where h is said to be above f",
        not printed(new).intersect(above).is_empty and right(new).intersect(above).is_empty,
        {
            "f above h right of": max(crossings),
            "f - h at 3": (f.expression - model).subs(x, 3),
            "f - h at the new point": (f.expression - model).subs(x, new),
            "f = h at": ", ".join(f"{float(point):.4f}" for point in dict.fromkeys(crossings)),
            **{
                f"{name} at {float(point):g}": each.subs(x, point)
                for point in (Rational(11, 4), Integer(3))
                for name, each in (("h", model), ("f", f.expression))
            },
        },
    )
    trials = [EQUATION.first_step * EQUATION.shrink**k for k in range(3)]
    yield Observation(
        "at a trial point the surrogate is the bound of the test, so the test compares f and h at "
        "that point and no other",
        all(_surrogate_at_trial(size) == _bound(size) for size in trials),
        {"trial steps": ", ".join(map(str, trials))},
    )
    yield from _strict_and_global(size, new)


def _bound(size: Expr) -> Expr:
    return f.at([1]) - required_decrease(f, EQUATION, 1).subs(q, size)


def _surrogate_at_trial(size: Expr) -> Expr:
    return f.surrogate([1], size).subs(x, 1 - size * f.gradient[0].subs(x, 1))


def _strict_and_global(size: Expr, new: Expr) -> Iterator[Observation]:
    restriction = f.along([1], [-f.gradient[0].subs(x, 1)], q)
    touching = max(real_roots(Poly(restriction - f.at([1]) + required_decrease(f, EQUATION, 1), q)))
    yield Observation(
        "not even there need h be above f: one step passes the test with f = h",
        size < touching < EQUATION.first_step,
        {"step with f = h": touching},
    )
    curvature = f.hessian[0]
    bends = [point for point in real_roots(Poly(curvature.diff(x), x)) if 1 < point < new]
    steepest_bend = max(curvature.subs(x, point) for point in (1, new, *bends))
    yield Observation(
        "h is sure to stay above f on the way if 1/alpha is at least the largest curvature there, "
        "which takes a step over ten times shorter",
        size > 10 / steepest_bend,
        {"largest curvature": steepest_bend, "step that is sure": 1 / steepest_bend, "step": size},
    )
    yield Observation(
        "no step size puts h above this f everywhere: f has the higher degree",
        Poly(f.expression, x).degree() > 2 and Poly(f.expression, x).LC() > 0,
        {"degree of f": Poly(f.expression, x).degree()},
    )


def _draw_surrogate(printed: Axes, right: Axes) -> None:
    size = exact_first_step(f, EQUATION, 1)
    grid = np.linspace(0, 3.1, 400)
    heights = plots.values(f.expression, [x], grid)
    model = plots.values(f.surrogate([1], size), [x], grid)
    for ax in (printed, right):
        plots.surrogate(ax, f, 1, size, grid, foot=-6)
        ax.set(xlabel="$x$", ylim=(-8, 8))
    printed.fill_between(grid, -8, 8, color="C0", alpha=0.15, label="h above f, it says")
    # Only right of the trial point, because at 1 rounding makes f the larger here and there.
    over = (heights > model) & (grid > 2)
    right.fill_between(grid, model, heights, where=over, color="C3", alpha=0.4, label="f above h")
    for ax in (printed, right):
        ax.legend(loc="upper center")


@dataclass(frozen=True)
class Wording:
    """What a text says about backtracking.

    Parameters
    ----------
    sign : int
        The sign of the term that the test adds to the old value.
    vanishes_at : set of str
        The kinds of stationary points of f at which that term is zero.
    tested_at : int
        Whose value stands in the inequality before Eq. (1): the iterate's, 0, or the next one's, 1.
    curvature : sympy.Expr
        What the Hessian is replaced by, in `alpha`.
    shrink : sympy.Interval
        What the factor between two trials may be.
    derivatives : int
        The highest derivative that the method needs.
    ways : set of str
        Whether the step size is changed up, down, or both.
    """

    sign: int
    vanishes_at: frozenset[str]
    tested_at: int
    curvature: Expr
    shrink: Set
    derivatives: int
    ways: frozenset[str]


IN_PRINT = Wording(
    sign=1,
    vanishes_at=frozenset({"minimum"}),
    tested_at=0,
    curvature=Integer(1),
    shrink=Interval.Ropen(0, 1),
    derivatives=2,
    ways=frozenset({"up", "down"}),
)
AS_DERIVED = Wording(
    sign=-1,
    vanishes_at=frozenset({"minimum", "inflection"}),
    tested_at=1,
    curvature=1 / alpha,
    shrink=HYPERPARAMETERS[beta].domain,
    derivatives=1,
    ways=frozenset({"down"}),
)


def _backtracking_in_words(printed: Wording, right: Wording) -> Iterator[Observation]:
    points = stationary_points(f).points
    term = EQUATION.condition.rhs - phi_0
    slopes = {point.point[0]: f.gradient[0].subs(x, point.point[0]) for point in points}
    kinds = {point.kind for point in points if term.subs(square, slopes[point.point[0]] ** 2) == 0}
    yield Observation(
        "the term is zero at any stationary point, also at 0, which is no minimum",
        kinds != printed.vanishes_at and kinds == right.vanishes_at,
        {
            "term vanishes at": ", ".join(map(str, slopes)),
            "f at 0": f.at([0]),
            "f at 9/4": f.at([MINIMISER]),
        },
    )
    signs = {Symbol(each.name, positive=True): each for each in (q, square)}
    negative = term.subs({letter: known for known, letter in signs.items()}).is_negative
    yield Observation(
        "with its sign the term is negative, which is what makes f fall",
        bool(negative) and printed.sign > 0 > right.sign,
        {"term": str(term)},
    )
    yield from _surrogate_in_words(printed, right)
    yield from _algorithm_in_words(printed, right)


def _surrogate_in_words(printed: Wording, right: Wording) -> Iterator[Observation]:
    size = exact_first_step(f, EQUATION, 1)
    model = f.surrogate([1], size)
    step = -size * f.gradient[0].subs(x, 1)
    margins = [
        (model - f.expression).subs(x, 1 + said.tested_at * step) for said in (printed, right)
    ]
    yield Observation(
        "of the old iterate, f <= h is an identity and says nothing; it is meant of the next one",
        margins[0] == 0 and margins[1] > 0,
        both("h - f", *margins),
    )
    bend = model.diff(x, 2)
    yield Observation(
        "the surrogate has not the identity for its Hessian, but that over the step size",
        bend != printed.curvature.subs(alpha, size) and bend == right.curvature.subs(alpha, size),
        {"h''": bend},
    )
    moved = 1 + step
    share = abs(moved - MINIMISER) / abs(1 - MINIMISER)
    yield Observation(
        "the new point, called near the minimum, is past it by a quarter of the way to it",
        share > Rational(1, 4),
        {
            "distance": abs(moved - MINIMISER),
            "f there": f.at([moved]),
            "lowest f": f.at([MINIMISER]),
        },
    )


def _algorithm_in_words(printed: Wording, right: Wording) -> Iterator[Observation]:
    # Not by calling the search, which refuses 0 for the reason that is shown here.
    halting = replace(EQUATION, values={**EQUATION.values, beta: 0})
    stopped = first_step(f, halting, 1.0)
    yield Observation(
        "a factor of 0 is allowed, and with it the first refusal makes the step 0 and x stays",
        printed.shrink.contains(0) and not right.shrink.contains(0) and stopped.new == 1.0,
        {"step with factor 0": stopped.length},
    )
    short = EQUATION(step_size=0.01)
    taken, longer = (first_step(f, search, 1.0).length for search in (short, EQUATION))
    yield Observation(
        "a step size only shrinks: a first trial of 0.01 is kept, though 0.32 would pass as well",
        taken == float(short.first_step) < longer and printed.ways > right.ways == {"down"},
        {"kept": taken, "would pass": longer},
    )
    read = EQUATION.condition.free_symbols
    order = 2 if steepest.needs_hessian or not read <= {phi_0, phi_q, q, square, slope} else 1
    yield Observation(
        "it is introduced by second derivatives, and uses none",
        printed.derivatives > order == right.derivatives,
        {"highest derivative read": order},
    )


ERRATA = (
    Erratum(
        id="E11",
        section=11,
        title="The surrogate is said to bound f, and does so at one point only",
        place="the converse drawn from Eq. (1), and the figure of the surrogate",
        printed="if Eq. (1) holds, the surrogate h lies above f",
        right="then h is at least f at the trial point; everywhere only if 1/alpha bounds f''",
        matters="A reader takes a test at one point for a guarantee over a region; the figure "
        "itself shows f above h at its right edge.",
        forms=(everywhere, at_one_point),
        check=_bound_on_f,
        lesson="step_size",
        kind="result",
        draw=_draw_surrogate,
    ),
    Erratum(
        id="E30",
        section=11,
        title="The words around backtracking do not fit its formulas",
        place="the text from the algorithm to the picture of its first step",
        printed="the last term is positive unless at the minimum; the inequality is about the old "
        "iterate; the Hessian becomes the identity; the factor may be 0; the step size goes up or "
        "down; the result is near the minimum",
        right="the term is negative and vanishes at any stationary point; the inequality is about "
        "the next iterate; the Hessian becomes the identity over alpha; the factor lies strictly "
        "between 0 and 1; the step size only shrinks, and no second derivative is used",
        matters="Who follows the words cannot derive Eq. (1), and with a factor of 0 never moves.",
        forms=(IN_PRINT, AS_DERIVED),
        check=_backtracking_in_words,
        lesson="step_size",
        kind="wording",
    ),
)
