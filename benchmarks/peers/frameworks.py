"""JAX as every job wants it: imported only when it runs, and in float64."""

from typing import Any


def jax_in_float64() -> Any:
    """Return JAX with float64 numbers, symlab's own."""
    import jax

    jax.config.update("jax_enable_x64", val=True)
    return jax
