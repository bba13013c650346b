"""The loop over epochs: chunks of a length that keeps Ctrl-C and callbacks prompt."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from symlab.interrupts import runs_keep_what_they_have
from symlab.nn.training.description import FitDescription
from symlab.nn.training.epochs import Epochs, Trainer
from symlab.nn.training.orders import make_orders
from symlab.nn.training.steps import Iterate

CHUNK_SECONDS = 0.1
"""About how long a call may take, so that Ctrl-C and the progress bar are answered soon."""

CHUNK_STEPS = 4096
"""Steps in a call at most, which bounds what is drawn and recorded at a time."""


@dataclass(frozen=True)
class Callbacks:
    """The callbacks of a run.

    Parameters
    ----------
    validate : callable, optional
        From the trainable weights at the end of an epoch to more columns, one number each.
    report : callable, optional
        Called with the number of epochs done.
    """

    validate: Callable[[np.ndarray], dict[str, float]] | None = None
    report: Callable[[int], None] | None = None


def train(
    trainer: Trainer, start: Iterate, description: FitDescription, callbacks: Callbacks
) -> tuple[list[Epochs], str]:
    """Return the epochs of a run in order, and its status; Ctrl-C keeps those that are done."""
    chunks: list[Epochs] = []
    done = 0
    try:
        for chunk in _chunks(trainer, start, description, callbacks):
            chunks.append(chunk)
            done += len(chunk)
            if callbacks.report:
                callbacks.report(done)
    except KeyboardInterrupt:
        if not runs_keep_what_they_have():
            raise
        return chunks, "stopped"
    return chunks, "finished" if done == description.epochs else "diverged"


def choose_first_chunk(trainer: Trainer, description: FitDescription) -> int:
    """Return the epochs of the first call; of every call where other lengths are compiled anew."""
    if description.validation is not None or not trainer.steps.is_of_fixed_length:
        return 1
    most = min(max(CHUNK_STEPS // trainer.batching.steps, 1), description.epochs)
    return next((n for n in range(most, 0, -1) if description.epochs % n == 0), 1)


def _chunks(
    trainer: Trainer, start: Iterate, description: FitDescription, callbacks: Callbacks
) -> Iterator[Epochs]:
    """Yield epochs until all are done, or until a number is not finite."""
    seed = description.seed if description.shuffle else None
    draw = make_orders(trainer.batching.samples, description.epochs, seed)
    iterate, done, many = start, 0, choose_first_chunk(trainer, description)
    while done < description.epochs:
        many = min(many, description.epochs - done)
        orders, started = draw(done, many), perf_counter()
        chunk = trainer.run(iterate, orders)
        if not chunk.is_finite:
            if finite := _rerun_finite(trainer, chunk, iterate, orders):
                yield _validate(finite, callbacks)
            return
        seconds = perf_counter() - started
        iterate, done = chunk.end, done + many
        yield _validate(chunk, callbacks)
        many = _choose_next_chunk(many, seconds, trainer, description)


def _choose_next_chunk(
    many: int, seconds: float, trainer: Trainer, description: FitDescription
) -> int:
    """Return the epochs of the next call, from those of the last and the time it took."""
    if description.validation is not None or trainer.steps.is_of_fixed_length:
        return many
    most = max(CHUNK_STEPS // trainer.batching.steps, 1)
    return max(1, min(most, many * 16, int(many * CHUNK_SECONDS / max(seconds, 1e-9))))


def _validate(chunk: Epochs, callbacks: Callbacks) -> Epochs:
    """Return an epoch with what validation adds to its columns."""
    if not callbacks.validate:
        return chunk
    more = callbacks.validate(chunk.end.parameters)
    columns = {name: np.array([value]) for name, value in more.items()}
    return replace(chunk, columns=chunk.columns | columns)


def _rerun_finite(
    trainer: Trainer, chunk: Epochs, start: Iterate, orders: np.ndarray
) -> Epochs | None:
    """Rerun a chunk and return the epochs before the first non-finite one, if there are any."""
    finite = np.isfinite(chunk.columns["loss"])
    good = int(np.argmin(np.append(finite, np.False_)))
    reruns = (trainer.run(start, orders[:many]) for many in range(good, 0, -1))
    return next((epochs for epochs in reruns if epochs.is_finite), None)
