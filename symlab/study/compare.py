"""Symbolic against compiled: the same run on several backends, and how far they agree.

Two errors are kept apart. The *local* error, each step recomputed exactly from the run's own
iterate, says whether the code is right and decides `agrees`. The *global* difference between the
run and the exact one is shown beside the amplification that explains it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

import mpmath
import numpy as np
import pandas as pd
from sympy import Float, Matrix, sympify

from symlab.algebra.exactly import exact_point
from symlab.algebra.method import Method, as_method
from symlab.algebra.objective import Objective
from symlab.algebra.risk import BoundRisk
from symlab.algebra.rule import Rule, nearest
from symlab.algebra.rules import gradient_descent
from symlab.engine.backends import BACKENDS, named
from symlab.engine.batches import draw_batches
from symlab.engine.descent import Plan
from symlab.engine.minimize import minimize
from symlab.engine.trace import Trace
from symlab.study.exact_steps import Steps, exact_steps
from symlab.study.replay import Replay, replay

REFERENCE_DIGITS = 50
REPEATS = 5
STARTS_OF_AMPLIFICATION = 100
DRAWING = ("batch_size", "seed", "order", "replacement")


@dataclass(frozen=True, eq=False)
class Comparison:
    """The same run on several backends.

    Parameters
    ----------
    objective, method : what was run
    traces : dict of backend to Trace
    frame : pandas.DataFrame
        One row per backend: steps, status, value, local_ulps (largest error of one step, in ulps of
        its result), allowed_ulps (what rounding may cost in that step), value_ulps, decisions
        (steps where a search chose wrongly), global_ulps and global_relative (largest difference to
        the exact run), amplification (largest factor by which the steps magnify an earlier error),
        compile_seconds, seconds_per_step, speed_up (over the exact run), agrees.
    """

    objective: Objective
    method: Rule | Method
    traces: dict[str, Trace]
    frame: pd.DataFrame

    @property
    def agrees(self) -> bool:
        """Whether every step on every backend is right to within rounding."""
        return bool(self.frame["agrees"].all())

    def records(self, study: str) -> list[dict[str, Any]]:
        """Return one plain dictionary per backend, for JSON; what is not finite is null."""
        rows = json.loads(self.frame.to_json(orient="records", double_precision=15))
        return [{"study": study, "method": repr(self.method), **row} for row in rows]

    def __repr__(self) -> str:
        shown = self.frame.copy()
        for column, text in FORMATS.items():
            shown[column] = shown[column].map(lambda value, text=text: format(value, text))
        verdict = "They agree." if self.agrees else "They do NOT agree."
        is_data = isinstance(self.objective, BoundRisk)
        stated = repr(self.objective) if is_data else self.objective.expression
        title = f"{self.method!r} on {stated}"
        return f"{title}\n{shown.to_string(index=False)}\n{verdict}"

    def _repr_html_(self) -> str:
        return self.frame.to_html(index=False)

    def plot(self, ax: Any) -> Any:
        """Draw each backend's distance from the exact run against k, in ulps; return the Axes."""
        from symlab.study.plots import difference

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
        "µs/step", "speed-up",
    )  # fmt: skip
    rows = []
    for study, comparison in comparisons.items():
        for i, row in enumerate(comparison.frame.to_dict("records")):
            rows.append(("" if i else study, *_summarised(row)))
    return headings, rows


def _summarised(row: Mapping[Any, Any]) -> tuple[str, ...]:
    return (
        row["backend"],
        "yes" if row["agrees"] else "NO",
        f"{row['local_ulps']:.2f} / {row['allowed_ulps']:.3g}",
        f"{row['global_relative']:.1e}",
        f"{row['amplification']:.3g}",
        f"{row['compile_seconds']:.2f}",
        f"{row['seconds_per_step'] * 1e6:.1f}",
        f"{row['speed_up']:.3g}",
    )


def compare(
    objective: Objective,
    start: object,
    method: object = gradient_descent,
    max_steps: int = 100,
    *,
    backends: Sequence[str] = ("sympy", "c", "numba"),
    tolerance: float = 1e-10,
    digits: int = REFERENCE_DIGITS,
    **drawing: Any,
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
    **drawing
        `batch_size`, `seed`, `order` and `replacement` of `minimize`, for an empirical risk.

    Returns
    -------
    Comparison

    Raises
    ------
    TypeError, ValueError
        As `minimize` does, and if `digits` is too small or `backends` is empty.
    """
    chosen, names = as_method(method), _checked_backends(backends)
    if unknown := [name for name in drawing if name not in DRAWING]:
        raise TypeError(f"compare takes no {unknown[0]!r}{nearest(unknown[0], DRAWING)}")
    if digits < 30:
        raise ValueError(f"digits: expected at least 30 to judge floats by, got {digits!r}.")
    exact_point(start, objective.dimension, "start")
    run = partial(minimize, objective, start, chosen, max_steps, tolerance=tolerance, **drawing)
    plan = Plan(max_steps, batches=_batches(objective, max_steps, drawing))
    reference = run(backend="sympy", digits=digits)
    compiled = {name: run(backend=name) for name in names if name != "sympy"}
    again = {name: [run(backend=name).seconds for _ in range(REPEATS - 1)] for name in compiled}
    traces = {"sympy": reference, **compiled}
    amplification = _amplification(exact_steps(objective, chosen, digits, plan), reference)
    frame = pd.DataFrame(
        _row(
            None if trace is reference else replay(objective, chosen, trace, digits, plan),
            trace,
            reference,
        )
        | {
            "amplification": amplification,
            "compile_seconds": trace.compile_seconds,
            "seconds_per_step": median([trace.seconds, *again.get(name, [])])
            / max(len(trace) - 1, 1),
        }
        for name, trace in traces.items()
    )
    frame["speed_up"] = frame["seconds_per_step"].iloc[0] / frame["seconds_per_step"]
    frame["agrees"] = frame.pop("agrees")
    return Comparison(objective, chosen, traces, frame)


def _batches(objective: Objective, max_steps: int, drawing: Mapping[str, Any]) -> Any:
    """Return the samples that each step of the runs sees, drawn as they draw them."""
    if drawing.get("batch_size") is None or not isinstance(objective, BoundRisk):
        return None
    return draw_batches(objective.samples, steps=max_steps + 1, **drawing)


def _checked_backends(backends: Sequence[str]) -> tuple[str, ...]:
    names = (backends,) if isinstance(backends, str) else tuple(backends)
    if not names:
        raise ValueError(f"backends: expected at least one of {', '.join(BACKENDS)}, got none.")
    return tuple(named(name).name for name in dict.fromkeys(names))


def _row(judged: Replay | None, trace: Trace, reference: Trace) -> dict[str, Any]:
    """Return what a run came to and how far it is from right."""
    return {
        "backend": trace.backend,
        "steps": trace.steps,
        "status": trace.status,
        "value": trace.value,
        **_local(judged),
        **_global(reference, trace),
        "agrees": judged is None or judged.agrees,
    }


def _local(judged: Replay | None) -> dict[str, float]:
    """Return the largest local errors, and what was allowed where the worst one occurred."""
    if judged is None or not len(judged.ulps):
        return {"local_ulps": 0.0, "allowed_ulps": 0.0, "value_ulps": 0.0, "decisions": 0}
    worst = np.unravel_index(np.argmax(judged.ulps), judged.ulps.shape)
    return {
        "local_ulps": float(judged.ulps[worst]),
        "allowed_ulps": float(judged.allowed_ulps[worst]),
        "value_ulps": float(judged.value_ulps.max()),
        "decisions": judged.decisions,
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


def _amplification(steps: Steps, reference: Trace) -> float:
    """Return the largest norm of a product of consecutive step Jacobians along the exact run.

    The Jacobian of a step is its difference quotient in exact arithmetic at a step of
    10^(-digits/3), so small that it is the derivative to more digits than a float has.
    """
    with mpmath.workdps(steps.calculus.digits):
        jacobians = _jacobians(steps, reference)
    if not jacobians:
        return 1.0
    # Errors born at each of these steps; sampled where a run is so long that it would take minutes.
    stride = max(1, len(jacobians) // STARTS_OF_AMPLIFICATION)
    products = np.zeros((0, *jacobians[0].shape))
    largest = 1.0
    for k, jacobian in enumerate(jacobians):
        if k % stride == 0:
            products = np.concatenate([products, np.eye(len(jacobian))[None]])
        products = jacobian @ products
        largest = max(largest, float(np.linalg.norm(products, ord=2, axis=(1, 2)).max()))
    return largest


def _jacobians(steps: Steps, reference: Trace) -> list[np.ndarray]:
    """Return the Jacobian of each step in the iterate and all that the method remembers."""
    nudge = mpmath.mpf(10) ** (-mpmath.mp.dps // 3)
    point, state = _exact(reference.exact[0][:-1]), steps.first_state()
    jacobians = []
    for at in range(len(reference) - 1):
        length = mpmath.mpf(reference.step_sizes[at + 1])
        here = _flat(point, state)
        still = _flat_step(steps, (point, state), at, length)
        columns = []
        for i in range(len(here)):
            nudged = [entry + nudge * (j == i) for j, entry in enumerate(here)]
            moved = _flat_step(steps, _unflat(nudged, point, state), at, length)
            columns.append([float((a - b) / nudge) for a, b in zip(moved, still, strict=True)])
        jacobians.append(np.array(columns).T)
        following = _exact(reference.exact[at + 1][:-1])
        point, state = following, steps.next_state(point, state, at, following)
    return jacobians


def _exact(numbers: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(mpmath.mpf(number._to_mpmath(mpmath.mp.prec)) for number in numbers)


def _flat(point: tuple, state: Any) -> list[Any]:
    """Return an iterate and a state, vectors or matrices, as one list of numbers."""
    return [*point, *_exact([sympify(entry) for block in state.values() for entry in block])]


def _unflat(entries: list[Any], point: tuple, state: Any) -> tuple[tuple, dict[str, Any]]:
    """Return the iterate and state that `_flat` made a list of."""
    taken, blocks = len(point), {}
    for name, block in state.items():
        part = entries[taken : taken + len(block)]
        is_vector = isinstance(block, tuple)
        blocks[name] = tuple(part) if is_vector else Matrix(*block.shape, [_float(e) for e in part])
        taken += len(block)
    return tuple(entries[: len(point)]), blocks


def _float(number: Any) -> Float:
    return Float(number, mpmath.mp.dps)


def _flat_step(steps: Steps, where: tuple[tuple, Any], at: int, length: Any) -> list[Any]:
    """Return the next iterate and state as one list."""
    point, state = where
    following = steps.step(point, state, at, length)
    return _flat(following, steps.next_state(point, state, at, following))
