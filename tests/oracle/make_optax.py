"""Make `optax.json`: 200 steps of every optimizer of optax that symlab has a variant for.

Run it as `python tests/oracle/make_optax.py`, with JAX and optax installed. Gradients are JAX's,
numbers are float64, and what is not given is optax' default.
"""

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import optax
from oracle_problem import START, kept, objective, write

jax.config.update("jax_enable_x64", val=True)

M = {"momentum": 0.9}
CASES = [
    ("gradient_descent", {"step_size": 0.05}, "sgd", {}),
    ("momentum", {"step_size": 0.02}, "sgd", M),
    ("nesterov", {"step_size": 0.02}, "sgd", {"nesterov": True, **M}),
    ("signsgd", {"step_size": 0.0037}, "sign_sgd", {}),
    ("signum", {"step_size": 0.0037}, "signum", {}),
    ("lion", {"step_size": 0.0037}, "lion", {}),
    ("lion", {"step_size": 0.0037, "weight_decay": 0.1}, "lion", {"weight_decay": 0.1}),
    ("adagrad", {"step_size": 0.1}, "adagrad", {}),
    ("adagrad", {"step_size": 0.1, "initial_accumulator": 0, "epsilon": 0.01}, "adagrad",
     {"initial_accumulator_value": 0.0, "eps": 0.01}),
    ("rmsprop", {"step_size": 0.002}, "rmsprop", {}),
    ("rmsprop", {"step_size": 0.002, "centered": True}, "rmsprop", {"centered": True}),
    ("rmsprop", {"step_size": 0.002, "momentum": 0.9}, "rmsprop", M),
    ("rmsprop", {"step_size": 0.002, "momentum": 0.9, "nesterov": True}, "rmsprop",
     {"nesterov": True, **M}),
    ("rmsprop", {"step_size": 0.002, "momentum": 0.9, "nesterov": True, "centered": True},
     "rmsprop", {"nesterov": True, "centered": True, **M}),
    ("adadelta", {"step_size": 1}, "adadelta", {}),
    ("adadelta", {"step_size": 1.5, "decay": 0.95, "epsilon": 1e-5}, "adadelta",
     {"rho": 0.95, "eps": 1e-5}),
    ("adam", {"step_size": 0.05}, "adam", {}),
    ("adamax", {"step_size": 0.05}, "adamax", {}),
    ("adamax", {"step_size": 0.05, "beta2": 0.9, "epsilon": 0.01}, "adamax",
     {"b2": 0.9, "eps": 0.01}),
    ("nadam", {"step_size": 0.05}, "nadam", {}),
    ("amsgrad", {"step_size": 0.05}, "amsgrad", {}),
    ("amsgrad", {"step_size": 0.05, "beta2": 0.9}, "amsgrad", {"b2": 0.9}),
    ("adamw", {"step_size": 0.05}, "adamw", {}),
    ("adamw", {"step_size": 0.05, "weight_decay": 0.1}, "adamw", {"weight_decay": 0.1}),
    ("radam", {"step_size": 0.002}, "radam", {}),
    ("radam", {"step_size": 0.02, "beta2": 0.9, "epsilon": 0.01}, "radam",
     {"b2": 0.9, "eps": 0.01}),
    ("adabelief", {"step_size": 0.05}, "adabelief", {}),
    ("adabelief", {"step_size": 0.05, "epsilon": 1e-8, "epsilon_root": 0}, "adabelief",
     {"eps": 1e-8, "eps_root": 0.0}),
    ("yogi", {"step_size": 0.05}, "yogi", {}),
    ("yogi", {"step_size": 0.05, "beta2": 0.9, "epsilon": 0.01}, "yogi",
     {"b2": 0.9, "eps": 0.01}),
]  # fmt: skip


def iterates(optimizer: str, options: dict[str, object]) -> Iterator[list[float]]:
    """Yield the iterates after each step."""
    method = getattr(optax, optimizer)(**options)
    point = jnp.array(START)
    state = method.init(point)
    gradient = jax.grad(lambda at: objective(at, jnp.log, jnp.exp, jnp.cos))

    @jax.jit
    def step(point: jax.Array, state: optax.OptState) -> tuple[jax.Array, optax.OptState]:
        updates, state = method.update(gradient(point), state, point)
        return optax.apply_updates(point, updates), state

    while True:
        point, state = step(point, state)
        yield point.tolist()


if __name__ == "__main__":
    write(
        "optax.json",
        f"optax {optax.__version__}",
        (
            {"rule": rule, "given": given, "theirs": [name, options],
             "iterates": kept(
                 iterates(name, {"learning_rate": float(given["step_size"]), **options})
             )}
            for rule, given, name, options in CASES
        ),
    )  # fmt: skip
