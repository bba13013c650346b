"""The chapter's f in JAX: twenty steps of gradient descent."""

from typing import Any

import jax

jax.config.update("jax_enable_x64", val=True)


def f(x: Any) -> Any:
    """Return the chapter's quartic."""
    return 2 - 3 * x**3 + x**4


def step(x: Any, _: None) -> Any:
    """Descend once, and record the value."""
    value, slope = jax.value_and_grad(f)(x)
    return x - 0.01 * slope, value


print(jax.jit(lambda x: jax.lax.scan(step, x, None, length=21)[1])(0.5)[-1])
