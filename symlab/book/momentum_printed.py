"""Momentum as the chapter prints it: an equation that, once it is solved, has no memory at all."""

from functools import cache
from typing import Any

from sympy import Eq, Symbol, factor, solve

from symlab.algebra.alphabet import alpha, eta, g, x
from symlab.methods.rule import Rule

after = Symbol("x_after", real=True)

printed_equation = Eq(after, x - alpha * g + eta * (after - x))
"""The chapter's section 13 as printed: the next iterate, `after`, stands on both sides."""


def printed_momentum(**values: Any) -> Rule:
    """Return what the chapter's printed equation says, once it is solved for the next iterate.

    Parameters
    ----------
    **values : number
        `step_size` and `momentum`, as in `momentum`.

    Examples
    --------
    It is gradient descent with the step size divided by one minus the momentum:

    >>> printed_momentum().recurrence
    {x: alpha*g/(eta - 1) + x}
    >>> printed_momentum(step_size=0.1, momentum=0.5).step
    {x: -g/5 + x}
    """
    return _solve()(**values)


@cache
def _solve() -> Rule:
    (solution,) = solve(printed_equation, after)
    return Rule(
        "printed_momentum",
        {x: x + factor(solution - x)},
        {alpha: 0.1, eta: 0.9},
        "chapter, section 13 as printed, solved for the next iterate",
    )
