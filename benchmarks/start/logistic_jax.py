"""Logistic regression in JAX: a hundred steps of gradient descent."""

import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", val=True)
data = np.load(sys.argv[1])
x, y = jnp.asarray(data["x"]), jnp.asarray(data["y"])


def loss(w: Any) -> Any:
    """Return the mean cross-entropy."""
    z = x @ w[:2] + w[2]
    return jnp.mean(jax.nn.softplus(z) - y * z)


def step(w: Any, _: None) -> Any:
    """Descend once, and record the loss."""
    value, slope = jax.value_and_grad(loss)(w)
    return w - 0.1 * slope, value


print(jax.jit(lambda w: jax.lax.scan(step, w, None, length=101)[1])(jnp.zeros(3))[-1])
