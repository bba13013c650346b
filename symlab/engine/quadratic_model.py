"""What a runner must be able to do with the quadratic model of an objective, and what it returns.

Lengths are measured in the sizes of the diagonal E: |E^(1/2) P|. Eigenvalues are those of the
Hessian scaled by it, E^(-1/2) H E^(-1/2), whose entries are at most of size one.
"""

from collections.abc import Sequence
from typing import Protocol

from symlab.engine.damped_step import DampedStep, Number, Point


class Quadratic(Protocol):
    """The objective near a point, replaced by its Taylor polynomial of second order."""

    @property
    def sizes(self) -> Point:
        """The diagonal of E."""

    @property
    def steepest(self) -> Point:
        """The direction of the steepest descent in the sizes of E."""

    @property
    def steepness(self) -> Number:
        """Its squared length, which is minus the slope along it."""

    @property
    def is_definite(self) -> bool:
        """Whether every eigenvalue is certainly positive."""

    @property
    def is_indefinite(self) -> bool:
        """Whether an eigenvalue is certainly negative; never in rational arithmetic."""

    @property
    def takes_roots(self) -> bool:
        """Whether a root is a number of this kind."""

    @property
    def least_damping(self) -> Number:
        """The damping with which the lowest eigenvalue is just large enough; 0 if it is so."""

    @property
    def shift(self) -> Number:
        """The damping that makes a Hessian amply positive definite; 0 if it is definite."""

    @property
    def downward(self) -> Point:
        """A step of length 1 along the lowest curvature, on the side that does not climb."""

    @property
    def unscaled(self) -> "Quadratic":
        """The same model with lengths as Euclid has them."""

    def step(self, damping: Number) -> DampedStep | None:
        """Return the step with a damping; None where H + damping E is not positive definite."""

    def inner(self, left: Point, right: Point) -> Number:
        """Return the inner product in the sizes of E."""

    def curved(self, left: Point, right: Point) -> Number:
        """Return left' H right."""

    def foreseen(self, direction: Point) -> Number:
        """Return by how much the model falls along a step."""

    def spanned(self, basis: Sequence[Point]) -> "Quadratic":
        """Return the model of the weights of vectors whose inner products are 0 and 1."""
