"""W1 to W8: each job with every system that can do it, ours first.

`symlab-c` is the default: a whole run by `backend="c"`. `symlab-c-calls` compiles one call and
makes it at each step; `symlab-interpreted` compiles nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from benchmarks import symlab_runs as ours
from benchmarks.effort import Effort
from benchmarks.jobs import images, logistic, perceptron, valley, wide
from benchmarks.measure import TINY, System, Workload
from benchmarks.peers import images as images_by
from benchmarks.peers import logistic as logistic_by
from benchmarks.peers import logistic_frameworks
from benchmarks.peers import perceptron as perceptron_by
from benchmarks.peers import valley as valley_by
from benchmarks.peers import wide as wide_by

EPS = 2.0**-52
FEW = 20
"""Steps of exact runs."""


def _logistic(
    id: str, title: str, batch_size: int | None, effort: Effort, record: str = "objective"
) -> Workload:
    job = logistic.plane(effort.of(10_000), batch_size, record)

    def run(backend: str, steps: int = job.steps, **options: object) -> System:
        return System(partial(ours.logistic, job, backend, steps, **options))

    systems = {
        "symlab-c": run("c"),
        "symlab-numba": run("numba"),
        "symlab-c-calls": run("c", fused=False),
        "symlab-interpreted": run("interpreted", effort.of(1_000)),
        "symlab-sympy": run("sympy", min(FEW, job.steps)),
        "jax": System(partial(logistic_frameworks.jax_scan, job), "jax"),
        "torch": System(partial(logistic_frameworks.torch_eager, job), "torch"),
        "numpy": System(partial(logistic_by.numpy_loop, job)),
        "lambdify": System(partial(logistic_by.lambdified, job)),
        "sympy-loop": System(partial(logistic_by.sympy_loop, job)),
    }
    # The loss of one sample may be 1e-14, which peers compute as a difference of scores near 30.
    rounding = 64 * EPS if record == "batch" else TINY
    return Workload(id, title, systems, job.expected, job.floor, rounding)


def _w1(effort: Effort) -> Workload:
    return _logistic("W1", "logistic regression, 100x2, all samples a step", None, effort)


def _w2(effort: Effort) -> Workload:
    return _logistic("W2", "logistic regression, one sample a step", 1, effort)


def _w2b(effort: Effort) -> Workload:
    return _logistic("W2b", "one sample a step, its own loss recorded", 1, effort, "batch")


def _w3(effort: Effort) -> Workload:
    return _logistic("W3", "logistic regression, ten samples a step", 10, effort)


def _w3b(effort: Effort) -> Workload:
    return _logistic("W3b", "ten samples a step, their loss recorded", 10, effort, "batch")


def _w4(effort: Effort) -> Workload:
    epochs = effort.of(perceptron.EPOCHS)
    title = "perceptron 2-4-2-1, 700 points, batches of 32, Adam"
    lengths = {"c": epochs, "numba": epochs, "interpreted": max(2, epochs // 10)}
    systems = {
        f"symlab-{backend}": System(partial(ours.perceptron_fit, backend, length))
        for backend, length in lengths.items()
    }
    peers = {
        "jax": System(partial(perceptron_by.jax_scan, epochs), "jax"),
        "torch": System(partial(perceptron_by.torch_eager, epochs), "torch"),
        "numpy": System(partial(perceptron_by.numpy_loop, epochs)),
    }
    steps = perceptron.batches_of_epoch()
    return Workload(
        "W4", title, systems | peers,
        lambda taken: perceptron_by.numpy_loss(taken // steps), perceptron.floor,
    )  # fmt: skip


def _images(id: str, title: str, job: images.Images) -> Workload:
    few = replace(job, steps=max(2, job.steps // 10))
    lengths = {"c": job, "numba": job, "interpreted": few}
    systems = {
        f"symlab-{backend}": System(partial(ours.images_fit, length, backend))
        for backend, length in lengths.items()
    }
    peers = {
        "jax": System(partial(images_by.jax_scan, job), "jax"),
        "torch": System(partial(images_by.torch_eager, job), "torch"),
        "numpy": System(partial(images_by.numpy_loop, job)),
    }
    return Workload(id, title, systems | peers, partial(images_by.numpy_loss, job), job.floor)


def _w5(effort: Effort) -> Workload:
    return _images("W5", "the chapter's CNN, 20 images, Nesterov", images.chapter(effort.of(500)))


def _w6(effort: Effort) -> Workload:
    job = images.digits(effort.of(50), effort.of(256, 20))
    return _images("W6", f"CNN, {len(job.images)} images 8x8, 16 filters", job)


def _w7(effort: Effort) -> Workload:
    job = wide.wide(effort.of(wide.ROWS))
    title = f"logistic regression, {len(job.labels)} by {wide.COLUMNS}, one value and gradient"
    systems = {
        "symlab-c": System(partial(ours.value_and_gradient, job, "c")),
        "symlab-numba": System(partial(ours.value_and_gradient, job, "numba")),
        "jax": System(partial(wide_by.jax_look, job), "jax"),
        "scikit-learn": System(partial(wide_by.sklearn_look, job), "sklearn"),
        "numpy": System(partial(wide_by.numpy_look, job)),
    }
    return Workload("W7", title, systems, lambda _: job.value, lambda: job.floor)


def _w8(effort: Effort) -> Workload:
    steps = effort.of(100_000)
    systems = {
        "symlab-c": System(partial(ours.descent_in_valley, "c", steps)),
        "symlab-numba": System(partial(ours.descent_in_valley, "numba", steps)),
        "symlab-c-calls": System(
            partial(ours.descent_in_valley, "c", effort.of(10_000), fused=False)
        ),
        "symlab-interpreted": System(
            partial(ours.descent_in_valley, "interpreted", effort.of(1_000))
        ),
        "symlab-sympy": System(partial(ours.descent_in_valley, "sympy", valley_by.FEW)),
        "jax": System(partial(valley_by.jax_scan, steps), "jax"),
        "torch": System(valley_by.torch_eager, "torch"),
        "lambdify": System(partial(valley_by.lambdified, steps)),
        "sympy-loop": System(valley_by.sympy_loop),
    }
    title = "gradient descent on 2-D Rosenbrock, values recorded"
    return Workload("W8", title, systems, valley.expected, valley.floor)


WORKLOADS: Mapping[str, Callable[[Effort], Workload]] = {
    "W1": _w1, "W2": _w2, "W2b": _w2b, "W3": _w3, "W3b": _w3b,
    "W4": _w4, "W5": _w5, "W6": _w6, "W7": _w7, "W8": _w8,
}  # fmt: skip
"""Each workload's data are drawn when it is asked for, and forgotten after it."""
