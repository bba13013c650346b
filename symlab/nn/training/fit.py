"""One fit: from its description and the weights to new weights and a history."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from symlab.algebra.alphabet import alpha, k
from symlab.engine.progress import progress_bar
from symlab.methods.rule import Rule
from symlab.nn import forward
from symlab.nn.history import History
from symlab.nn.network import Arrays, Network
from symlab.nn.training.description import FitDescription
from symlab.nn.training.epochs import Epochs, Trainer
from symlab.nn.training.loop import Callbacks, choose_first_chunk, train
from symlab.nn.training.program import make_program
from symlab.nn.training.samples import Samples
from symlab.nn.training.steps import Iterate, choose_steps


@dataclass(frozen=True)
class RuleState:
    """What a rule remembers after a fit.

    Parameters
    ----------
    rule : str
        Its name.
    letters : tuple of str
        The letters of its state.
    steps : int
        How many steps it took.
    vectors : tuple of arrays, shape (trainable weights,)
        One for each letter.
    """

    rule: str
    letters: tuple[str, ...]
    steps: int
    vectors: tuple[np.ndarray, ...]


def make_initial_state(rule: Rule, size: int) -> RuleState:
    """Return the state a rule starts with: zeros."""
    letters = tuple(str(letter) for letter in rule.state)
    return RuleState(rule.name, letters, 0, tuple(np.zeros(size) for _ in letters))


@dataclass(frozen=True)
class FitResult:
    """The result of a fit.

    Parameters
    ----------
    arrays : dict of int to list of arrays
        The new kernel and bias of each layer that was trained, by its place.
    state : RuleState
    history : History
    """

    arrays: dict[int, list[np.ndarray]]
    state: RuleState
    history: History


@dataclass(frozen=True, eq=False)
class PreparedFit:
    """A fit that is ready to be compiled.

    Parameters
    ----------
    description : FitDescription
        Of the layers from the first trainable one on, and of the samples that reach it.
    offset : int
        The number of layers before it.
    trainer : Trainer
    weights : Weights
        Of these layers, at the start.
    state : RuleState
        Of the rule, at the start.
    seconds : float
        What it took to choose the form of the steps: for C, to write its text.
    """

    description: FitDescription
    offset: int
    trainer: Trainer
    weights: forward.Weights
    state: RuleState
    seconds: float

    @property
    def start(self) -> Iterate:
        """The iterate at the start."""
        return Iterate(self.state.steps, self.weights.trainable, self.state.vectors)

    def compile(self) -> float:
        """Compile what the run calls first; return the seconds, nearly 0 where it was there."""
        started = perf_counter()
        if self.description.epochs:
            epochs = choose_first_chunk(self.trainer, self.description)
            self.trainer.steps.compile(epochs * self.trainer.batching.steps)
        return self.seconds + perf_counter() - started


def fit(
    description: FitDescription, arrays: Arrays, state: RuleState | None, epochs_before: int
) -> FitResult:
    """Train a network from its weights, and from the state of the rule if there is one.

    Parameters
    ----------
    description : FitDescription
    arrays : list of lists of arrays
        Kernel and bias of each layer.
    state : RuleState, optional
    epochs_before : int
        How many epochs the weights have seen; the history counts on from there.
    """
    prepared = prepare(description, arrays, state)
    compile_seconds = prepared.compile()
    started = perf_counter()
    chunks, status = _run(prepared)
    seconds = perf_counter() - started
    end = chunks[-1].end if chunks else prepared.start
    trained = prepared.description.network.unravel(end.parameters, trainable=True)
    columns = _columns(chunks, description)
    history = History(
        columns=columns,
        status=status,
        message=_message(len(columns["loss"]), status),
        seconds=seconds,
        compile_seconds=compile_seconds,
        backend=description.backend,
        method=repr(description.rule),
        first=epochs_before,
    )
    return FitResult(
        {prepared.offset + i: [np.array(each) for each in pair] for i, pair in trained.items()},
        replace(prepared.state, steps=end.step, vectors=end.state),
        history,
    )


def prepare(
    description: FitDescription, arrays: Arrays, state: RuleState | None = None
) -> PreparedFit:
    """Return a fit that is ready to be compiled.

    The layers before the first trainable one are evaluated here, once.
    """
    before, rest = description.network.split_frozen()
    offset = len(before.layers)
    reached = replace(_evaluate_frozen(before, arrays[:offset], description), network=rest)
    weights = forward.ravel_weights(rest, arrays[offset:])
    size = description.rule.hyperparameters[alpha]
    # A step size that changes with k is part of the recurrence, and this number is not read.
    step_size = 0.0 if size.has(k) else float(size)
    started = perf_counter()
    steps = choose_steps(make_program(reached), reached.samples, weights.frozen, step_size)
    state = state or make_initial_state(description.rule, len(weights.trainable))
    seconds = perf_counter() - started
    return PreparedFit(reached, offset, Trainer(steps, reached.batching), weights, state, seconds)


def _evaluate_frozen(
    before: Network, arrays: Arrays, description: FitDescription
) -> FitDescription:
    """Return the description with samples as the trainable layers receive them."""
    if not before.layers:
        return description
    weights = forward.ravel_weights(before, arrays)

    def evaluate(samples: Samples) -> Samples:
        outputs = forward.predict(before, weights, samples.inputs)
        rows = np.ascontiguousarray(outputs.reshape(len(samples), -1))
        return replace(samples, inputs=rows)

    validation = None if description.validation is None else evaluate(description.validation)
    return replace(description, samples=evaluate(description.samples), validation=validation)


def _run(prepared: PreparedFit) -> tuple[list[Epochs], str]:
    description = prepared.description
    with progress_bar(description.epochs, "epochs", wanted=description.progress) as report:
        callbacks = Callbacks(_validation(prepared), report)
        return train(prepared.trainer, prepared.start, description, callbacks)


def _validation(prepared: PreparedFit) -> Callable[[np.ndarray], dict[str, float]] | None:
    """Return what evaluates the network on the validation samples, if there are any."""
    description, samples = prepared.description, prepared.description.validation
    if samples is None:
        return None

    def validate(trainable: np.ndarray) -> dict[str, float]:
        weights = forward.Weights(trainable, prepared.weights.frozen)
        found = forward.evaluate(description.network, weights, samples, description.loss)
        return {f"validation_{name}": found[name] for name in description.quantities}

    return validate


def _columns(chunks: list[Epochs], description: FitDescription) -> dict[str, np.ndarray]:
    """Return the columns of all epochs."""
    names = list(description.quantities)
    if description.validation is not None:
        names += [f"validation_{name}" for name in description.quantities]
    return {
        name: np.concatenate([np.empty(0), *(chunk.columns[name] for chunk in chunks)])
        for name in names
    }


REASONS = {
    "finished": "all that were asked for are done",
    "stopped": "interrupted from the keyboard",
    "diverged": "in the next one a loss or a weight was not finite; "
    "the weights are those before it. A smaller step_size may help",
}
"""Why a fit ended, by its status."""


def _message(epochs: int, status: str) -> str:
    return f"After {epochs} epoch{'s' * (epochs != 1)}: {REASONS[status]}."
