"""Logistic regression by gradient descent in JAX (a jitted scan) and PyTorch (eager)."""

from typing import Any

from benchmarks.jobs.logistic import STEP_SIZE, Logistic
from benchmarks.measure import Prepared, prepared
from benchmarks.peers.frameworks import jax_in_float64

FEW = 500
"""Steps of PyTorch, which takes a fraction of a millisecond for each."""


def jax_scan(job: Logistic) -> Prepared:
    """JAX: grad inside a jitted scan, in float64."""
    jax = jax_in_float64()
    jnp = jax.numpy
    design, labels = jnp.asarray(job.design), jnp.asarray(job.labels)
    in_batches = job.batches is not None

    def loss(w: Any, seen: Any, right: Any) -> Any:
        z = seen @ w
        return jnp.mean(jax.nn.softplus(z) - right * z)

    def body(w: Any, batch: Any) -> Any:
        seen, right = (design[batch], labels[batch]) if in_batches else (design, labels)
        value, gradient = jax.value_and_grad(loss)(w, seen, right)
        if in_batches and job.record == "objective":
            value = loss(w, design, labels)
        return w - STEP_SIZE * gradient, (w, value)

    scan = jax.jit(lambda w, b: jax.lax.scan(body, w, b, length=job.steps + 1)[1])
    given, start = jnp.asarray(job.batches) if in_batches else None, jnp.asarray(job.start)
    return prepared(lambda: float(scan(start, given)[1].block_until_ready()[-1]), job.steps)


def torch_eager(job: Logistic) -> Prepared:
    """PyTorch, eager, in float64."""
    import torch

    design, labels = torch.from_numpy(job.design), torch.from_numpy(job.labels)
    batches = None if job.batches is None else torch.from_numpy(job.batches)
    steps = min(FEW, job.steps)

    def loss(w: Any, chosen: Any) -> Any:
        seen, right = (design, labels) if chosen is None else (design[chosen], labels[chosen])
        z = seen @ w
        return (torch.nn.functional.softplus(z, threshold=1e9) - right * z).mean()

    def run() -> float:
        w = torch.zeros(design.shape[1], dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=STEP_SIZE)
        for k in range(steps + 1):
            chosen = None if batches is None else batches[k]
            value = loss(w, chosen)
            recorded = value.detach()
            if chosen is not None and job.record == "objective":
                with torch.no_grad():
                    recorded = loss(w, None)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
        return float(recorded)

    return Prepared(run, steps, 0.0)
