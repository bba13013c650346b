"""Logistic regression: the chapter's hundred points (W1 to W3), or any number of rows and columns.

Two kinds of record are asked for: `"objective"`, the loss of all samples at each step, and
`"batch"`, the loss of the step's own batch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import sympy as sp

import symlab as sl
from benchmarks.floors import NUMBER, Floor, Work, total, work_of, work_of_rule

SEED = 0
SAMPLES = 100
STEP_SIZE = 0.1
DRAWN: dict[str, Any] = {"order": "step", "replacement": True, "seed": SEED}


@dataclass(frozen=True, eq=False)
class Logistic:
    """Gradient descent on the mean logistic loss, from zero.

    Parameters
    ----------
    stated : callable
        Returns the loss as symlab states it.
    design : array, shape (samples, parameters)
        One column for each parameter.
    labels : array, shape (samples,)
        Zeros and ones.
    steps : int
    batch_size : int, optional
        Samples in a step; all when left out.
    record : str
        `"objective"` or `"batch"`.
    """

    stated: Callable[[], Any]
    design: np.ndarray
    labels: np.ndarray
    steps: int
    batch_size: int | None = None
    record: str = "objective"

    @property
    def start(self) -> np.ndarray:
        """Zeros, one for each parameter."""
        return np.zeros(self.design.shape[1])

    @property
    def drawing(self) -> dict[str, Any]:
        """How `minimize` draws the batches."""
        return {} if self.batch_size is None else {"batch_size": self.batch_size, **DRAWN}

    @cached_property
    def batches(self) -> np.ndarray | None:
        """The samples of each step, one more than there are steps; None for all."""
        if self.batch_size is None:
            return None
        return sl.draw_batches(len(self.labels), self.batch_size, self.steps + 1, **DRAWN)

    def batch(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows and labels of step k."""
        if self.batches is None:
            return self.design, self.labels
        return self.design[self.batches[k]], self.labels[self.batches[k]]

    def recorded(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows and labels whose loss is recorded at step k."""
        return self.batch(k) if self.record == "batch" else (self.design, self.labels)

    @cache  # noqa: B019 (a job lives as long as the run)
    def expected(self, steps: int) -> float:
        """Return the loss recorded after so many steps, computed in extended precision."""
        w = self.start.astype(np.longdouble)
        for k in range(steps):
            seen, right = (array.astype(np.longdouble) for array in self.batch(k))
            residual = 1 / (1 + np.exp(-(seen @ w))) - right
            w = w - np.longdouble("0.1") / len(seen) * (seen.T @ residual)
        seen, right = (array.astype(np.longdouble) for array in self.recorded(steps))
        z = seen @ w
        return float(np.mean(np.logaddexp(0, z) - right * z))

    def floor(self) -> Floor:
        """Return the floor: loss and slope of the samples, the rule, and what is written down."""
        samples, size = self.design.shape
        bias = int((self.design == 1).all(axis=0).sum())
        stepped = self.batch_size or samples
        only_recorded = 0 if self.record == "batch" else samples - stepped
        work = total(
            (stepped, work_of_sample(size, bias)),
            (only_recorded, work_of_sample(size, bias, gradient=False)),
            (size, work_of_descent()),
        )
        return Floor(work, bytes=NUMBER * (size + 1))


@cache
def work_of_sample(size: int, bias: int = 0, *, gradient: bool = True) -> Work:
    """Return the operations of one sample: its loss, and with it its gradient.

    The linear predictor z and the sums over samples grow with the number of parameters; what is
    made of z does not. A bias, whose column is all ones, is not multiplied.
    """
    z, y, a, b = sp.symbols("z y a b", real=True)
    loss = sp.log(1 + sp.exp(z)) - y * z
    add, multiply = work_of([a + b]), work_of([a * b])
    predictor = total((size - bias, multiply), (size - 1, add))
    if not gradient:
        return total((1, work_of([loss])), (1, predictor))
    sums = total((size - bias, multiply), (size, add))
    return total((1, work_of([loss, sp.diff(loss, z)])), (1, predictor), (1, sums))


def work_of_descent() -> Work:
    """Return the operations of gradient descent for one parameter."""
    rule = sl.gradient_descent
    letters = set().union(*(e.free_symbols for e in rule.recurrence.values()))
    return work_of_rule(rule, letters - set(rule.hyperparameters))


def plane(steps: int, batch_size: int | None = None, record: str = "objective") -> Logistic:
    """Return the job of W1 to W3: a hundred points of the plane and a bias."""
    points, labels = sl.data.half_plane(samples=SAMPLES, seed=SEED)
    design = np.column_stack([points, np.ones(len(points))])
    stated = cache(lambda: stated_plane(points, labels))
    return Logistic(stated, design, labels.astype(float), steps, batch_size, record)


def drawn(
    samples: int, parameters: int, steps: int, batch_size: int | None = None,
    record: str = "objective",
) -> Logistic:  # fmt: skip
    """Return a job with normal columns and labels by a noisy line through all of them."""
    generator = np.random.default_rng(SEED)
    design = generator.normal(size=(samples, parameters))
    w = generator.normal(size=parameters) / np.sqrt(parameters)
    labels = (design @ w + generator.normal(size=samples) > 0).astype(float)
    stated = cache(lambda: stated_risk(design, labels))
    return Logistic(stated, design, labels, steps, batch_size, record)


def stated_plane(points: np.ndarray, labels: np.ndarray) -> Any:
    """Return the chapter's cross-entropy (sections 15 and 16) on points of the plane."""
    x0, x1, y, b0, b1, bias = sp.symbols("x0 x1 y b0 b1 bias", real=True)
    z = b0 * x0 + b1 * x1 + bias
    loss = sp.log(1 + sp.exp(z)) - y * z
    risk = sl.EmpiricalRisk(loss, parameters=(b0, b1, bias), data=(x0, x1, y))
    return risk.on({x0: points[:, 0], x1: points[:, 1], y: labels})


def stated_risk(design: np.ndarray, labels: np.ndarray) -> Any:
    """Return the mean logistic loss on data, one symbol for each column and each parameter."""
    columns = design.shape[1]
    x, w = sp.symbols(f"x0:{columns}", real=True), sp.symbols(f"w0:{columns}", real=True)
    y = sp.symbols("y", real=True)
    z = sp.Add(*(a * b for a, b in zip(x, w, strict=True)))
    risk = sl.EmpiricalRisk(sp.log(1 + sp.exp(z)) - y * z, parameters=w, data=(*x, y))
    return risk.on({**dict(zip(x, design.T, strict=True)), y: labels})
