"""Errata of backtracking (chapter, section 11)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from sympy import (
    Expr,
    Poly,
    Rational,
    Symbol,
    factor,
    lambdify,
)

from symlab.algebra.alphabet import (
    phi_0,
    phi_q,
    q,
    slope,
    square,
)
from symlab.algebra.exactly import exactly
from symlab.algebra.objective import Objective
from symlab.algebra.problems import PROBLEMS
from symlab.book.errata.erratum import Erratum, Observation
from symlab.lab import plots
from symlab.methods.searches import MAX_TRIALS, Search, backtracking

f = PROBLEMS["quartic"].objective
(x,) = f.variables
MINIMISER = exactly(PROBLEMS["quartic"].minimisers[0][0])

EQUATION, BOX, LISTING = (
    backtracking(step_size=0.5, shrink=0.8, variant=name) for name in ("equation", "box", "listing")
)
STARTS = tuple(map(Rational, (-1, 0, 0.25, 0.5, 1, 1.5, 1.75, 2, "2.1", 2.25, 2.5, 3)))
STEPS = 30
"""How often a run backtracks."""


@dataclass(frozen=True)
class Step:
    """The step length that a search accepts, where it leads, and how often it was shrunk."""

    length: float
    new: float
    shrinks: int


def stepper(objective: Objective, search: Search) -> Callable[[float], Step]:
    """Return the function of a start that backtracks from there, in floats, as the listing does."""
    value, slope_at = (
        lambdify(objective.variables, each)
        for each in (objective.expression, objective.gradient[0])
    )
    accepts = lambdify((phi_0, slope, square, phi_q, q), search.condition)
    shrink = float(search.shrink)

    def step(start: float) -> Step:
        gradient = slope_at(start)
        facts = value(start), -(gradient**2), gradient**2
        length, shrinks = float(search.first_step), 0
        while not accepts(*facts, value(start - length * gradient), length):
            length, shrinks = length * shrink, shrinks + 1
            if shrinks == MAX_TRIALS:
                break
        return Step(length, start - length * gradient, shrinks)

    return step


def first_step(objective: Objective, search: Search, start: float) -> Step:
    """Return the step down the slope that a backtracking search accepts from a start."""
    return stepper(objective, search)(start)


def exact_first_step(objective: Objective, search: Search, start: int) -> Expr:
    """Return the step that a search accepts as an exact number."""
    shrinks = first_step(objective, search, float(start)).shrinks
    return search.first_step * search.shrink**shrinks


def walk(objective: Objective, search: Search, start: float, steps: int = STEPS) -> list[Step]:
    """Return the steps of a run that backtracks from every iterate anew."""
    step = stepper(objective, search)
    taken = [step(start)]
    while len(taken) < steps:
        taken.append(step(taken[-1].new))
    return taken


def required_decrease(objective: Objective, search: Search, start: object) -> Expr:
    """Return the decrease that a search asks for at a start, an expression in the step q."""
    gradient = objective.gradient[0].subs(objective.variables[0], start)
    facts = {phi_0: objective.at([start]), square: gradient**2, slope: -(gradient**2)}
    return facts[phi_0] - search.condition.rhs.subs(facts)


def can_pass(objective: Objective, search: Search, start: object) -> bool:
    """Return whether, without rounding, any step up to the first trial is acceptable.

    A step q is, where what is asked for exceeds what f falls by no more: where a polynomial in q
    is not positive. Its zero at q = 0, the step that goes nowhere, is divided out.
    """
    gradient = objective.gradient[0].subs(objective.variables[0], start)
    restriction = objective.along([start], [-gradient], q)
    surplus = Poly(
        restriction - objective.at([start]) + required_decrease(objective, search, start), q
    )
    if surplus.is_zero:
        return True
    _, rest = surplus.terms_gcd()
    longest = search.first_step
    return rest.eval(longest) <= 0 or rest.count_roots(0, longest) > 0


def both(name: str, printed: object, right: object) -> dict[str, object]:
    """Return a number of either form under its name."""
    return {f"{name}, printed": printed, f"{name}, right": right}


def _steps(printed: Search, right: Search, start: float) -> tuple[Step, Step]:
    return first_step(f, printed, start), first_step(f, right, start)


def _distance(point: float) -> float:
    return abs(point - float(MINIMISER))


def _value_in_place_of_slope(printed: Search, right: Search) -> Iterator[Observation]:
    stuck, free = _steps(printed, right, 2.0)
    offered = f.gradient[0].subs(x, 2) ** 2
    wanted = required_decrease(f, printed, 2) / q
    yield Observation(
        "from 2 the listing asks for a larger decrease per unit of step than the slope offers: no "
        "step can pass, and the loop ends when rounding hides the difference",
        wanted > offered and not can_pass(f, printed, 2) and can_pass(f, right, 2),
        {
            **both("step from 2", stuck.length, free.length),
            "decrease asked": wanted,
            "decrease offered": offered,
            **both("shrinks", stuck.shrinks, free.shrinks),
        },
    )
    hidden, known = _steps(printed, right, 1.0)
    yield Observation(
        "from 1, the only start shown, the result is right all the same, though nothing was "
        "asked: f(1) is 0",
        required_decrease(f, printed, 1) == 0 and hidden == known,
        both("step from 1", hidden.length, known.length),
    )
    thrown, kept = _steps(printed, right, 3.0)
    yield Observation(
        "from 3 it throws the iterate over the valley, farther from 9/4 than it was",
        _distance(thrown.new) > _distance(3) > _distance(kept.new) and thrown.new < MINIMISER,
        both("from 3 to", thrown.new, kept.new),
    )
    yield from _at_other_starts(printed, right)


def _at_other_starts(printed: Search, right: Search) -> Iterator[Observation]:
    never, at_once = _steps(printed, right, float(MINIMISER))
    yield Observation(
        "at the minimum itself it asks for a decrease, and there is none to be had",
        not can_pass(f, printed, MINIMISER) and can_pass(f, right, MINIMISER),
        both("shrinks at 9/4", never.shrinks, at_once.shrinks),
    )
    pairs = {start: _steps(printed, right, float(start)) for start in STARTS}
    equal = [str(start) for start, (first, second) in pairs.items() if first == second]
    yield Observation(
        f"of {len(STARTS)} starts, it takes the right step from two",
        len(equal) == 2,
        {
            "right from": ", ".join(equal),
            **both("step from 5/2", *(each.length for each in pairs[Rational(5, 2)])),
        },
    )
    runs = [walk(f, search, 1.0) for search in (printed, right)]
    ends = [run[-1].new for run in runs]
    yield Observation(
        "used again and again from 1 it stops for good in its second step, short of 9/4",
        abs(runs[0][1].new - ends[0]) < 1e-9
        and _distance(ends[0]) > 0.1
        and _distance(ends[1]) < 1e-6,
        {
            **both(f"after {STEPS} steps", *ends),
            **both("shrinks in all", *(sum(each.shrinks for each in run) for run in runs)),
        },
    )


def _twice_the_decrease(printed: Search, right: Search) -> Iterator[Observation]:
    frozen, free = _steps(printed, right, 2.0)
    starts = _convex_starts()
    yield Observation(
        "where f is convex no step passes, whatever its length, and rounding ends the loop",
        len(starts) > 0
        and not any(can_pass(f, printed, start) for start in starts)
        and all(can_pass(f, right, start) for start in starts),
        {
            **both("step from 2", frozen.length, free.length),
            **both("shrinks", frozen.shrinks, free.shrinks),
            "starts tried": ", ".join(map(str, starts)),
        },
    )
    tangent = phi_0 + q * slope
    above = [
        factor((search.condition.rhs - tangent).subs(slope, -square)) for search in (printed, right)
    ]
    yield Observation(
        "the box asks f to reach its tangent, below which no convex function goes",
        above[0] == 0 and above[1] != 0,
        both("bound less tangent", *map(str, above)),
    )
    yield _on_a_parabola(printed)
    yield _where_f_is_concave(printed, right)
    ends = [
        [walk(f, each, start)[-1].new for each in (printed, right)] for start in (1.0, 3.0, 0.5)
    ]
    yield Observation(
        "runs stop short of 9/4 from every start, where they should arrive",
        all(_distance(stuck) > 0.02 and _distance(end) < 1e-6 for stuck, end in ends),
        {f"from {start} to": stuck for start, (stuck, _) in zip((1, 3, 0.5), ends, strict=True)},
    )


def _convex_starts() -> list[Rational]:
    """The starts with slope at which f is not concave, the start included."""
    known = [(start, {x: start}) for start in STARTS]
    return [
        start
        for start, here in known
        if f.gradient[0].subs(here) != 0 and f.hessian[0].subs(here) >= 0
    ]


def _on_a_parabola(printed: Search) -> Observation:
    curvature, length = Symbol("L", positive=True), Symbol("a", positive=True)
    here = Symbol("x", real=True, nonzero=True)
    bowl = curvature * here**2 / 2
    gradient = bowl.diff(here)
    bound = printed.condition.rhs.subs({phi_0: bowl, q: length, square: gradient**2})
    missing = factor(bowl.subs(here, here - length * gradient) - bound)
    sizes = (Rational(1, 2), Rational(1, 10), Rational(1, 100))
    return Observation(
        "on a parabola f misses the bound by the same formula at every step, and never meets it",
        bool(missing.is_positive),
        {
            "misses by": str(missing),
            **{
                f"L = 3, x = 1, a = {float(size)}": missing.subs(
                    {curvature: 3, here: 1, length: size}
                )
                for size in sizes
            },
        },
    )


def _where_f_is_concave(printed: Search, right: Search) -> Observation:
    length, other = (exact_first_step(f, search, 1) for search in (printed, right))
    bound = f.at([1]) - required_decrease(f, printed, 1).subs(q, length)
    bend = f.hessian[0].subs(x, 1)
    reached = f.at([1 - length * f.gradient[0].subs(x, 1)])
    return Observation(
        "from 1 it accepts a step, since f is concave there, and even so another than is printed",
        bool(reached <= bound and bend < 0 and length < other),
        {
            **both("step from 1", length, other),
            "bound": bound,
            "f there": reached,
            "f'' at 1": bend,
        },
    )


def _draw_test(ax: Axes, search: Search, start: int = 2, longest: float = 0.15) -> None:
    gradient = f.gradient[0].subs(x, start)
    lengths = np.linspace(0, longest, 300)
    restriction = plots.values(f.along([start], [-gradient], q), [q], lengths)
    bound = plots.values(f.at([start]) - required_decrease(f, search, start), [q], lengths)
    ax.plot(lengths, restriction, color="lightgray", linewidth=3, label="f after the step")
    ax.plot(lengths, bound, "k--", label="what the test asks for")
    ax.fill_between(
        lengths, restriction, bound, where=restriction <= bound, color="gray", alpha=0.3
    )
    step = first_step(f, search, float(start))
    ax.plot([step.length], [f.at([step.new])], "ok", label=f"accepted: {step.length:.2g}")
    ax.set(xlabel=f"step from x = {start}", ylim=(-8.2, -5.4))
    ax.legend(loc="lower left")


def _draw_listing(printed: Axes, right: Axes) -> None:
    _draw_test(printed, LISTING)
    _draw_test(right, EQUATION)


def _draw_box(printed: Axes, right: Axes) -> None:
    _draw_test(printed, BOX)
    _draw_test(right, EQUATION)


ERRATA = (
    Erratum(
        id="E03",
        section=11,
        title="The backtracking listing squares f in place of its slope",
        place="the listing under Eq. (1), and the figure made with it",
        printed="a step passes if f falls by half the step size times the square of f",
        right="it falls by half the step size times the square of the slope",
        matters="From the start shown the answer is right, since f is 0 there; from 2 a reader's "
        "program stands still, and from 3 it leaves the valley.",
        forms=(LISTING, EQUATION),
        check=_value_in_place_of_slope,
        lesson="step_size",
        kind="result",
        draw=_draw_listing,
    ),
    Erratum(
        id="E04",
        section=11,
        title="The algorithm in the box asks for twice the decrease that is derived",
        place="the bullets of the algorithm, against Eq. (1)",
        printed="shrink until f falls by the step size times the squared slope",
        right="by half of that, or by any share below 1",
        matters="No convex function falls so far, so whoever follows the box stands still near "
        "every minimum.",
        forms=(BOX, EQUATION),
        check=_twice_the_decrease,
        lesson="step_size",
        kind="result",
        draw=_draw_box,
    ),
)
