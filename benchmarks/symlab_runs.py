"""Each job as symlab does it, through its public names alone; the backend is a parameter."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import symlab as sl
from benchmarks.jobs import perceptron, valley
from benchmarks.jobs.images import NESTEROV, Images
from benchmarks.jobs.logistic import STEP_SIZE, Logistic
from benchmarks.jobs.wide import Wide
from benchmarks.measure import Prepared
from symlab import nn


def logistic(job: Logistic, backend: str, steps: int, **options: Any) -> Prepared:
    """One `minimize` call, from its arguments to its trace."""
    descent = sl.gradient_descent(step_size=STEP_SIZE)
    settings = {"tolerance": 0, "backend": backend, "record": job.record}
    arguments = {**settings, **job.drawing, **options}
    run = partial(sl.minimize, job.stated(), job.start, descent, **arguments)
    return _minimized(run, steps)


def descent_in_valley(
    backend: str, steps: int, step_size: float = valley.STEP_SIZE, **options: Any
) -> Prepared:
    """One `minimize` call, from its arguments to its trace."""
    rule = sl.gradient_descent(step_size=step_size)
    arguments = {"tolerance": 0, "backend": backend, **options}
    run = partial(sl.minimize, valley.problem.objective, valley.START, rule, **arguments)
    return _minimized(run, steps)


def _minimized(run: Callable[..., sl.Trace], steps: int) -> Prepared:
    """A run and the steps it really takes: it ends where a step no longer moves the iterate."""
    compiled = run(max_steps=1).compile_seconds
    taken = int(run(max_steps=steps).frame["k"].iloc[-1])
    return Prepared(lambda: float(run(max_steps=steps).values[-1]), taken, compiled)


def value_and_gradient(job: Wide, backend: str) -> Prepared:
    """One `value_and_gradient` of a compiled risk."""
    functions = sl.compile(job.stated, backend)
    functions.value_and_gradient(job.point)
    return Prepared(
        lambda: float(functions.value_and_gradient(job.point)[0]), 1, functions.compile_seconds
    )


def perceptron_fit(backend: str, epochs: int) -> Prepared:
    """One `fit` call of W4, from its arguments to its history, and back to the first weights."""
    options = {
        "loss": "binary_crossentropy",
        "method": perceptron.ADAM,
        "batch_size": perceptron.BATCH,
        "seed": perceptron.SEED,
        "backend": backend,
    }
    steps = epochs * perceptron.batches_of_epoch()
    return _fitted(perceptron.model(), perceptron.moons(), options, (epochs, steps))


def images_fit(job: Images, backend: str) -> Prepared:
    """One `fit` call of W5 or W6; an epoch is one step."""
    options = {
        "loss": "categorical_crossentropy",
        "method": NESTEROV,
        "batch_size": len(job.images),
        "seed": 0,
        "backend": backend,
    }
    return _fitted(job.model, (job.images, job.targets), options, (job.steps, job.steps))


def _fitted(
    model: nn.Model, data: tuple[Any, Any], options: Mapping[str, Any], length: tuple[int, int]
) -> Prepared:
    """A fit of so many epochs, which are so many steps."""
    epochs, steps = length
    fit = partial(model.fit, *data, **options, reset=True)
    compiled = fit(epochs=1).compile_seconds
    return Prepared(lambda: float(fit(epochs=epochs).loss[-1]), steps, compiled)
