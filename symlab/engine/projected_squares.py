"""A sum of squares without its linear parameters, in any kind of number: variable projection.

At every point the parameters that enter linearly are the best for the others, so that only the
others are left to step (Golub & Pereyra 1973, with the Jacobian of Kaufman 1975).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from symlab.engine.damped_step import DampedStep
from symlab.engine.squares_model import LinearModel, Number, Point, SeparableSquares


@dataclass(frozen=True)
class ProjectedModel:
    """The linear model at a point whose linear parameters are the best.

    Parameters
    ----------
    whole : LinearModel
        In all parameters.
    reduced : LinearModel
        In those that are left.
    follow : callable
        Turns a step of those into one of all: the linear ones follow.
    """

    whole: LinearModel
    reduced: LinearModel
    follow: Callable[[Point], Point]

    @property
    def point(self) -> Point:
        """Where the model stands, with the best linear parameters."""
        return self.whole.point

    @property
    def total(self) -> Number:
        """The sum of squares."""
        return self.whole.total

    @property
    def gradient(self) -> Point:
        """The gradient in all parameters; that in the linear ones is zero but for rounding."""
        return self.whole.gradient

    @property
    def resolution(self) -> Number:
        """What rounding does to the sum of squares."""
        return self.whole.resolution

    @property
    def floor(self) -> Number:
        """What rounding may leave of a sum that is zero."""
        return self.whole.floor

    @property
    def sizes(self) -> Point:
        """The diagonal of E, of the parameters that are left."""
        return self.reduced.sizes

    @property
    def steepness(self) -> Number:
        """The squared length of K'R in the sizes of E."""
        return self.reduced.steepness

    @property
    def blur(self) -> Number:
        """The steepness that rounding alone may leave of a zero."""
        return self.reduced.blur

    @property
    def first_radius(self) -> Number:
        """The length of the point, as far as it is left, in the sizes of E."""
        return self.reduced.first_radius

    def step(self, damping: Number) -> DampedStep | None:
        """Return the step of all parameters with a damping of those that are left."""
        found = self.reduced.step(damping)
        if found is None:
            return None
        direction = self.follow(found.direction)
        return DampedStep(direction, found.reach, found.bend, found.foreseen)


@dataclass(frozen=True)
class ProjectedSquares:
    """A sum of squares as a function of the parameters that are left.

    Parameters
    ----------
    whole : SeparableSquares
    linear, others : tuple of int
        Which parameters are eliminated, and which are left.
    """

    whole: SeparableSquares
    linear: tuple[int, ...]
    others: tuple[int, ...]

    @property
    def takes_roots(self) -> bool:
        """Whether a root is a number of this kind."""
        return self.whole.takes_roots

    @property
    def factor(self) -> Number:
        """The factor in front of the sum."""
        return self.whole.factor

    @property
    def projected(self) -> "ProjectedSquares":
        """Itself."""
        return self

    def total(self, point: Point) -> Number:
        """Return the sum of squares with the best linear parameters; NaN where there are none."""
        best = self._best(point)
        return float("nan") if best is None else self.whole.total(best)

    def model(self, point: Point, sizes: Any) -> ProjectedModel | None:
        """Return the linear model with the best linear parameters; None where there is none."""
        best = self._best(point)
        whole = None if best is None else self.whole.model(best, None)
        if whole is None:
            return None
        found = whole.eliminate(self.linear, self.others, sizes)
        return None if found is None else ProjectedModel(whole, *found)

    def _best(self, point: Point) -> Point | None:
        model = self.whole.model(point, None)
        return None if model is None else model.best_linear(self.linear)
