"""Logistic regression by gradient descent as NumPy and SymPy do it, one step after the other."""

from typing import Any

import numpy as np
import sympy as sp

from benchmarks.jobs.logistic import STEP_SIZE, Logistic
from benchmarks.measure import Prepared

VERY_FEW = 2
"""Steps of the chapter's loop, which needs about a second for each."""


def numpy_loop(job: Logistic) -> Prepared:
    """NumPy, its formulas written by hand."""

    def run() -> float:
        w, values = job.start, np.empty(job.steps + 1)
        for k in range(job.steps + 1):
            seen, right = job.batch(k)
            z = seen @ w
            residual = 1 / (1 + np.exp(-z)) - right
            shown, truth = job.recorded(k)
            z = z if shown is seen else shown @ w
            values[k] = np.mean(np.logaddexp(0, z) - truth * z)
            w = w - STEP_SIZE / len(seen) * (seen.T @ residual)
        return float(values[-1])

    return Prepared(run, job.steps, 0.0)


def lambdified(job: Logistic) -> Prepared:
    """SymPy's own functions of NumPy arrays, all samples at once: loss and derived gradient."""
    risk, arrays = job.stated().risk, job.stated().arrays
    letters = (*risk.parameters, *risk.data)
    slopes = sp.lambdify(letters, [risk.loss, *risk.gradient], "numpy", cse=True)
    loss = sp.lambdify(letters, risk.loss, "numpy", cse=True)
    batches = job.batches

    def run() -> float:
        w, values = job.start, np.empty(job.steps + 1)
        for k in range(job.steps + 1):
            seen = arrays if batches is None else [array[batches[k]] for array in arrays]
            value, *gradient = slopes(*w, *seen)
            recorded = value if batches is None or job.record == "batch" else loss(*w, *arrays)
            values[k] = np.mean(recorded)
            w = w - STEP_SIZE * np.mean(gradient, axis=1)
        return float(values[-1])

    return Prepared(run, job.steps, 0.0)


def sympy_loop(job: Logistic) -> Prepared:
    """The chapter's way: the derived gradient, substituted sample by sample at every step."""
    risk = job.stated().risk
    rows = list(zip(*(array.tolist() for array in job.stated().arrays), strict=True))
    everything = range(len(rows))

    def mean(expression: Any, w: np.ndarray, indices: Any) -> np.ndarray:
        terms = []
        for i in indices:
            here = dict(zip(risk.parameters + risk.data, (*w.tolist(), *rows[i]), strict=True))
            terms.append(np.array(sp.Matrix([expression]).subs(here).evalf(), dtype=float).ravel())
        return np.mean(terms, axis=0)

    def batch(k: int) -> Any:
        return everything if job.batches is None else job.batches[k].tolist()

    def recorded(k: int) -> Any:
        return batch(k) if job.record == "batch" else everything

    def run() -> float:
        w = job.start
        for k in range(VERY_FEW):
            mean(risk.loss, w, recorded(k))
            w = w - STEP_SIZE * mean(risk.gradient, w, batch(k))
        return float(mean(risk.loss, w, recorded(VERY_FEW))[0])

    return Prepared(run, VERY_FEW, 0.0)
