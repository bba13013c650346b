"""Systems of n equations in n variables, in balls: what a point that is looked for satisfies.

That a gradient vanishes is one. That m residuals vanish is turned into one by a fixed matrix, the
transposed Jacobian at a point nearby: Newton's method for it is Gauss and Newton's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self

from sympy import Expr, Float, Integer, Symbol

from symlab.algebra.objective import Objective
from symlab.theory.balls.arithmetic import Ball, Balls
from symlab.theory.balls.jets import jet_of, jets_of
from symlab.theory.balls.krawczyk import Matrix, full

FAR = 1e300
"""As good as no limit."""
SLACK = 4
"""By how much slopes nearby may be larger than those in the middle."""


class System(Protocol):
    """Equations and their derivatives."""

    def at(self, point: Sequence[Ball]) -> tuple[list[Ball], Matrix]:
        """Return n values and the n by n matrix of derivatives, over a ball of points."""

    def fitted(self, point: Sequence[Ball]) -> Self:
        """Return the system as it is best stated near a point."""


@dataclass(frozen=True)
class Stationarity:
    """That the gradient of an objective is zero."""

    objective: Objective
    balls: Balls

    def at(self, point: Sequence[Ball]) -> tuple[list[Ball], Matrix]:
        """Return gradient and Hessian."""
        jet, zero = jet_of(self.objective, self.balls, point), self.balls.number(Integer(0))
        slopes = [jet.gradient.get(i, zero) for i in range(len(point))]
        return slopes, full(jet, zero, len(point))

    def fitted(self, point: Sequence[Ball]) -> "Stationarity":
        """Return the same system."""
        return self


@dataclass(frozen=True)
class Vanishing:
    """That m residuals are zero, combined by a fixed matrix of n rows to n equations.

    Parameters
    ----------
    residuals : tuple of sympy.Expr
    variables : tuple of sympy.Symbol
    balls : Balls
    rows : n rows of m balls
        The matrix; a regular one loses nothing where m is n, else a zero of the combined equations
        need not be one of the residuals.
    """

    residuals: tuple[Expr, ...]
    variables: tuple[Symbol, ...]
    balls: Balls
    rows: Matrix = field(default_factory=list)

    def fitted(self, point: Sequence[Ball]) -> "Vanishing":
        """Return the system combined by the transposed Jacobian in the middle of a ball."""
        middle = [self.balls.middle(ball) for ball in point]
        _, jacobian = self.uncombined(middle)
        rows = [list(map(self.balls.middle, column)) for column in zip(*jacobian, strict=True)]
        return Vanishing(self.residuals, self.variables, self.balls, rows)

    def at(self, point: Sequence[Ball]) -> tuple[list[Ball], Matrix]:
        """Return the combined equations and their derivatives."""
        values, jacobian = self.uncombined(point)
        columns = list(zip(*jacobian, strict=True))
        return (
            [self._dot(row, values) for row in self.rows],
            [[self._dot(row, column) for column in columns] for row in self.rows],
        )

    def uncombined(self, point: Sequence[Ball]) -> tuple[list[Ball], Matrix]:
        """Return the m residuals and their m by n Jacobian."""
        zero = self.balls.number(Integer(0))
        jets = jets_of(self.residuals, self.variables, self.balls, point)
        jacobian = [[jet.gradient.get(i, zero) for i in range(len(point))] for jet in jets]
        return [jet.value for jet in jets], jacobian

    def may_vanish(self, point: Sequence[Ball], within: float) -> bool:
        """Whether the residuals' slopes let them all reach zero near a point, to first order.

        Parameters
        ----------
        point : n balls of radius zero
        within : float
            How far from it, relative to each coordinate or to 1.
        """
        values, jacobian = self.uncombined(point)
        far = self.balls.number(Float(min(within, FAR)))
        reach = [far * self.balls.size(x) + far for x in point]
        zero = self.balls.number(Integer(0))
        return not any(
            abs(value) > SLACK * sum((abs(a) * r for a, r in zip(row, reach, strict=True)), zero)
            for value, row in zip(values, jacobian, strict=True)
        )

    def _dot(self, one: Sequence[Ball], other: Sequence[Ball]) -> Ball:
        products = (a * b for a, b in zip(one, other, strict=True))
        return sum(products, self.balls.number(Integer(0)))
