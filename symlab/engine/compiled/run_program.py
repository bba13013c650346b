"""What a run in C is made of: an objective's programs, a rule's, and the data in columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import NullTypeGradError, grad
from pytensor.graph.basic import Variable
from sympy import Expr, Symbol

from symlab.algebra.alphabet import alpha, g, k, x
from symlab.algebra.differentiation import derivative
from symlab.algebra.objective import Objective
from symlab.algebra.risk.risk import BoundRisk
from symlab.engine.compiled import risk_graph
from symlab.engine.compiled.c_program import Program, program_of
from symlab.engine.compiled.c_text import NoProgramError
from symlab.engine.compiled.function import Compiled, once
from symlab.engine.compiled.risk_graph import data_sum
from symlab.engine.compiled.rule_loop import substitute, value_and_gradient
from symlab.engine.compiled.run_head import LANES
from symlab.engine.compiled.run_names import Names
from symlab.engine.compiled.run_op import RunOp, compile_run
from symlab.engine.compiled.run_source import RunText
from symlab.engine.compiled.sample_source import DataSum, Formula
from symlab.engine.compiled.scan import Recurrence, recurrence_of
from symlab.engine.compiled.vector_math import BRANCH_FREE, vector_functions
from symlab.engine.domain import Domain, domain_of
from symlab.engine.lowering.lower import lower
from symlab.engine.lowering.stabilize import stabilize, stabilize_for_autodiff
from symlab.methods.rule import Rule

MOST_OPERATIONS = 3000
"""Operations in value and gradient up to which g++ takes seconds."""

MOST_PARAMETERS = 64
"""Parameters of a sum over data up to which samples in lanes are faster than matrix products."""


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
        Whether not every iterate is recorded, so that values need not be known at each.
    record : str
        Of what values are: the `"objective"`, or each step's own `"batch"`.
    """

    derived_by: str = "sympy"
    batches: bool = False
    sparse: bool = False
    record: str = "objective"

    @property
    def apart(self) -> bool:
        """Whether a value is of other samples than the gradient, or asked for less often."""
        return self.sparse or (self.batches and not self.only_batches)

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
    size, width : int
        Numbers in the iterate, and in iterate and state.
    data : array, shape (q, m) or (m, q), optional
        A column for each symbol, m rounded up to whole lanes; or a row for each sample.
    samples : int
    """

    compiled: Compiled
    source: str
    size: int
    width: int
    data: np.ndarray | None = None
    samples: int = 0


def compiled_run(objective: Objective, rule: Rule, demand: Demand) -> CompiledRun:
    """Return the compiled run of a rule on an objective.

    Raises
    ------
    NoProgramError
        If a part has no C code, or the whole is too large to be compiled as one piece.
    """
    op, names = run_operation(objective, rule, demand)
    compiled = compile_run(op)

    def of_formula(_: Objective) -> CompiledRun:
        return CompiledRun(compiled, op.text, op.dimension, op.width)

    def of_data(bound: BoundRisk) -> CompiledRun:
        sums = data_sum(bound.risk, demand.derived_by)
        data = _data_of(sums, bound, (names, demand.only_batches))
        return CompiledRun(compiled, op.text, op.dimension, op.width, data, bound.samples)

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
    recurrence = recurrence_of(rule)

    def of_formula(formula: Objective) -> tuple[RunOp, tuple[Expr, ...]]:
        return _formula_op(formula, recurrence, rule.name, demand.derived_by), ()

    def of_data(bound: BoundRisk) -> tuple[RunOp, tuple[Expr, ...]]:
        return _data_op(data_sum_of(bound, demand.derived_by), recurrence, rule.name, demand)

    return objective.dispatch(formula=of_formula, data=of_data)


def data_sum_of(bound: BoundRisk, derived_by: str) -> risk_graph.DataSum:
    """Return what a sum over data is made of.

    Raises
    ------
    NoProgramError
        If it has more parameters than lanes of samples are good for.
    """
    if bound.dimension > MOST_PARAMETERS:
        raise NoProgramError(f"{bound.dimension} parameters are many for lanes of samples")
    return data_sum(bound.risk, derived_by)


@once(64)
def _formula_op(
    objective: Objective, recurrence: Recurrence, rule_name: str, derived_by: str
) -> RunOp:
    parts = formula_parts(objective, derived_by)
    title = f"{rule_name}: {objective.expression}"
    names = names_of(objective.variables, recurrence)
    return _op(title, names, parts, recurrence, domain_of(objective.variables))


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
    return Formula(_limited(program_of(variables, outputs)))


def _slopes(value: Variable, variables: Sequence[Variable]) -> list[Variable]:
    try:
        return grad(value, list(variables), disconnected_inputs="ignore")
    except (NotImplementedError, NullTypeGradError) as error:
        raise NoProgramError(f"PyTensor has no derivative of a part: {error}") from error


def _limited(program: Program) -> Program:
    if program.operations > MOST_OPERATIONS:
        raise NoProgramError(f"{program.operations} operations are too many for one piece of C")
    return program


def _op(
    title: str,
    names: Names,
    objective: Formula | DataSum,
    recurrence: Recurrence,
    domain: Domain,
) -> RunOp:
    """Return the operation whose text these parts make."""
    once_a_step, rule = rule_program(recurrence)
    run = RunText(title, names, objective, once_a_step, rule, domain)
    is_data = isinstance(objective, DataSum)
    programs = (*objective.programs, once_a_step, rule)
    return RunOp(
        text=run.text(),
        support=tuple(sorted({text for program in programs for text in program.support})),
        width=run.width,
        dimension=run.size,
        batches=objective.batches,
        data=is_data,
        vectors=vector_functions() if is_data else (),
    )


def rule_program(recurrence: Recurrence) -> tuple[Program, Program]:
    """Return what a rule computes once a step, and what for each coordinate."""
    letters = [x, g, k, alpha, *(letter for letter, _ in recurrence if letter != x)]
    inputs, update = lower([expression for _, expression in recurrence], letters)
    return program_of(inputs, update, BRANCH_FREE).split([2, 3])


@once(64)
def _data_op(
    sums: risk_graph.DataSum, recurrence: Recurrence, rule_name: str, demand: Demand
) -> tuple[RunOp, tuple[Expr, ...]]:
    """Return the operation, and which expressions of the data are its columns."""
    parts, columns = data_parts(sums, demand)
    title = f"{rule_name}: samples of {sums.risk.loss}"
    names = names_of(sums.risk.parameters, recurrence, columns)
    domain = domain_of(sums.risk.parameters)
    return _op(title, names, parts, recurrence, domain), columns


def data_parts(sums: risk_graph.DataSum, demand: Demand) -> tuple[DataSum, tuple[Expr, ...]]:
    """Return a sum over data as programs, and which expressions of the data are its columns."""
    sample = Sample(sums)
    apart = demand.apart
    parts = DataSum(
        both=None if apart else sample.program(sample.loss, *sample.slopes),
        loss=sample.program(sample.loss) if apart else None,
        gradient=sample.program(*sample.slopes) if apart else None,
        penalty=penalty_program(sums),
        mean=sums.risk.reduction == "mean",
        batches=demand.batches,
        only_batches=demand.only_batches,
    )
    return parts, tuple(sample.columns)


def names_of(
    variables: Sequence[Symbol], recurrence: Recurrence = (), columns: Sequence[Expr] = ()
) -> Names:
    """Return what the text of a run calls its numbers."""
    letters = tuple(letter.name for letter, _ in recurrence)
    data = tuple(
        each.name if isinstance(each, Symbol) else f"c{j}" for j, each in enumerate(columns)
    )
    return Names(tuple(variable.name for variable in variables), letters, data)


class Sample:
    """Loss and slopes of one sample, as graphs in the parameters and what it reads of the data.

    Parameters
    ----------
    sums : DataSum
    """

    def __init__(self, sums: risk_graph.DataSum) -> None:
        self.sums = sums
        self.parameters = [pt.dscalar() for _ in sums.risk.parameters]
        self.columns: dict[Expr, Variable] = {}
        self.scores = self._scores()
        self.loss, self.slopes = self._of_loss()

    def program(self, *outputs: Variable) -> Program:
        """Return graphs as a program of the parameters and all columns."""
        inputs = [*self.parameters, *self.columns.values()]
        return _limited(program_of(inputs, outputs, BRANCH_FREE))

    def _column(self, expression: Expr) -> Any:
        """Return what stands for an expression of the data: a number, or a column of its own."""
        if expression.is_number:
            return pt.constant(float(expression))
        return self.columns.setdefault(expression, pt.dscalar())

    def _scores(self) -> dict[Symbol, tuple[Variable, list[tuple[int, Any]]]]:
        """Return each linear predictor, and which parameters it multiplies with what."""
        scores = {}
        for block in self.sums.blocks:
            for place, symbol in enumerate(block.symbols):
                terms = [
                    (places[place], self._column(coefficient))
                    for places, coefficient in zip(block.places, block.coefficients, strict=True)
                ]
                parts = [_times(self.parameters[j], column) for j, column in terms]
                offset = block.offsets[place]
                parts += [self._column(offset)] if offset != 0 else []
                scores[symbol] = (pt.add(*parts) if len(parts) > 1 else parts[0], terms)
        return scores

    def _of_loss(self) -> tuple[Variable, list[Variable]]:
        read = list(self.sums.read)
        own = list(self.scores) or list(self.sums.risk.parameters)
        given = [score for score, _ in self.scores.values()] or self.parameters
        given = [*given, *(self._column(symbol) for symbol in read)]
        loss = self.sums.loss
        if self.sums.derived_by == "autodiff":
            symbols, (value,) = lower(
                [stabilize_for_autodiff(loss)], [*own, *read], differentiable=True
            )
            (value,) = substitute([value], dict(zip(symbols, given, strict=True)))
            return value, _slopes(value, self.parameters)
        wanted = [stabilize(e) for e in (loss, *(derivative(loss, symbol) for symbol in own))]
        symbols, outputs = lower(wanted, [*own, *read])
        value, *slopes = substitute(outputs, dict(zip(symbols, given, strict=True)))
        return value, self._chained(slopes) if self.scores else slopes

    def _chained(self, slopes: list[Variable]) -> list[Variable]:
        """Return the slopes in the parameters, from those in the predictors."""
        terms: list[list[Variable]] = [[] for _ in self.parameters]
        for slope, (_, pairs) in zip(slopes, self.scores.values(), strict=True):
            for place, column in pairs:
                terms[place].append(_times(slope, column))
        zero = pt.constant(0.0)
        return [pt.add(*each) if len(each) > 1 else [*each, zero][0] for each in terms]


def _times(factor: Variable, column: Any) -> Variable:
    return factor if getattr(column, "data", None) == 1.0 else factor * column


def penalty_program(sums: risk_graph.DataSum) -> Program | None:
    """Return penalty and gradient as a program of the parameters, or None where there is none."""
    penalty, parameters = sums.risk.penalty, sums.risk.parameters
    if penalty == 0:
        return None
    expressions = [penalty, *(derivative(penalty, p) for p in parameters)]
    inputs, outputs = lower([stabilize(each) for each in expressions], parameters)
    if sums.derived_by == "autodiff":
        outputs = [outputs[0], *_slopes(outputs[0], inputs)]
    return _limited(program_of(inputs, outputs))


def _data_of(
    sums: risk_graph.DataSum, bound: BoundRisk, layout: tuple[tuple[Expr, ...], bool]
) -> np.ndarray:
    """Return what samples read, laid out now or for the last run on the same data."""
    kept = _laid_out.get(bound)
    if kept is None or kept[0] != layout:
        names, in_rows = layout
        _laid_out[bound] = kept = layout, _in_memory(sums, bound, names, in_rows=in_rows)
    return kept[1]


_laid_out: WeakKeyDictionary[BoundRisk, tuple[Any, np.ndarray]] = WeakKeyDictionary()
"""For each objective that is alive the data of its last run: to lay out a million samples takes as
long as ten thousand steps in batches of ten."""


def _in_memory(
    sums: risk_graph.DataSum, bound: BoundRisk, names: tuple[Expr, ...], *, in_rows: bool
) -> np.ndarray:
    """Return what samples read: a row for each, or columns as long as whole lanes."""
    known = dict(zip(sums.risk.data, bound.arrays, strict=True))
    if in_rows:
        return risk_graph.data_table(names, known, bound.samples)
    length = -(-bound.samples // LANES) * LANES
    data = np.empty((len(names), length))
    for row, name in zip(data, names, strict=True):
        table = risk_graph.data_table((name,), known, bound.samples)
        row[: bound.samples] = table[:, 0]
        row[bound.samples :] = row[0]
    return data
