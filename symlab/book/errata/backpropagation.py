"""Erratum of backpropagation: derivatives that are called updates (chapter, section 4)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from sympy import Add, Expr, Rational, S, Symbol, cancel, expand, lambdify, symbols

from symlab.algebra.functions import define, sigmoid
from symlab.book.errata.erratum import Erratum, Observation
from symlab.lab.plots.axes import open_axes

x, y, w1, b1, w2, b2 = symbols("x y w1 b1 w2 b2", real=True)
p1, z1, p2, z2, delta2 = symbols("p1 z1 p2 z2 delta2", real=True)

FORWARD = {p1: w1 * x + b1, z1: sigmoid(p1), p2: w2 * z1 + b2, z2: sigmoid(p2)}
COST = (z2 - y) ** 2 / 2
WEIGHTS = (w1, b1, w2, b2)

DELTA2 = (z2 - y) * z2 * (1 - z2)
DELTA1 = delta2 * w2 * z1 * (1 - z1)

START = {w1: Rational(1, 2), b1: Rational(1, 10), w2: Rational(-4, 5), b2: Rational(3, 10)}
SAMPLE = {x: Rational(3, 2), y: 1}
STEP, STEPS = Rational(1, 2), 40


def whole(expression: Expr) -> Expr:
    """Return an expression in x, y and the weights alone: every quantity by those before it."""
    for quantity, formula in ((delta2, DELTA2), *reversed(FORWARD.items())):
        expression = expression.subs(quantity, formula)
    return expression


@dataclass(frozen=True, eq=False)
class Backward:
    """What the section says of the way back.

    Parameters
    ----------
    updates : mapping of Symbol to sympy.Expr
        What is added to a weight, up to the step size.
    exact : frozenset of Symbol
        Weights whose update is said to equal that, without a step size.
    delta2 : sympy.Expr
        What the last delta is said to hold.
    needs : frozenset of Symbol
        What the first unit is said to need.
    """

    updates: Mapping[Symbol, Expr]
    exact: frozenset[Symbol]
    delta2: Expr
    needs: frozenset[Symbol]


AS_PRINTED = Backward(
    {w2: DELTA2 * z1, b2: DELTA2, w1: DELTA2 * w2 * z1 * (1 - z1) * x},
    exact=frozenset({b2}),
    delta2=z2 * (1 - z2),
    needs=frozenset({z1, x}),
)
AS_DESCENT = Backward(
    {w2: -delta2 * z1, b2: -delta2, w1: -DELTA1 * x, b1: -DELTA1},
    exact=frozenset(),
    delta2=DELTA2,
    needs=frozenset({z1, x, w2, delta2}),
)


def steps_of(updates: Mapping[Symbol, Expr]) -> dict[Symbol, Expr]:
    """Return each weight after a step, as a function of all of them."""
    return {weight: weight + STEP * whole(updates.get(weight, S.Zero)) for weight in WEIGHTS}


def costs(updates: Mapping[Symbol, Expr], steps: int = 1) -> np.ndarray:
    """Return the cost of the sample at the start and after each step."""
    functions = [*steps_of(updates).values(), whole(COST)]
    step = lambdify(WEIGHTS, [define(each).subs(SAMPLE) for each in functions], "math")
    at, found = [float(START[weight]) for weight in WEIGHTS], []
    for _ in range(steps + 1):
        *at, cost = step(*at)
        found.append(cost)
    return np.array(found)


def _signs(printed: Backward, right: Backward) -> Iterator[Observation]:
    (start, raised), (_, lowered) = costs(printed.updates), costs(right.updates)
    fewer = {weight: right.updates[weight] for weight in printed.updates}
    yield Observation(
        "added to the weights, the printed updates raise the cost; their negatives lower it",
        bool(lowered < start < raised),
        {
            "J": start,
            "J as printed": raised,
            "J with their negatives": costs(fewer)[1],
            "J with b1 moved as well": lowered,
        },
    )
    slopes = {weight: whole(COST).diff(weight) for weight in WEIGHTS}
    steps = {weight: whole(update) for weight, update in printed.updates.items()}
    rises = [step * slopes[weight] for weight, step in steps.items()]
    yield Observation(
        "each is the derivative, by SymPy, so J rises at first by the sum of their squares",
        all(expand(step - slopes[weight]) == 0 for weight, step in steps.items()),
        {"slope of J along them": Add(*rises).subs(START | SAMPLE).evalf()},
    )
    missing = [weight for weight in WEIGHTS if weight not in printed.updates]
    yield Observation(
        "a weight whose derivative is delta1 has no update",
        any(expand(slopes[weight] - whole(DELTA1)) == 0 for weight in missing),
        {"without an update": _list_letters(missing)},
    )
    yield from _words(printed, slopes[b2])


def _words(printed: Backward, slope: Expr) -> Iterator[Observation]:
    """Yield what is said of the deltas; `slope` is the derivative by b2, which is delta2."""
    yield Observation(
        "one update is printed as an equation, so without a step size, where the others have one",
        bool(printed.exact) and printed.exact != frozenset(printed.updates),
        {"updates without a step size": _list_letters(printed.exact)},
    )
    yield Observation(
        "delta2 holds the error too, and not the slope of the activation alone",
        expand(whole(printed.delta2) - slope) != 0 and expand(whole(DELTA2) - slope) == 0,
        {"left out of delta2": str(cancel(DELTA2 / printed.delta2))},
    )
    needed = (DELTA1 * x).free_symbols - printed.needs
    yield Observation(
        "the first unit's update needs the weight and the delta of the next one",
        {w2, delta2} <= needed,
        {"needed beside its own": _list_letters(needed)},
    )


def _list_letters(letters: Iterable[Symbol]) -> str:
    return ", ".join(sorted(map(str, letters))) or "none"


def _draw_costs(printed: Axes, right: Axes) -> None:
    for ax, backward in ((printed, AS_PRINTED), (right, AS_DESCENT)):
        ax.plot(costs(backward.updates, steps=STEPS), "ok-", markersize=4)
        ax.set(xlabel="steps", ylabel="cost $J$ of the sample", ylim=(0, 0.5))
        open_axes(ax)


ERRATA = (
    Erratum(
        id="E12",
        section=4,
        title="Backpropagation's updates are gradients, so they climb",
        place="the formulas of the updates, and what is said of the deltas below them",
        printed="weights change by the derivatives of J (for b2 with an equals sign, and b1 is not "
        "there); delta2 is the slope of the activation; a unit's update is local to it",
        right="the derivatives are right, but the step has a minus and a step size, for all four "
        "weights; delta2 is the error times the slope; delta1 is made of delta2 and w2",
        matters="Whoever adds what is printed to the weights makes the network worse at each step.",
        forms=(AS_PRINTED, AS_DESCENT),
        check=_signs,
        lesson="backpropagation",
        kind="formula",
        draw=_draw_costs,
    ),
)
