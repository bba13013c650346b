"""Value and derivatives as functions of mpmath numbers, to whatever precision is at work."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import mpmath
from sympy import Expr

from symlab.algebra.by_mpmath import NO_VALUE, mpmath_function
from symlab.algebra.objective import Objective
from symlab.algebra.risk.risk import BoundRisk
from symlab.engine.lowering.stabilize import stabilize


@dataclass(frozen=True)
class FormulaFunctions:
    """Value and derivatives of an expression, as functions of mpmath numbers."""

    objective: Objective

    def _compile(self, expressions: Iterable[Expr]) -> Callable[..., list[Any]]:
        return mpmath_function(tuple(map(stabilize, expressions)), self.objective.variables)

    @cached_property
    def value(self) -> Callable[..., list[Any]]:
        """The function that returns the value, alone in a list."""
        return self._compile([self.objective.expression])

    @cached_property
    def value_and_gradient(self) -> Callable[..., list[Any]]:
        """The function that returns the value and the n first derivatives."""
        return self._compile([self.objective.expression, *self.objective.gradient])

    @cached_property
    def hessian(self) -> Callable[..., list[Any]]:
        """The function that returns the n * n second derivatives, row by row."""
        return self._compile(self.objective.hessian)


@dataclass(frozen=True)
class DataFunctions:
    """The same of an empirical risk: the loss of one sample, evaluated on each and added up."""

    objective: BoundRisk

    def value(self, *point: Any) -> list[Any]:
        """Return the value, alone in a list."""
        risk = self.objective.risk
        return self._total([risk.loss], [risk.penalty], point)

    def value_and_gradient(self, *point: Any) -> list[Any]:
        """Return the value and the n first derivatives."""
        risk = self.objective.risk
        penalties = [risk.penalty, *risk.penalty_derivatives(1)]
        return self._total([risk.loss, *risk.gradient], penalties, point)

    def hessian(self, *point: Any) -> list[Any]:
        """Return the n * n second derivatives, row by row."""
        risk = self.objective.risk
        return self._total(list(risk.hessian), risk.penalty_derivatives(2), point)

    def _total(self, losses: list[Expr], penalties: list[Expr], point: tuple) -> list[Any]:
        risk = self.objective.risk
        of_sample = mpmath_function(tuple(map(stabilize, losses)), (*risk.parameters, *risk.data))
        of_penalty = mpmath_function(tuple(map(stabilize, penalties)), risk.parameters)
        rows = [of_sample(*point, *row) for row in self._rows]
        weight = mpmath.mpf(1) / len(rows) if risk.reduction == "mean" else mpmath.mpf(1)
        sums = [mpmath.fsum(column) for column in zip(*rows, strict=True)]
        return [weight * a + b for a, b in zip(sums, of_penalty(*point), strict=True)]

    @cached_property
    def _rows(self) -> list[tuple[Any, ...]]:
        """The data, a row per sample: floats are exact numbers and come over as they are."""
        columns = (map(mpmath.mpf, array.tolist()) for array in self.objective.arrays)
        return list(zip(*columns, strict=True))


ExactFunctions = FormulaFunctions | DataFunctions


def exact_functions(objective: Objective) -> ExactFunctions:
    """Return the functions of an objective, by what it is: a formula, or a sum over data."""

    def of_formula(formula: Objective) -> ExactFunctions:
        return FormulaFunctions(formula)

    def of_data(bound: BoundRisk) -> ExactFunctions:
        return DataFunctions(bound)

    return objective.dispatch(formula=of_formula, data=of_data)


def or_nan(function: Callable[..., Any], point: tuple, size: int) -> list[Any]:
    """Call a function; a pole or a value that is not real becomes NaN, which ends the run."""
    try:
        values = function(*point)
    except NO_VALUE:
        return [mpmath.mpf("nan")] * size
    return [mpmath.mpf("nan") if isinstance(v, mpmath.mpc) else mpmath.mpf(v) for v in values]
