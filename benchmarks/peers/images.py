"""The CNNs of W5 and W6 in NumPy, JAX and PyTorch: same weights, Nesterov as in Keras."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from benchmarks.jobs.images import MOMENTUM, STEP, Images, Weights
from benchmarks.measure import Prepared, prepared
from benchmarks.peers.frameworks import jax_in_float64


def _slopes(held: Weights, patches: np.ndarray, y: np.ndarray) -> tuple[float, Weights]:
    """NumPy by hand: patches are (samples, rows, columns, 9)."""
    kernels, dense, bias = held
    flat = kernels.reshape(len(kernels), -1)
    maps = np.moveaxis(patches @ flat.T, -1, 1)
    samples, filters, rows, columns = maps.shape
    tiles = np.maximum(maps, 0).reshape(samples, filters, rows // 2, 2, columns // 2, 2)
    tiles = tiles.swapaxes(3, 4).reshape(samples, filters, -1, 4)
    features = tiles.max(axis=-1).reshape(samples, -1)
    z = features @ dense + bias
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    delta = (p - y) / samples
    # Only the first largest of a tile, and only where it is positive, passes a slope on.
    chosen = np.arange(4) == tiles.argmax(axis=-1)[..., None]
    upstream = (delta @ dense.T).reshape(samples, filters, -1, 1) * (chosen & (tiles > 0))
    upstream = upstream.reshape(samples, filters, rows // 2, columns // 2, 2, 2)
    upstream = upstream.swapaxes(3, 4).reshape(samples, filters, rows, columns)
    slope = np.einsum("nfij,nijk->fk", upstream, patches).reshape(kernels.shape)
    return float(-np.log(p[y == 1]).mean()), [slope, features.T @ delta, delta.sum(axis=0)]


def numpy_loss(job: Images, steps: int) -> float:
    """Return the loss before the last of some steps, in NumPy by hand."""
    images, held = job.images[:, 0], job.weights
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    patches = sliding_window_view(padded, (3, 3), axis=(1, 2)).reshape(*images.shape, 9)
    velocity, loss = [np.zeros_like(w) for w in held], np.nan
    for _ in range(steps):
        loss, slopes = _slopes(held, patches, job.targets)
        for i, slope in enumerate(slopes):
            velocity[i] = MOMENTUM * velocity[i] - STEP * slope
            held[i] = held[i] + MOMENTUM * velocity[i] - STEP * slope
    return loss


def numpy_loop(job: Images) -> Prepared:
    """NumPy, its formulas written by hand."""
    return Prepared(lambda: numpy_loss(job, job.steps), job.steps, 0.0)


def jax_scan(job: Images) -> Prepared:
    """JAX: its own convolution and pooling, grad inside a jitted scan."""
    jax = jax_in_float64()
    jnp = jax.numpy
    images, targets = jnp.asarray(job.images), jnp.asarray(job.targets)
    tile = (1, 1, 2, 2)

    def loss(held: Weights) -> Any:
        kernels, dense, bias = held
        maps = jax.nn.relu(jax.lax.conv(images, kernels, (1, 1), "SAME"))
        pooled = jax.lax.reduce_window(maps, -jnp.inf, jax.lax.max, tile, tile, "VALID")
        z = pooled.reshape(len(images), -1) @ dense + bias
        return -(targets * jax.nn.log_softmax(z)).sum(axis=1).mean()

    def body(carried: Any, _: Any) -> Any:
        held, velocity = carried
        value, slopes = jax.value_and_grad(loss)(held)
        velocity = [MOMENTUM * v - STEP * g for v, g in zip(velocity, slopes, strict=True)]
        moved = [
            w + MOMENTUM * v - STEP * g for w, v, g in zip(held, velocity, slopes, strict=True)
        ]
        return (moved, velocity), value

    begun = [jnp.asarray(w) for w in job.weights]
    start = (begun, [jnp.zeros_like(w) for w in begun])
    scan = jax.jit(lambda carried: jax.lax.scan(body, carried, None, length=job.steps)[1])
    return prepared(lambda: float(scan(start)[-1]), job.steps)


def torch_eager(job: Images) -> Prepared:
    """PyTorch, eager, in float64: its own convolution and pooling."""
    import torch
    from torch.nn import functional

    images, targets = torch.from_numpy(job.images), torch.from_numpy(job.targets)

    def loss(held: Any) -> Any:
        kernels, dense, bias = held
        maps = functional.relu(functional.conv2d(images, kernels, padding=1))
        z = functional.max_pool2d(maps, 2).flatten(1) @ dense + bias
        return functional.cross_entropy(z, targets)

    def run() -> float:
        held = [torch.tensor(w, requires_grad=True) for w in job.weights]
        velocity, value = [torch.zeros_like(w) for w in held], torch.tensor(0.0)
        for _ in range(job.steps):
            value = loss(held)
            slopes = torch.autograd.grad(value, held)
            with torch.no_grad():
                torch._foreach_mul_(velocity, MOMENTUM)
                torch._foreach_add_(velocity, slopes, alpha=-STEP)
                torch._foreach_add_(held, velocity, alpha=MOMENTUM)
                torch._foreach_add_(held, slopes, alpha=-STEP)
        return float(value.detach())

    return Prepared(run, job.steps, 0.0)
