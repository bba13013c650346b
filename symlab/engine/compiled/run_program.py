"""What a run in C is made of: an objective's programs, a rule's, and the data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from pytensor.gradient import NullTypeGradError
from sympy import Expr, Symbol

from symlab.algebra.alphabet import alpha, g, k, x
from symlab.algebra.objective import Objective
from symlab.algebra.risk.risk import BoundRisk
from symlab.engine.compiled import risk_graph
from symlab.engine.compiled.block_source import BLOCK
from symlab.engine.compiled.c_program import Program, program_of
from symlab.engine.compiled.c_text import NoProgramError
from symlab.engine.compiled.function import Compiled, once
from symlab.engine.compiled.risk_graph import data_sum
from symlab.engine.compiled.rule_loop import value_and_gradient
from symlab.engine.compiled.rule_numbers import OpenRecurrence, open_recurrence_of
from symlab.engine.compiled.run_names import Names
from symlab.engine.compiled.run_op import RunOp, compile_run
from symlab.engine.compiled.run_source import RunText
from symlab.engine.compiled.sample_data import data_of, design_of
from symlab.engine.compiled.sample_program import Sample, limited, penalty_program
from symlab.engine.compiled.sample_source import DataSum, Formula
from symlab.engine.compiled.scan import Recurrence
from symlab.engine.compiled.vector_math import BRANCH_FREE, vector_functions
from symlab.engine.domain import domain_of
from symlab.engine.lowering.lower import lower
from symlab.methods.rule import Rule

MOST_PARAMETERS = 64
"""Parameters of a sum over data up to which samples in lanes are faster than matrix products."""

MOST_IN_LANES = 16
"""Parameters of one linear predictor up to which columns of the data are faster than rows, measured
with logistic regression over 1 000 and 100 000 samples; rows are faster than BLAS up to 1 000."""

MOST_IN_A_ROW = 4096
"""Parameters of one linear predictor whose arrays have room on the stack of any thread."""


NO_RULE = OpenRecurrence((), ())
"""What updates nothing."""


@dataclass(frozen=True)
class Demand:
    """What a run must do beside objective and rule.

    Parameters
    ----------
    derived_by : str
        `"sympy"` or `"autodiff"`.
    batches : bool
        Whether each step sees samples of its own.
    sparse : bool
        Whether not every iterate is recorded, so that in batches no value is known at the others.
    record : str
        Of what values are: the `"objective"`, or each step's own `"batch"`.
    blocks : bool
        Whether there are more samples than a block has, which the data say themselves.
    handed : bool
        Whether the sums are made outside, from data that are read in pieces.
    """

    derived_by: str = "sympy"
    batches: bool = False
    sparse: bool = False
    record: str = "objective"
    blocks: bool = False
    handed: bool = False

    @property
    def apart(self) -> bool:
        """Whether a value is of other samples than the gradient, or asked for less often.

        Where each step sees all samples its value is looked at whether or not it is recorded, as in
        a run step by step: one that is not finite ends the run.
        """
        return self.batches and (self.sparse or not self.only_batches)

    @property
    def only_batches(self) -> bool:
        """Whether nothing is looked at but the samples of batches."""
        return self.batches and self.record == "batch"


@dataclass(frozen=True)
class CompiledRun:
    """A run that has been compiled, and the data it goes over.

    Parameters
    ----------
    compiled : Compiled
    source : str
        The C function, to be read.
    size, width, numbers : int
        Numbers in the iterate, in iterate and state, and of the rule.
    data : array, shape (q, m) or (m, q), optional
        A column for each symbol, m rounded up to whole lanes; or a row for each sample.
    samples : int
    design : array, shape (samples, size), optional
        What the parameters of a linear predictor are multiplied by.
    sums : callable, optional
        Makes the sums at a point on a batch or all samples, where data are read in pieces; says
        whether the losses of all samples are wanted. A call then takes one step.
    """

    compiled: Compiled
    source: str
    size: int
    width: int
    numbers: int = 0
    data: np.ndarray | None = None
    samples: int = 0
    design: np.ndarray | None = None
    sums: Callable[[np.ndarray, np.ndarray | None, bool], np.ndarray] | None = None


def compiled_run(objective: Objective, rule: Rule, demand: Demand) -> CompiledRun:
    """Return the compiled run of a rule on an objective.

    Raises
    ------
    NoProgramError
        If a part has no C code, or the whole is too large to be compiled as one piece.
    """

    def of_formula(formula: Objective) -> CompiledRun:
        return _formula_run(formula, open_recurrence_of(rule), rule.name, demand.derived_by)

    def of_data(bound: BoundRisk) -> CompiledRun:
        op, names = run_operation(bound, rule, demand)
        numbers = len(open_recurrence_of(rule).numbers)
        compiled = compile_run(op)
        sums = data_sum(bound.risk, demand.derived_by)
        data = data_of(sums, bound, names, in_rows=demand.only_batches)
        design = design_of(sums, bound) if op.design else None
        return CompiledRun(
            compiled, op.text, op.dimension, op.width, numbers, data, bound.samples, design
        )

    return objective.dispatch(formula=of_formula, data=of_data)


def run_operation(
    objective: Objective, rule: Rule, demand: Demand
) -> tuple[RunOp, tuple[Expr, ...]]:
    """Return a run as an operation, not compiled, and which expressions of the data it reads.

    Raises
    ------
    NoProgramError
        If a part has no C code, or the whole is too large to be compiled as one piece.
    """
    recurrence = open_recurrence_of(rule)

    def of_formula(formula: Objective) -> tuple[RunOp, tuple[Expr, ...]]:
        return _formula_op(formula, recurrence, rule.name, demand.derived_by), ()

    def of_data(bound: BoundRisk) -> tuple[RunOp, tuple[Expr, ...]]:
        whole = replace(demand, blocks=bound.samples > BLOCK)
        return _data_op(data_sum(bound.risk, demand.derived_by), recurrence, rule.name, whole)

    return objective.dispatch(formula=of_formula, data=of_data)


@once(64)
def _formula_run(
    objective: Objective, recurrence: OpenRecurrence, rule_name: str, derived_by: str
) -> CompiledRun:
    op = _formula_op(objective, recurrence, rule_name, derived_by)
    return CompiledRun(compile_run(op), op.text, op.dimension, op.width, len(recurrence.numbers))


@once(64)
def _formula_op(
    objective: Objective, recurrence: OpenRecurrence, rule_name: str, derived_by: str
) -> RunOp:
    return _op(formula_text(objective, recurrence, rule_name, derived_by))


def formula_text(
    objective: Objective, recurrence: OpenRecurrence, rule_name: str, derived_by: str
) -> RunText:
    """Return the text of a run on a formula.

    Raises
    ------
    NoProgramError
        If a part has no C code, or the whole is too large to be compiled as one piece.
    """
    once_a_step, rule = rule_program(recurrence.recurrence, recurrence.letters)
    return RunText(
        title=f"{rule_name}: {objective.expression}",
        names=names_of(objective.variables, recurrence),
        objective=formula_parts(objective, derived_by),
        once=once_a_step,
        rule=rule,
        domain=domain_of(objective.variables),
    )


def formula_parts(objective: Objective, derived_by: str) -> Formula:
    """Return value and gradient of a formula as a program.

    Raises
    ------
    NoProgramError
        If a part has no C code or no derivative, or there are too many operations.
    """
    try:
        variables, outputs = value_and_gradient(objective, derived_by)
    except (NotImplementedError, NullTypeGradError) as error:
        raise NoProgramError(f"PyTensor has no derivative of a part: {error}") from error
    return Formula(limited(program_of(variables, outputs)))


def _op(run: RunText) -> RunOp:
    """Return the operation whose text this is."""
    objective = run.objective
    is_data = isinstance(objective, DataSum)
    return RunOp(
        text=run.text(),
        support=run.support,
        width=run.width,
        dimension=run.size,
        batches=objective.batches,
        data=is_data,
        design=isinstance(objective, DataSum) and objective.by_rows and not objective.handed,
        blocks=isinstance(objective, DataSum) and objective.blocks and not objective.handed,
        vectors=vector_functions() if is_data else (),
    )


def rule_program(recurrence: Recurrence, numbers: Sequence[Symbol] = ()) -> tuple[Program, Program]:
    """Return what a rule computes once a step, and what for each coordinate.

    Both take the rule's own numbers last, those that are inputs.
    """
    held = [x, g, k, alpha, *(letter for letter, _ in recurrence if letter != x)]
    letters = [*held, *numbers]
    inputs, update = lower([expression for _, expression in recurrence], letters)
    early = [2, 3, *range(len(held), len(letters))]
    return program_of(inputs, update, BRANCH_FREE).split(early)


@once(64)
def _data_op(
    sums: risk_graph.DataSum, recurrence: OpenRecurrence, rule_name: str, demand: Demand
) -> tuple[RunOp, tuple[Expr, ...]]:
    """Return the operation, and which expressions of the data are its columns."""
    parts, columns = data_parts(sums, demand, by_rows=takes_rows(sums))
    title = f"{rule_name}: samples of {sums.risk.loss}"
    columns = () if demand.handed else columns
    names = names_of(sums.risk.parameters, recurrence, columns)
    domain = domain_of(sums.risk.parameters)
    once_a_step, rule = rule_program(recurrence.recurrence, recurrence.letters)
    return _op(RunText(title, names, parts, once_a_step, rule, domain)), columns


def takes_rows(sums: risk_graph.DataSum) -> bool:
    """Whether a run takes its data row by row, as it does with many parameters."""
    return sums.has_one_predictor and sums.risk.dimension > MOST_IN_LANES


def data_parts(
    sums: risk_graph.DataSum, demand: Demand, *, by_rows: bool = False
) -> tuple[DataSum, tuple[Expr, ...]]:
    """Return a sum over data as programs, and which expressions of the data are its columns.

    Raises
    ------
    NoProgramError
        If there are too many parameters for a loop over samples, or too many operations.
    """
    dimension = sums.risk.dimension
    if dimension > (MOST_IN_A_ROW if by_rows else MOST_PARAMETERS):
        raise NoProgramError(f"{dimension} parameters are many for a loop over samples")
    sample = Sample(sums, by_rows=by_rows)
    apart = demand.apart
    parts = DataSum(
        both=None if apart else sample.program(sample.loss, *sample.slopes),
        loss=sample.program(sample.loss) if apart else None,
        gradient=sample.program(*sample.slopes) if apart else None,
        penalty=penalty_program(sums),
        mean=sums.risk.reduction == "mean",
        batches=demand.batches,
        only_batches=demand.only_batches,
        by_rows=by_rows,
        blocks=demand.blocks and (by_rows or not demand.only_batches),
        handed=demand.handed,
    )
    return parts, tuple(sample.columns)


def names_of(
    variables: Sequence[Symbol],
    recurrence: OpenRecurrence = NO_RULE,
    columns: Sequence[Expr] = (),
) -> Names:
    """Return what the text of a run calls its numbers."""
    letters = tuple(letter.name for letter, _ in recurrence.recurrence)
    numbers = tuple(letter.name for letter in recurrence.letters)
    data = tuple(
        each.name if isinstance(each, Symbol) else f"c{j}" for j, each in enumerate(columns)
    )
    return Names(tuple(variable.name for variable in variables), letters, data, numbers)
