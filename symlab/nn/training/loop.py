"""Training compiled: forward pass, gradient and rule are one function, whole epochs where fused.

All weights that move are one vector, and so is each letter of a rule's state. The data are inputs;
a step gathers the rows of its batch. The last batch of an epoch may be smaller: it is filled up
with copies that have no share in the mean, so one function of one shape takes every step of a run.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.gradient import grad
from pytensor.graph.basic import Variable

from symlab.algebra.alphabet import alpha, g, k
from symlab.checks import shown, whole
from symlab.engine import backends
from symlab.engine.batches import MOST_DRAWN
from symlab.engine.compiled.function import Compiled, compile_graph, once
from symlab.engine.compiled.scan import Recurrence
from symlab.engine.lowering.lower import lower_elementwise
from symlab.engine.streams import BATCH_STREAM, generator_of
from symlab.interrupts import runs_keep_what_they_have
from symlab.nn.losses import Loss
from symlab.nn.network import Network, rows_input

CHUNK_SECONDS = 0.1
"""About how long a call may take, so that Ctrl-C and the progress bar are never far."""

CHUNK_STEPS = 4096
"""Steps in a call at most, which bounds what is drawn and recorded at a time."""


@dataclass(frozen=True)
class Program:
    """What is compiled; equal programs are compiled once.

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
        Whether some batches are filled up, so that each row's share is an input.
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


@dataclass(frozen=True)
class Samples:
    """The data of a fit, a row per sample: inputs (n, features) and targets (n, outputs)."""

    inputs: np.ndarray
    targets: np.ndarray

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True)
class Part:
    """Some epochs of a run: where the weights and state were at their end, and what was seen."""

    held: tuple[np.ndarray, ...]
    columns: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def is_finite(self) -> bool:
        """Whether every number is."""
        arrays = (*self.held, *self.columns.values())
        return all(bool(np.isfinite(array).all()) for array in arrays)


@dataclass(frozen=True)
class Schedule:
    """How long a run is, what it sees, and whom it tells.

    Parameters
    ----------
    epochs : int
    seed : int
    shuffle : bool
    first_step : int
        The rule's k at the first step.
    step_size : float
    frozen : array
        The weights that do not move.
    watch : callable, optional
        From the weights at the end of an epoch to more columns, one number each.
    report : callable, optional
        Told the number of epochs done.
    """

    epochs: int
    seed: int
    shuffle: bool
    first_step: int
    step_size: float
    frozen: np.ndarray
    watch: Callable[[np.ndarray], dict[str, float]] | None = None
    report: Callable[[int], None] | None = None


def draw_orders(samples: int, epochs: int, seed: int = 0) -> np.ndarray:
    """Return the order in which each epoch sees the samples, shape (epochs, samples).

    Batches are dealt from it from left to right; the last one of an epoch may be smaller.

    Examples
    --------
    >>> draw_orders(samples=3, epochs=2, seed=0).shape
    (2, 3)

    Raises
    ------
    TypeError, ValueError
        Naming the argument; also where the orders together are too long for memory.
    """
    count, times = whole(samples, "samples", 1), whole(epochs, "epochs", 0)
    check_orders(count, times)
    return _orders(generator_of(seed, BATCH_STREAM), count, times)


def check_orders(samples: int, epochs: int) -> None:
    """Refuse more epochs than can be dealt out at once."""
    if samples * epochs > MOST_DRAWN or samples > MOST_DRAWN:
        raise ValueError(
            f"epochs: {shown(epochs)} epochs of {shown(samples)} samples are too many to be drawn "
            f"at once; together they may have {MOST_DRAWN:.0e}."
        )


def _orders(generator: np.random.Generator, samples: int, epochs: int) -> np.ndarray:
    drawn = [generator.permutation(samples) for _ in range(epochs)]
    return np.array(drawn, dtype=np.int64).reshape(epochs, samples)


def _step(program: Program, given: dict[str, Any], columns: list[Variable]) -> list[Variable]:
    """Return the graphs of one step: weights and state after it, the loss before, and accuracy."""
    network = program.network
    moving = network.unravel(columns[0], trainable=True)
    weights = moving | network.unravel(given["frozen"], trainable=False)
    output = network.output(network.images(given["inputs"]), weights)
    pieces = [piece for pair in moving.values() for piece in pair]

    def mean(values: Variable) -> Variable:
        return pt.dot(given["shares"], values) if program.ragged else values.mean()

    loss = mean(program.loss.per_sample(output, given["targets"]))
    slopes = grad(loss, pieces, disconnected_inputs="ignore")
    letters, expressions = zip(*program.recurrence, strict=True)
    known = dict(zip(letters, columns, strict=True))
    known |= {g: pt.concatenate([slope.flatten() for slope in slopes])}
    known |= {k: given["k"], alpha: given["step_size"]}
    seen = [loss, mean(program.loss.is_right(output, given["targets"]))][: 1 + program.accuracy]
    return [*lower_elementwise(list(expressions), known), *seen]


@dataclass(frozen=True)
class Inputs:
    """The inputs of a compiled program by name, in order."""

    named: dict[str, Variable]
    columns: list[Variable]

    @property
    def all(self) -> list[Variable]:
        """Every input, weights and state last."""
        return [*self.named.values(), *self.columns]


def _inputs(program: Program, *, fused: bool) -> Inputs:
    """Return the inputs of a step, or of many: then batches are indices into all the data."""
    network, rows = program.network, None if fused and not program.whole else program.rows
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


def _fused_outputs(program: Program, inputs: Inputs) -> list[Variable]:
    """Return the graphs of many steps: what was seen at each, weights and state at the end."""
    named, width = inputs.named, len(inputs.columns)
    fixed = [named[name] for name in ("inputs", "targets", "frozen", "step_size")]
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
        columns, known = rest[:width], rest[width:]
        given |= dict(zip(("inputs", "targets", "frozen", "step_size"), known, strict=True))
        if batch is not None:
            given |= {name: given[name][batch] for name in ("inputs", "targets")}
        return _step(program, given, columns)

    made = pytensor.scan(
        body,
        sequences=[*([count.astype("float64")] if program.counts else []), *drawn],
        n_steps=steps,
        outputs_info=[*inputs.columns, *[None] * (1 + program.accuracy)],
        non_sequences=fixed,
        strict=True,
        return_updates=False,
        return_list=True,
    )
    return [*made[width:], *(column[-1] for column in made[:width])]


def _single_outputs(program: Program, inputs: Inputs) -> list[Variable]:
    made = _step(program, inputs.named, inputs.columns)
    width = len(inputs.columns)
    return [*made[width:], *made[:width]]


@once(64)
def compiled(program: Program) -> Compiled:
    """Compile a program, once in the life of the process."""
    inputs = _inputs(program, fused=program.fused)
    make = _fused_outputs if program.fused else _single_outputs
    sample = [_sample(program, name, variable) for name, variable in _all_named(inputs)]
    return compile_graph(
        inputs.all, make(program, inputs), program.backend, sample, trust_input=True
    )


def _all_named(inputs: Inputs) -> Iterator[tuple[str, Variable]]:
    yield from inputs.named.items()
    yield from (("column", column) for column in inputs.columns)


def _sample(program: Program, name: str, variable: Variable) -> np.ndarray:
    """Return an input for a first call, of one step, which makes Numba and JAX compile."""
    count = program.steps or 1
    shape = tuple(count if size is None else size for size in variable.type.shape)
    values = np.zeros(shape, variable.dtype)
    return values + count if name == "last" else values


@dataclass(frozen=True)
class Trainer:
    """A program with its data, ready to go some epochs on from anywhere."""

    program: Program
    samples: Samples

    @property
    def steps_per_epoch(self) -> int:
        """How many batches an epoch has."""
        return -(-len(self.samples) // self.program.rows)

    def compile(self, epochs: int) -> Compiled:
        """Return the compiled program for some epochs."""
        return self._compile_steps(epochs * self.steps_per_epoch)

    def _compile_steps(self, steps: int) -> Compiled:
        """Return the compiled program; JAX compiles one for each number of steps."""
        jax = self.program.backend == "jax"
        return compiled(replace(self.program, steps=steps) if jax else self.program)

    def first_chunk(self, schedule: Schedule) -> int:
        """Return the epochs of the first call; of every call with JAX, which would compile anew."""
        if schedule.watch or self.program.backend != "jax":
            return 1
        most = min(max(CHUNK_STEPS // self.steps_per_epoch, 1), schedule.epochs)
        return next((n for n in range(most, 0, -1) if schedule.epochs % n == 0), 1)

    def go(
        self, first: int, held: tuple[np.ndarray, ...], orders: np.ndarray, schedule: Schedule
    ) -> Part:
        """Go through one epoch for each row of `orders`, from step `first`."""
        seen, moved = self._walk(first, held, self._batches(orders), schedule)
        # Summed and not multiplied as a matrix, because BLAS would round by the number of rows.
        weighted = seen.reshape(-1, len(orders), self.steps_per_epoch) * self._sizes()
        per_epoch = weighted.sum(axis=-1)
        names = ("loss", "accuracy")[: len(per_epoch)]
        return Part(moved, dict(zip(names, per_epoch / len(self.samples), strict=True)))

    def each_step(
        self, first: int, held: tuple[np.ndarray, ...], orders: np.ndarray, schedule: Schedule
    ) -> Iterator[Part]:
        """Yield where every step of some epochs leads, by the program that takes many in a call."""
        for i, (batch, share) in enumerate(zip(*self._batches(orders), strict=True)):
            seen, held = self._walk(first + i, held, (batch[None], share[None]), schedule)
            yield Part(held, {"loss": seen[0]})

    def batches(self, orders: np.ndarray) -> list[np.ndarray]:
        """Return the samples that each step of some epochs sees."""
        counts = np.tile(self._sizes().astype(int), len(orders))
        dealt, _ = self._batches(orders)
        return [batch[:count] for batch, count in zip(dealt, counts, strict=True)]

    def _sizes(self) -> np.ndarray:
        """Return how many samples each batch of an epoch has."""
        firsts = np.arange(self.steps_per_epoch) * self.program.rows
        return np.minimum(len(self.samples) - firsts, self.program.rows).astype(float)

    def _batches(self, orders: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the samples of each step, and the share of each in the mean, a row per step."""
        rows, steps = self.program.rows, self.steps_per_epoch
        missing = steps * rows - len(self.samples)
        filled = np.concatenate([orders, np.repeat(orders[:, -1:], missing, axis=1)], axis=1)
        sizes = self._sizes()[:, None]
        shares = np.where(np.arange(rows) < sizes, 1 / sizes, 0.0)
        return filled.reshape(-1, rows), np.tile(shares, (len(orders), 1))

    def _walk(
        self,
        first: int,
        held: tuple[np.ndarray, ...],
        dealt: tuple[np.ndarray, np.ndarray],
        schedule: Schedule,
    ) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        """Take the steps dealt; return what was seen at each, and what is held after the last."""
        walk = self._fused if self.program.fused else self._by_steps
        # A run that overflows ends with its status; NumPy's warnings would say less.
        with np.errstate(all="ignore"):
            return walk(first, held, dealt, schedule)

    def _fused(
        self,
        first: int,
        held: tuple[np.ndarray, ...],
        dealt: tuple[np.ndarray, np.ndarray],
        schedule: Schedule,
    ) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        batches, shares = dealt
        count = len(batches)
        given: list[Any] = [self.samples.inputs, self.samples.targets, schedule.frozen]
        given += [np.array(schedule.step_size), np.array(first), np.array(first + count)]
        given += [] if self.program.whole else [batches]
        given += [shares] if self.program.ragged else []
        call = self._compile_steps(count).call
        made = [np.array(each, dtype=float) for each in call(*given, *held)]
        seen = 1 + self.program.accuracy
        return np.array(made[:seen]), tuple(made[seen:])

    def _by_steps(
        self,
        first: int,
        held: tuple[np.ndarray, ...],
        dealt: tuple[np.ndarray, np.ndarray],
        schedule: Schedule,
    ) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
        batches, shares = dealt
        call, seen = compiled(self.program).call, 1 + self.program.accuracy
        record = np.empty((seen, len(batches)))
        fixed = (schedule.frozen, np.array(schedule.step_size))
        data = (self.samples.inputs, self.samples.targets)
        for i, (batch, share) in enumerate(zip(batches, shares, strict=True)):
            rows = data if self.program.whole else (data[0][batch], data[1][batch])
            extra = (share,) if self.program.ragged else ()
            made = call(*rows, *fixed, np.array(float(first + i)), *extra, *held)
            record[:, i] = made[:seen]
            held = tuple(np.array(each) for each in made[seen:])
        return record, held


def train(
    trainer: Trainer, held: tuple[np.ndarray, ...], schedule: Schedule
) -> tuple[list[Part], str]:
    """Return a run's parts in order, and its status; Ctrl-C keeps those that are done."""
    parts: list[Part] = []
    try:
        for part in _parts(trainer, held, schedule):
            parts.append(part)
            if schedule.report:
                schedule.report(sum(len(each.columns["loss"]) for each in parts))
    except KeyboardInterrupt:
        if not runs_keep_what_they_have():
            raise
        return parts, "stopped"
    done = sum(len(part.columns["loss"]) for part in parts)
    return parts, "finished" if done == schedule.epochs else "diverged"


def _parts(trainer: Trainer, held: tuple[np.ndarray, ...], schedule: Schedule) -> Iterator[Part]:
    """Yield parts until the epochs are done, or until a number is not finite."""
    generator, done = generator_of(schedule.seed, BATCH_STREAM), 0
    samples, per_epoch = len(trainer.samples), trainer.steps_per_epoch
    many = trainer.first_chunk(schedule)
    while done < schedule.epochs:
        many = min(many, schedule.epochs - done)
        orders = (
            _orders(generator, samples, many)
            if schedule.shuffle
            else np.tile(np.arange(samples), (many, 1))
        )
        first, started = schedule.first_step + done * per_epoch, perf_counter()
        part = trainer.go(first, held, orders, schedule)
        if not part.is_finite:
            yield _finite_part(trainer, part, (first, held, orders), schedule)
            return
        seconds = perf_counter() - started
        held, done = part.held, done + many
        yield _watched(part, schedule)
        many = _next_chunk(many, seconds, trainer, schedule)


def _next_chunk(many: int, seconds: float, trainer: Trainer, schedule: Schedule) -> int:
    if schedule.watch or trainer.program.backend == "jax":
        return many
    most = max(CHUNK_STEPS // trainer.steps_per_epoch, 1)
    return max(1, min(most, many * 16, int(many * CHUNK_SECONDS / max(seconds, 1e-9))))


def _watched(part: Part, schedule: Schedule) -> Part:
    if not schedule.watch:
        return part
    more = {name: np.array([value]) for name, value in schedule.watch(part.held[0]).items()}
    return replace(part, columns=part.columns | more)


def _finite_part(
    trainer: Trainer,
    part: Part,
    start: tuple[int, tuple[np.ndarray, ...], np.ndarray],
    schedule: Schedule,
) -> Part:
    """Return the epochs before the first whose loss or weights are not finite, gone again."""
    first, held, orders = start
    good = int(np.argmin(np.append(np.isfinite(part.columns["loss"]), np.False_)))
    for many in range(good, 0, -1):
        again = trainer.go(first, held, orders[:many], schedule)
        if again.is_finite:
            return _watched(again, schedule)
    return Part(held, {name: column[:0] for name, column in part.columns.items()})
