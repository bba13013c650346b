"""Why a run ends: a status of `Trace` and a sentence for each reason."""

import math
from dataclasses import dataclass

import numpy as np

from symlab.engine.run import Run


@dataclass(frozen=True)
class Ending:
    """Why a run cannot go on.

    Parameters
    ----------
    status, message : str
        A status of `Trace`, and a sentence without its full stop.
    cause : str
        What the run ran into, where the functions of the run can say more of the place: see
        `symlab.engine.ending.judge`.
    error : Exception, optional
        What the callback raised.
    """

    status: str
    message: str
    cause: str = ""
    error: Exception | None = None


LEFT = "left"
"""The cause of an ending at an iterate that is no longer part of the run."""

MOST_WORDS = 100
"""Characters of a callback's own words in the message."""

INTERRUPTED = Ending("stopped", "interrupted from the keyboard")
NOT_FINITE = Ending("diverged", "the next iterate or its value was not a finite real number", LEFT)


class StartError(ValueError):
    """The objective is not a finite real number at the start."""

    def __init__(self) -> None:
        super().__init__("start: the objective is not a finite real number there.")


def left_domain(breach: str) -> Ending:
    """Return the ending of a run whose next iterate breaks an assumption."""
    return Ending("diverged", f"the next iterate left the domain: {breach}", LEFT)


def small_gradient(norm: float, allowed: float) -> Ending:
    """Return the ending where the gradient's length is at most what is allowed."""
    reason = f"the gradient's length {norm:.3g} is at most {allowed:g}"
    return Ending("converged", reason, "small gradient")


def ending_at(k: int, norm: float, *, unchanged: bool, run: Run) -> Ending | None:
    """Return why a run ends at its k-th iterate, the gradient's length being `norm`, or None."""
    if norm <= run.small_gradient:
        return small_gradient(norm, run.small_gradient)
    if not math.isfinite(norm):
        return Ending("diverged", "the gradient was not finite there", "no gradient")
    if unchanged and run.tolerance >= 0:
        return Ending(
            "stalled",
            f"the step no longer changes the iterate; the gradient's length is {norm:.3g}",
            "unchanged",
        )
    if k >= run.max_steps:
        return Ending(
            "max_steps",
            f"max_steps was reached; the gradient's length is still {norm:.3g}",
            "max_steps",
        )
    return None


def call_back(k: int, point: np.ndarray, value: float, run: Run) -> Ending | None:
    """Call the callback, if any; return an ending where it returns something true, or raises."""
    callback = run.recording.callback
    if callback is None:
        return None
    try:
        # A copy, so that a callback may do with it as it likes.
        stop = bool(callback(k, point.copy(), value))
    except Exception as error:  # whatever it is, it comes back chained, with the trace
        words = " ".join(f"{type(error).__name__}: {error}".split())
        return Ending("stopped", f"the callback raised {words[:MOST_WORDS]}", error=error)
    return Ending("stopped", "the callback asked to stop") if stop else None


def sentence(steps: int, ending: Ending, chosen: str = "") -> str:
    """Return the trace's message, with the clause that says why the method was chosen, if any."""
    told = f"After {steps} step{'s' * (steps != 1)}: {ending.message}."
    return f"{told} Chosen: {chosen}." if chosen else told
