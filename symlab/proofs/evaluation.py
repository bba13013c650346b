"""A point: a number or matrix for each letter of a formula, a formula for each unknown function.

Two formulas are compared at points; a step of a derivation that puts values in is one too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sympy import (
    Basic,
    Derivative,
    Expr,
    Indexed,
    IndexedBase,
    Lambda,
    MatrixBase,
    MatrixExpr,
    MatrixSymbol,
    Subs,
)
from sympy.core.function import AppliedUndef
from sympy.matrices.exceptions import NonInvertibleMatrixError

from symlab.algebra.gate import as_symbolic
from symlab.algebra.numbers import LONGEST, as_decimal
from symlab.proofs.printing import line
from symlab.proofs.unknowns import SmoothFunction

DIGITS, GUARD_DIGITS = 50, 15

Values = tuple[Expr, ...]


@dataclass(frozen=True)
class Point:
    """What stands for each letter, and for each function or sequence by name."""

    letters: Mapping[Basic, Basic]
    functions: Mapping[str, Lambda]

    def __str__(self) -> str:
        shown = [f"{line(letter)} {_show_value(value)}" for letter, value in self.letters.items()]
        for name, function in self.functions.items():
            inside = ", ".join(map(line, function.variables))
            brackets = "[]" if name.endswith("[]") else "()"
            called = f"{name.removesuffix('[]')}{inside.join(brackets)}"
            shown.append(f"{called} = {line(function.expr)}")
        return ", ".join(shown)

    def put_into(self, expression: Basic) -> Basic:
        """Return the expression with everything known put in, and sums and products carried out."""
        # A derivative comes before its letter is a number, a sum after its range is one.
        known = expression.replace(_is_unknown, self._apply_known).replace(
            _is_derivative, _carry_out
        )
        sizes = {s: v for s, v in self.letters.items() if s in sizes_in([known])}
        fixed = known.subs(sizes)
        letters = {letter.subs(sizes): value for letter, value in self.letters.items()}
        return fixed.subs(letters).doit().subs(letters)

    def _apply_known(self, node: Basic) -> Basic:
        name, order = function_and_order(node)
        if name not in self.functions:
            return node
        function = self.functions[name]
        derivative = function.expr
        for variable, times in zip(function.variables, order, strict=False):
            derivative = derivative.diff(variable, times)
        arguments = node.indices if isinstance(node, Indexed) else node.args
        return Lambda(function.variables, derivative)(*arguments)

    def values(self, expression: Basic) -> Values | None:
        """Return the entries of an expression there; None where one is not a finite real number."""
        try:
            found = self.put_into(expression)
        except (NonInvertibleMatrixError, ZeroDivisionError):
            return None
        explicit = found.as_explicit() if isinstance(found, MatrixExpr) else found
        entries = explicit.flat() if isinstance(explicit, MatrixBase) else [explicit]
        numbers = tuple(entry.evalf(DIGITS + GUARD_DIGITS) for entry in entries)
        real = all(number.is_number and number.is_extended_real for number in numbers)
        return numbers if real and all(number.is_finite for number in numbers) else None


def point_of(values: Mapping[Any, Any]) -> Point:
    """Return the point with these values: a number or matrix for a letter, a `Lambda` for others.

    Examples
    --------
    >>> from sympy.abc import t, x
    >>> from symlab.proofs.unknowns import smooth
    >>> print(point_of({x: 2, smooth("f"): Lambda(t, t**2)}))
    x = 2, f(t) = t**2
    """
    functions = {_function_name(key): value for key, value in values.items() if _is_function(key)}
    letters = {
        key: as_symbolic(value, str(key)) for key, value in values.items() if not _is_function(key)
    }
    return Point(letters, functions)


def _is_function(key: object) -> bool:
    return isinstance(key, (type, IndexedBase))


def _function_name(key: Any) -> str:
    """Return the name by which a point knows a function, or a sequence."""
    if isinstance(key, IndexedBase):
        return f"{key.label}[]"
    return key.family if issubclass(key, SmoothFunction) else key.__name__


def _show_value(value: Basic) -> str:
    """Return a value with the sign before it: the 50 digits of a random number are cut to five."""
    return f"≈ {as_decimal(value)}" if _is_long(value) else f"= {line(value)}"


def _is_long(value: Basic) -> bool:
    return bool(value.is_Rational) and len(str(value)) > LONGEST


def _is_derivative(node: Basic) -> bool:
    return isinstance(node, (Derivative, Subs))


def _carry_out(node: Basic) -> Basic:
    return node.doit()


def _is_unknown(node: Basic) -> bool:
    """Whether a node is an unknown function of numbers; one of matrices is a letter by itself."""
    return isinstance(node, (SmoothFunction, AppliedUndef, Indexed)) and not of_matrices(node)


def of_matrices(node: Basic) -> bool:
    """Whether a node is a function of a matrix."""
    return any(isinstance(argument, MatrixExpr) for argument in node.args)


def function_and_order(node: Basic) -> tuple[str, tuple[int, ...]]:
    """Return the name by which a point knows a node's function, and which derivative it is."""
    if isinstance(node, SmoothFunction):
        return node.family, node.order
    return _function_name(node.base if isinstance(node, Indexed) else node.func), ()


def sizes_in(expressions: Iterable[Basic]) -> set[Basic]:
    """Return the letters that stand for numbers of rows or columns."""
    shapes = [matrix.shape for e in expressions for matrix in e.atoms(MatrixSymbol)]
    return {letter for shape in shapes for size in shape for letter in size.free_symbols}
