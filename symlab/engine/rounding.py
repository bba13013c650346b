"""What rounding may add to a value or a derivative of an objective: running error bounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import Expr

from symlab.algebra.error_bound import UNIT, numpy_function, rounding_bound
from symlab.algebra.objective import Objective
from symlab.algebra.risk.risk import BoundRisk
from symlab.engine.lowering.stabilize import stabilize

Vector = tuple[Any, ...]

RESOLUTION = 2.0**-43
"""By what part of itself a value may differ in floats where it is the same: 512 units in the last
place, which a sum of some hundred terms, or a residual with three digits less, may cost.
"""


@dataclass(frozen=True)
class FormulaRounding:
    """The bounds of a formula: those of the expressions that are compiled."""

    objective: Objective

    def value(self, point: Vector) -> float:
        """Return what rounding may add to the value."""
        return self._bound(self.objective.expression, point)

    def gradient(self, point: Vector) -> list[float]:
        """Return what it may add to each first derivative."""
        return [self._bound(entry, point) for entry in self.objective.gradient]

    def hessian(self, point: Vector) -> np.ndarray:
        """Return what it may add to each second derivative, shape (n, n)."""
        return _square([self._bound(entry, point) for entry in self.objective.hessian])

    def _bound(self, expression: Expr, point: Vector) -> float:
        here = dict(zip(self.objective.variables, map(float, point), strict=True))
        return float(rounding_bound(_stable(expression), here))


@dataclass(frozen=True)
class SumRounding:
    """The bounds of a sum over data: every term's rounding, and that of adding them."""

    objective: BoundRisk

    def value(self, point: Vector) -> float:
        """Return what rounding may add to the value."""
        risk = self.objective.risk
        return self._total(risk.loss, risk.penalty, point)

    def gradient(self, point: Vector) -> list[float]:
        """Return what it may add to each first derivative."""
        risk = self.objective.risk
        return self._totals(risk.gradient, risk.penalty_derivatives(1), point)

    def hessian(self, point: Vector) -> np.ndarray:
        """Return what it may add to each second derivative, shape (n, n)."""
        risk = self.objective.risk
        return _square(self._totals(risk.hessian, risk.penalty_derivatives(2), point))

    def _totals(self, losses: Sequence[Expr], penalties: list[Expr], point: Vector) -> list[float]:
        pairs = zip(losses, penalties, strict=True)
        return [self._total(loss, penalty, point) for loss, penalty in pairs]

    def _total(self, loss: Expr, penalty: Expr, point: Vector) -> float:
        risk, samples = self.objective.risk, self.objective.samples
        arrays = self.objective.arrays
        here = dict(zip(risk.parameters, map(float, point), strict=True))
        columns = dict(zip(risk.data, arrays, strict=True))
        terms = np.broadcast_to(rounding_bound(_stable(loss), {**here, **columns}), samples)
        of_sample = function_of_arrays(_stable(loss), (*risk.parameters, *risk.data))
        sizes = np.abs(of_sample(*here.values(), *arrays))
        adding = samples * UNIT * float(np.sum(np.broadcast_to(sizes, samples)))
        of_losses = float(self.objective.weight) * (float(np.sum(terms)) + adding)
        return of_losses + float(rounding_bound(_stable(penalty), here))


Rounding = FormulaRounding | SumRounding


def rounding_of(objective: Objective) -> Rounding:
    """Return the bounds of an objective, by what it is: only a sum also rounds in adding."""

    def of_formula(formula: Objective) -> Rounding:
        return FormulaRounding(formula)

    def of_data(bound: BoundRisk) -> Rounding:
        return SumRounding(bound)

    return objective.dispatch(formula=of_formula, data=of_data)


_stable = lru_cache(maxsize=256)(stabilize)


@lru_cache(maxsize=256)
def function_of_arrays(expression: Any, symbols: tuple[Any, ...]) -> Any:
    """Return an expression as a function of NumPy arrays."""
    return numpy_function(symbols, expression)


def _square(entries: list[float]) -> np.ndarray:
    size = round(len(entries) ** 0.5)
    return np.array(entries).reshape(size, size)
