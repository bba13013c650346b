"""Make `rules.json`: trajectories of every rule, by programs that share no code with symlab.

Run it as `python tests/oracle/make_rules.py`, with JAX and optax installed. The rules as their
papers have them are optax's; the formulas of Keras 2.2.4 (`optimizers.py`, 2019) are written out in
NumPy, because that program no longer runs. Gradients are JAX's; every number is float64.

optax adds epsilon under the root in AdaGrad and before the maximum in AdaMax; there an epsilon of
1e-300, which no sum notices, makes the placement irrelevant. Their Keras runs have a real one. So
it is in AMSGrad and Yogi, where a step size that changes undoes a correction that optax makes of
the squares before the maximum, or that the paper of Yogi does not make.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax

jax.config.update("jax_enable_x64", val=True)

STEPS = (1, 2, 10, 50, 200)

# Twelve points in the plane with labels that no line separates.
POINTS = [[-3, 1], [-2, -1], [-2, 2], [-1, 0], [-1, -2], [0, 1],
          [0, -1], [1, 2], [1, -2], [2, 0], [2, 1], [3, -1]]  # fmt: skip
LABELS = [0, 0, 0, 0, 1, 1, 0, 1, 0, 1, 1, 1]


def quadratic(p: jax.Array) -> jax.Array:
    """A bowl with curvatures 62.5, 17.6 and 0.018."""
    x, y, z = p
    return 25 * x**2 + 20 * x * y + 15 * y**2 + 2 * x * z + y * z + z**2 / 20 - x + z / 10


def rosenbrock(p: jax.Array) -> jax.Array:
    """The banana valley."""
    x, y = p
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def logistic(p: jax.Array) -> jax.Array:
    """The sum of twelve log losses of a linear classifier with bias."""
    z = jnp.array(POINTS, dtype=float) @ p[:2] + p[2]
    return jnp.sum(jnp.logaddexp(0.0, z) - jnp.array(LABELS, dtype=float) * z)


PROBLEMS = {
    "quadratic": (quadratic, [1.0, -1.5, 2.0]),
    "rosenbrock": (rosenbrock, [-1.2, 1.0]),
    "logistic": (logistic, [0.5, -0.25, 0.125]),
}

TINY = 1e-300


def amsgrad(step_size: float) -> optax.GradientTransformation:
    """AMSGrad whose largest mean of squares is corrected after the maximum."""
    means = optax.scale_by_amsgrad(b1=0.9, b2=0.999, eps=TINY, bias_correction_nu=False)
    sizes = optax.scale_by_schedule(lambda k: -step_size * jnp.sqrt(1 - 0.999 ** (k + 1)))
    return optax.chain(means, sizes)


def yogi(step_size: float) -> optax.GradientTransformation:
    """Yogi without corrections, from means of zero."""
    means = optax.scale_by_yogi(b1=0.9, b2=0.999, eps=TINY, initial_accumulator_value=0.0)
    sizes = optax.scale_by_schedule(
        lambda k: -step_size * (1 - 0.9 ** (k + 1)) / jnp.sqrt(1 - 0.999 ** (k + 1))
    )
    return optax.chain(means, sizes)


PAPERS: dict[str, Callable[[float], optax.GradientTransformation]] = {
    "gradient_descent": optax.sgd,
    "momentum": lambda step: optax.sgd(step, momentum=0.9),
    "nesterov": lambda step: optax.sgd(step, momentum=0.9, nesterov=True),
    "adagrad": lambda step: optax.adagrad(step, initial_accumulator_value=0.0, eps=TINY),
    "rmsprop": lambda step: optax.rmsprop(step, decay=0.9, eps=1e-8, eps_in_sqrt=False),
    "adadelta": lambda step: optax.adadelta(step, rho=0.95, eps=1e-6),
    "adam": lambda step: optax.adam(step, b1=0.9, b2=0.999, eps=1e-8),
    "adamax": lambda step: optax.adamax(step, b1=0.9, b2=0.999, eps=TINY),
    "nadam": lambda step: optax.nadam(step, b1=0.9, b2=0.999, eps=1e-8),
    "amsgrad": amsgrad,
    "adamw": lambda step: optax.adamw(step, b1=0.9, b2=0.999, eps=1e-8, weight_decay=0.01),
    "signsgd": optax.sign_sgd,
    "signum": lambda step: optax.signum(step, beta=0.9),
    "lion": lambda step: optax.lion(step, b1=0.9, b2=0.99, weight_decay=0.0),
    "radam": lambda step: optax.radam(step, b1=0.9, b2=0.999, eps=1e-8, threshold=4.0),
    "adabelief": lambda step: optax.adabelief(step, b1=0.9, b2=0.999, eps=1e-8, eps_root=1e-8),
    "yogi": yogi,
}


def amsgrad_of_the_paper(step_size: float) -> optax.GradientTransformation:
    """AMSGrad as in its paper, which corrects neither mean."""
    means = optax.scale_by_amsgrad(
        b1=0.9, b2=0.999, eps=1e-8, bias_correction_mu=False, bias_correction_nu=False
    )
    return optax.chain(means, optax.scale(-step_size))


EPSILONS = {"adagrad": TINY, "adamax": TINY, "amsgrad": TINY, "yogi": TINY}
"""What a run must be told beside its step size, to be the same."""

STEP_SIZES = {
    "gradient_descent": (0.02, 5e-4, 0.02),
    "momentum": (0.005, 2e-4, 0.01),
    "nesterov": (0.005, 2e-4, 0.01),
    "adagrad": (0.5, 0.1, 0.5),
    "rmsprop": (0.002, 0.001, 0.0005),
    "adadelta": (1.0, 1.0, 1.0),
    "adam": (0.05, 0.02, 0.05),
    "adamax": (0.05, 0.02, 0.05),
    "nadam": (0.05, 0.02, 0.05),
    "amsgrad": (0.05, 0.02, 0.05),
    "adamw": (0.05, 0.02, 0.05),
    "signsgd": (0.0037, 0.00037, 0.0037),
    "signum": (0.0037, 0.00037, 0.0037),
    "lion": (0.0037, 0.00037, 0.0037),
    "radam": (0.005, 0.002, 0.005),
    "adabelief": (0.02, 0.01, 0.05),
    "yogi": (0.05, 0.02, 0.05),
}
"""For the three problems; small enough that a run does not amplify its rounding."""


def optax_run(optimizer: optax.GradientTransformation, problem: str) -> Iterator[np.ndarray]:
    """Yield the iterates after each step of an optax run."""
    function, start = PROBLEMS[problem]
    gradient = jax.jit(jax.grad(function))
    point = jnp.array(start)
    state = optimizer.init(point)
    while True:
        updates, state = optimizer.update(gradient(point), state, point)
        point = optax.apply_updates(point, updates)
        yield np.asarray(point)


# --- Keras 2.2.4, its `get_updates`: (p, g, t, memory) to (p, memory), where t counts from 1 ------

BETA_1, BETA_2, RHO, EPSILON = 0.9, 0.999, 0.9, 1e-7


def keras_sgd(p, g, t, memory, *, lr, momentum=0.0, nesterov=False):
    """Keras's SGD."""
    (moment,) = memory or (0.0,)
    v = momentum * moment - lr * g
    return (p + momentum * v - lr * g if nesterov else p + v), (v,)


def keras_adagrad(p, g, t, memory, *, lr):
    """Keras's Adagrad."""
    (a,) = memory or (0.0,)
    new_a = a + g**2
    return p - lr * g / (np.sqrt(new_a) + EPSILON), (new_a,)


def keras_rmsprop(p, g, t, memory, *, lr):
    """Keras's RMSprop."""
    (a,) = memory or (0.0,)
    new_a = RHO * a + (1 - RHO) * g**2
    return p - lr * g / (np.sqrt(new_a) + EPSILON), (new_a,)


def keras_adadelta(p, g, t, memory, *, lr):
    """Keras's Adadelta, whose rho is 0.95."""
    a, d_a = memory or (0.0, 0.0)
    new_a = 0.95 * a + 0.05 * g**2
    update = g * np.sqrt(d_a + EPSILON) / np.sqrt(new_a + EPSILON)
    return p - lr * update, (new_a, 0.95 * d_a + 0.05 * update**2)


def keras_adam(p, g, t, memory, *, lr, amsgrad=False):
    """Keras's Adam."""
    m, v, vhat = memory or (0.0, 0.0, 0.0)
    lr_t = lr * (np.sqrt(1 - BETA_2**t) / (1 - BETA_1**t))
    m_t = BETA_1 * m + (1 - BETA_1) * g
    v_t = BETA_2 * v + (1 - BETA_2) * g**2
    vhat_t = np.maximum(vhat, v_t)
    chosen = vhat_t if amsgrad else v_t
    return p - lr_t * m_t / (np.sqrt(chosen) + EPSILON), (m_t, v_t, vhat_t)


def keras_adamax(p, g, t, memory, *, lr):
    """Keras's Adamax."""
    m, u = memory or (0.0, 0.0)
    lr_t = lr / (1 - BETA_1**t)
    m_t = BETA_1 * m + (1 - BETA_1) * g
    u_t = np.maximum(BETA_2 * u, np.abs(g))
    return p - lr_t * m_t / (u_t + EPSILON), (m_t, u_t)


def keras_nadam(p, g, t, memory, *, lr, schedule_decay=0.004):
    """Keras's Nadam, whose product of momenta starts at one."""
    m, v, m_schedule = memory or (0.0, 0.0, 1.0)
    momentum_cache_t = BETA_1 * (1 - 0.5 * 0.96 ** (t * schedule_decay))
    momentum_cache_t_1 = BETA_1 * (1 - 0.5 * 0.96 ** ((t + 1) * schedule_decay))
    m_schedule_new = m_schedule * momentum_cache_t
    m_schedule_next = m_schedule * momentum_cache_t * momentum_cache_t_1
    g_prime = g / (1 - m_schedule_new)
    m_t = BETA_1 * m + (1 - BETA_1) * g
    m_t_prime = m_t / (1 - m_schedule_next)
    v_t = BETA_2 * v + (1 - BETA_2) * g**2
    v_t_prime = v_t / (1 - BETA_2**t)
    m_t_bar = (1 - momentum_cache_t) * g_prime + momentum_cache_t_1 * m_t_prime
    return p - lr * m_t_bar / (np.sqrt(v_t_prime) + EPSILON), (m_t, v_t, m_schedule_new)


KERAS = {
    "gradient_descent": (keras_sgd, {}),
    "momentum": (keras_sgd, {"momentum": 0.9}),
    "nesterov": (keras_sgd, {"momentum": 0.9, "nesterov": True}),
    "adagrad": (keras_adagrad, {}),
    "rmsprop": (keras_rmsprop, {}),
    "adadelta": (keras_adadelta, {}),
    "adam": (keras_adam, {}),
    "adamax": (keras_adamax, {}),
    "nadam": (keras_nadam, {}),
    "amsgrad": (keras_adam, {"amsgrad": True}),
}


def keras_run(name: str, problem: str, step_size: float) -> Iterator[np.ndarray]:
    """Yield the iterates after each step of a run with Keras's formulas."""
    function, start = PROBLEMS[problem]
    (update, options), gradient = KERAS[name], jax.jit(jax.grad(function))
    point, memory, t = np.array(start), (), 0
    while True:
        t += 1
        point, memory = update(
            point, np.asarray(gradient(point)), t, memory, lr=step_size, **options
        )
        yield point


def kept(run: Iterator[np.ndarray]) -> dict[str, list[float]]:
    """Return the iterates at the steps to be stored."""
    points = [next(run) for _ in range(STEPS[-1])]
    return {str(step): points[step - 1].tolist() for step in STEPS}


def entry(name: str, problem: str, variant: str) -> dict[str, object]:
    """Return one trajectory and what is needed to repeat it."""
    step_size = STEP_SIZES[name][list(PROBLEMS).index(problem)]
    epsilon = {"epsilon": EPSILONS[name]} if name in EPSILONS and not variant else {}
    if variant == "keras":
        run = keras_run(name, problem, step_size)
    else:
        make = amsgrad_of_the_paper if variant == "paper" else PAPERS[name]
        run = optax_run(make(step_size), problem)
    return {
        "rule": name,
        "variant": variant,
        "problem": problem,
        "by": "NumPy, the formulas of Keras 2.2.4"
        if variant == "keras"
        else f"optax {optax.__version__}",
        "given": {"step_size": step_size, **epsilon},
        "iterates": kept(run),
    }


def main() -> None:
    """Write the file beside this script."""
    problems = {name: {"start": start} for name, (_, start) in PROBLEMS.items()}
    problems["logistic"] |= {"points": POINTS, "labels": LABELS}
    runs = [
        entry(name, problem, variant)
        for name in STEP_SIZES
        for variant in ("", *(["keras"] * (name in KERAS)), *(["paper"] * (name == "amsgrad")))
        for problem in PROBLEMS
    ]
    lines = ",\n".join(json.dumps(run) for run in runs)
    text = f'{{"problems": {json.dumps(problems)},\n"runs": [\n{lines}\n]}}\n'
    Path(__file__).with_name("rules.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
