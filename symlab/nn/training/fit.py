"""One fit: from checked arguments to moved weights and a history."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from symlab.algebra.alphabet import alpha, k
from symlab.checks import shown
from symlab.engine.compiled.scan import recurrence_of
from symlab.engine.progress import progress_bar
from symlab.methods.method import as_method
from symlab.methods.rule import Rule
from symlab.nn import forward
from symlab.nn.history import History
from symlab.nn.losses import Loss
from symlab.nn.network import Arrays, Network
from symlab.nn.training.loop import Part, Program, Samples, Schedule, Trainer, train


@dataclass(frozen=True)
class Job:
    """What a fit is asked to do; every part has been checked.

    Parameters
    ----------
    rule : Rule
    loss : Loss
    data : Samples
    validation : Samples, optional
    epochs, batch_size, seed : int
    shuffle, accuracy, progress : bool
    backend : str
    """

    rule: Rule
    loss: Loss
    data: Samples
    validation: Samples | None
    epochs: int
    batch_size: int
    seed: int
    shuffle: bool
    accuracy: bool
    progress: bool
    backend: str


@dataclass(frozen=True)
class RuleState:
    """What a rule remembers: its name and letters, the steps it took, a vector for each letter."""

    rule: str
    letters: tuple[str, ...]
    steps: int
    vectors: tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Fitted:
    """What came of a fit: weights by layer, the rule's state, and the history."""

    moved: dict[int, list[np.ndarray]]
    state: RuleState
    history: History


def rule_of(method: object) -> Rule:
    """Return the rule that a method is.

    Raises
    ------
    TypeError
        If it is none: a direction or a search trains no network.
    """
    rule = as_method(method)
    if not isinstance(rule, Rule):
        raise TypeError(f"method: a network takes a rule, such as sl.adam(), got {shown(rule)}.")
    return rule


def fit(network: Network, arrays: Arrays, job: Job, state: RuleState | None, first: int) -> Fitted:
    """Train a network from its weights, and from a rule's state if there is one.

    `first` is the number of epochs that the weights have seen.
    """
    ready = prepared(network, arrays, job, state)
    trainer, schedule, state = ready.trainer, ready.schedule, ready.state
    compile_seconds = compile_ahead(trainer, schedule)
    started = perf_counter()
    parts, status = _trained(trainer, ready.held, schedule, ready.job)
    history = _history(parts, status, job, (perf_counter() - started, compile_seconds, first))
    held = parts[-1].held if parts else ready.held
    moved = ready.network.unravel(held[0], trainable=True)
    steps = state.steps + len(history) * trainer.steps_per_epoch
    return Fitted(
        {ready.offset + i: [np.array(each) for each in pair] for i, pair in moved.items()},
        replace(state, steps=steps, vectors=held[1:]),
        history,
    )


@dataclass(frozen=True)
class Prepared:
    """A fit ready to go.

    Parameters
    ----------
    network : Network
        From the first layer whose weights move; `offset` layers come before it.
    offset : int
    job : Job
        On what the layers before make of the data.
    trainer : Trainer
    schedule : Schedule
    weights : Weights
    state : RuleState
    """

    network: Network
    offset: int
    job: Job
    trainer: Trainer
    schedule: Schedule
    weights: forward.Weights
    state: RuleState

    @property
    def held(self) -> tuple[np.ndarray, ...]:
        """The weights that move and the state, as vectors."""
        return (self.weights.moving, *self.state.vectors)


def prepared(
    network: Network, arrays: Arrays, job: Job, state: RuleState | None = None
) -> Prepared:
    """Return what a fit needs; nothing is compiled yet."""
    before, rest = network.parted()
    offset = len(before.layers)
    passed = _passed(before, arrays[:offset], job)
    weights = forward.weights_of(rest, arrays[offset:])
    trainer = Trainer(_program(rest, passed), passed.data)
    state = state or fresh_state(job.rule, len(weights.moving))
    schedule = _schedule(rest, weights, passed, state)
    return Prepared(rest, offset, passed, trainer, schedule, weights, state)


def fresh_state(rule: Rule, size: int) -> RuleState:
    """Return the state a rule starts with: zeros."""
    letters = tuple(str(letter) for letter in rule.state)
    return RuleState(rule.name, letters, 0, tuple(np.zeros(size) for _ in letters))


def _passed(before: Network, arrays: Arrays, job: Job) -> Job:
    """Return the job on what the layers before the first moving weight make of the data."""
    if not before.layers:
        return job
    weights = forward.weights_of(before, arrays)

    def through(samples: Samples) -> Samples:
        made = forward.outputs(before, weights, samples.inputs)
        rows = np.ascontiguousarray(made.reshape(len(samples), -1))
        return replace(samples, inputs=rows)

    validation = None if job.validation is None else through(job.validation)
    return replace(job, data=through(job.data), validation=validation)


def _program(network: Network, job: Job) -> Program:
    rows = min(job.batch_size, len(job.data))
    return Program(
        network=network,
        loss=job.loss,
        recurrence=recurrence_of(job.rule),
        rows=rows,
        whole=rows == len(job.data),
        ragged=len(job.data) % rows != 0,
        accuracy=job.accuracy,
        backend=job.backend,
    )


def _schedule(network: Network, weights: forward.Weights, job: Job, state: RuleState) -> Schedule:
    size = job.rule.hyperparameters[alpha]
    return Schedule(
        epochs=job.epochs,
        seed=job.seed,
        shuffle=job.shuffle,
        first_step=state.steps,
        # A step size that changes with k is part of the recurrence, and this number is not read.
        step_size=0.0 if size.has(k) else float(size),
        frozen=weights.frozen,
        watch=_watch(network, weights.frozen, job),
    )


def _watch(
    network: Network, frozen: np.ndarray, job: Job
) -> Callable[[np.ndarray], dict[str, float]] | None:
    """Return what looks at the samples held back at the end of each epoch, if there are any."""
    held_back = job.validation
    if held_back is None:
        return None
    names = ("loss", "accuracy")[: 1 + job.accuracy]

    def watch(moving: np.ndarray) -> dict[str, float]:
        weights, data = forward.Weights(moving, frozen), (held_back.inputs, held_back.targets)
        found = forward.scores(network, weights, data, job.loss)
        return {f"validation_{name}": found[name] for name in names}

    return watch


def compile_ahead(trainer: Trainer, schedule: Schedule) -> float:
    """Compile what the run will call; return the seconds it took, nearly 0 where it was there."""
    started = perf_counter()
    if schedule.epochs:
        trainer.compile(trainer.first_chunk(schedule))
    return perf_counter() - started


def _trained(
    trainer: Trainer, held: tuple[np.ndarray, ...], schedule: Schedule, job: Job
) -> tuple[list[Part], str]:
    with progress_bar(schedule.epochs, "epochs", wanted=job.progress) as report:
        return train(trainer, held, replace(schedule, report=report))


def _history(parts: list[Part], status: str, job: Job, facts: tuple[float, float, int]) -> History:
    names = list(parts[0].columns) if parts else ["loss"]
    columns = {
        name: np.concatenate([np.empty(0), *(part.columns[name] for part in parts)])
        for name in names
    }
    seconds, compile_seconds, first = facts
    done = len(columns["loss"])
    return History(
        columns=columns,
        status=status,
        message=f"After {done} epoch{'s' * (done != 1)}: {REASONS[status]}.",
        seconds=seconds,
        compile_seconds=compile_seconds,
        backend=job.backend,
        method=repr(job.rule),
        first=first,
    )


REASONS = {
    "finished": "all that were asked for are done",
    "stopped": "interrupted from the keyboard",
    "diverged": "in the next one a loss or a weight was not finite; "
    "the weights are those before it. A smaller step_size may help",
}
"""Why a fit ended, by its status."""
