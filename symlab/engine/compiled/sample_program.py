"""The loss of one sample and its slopes as programs."""

from collections.abc import Sequence
from typing import Any

import pytensor.tensor as pt
from pytensor.gradient import NullTypeGradError, grad
from pytensor.graph.basic import Variable
from sympy import Expr, Symbol

from symlab.algebra.differentiation import derivative
from symlab.engine.compiled.c_program import Program, program_of
from symlab.engine.compiled.c_text import NoProgramError
from symlab.engine.compiled.risk_graph import DataSum
from symlab.engine.compiled.rule_loop import substitute
from symlab.engine.compiled.vector_math import BRANCH_FREE
from symlab.engine.lowering.lower import lower
from symlab.engine.lowering.stabilize import stabilize, stabilize_for_autodiff

ONE = pt.constant(1.0)

MOST_OPERATIONS = 3000
"""Operations in value and gradient up to which g++ takes seconds."""


def limited(program: Program) -> Program:
    """Return a program that is small enough for one piece of C.

    Raises
    ------
    NoProgramError
        If it is not.
    """
    if program.operations > MOST_OPERATIONS:
        raise NoProgramError(f"{program.operations} operations are too many for one piece of C")
    return program


class Sample:
    """Loss and slopes of one sample, as graphs in the parameters and what it reads of the data.

    Parameters
    ----------
    sums : DataSum
    by_rows : bool
        Whether the linear predictor, which is the only one, stands for the parameters.
    """

    def __init__(self, sums: DataSum, *, by_rows: bool = False) -> None:
        self.sums, self.by_rows = sums, by_rows
        self.parameters = [pt.dscalar() for _ in range(1 if by_rows else sums.risk.dimension)]
        self.columns: dict[Expr, Variable] = {}
        self.scores = self._scores()
        self.loss, self.slopes = self._of_loss()

    def program(self, *outputs: Variable) -> Program:
        """Return graphs as a program of the parameters and all columns."""
        inputs = [*self.parameters, *self.columns.values()]
        return limited(program_of(inputs, outputs, BRANCH_FREE))

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
                    if not self.by_rows
                ] or [(0, ONE)]
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


def penalty_program(sums: DataSum) -> Program | None:
    """Return penalty and gradient as a program of the parameters, or None where there is none."""
    penalty, parameters = sums.risk.penalty, sums.risk.parameters
    if penalty == 0:
        return None
    expressions = [penalty, *(derivative(penalty, p) for p in parameters)]
    inputs, outputs = lower([stabilize(each) for each in expressions], parameters)
    if sums.derived_by == "autodiff":
        outputs = [outputs[0], *_slopes(outputs[0], inputs)]
    return limited(program_of(inputs, outputs))


def _slopes(value: Variable, variables: Sequence[Variable]) -> list[Variable]:
    try:
        return grad(value, list(variables), disconnected_inputs="ignore")
    except (NotImplementedError, NullTypeGradError) as error:
        raise NoProgramError(f"PyTensor has no derivative of a part: {error}") from error
