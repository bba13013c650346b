"""A run's last digits: from where it ended to as many digits as asked, with a proof."""

from typing import Any, Protocol

from symlab.algebra.objective import Objective
from symlab.checks import shown
from symlab.theory.certificate import Certificate
from symlab.theory.certify import certify

NEAR = 1e-3
"""How far from the end of a run its stationary point may lie."""


class Ended(Protocol):
    """What is asked of a run: where it ended, and what it minimised."""

    x: Any
    objective: Objective | None


def polish(trace: Ended, digits: int = 50) -> Certificate:
    """Continue from the end of a run in exact arithmetic, to as many digits as asked.

    Parameters
    ----------
    trace : Trace
        A run that ended near a stationary point, relative to 1e-3.
    digits : int
        How many digits of the coordinates are asked for, 1 to 10000.

    Returns
    -------
    Certificate
        Whose `point` has the digits, with a box that is proved to hold the exact point. Where
        nothing could be proved, `reason` says why: see `certify`.

    Raises
    ------
    TypeError, ValueError
        Naming the argument: a trace that was read from a file does not know its objective.

    Examples
    --------
    >>> import symlab as sl
    >>> from sympy.abc import x
    >>> f = sl.Objective(x**2 - 2*x/3)
    >>> run = sl.minimize(f, [1.0], "newton", backend="interpreted")
    >>> sl.polish(run, digits=40).point
    (0.3333333333333333333333333333333333333333,)
    """
    if not hasattr(trace, "x") or not hasattr(trace, "objective"):
        raise TypeError(f"trace: expected the Trace of a run, got {shown(trace)}.")
    if trace.objective is None:
        raise ValueError(
            "trace: from a file, it lacks its objective; use certify(objective, at=trace.x)."
        )
    return certify(trace.objective, trace.x.tolist(), digits=digits, within=NEAR)
