"""What a runner must be able to do with a sum of squares, and what it hands back.

All is of the plain sum of squared residuals; the factor in front of it changes no step.
"""

from collections.abc import Callable
from typing import Any, Protocol

from symlab.engine.damped_step import DampedStep, Number, Point


class LinearModel(Protocol):
    """The residuals at a point, replaced by what is linear in the step."""

    @property
    def point(self) -> Point:
        """Where the model stands; linear parameters that are eliminated are the best there."""

    @property
    def total(self) -> Number:
        """The sum of squares at the point."""

    @property
    def gradient(self) -> Point:
        """The gradient of the objective there."""

    @property
    def sizes(self) -> Point:
        """The diagonal of E: the largest squared length that each column of J has had."""

    @property
    def steepness(self) -> Number:
        """The squared length of J'R in the sizes of E."""

    @property
    def blur(self) -> Number:
        """The steepness that rounding alone may leave of a zero."""

    @property
    def resolution(self) -> Number:
        """By how much the sum of squares changes from one number to the next: rounding."""

    @property
    def floor(self) -> Number:
        """The sum of squares that the rounding of the point alone may leave of a zero."""

    @property
    def first_radius(self) -> Number:
        """The length of the point in the sizes of E; that of the residuals for a point of zero."""

    def step(self, damping: Number) -> DampedStep | None:
        """Return the step with a damping; None where the matrix to invert is singular."""


class Squares(Protocol):
    """An objective that is a factor times a sum of squares, in one kind of number."""

    @property
    def takes_roots(self) -> bool:
        """Whether a root is a number of this kind."""

    @property
    def factor(self) -> Number:
        """The factor in front of the sum."""

    @property
    def projected(self) -> "Squares":
        """The same with its linear parameters eliminated: always the best for the others."""

    def total(self, point: Point) -> Number:
        """Return the sum of squares at a point; NaN or infinite where it has no value."""

    def model(self, point: Point, sizes: Any) -> LinearModel | None:
        """Return the linear model at a point, after earlier sizes; None where it is not finite."""


class SeparableModel(LinearModel, Protocol):
    """A linear model of which some parameters can be eliminated."""

    def best_linear(self, linear: tuple[int, ...]) -> Point | None:
        """Return the point with the best linear parameters; None where they are not determined."""

    def eliminate(
        self, linear: tuple[int, ...], others: tuple[int, ...], sizes: Any
    ) -> "tuple[LinearModel, Callable[[Point], Point]] | None":
        """Return the model in the other parameters, and how a step of them becomes one of all."""


class SeparableSquares(Protocol):
    """A sum of squares whose linear parameters can be eliminated."""

    @property
    def takes_roots(self) -> bool:
        """Whether a root is a number of this kind."""

    @property
    def factor(self) -> Number:
        """The factor in front of the sum."""

    def total(self, point: Point) -> Number:
        """Return the sum of squares at a point."""

    def model(self, point: Point, sizes: Any) -> SeparableModel | None:
        """Return the linear model at a point, after earlier sizes; None where it is not finite."""
