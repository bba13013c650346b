"""What all exact arithmetic shares: tuples are vectors, and matrices are SymPy's."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from sympy import ImmutableMatrix, Matrix, MatrixExpr, Symbol, eye, nan, oo, zoo
from sympy.matrices.exceptions import NonInvertibleMatrixError

from symlab.algebra.alphabet import G, H, n, phi_0, phi_q, q, slope, square
from symlab.algebra.objective import Objective
from symlab.engine.iteration import Line, State
from symlab.methods.method import Method


class ExactVectors(ABC):
    """What both kinds of exact number share: tuples as vectors, SymPy for matrices."""

    objective: Objective

    @property
    @abstractmethod
    def working(self) -> AbstractContextManager[Any]:
        """The precision in which numbers are combined."""

    def move(self, point: tuple, length: Any, direction: tuple) -> tuple:
        with self.working:
            return tuple(a + length * p for a, p in zip(point, direction, strict=True))

    def times(self, left: Any, right: Any) -> Any:
        with self.working:
            return left * right

    def subtract(self, left: tuple, right: tuple) -> tuple:
        with self.working:
            return tuple(a - b for a, b in zip(left, right, strict=True))

    def dot(self, left: tuple, right: tuple) -> Any:
        with self.working:
            return sum(a * b for a, b in zip(left, right, strict=True))

    def initial_memory(self, method: Method) -> State:
        return {letter.name: eye(self.objective.dimension) for letter in method.direction.memory}

    def matrices(
        self, expressions: list[MatrixExpr], letters: Mapping[Any, Any]
    ) -> list[ImmutableMatrix]:
        """Return matrix expressions of symbolic dimension with explicit matrices put in."""
        sized = {
            letter.subs(n, self.objective.dimension): ImmutableMatrix(value)
            for letter, value in letters.items()
        }
        explicit = [
            expression.subs(n, self.objective.dimension).xreplace(sized)
            for expression in expressions
        ]
        return [ImmutableMatrix(expression.doit().as_explicit()) for expression in explicit]

    def solve_direction(self, method: Method, letters: Mapping[Any, Any]) -> ImmutableMatrix | None:
        """Return the direction, or None where the matrix to invert is singular."""
        if any(matrix.has(nan, zoo, oo, -oo) for matrix in map(Matrix, letters.values())):
            return None
        expression = method.direction.expression.xreplace(method.direction.hyperparameters)
        try:
            return self.matrices([expression], letters)[0]
        except (NonInvertibleMatrixError, ZeroDivisionError):
            return None

    def update_memory(self, method: Method, letters: Mapping[Any, Any]) -> State:
        """Return each remembered matrix, updated."""
        names = [letter.name for letter in method.direction.memory]
        return dict(
            zip(names, self.matrices(list(method.direction.memory.values()), letters), strict=True)
        )


def direction_letters(
    method: Method, gradient: tuple, hessian: Any, memory: State
) -> dict[Any, Any]:
    """Return what a direction reads: gradient, Hessian if needed, and what it remembers."""
    letters = {G: gradient, **{letter: memory[letter.name] for letter in method.direction.memory}}
    return letters if hessian is None else {**letters, H: hessian}


def search_letters(line: Line, value: Any, length: Any) -> dict[Symbol, Any]:
    """Return what a search reads at a trial length where the objective has this value."""
    known = (line.value, line.slope, line.square, value, length)
    return dict(zip((phi_0, slope, square, phi_q, q), known, strict=True))
