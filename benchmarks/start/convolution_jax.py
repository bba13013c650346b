"""The chapter's CNN in JAX: ten steps of Nesterov."""

import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", val=True)
data = np.load(sys.argv[1])
x, y = jnp.asarray(data["x"]), jnp.asarray(data["y"])
start = [jnp.asarray(data[f"w{i}"]) for i in range(3)]


def loss(w: Any) -> Any:
    """Return the mean cross-entropy."""
    maps = jax.nn.relu(jax.lax.conv(x, w[0], (1, 1), "SAME"))
    tile = (1, 1, 2, 2)
    pooled = jax.lax.reduce_window(maps, -jnp.inf, jax.lax.max, tile, tile, "VALID")
    z = pooled.reshape(len(x), -1) @ w[1] + w[2]
    return -(y * jax.nn.log_softmax(z)).sum(axis=1).mean()


def step(carried: Any, _: None) -> Any:
    """Descend once, and record the loss."""
    w, velocity = carried
    value, slopes = jax.value_and_grad(loss)(w)
    velocity = [0.9 * v - 0.01 * g for v, g in zip(velocity, slopes, strict=True)]
    moved = [a + 0.9 * v - 0.01 * g for a, v, g in zip(w, velocity, slopes, strict=True)]
    return (moved, velocity), value


begun = (start, [jnp.zeros_like(w) for w in start])
print(jax.jit(lambda c: jax.lax.scan(step, c, None, length=10)[1])(begun)[-1])
