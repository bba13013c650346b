"""A training step as a PyTensor graph, compiled by itself or as a loop over many steps.

All trainable weights are one vector, and so is each letter of a rule's state. The data are inputs;
a step gathers the rows of its batch. A smaller last batch is filled up with copies that have no
share in the mean, so one function of one shape takes every step of a fit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.gradient import grad
from pytensor.graph.basic import Variable

from symlab.algebra.alphabet import alpha, g, k
from symlab.engine import backends
from symlab.engine.compiled.function import Compiled, compile_graph, once
from symlab.engine.compiled.scan import Recurrence, recurrence_of
from symlab.engine.lowering.lower import lower_elementwise
from symlab.nn.losses import Loss
from symlab.nn.network import Network, rows_input
from symlab.nn.training.description import FitDescription


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
    def counts(self) -> bool:
        """Whether the rule reads k."""
        return any(expression.has(k) for _, expression in self.recurrence)

    @property
    def fused(self) -> bool:
        """Whether many steps are one call."""
        return backends.BACKENDS[self.backend].fused

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

    The function takes the inputs of `_inputs` in their order. It returns what each step records,
    an array for each quantity, then the weights and the rule's state after the last step.
    """
    inputs = _inputs(program)
    outputs = _loop(program, inputs) if program.fused else _single_step(program, inputs)
    sample = [_sample(program, name, variable) for name, variable in inputs.items()]
    return compile_graph(inputs.all, outputs, program.backend, sample, trust_input=True)


@dataclass(frozen=True)
class Inputs:
    """The inputs of a compiled program, in order.

    Parameters
    ----------
    named : dict of str to variable
        The data and what stays fixed.
    vectors : list of variables
        The trainable weights, and each letter of the rule's state.
    """

    named: dict[str, Variable]
    vectors: list[Variable]

    @property
    def all(self) -> list[Variable]:
        """Every input."""
        return [*self.named.values(), *self.vectors]

    def items(self) -> Iterator[tuple[str, Variable]]:
        """Yield every input with its name."""
        yield from self.named.items()
        yield from (("vector", vector) for vector in self.vectors)


FIXED = ("inputs", "targets", "frozen", "step_size")
"""The inputs that are the same at every step of a loop."""


def _inputs(program: Program) -> Inputs:
    """Return the inputs of a step, or of many: then batches are indices into all the data."""
    network, fused = program.network, program.fused
    rows = None if fused and not program.whole else program.rows
    many = (program.steps,) if fused else ()
    width = network.size(trainable=True)
    named = {
        "inputs": rows_input("inputs", network.input_shape, rows),
        "targets": rows_input("targets", network.shapes[-1], rows),
        "frozen": pt.vector("frozen", shape=(network.size(trainable=False),)),
        "step_size": pt.dscalar("step_size"),
    }
    if fused:
        named |= {"first": pt.lscalar("first"), "last": pt.lscalar("last")}
        if not program.whole:
            named["batches"] = pt.tensor("batches", shape=(*many, program.rows), dtype="int64")
    else:
        named["k"] = pt.dscalar("k")
    if program.ragged:
        named["shares"] = pt.tensor("shares", shape=(*many, program.rows), dtype="float64")
    return Inputs(named, [pt.vector(f"{each}", shape=(width,)) for each, _ in program.recurrence])


def _sample(program: Program, name: str, variable: Variable) -> np.ndarray:
    """Return an input for a first call, which makes Numba and JAX compile; of one step if free."""
    count = program.steps or 1
    shape = tuple(count if size is None else size for size in variable.type.shape)
    values = np.zeros(shape, variable.dtype)
    return values + count if name == "last" else values


def _step(program: Program, given: dict[str, Any], vectors: list[Variable]) -> list[Variable]:
    """Return the graphs of one step: weights and state after it, then the numbers it records."""
    network = program.network
    trainable = network.unravel(vectors[0], trainable=True)
    weights = trainable | network.unravel(given["frozen"], trainable=False)
    output = network.output(network.images(given["inputs"]), weights)
    pieces = [piece for each in trainable.values() for piece in each]

    def mean(values: Variable) -> Variable:
        return pt.dot(given["shares"], values) if program.ragged else values.mean()

    loss = mean(program.loss.per_sample(output, given["targets"]))
    gradients = grad(loss, pieces, disconnected_inputs="ignore")
    letters, expressions = zip(*program.recurrence, strict=True)
    known = dict(zip(letters, vectors, strict=True))
    known |= {g: pt.concatenate([each.flatten() for each in gradients])}
    known |= {k: given["k"], alpha: given["step_size"]}
    recorded = [loss, mean(program.loss.accuracy(output, given["targets"]))][: program.recorded]
    return [*lower_elementwise(list(expressions), known), *recorded]


def _single_step(program: Program, inputs: Inputs) -> list[Variable]:
    """Return the outputs of a program of one step."""
    made = _step(program, inputs.named, inputs.vectors)
    width = len(inputs.vectors)
    return [*made[width:], *made[:width]]


def _loop(program: Program, inputs: Inputs) -> list[Variable]:
    """Return the outputs of a program of many steps."""
    named, width = inputs.named, len(inputs.vectors)
    first, last = named["first"], named["last"]
    if program.steps is None:
        steps, count = last - first, pt.arange(first, last)
    else:
        steps, count = program.steps, first + pt.arange(program.steps)
    drawn = [named[name] for name in ("batches", "shares") if name in named]

    def body(*tensors: Variable) -> list[Variable]:
        rest = list(tensors)
        given = {"k": rest.pop(0) if program.counts else pt.constant(0.0)}
        batch = None if program.whole else rest.pop(0)
        given |= {"shares": rest.pop(0)} if program.ragged else {}
        vectors, fixed = rest[:width], rest[width:]
        given |= dict(zip(FIXED, fixed, strict=True))
        if batch is not None:
            given |= {name: given[name][batch] for name in ("inputs", "targets")}
        return _step(program, given, vectors)

    made = pytensor.scan(
        body,
        sequences=[*([count.astype("float64")] if program.counts else []), *drawn],
        n_steps=steps,
        outputs_info=[*inputs.vectors, *[None] * program.recorded],
        non_sequences=[named[name] for name in FIXED],
        strict=True,
        return_updates=False,
        return_list=True,
    )
    return [*made[width:], *(vector[-1] for vector in made[:width])]
