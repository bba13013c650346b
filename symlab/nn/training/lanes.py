"""Small networks: all that a fit computes with one sample as one program of scalars, in C."""

import pytensor.tensor as pt
from pytensor.graph.basic import Variable

from symlab.engine.compiled.c_text import NoProgramError
from symlab.engine.compiled.function import Compiled, once
from symlab.engine.compiled.loops import write_loops
from symlab.engine.compiled.run_program import rule_program
from symlab.engine.compiled.unrolled import unroll
from symlab.engine.compiled.vector_math import BRANCH_FREE, vector_functions
from symlab.nn.network import rows_input
from symlab.nn.training.lanes_op import FitOp, compile_fit
from symlab.nn.training.lanes_source import FitText, LoopedSample, SampleText, UnrolledSample
from symlab.nn.training.program import Program, loss_and_slopes

MOST_OPERATIONS = 2000
"""Operations of scalars for one sample, up to which they are written out and g++ takes seconds."""

MOST_ROWS = 500_000
"""Numbers that a sample needs, up to which there are loops: 32 MB. Against matrix products in Numba
they were measured to be faster up to 100 000 weights, and half as fast with 300 000."""


def fits_lanes(program: Program) -> bool:
    """Return whether a sample's loss and gradient are few enough operations, all known in C."""
    return _op(program, MOST_OPERATIONS) is not None


def compile_lanes(program: Program) -> Compiled:
    """Compile the steps of a small network, once for each text.

    Raises
    ------
    ValueError
        If it is not small.
    """
    op = _op(program, MOST_OPERATIONS)
    if op is None:
        raise ValueError("program: more operations than are written out in C")
    return compile_fit(op)


@once(64)
def _op(program: Program, most: int) -> FitOp | None:
    """Return the steps as an operation, written out up to `most` operations of a sample."""
    try:
        return _written(program, most)
    except NoProgramError:
        return None


def _written(program: Program, most: int) -> FitOp:
    network = program.network
    inputs = rows_input("inputs", network.input_shape, 1)
    targets = rows_input("targets", network.shapes[-1], 1)
    weights = [pt.vector(shape=(network.size(trainable=moves),)) for moves in (True, False)]
    recorded, slopes = loss_and_slopes(program, (inputs, targets), weights, lambda each: each[0])
    sample, support = _sample([inputs, targets], weights, [*recorded, slopes], most)
    once_, rule = rule_program(program.recurrence)
    text = FitText(
        sample=sample,
        once=once_,
        rule=rule,
        columns=inputs.type.shape[1] + targets.type.shape[1],
        width=network.size(trainable=True),
        frozen=network.size(trainable=False),
        letters=len(program.recurrence),
        recorded=program.recorded,
        whole=program.whole,
    )
    return FitOp(
        text=text.text(),
        support=tuple(sorted({*support, *once_.support, *rule.support})),
        recorded=program.recorded,
        whole=program.whole,
        vectors=vector_functions(),
    )


def _sample(
    samples: list[Variable], weights: list[Variable], outputs: list[Variable], most: int
) -> tuple[SampleText, tuple[str, ...]]:
    """Return what is computed with a sample, and the C functions that it calls."""
    columns = sum(each.type.shape[1] for each in samples)
    try:
        whole = unroll([*samples, *weights], outputs, BRANCH_FREE, most)
        return UnrolledSample(whole, columns, len(outputs) - 1), whole.support
    except NoProgramError:
        graph = write_loops(samples, weights, outputs, BRANCH_FREE, MOST_ROWS)
        return LoopedSample(graph), graph.support
