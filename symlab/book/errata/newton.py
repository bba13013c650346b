"""Errata of Newton's method (chapter, section 10)."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from sympy import (
    Expr,
    Integer,
    Poly,
    Rational,
    Symbol,
    cancel,
    cos,
    denom,
    factor,
    lambdify,
    nan,
    real_roots,
    solve,
    zoo,
)

from symlab.algebra.exactly import exactly
from symlab.algebra.objective import Objective
from symlab.algebra.problems import PROBLEMS
from symlab.book.errata.erratum import Erratum, Observation
from symlab.checks import check_type
from symlab.engine.minimize import minimize
from symlab.lab import plots
from symlab.methods.directions import Direction, newton
from symlab.methods.rule import Rule
from symlab.methods.rules import gradient_descent
from symlab.theory.analyze import analyze
from symlab.theory.prediction import newton_map
from symlab.theory.stationary import stationary_points

f = PROBLEMS["quartic"].objective
(x,) = f.variables
MINIMISER = exactly(PROBLEMS["quartic"].minimisers[0][0])

STARTS = (-5, -1, 0.1, 0.5, 1, 1.2, 1.4, 1.49, 1.51, 1.6, 2, 3, 10, 100, 1000)
Starts = Sequence[float] | np.ndarray

ROUNDING = 1e-13
"""A step below this is rounding, for iterates of size 1."""

NEAR = 1e-6
"""How near to the minimiser methods are raced."""


def newton_step(objective: Objective) -> Expr:
    """Return one Newton step in one variable as a rational function in lowest terms."""
    mapped, _ = check_type(newton_map(objective), tuple, "objective", "a rational function")
    return cancel(mapped)


def newton_runs(objective: Objective, starts: Starts, steps: int = 100) -> np.ndarray:
    """Return Newton's iterates from many starts at once, shape (steps + 1, starts)."""
    step = lambdify(objective.variables, newton_step(objective))
    points = np.empty((steps + 1, len(starts)))
    points[0] = starts
    with np.errstate(divide="ignore", invalid="ignore"):
        for k in range(steps):
            points[k + 1] = step(points[k])
    return points


def _where_newton_goes(printed: str, right: str) -> Iterator[Observation]:
    found = stationary_points(f)
    kinds = {point.kind for point in found.points}
    runs = newton_runs(f, STARTS)
    counts = (np.abs(np.diff(runs, axis=0)) < ROUNDING).argmax(axis=0) + 1
    yield Observation(
        f"no start leads to a {printed}, for f has none: runs that miss the minimum end at 0; "
        f"steps count until one is shorter than {ROUNDING:.0e}",
        found.complete
        and printed not in kinds
        and right in kinds
        and {round(float(end), 12) + 0.0 for end in runs[-1]} == {0.0, float(MINIMISER)},
        {
            "from 1 to": round(float(runs[-1][STARTS.index(1)]), 12) + 0.0,
            "from 1000 to": runs[-1][-1],
            "stationary points": "; ".join(f"{each}, {each.kind}" for each in found.points),
            **{f"steps from {start:g}": count for start, count in zip(STARTS, counts, strict=True)},
        },
    )
    yield from _basins()
    yield from _odd_steps()
    yield _from_the_same_start()


def _basins() -> Iterator[Observation]:
    step = newton_step(f)
    (pole,) = solve(denom(step), x)
    away = Symbol("p", positive=True)
    beyond = (step - MINIMISER).subs(x, pole + away)
    back = (x - step).subs(x, MINIMISER + away)
    kept = cancel(step / x)
    # Every number between 0 and the pole is pole p / (1 + p) for some p > 0.
    between = kept.subs(x, pole * away / (1 + away))
    left = kept.subs(x, -away)
    yield Observation(
        "proved: right of the pole 3/2 a step lands at 9/4 or beyond, and from beyond it comes "
        "back towards 9/4; left of 0 it keeps 1/2 to 2/3 of the distance to 0; and between 0 and "
        "the pole it lands left of the middle of 0 and x",
        bool(
            factor(beyond).is_nonnegative
            and factor(back).is_positive
            and factor(left - Rational(1, 2)).is_positive
            and factor(Rational(2, 3) - left).is_positive
            and factor(Rational(1, 2) - between).is_positive
        ),
        {"pole": pole, "step": str(step), "step less 9/4": str(cancel(step - MINIMISER).factor())},
    )
    starts = np.linspace(-3, 5, 8001)
    ends = newton_runs(f, starts)[-1]
    astray, arrived = starts[np.abs(ends) < 1e-9], starts[np.abs(ends - float(MINIMISER)) < 1e-9]
    yield Observation(
        "so the side of the pole decides and nothing else: a start far off arrives, and one nearby "
        "does not",
        astray.max() < pole < arrived.min() and len(astray) + len(arrived) == len(starts) - 1,
        {
            "nearest that goes astray": astray.max(),
            "its distance": float(MINIMISER) - astray.max(),
            "farthest of those tried that arrives": float(max(STARTS)),
            "slope of the step at 0": step.diff(x).subs(x, 0),
            "at 9/4": step.diff(x).subs(x, MINIMISER),
        },
    )


def _odd_steps() -> Iterator[Observation]:
    uphill = newton_step(f).subs(x, 1)
    yield Observation(
        "it may go uphill, as in its first step from 1",
        f.at([uphill]) > f.at([1]),
        {"f at 1": f.at([1]), "f after a step": f.at([uphill])},
    )
    quotient = x - f.gradient[0] / f.hessian[0]
    undefined = {point: quotient.subs(x, point) for point in (Integer(0), Rational(3, 2))}
    yield Observation(
        "where the curvature is zero the formula has no value, neither at 0 nor at 3/2",
        list(undefined.values()) == [nan, zoo],
        {f"step from {point}": str(value) for point, value in undefined.items()},
    )
    wave = Objective(cos(x))
    hill = minimize(wave, [0.3], newton(), 20, backend="sympy")
    yield Observation(
        "other functions do have a maximum to go to: the cosine, from 0.3",
        hill.value > 1 - 1e-12 and wave.hessian[0].subs(x, 0) < 0,
        {"cosine there": hill.value},
    )


def _from_the_same_start() -> Observation:
    best = analyze(f, gradient_descent).best_step
    methods: dict[str, Direction | Rule] = {"Newton": newton()}
    methods |= {f"descent, {s}": gradient_descent(step_size=s) for s in (best, 0.02, 0.1)}
    counts: dict[str, int | str] = {}
    for name, each in methods.items():
        run = minimize(f, [2], each, 200, backend="interpreted")
        away = np.flatnonzero(np.abs(run.iterates[:, 0] - float(MINIMISER)) > NEAR)[-1] + 1
        counts[name] = int(away) if away <= run.steps else "never"
    return Observation(
        "few steps are no merit of Newton's where the runs compared start from 2 and from 0.1: "
        f"from 2, descent with its best step size takes no more to be within {NEAR:.0e} of 9/4",
        counts["Newton"] == counts[f"descent, {best}"],
        {f"steps from 2, {name}": count for name, count in counts.items()},
    )


def _draw_newton(printed: Axes, right: Axes) -> None:
    grid = np.linspace(-1, 3.05, 200)
    model = f.taylor([1], order=2)
    top = newton_step(f).subs(x, 1)
    plots.curve(printed, f, grid, color="lightgray", linewidth=3, label="f")
    printed.plot(grid, plots.values(model, [x], grid), "k--", label="quadratic model at 1")
    printed.plot([1], [f.at([1])], "ok")
    printed.plot([top], [model.subs(x, top)], "sk", label="maximum: the model's, not f's")
    starts = np.linspace(-1, 3.05, 80)
    ends = newton_runs(f, starts)[-1]
    plots.basins(right, starts, ends, plots.values(f.expression, [x], starts))
    (pole,) = solve(denom(newton_step(f)), x)
    right.axvline(float(pole), color="gray", ls=":", label="pole of the step")
    for ax in (printed, right):
        ax.set(xlabel="$x$", ylabel="$f(x)$", ylim=(-8, 8))
        ax.legend(loc="upper center")


def at_the_unknown(here: Expr, there: Expr) -> Expr:
    """Return where the printed derivation takes the Hessian: at the point that is sought."""
    return there


def at_the_iterate(here: Expr, there: Expr) -> Expr:
    """Return where the model has it, a number by then: at the point one is at."""
    return here


Place = Callable[[Expr, Expr], Expr]


def _hessian_at(printed: Place, right: Place) -> Iterator[Observation]:
    here = Integer(2)
    equations = [_stationarity(place, here) for place in (printed, right)]
    step = minimize(f, [here], newton(), 1, backend="sympy", digits="exact").exact[1][0]
    solutions = [max(real_roots(Poly(each, x))) for each in equations]
    yield Observation(
        "the printed equation, solved as it stands from 2, does not give the recorded step",
        solutions[0] != step and solutions[1] == step,
        {"solved as printed": solutions[0], "recorded": step},
    )
    degrees = [Poly(each, x).degree() for each in equations]
    yield Observation(
        "it is not even linear in the unknown, so no system of linear equations solves it",
        degrees[0] > 1 and degrees[1] == 1,
        {"degree as printed": degrees[0], "degree as right": degrees[1]},
    )
    errors = [
        _model(place, here).diff(x) - _stationarity(place, here) for place in (printed, right)
    ]
    yield Observation(
        "nor is it the derivative of a model whose curvature moves with the unknown",
        errors[0].expand() != 0 and errors[1].expand() == 0,
        {"derivative less equation": str(errors[0].factor())},
    )


def _stationarity(place: Place, here: Expr) -> Expr:
    curvature = f.hessian[0].subs(x, place(here, x))
    return f.gradient[0].subs(x, here) + curvature * (x - here)


def _model(place: Place, here: Expr) -> Expr:
    curvature = f.hessian[0].subs(x, place(here, x))
    return f.taylor([here], order=1) + curvature * (x - here) ** 2 / 2


ERRATA = (
    Erratum(
        id="E10",
        section=10,
        title="Newton's method is said to go to a local maximum",
        place="the text after the derivation, and the remark under the recorded run",
        printed="from a bad start the method goes to a local maximum",
        right="it goes to some stationary point; this f has no maximum, and from every start left "
        "of 3/2 the method ends at the inflection 0",
        matters="What decides is the side of 3/2, where the curvature is zero, and no distance: a "
        "reader who starts near the minimum may still miss it.",
        forms=("maximum", "inflection"),
        check=_where_newton_goes,
        lesson="newton",
        kind="result",
        draw=_draw_newton,
    ),
    Erratum(
        id="E31",
        section=10,
        title="Newton's derivation takes the Hessian at the unknown",
        place="the quadratic model and the equation for its stationary point",
        printed="the Hessian at x, the point that is sought",
        right="the Hessian at the iterate, as in the final formula and in the listing",
        matters="Solved as printed the equation is not linear, and its solution is another step.",
        forms=(at_the_unknown, at_the_iterate),
        check=_hessian_at,
        lesson="newton",
        kind="formula",
    ),
)
