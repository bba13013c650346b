"""2-cycles of a rule without state where algebra stops: by a scan around a minimum.

A step is a map N(x); two steps return to x where N(N(x)) - x is zero. What the scan finds is
sharpened, and replaced by short exact numbers where two exact steps prove that these are a cycle.
"""

from collections.abc import Sequence

import mpmath
import numpy as np
from sympy import Expr, Float, Symbol, sign

from symlab.algebra.alphabet import g, k
from symlab.algebra.alphabet import x as letter
from symlab.algebra.numbers import DIGITS
from symlab.algebra.objective import Objective
from symlab.methods.rule import Rule
from symlab.theory.cycles import Cycle
from symlab.theory.evaluation import Floats, floats
from symlab.theory.recognition import short_form
from symlab.theory.zeros_on_line import bisect

SMALLEST, LARGEST, POINTS = -8, 2, 4000
"""Powers of ten of the distances from the minimum that are scanned, and how many on each side."""
SAME = 1e-9
MAX_CYCLES = 4
KEPT_DIGITS = 15


def cycles_around(objective: Objective, rule: Rule, minimum: Sequence[Expr]) -> tuple[Cycle, ...]:
    """Return the 2-cycles that a scan finds around a minimum in one variable.

    Parameters
    ----------
    objective : Objective
        Of one variable; otherwise nothing is returned.
    rule : Rule
        One with state, or whose step changes with k, has no such cycles; where steps are of one
        length, whatever the gradient, every point lies on a cycle, and none is returned.
    minimum : sequence of one number

    Examples
    --------
    >>> from sympy import Abs, Rational, symbols
    >>> from symlab.methods.rules import gradient_descent
    >>> x = symbols("x", real=True)
    >>> f = Objective(2 * Abs(x)**Rational(3, 2) / 3)
    >>> cycles_around(f, gradient_descent(step_size=Rational(1, 5)), [0])
    (Cycle({-0.01, 0.01}, multiplier 0, attracting),)
    """
    (x, *others) = objective.variables
    if others or rule.state or getattr(minimum[0], "free_symbols", None):
        return ()
    step = rule.step[letter].subs({letter: x, g: objective.gradient[0]}, simultaneous=True)
    if step.has(k) or rule.step[letter].has(sign(g)):
        return ()
    once = floats((x,), [step])
    found: list[Cycle] = []
    for lower in _fixed_points_of_two_steps(once, float(minimum[0])):
        upper = float(once(np.array([[lower]]))[0, 0])
        fresh = all(abs(lower - float(cycle.points[0])) > SAME for cycle in found)
        if upper - lower > SAME * (1 + abs(lower)) and fresh:
            found.append(_cycle(step, x, lower, upper))
    return tuple(found[:MAX_CYCLES])


def _fixed_points_of_two_steps(once: Floats, centre: float) -> list[float]:
    """Return the points to which two steps return."""
    distances = np.logspace(SMALLEST, LARGEST, POINTS)
    grid = np.concatenate([centre - distances[::-1], centre + distances])

    def gap(points: np.ndarray) -> np.ndarray:
        return once(once(points)) - points

    with np.errstate(all="ignore"):
        off = gap(grid[:, None])[:, 0]
        turning = np.flatnonzero(np.sign(off[:-1]) * np.sign(off[1:]) < 0)
        between = bisect(gap, grid[turning], grid[turning + 1])
        found = np.concatenate([grid[off == 0], between])
        left = np.abs(gap(found[:, None])[:, 0])
    return sorted(float(point) for point in found[left < SAME * (1 + np.abs(found))])


def _cycle(step: Expr, x: Symbol, lower: float, upper: float) -> Cycle:
    points = tuple(_recognize(value) for value in (lower, upper))
    swaps = all(
        (step.xreplace({x: here}) - there).equals(0) for here, there in (points, points[::-1])
    )
    pair = points if swaps else tuple(Float(value, KEPT_DIGITS) for value in (lower, upper))
    slope = step.diff(x)
    product = slope.xreplace({x: pair[0]}) * slope.xreplace({x: pair[1]})
    return Cycle((pair[0], pair[1]), product if swaps else product.evalf(DIGITS))


def _recognize(value: float) -> Expr:
    form = short_form(mpmath.mpf(value))
    return Float(value, KEPT_DIGITS) if form is None else form
