"""A training step as a PyTensor graph, compiled by itself or as a loop over many steps.

All trainable weights are one vector, and so is each letter of a rule's state. The data are inputs;
a step gathers the rows of its batch. A smaller last batch is filled up with copies that have no
share in the mean, so one function of one shape takes every step of a fit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import grad
from pytensor.graph.basic import Variable

from symlab.algebra.alphabet import alpha, g, k
from symlab.engine.compiled.function import Compiled, compile_graph, once
from symlab.engine.compiled.scan import (
    LoopInputs,
    Recurrence,
    StepGraph,
    StepInputs,
    reads_k,
    recurrence_of,
    repeat_steps,
)
from symlab.engine.lowering.lower import lower_elementwise
from symlab.nn.losses import Loss
from symlab.nn.network import Network, rows_input
from symlab.nn.training.description import FitDescription

LOOPING = ("numba", "jax")
"""The backends that compile a loop over steps as well as what is in it."""


@dataclass(frozen=True)
class Program:
    """What is compiled of a fit; equal programs are compiled once.

    Parameters
    ----------
    network : Network
    loss : Loss
    recurrence : Recurrence
        The rule's.
    rows : int
        Samples in a batch.
    whole : bool
        Whether a batch is all the data, in the order they have.
    ragged : bool
        Whether the last batch of an epoch is smaller, so that the share of each row is an input.
    accuracy : bool
        Whether each step also records the share of right classes.
    backend : str
    steps : int, optional
        The number of steps, which JAX must know when it compiles.
    """

    network: Network
    loss: Loss
    recurrence: Recurrence
    rows: int
    whole: bool
    ragged: bool
    accuracy: bool
    backend: str
    steps: int | None = None

    @property
    def fused(self) -> bool:
        """Whether many steps are one call, of PyTensor's loop."""
        return self.backend in LOOPING

    @property
    def recorded(self) -> int:
        """How many numbers each step records: the loss, and the accuracy where asked for."""
        return 1 + self.accuracy


def make_program(description: FitDescription) -> Program:
    """Return what is compiled of a fit."""
    batching = description.batching
    return Program(
        network=description.network,
        loss=description.loss,
        recurrence=recurrence_of(description.rule),
        rows=batching.rows,
        whole=batching.rows == batching.samples,
        ragged=batching.is_ragged,
        accuracy=description.accuracy,
        backend=description.backend,
    )


@once(64)
def compile_program(program: Program) -> Compiled:
    """Compile a program, once in the life of the process.

    Many steps take the inputs of `LoopInputs`: the numbers of the first step and of that after the
    last; for each step the samples of its batch, unless that is all the data, and their shares, if
    the last batch of an epoch is smaller; trainable weights and state; and what all steps share,
    `_declare_shared`. One step takes k instead of the two numbers, and the samples of its batch as
    data.

    Either way the outputs are what each step records, an array for each quantity, then weights and
    state after the last step.
    """
    return (_compile_loop if program.fused else _compile_step)(program)


def _compile_loop(program: Program) -> Compiled:
    shape = (program.steps, program.rows)
    batches = [] if program.whole else [pt.tensor("batches", shape=shape, dtype="int64")]
    shares = [pt.tensor("shares", shape=shape, dtype="float64")] if program.ragged else []
    fixed = _declare_shared(program, program.rows if program.whole else None)
    inputs = LoopInputs(_vectors(program), [*batches, *shares], fixed, program.steps)
    moved, recorded = repeat_steps(
        _step_graph(program), inputs, counts=reads_k(program.recurrence), records=program.recorded
    )
    return compile_graph(
        inputs.all, [*recorded, *moved], program.backend, inputs.sample(), trust_input=True
    )


def _compile_step(program: Program) -> Compiled:
    shares = [pt.tensor("shares", shape=(program.rows,), dtype="float64")] if program.ragged else []
    given = StepInputs(
        pt.dscalar("k"), shares, _vectors(program), _declare_shared(program, program.rows)
    )
    moved, recorded = _step_graph(program)(given)
    inputs = [given.k, *given.drawn, *given.columns, *given.fixed]
    sample = [np.zeros(each.type.shape, each.dtype) for each in inputs]
    return compile_graph(inputs, [*recorded, *moved], program.backend, sample, trust_input=True)


def _vectors(program: Program) -> list[Variable]:
    """Return the trainable weights, and each letter of the rule's state."""
    width = program.network.size(trainable=True)
    return [pt.vector(f"{letter}", shape=(width,)) for letter, _ in program.recurrence]


def _declare_shared(program: Program, rows: int | None) -> list[Variable]:
    """Return what all steps share: the data, the frozen weights and the step size."""
    network = program.network
    return [
        rows_input("inputs", network.input_shape, rows),
        rows_input("targets", network.shapes[-1], rows),
        pt.vector("frozen", shape=(network.size(trainable=False),)),
        pt.dscalar("step_size"),
    ]


def _step_graph(program: Program) -> StepGraph:
    """Return the graph of one step: from its inputs to weights and state, and what it records."""
    gathers = program.fused and not program.whole
    letters, expressions = zip(*program.recurrence, strict=True)

    def step(given: StepInputs) -> tuple[list[Variable], list[Variable]]:
        inputs, targets, frozen, step_size = given.fixed
        if gathers:
            inputs, targets = inputs[given.drawn[0]], targets[given.drawn[0]]

        def mean(values: Variable) -> Variable:
            return pt.dot(given.drawn[-1], values) if program.ragged else values.mean()

        weights = given.columns[0], frozen
        recorded, slopes = loss_and_slopes(program, (inputs, targets), weights, mean)
        known = dict(zip(letters, given.columns, strict=True))
        known |= {g: slopes, k: given.k, alpha: step_size}
        return lower_elementwise(list(expressions), known), recorded

    return step


def loss_and_slopes(
    program: Program,
    samples: tuple[Variable, Variable],
    weights: Sequence[Variable],
    mean: Callable[[Variable], Variable],
) -> tuple[list[Variable], Variable]:
    """Return the graphs of what a step records, and of the slopes of the loss as one vector.

    Parameters
    ----------
    program : Program
    samples : pair of matrices
        Inputs and targets, a row for each sample.
    weights : pair of vectors
        The trainable weights, and the frozen ones.
    mean : callable
        From the numbers of all samples to one.
    """
    network, (inputs, targets) = program.network, samples
    trainable, frozen = (
        network.unravel(each, trainable=moves)
        for each, moves in zip(weights, (True, False), strict=True)
    )
    output = network.output(network.images(inputs), trainable | frozen)
    pieces = [piece for each in trainable.values() for piece in each]
    loss = mean(program.loss.per_sample(output, targets))
    slopes = grad(loss, pieces, disconnected_inputs="ignore")
    accuracy = mean(program.loss.accuracy(output, targets))
    recorded = [loss, accuracy][: program.recorded]
    return recorded, pt.concatenate([each.flatten() for each in slopes])
