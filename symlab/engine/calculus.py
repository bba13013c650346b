"""What a runner must be able to compute, in its own kind of number, and what it hands back.

A calculus does arithmetic in one kind of number: exact, n-digit or float64. The loop, the searches
and the directions' memories are written over it once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from sympy import Expr, MatrixSymbol, Symbol

from symlab.engine.domain import Domain
from symlab.engine.quadratic_model import Quadratic
from symlab.engine.squares_model import Squares
from symlab.engine.stopping import Ending
from symlab.methods.method import Method
from symlab.methods.rule import Rule

Point = Any
Number = Any
State = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """An iterate: where, the value and gradient there, and what led to it.

    `tried` are the trial steps of the search that led to it: length, value and point of each.
    """

    k: int
    point: Point
    value: Number
    gradient: Point
    step_size: Number
    evaluations: int
    state: State
    tried: tuple[tuple[Number, Number, Point], ...] = ()


@dataclass(frozen=True)
class Line:
    """The line from a point along a direction, and what is known of the objective at its start.

    Parameters
    ----------
    point, direction : n numbers
    value, slope : number
        Of the objective along the line, at the point.
    square : number
        Minus the slope: along steepest descent the squared length of the gradient.
    highest : number
        The highest of the last values, as many as the search remembers: its own if it does not.
    """

    point: Point
    direction: Point
    value: Number
    slope: Number
    square: Number
    highest: Number


@dataclass(frozen=True)
class LineStep:
    """The length of a step along a line, and how many trials it took; None where none was found.

    `tried` are length, value and point of each trial that was looked at, in order.
    """

    length: Number | None
    trials: int
    ending: Ending | None = None
    tried: tuple[tuple[Number, Number, Point], ...] = ()


class Calculus(Protocol):
    """What a runner must be able to compute, in its own kind of number."""

    @property
    def squares(self) -> Squares:
        """The objective as a sum of squares; a ValueError where it is none."""

    @property
    def resolution(self) -> float:
        """By what part of itself a value may differ by rounding; zero for exact numbers."""

    def number(self, exact: Expr) -> Number:
        """Turn an exact SymPy number into the runner's kind."""

    def value_and_gradient(self, point: Point) -> tuple[Number, Point]:
        """Return value and gradient at a point."""

    def value(self, point: Point) -> Number:
        """Return the objective at a point."""

    def batch_value_and_gradient(self, point: Point, batch: np.ndarray) -> tuple[Number, Point]:
        """Return value and gradient of an empirical risk on some of its samples."""

    def hessian(self, point: Point) -> Any:
        """Return the matrix of second derivatives at a point."""

    def shifted(self, hessian: Any) -> tuple[Any, Number] | None:
        """Return the Hessian made positive definite, and by what shift; None where it has none."""

    def quadratic(self, gradient: Point, hessian: Any, sizes: Any) -> Quadratic | None:
        """Return the model at a point, after earlier sizes or None; None where it is not finite."""

    def spacing(self, value: Number) -> Number:
        """Return by how much a value differs from the next number, at least."""

    def initial_state(self, letters: tuple[Symbol, ...]) -> State:
        """Return zeros for each letter of a rule's state."""

    def apply_rule(
        self, rule: Rule, point: Point, gradient: Point, k: int, state: State
    ) -> tuple[Point, State]:
        """Return the next iterate and state."""

    def zeros(self) -> Point:
        """Return the vector of n zeros."""

    def initial_memory(self, method: Method) -> State:
        """Return the identity for each matrix that a direction remembers, zeros for vectors."""

    def direction(
        self, method: Method, gradient: Point, hessian: Any, memory: State
    ) -> Point | None:
        """Return the direction, or None where the matrix to invert is singular."""

    def remember(
        self, method: Method, memory: State, step: Mapping[MatrixSymbol, Point], *, first: bool
    ) -> State:
        """Return the updated memory after a step: what S, Y, G and P stand for."""

    def move(self, point: Point, length: Number, direction: Point) -> Point:
        """Return point + length * direction."""

    def scale(self, length: Number, direction: Point) -> Point:
        """Return length * direction."""

    def times(self, left: Number, right: Number) -> Number:
        """Return the product of two numbers."""

    def divide(self, left: Number, right: Number) -> Number:
        """Return the quotient of two numbers."""

    def subtract(self, left: Point, right: Point) -> Point:
        """Return left - right."""

    def dot(self, left: Point, right: Point) -> Number:
        """Return the inner product."""

    def evaluate(self, formula: Expr, known: Mapping[Symbol, Number]) -> Any:
        """Return a formula of numbers as a number; of a relation, whether it holds."""

    def best_length(self, point: Point, direction: Point, domain: Domain) -> LineStep:
        """Return the step that minimises the objective along a line, within the domain."""
