"""What all exact arithmetic shares: tuples are vectors, and matrices are SymPy's."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from sympy import Expr, ImmutableMatrix, Integer, Matrix, MatrixExpr, diag, eye, nan, oo, zoo
from sympy.matrices.exceptions import NonInvertibleMatrixError

from symlab.algebra.alphabet import G, H, n
from symlab.algebra.objective import Objective
from symlab.engine.calculus import State
from symlab.engine.exact.quadratic import ExactQuadratic, quadratic_of
from symlab.methods.directions import LEAST_PIVOT, LEAST_SHIFTED_PIVOT, SHIFTS
from symlab.methods.method import Method


class ExactVectors(ABC):
    """What both kinds of exact number share: tuples as vectors, SymPy for matrices."""

    objective: Objective

    @property
    def resolution(self) -> float:
        """Values of many digits are compared as they are."""
        return 0.0

    @property
    @abstractmethod
    def working(self) -> AbstractContextManager[Any]:
        """The precision in which numbers are combined."""

    @property
    @abstractmethod
    def working_digits(self) -> int | None:
        """So many digits; None where nothing is rounded."""

    @abstractmethod
    def number(self, exact: Expr) -> Any:
        """Turn an exact SymPy number into this kind."""

    @abstractmethod
    def symbolic(self, number: Any) -> Expr:
        """Turn a number of this kind into one that may stand in a matrix of SymPy's."""

    def move(self, point: tuple, length: Any, direction: tuple) -> tuple:
        with self.working:
            return tuple(a + length * p for a, p in zip(point, direction, strict=True))

    def scale(self, length: Any, direction: tuple) -> tuple:
        with self.working:
            return tuple(length * p for p in direction)

    def times(self, left: Any, right: Any) -> Any:
        with self.working:
            return left * right

    def divide(self, left: Any, right: Any) -> Any:
        with self.working:
            return left / right

    def subtract(self, left: tuple, right: tuple) -> tuple:
        with self.working:
            return tuple(a - b for a, b in zip(left, right, strict=True))

    def dot(self, left: tuple, right: tuple) -> Any:
        with self.working:
            return sum(a * b for a, b in zip(left, right, strict=True))

    def zeros(self) -> tuple:
        return (self.number(Integer(0)),) * self.objective.dimension

    def initial_memory(self, method: Method) -> State:
        return {
            letter.name: self.zeros() if letter.cols == 1 else eye(self.objective.dimension)
            for letter in method.direction.memory
        }

    def shifted(self, hessian: Matrix) -> tuple[Matrix, Any] | None:
        if hessian.has(nan, zoo, oo, -oo):
            return None
        with self.working:
            sizes = _sizes(hessian)
            for shift in SHIFTS:
                matrix = hessian + self.symbolic(self.number(shift)) * diag(*sizes)
                if _is_definite(matrix, sizes, LEAST_SHIFTED_PIVOT if shift else LEAST_PIVOT):
                    return matrix, self.number(shift)
        return None

    def quadratic(self, gradient: tuple, hessian: Matrix, sizes: Any) -> ExactQuadratic | None:
        if hessian.has(nan, zoo, oo, -oo):
            return None
        with self.working:
            rows = [[self.number(entry) for entry in row] for row in hessian.tolist()]
            found = [self.number(size) for size in _sizes(hessian)]
        return quadratic_of(gradient, rows, found, sizes, self.working_digits)

    def column(self, vector: tuple) -> tuple[Expr, ...]:
        """Return a vector as numbers that may stand in a matrix of SymPy's."""
        return tuple(map(self.symbolic, vector))

    def direction_of(
        self, method: Method, gradient: tuple, hessian: Any, memory: State
    ) -> ImmutableMatrix | None:
        """Return the direction in SymPy's numbers; None where the matrix to invert is singular."""
        letters: dict[Any, Any] = {G: self.column(gradient)}
        for letter in method.direction.memory:
            known = memory[letter.name]
            letters[letter] = self.column(known) if letter.cols == 1 else known
        letters |= {} if hessian is None else {H: hessian}
        return self.solve_direction(method, letters)

    def remember(
        self, method: Method, memory: State, step: Mapping[Any, tuple], *, first: bool
    ) -> State:
        with self.working:
            names = [letter.name for letter in method.direction.memory]
            known = {letter: memory[letter.name] for letter in method.direction.memory}
            letters = {letter: self.column(vector) for letter, vector in step.items()}
            vectors = {a: self.column(v) for a, v in known.items() if a.cols == 1}
            found = self.matrices(
                list(method.direction.update(first=first)), {**known, **vectors, **letters}
            )
        return {
            name: tuple(matrix) if letter.cols == 1 else matrix
            for name, letter, matrix in zip(names, known, found, strict=True)
        }

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
        try:
            return self.matrices([method.direction.formula], letters)[0]
        except (NonInvertibleMatrixError, ZeroDivisionError):
            return None


def _sizes(hessian: Matrix) -> list[Expr]:
    """Return the sizes by which a Hessian is scaled, as `SHIFTS` says; 1 for a row of zeros."""
    found: dict[int, Expr] = {}
    for i in sorted(range(hessian.rows), key=lambda i: -abs(hessian[i, i])):
        others = [hessian[i, j] ** 2 / size for j, size in found.items()]
        size = max([abs(hessian[i, i]), *others])
        found[i] = size or max(map(abs, hessian.row(i))) or Integer(1)
    return [found[i] for i in range(hessian.rows)]


def _is_definite(matrix: Matrix, sizes: list[Expr], least: Expr) -> bool:
    """Return whether every pivot of Gauss's elimination is above `least` times its size."""
    rest = matrix.as_mutable()
    for i, size in enumerate(sizes):
        if not rest[i, i] > least * size:
            return False
        for j in range(i + 1, rest.rows):
            factor = rest[j, i] / rest[i, i]
            for k in range(i, rest.rows):
                rest[j, k] -= factor * rest[i, k]
    return True
