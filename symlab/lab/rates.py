"""What theory predicts of a run beside what was measured in it."""

import numpy as np
import pandas as pd
from sympy import Expr

from symlab.algebra.objective import Objective
from symlab.checks import shown
from symlab.engine.trace import Trace
from symlab.theory.analysis import Analysis
from symlab.theory.analyze import analyze


def predicted_and_measured(objective: Objective, method: object, trace: Trace) -> pd.DataFrame:
    """Return what `analyze` predicts beside what a trace shows, a row for each quantity.

    Parameters
    ----------
    objective : Objective
        Also an `EmpiricalRisk` on data.
    method : rule, method, direction, search or name
        The method of the run.
    trace : Trace
        The run; the minimum nearest to its last iterate is the one predicted.

    Returns
    -------
    pandas.DataFrame
        Columns `predicted` and `measured`; rows: each variable, value, rate, order, and step_size,
        whose prediction is the step limit. NaN where there is no prediction, or where the run did
        not converge and so has no order. There is no row of the rate where the predicted order is
        above 1: errors then fall faster at each step, by no constant factor.

    Raises
    ------
    TypeError, ValueError
        As in `analyze`; also if the trace is of other variables.

    Examples
    --------
    >>> from sympy.abc import x
    >>> from symlab.methods.rules import gradient_descent
    >>> from symlab.engine.minimize import minimize
    >>> f, rule = Objective(x**2), gradient_descent(step_size=0.25)
    >>> trace = minimize(f, [1], rule, backend="interpreted")
    >>> predicted_and_measured(f, rule, trace).round(3).loc[["rate", "step_size"]]
               predicted  measured
    rate             0.5      0.50
    step_size        1.0      0.25
    """
    if not isinstance(trace, Trace):
        raise TypeError(f"trace: expected a Trace, got {shown(trace)}.")
    start = trace.x.tolist() if np.all(np.isfinite(trace.x)) else None
    analysis = analyze(objective, method, start=start)
    names = [variable.name for variable in analysis.objective.variables]
    if tuple(names) != trace.variables:
        raise ValueError(
            f"trace: it is of {shown(trace.variables)}, the objective of {shown(names)}."
        )
    rows = {
        **_places(analysis, names, trace),
        "value": (_value(analysis), trace.value),
        **({"rate": (_number(analysis.rate), trace.rate())} if _is_linear(analysis) else {}),
        "order": (_number(analysis.order), _order(trace)),
        "step_size": (_number(analysis.step_limit), _largest(trace.step_sizes)),
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["predicted", "measured"])


def _places(analysis: Analysis, names: list[str], trace: Trace) -> dict[str, tuple[float, float]]:
    found = analysis.minimum
    predicted = found.point if found is not None else (None,) * len(names)
    triples = zip(names, predicted, trace.x, strict=True)
    return {name: (_number(place), float(end)) for name, place, end in triples}


def _is_linear(analysis: Analysis) -> bool:
    """Return whether errors fall by a constant factor, as far as anything is predicted."""
    return analysis.order is None or analysis.order == 1


def _value(analysis: Analysis) -> float:
    return _number(analysis.minimum.value if analysis.minimum is not None else None)


def _order(trace: Trace) -> float:
    return trace.order() if trace.converged else np.nan


def _largest(step_sizes: np.ndarray) -> float:
    return float(np.nanmax(step_sizes)) if np.any(np.isfinite(step_sizes)) else np.nan


def _number(value: Expr | int | None) -> float:
    """Return a number as float; NaN for none, and for the free coordinate of a continuum."""
    return np.nan if value is None or getattr(value, "free_symbols", None) else float(value)
