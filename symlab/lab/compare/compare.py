"""Symbolic against compiled: the same run on several backends, and how far they agree.

Two errors are kept apart. The *local* error, each step recomputed exactly from the run's own
iterate, says whether the code is right and decides `agrees`. The *global* difference between the
run and the exact one is shown beside the amplification that explains it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from symlab.algebra.foreign_words import explain_words
from symlab.algebra.objective import Objective, check_objective
from symlab.algebra.working_precision import exclusive
from symlab.checks import choice, several, whole
from symlab.engine.backends import BACKENDS, find_backend
from symlab.engine.batches import Sampling, sampling_of
from symlab.engine.block_batches import batches_of
from symlab.engine.exact.digits import kept_digits
from symlab.engine.minimize import minimize, start_of
from symlab.engine.trace import Trace
from symlab.interrupts import pass_interrupts_on
from symlab.lab.compare.amplification import amplification
from symlab.lab.compare.exact_steps import Steps, exact_steps
from symlab.lab.compare.local_error import LocalErrors, local_errors
from symlab.methods.method import Runnable, as_runnable
from symlab.methods.rules import gradient_descent
from symlab.methods.squares import SquaresMethod

REFERENCE_DIGITS = 50
REPEATS = 5


@dataclass(frozen=True)
class Derivatives:
    """The outcome of a trial of derivatives: a sentence, and whether they passed."""

    verdict: str
    passed: bool


@dataclass(frozen=True, eq=False)
class Comparison:
    """The same run on several backends.

    Parameters
    ----------
    objective, method : str
        What was run.
    traces : dict of backend to Trace
    frame : pandas.DataFrame
        One row per backend: steps, status, value, local_ulps (largest error of one step, in ulps of
        its result), allowed_ulps (what rounding may cost in that step), value_ulps, decisions
        (steps where a search chose wrongly), global_ulps and global_relative (largest difference to
        the exact run), amplification (largest factor by which the steps magnify an earlier error),
        compile_seconds, seconds_per_step, speed_up (over the exact run), break_even (how many
        steps pay for the compiling; NaN: none do), agrees.
    derivatives : Derivatives, optional
        The outcome of a trial of the objective's derivatives.
    """

    objective: str
    method: str
    traces: dict[str, Trace]
    frame: pd.DataFrame
    derivatives: Derivatives | None = None

    @property
    def agrees(self) -> bool:
        """Whether every step on every backend is right to within rounding, and the derivatives."""
        right = self.derivatives is None or self.derivatives.passed
        return right and bool(self.frame["agrees"].all())

    def records(self, study: str) -> list[dict[str, Any]]:
        """Return one plain dictionary per backend, for JSON; what is not finite is null."""
        rows = json.loads(self.frame.to_json(orient="records", double_precision=15))
        facts = {"study": study, "method": self.method}
        if self.derivatives is not None:
            facts |= {"derivatives": self.derivatives.verdict}
        return [{**facts, **row} for row in rows]

    def __repr__(self) -> str:
        shown = self.frame.copy()
        for column, text in FORMATS.items():
            shown[column] = shown[column].map(lambda value, text=text: format(value, text))
        verdict = "They agree." if self.agrees else "They do NOT agree."
        title = f"{self.method} on {self.objective}"
        return f"{title}\n{shown.to_string(index=False)}\n{verdict}"

    def _repr_html_(self) -> str:
        return self.frame.to_html(index=False)

    def plot(self, ax: Any) -> Any:
        """Draw each backend's distance from the exact run against k, in ulps; return the Axes."""
        from symlab.lab.plots.runs import difference

        return difference(ax, self.reference, [t for t in self.traces.values() if not t.exact])

    @property
    def reference(self) -> Trace:
        """The exact run."""
        return self.traces["sympy"]


FORMATS = {
    "value": ".10g",
    "local_ulps": ".2f",
    "allowed_ulps": ".3g",
    "value_ulps": ".2f",
    "global_ulps": ".3g",
    "global_relative": ".1e",
    "amplification": ".3g",
    "compile_seconds": ".2f",
    "seconds_per_step": ".2e",
    "speed_up": ".4g",
    "break_even": ".0f",
}


def summary(
    comparisons: Mapping[str, Comparison],
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return headings and rows of one table over several studies, narrow enough to be read.

    A study's name stands in its first row; `ulps` is the largest local error and, behind the
    slash, what rounding may cost in that step.
    """
    headings = (
        "study", "backend", "agrees", "ulps / allowed", "to exact run", "amplified", "compile s",
        "µs/step", "speed-up", "break-even", "derivatives",
    )  # fmt: skip
    rows = []
    for study, comparison in comparisons.items():
        for i, row in enumerate(comparison.frame.to_dict("records")):
            first = ("", "") if i else (study, _verdict(comparison.derivatives))
            rows.append((first[0], *_summary_row(row), first[1]))
    return headings, rows


def _verdict(derivatives: Derivatives | None) -> str:
    if derivatives is None:
        return ""
    return "right" if derivatives.passed else "WRONG"


def _summary_row(row: Mapping[Any, Any]) -> tuple[str, ...]:
    return (
        row["backend"],
        "yes" if row["agrees"] else "NO",
        f"{row['local_ulps']:.2f} / {row['allowed_ulps']:.3g}",
        f"{row['global_relative']:.1e}",
        f"{row['amplification']:.3g}",
        f"{row['compile_seconds']:.2f}",
        f"{row['seconds_per_step'] * 1e6:.1f}",
        f"{row['speed_up']:.3g}",
        "never" if np.isnan(row["break_even"]) else f"{row['break_even']:.0f}",
    )


@explain_words()
@pass_interrupts_on()
@exclusive
def compare(
    objective: Objective,
    start: object,
    method: object = gradient_descent,
    max_steps: int = 100,
    *,
    backends: Sequence[str] = ("sympy", "c", "numba"),
    tolerance: float = 1e-10,
    digits: int = REFERENCE_DIGITS,
    sampling: Sampling | None = None,
    batch_size: int | None = None,
    seed: int = 0,
    order: str = "epoch",
    replacement: bool = False,
    record: str = "objective",
) -> Comparison:
    """Run a method on several backends and compare every step with exact arithmetic.

    Parameters
    ----------
    objective, start, method, max_steps, tolerance
        As for `minimize`.
    backends : sequence of str
        Which to compare; the exact run is always made, as the reference.
    digits : int
        Significant digits of the reference, at least 30.
    sampling : Sampling, optional
        On which samples of an empirical risk each step's gradient is taken.
    batch_size, seed, order, replacement
        The parts of a `Sampling`, as plain keywords instead of it.
    record : str
        Of what the compared values are: the whole `"objective"`, or each step's own `"batch"`.

    Returns
    -------
    Comparison

    Raises
    ------
    TypeError, ValueError
        As `minimize` does, and if `digits` is too small or `backends` is empty.
    """
    chosen, names = _comparable(method), check_backends(backends)
    check_digits(digits)
    check_objective(objective)
    start_of(objective, start)
    most = whole(max_steps, "max_steps", 0)
    drawn = _sampling(sampling, Sampling(batch_size, seed, order, replacement))
    run = partial(
        minimize,
        objective,
        start,
        chosen,
        most,
        tolerance=tolerance,
        sampling=drawn,
        record=record,
    )
    traces, seconds = time_runs(run, names, digits)
    batches = batches_of(objective, most + 1, drawn)
    steps = exact_steps(objective, chosen, digits, batches, record)
    frame = compare_traces(steps, traces, seconds)
    stated = str(objective.expression) if objective.samples is None else repr(objective)
    return Comparison(stated, repr(chosen), traces, frame)


def _comparable(method: object) -> Runnable:
    """Return a method whose steps can be recomputed exactly, each from its own iterate."""
    chosen = as_runnable(method)
    if isinstance(chosen, SquaresMethod) and chosen.eliminates:
        raise ValueError(
            f"method: {chosen.name} is not compared step by step; compare levenberg_marquardt, "
            "whose minima it has."
        )
    return chosen


def _sampling(given: Sampling | None, plain: Sampling) -> Sampling:
    """Return the sampling that was given as one value, or else by its parts."""
    defaults = asdict(Sampling())
    keywords = {name: part for name, part in asdict(plain).items() if part != defaults[name]}
    return sampling_of(given, keywords)


def time_runs(
    run: Callable[..., Trace], names: Sequence[str], digits: int
) -> tuple[dict[str, Trace], dict[str, float]]:
    """Return the exact run and one for each compiled backend, and the median seconds of each.

    Parameters
    ----------
    run : callable
        Makes a run, given `backend` and, for the exact one, `digits`.
    names : sequence of str
        The backends.
    digits : int
    """
    traces = {"sympy": run(backend="sympy", digits=digits)}
    traces |= {name: run(backend=name) for name in names if name != "sympy"}
    again = {
        name: [run(backend=name).seconds for _ in range(REPEATS - 1)]
        for name in traces
        if name != "sympy"
    }
    return traces, {
        name: median([trace.seconds, *again.get(name, [])]) for name, trace in traces.items()
    }


def compare_traces(
    steps: Steps, traces: Mapping[str, Trace], seconds: Mapping[str, float]
) -> pd.DataFrame:
    """Return the frame of a comparison: each run compared with exact steps, and timed."""
    reference = traces["sympy"]
    grown = amplification(steps, reference)
    frame = pd.DataFrame(
        _row(None if trace is reference else local_errors(steps, trace), trace, reference)
        | {
            "amplification": grown,
            "compile_seconds": trace.compile_seconds,
            "seconds_per_step": seconds[name] / max(len(trace) - 1, 1),
        }
        for name, trace in traces.items()
    )
    exact_seconds = frame["seconds_per_step"].iloc[0]
    frame["speed_up"] = exact_seconds / frame["seconds_per_step"]
    saved = (exact_seconds - frame["seconds_per_step"]).where(lambda gain: gain > 0)
    frame["break_even"] = np.ceil(frame["compile_seconds"] / saved)
    frame.loc[0, "break_even"] = 0
    frame["agrees"] = frame.pop("agrees")
    return frame


def check_digits(digits: int) -> int:
    """Return the digits of a reference, or say that they are too few or too many."""
    return kept_digits(digits, 30)


def check_backends(backends: Sequence[str]) -> tuple[str, ...]:
    """Return the names of backends, each once, or say which is unknown."""
    names = [backends] if isinstance(backends, str) else several(backends, "backends", "names")
    for name in names:
        choice(name, tuple(BACKENDS), "backends")
    if not names:
        raise ValueError(f"backends: expected at least one of {', '.join(BACKENDS)}, got none.")
    return tuple(find_backend(name).name for name in dict.fromkeys(names))


def _row(errors: LocalErrors | None, trace: Trace, reference: Trace) -> dict[str, Any]:
    """Return the outcome of a run, its local errors, and its distance to the exact run."""
    return {
        "backend": trace.backend,
        "steps": trace.steps,
        "status": trace.status,
        "value": trace.value,
        **_local(errors),
        **_global(reference, trace),
        "agrees": errors is None or errors.agrees,
    }


def _local(errors: LocalErrors | None) -> dict[str, float]:
    """Return the largest local errors, and what was allowed where the worst one occurred."""
    if errors is None or not len(errors.ulps):
        return {"local_ulps": 0.0, "allowed_ulps": 0.0, "value_ulps": 0.0, "decisions": 0}
    worst = np.unravel_index(np.argmax(errors.ulps), errors.ulps.shape)
    return {
        "local_ulps": float(errors.ulps[worst]),
        "allowed_ulps": float(errors.allowed_ulps[worst]),
        "value_ulps": float(errors.value_ulps.max()),
        "decisions": errors.decisions,
    }


def _global(reference: Trace, trace: Trace) -> dict[str, float]:
    """Return the largest difference to the exact run over the iterates both have."""
    rows = min(len(reference), len(trace))
    exact, given = reference.iterates[:rows], trace.iterates[:rows]
    difference = np.abs(given - exact)
    size = np.maximum(np.abs(exact), np.finfo(float).tiny)
    return {
        "global_ulps": float(np.max(difference / np.spacing(size))),
        "global_relative": float(np.max(difference / size)),
    }
