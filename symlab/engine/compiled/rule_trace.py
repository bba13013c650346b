"""What the compiled run of a rule leaves as a trace, from rows of iterate, state and value."""

from functools import partial
from typing import Any

import numpy as np
from sympy import lambdify

from symlab.algebra.alphabet import alpha, k
from symlab.engine.column import Later
from symlab.engine.recording import trace_of_columns
from symlab.engine.run import Run
from symlab.engine.stopping import Ending, StartError
from symlab.engine.trace import Trace
from symlab.methods.rule import Rule


def trace_of_rows(
    run: Run, steps: range | np.ndarray, rows: np.ndarray, ending: Ending, **facts: Any
) -> Trace:
    """Return the recorded iterates of a rule's run as a trace.

    Parameters
    ----------
    run : Run
    steps : range or array of int, shape (R,)
        How many steps each recorded iterate has taken.
    rows : array, shape (R, width + 1 or more)
        In front of each row the iterate and state, then the value.
    ending : Ending
    **facts
        The other fields of `Trace`: lengths of gradients, and times.

    Raises
    ------
    ValueError
        If not even the start could be recorded.
    CallbackError
        If the callback raised.
    """
    if not len(rows):
        raise StartError
    size, letters = len(run.start), run.rule.state
    columns = [rows[:, i * size : (i + 1) * size] for i in range(1 + len(letters))]
    later = partial(Later, len(rows))
    return trace_of_columns(
        run,
        ending,
        int(steps[-1]),
        k=later(partial(_array, steps)),
        iterates=columns[0],
        values=rows[:, size * len(columns)],
        step_sizes=later(partial(_step_sizes, run.rule, steps)),
        evaluations=later(partial(_evaluations, steps)),
        states={letter.name: each for letter, each in zip(letters, columns[1:], strict=True)},
        **facts,
    )


def _array(steps: range | np.ndarray) -> np.ndarray:
    return np.arange(steps.start, steps.stop) if isinstance(steps, range) else steps


def _evaluations(steps: range | np.ndarray) -> np.ndarray:
    """Return at how many points the objective had been evaluated: one more than there are steps."""
    return _array(steps) + 1


def _step_sizes(rule: Rule, steps: range | np.ndarray) -> np.ndarray:
    """Return the step size that led to each iterate; NaN at the start."""
    size = rule.hyperparameters.get(alpha)
    if size is None:
        return np.full(len(steps), np.nan)
    sizes = np.empty(len(steps))
    constant = rule.constant_step_size
    # A constant step size needs no function, whose making takes longer than many a run.
    stated = lambdify(k, size, np)(_array(steps) - 1.0) if constant is None else constant
    sizes[:] = stated
    sizes[:1][_array(steps[:1]) == 0] = np.nan
    return sizes
