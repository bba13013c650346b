"""The perceptron of W4 in NumPy, JAX and PyTorch: same weights, same batches, Adam as in Keras."""

from typing import Any

import numpy as np

from benchmarks.jobs.perceptron import (
    ADAM_STEP,
    BATCH,
    Weights,
    batches,
    batches_of_epoch,
    moons,
    weights,
)
from benchmarks.measure import Prepared, prepared
from benchmarks.peers.frameworks import jax_in_float64

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-7
FEW = 5
"""Epochs of PyTorch, which takes a fraction of a millisecond for each step."""


def _slopes(held: Weights, x: np.ndarray, y: np.ndarray) -> tuple[float, Weights]:
    """The loss of a batch, and the delta recursion."""
    values = [x]
    for kernel, bias in zip(held[::2], held[1::2], strict=True):
        values.append(1 / (1 + np.exp(-(values[-1] @ kernel + bias))))
    slopes: Weights = []
    p = values[-1]
    loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    delta = (p - y) / len(x)
    for i in reversed(range(3)):
        slopes = [values[i].T @ delta, delta.sum(axis=0), *slopes]
        delta = delta @ held[2 * i].T * values[i] * (1 - values[i])
    return float(loss), slopes


def numpy_loss(epochs: int) -> float:
    """Return the mean loss of the last epoch, in NumPy by hand."""
    (x, y), held, losses = moons(), weights(), []
    first, second = ([np.zeros_like(w) for w in held] for _ in range(2))
    for k, batch in enumerate(batches(epochs)):
        loss, slopes = _slopes(held, x[batch], y[batch])
        losses.append(loss * len(batch))
        size = _size(k)
        for i, slope in enumerate(slopes):
            first[i] = BETA1 * first[i] + (1 - BETA1) * slope
            second[i] = BETA2 * second[i] + (1 - BETA2) * slope**2
            held[i] = held[i] - size * first[i] / (np.sqrt(second[i]) + EPSILON)
    return float(np.sum(losses[-batches_of_epoch() :]) / len(x))


def _size(k: Any, root: Any = np.sqrt) -> Any:
    """Adam's step size with both corrections in it, as Keras has it."""
    return ADAM_STEP * root(1 - BETA2 ** (k + 1)) / (1 - BETA1 ** (k + 1))


def numpy_loop(epochs: int) -> Prepared:
    """NumPy, its formulas written by hand."""
    return Prepared(lambda: numpy_loss(epochs), epochs * batches_of_epoch(), 0.0)


def jax_scan(epochs: int) -> Prepared:
    """JAX: grad inside a jitted scan over all steps; the last batch is filled up, as ours."""
    jax = jax_in_float64()
    jnp = jax.numpy
    x, y = map(jnp.asarray, moons())
    dealt = list(batches(epochs))
    filled = np.array([np.resize(batch, BATCH) for batch in dealt])
    sizes = np.array([len(batch) for batch in dealt], dtype=float)
    shares = np.where(np.arange(BATCH) < sizes[:, None], 1 / sizes[:, None], 0.0)

    def loss(held: Weights, batch: Any, share: Any) -> Any:
        first, second, last = zip(held[::2], held[1::2], strict=True)
        values = jax.nn.sigmoid(x[batch] @ first[0] + first[1])
        values = jax.nn.sigmoid(values @ second[0] + second[1])
        z = (values @ last[0] + last[1])[:, 0]
        return share @ (jax.nn.softplus(z) - y[batch][:, 0] * z)

    def body(carried: Any, given: Any) -> Any:
        held, first, second, k = carried
        value, slopes = jax.value_and_grad(loss)(held, *given)
        size = _size(k, jnp.sqrt)
        first = [BETA1 * m + (1 - BETA1) * g for m, g in zip(first, slopes, strict=True)]
        second = [BETA2 * s + (1 - BETA2) * g**2 for s, g in zip(second, slopes, strict=True)]
        moved = [
            w - size * m / (jnp.sqrt(s) + EPSILON)
            for w, m, s in zip(held, first, second, strict=True)
        ]
        return (moved, first, second, k + 1), value

    begun = [jnp.asarray(w) for w in weights()]
    zeros = [jnp.zeros_like(w) for w in begun]
    start, given = (begun, zeros, zeros, 0.0), (jnp.asarray(filled), jnp.asarray(shares))
    scan = jax.jit(lambda carried, given: jax.lax.scan(body, carried, given)[1])
    last = sizes[-batches_of_epoch() :]
    return prepared(
        lambda: float(np.asarray(scan(start, given))[-len(last) :] @ last / len(x)), len(dealt)
    )


def torch_eager(epochs: int) -> Prepared:
    """PyTorch, eager, in float64; its own Adam puts epsilon elsewhere, so it is written out."""
    import torch

    few = min(FEW, epochs)
    x, y = map(torch.from_numpy, moons())
    dealt = [torch.from_numpy(batch) for batch in batches(few)]

    def loss(held: Any, batch: Any) -> Any:
        values = x[batch]
        for kernel, bias in zip(held[:4:2], held[1:4:2], strict=True):
            values = torch.sigmoid(values @ kernel + bias)
        z = values @ held[4] + held[5]
        return torch.nn.functional.binary_cross_entropy_with_logits(z, y[batch])

    def run() -> float:
        held = [torch.tensor(w, requires_grad=True) for w in weights()]
        first, second = ([torch.zeros_like(w) for w in held] for _ in range(2))
        losses = []
        for k, batch in enumerate(dealt):
            value = loss(held, batch)
            losses.append(value.detach() * len(batch))
            slopes = torch.autograd.grad(value, held)
            with torch.no_grad():
                torch._foreach_lerp_(first, slopes, 1 - BETA1)
                torch._foreach_mul_(second, BETA2)
                torch._foreach_addcmul_(second, slopes, slopes, value=1 - BETA2)
                below = torch._foreach_add(torch._foreach_sqrt(second), EPSILON)
                torch._foreach_addcdiv_(held, first, below, value=-_size(k))
        return float(torch.stack(losses[-batches_of_epoch() :]).sum() / len(x))

    return Prepared(run, len(dealt), 0.0)
