"""The step to the lowest point of a model, damped or not: what regions bound."""

from dataclasses import dataclass
from typing import Any

Point = Any
Number = Any


@dataclass(frozen=True)
class DampedStep:
    """The step to the lowest point of a model whose matrix is H + damping E.

    For a sum of squares H is J'J, the matrix of the linear model of the residuals.

    Parameters
    ----------
    direction : n numbers
        The step P.
    reach : number
        Its length in the sizes of E.
    bend : number
        Half of what the squared reach falls by, for each unit of damping.
    foreseen : number
        By how much the undamped model falls: of the objective, or of the sum of squares.
    """

    direction: Point
    reach: Number
    bend: Number
    foreseen: Number
