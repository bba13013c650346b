"""One value and gradient of a large logistic regression in NumPy, JAX and scikit-learn."""

from typing import Any

import numpy as np

from benchmarks.jobs.wide import Wide
from benchmarks.machine import cores
from benchmarks.measure import Prepared, prepared
from benchmarks.peers.frameworks import jax_in_float64


def numpy_look(job: Wide) -> Prepared:
    """NumPy, its formulas written by hand."""
    design, labels, w = job.design, job.labels, job.point

    def look() -> float:
        z = design @ w
        residual = 1 / (1 + np.exp(-z)) - labels
        _ = design.T @ residual / len(labels)
        return float(np.mean(np.logaddexp(0, z) - labels * z))

    return Prepared(look, 1, 0.0)


def jax_look(job: Wide) -> Prepared:
    """JAX: a jitted value_and_grad, in float64."""
    jax = jax_in_float64()
    design, labels, w = map(jax.numpy.asarray, (job.design, job.labels, job.point))

    def loss(w: Any, design: Any, labels: Any) -> Any:
        z = design @ w
        return jax.numpy.mean(jax.nn.softplus(z) - labels * z)

    look = jax.jit(jax.value_and_grad(loss))

    def run() -> float:
        value, gradient = look(w, design, labels)
        gradient.block_until_ready()
        return float(value)

    return prepared(run, 1)


def sklearn_look(job: Wide) -> Prepared:
    """scikit-learn: what its `LogisticRegression` calls at each step of its solver.

    Its estimator has no public way to one value and gradient alone.
    """
    from sklearn._loss import HalfBinomialLoss
    from sklearn.linear_model._linear_loss import LinearModelLoss

    loss = LinearModelLoss(base_loss=HalfBinomialLoss(), fit_intercept=False)

    def look() -> float:
        value, _ = loss.loss_gradient(job.point, job.design, job.labels, n_threads=cores())
        return float(value)

    return Prepared(look, 1, 0.0)
